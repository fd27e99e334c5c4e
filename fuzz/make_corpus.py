#!/usr/bin/env python3
"""Writes the seeds in fuzz/corpus/: small bags of every shape, definitions, recipes, pictures. Deterministic; run it after a change, with
.deps/python/bin/python3 (another Python leaves the datasets out)."""
import bz2
import json
import os
import sqlite3
import struct
import tempfile

import seed_mcap
import seed_payloads
import seed_pictures

HERE = os.path.dirname(os.path.abspath(__file__))


def put(harness, name, data):
    folder = os.path.join(HERE, "corpus", harness)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


# ---- ROS 1 bags (bag-formats.md section 1)

def u32(value):
    return struct.pack("<I", value)


def field(name, value):
    return u32(len(name) + 1 + len(value)) + name.encode() + b"=" + value


def record(code, fields, data=b""):
    header = field("op", bytes([code])) + b"".join(field(n, v) for n, v in fields)
    return u32(len(header)) + header + u32(len(data)) + data


def file_header(index_pos=0, connections=0, chunks=0, more=()):
    return b"#ROSBAG V2.0\n" + record(3, [("index_pos", struct.pack("<Q", index_pos)), ("conn_count", u32(connections)),
                                          ("chunk_count", u32(chunks)), *more], b" " * 8)


def connection(number, topic, more=()):
    data = b"".join(field(n, v) for n, v in [("topic", topic), ("type", b"std_msgs/String"), ("md5sum", b"*"),
                                             ("message_definition", b"string data\n"), *more])
    return record(7, [("conn", u32(number)), ("topic", topic)], data)


def message(number, ns, data):
    return record(2, [("conn", u32(number)), ("time", u32(ns // 10**9) + u32(ns % 10**9))], data)


def xxh32(data):
    """The checksum at the end of an LZ4 frame, for inputs below 16 bytes multiples of any length, seed 0."""
    p1, p2, p3, p4, p5 = 2654435761, 2246822519, 3266489917, 668265263, 374761393
    m = 0xFFFFFFFF

    def rot(x, r):
        return ((x << r) | (x >> (32 - r))) & m
    at, n = 0, len(data)
    if n >= 16:
        v = [(p1 + p2) & m, p2, 0, (-p1) & m]
        while at + 16 <= n:
            for i in range(4):
                v[i] = (rot((v[i] + struct.unpack_from("<I", data, at)[0] * p2) & m, 13) * p1) & m
                at += 4
        h = (rot(v[0], 1) + rot(v[1], 7) + rot(v[2], 12) + rot(v[3], 18)) & m
    else:
        h = p5
    h = (h + n) & m
    while at + 4 <= n:
        h = (rot((h + struct.unpack_from("<I", data, at)[0] * p3) & m, 17) * p4) & m
        at += 4
    while at < n:
        h = (rot((h + data[at] * p5) & m, 11) * p1) & m
        at += 1
    for shift, prime in ((15, p2), (13, p3)):
        h = ((h ^ (h >> shift)) * prime) & m
    return h ^ (h >> 16)


def lz4_stored(data):
    """A frame as recorders write them (04 22 4d 18 64 60 85), with one block stored as it is."""
    return bytes.fromhex("04224d18646085") + u32(len(data) | 0x80000000) + data + u32(0) + u32(xxh32(data))


PACK = {"none": bytes, "bz2": lambda d: bz2.compress(d, 1), "lz4": lz4_stored}


def chunk(compression, data, stored=None):
    return record(5, [("compression", compression.encode()), ("size", u32(len(data)))],
                  PACK[compression](data) if stored is None else stored)


def index(number, entries):
    return record(4, [("ver", u32(1)), ("conn", u32(number)), ("count", u32(len(entries)))],
                  b"".join(u32(ns // 10**9) + u32(ns % 10**9) + u32(offset) for ns, offset in entries))


def bag(compression, section=True, indexes=True, chunks=2, shift=0):
    header, body, infos = file_header(), b"", b""
    for c in range(chunks):
        inside = connection(1, b"/a") + connection(5, b"/b", [("latching", b"1")]) if c == 0 else b""
        entries = {1: [], 5: []}
        for m in range(3):
            number, ns = (1, 5, 1)[m], 10**9 + (c * 3 + m) * 10**7
            entries[number].append((ns, len(inside) + shift))
            inside += message(number, ns, b"message %d of %d" % (m, c))
        infos += record(6, [("ver", u32(1)), ("chunk_pos", struct.pack("<Q", len(header) + len(body))), ("start_time", u32(1) * 2),
                            ("end_time", u32(2) * 2), ("count", u32(2))], u32(1) + u32(2) + u32(5) + u32(1))
        body += chunk(compression, inside)
        if indexes:
            body += b"".join(index(n, e) for n, e in entries.items())
    if not section:
        return header + body
    return file_header(len(header) + len(body), 2, chunks) + body + connection(1, b"/a") + connection(5, b"/b") + infos


def rosbag1():
    for compression in ("none", "lz4", "bz2"):
        put("rosbag1", f"{compression}-indexed", bag(compression))
        put("rosbag1", f"{compression}-chunk-indexes", bag(compression, section=False))
        put("rosbag1", f"{compression}-walked", bag(compression, section=False, indexes=False))
        put("rosbag1", f"{compression}-cut", bag(compression)[:-400])
        put("rosbag1", f"{compression}-wrong-offsets", bag(compression, shift=49))
    inside = connection(1, b"/a") + message(1, 5, b"one") + message(1, 3, b"two")
    put("rosbag1", "open-chunk", file_header() + chunk("none", b"", b"") + inside)
    put("rosbag1", "open-chunk-lz4", file_header() + chunk("lz4", b"", b"") + lz4_stored(inside))
    put("rosbag1", "open-chunk-bz2", file_header() + chunk("bz2", b"", b"") + bz2.compress(inside))
    put("rosbag1", "zeros", file_header() + chunk("none", inside) + bytes(40) + chunk("none", inside))
    put("rosbag1", "garbage-between", file_header() + chunk("none", inside) + b"garbage!" * 5 + chunk("none", inside))
    put("rosbag1", "huge-size", file_header() + record(5, [("compression", b"bz2"), ("size", u32(0xFFFFFFF0))], bz2.compress(inside)))
    put("rosbag1", "encrypted", file_header(more=[("encryptor", b"rosbag/AesCbcEncryptor")]))
    put("rosbag1", "old", b"#ROSBAG V1.2\n")
    put("rosbag1", "mcap", b"\x89MCAP0\r\n")


def mcap():
    for name, content in seed_mcap.files(lz4_stored):
        put("mcap", name, content)


def payloads():
    for name, content in seed_payloads.SEEDS.items():
        put("payload", name, content)


# ---- rosbag2 (bag-formats.md section 4)

def database(version, rows):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.db3")
        db = sqlite3.connect(path)
        db.executescript("PRAGMA page_size = 512; CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT, type TEXT, serialization_format TEXT"
                         + (", offered_qos_profiles TEXT" if version > 1 else "") + (", type_description_hash TEXT" if version > 3 else "") + ");"
                         "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER, timestamp INTEGER, data BLOB);"
                         "CREATE INDEX timestamp_idx ON messages (timestamp ASC);")
        if version > 2:
            db.executescript(f"CREATE TABLE schema(schema_version INTEGER PRIMARY KEY, ros_distro TEXT); INSERT INTO schema VALUES({version}, 'x')")
        if version > 3:
            db.executescript("CREATE TABLE message_definitions(id INTEGER PRIMARY KEY, topic_type TEXT, encoding TEXT, encoded_message_definition TEXT, "
                             "type_description_hash TEXT); INSERT INTO message_definitions VALUES(1, 'p/msg/T', 'ros2msg', 'int8 a', '')")
        for number, topic in ((1, "/a"), (4, "/b")):
            extra = (["- durability: 1"] if version > 1 else []) + ([""] if version > 3 else [])
            db.execute(f"INSERT INTO topics VALUES(?, ?, 'p/msg/T', 'cdr'{', ?' * len(extra)})", (number, topic, *extra))
        db.executemany("INSERT INTO messages(topic_id, timestamp, data) VALUES(?, ?, ?)", rows)
        db.commit()
        db.close()
        with open(path, "rb") as file:
            return file.read()


def zstd_stored(data):
    """A zstd frame of one block as it is: single segment, with its size in one byte."""
    return b"\x28\xb5\x2f\xfd" + bytes([0x20, len(data)]) + struct.pack("<I", len(data) << 3 | 1)[:3] + data


def rosbag2():
    rows = [((1, 4)[i % 2], 10**9 + (i * 37 % 40) * 10**6, b"\0\1\0\0" + bytes([i]) * (i * 13 % 90)) for i in range(40)]
    for version in (1, 2, 3, 4):
        put("rosbag2", f"schema-{version}", database(version, rows))
    whole = database(3, rows)
    put("rosbag2", "cut", whole[:len(whole) * 2 // 3])
    put("rosbag2", "zeros-inside", whole[:4096] + bytes(512) + whole[4608:])
    put("rosbag2", "frames", database(2, [(1, 5, zstd_stored(b"\0\1\0\0hello")), (1, 4, zstd_stored(b"\0\1")[:-1])]))
    put("rosbag2", "odd-rows", database(3, [(9, 1, b"x"), (1, "noon", b"x"), (1, 2, "text"), (1, 3, None), (1, 4, b"good")]))
    put("rosbag2", "long-messages", database(3, [(1, 1, b"l" * 3000), (4, 2, b"m" * 2000)]))
    put("rosbag2", "header-alone", whole[:100])
    put("rosbag2", "frame", zstd_stored(b"\0\1\0\0hello"))
    put("rosbag2", "frame-that-lies", b"\x28\xb5\x2f\xfd" + bytes([0xa0]) + u32(0xFFFFFFF0) + b"\x0d\0\0x")
    put("rosbag2", "metadata-4", "rosbag2_bagfile_information:\n  version: 4\n  storage_identifier: sqlite3\n  relative_file_paths:\n    - r/r_0.db3\n"
        "  duration:\n    nanoseconds: 5\n  message_count: 3\n  topics_with_message_count:\n    - topic_metadata:\n        name: /a\n"
        "        offered_qos_profiles: \"- durability: 1\\n\"\n      message_count: 3\n  compression_mode: FILE\n")
    put("rosbag2", "metadata-9", "rosbag2_bagfile_information: {version: 9, topics_with_message_count: [{topic_metadata: {name: /a, "
        "offered_qos_profiles: [{durability: transient_local}]}}], files: [{path: &a x}, *a], custom_data: ~, ? [k] : v}\n")


# ---- Message definitions, extractors, recipes, units: see each harness's first lines for the shape of its input

SEPARATOR = "\n" + "=" * 80 + "\n"
HEADER = SEPARATOR + "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n"
END_EFFECTOR = SEPARATOR + "MSG: kuavo_msgs/endEffectorData\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n"
DEFINITIONS = {
    "sensor_msgs/JointState": "Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n" + HEADER,
    "sensor_msgs/CompressedImage": "Header header  # stamp\nstring format\nuint8[] data\n" + HEADER,
    "sensor_msgs/Image": "Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] data\n" + HEADER,
    "kuavo_msgs/lejuClawState": "std_msgs/Header header\nint8 kError = -1\nint8 kUnknown=0\nint8[] state\nkuavo_msgs/endEffectorData data\n"
                                + HEADER + END_EFFECTOR,
    "std_msgs/String": "string data\n",
    "a/Odd": "string TEXT=a # b\r\nbyte b\nchar c\nduration d\nfloat32[3] v\nbool[] f\nMissing m\n",
}

TIME2 = SEPARATOR + "MSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n"
HEADER2 = SEPARATOR + "MSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n" + TIME2
JOINTS2 = "std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n" + HEADER2
IMAGE2 = "std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] data\n" + HEADER2
ODD2 = ("uint8 A=3\nstring<=5[<=2] s ['a', \"b # c\"]\nfloat64[3] v [1.0, 2.0, 3.0]\nInner[] in\nwstring w\nNothing n\n" + SEPARATOR
        + "MSG: fuzz/msg/Inner\nuint8 x\nfloat64 y\n" + SEPARATOR + "MSG: fuzz/Nothing\n")
IDL = ("=" * 80 + "\nIDL: fuzz/msg/Type\n#include \"a/msg/A.idl\"\nmodule fuzz { module msg { module Type_Constants { const long N = 2; };\n"
       "typedef double d9[9]; enum E { X, Y }; @verbatim (language=\"comment\", text=\"a;}\")\n"
       "struct Type { @default (value=1) unsigned short a; d9 b; sequence<a::msg::A, 3> c; string<5> d; E e; long f[Type_Constants::N][2]; }; }; };\n"
       + "=" * 80 + "\nIDL: a/msg/A\nmodule a { module msg { struct A { octet x; double y; }; }; };\n")


class Cdr:
    """A message: `put("d", 1.5)` pads as the encoding says."""

    def __init__(self, encoding=1):
        self.encoding, self.bytes = encoding, bytes([0, encoding, 0, 0])

    def put(self, kind, value):
        size = struct.calcsize("<" + kind)
        self.bytes += b"\xaa" * (-(len(self.bytes) - 4) % min(size, 8 if self.encoding < 6 else 4))
        self.bytes += struct.pack(("<" if self.encoding % 2 else ">") + kind, value)
        return self

    def all(self, kind, *values):
        self.put("I", len(values))
        for value in values:
            self.put(kind, value)
        return self

    def text(self, value):
        self.put("I", len(value) + 1)
        self.bytes += value.encode() + b"\0"
        return self


def string(text):
    return u32(len(text)) + text.encode()


def floats(values):
    return u32(len(values)) + struct.pack(f"<{len(values)}d", *values)


def messages():
    for name, text in DEFINITIONS.items():
        put("definition", name.replace("/", "-"), name + "\n" + text)
    header = u32(7) + u32(1) + u32(2) + string("base")
    joints = header + u32(2) + string("one") + string("two") + floats([0.5, -1.0]) + floats([]) + floats([])
    picture = header + string("jpeg") + u32(4) + b"\xff\xd8\xff\xd9"
    image = header + u32(2) + u32(2) + string("rgb8") + b"\0" + u32(6) + u32(12) + bytes(range(12))
    claw = header + u32(2) + b"\x01\x02" + u32(0) + floats([10.0, 20.0]) + floats([]) + floats([])
    for name, paths, kind, message_bytes in [
            ("joints", "position[0:2]\nposition=two,one\nheader.stamp", "sensor_msgs/JointState", joints),
            ("picture", "data[1]", "sensor_msgs/CompressedImage", picture), ("image", "width\nheight", "sensor_msgs/Image", image),
            ("claw", "state[0:2]\ndata.position\nkError", "kuavo_msgs/lejuClawState", claw)]:
        put("extractor", name, paths.encode() + b"\n\n" + DEFINITIONS[kind].encode() + b"\n\x01\n" + message_bytes)


def ros2_messages():
    for name, kind, text in [("ros2-joints", "ros2msg sensor_msgs/msg/JointState", JOINTS2), ("ros2-odd", "ros2msg fuzz/msg/Type", ODD2),
                             ("ros2-idl", "ros2idl fuzz/msg/Type", IDL), ("ros2-alone", "ros2msg a/B", "std_msgs/Header h\n")]:
        put("definition", name, f"#{kind}\n{text}")
    for encoding in (0, 1, 6):
        joints = Cdr(encoding).put("i", 1).put("I", 2).text("base")
        if encoding >= 6:
            joints.put("I", 20)  # bytes of the array of strings
        joints.put("I", 2).text("one").text("two").all("d", 0.5, -1.0).all("d").all("d")
        put("extractor", f"cdr-joints-{encoding}", b"#ros2msg\nposition[0:2]\nposition=two,one\nheader.stamp\nheader.stamp.sec\n\n"
            + JOINTS2.encode() + b"\n\x01\n" + joints.bytes)
    image = Cdr().put("i", 1).put("I", 2).text("c").put("I", 2).put("I", 2).text("rgb8").put("B", 0).put("I", 6).all("B", *range(12))
    put("extractor", "cdr-image", b"#ros2msg\nwidth\n\n" + IMAGE2.encode() + b"\n\x01\n" + image.bytes)
    odd = Cdr().put("I", 1).text("a").put("d", 1).put("d", 2).put("d", 3).put("I", 2).put("B", 1).put("d", 4).put("B", 2).put("d", 5).all("I", 9).put("B", 0)
    put("extractor", "cdr-odd", b"#ros2msg\nin[1].y\nv\nin[0:2].x\n\n" + ODD2.encode() + b"\n\x01\n" + odd.bytes)
    idl = Cdr().put("H", 7)
    for k in range(9):
        idl.put("d", k)
    idl.put("I", 1).put("B", 1).put("d", 2).text("x").put("I", 1)
    for k in range(4):
        idl.put("i", k)
    put("extractor", "cdr-idl", b"#ros2idl\na\nb\nc[0].y\nf[0:4]\n\n" + IDL.encode() + b"\n\x01\n" + idl.bytes)
    # Delimited XCDR2: lengths before the whole and before the message inside.
    inner = Cdr(9).put("I", 16).put("I", 8).put("i", 1).put("I", 2).put("I", 1)
    put("extractor", "cdr-delimited", b"#ros2msg\nin.x\nlast\n\nIn in\nuint32 last\n====\nMSG: fuzz/In\nint32 x\nuint32 y\n\n\x01\n" + inner.bytes)
    put("extractor", "either", b"#either\nv[0]\n\nstring s\nfloat64[] v\n\n\x01\n" + string("abc") + floats([1.5]))
    put("extractor", "either-cdr", b"#either\nv[0]\n\nstring s\nfloat64[] v\n\n\x01\n" + Cdr().text("abc").all("d", 1.5).bytes)


def recipes():
    examples = os.path.join(HERE, "..", "examples")
    for name in sorted(os.listdir(examples)) if os.path.isdir(examples) else []:
        if name.endswith(".yaml"):
            with open(os.path.join(examples, name), "rb") as file:
                put("recipe", name, file.read())
    put("recipe", "vector", "robot: arm\nfps: 10\nfeatures:\n  action:\n    vector:\n      - {topic: /j, field: \"position[0:3]\", scale: 0.01}\n"
                            "gaps: {hold: 0.2, longer: split, min_rows: 3}\nvideo: {codec: av1, crf: 30}\n--set fps=20\n")
    put("recipe", "wrong", "fps: ten\nfeaturs: [1, 2\n")


def units():
    for mode in range(4):
        put("unit", f"numbers-{mode}", bytes([mode, 16, 0, 0, 0]) + struct.pack("<8I", 2, 0, 3, 0, 1, 0, 0, 0) + bytes(64))


def streams():
    text = b"a chunk's bytes, a chunk's bytes, a chunk's bytes"
    for mode, packed in ((0, lz4_stored(text)), (1, bz2.compress(text)), (2, lz4_stored(text)[:-9]), (3, bz2.compress(text)[:-9])):
        put("inflate", ("lz4", "bz2", "lz4-cut", "bz2-cut")[mode], bytes([mode]) + u32(len(text)) + packed)
    frame = seed_mcap.zstd_stored(text)
    for name, size, packed in (("zstd", len(text), frame), ("zstd-no-size", len(text), seed_mcap.zstd_stored(text, False)), ("zstd-twice", 2 * len(text), frame * 2),
                               ("zstd-tail", len(text), frame + b"tail"), ("zstd-short", len(text) + 1, frame)):
        put("inflate", name, bytes([8]) + u32(size) + packed)
    put("inflate", "zstd-cut", bytes([10]) + u32(len(text)) + frame[:-9])
    # Far more is declared than comes out: memory follows what comes.
    put("inflate", "bz2-cut-declares", bytes([3]) + u32((8 << 20) - 1) + bz2.compress(text)[:-9])
    put("inflate", "zstd-cut-declares", bytes([10]) + u32((8 << 20) - 1) + seed_mcap.zstd_stored(text * 8)[:-9])
    put("inflate", "lz4-short", bytes([0]) + u32(len(text) + 1) + lz4_stored(text))
    put("inflate", "bz2-twice", bytes([1]) + u32(2 * len(text)) + bz2.compress(text) * 2)
    for mode in (4, 5):
        put("inflate", f"round-trip-{mode - 4}", bytes([mode]) + u32(0) + text)


def pictures():
    for name, content in seed_pictures.jpegs():
        put("picture", name, bytes([8 if "progressive" not in name else 24]) + content)
    put("picture", "jpeg-named-rgb", bytes([8 | 2]) + seed_pictures.jpeg(samplings=((1, 1),) * 3))
    for mode, channels in ((0, 3), (1, 3), (3, 1)):
        put("picture", f"raw-{mode}", bytes([mode]) + u32(4) + u32(2) + u32(4 * channels + 2) + bytes(range(2 * (4 * channels + 2))))
    put("picture", "raw-short", bytes([0]) + u32(4) + u32(2) + u32(12) + bytes(23))
    put("picture", "raw-huge", bytes([0]) + u32(65535) * 2 + u32(3 * 65535) + bytes(24))
    for name, content in seed_pictures.stills():
        put("still", name, content)
    for name, content in seed_pictures.streams():
        put("stream", name, content)
    for name, content in seed_pictures.mp4s():
        put("mp4", name, bytes([10]) + content)
    for name, content in seed_pictures.still_headers():
        put("image_header", name, content)


def staged():
    def plan(ticks, columns):
        return struct.pack("<QQQ", 0x31504D4F4F4C4742, ticks, columns) + b"".join(struct.pack("<q", 10**8 * t) for t in range(ticks)) + b"".join(
            struct.pack("<qQIIB", 10**8 * t, t << 32, c, 0, 1) for c in range(columns) for t in range(ticks))
    for name, content in (("two", plan(3, 2)), ("blocks", plan(70, 1)), ("none", plan(0, 5)), ("cut", plan(3, 2)[:-1])):
        put("plan_file", name, content)
    numbers = {k: [0.0, 1.5] for k in "min max mean std q01 q10 q50 q90 q99".split()} | {"count": 2}
    episode = {"rows": 2, "task": "pick", "row_blocks": ["r0"], "segments": [["s0"]], "video_bytes": [9], "held": 1, "start_ns": 5, "end_ns": 6,
               "histograms": [{"counts": [[1] + [0] * 255] * 3, "pictures": 1}], "vectors": [numbers]}
    loss = {"recording": "a.bag", "kind": "damage", "topic": "/a", "feature": "", "count": 1, "offset": 9, "time_ns": 7, "text": "lost"}
    done = {"schema": 1, "rejected": False, "episodes": [episode], "losses": [loss]}
    failed = {"schema": 1, "rejected": True, "episodes": [], "losses": [], "failure": {"recording": "a.bag", "error": "no", "kind": 1}}
    put("record", "done", json.dumps(done, separators=(",", ":")))
    put("record", "failed", json.dumps(failed))


def datasets():
    try:
        import seed_dataset
    except ImportError as missing:
        print(f"datasets are left as they are: {missing}")
        return
    for name, content in seed_dataset.datasets():
        put("dataset", name, content)


if __name__ == "__main__":
    rosbag1()
    mcap()
    payloads()
    rosbag2()
    messages()
    ros2_messages()
    recipes()
    units()
    streams()
    pictures()
    staged()
    datasets()
