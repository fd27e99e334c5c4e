"""The messages of a ROS 1 recording as Foxglove's types, protobuf (by PyPI protobuf) or JSON, in MCAP files (by PyPI mcap)."""
import base64
import json

from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, message_factory, timestamp_pb2
from mcap.writer import CompressionType, Writer

from formats import RECODER, ordered

# Foxglove's fields: (name, number, kind); `[]` an array, `?` optional.
TYPES = {
    "CompressedImage": [("timestamp", 1, "time"), ("frame_id", 4, "string"), ("data", 2, "bytes"), ("format", 3, "string")],
    "CompressedVideo": [("timestamp", 1, "time"), ("frame_id", 2, "string"), ("data", 3, "bytes"), ("format", 4, "string")],
    "RawImage": [("timestamp", 1, "time"), ("frame_id", 7, "string"), ("width", 2, "fixed32"), ("height", 3, "fixed32"), ("encoding", 4, "string"), ("step", 5, "fixed32"), ("data", 6, "bytes")],
    "JointState": [("name", 1, "string"), ("position", 2, "double?"), ("velocity", 3, "double?"), ("acceleration", 4, "double?"), ("effort", 5, "double?")],
    "JointStates": [("timestamp", 1, "time"), ("joints", 2, "JointState[]")],
}
FIELD = descriptor_pb2.FieldDescriptorProto
SCALARS = {"string": FIELD.TYPE_STRING, "bytes": FIELD.TYPE_BYTES, "fixed32": FIELD.TYPE_FIXED32, "double": FIELD.TYPE_DOUBLE}


def needed(name):
    """The type and what it needs, the needed ones first."""
    inner = [kind.strip("[]?") for _, _, kind in TYPES[name]]
    return [other for kind in inner if kind in TYPES for other in needed(kind)] + [name]


def file_of(name):
    file = descriptor_pb2.FileDescriptorProto(name=f"foxglove/{name}.proto", package="foxglove", syntax="proto3", dependency=["google/protobuf/timestamp.proto"])
    inner = [other for other in needed(name) if other != name]
    file.dependency.extend(f"foxglove/{other}.proto" for other in inner)
    message = file.message_type.add(name=name)
    for field_name, number, kind in TYPES[name]:
        plain = kind.strip("[]?")
        field = message.field.add(name=field_name, number=number, label=FIELD.LABEL_REPEATED if kind.endswith("[]") else FIELD.LABEL_OPTIONAL)
        if plain in SCALARS:
            field.type = SCALARS[plain]
        else:
            field.type, field.type_name = FIELD.TYPE_MESSAGE, ".google.protobuf.Timestamp" if plain == "time" else f".foxglove.{plain}"
        if kind.endswith("?"):
            field.proto3_optional, field.oneof_index = True, len(message.oneof_decl)
            message.oneof_decl.add(name=f"_{field_name}")
    return file


class Schemas:
    def __init__(self):
        self.pool = descriptor_pool.DescriptorPool()
        self.files = {}
        for module in (timestamp_pb2, duration_pb2):
            file = descriptor_pb2.FileDescriptorProto()
            module.DESCRIPTOR.CopyToProto(file)
            self.pool.Add(file)
            self.files[file.name] = file
        for name in ("CompressedImage", "CompressedVideo", "RawImage", "JointState", "JointStates"):
            self.pool.Add(file_of(name))

    def protobuf(self, name):
        """A FileDescriptorSet, the root's file first, as Foxglove's C++ example writes it."""
        files = [file_of(other) for other in reversed(needed(name))] + [self.files["google/protobuf/timestamp.proto"]]
        return descriptor_pb2.FileDescriptorSet(file=files).SerializeToString()

    def json(self, name):
        kinds = {"string": {"type": "string"}, "bytes": {"type": "string", "contentEncoding": "base64"}, "fixed32": {"type": "integer"}, "double": {"type": "number"},
                 "time": {"type": "object", "title": "time", "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}}}

        def of(kind):
            if kind.endswith("[]"):
                return {"type": "array", "items": of(kind[:-2])}
            plain = kind.strip("?")
            return kinds[plain] if plain in kinds else {"type": "object", "properties": {n: of(k) for n, _, k in TYPES[plain]}}

        return json.dumps({"title": f"foxglove.{name}", "$comment": "written by a test", **of(name)}).encode()

    def encode(self, name, values):
        made = message_factory.GetMessageClass(self.pool.FindMessageTypeByName(f"foxglove.{name}"))()
        self._fill(made, name, values)
        return made.SerializeToString()

    def _fill(self, made, name, values):
        for field, _, kind in TYPES[name]:
            value = values.get(field)
            if value is None:
                continue
            if kind == "time":
                part = getattr(made, field)
                part.seconds, part.nanos = value
            elif kind.endswith("[]"):
                for one in value:
                    self._fill(getattr(made, field).add(), kind[:-2], one)
            else:
                setattr(made, field, value)

    def encode_json(self, name, values):
        def of(kind, value):
            if kind == "time":
                return {"sec": value[0], "nsec": value[1]}
            if kind == "bytes":
                return base64.b64encode(value).decode()
            if kind.endswith("[]"):
                return [of(kind[:-2], one) for one in value]
            if kind in TYPES:
                return {field: of(k, value[field]) for field, _, k in TYPES[kind] if value.get(field) is not None}
            return value

        return json.dumps(of(name, values)).encode()


SCHEMAS = Schemas()


def values_of(message):
    """(Foxglove's type, values) of a ROS 1 message; None where it is of no type that Foxglove has."""
    ros = RECODER.ros1.deserialize_ros1(message.ros1, message.kind)
    kind = message.kind.split("/")[-1]
    stamp = (ros.header.stamp.sec, ros.header.stamp.nanosec) if hasattr(ros, "header") else (0, 0)
    if kind == "JointState":
        parts = {"position": ros.position, "velocity": ros.velocity, "effort": ros.effort}
        joints = [{"name": name, **{part: float(v[k]) for part, v in parts.items() if k < len(v)}} for k, name in enumerate(ros.name)]
        return "JointStates", {"timestamp": stamp, "joints": joints}
    if kind in ("CompressedImage", "CompressedVideo"):
        return kind, {"timestamp": stamp, "frame_id": "cam", "format": ros.format, "data": bytes(ros.data)}
    if kind == "Image":
        return "RawImage", {"timestamp": stamp, "frame_id": "cam", "width": ros.width, "height": ros.height, "encoding": ros.encoding, "step": ros.step, "data": bytes(ros.data)}
    return None


def write_payloads(path, messages, encoding="protobuf", compression="zstd", order="time", schema=True, change=lambda topic, k, data: data, chunk_size=200_000):
    """encoding: protobuf or json. schema: with, False an empty one, None none at all. `change` gives other bytes for a topic's k-th message."""
    with open(path, "wb") as file:
        writer = Writer(file, chunk_size=chunk_size, compression=CompressionType[compression.upper()])
        writer.start(library="payloads")
        schemas, channels, counts = {}, {}, {}
        for m in ordered(messages, order):
            found = values_of(m)
            if found is None:
                continue
            name, values = found
            if schema is None:
                schemas[name] = 0
            elif name not in schemas:
                text = (SCHEMAS.protobuf(name) if encoding == "protobuf" else SCHEMAS.json(name)) if schema else b""
                schemas[name] = writer.register_schema(f"foxglove.{name}", {"protobuf": "protobuf", "json": "jsonschema"}[encoding], text)
            if m.topic not in channels:
                channels[m.topic] = writer.register_channel(m.topic, encoding, schemas[name])
            data = SCHEMAS.encode(name, values) if encoding == "protobuf" else SCHEMAS.encode_json(name, values)
            count = counts[m.topic] = counts.get(m.topic, -1) + 1
            writer.add_message(channels[m.topic], m.time, change(m.topic, count, data), m.time)
        writer.finish()
    return path
