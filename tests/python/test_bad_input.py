"""Bad input gets one line that says what is wrong and where, and the right exit code."""
import json
import math
import struct
import unittest

from compare_dataset import compare
from oracle import load_recipe
from support import BagloomTest, copy_bag, generic_recipe, numbered


class BadInput(BagloomTest):
    def error(self, *arguments, code):
        """The error object of a command that must fail; its human form must be one line."""
        answer = json.loads(self.bagloom(*arguments, "--json", code=code))
        self.assertEqual(answer["exit_code"], code)
        self.assertEqual(answer["schema"], 1)
        self.assertNotIn("\n", answer["error"])
        self.bagloom(*arguments, code=code)
        lines = [line for line in self.stderr.splitlines() if line.strip()]
        self.assertTrue(lines and len(lines[0]) > 20, self.stderr)
        return answer["error"]

    def test_not_a_recording(self):
        text = self.folder / "notes.bag"
        text.write_text("This is not a recording, it only has the name of one.\n")
        empty = self.folder / "empty.bag"
        empty.write_bytes(b"")
        for path, name in ((text, "notes.bag"), (empty, "empty.bag")):
            for verb in ("info", "scan"):
                self.assertIn(name, self.error(verb, path, code=6))
            self.assertIn(name, self.error("convert", path, "-o", self.folder / "out", code=6))
        self.assertIn("nowhere.bag", self.error("info", self.folder / "nowhere.bag", code=6))

    def test_bad_recipes(self):
        bag = self.synth("plain", seconds=2)
        for recipe, words in (
            (generic_recipe().replace("fps:", "fsp:"), ["fsp", "fps", ":2:"]),
            (generic_recipe().replace("fps: 10", "fps: ten"), ["fps", ":2:"]),
            (generic_recipe().replace("/camera_1/image/compressed", "/camera_9/image/compressed"), ["/camera_9/image/compressed"]),
            (generic_recipe().replace("field: position", "field: positions", 1), ["positions"]),
            (generic_recipe(video="codec: h266"), ["h266", "h264"]),
            (generic_recipe(camera_rules="size: 100x100"), ["fit"]),
            (generic_recipe(fps=25), ["fps"]),
        ):
            with self.subTest(words=words):
                path = self.folder / "bad.yaml"
                path.write_text(recipe)
                message = self.error("convert", bag, "-o", self.folder / "never", "--recipe", path, code=2)
                for word in words:
                    self.assertIn(word, message)
                self.assertFalse((self.folder / "never").exists())

    def test_a_bad_recording_is_left_out(self):
        good, broken = self.synth("plain", seconds=2), self.folder / "broken.bag"
        broken.write_bytes(b"#ROSBAG V1.2\n" + bytes(100))
        dataset, report = self.convert([broken, good], "some", recipe=generic_recipe(), code=4)
        self.assertEqual([f["recording"].rsplit("/")[-1] for f in report["failed"]], ["broken.bag"])
        self.assertEqual(compare(dataset, [good], load_recipe(generic_recipe()))[0], [])

    def test_a_cut_recording_gives_what_is_left(self):
        bag, cut = self.synth("chunks", seconds=4), self.folder / "cut.bag"
        cut.write_bytes(bag.read_bytes()[: bag.stat().st_size * 2 // 3])
        (recording,) = json.loads(self.bagloom("info", cut, "--json"))["recordings"]
        self.assertTrue(recording["damage"])
        self.assertFalse(recording["indexed"])
        dataset, report = self.convert(cut, "salvaged", recipe=generic_recipe(), code=3)
        self.assertTrue(report["losses"])
        self.assertEqual(compare(dataset, [cut], load_recipe(generic_recipe()))[0], [])

    def test_a_damaged_chunk_is_one_loss_a_topic(self):
        bag, damaged = self.synth("whole", "--compression", "lz4", "--chunk-size", "256KiB", seconds=20, cameras=2), self.folder / "damaged.bag"
        content = bytearray(bag.read_bytes())
        content[len(content) * 3 // 10] ^= 0xFF
        damaged.write_bytes(content)
        _, report = self.convert(damaged, "damaged_dataset", recipe=generic_recipe(cameras=2, gaps="longer: drop"), code=3)
        losses = [loss for loss in report["losses"] if loss["kind"] == "unusable_message"]
        self.assertEqual(len({loss["offset"] for loss in losses}), 1, losses)
        self.assertEqual(len({loss["topic"] for loss in losses}), len(losses), losses)
        self.assertGreaterEqual(len(losses), 3)
        for loss in losses:
            self.assertIn(f"{loss['count']} messages of {loss['topic']} from +", loss["text"])
        # The numbers are looked through once for all topics, and what is done stays done.
        self.assertTrue(all("were looked for" in note for note in report["notes"] if "inflated" in note), report["notes"])

    def test_a_message_that_several_features_want_is_lost_once(self):
        bag, bad = self.synth("plain", seconds=2), self.folder / "short.bag"
        is_short = numbered("/joint_states", lambda k: 100 <= k < 120)
        copy_bag(bag, bad, change=lambda message: [message.data[:-9] if is_short(message) else message.data])
        recipe = generic_recipe(state_rules="match: hold").replace("/joint_commands", "/joint_states")
        _, report = self.convert(bad, "lost_once", recipe=recipe, code=3)
        losses = [loss for loss in report["losses"] if loss["kind"] == "unusable_message"]
        self.assertEqual((len(losses), sum(loss["count"] for loss in losses)), (20, 20))
        for loss in losses:
            self.assertEqual(loss["features"], ["observation.state", "action"])
            self.assertTrue(loss["text"].endswith("(2 features)"), loss["text"])
        path = self.folder / "lost_once.recipe.yaml"
        lines = self.bagloom("convert", bad, "-o", self.folder / "lost_again", "--recipe", path, code=3).splitlines()
        about = [line for line in lines if "/joint_states" in line and "unusable" not in line and "for the same reason" in line]
        self.assertEqual(len([line for line in lines if losses[0]["reason"] in line]), 1, lines)
        self.assertTrue(about and about[0].endswith("for the same reason 19 more messages"), lines)

    def test_a_message_that_one_feature_cannot_read_is_lost_to_all_of_its_topic(self):
        bag, bad = self.synth("plain", seconds=2), self.folder / "no_number.bag"
        is_bad = numbered("/joint_states", lambda k: k == 100)
        # Its last bytes are an effort: only the action takes it.
        copy_bag(bag, bad, change=lambda message: [message.data[:-8] + struct.pack("<d", math.nan) if is_bad(message) else message.data])
        recipe = generic_recipe().replace("/joint_commands\n        field: position", "/joint_states\n        field: effort")
        _, report = self.convert(bad, "lost_to_all", recipe=recipe, code=3)
        (loss,) = [loss for loss in report["losses"] if loss["kind"] == "unusable_message"]
        self.assertEqual((loss["count"], loss["feature"], loss["features"]), (1, "action", ["observation.state", "action"]))

    def test_a_timeline_of_unusable_messages_names_them(self):
        bag, bad = self.synth("plain", seconds=2), self.folder / "timeline.bag"
        is_cut = numbered("/joint_states", lambda k: k % 3 > 0)
        copy_bag(bag, bad, change=lambda message: [message.data[:-9] if is_cut(message) else message.data])
        recipe = self.folder / "timeline.yaml"
        recipe.write_text(generic_recipe(cameras=0, fps=50, timeline="{topic: /joint_states, every: 4}"))
        error = self.error("convert", bad, "-o", self.folder / "none", "--recipe", recipe, code=2)
        self.assertIn("unusable (the first", error)

    def test_two_types_on_one_topic(self):
        import rosbags.rosbag1
        from rosbags.typesys import Stores, get_typestore
        store, bag = get_typestore(Stores.ROS1_NOETIC), self.folder / "two_types.bag"
        text = store.serialize_ros1(store.types["std_msgs/msg/String"](data="a"), "std_msgs/msg/String")
        with rosbags.rosbag1.Reader(self.synth("one_type")) as source, rosbags.rosbag1.Writer(bag) as writer:
            to = {c.id: writer.add_connection(c.topic, c.msgtype, msgdef=c.msgdef.data, md5sum=c.digest, callerid=str(c.id)) for c in source.connections}
            other = writer.add_connection("/joint_states", "std_msgs/msg/String", typestore=store)
            for connection, time, data in source.messages():
                writer.write(to[connection.id], time, data)
                if connection.topic == "/joint_states":
                    writer.write(other, time + 1, text)
        self.assertIn("(sensor_msgs/JointState, std_msgs/String)", self.error("plan", bag, code=2))

    def test_wrong_usage(self):
        for arguments in ([], ["convert"], ["nonsense"], ["convert", "x.bag", "--no-such-option"]):
            self.bagloom(*arguments, code=2)
        self.bagloom("--help")
        self.bagloom("--version")


if __name__ == "__main__":
    unittest.main()
