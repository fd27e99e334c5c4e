"""Small protobuf and JSON messages with their schemas, put together byte by byte."""
import json
import struct


def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def fixed64(field, value):
    return varint(field << 3 | 1) + struct.pack("<d", value)


def fixed32(field, value):
    return varint(field << 3 | 5) + struct.pack("<I", value)


def block(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def field_of(name, tag, kind, label=1, type_name=None, more=b""):
    return block(2, block(1, name) + number(3, tag) + number(4, label) + number(5, kind) + (block(6, type_name) if type_name else b"") + more)


def type_of(name, *fields):
    return block(4, block(1, name) + b"".join(fields))


def file(name, package, *types, syntax="proto3", imports=()):
    return block(1, block(1, name) + block(2, package) + b"".join(block(3, i) for i in imports) + b"".join(types) + block(12, syntax))


TIME = field_of("timestamp", 1, 11, type_name=".google.protobuf.Timestamp")
JOINT = type_of("JointState", field_of("name", 1, 9), field_of("position", 2, 1, more=number(9, 0) + number(17, 1)), field_of("effort", 5, 1))
JOINTS = file("j.proto", "foxglove", JOINT, type_of("JointStates", TIME, field_of("joints", 2, 11, 3, ".foxglove.JointState")))
IMAGE = file("i.proto", "foxglove", type_of("CompressedImage", TIME, field_of("data", 2, 12), field_of("format", 3, 9)))
RAW = file("r.proto", "foxglove", type_of("RawImage", field_of("width", 2, 7), field_of("height", 3, 7), field_of("encoding", 4, 9), field_of("step", 5, 7), field_of("data", 6, 12)))
ALL = file("a.proto", "a", type_of("T", *(field_of(f"f{k}", k, k, 3) for k in (1, 2, 3, 4, 5, 6, 7, 8, 13, 15, 16, 17, 18)), field_of("m", 20, 11, 3, "T.M"), field_of("me", 21, 11, 1, ".a.T"),
                                        block(3, block(1, "M") + field_of("key", 1, 9) + field_of("value", 2, 1) + block(7, number(7, 1)))))
TWO = file("b.proto", "", type_of("T", field_of("x", 1, 1, more=block(7, "2.5")), field_of("y", 2, 8, more=block(7, "true")), field_of("g", 3, 10, 3, "G")), syntax="proto2")


def entry(first, paths, schema, message):
    return first.encode() + b"\n" + paths.encode() + b"\n\n" + struct.pack("<H", len(schema)) + schema + message


def joint(name, position):
    return block(2, block(1, name) + fixed64(2, position))


def object_of(**fields):
    return {"type": "object", "properties": fields}


SEC = object_of(sec={"type": "integer"}, nsec={"type": "integer"})
JSON_JOINTS = json.dumps({**object_of(timestamp=SEC, joints={"type": "array", "items": object_of(name={"type": "string"}, position={"type": "number"})})}).encode()
JSON_IMAGE = json.dumps(object_of(timestamp=SEC, format={"type": "string"}, data={"type": "string", "contentEncoding": "base64"})).encode()
JSON_REF = json.dumps({**object_of(p={"$ref": "#/$defs/P"}, q={"type": "array", "items": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/P"}]}}), "$defs": {"P": object_of(x={"type": ["null", "number"]})}}).encode()

SEEDS = {
    "protobuf_joints": entry("protobuf foxglove.JointStates", "joints.position##\njoints.position=b,a\njoints[0:2].effort\ntimestamp", JOINTS,
                             block(1, number(1, 5) + number(2, 6)) + joint("a", 1.5) + joint("b", -2)),
    "protobuf_image": entry("protobuf foxglove.CompressedImage", "data[0:3]", IMAGE, block(2, b"\xff\xd8\xff\xe0") + block(3, "jpeg")),
    "protobuf_raw": entry("protobuf foxglove.RawImage", "width\nstep", RAW, fixed32(2, 2) + fixed32(3, 1) + block(4, "mono8") + fixed32(5, 2) + block(6, b"ab")),
    "protobuf_packed": entry("protobuf a.T", "f1[0:2]\nf5###\nf18[1]\nf13#", ALL, block(1, struct.pack("<3d", 1, 2, 3)) + block(5, b"".join(varint(v) for v in (1, -2, 300))) + number(18, 3) + number(18, 4) + number(13, 7)),
    "protobuf_group": entry("protobuf T", "x\ny", TWO, b"\x1b\x08\x01\x1c" + fixed64(1, 4)),
    "protobuf_other_order": entry("protobuf foxglove.JointStates", "joints.position#", file("k.proto", "k") + JOINTS, joint("a", 1)),
    "json_joints": entry("json foxglove.JointStates", "joints.position##\njoints.position=b,a\ntimestamp", JSON_JOINTS,
                         b'{"timestamp": {"sec": 5, "nsec": 6}, "joints": [{"name": "a", "position": 1.5}, {"position": -2e3, "name": "b"}]}'),
    "json_image": entry("json foxglove.CompressedImage", "timestamp", JSON_IMAGE, b'{"format": "jp\\u0065g", "data": "/9j/4A==", "other": [[{}], null]}'),
    "json_open": entry("json foxglove.RawImage", "a.b[1].c\nd[0:2]\nd##\ne", b"", b'{"a": {"b": [0, {"c": 1}]}, "d": [1, "NaN"], "e": true, "width": 1, "height": 1, "step": 1, "encoding": "mono8", "data": "AA=="}'),
    "json_ref": entry("json t", "p.x\nq.x##", JSON_REF, b'{"p": {"x": 1}, "q": [{"x": 18446744073709551615}, {"x": -1}]}'),
}
