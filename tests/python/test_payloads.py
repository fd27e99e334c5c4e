"""MCAP recordings whose messages are protobuf or JSON: the same content as a ROS 1 bag gives the same dataset."""
import json
import sys
import unittest

try:
    import google.protobuf  # noqa: F401
except ImportError:
    print("skipped: no protobuf in this Python; scripts/setup.sh installs it", file=sys.stderr)
    raise SystemExit(77) from None

from dataset import Dataset, fingerprint
from formats import take
from payloads import write_payloads
from support import SANITIZED, BagloomTest, generic_recipe

ENCODINGS = ("protobuf", "json")


def as_foxglove(recipe):
    return recipe.replace("field: position", "field: joints.position")


class Payloads(BagloomTest):
    recipe = generic_recipe(cameras=2, fps=10, every=3)

    def source(self, name="source", *options, **more):
        bag = self.synth(name, "--jitter", 2, "--joint-hz", 60, *options, seconds=2, **{"size": "80x60", "cameras": 2, **more})
        return bag, take(bag)

    def check(self, bag, recording, ros, foxglove, *options):
        want, ros_report = self.convert(bag, "want", *options, recipe=ros, code=(0, 3))
        got, report = self.convert(recording, "got", *options, recipe=foxglove, code=(0, 3))
        self.assertGreater(len(Dataset(want).table), 10)
        self.assertEqual(fingerprint(got), fingerprint(want))
        self.assertEqual([loss["kind"] for loss in report["losses"]], [loss["kind"] for loss in ros_report["losses"]])

    def test_joints_and_pictures(self):
        bag, messages = self.source()
        for encoding in ENCODINGS:
            for case in (dict(compression="none"), dict(order="apart")):
                with self.subTest(encoding, **case):
                    self.check(bag, write_payloads(self.folder / f"{encoding}.mcap", messages, encoding, **case), self.recipe, as_foxglove(self.recipe))

    def test_a_range_and_names(self):
        bag, messages = self.source()
        whole = "field: position\n        names: [" + ", ".join(f"joint_{j + 1}" for j in range(7)) + "]"
        self.assertIn(whole, self.recipe)
        for encoding in ENCODINGS:
            recording = write_payloads(self.folder / f"range_{encoding}.mcap", messages, encoding)
            for ros, foxglove in (("field: position[1:4]", "field: joints[1:4].position"), ("field: position[6]", "field: joints[6].position"),
                                  ("field: position\n        select: [joint_5, joint_2]", "field: joints.position\n        select: [joint_5, joint_2]"),
                                  ("field: header.stamp", "field: timestamp")):
                with self.subTest(encoding, field=foxglove):
                    # Columns have names of their own, which follow from the path.
                    names = "" if "select" in ros else "\n        names: [" + ", ".join(f"n_{k}" for k in range(3 if ":4" in ros else 1)) + "]"
                    self.check(bag, recording, self.recipe.replace(whole, ros + names), self.recipe.replace(whole, foxglove + names))

    def test_json_without_a_schema(self):
        bag, messages = self.source()
        joints = as_foxglove(self.recipe).replace("        names: [", "        select: [")
        self.check(bag, write_payloads(self.folder / "json_empty.mcap", messages, "json", schema=False), self.recipe.replace("        names: [", "        select: ["), joints)
        # Without even a type's name only numbers can be taken.
        numbers = generic_recipe(cameras=0, fps=10, timeline="uniform")
        self.check(bag, write_payloads(self.folder / "json_none.mcap", messages, "json", schema=None), numbers, as_foxglove(numbers))

    def test_raw_pictures(self):
        bag, messages = self.source("raw", "--raw", size="80x60")
        recipe = generic_recipe(cameras=2, fps=10, every=3, topic="/camera_{}/image")
        for encoding in ENCODINGS:
            with self.subTest(encoding):
                self.check(bag, write_payloads(self.folder / f"raw_{encoding}.mcap", messages, encoding), recipe, as_foxglove(recipe))

    def test_video(self):
        bag, messages = self.source("video", "--video", "h264", "--gop", 15)
        for encoding in ENCODINGS:
            with self.subTest(encoding):
                recording = write_payloads(self.folder / f"video_{encoding}.mcap", messages, encoding)
                self.check(bag, recording, self.recipe, as_foxglove(self.recipe))
                packets = generic_recipe(cameras=2, fps=30, every=1, video="codec: copy")
                self.check(bag, recording, packets, as_foxglove(packets))

    def test_pictures_as_recorded(self):
        bag, messages = self.source()
        for name, recipe in (("image", generic_recipe(cameras=2, fps=10, every=3, camera_rules="storage: image")), ("copy", generic_recipe(cameras=2, fps=10, every=3, video="codec: copy"))):
            for encoding in ENCODINGS:
                with self.subTest(encoding, name=name):
                    self.check(bag, write_payloads(self.folder / f"{name}_{encoding}.mcap", messages, encoding), recipe, as_foxglove(recipe))

    def test_a_recipe_is_guessed(self):
        bag, messages = self.source()
        for encoding in ENCODINGS:
            with self.subTest(encoding):
                recording = write_payloads(self.folder / f"guess_{encoding}.mcap", messages, encoding)
                recipes = []
                for source in (bag, recording):
                    path = self.folder / "guessed.yaml"
                    self.bagloom("init", source, "-o", path, "--force")
                    recipes.append("\n".join(line for line in path.read_text().splitlines() if not line.startswith("#")))
                self.assertEqual(recipes[1], recipes[0].replace("field: position", "field: joints.position"))
                self.check(bag, recording, recipes[0], recipes[1])

    def test_damaged_messages_are_gaps(self):
        bag, messages = self.source()
        recipe = self.recipe + "gaps: {hold: 10s}\n"
        for encoding in ENCODINGS:
            for name, damage in (("cut", lambda data: data[: len(data) // 2]), ("empty", lambda data: b""), ("garbage", lambda data: bytes((7 * k + 3) % 256 for k in range(len(data)))),
                                 ("ones", lambda data: b"\xff" * len(data))):
                with self.subTest(encoding, damage=name):
                    # All joints around one row, and a picture of it.
                    def change(topic, k, data):
                        hit = 9 <= k <= 9 if "camera_0" in topic else 25 <= k <= 40 if topic == "/joint_states" else False
                        return damage(data) if hit else data

                    recording = write_payloads(self.folder / "damaged.mcap", messages, encoding, change=change)
                    dataset, report = self.convert(recording, "damaged", recipe=as_foxglove(recipe), code=3)
                    unusable = [loss for loss in report["losses"] if loss["kind"] == "unusable_message"]
                    self.assertEqual({loss["topic"] for loss in unusable}, {"/joint_states", "/camera_0/image/compressed"})
                    for loss in unusable:
                        self.assertIn("at 0x", loss["text"])
                    self.bagloom("verify", dataset)

    def test_a_schema_that_cannot_be_used_is_named(self):
        _, messages = self.source()
        recording = write_payloads(self.folder / "no_schema.mcap", messages, "protobuf", schema=False)
        recipe = self.folder / "recipe.yaml"
        recipe.write_text(as_foxglove(self.recipe))
        self.bagloom("convert", recording, "-o", self.folder / "none", "--recipe", recipe, code=(1, 2))
        for part in ("no_schema.mcap", "/joint_states", "foxglove.JointStates", "its protobuf schema is missing", "leave the topic out of the recipe"):
            self.assertIn(part, self.stderr)

    @unittest.skipIf(SANITIZED, "a sanitizer's own memory is in every number")
    def test_the_smallest_limit_holds(self):
        bag, messages = self.source("large", "--raw", size="640x480", cameras=1)
        recipe = generic_recipe(cameras=1, fps=10, every=3, topic="/camera_{}/image")
        path = self.folder / "limit.yaml"
        path.write_text(as_foxglove(recipe))
        for encoding in ENCODINGS:
            for compression in ("none", "zstd"):
                with self.subTest(encoding, compression=compression):
                    recording = write_payloads(self.folder / f"large_{encoding}.mcap", messages, encoding, compression)
                    answer = json.loads(self.bagloom("convert", recording, "-o", self.folder / "none", "--recipe", path, "--memory-limit", "1MiB", "--json", code=5))
                    _, report = self.convert(recording, "limited", "--memory-limit", answer["smallest_limit_bytes"], recipe=as_foxglove(recipe))
                    self.assertLessEqual(report["peak_bytes"], answer["smallest_limit_bytes"])

    @unittest.skipIf(SANITIZED, "a sanitizer's own memory is in every number")
    def test_the_limit_that_a_large_chunk_names_holds(self):
        """Said before the chunk is inflated; reading the message in it takes more than the chunk."""
        bag, messages = self.source()
        def change(topic, k, data):
            return data[:-1] + b', "pad": [' + b"0," * 4_000_000 + b"0]}" if topic == "/joint_states" and k == 20 else data

        recording = write_payloads(self.folder / "large_chunk.mcap", messages, "json", "zstd", change=change)
        path = self.folder / "limit.yaml"
        path.write_text(as_foxglove(self.recipe))
        answer = json.loads(self.bagloom("convert", recording, "-o", self.folder / "none", "--recipe", path, "--memory-limit", "10MiB", "--json", code=5))
        self.assertIn("a chunk of", answer["error"])
        _, report = self.convert(recording, "limited", "--memory-limit", answer["smallest_limit_bytes"], recipe=as_foxglove(self.recipe))
        self.assertLessEqual(report["peak_bytes"], answer["smallest_limit_bytes"])

    def test_what_the_data_of_a_picture_is_instead(self):
        bag, messages = self.source()
        for name, value, words in (("number", b"5", "is a number"), ("null", b"null", "missing or null"), ("text", b'"*"', "no base64")):
            with self.subTest(name):
                def change(topic, k, data):
                    if "camera_0" not in topic or k != 9:
                        return data
                    return json.dumps({**json.loads(data), "data": "@"}).encode().replace(b'"@"', value)

                recording = write_payloads(self.folder / "instead.mcap", messages, "json", change=change)
                _, report = self.convert(recording, "instead", recipe=as_foxglove(self.recipe + "gaps: {hold: 10s}\n"), code=3)
                (loss,) = [loss for loss in report["losses"] if loss["kind"] == "unusable_message"]
                self.assertIn(words, loss["reason"])

    def test_numbers_that_float32_cannot_hold(self):
        bag, messages = self.source()

        def change(topic, k, data):
            if topic != "/joint_states" or not 25 <= k <= 40:
                return data
            values = json.loads(data)
            values["joints"][0]["position"] = 1e300
            return json.dumps(values).encode()

        recording = write_payloads(self.folder / "wide.mcap", messages, "json", change=change)
        _, report = self.convert(recording, "wide", recipe=as_foxglove(self.recipe + "gaps: {hold: 10s}\n"), code=3)
        self.assertIn("1e+300, more than float32 holds", json.dumps(report["losses"]))


if __name__ == "__main__":
    unittest.main()
