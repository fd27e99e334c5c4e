"""Reads a ROS 1 bag from front to back, chunk after chunk, by the format's documentation alone: it looks at no index, so it reads bags
with good, bad and missing indexes alike. Shares no code with bagloom; test_readers.py compares it with Debian's rosbag."""
import bz2
import struct
from dataclasses import dataclass
from pathlib import Path

import lz4.frame

MAGIC = b"#ROSBAG V2.0\n"
MESSAGE, FILE_HEADER, INDEX, CHUNK, CHUNK_INFO, CONNECTION = 0x02, 0x03, 0x04, 0x05, 0x06, 0x07


@dataclass
class Connection:
    number: int
    topic: str
    type: str
    md5sum: str
    definition: str
    latching: bool


@dataclass
class Message:
    connection: Connection
    time: int  # ns, receive time
    place: int  # order in the file
    data: bytes


def fields_of(header):
    fields, at = {}, 0
    while at < len(header):
        (n,) = struct.unpack_from("<I", header, at)
        name, _, value = header[at + 4 : at + 4 + n].partition(b"=")
        fields[name.decode()] = value
        at += 4 + n
    return fields


def records(data, at=0):
    """(fields, body) of each whole record, and of an uncompressed chunk that the end of the file cut."""
    while at + 8 <= len(data):
        (n,) = struct.unpack_from("<I", data, at)
        if at + 8 + n > len(data):
            return
        header = data[at + 4 : at + 4 + n]
        (m,) = struct.unpack_from("<I", data, at + 4 + n)
        body = data[at + 8 + n : at + 8 + n + m]
        if n == 0:
            return
        fields = fields_of(header)
        if len(body) < m:  # the end of the file: a chunk that is not compressed still has whole messages in it
            if fields["op"][0] == CHUNK and fields["compression"] == b"none":
                yield fields, body
            return
        yield fields, body
        at += 8 + n + m


def inflate(kind, body):
    return {"none": lambda b: b, "bz2": bz2.decompress, "lz4": lz4.frame.decompress}[kind](body)


def walk(path):
    """All messages of a bag in file order, as a list."""
    data = Path(path).read_bytes()
    assert data.startswith(MAGIC), f"{path} is not a ROS 1 bag"
    connections, messages = {}, []

    def take(fields, body):
        op = fields["op"][0]
        if op == CONNECTION:
            (number,) = struct.unpack("<I", fields["conn"])
            inner = fields_of(body)
            text = lambda key: inner.get(key, b"").decode("utf-8", "replace")
            connections.setdefault(number, Connection(number, fields["topic"].decode(), text("type"), text("md5sum"), text("message_definition"), inner.get("latching") == b"1"))
        elif op == MESSAGE:
            (number,), (sec, nsec) = struct.unpack("<I", fields["conn"]), struct.unpack("<II", fields["time"])
            messages.append(Message(connections[number], sec * 10**9 + nsec, len(messages), body))

    for fields, body in records(data, len(MAGIC)):
        op = fields["op"][0]
        if op == CHUNK:
            for inner_fields, inner_body in records(inflate(fields["compression"].decode(), body)):
                take(inner_fields, inner_body)
        elif op == CONNECTION:
            take(fields, body)
    return messages


def by_topic(messages):
    """{topic: messages in the order of (time, place)}"""
    topics = {}
    for message in messages:
        topics.setdefault(message.connection.topic, []).append(message)
    return {topic: sorted(found, key=lambda m: (m.time, m.place)) for topic, found in topics.items()}
