"""One recording in every format: the messages of a ROS 1 bag of `bagloom synth`, written again by writers that this project had no part in
(rosbags, mcap). Times, topics and values stay; ROS 2 files hold the same messages as CDR, with ROS 2's definitions."""
import random
import re
from dataclasses import dataclass
from pathlib import Path

import rosbags.rosbag1
import rosbags.rosbag2
from mcap.writer import CompressionType, IndexType, Writer as McapWriter
from rosbags.typesys import Stores, get_types_from_msg, get_typestore


@dataclass
class Taken:
    """A message of the source, with what each format wants."""
    topic: str
    kind: str  # "sensor_msgs/msg/JointState"
    definition: str  # ROS 1
    md5sum: str
    time: int
    ros1: bytes
    cdr: bytes
    publisher: int = 0  # ROS 1 has a connection for each, ROS 2 one channel for all


class Recoder:
    """The same values as ROS 2 messages: their Header has no `seq`, everything else stays as the recording's definitions say."""

    def __init__(self):
        self.ros1, self.ros2 = get_typestore(Stores.ROS1_NOETIC), get_typestore(Stores.ROS2_HUMBLE)

    def learn(self, kind, definition):
        # rosbags takes constants in lower case for fields.
        found = get_types_from_msg(re.sub(r"(?m)^[ \t]*[\w/]+[ \t]+\w+[ \t]*=.*$", "", definition), kind)
        for store in (self.ros1, self.ros2):
            store.register({name: fields for name, fields in found.items() if name not in store.types})

    def again(self, value):
        kind = getattr(value, "__msgtype__", None)
        if kind is not None:
            return self.ros2.types[kind](**{name: self.again(getattr(value, name)) for name, _ in self.ros2.fielddefs[kind][1]})
        return [self.again(v) for v in value] if isinstance(value, list) else value

    def cdr(self, kind, data):
        return bytes(self.ros2.serialize_cdr(self.again(self.ros1.deserialize_ros1(data, kind)), kind))

    def definition(self, kind):
        return self.ros2.generate_msgdef(kind, ros_version=2)[0]


RECODER = Recoder()


def messages_of(bag):
    """One after another, in the order of time."""
    with rosbags.rosbag1.Reader(bag) as reader:
        for connection in reader.connections:
            RECODER.learn(connection.msgtype, connection.msgdef.data)
        for c, time, data in reader.messages():
            yield Taken(c.topic, c.msgtype, c.msgdef.data, c.digest, time, bytes(data), RECODER.cdr(c.msgtype, data))


def take(bag):
    return list(messages_of(bag))


def ordered(messages, order):
    """As recorded; `late`: stretches of 200 change places with the next; `apart`: topic after topic, so that every chunk's times overlap others'."""
    if order == "late":
        blocks = [messages[i : i + 200] for i in range(0, len(messages), 200)]
        for i in range(0, len(blocks) - 1, 2):
            blocks[i], blocks[i + 1] = blocks[i + 1], blocks[i]
        return [m for block in blocks for m in block]
    if order == "apart":
        return sorted(messages, key=lambda m: m.topic)
    if order == "shuffled":
        return random.Random(5).sample(messages, len(messages))
    return messages


def write_ros1(path, messages, compression="none", order="time"):
    writer = rosbags.rosbag1.Writer(path)
    if compression != "none":
        writer.set_compression(rosbags.rosbag1.Writer.CompressionFormat[compression.upper()])
    with writer:
        connections = {}
        for m in ordered(messages, order):
            key = m.topic, m.publisher
            if key not in connections:
                connections[key] = writer.add_connection(m.topic, m.kind, msgdef=m.definition, md5sum=m.md5sum, callerid=f"/publisher_{m.publisher}" if m.publisher else None)
            writer.write(connections[key], m.time, m.ros1)
    return path


def write_mcap(path, messages, compression="zstd", order="time", encoding="cdr", chunked=True, index="all", crcs=True, summary=True, profile=None, chunk_size=200_000):
    """encoding: cdr with ros2msg, or ros1 with ros1msg. index: all, chunks (no message indexes), none. summary False: cut off behind the data."""
    kinds = {"all": IndexType.ALL, "chunks": IndexType.CHUNK, "none": IndexType.NONE}
    with open(path, "wb") as file:
        writer = McapWriter(file, chunk_size=chunk_size, compression=CompressionType[compression.upper()], index_types=kinds[index], use_chunking=chunked, enable_crcs=crcs,
                            enable_data_crcs=crcs and not chunked, use_statistics=summary, use_summary_offsets=summary, repeat_channels=summary, repeat_schemas=summary)
        writer.start(profile=profile if profile is not None else {"cdr": "ros2", "ros1": "ros1"}[encoding], library="conformance")
        schemas, channels = {}, {}
        for m in ordered(messages, order):
            if m.kind not in schemas:
                text = m.definition if encoding == "ros1" else RECODER.definition(m.kind)
                schemas[m.kind] = writer.register_schema(m.kind.replace("/msg/", "/") if encoding == "ros1" else m.kind, {"ros1": "ros1msg", "cdr": "ros2msg"}[encoding], text.encode())
            if m.topic not in channels:
                channels[m.topic] = writer.register_channel(m.topic, encoding, schemas[m.kind])
            writer.add_message(channels[m.topic], m.time, m.ros1 if encoding == "ros1" else m.cdr, m.time)
        writer.finish()
    return path


def write_rosbag2(path, messages, storage="sqlite3", compression="none", order="time", version=9):
    plugin = {"sqlite3": rosbags.rosbag2.StoragePlugin.SQLITE3, "mcap": rosbags.rosbag2.StoragePlugin.MCAP}[storage]
    writer = rosbags.rosbag2.Writer(path, version=version, storage_plugin=plugin)
    if compression != "none":
        writer.set_compression(rosbags.rosbag2.CompressionMode[compression.upper()], rosbags.rosbag2.CompressionFormat.ZSTD)
    with writer:
        connections = {}
        for m in ordered(messages, order):
            if m.topic not in connections:
                connections[m.topic] = writer.add_connection(m.topic, m.kind, typestore=RECODER.ros2)
            writer.write(connections[m.topic], m.time, m.cdr)
    return path


def mcap_records(data):
    """Opcode, place and length of each record of an MCAP's data section."""
    at = 8
    while at + 9 <= len(data) and data[at] != 0x0F:  # DataEnd
        length = int.from_bytes(data[at + 1 : at + 9], "little")
        yield data[at], at, length
        at += 9 + length


def cut_summary(path):
    """Ends an MCAP as a recorder that died leaves it: behind its last chunk or message (bag-formats.md 3.5)."""
    data, end = Path(path).read_bytes(), 8
    for _, at, length in mcap_records(data):
        end = at + 9 + length
    Path(path).write_bytes(data[:end])
    return path
