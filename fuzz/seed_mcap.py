"""Small MCAP files of every shape, put together byte by byte (bag-formats.md section 3)."""
import struct
import zlib

MAGIC = b"\x89MCAP0\r\n"


def u16(value):
    return struct.pack("<H", value)


def u32(value):
    return struct.pack("<I", value)


def u64(value):
    return struct.pack("<Q", value)


def text(value):
    return u32(len(value)) + value


def record(op, content):
    return bytes([op]) + u64(len(content)) + content


def zstd_stored(data, content_size=True):
    """A frame with one block stored as it is; without a content size, a window of 1 KiB is named."""
    head = b"\x60" + u16(len(data) - 256) if content_size and len(data) >= 256 else b"\x20" + bytes([len(data)]) if content_size else b"\x00\x00"
    return b"\x28\xb5\x2f\xfd" + head + u32(len(data) << 3 | 1)[:3] + data


def schema(number, name=b"std_msgs/msg/String", encoding=b"ros2msg", data=b"string data\n"):
    return record(3, u16(number) + text(name) + text(encoding) + text(data))


def channel(number, topic, schema_number=1, encoding=b"cdr", metadata=()):
    return record(4, u16(number) + u16(schema_number) + text(topic) + text(encoding) + text(b"".join(text(k) + text(v) for k, v in metadata)))


def message(number, ns, data):
    return record(5, u16(number) + u32(0) + u64(ns) * 2 + data)


def chunk(compression, data, stored, crc=None, size=None):
    return record(6, u64(0) * 2 + u64(len(data) if size is None else size) + u32(zlib.crc32(data) if crc is None else crc) + text(compression) + u64(len(stored)) + stored)


def file(pack, compression, chunked=True, indexes=True, summary=True, chunks=2, shift=0):
    head = MAGIC + record(1, text(b"ros2") + text(b"seed"))
    described = schema(1) + channel(1, b"/a") + channel(5, b"/b", metadata=[(b"offered_qos_profiles", b"- durability: 1\n")])
    body, places = b"" if chunked else described, b""
    for c in range(chunks):
        inside = described if c == 0 and chunked else b""
        entries = {1: b"", 5: b""}
        for m in range(3):
            number, ns = (1, 5, 1)[m], 10**9 + (c * 3 + m) * 10**7
            entries[number] += u64(ns) + u64(len(inside) + shift)
            inside += message(number, ns, b"message %d of %d" % (m, c))
        if not chunked:
            body += inside
            continue
        at, made = len(head) + len(body), chunk(compression, inside, pack(inside))
        body += made + (b"".join(record(7, u16(n) + text(e)) for n, e in entries.items()) if indexes else b"")
        offsets = text(b"".join(u16(n) + u64(at + len(made)) for n in entries)) if indexes else text(b"")
        places += record(8, u64(0) * 2 + u64(at) + u64(len(made)) + offsets + u64(0) + text(compression) + u64(0) * 2)
    body += record(15, u32(0))
    tail = described + record(11, u64(3 * chunks) + u16(0) + u32(0) * 4 + u64(0) * 2 + text(b"")) + places if summary else b""
    start = len(head) + len(body) if summary else 0
    foot = b"\x02" + u64(20) + u64(start) + u64(0)
    return head + body + tail + foot + u32(zlib.crc32(tail + foot)) + MAGIC


def files(lz4_stored):
    for name, pack, compression in (("none", bytes, b""), ("zstd", zstd_stored, b"zstd"), ("lz4", lz4_stored, b"lz4")):
        yield f"{name}-indexed", file(pack, compression)
        yield f"{name}-no-summary", file(pack, compression, summary=False)
        yield f"{name}-walked", file(pack, compression, indexes=False)
        yield f"{name}-cut", file(pack, compression)[:-700]
        yield f"{name}-wrong-offsets", file(pack, compression, shift=3)
    whole = file(bytes, b"", chunked=False)
    yield "unchunked", whole
    yield "unchunked-cut", whole[:-600]
    inside = schema(1, encoding=b"ros1msg") + channel(1, b"/a", encoding=b"ros1", metadata=[(b"latching", b"true"), (b"md5sum", b"*")]) + message(1, 5, b"one") + message(1, 3, b"two")
    head = MAGIC + record(1, text(b"") + text(b""))
    yield "mixed", head + chunk(b"zstd", inside, zstd_stored(inside, False) + b"behind") + message(1, 4, b"three") + record(0x90, b"private") + chunk(b"", inside, inside, crc=0)
    yield "bomb", head + chunk(b"zstd", inside, zstd_stored(inside), size=1 << 40)
    yield "chunk-in-chunk", head + chunk(b"", b"", inside + chunk(b"", inside, inside), crc=0)
    yield "message-zstd", head + schema(1) + channel(1, b"/a") + message(1, 5, zstd_stored(b"\0\1\0\0data"))
