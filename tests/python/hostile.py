"""Recordings whose shape is hostile to a reader's memory, written record by record. Large ones are small on disk: holes, or zeros compressed.
Also a program: hostile.py SHAPE OUT [key=value ...]."""
import bz2
import struct
import sys

START = 1_700_000_000
JOINT_STATE = "string[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n"
STRING = "string data\n"


def field(name, value):
    raw = name.encode() + b"=" + value
    return struct.pack("<I", len(raw)) + raw


def u32(value):
    return struct.pack("<I", value)


def u64(value):
    return struct.pack("<Q", value)


def stamp(nanoseconds):
    return struct.pack("<II", START + nanoseconds // 10**9, nanoseconds % 10**9)


def head(op, *fields):
    joined = field("op", bytes([op])) + b"".join(fields)
    return u32(len(joined)) + joined


def record(op, fields, data):
    return head(op, *fields) + u32(len(data)) + data


def connection(number, topic, kind, definition):
    data = field("topic", topic.encode()) + field("type", kind.encode()) + field("md5sum", b"*") + field("message_definition", definition.encode())
    return record(7, [field("conn", u32(number)), field("topic", topic.encode())], data)


def joint_state(values):
    # names and velocities are left out: four arrays, of which only position is filled
    return u32(0) + u32(len(values)) + struct.pack(f"<{len(values)}d", *values) + u32(0) + u32(0)


CONNECTIONS = [(0, "/joint_states", "sensor_msgs/JointState", JOINT_STATE), (1, "/joint_commands", "sensor_msgs/JointState", JOINT_STATE), (2, "/padding", "std_msgs/String", STRING)]


class Bag:
    """Writes chunks and the index section. A chunk's contents are (connection, nanoseconds, data); data may be a number: so many zero bytes."""

    def __init__(self, path, connections=CONNECTIONS):
        self.file, self.connections, self.infos = open(path, "wb"), list(connections), []
        self.file.write(b"#ROSBAG V2.0\n")
        self.header(0, 0)

    def header(self, index, chunks):
        fields = head(3, field("index_pos", u64(index)), field("conn_count", u32(len(self.connections))), field("chunk_count", u32(chunks)))
        self.file.write(fields + u32(4096 - len(fields) - 4) + b" " * (4096 - len(fields) - 4))

    def chunk(self, messages, compression="none", index=True):
        """Uncompressed zeros are holes in the file; bz2 takes them in pieces."""
        at, offset, entries, total = self.file.tell(), 0, {}, 0
        heads = [(head(2, field("conn", u32(c)), field("time", stamp(t))), data) for c, t, data in messages]
        total = sum(len(h) + 4 + (data if isinstance(data, int) else len(data)) for h, data in heads)
        self.file.write(head(5, field("compression", compression.encode()), field("size", u32(total))))
        length_at = self.file.tell()
        self.file.write(u32(0))
        packer = bz2.BZ2Compressor() if compression == "bz2" else None

        def put(raw):
            self.file.write(packer.compress(raw) if packer else raw)

        for (c, t, _), (h, data) in zip(messages, heads):
            entries.setdefault(c, []).append((t, offset))
            if isinstance(data, int):
                # A string of zeros: its own length comes first.
                put(h + u32(data) + u32(data - 4))
                if packer:
                    for _ in range((data - 4) // (1 << 20)):
                        put(bytes(1 << 20))
                    put(bytes((data - 4) % (1 << 20)))
                else:
                    self.file.seek(data - 4, 1)
            else:
                put(h + u32(len(data)) + data)
            offset += len(h) + 4 + (data if isinstance(data, int) else len(data))
        if packer:
            self.file.write(packer.flush())
        end = self.file.tell()
        self.file.seek(length_at)
        self.file.write(u32(end - length_at - 4))
        self.file.seek(end)
        if index:
            for c, places in entries.items():
                data = b"".join(stamp(t) + u32(o) for t, o in places)
                self.file.write(record(4, [field("ver", u32(1)), field("conn", u32(c)), field("count", u32(len(places)))], data))
        times = [t for _, t, _ in messages]
        self.infos.append((at, min(times), max(times), {c: len(p) for c, p in entries.items()}))

    def close(self, index=True):
        at = self.file.tell()
        if index:
            for c in self.connections:
                self.file.write(connection(*c))
            for place, first, last, counts in self.infos:
                data = b"".join(u32(c) + u32(n) for c, n in counts.items())
                self.file.write(record(6, [field("ver", u32(1)), field("chunk_pos", u64(place)), field("start_time", stamp(first)), field("end_time", stamp(last)), field("count", u32(len(counts)))], data))
        self.file.truncate()
        self.file.seek(13)
        self.header(at if index else 0, len(self.infos))
        self.file.close()


def joints(first, last, rate=100, topics=(0, 1)):
    """Messages of both joint topics between two moments in seconds."""
    for k in range(int(first * rate), int(last * rate)):
        for c in topics:
            yield c, k * 10**9 // rate + c, joint_state([k % 100 / 100 + c, c, k % 7])


def large_chunk(path, size=1500 << 20, compression="bz2", seconds=2):
    """One chunk of so many bytes: joint messages, and zeros of a topic that nobody wants."""
    bag = Bag(path)
    messages = list(joints(0, seconds))
    bag.chunk(messages[: len(messages) // 2] + [(2, seconds * 5 * 10**8, int(size))] + messages[len(messages) // 2 :], compression)
    bag.close()


def connections(path, count=1_000_000):
    """So many topics declared, two of them with messages."""
    bag = Bag(path, CONNECTIONS + [(n, f"/declared/topic_{n:07}", "std_msgs/String", STRING) for n in range(3, int(count))])
    bag.chunk(list(joints(0, 2)))
    bag.close()


def large_message(path, size=100 << 20, wanted=0, seconds=2):
    """One message of so many bytes in an uncompressed chunk; wanted=1: of a topic that the recipe takes."""
    bag = Bag(path)
    bag.chunk(list(joints(0, seconds / 2)))
    bag.chunk([(0 if int(wanted) else 2, seconds * 5 * 10**8, int(size))])
    bag.chunk(list(joints(seconds / 2, seconds)))
    bag.close()


def tiny_chunks(path, count=10_000):
    bag = Bag(path)
    for k in range(int(count)):
        bag.chunk([(k % 2, k * 5 * 10**6, joint_state([k / 100, 0, 1]))])
    bag.close()


def far_apart(path, seconds=60, pad=200_000):
    """All messages of one topic, then all of the other, in large compressed chunks: each block of rows needs chunks from both ends."""
    bag = Bag(path)
    for topic in (0, 1):
        for start in range(0, int(seconds), 20):
            messages = list(joints(start, start + 20, topics=(topic,)))
            bag.chunk([*messages, (2, messages[-1][1] + 1, int(pad))], "bz2")
    bag.close()


SHAPES = {f.__name__: f for f in (large_chunk, connections, large_message, tiny_chunks, far_apart)}

if __name__ == "__main__":
    options = dict(a.split("=", 1) for a in sys.argv[3:])
    SHAPES[sys.argv[1]](sys.argv[2], **{k: v if k == "compression" else int(v) for k, v in options.items()})
