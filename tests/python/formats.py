"""One recording in every format: the messages of a ROS 1 bag of `bagloom synth`, written again by writers that this project had no part in
(rosbags, mcap). Times, topics and values stay; ROS 2 files hold the same messages as CDR, with ROS 2's definitions."""
import random
from dataclasses import dataclass
from pathlib import Path

import rosbags.rosbag1
import rosbags.rosbag2
from mcap.writer import CompressionType, IndexType, Writer as McapWriter
from rosbags.typesys import Stores, get_typestore

from bag_walk import walk

ROS1 = get_typestore(Stores.ROS1_NOETIC)
ROS2 = get_typestore(Stores.ROS2_HUMBLE)


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


def without_seq(header):
    return ROS2.types["std_msgs/msg/Header"](stamp=ROS2.types["builtin_interfaces/msg/Time"](header.stamp.sec, header.stamp.nanosec), frame_id=header.frame_id)


def as_cdr(kind, data):
    """The same values as a ROS 2 message: its Header has no `seq`."""
    message = ROS1.deserialize_ros1(data, kind)
    values = {name: without_seq(getattr(message, name)) if name == "header" else getattr(message, name) for name, _ in ROS2.fielddefs[kind][1]}
    return bytes(ROS2.serialize_cdr(ROS2.types[kind](**values), kind))


def take(bag):
    taken = []
    for m in walk(bag):
        kind = m.connection.type.replace("/", "/msg/")
        taken.append(Taken(m.connection.topic, kind, m.connection.definition, m.connection.md5sum, m.time, m.data, as_cdr(kind, m.data)))
    return taken


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
            if m.topic not in connections:
                connections[m.topic] = writer.add_connection(m.topic, m.kind, msgdef=m.definition, md5sum=m.md5sum)
            writer.write(connections[m.topic], m.time, m.ros1)
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
                text = m.definition if encoding == "ros1" else ROS2.generate_msgdef(m.kind, ros_version=2)[0]
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
                connections[m.topic] = writer.add_connection(m.topic, m.kind, typestore=ROS2)
            writer.write(connections[m.topic], m.time, m.cdr)
    return path


def cut_summary(path):
    """Ends an MCAP as a recorder that died leaves it: behind its last chunk or message (bag-formats.md 3.5)."""
    data = Path(path).read_bytes()
    at, end = 8, 8
    while at + 9 <= len(data):
        opcode, length = data[at], int.from_bytes(data[at + 1 : at + 9], "little")
        if opcode == 0x0F:  # DataEnd
            break
        at += 9 + length
        end = at
    Path(path).write_bytes(data[:end])
    return path
