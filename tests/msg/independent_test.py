"""Definitions and messages of an independent implementation (PyPI rosbags): the built-in types are those of its ROS 2 stores; messages
of all of them, and of random nested types, give the numbers that went in, in CDR of both orders and in ROS 1. usage: MSG_TOOL=... this"""
import os
import random
import struct
import subprocess
import unittest

import numpy
from rosbags.interfaces import Nodetype
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

TOOL = os.environ["MSG_TOOL"]
STORES = {name: get_typestore(getattr(Stores, name)) for name in ("ROS2_FOXY", "ROS2_HUMBLE", "ROS2_JAZZY")}
LIMITS = {"bool": (0, 1), "byte": (0, 127), "char": (0, 255), "octet": (0, 255), **{f"{u}int{b}": (0 if u else -(1 << b - 1), (1 << b - (not u)) - 1)
                                                                                       for u in ("", "u") for b in (8, 16, 32, 64)}}
PRIMITIVES = [*(k for k in LIMITS if k != "octet"), "float32", "float64"]


def short(name):
    parts = name.split("/")
    return f"{parts[0]}/{parts[-1]}"


def shown(kind):
    node, content = kind
    if node == Nodetype.BASE:
        return content[0] + (f"<={content[1]}" if content[1] else "")
    if node == Nodetype.NAME:
        return short(content)
    return shown(content[0]) + (f"[{content[1]}]" if node == Nodetype.ARRAY else f"[<={content[1]}]" if content[1] else "[]")


def fields_of(store, name):
    return [f"{shown(kind)} {field}" for field, kind in store.fielddefs[name][1] if field != "structure_needs_at_least_one_member"]


class Values:
    """A random message of a type, and every number in it by path."""

    def __init__(self, store, seed):
        self.store, self.random = store, random.Random(seed)

    def primitive(self, kind):
        if kind in ("string", "wstring"):
            return "".join(self.random.choice("ab é") for _ in range(self.random.randrange(9)))
        if kind in ("float32", "float64"):
            number = self.random.uniform(-1e6, 1e6)
            return struct.unpack("f", struct.pack("f", number))[0] if kind == "float32" else number
        low, high = LIMITS[kind]  # byte: rosbags writes it signed in ROS 2 too, so only what both readings agree on
        number = self.random.choice((low, high, self.random.randint(low, high)))
        return bool(number) if kind == "bool" else number

    def message(self, name, path, numbers):
        values = {}
        for field, kind in self.store.fielddefs[name][1]:
            dummy = field == "structure_needs_at_least_one_member"  # of empty messages; in no .msg text
            values[field] = self.value(kind, f"{path}.{field}" if path else field, [] if dummy else numbers)
        return self.store.types[name](**values)

    def value(self, kind, path, numbers):
        node, content = kind
        if node == Nodetype.BASE:
            value = self.primitive(content[0])
            if content[0] not in ("string", "wstring"):
                numbers.append((path, [float(value)]))
            return value
        if node == Nodetype.NAME:
            value = self.message(content, path, numbers)
            if short(content) in ("builtin_interfaces/Time", "builtin_interfaces/Duration") and path.count("[") < 2:
                numbers.append((path, [value.sec + value.nanosec / 1e9]))
            return value
        inner, bound = content
        count = bound if node == Nodetype.ARRAY else self.random.choice((0, 0, 1, 2, 3))
        if node == Nodetype.SEQUENCE and bound:
            count = min(count, bound)
        if inner[0] == Nodetype.NAME:
            items = []
            for i in range(count):
                mine = []
                items.append(self.value(inner, f"{path}[{i}]", mine))
                if path.count("[") == 0:
                    numbers += mine
            return items
        kind = inner[1][0]
        items = [self.primitive(kind) for _ in range(count)]
        if kind in ("string", "wstring"):
            return items
        if count:
            numbers.append((f"{path}[0:{count}]", [float(x) for x in items]))
        return numpy.array(items, dtype={"bool": bool, "byte": "uint8", "char": "uint8", "octet": "uint8"}.get(kind, kind))


def case(kind, definition, encoding, message_encoding, numbers, message):
    text, paths = definition.encode(), "".join(path + "\n" for path, _ in numbers).encode()
    return f"{kind} {encoding} {message_encoding} {len(text)} {len(numbers)} {len(message)}\n".encode() + text + paths + bytes(message)


def read(cases):
    done = subprocess.run([TOOL, "read"], input=b"".join(cases), capture_output=True, timeout=100, check=True)
    return done.stdout.decode().splitlines()


class Independent(unittest.TestCase):
    def check(self, cases, wanted):
        lines = read(cases)
        self.assertEqual(len(lines), len(wanted))
        for line, (what, numbers) in zip(lines, wanted):
            self.assertNotIn("error", line, what)
            self.assertEqual([float.fromhex(x) for x in line.split()], [x for _, values in numbers for x in values], what)
        return sum(len(numbers) for _, numbers in wanted)

    def test_the_built_in_types_are_those_of_ros(self):
        lines = subprocess.run([TOOL, "builtin"], capture_output=True, text=True, check=True).stdout.splitlines()
        mine = {name: [f for f in fields.split(";") if f] for name, fields in (line.split("\t") for line in lines)}
        packages = {name.split("/")[0] for name in mine}
        checked, unlike = 0, set()
        for store in STORES.values():
            for name in store.fielddefs:
                if name.split("/")[0] not in packages:
                    continue
                self.assertIn(short(name), mine)
                checked += 1
                if mine[short(name)] != fields_of(store, name):
                    unlike.add(short(name))
        self.assertGreater(checked, 290)
        self.assertEqual(unlike, {"sensor_msgs/Range"})  # jazzy has one more field at its end
        self.assertEqual(fields_of(STORES["ROS2_JAZZY"], "sensor_msgs/msg/Range")[:-1], mine["sensor_msgs/Range"])
        self.assertEqual({short(n).split("/")[0] for s in STORES.values() for n in s.fielddefs} & packages,
                         packages - {"control_msgs", "foxglove_msgs", "ffmpeg_image_transport_msgs"})

    def test_messages_of_every_known_type(self):
        cases, wanted = [], []
        store = STORES["ROS2_HUMBLE"]
        for seed, name in enumerate(sorted(store.fielddefs)):
            if "/msg/" not in name:
                continue
            numbers = []
            message = Values(store, seed).message(name, "", numbers)
            if not numbers:
                continue
            definition = store.generate_msgdef(name, ros_version=2)[0]
            known = name.split("/")[0] in ("std_msgs", "geometry_msgs", "sensor_msgs", "nav_msgs", "trajectory_msgs", "tf2_msgs")
            for little in (True, False):
                data = store.serialize_cdr(message, name, little_endian=little)
                for text in [definition, ""] if known else [definition]:
                    cases.append(case(name, text, "ros2msg", "cdr", numbers, data))
                    wanted.append((f"{name} {'little' if little else 'big'}", numbers))
        self.assertGreater(self.check(cases, wanted), 3000)
        self.assertGreater(len(cases), 400)

    def test_random_types_in_msg_and_idl_and_ros1(self):
        cases, wanted = [], []
        for seed in range(40):
            rng = random.Random(seed)
            texts, ros1_texts, idl = [], [], []
            for number in range(4):  # T0 holds nothing of the others, T3 may hold all
                lines, members = [], []
                for f in range(rng.randrange(1, 7)):
                    kind = rng.choice([*PRIMITIVES, "string", *(f"p/T{k}" for k in range(number))])
                    length = rng.choice(("", "", "[]", f"[{rng.randrange(1, 5)}]"))
                    lines.append(f"{kind}{length} f{f}")
                    name = {"bool": "boolean", "byte": "octet", "float32": "float", "float64": "double"}.get(kind, kind.replace("/", "::msg::"))
                    members.append(f"sequence<{name}> f{f};" if length == "[]" else f"{name} f{f}{length};")
                texts.append("\n".join(lines) + "\n")
                idl.append(f"module p {{ module msg {{ struct T{number} {{ {' '.join(members)} }}; }}; }};\n")
            store, ros1 = get_typestore(Stores.EMPTY), get_typestore(Stores.EMPTY)
            line = "=" * 80 + "\n"
            for number, text in enumerate(texts):
                store.register(get_types_from_msg(text, f"p/msg/T{number}"))
                ros1.register(get_types_from_msg(text, f"p/msg/T{number}"))
            numbers = []
            message = Values(store, seed).message("p/msg/T3", "", numbers)
            if not numbers:
                continue
            msg = texts[3] + "".join(f"{line}MSG: p/T{k}\n{texts[k]}" for k in range(3))
            whole_idl = "".join(f"{line}IDL: p/msg/T{k}\n{idl[k]}" for k in range(4))
            for little in (True, False):
                data = store.serialize_cdr(message, "p/msg/T3", little_endian=little)
                for text, encoding in ((msg, "ros2msg"), (whole_idl, "ros2idl")):
                    cases.append(case("p/msg/T3", text, encoding, "cdr", numbers, data))
                    wanted.append((f"seed {seed} {encoding} {'little' if little else 'big'}", numbers))
            packed = ros1.serialize_ros1(message, "p/msg/T3")
            for message_encoding in ("ros1", "cdr"):
                cases.append(case("p/T3", msg, "ros1msg", message_encoding, numbers, packed))
                wanted.append((f"seed {seed} ros1 in {message_encoding}", numbers))
        self.assertGreater(self.check(cases, wanted), 1000)

    def test_every_cut_and_every_lie_ends(self):
        store = STORES["ROS2_HUMBLE"]
        numbers = []
        message = Values(store, 1).message("sensor_msgs/msg/JointState", "", numbers)
        data = bytes(store.serialize_cdr(message, "sensor_msgs/msg/JointState"))
        wanted = [(path, values) for path, values in numbers if path.startswith("header")]
        cases = [case("sensor_msgs/msg/JointState", "", "none", "cdr", wanted, data[:n]) for n in range(len(data) - 4)]
        for place in range(4, len(data) - 3, 4):
            cases.append(case("sensor_msgs/msg/JointState", "", "none", "cdr", wanted, data[:place] + b"\xff\xff\xff\xff" + data[place + 4:]))
        lines = read(cases)
        self.assertEqual(len(lines), len(cases))
        self.assertTrue(all(line.startswith("error: the message ends too early") or "no CDR header" in line for line in lines[:len(data) - 4]), lines)


if __name__ == "__main__":
    unittest.main()
