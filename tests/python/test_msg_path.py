"""Messages whose definitions the recording does not hold: built in, given with --msg-path, or an error that says what to do."""
import json
import struct
import subprocess
import unittest

from mcap.writer import Writer

from support import BAGLOOM, BagloomTest

RECIPE = """robot: test
fps: 10
task: Wave
timeline: uniform
features:
  observation.state:
    vector:
      - {topic: /arm, field: "q[0:2]", names: [a, b]}
  action:
    vector:
      - {topic: /point, field: point.x, names: [x]}
"""


def cdr(*parts):
    """(format, value) after one another, padded as CDR wants it."""
    data = b""
    for kind, value in parts:
        data += bytes(-len(data) % struct.calcsize("<" + kind)) + struct.pack("<" + kind, value)
    return b"\0\1\0\0" + data


def text(value):
    return [("I", len(value) + 1), *(("B", b) for b in value.encode() + b"\0")]


class MsgPath(BagloomTest):
    def setUp(self):
        self.bag = self.folder / "arm.mcap"
        with open(self.bag, "wb") as file:
            writer = Writer(file)
            writer.start()
            channels = {}
            for topic, kind in (("/arm", "my_msgs/msg/Arm"), ("/point", "geometry_msgs/msg/PointStamped")):
                channels[topic] = writer.register_channel(topic, "cdr", writer.register_schema(kind, "", b""))
            for k in range(40):
                time = 10**18 + k * 50_000_000
                writer.add_message(channels["/arm"], time, cdr(("I", 2), ("d", k), ("d", -k), *text("abc"), ("B", 7)), time)
                writer.add_message(channels["/point"], time, cdr(("i", 1), ("I", 2), *text("base"), ("d", k / 4), ("d", 0.0), ("d", 0.0)), time)
            writer.finish()
        self.recipe = self.folder / "recipe.yaml"
        self.recipe.write_text(RECIPE)

    def write(self, package, definition):
        path = self.folder / package / "my_msgs/msg/Arm.msg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(definition)
        return self.folder / package

    def identity(self, out, *options):
        dataset, _ = self.convert(self.bag, out, *options, recipe=RECIPE)
        return dataset, json.loads((dataset / "meta/bagloom/report.json").read_text())["recordings"][0]["identity"]

    def test_a_type_that_nobody_knows_is_named(self):
        done = subprocess.run([BAGLOOM, "plan", self.bag, "--recipe", self.recipe], capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("type my_msgs/msg/Arm: the recording holds no definition of it, and none is built in; give a folder of .msg files with "
                      "--msg-path DIR", done.stderr)

    def test_folders_give_it_and_numbers_are_right(self):
        folder = self.write("src", "float64[] q\nstring name\nuint8 end\n")
        dataset, _ = self.convert(self.bag, "good", "--msg-path", folder, recipe=RECIPE)
        import pyarrow.parquet
        rows = pyarrow.parquet.read_table(next(dataset.glob("data/**/*.parquet"))).to_pylist()
        self.assertEqual(len(rows), 20)
        for k, row in enumerate(rows):
            self.assertEqual(row["observation.state"], [2 * k, -2 * k])
            self.assertEqual(row["action"][0] if isinstance(row["action"], list) else row["action"], 2 * k / 4)
        self.bagloom("init", self.bag, "--msg-path", folder)
        self.bagloom("bench", self.bag, "--recipe", self.recipe, "--msg-path", folder, "--methods", "full,planned", "--threads", 1)

    def test_other_definitions_make_another_job(self):
        folder = self.write("one", "float64[] q\nstring name\nuint8 end\n")
        first, one = self.identity("first", "--msg-path", folder)
        _, again = self.identity("again", "--msg-path", folder)
        self.write("one", "float64[] q\nstring name\nuint8 last\n")
        _, other = self.identity("other", "--msg-path", folder)
        self.assertEqual(one, again)
        self.assertNotEqual(one, other)

    def test_a_wrong_definition_is_no_number(self):
        # The names of the fields fit, but there is a field less: its bytes are left over, and more than CDR's padding.
        folder = self.write("wrong", "float64[] q\n")
        done = subprocess.run([BAGLOOM, "convert", self.bag, "-o", self.folder / "wrong_out", "--recipe", self.recipe, "--msg-path", folder],
                              capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("left over after the last field", done.stdout + done.stderr)

    def test_a_folder_that_is_not_there(self):
        self.bagloom("plan", self.bag, "--recipe", self.recipe, "--msg-path", self.folder / "none", code=2)
        self.assertIn("is no folder", self.stderr)


if __name__ == "__main__":
    unittest.main()
