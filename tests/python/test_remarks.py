"""What leaves nothing out and the exit code as it is, but must be said: times that go back in the file, topics that end before the rows do,
many trimmed rows."""
import json
import unittest

from bag_walk import walk
from dataset import fingerprint
from formats import Taken, take, write_mcap, write_ros1, write_rosbag2
from support import BagloomTest, copy_bag, generic_recipe

CAMERA, STATE, ACTION = "/camera_0/image/compressed", "/joint_states", "/joint_commands"


class Remarks(BagloomTest):
    recipe = generic_recipe(cameras=1, fps=30, every=1)
    uniform = generic_recipe(cameras=1, fps=30, timeline="uniform")

    def source(self):
        return self.synth("source", "--joint-hz", 100, seconds=4, cameras=1)

    def said(self, recording, kind, recipe=None, code=0):
        """(dataset, report, entries of this kind). `plan` says the same."""
        dataset, report = self.convert(recording, "said", recipe=recipe or self.recipe, code=code)
        planned = json.loads(self.bagloom("plan", recording, "--recipe", self.folder / "said.recipe.yaml", "--json", code=code))
        entries = [loss for loss in report["losses"] if loss["kind"] == kind]
        self.assertEqual([loss for loss in planned["losses"] if loss["kind"] == kind], entries)
        return dataset, report, entries

    def without(self, topic, begin, end):
        """A copy of the recording in which a topic has no messages from `begin` to `end`, in seconds after the start."""
        start = walk(self.source())[0].time
        return copy_bag(self.source(), self.folder / "without.bag", lambda m: m.connection.topic == topic and begin <= (m.time - start) / 1e9 < end)

    def moved(self, step):
        """The recording's messages in the order of the file; from 2 s on, the clock is `step` seconds back."""
        taken = take(self.source())
        return [Taken(**{**vars(m), "time": m.time - (int(step * 1e9) if m.time - taken[0].time > 2e9 else 0)}) for m in taken]

    def check_set_back(self, recording, step, topics, start):
        dataset, report, entries = self.said(recording, "clock_set_back")
        self.assertEqual({loss["topic"] for loss in entries}, topics)
        self.assertEqual(report["losses"], entries)
        for loss in entries:
            self.assertTrue(loss["features"])
            self.assertAlmostEqual(loss["count"], step * {CAMERA: 30, STATE: 100, ACTION: 100}[loss["topic"]], delta=2)
            self.assertAlmostEqual((loss["time_ns"] - start) / 1e9, 2 - step, delta=0.07)
            self.assertIn("the recorder's clock was set back, or the file is not in order", loss["text"])
        return dataset

    def test_a_clock_that_is_set_back(self):
        moved, every = self.moved(0.7), {CAMERA, STATE, ACTION}
        got = [fingerprint(self.check_set_back(write(self.folder / name, moved), 0.7, every, moved[0].time))
               for write, name in ((write_ros1, "back.bag"), (write_mcap, "back.mcap"), (write_rosbag2, "back"))]
        in_order = write_ros1(self.folder / "in_order.bag", sorted(moved, key=lambda m: m.time))
        self.assertEqual(got, [fingerprint(self.check_set_back(in_order, 0, set(), 0))] * 3)
        self.check_set_back(write_ros1(self.folder / "little.bag", self.moved(0.08)), 0, set(), 0)

    def test_files_of_one_recording_have_an_order_each(self):
        for step, topics in ((0, set()), (0.7, {CAMERA, STATE, ACTION})):
            with self.subTest(step=step):
                moved = self.moved(step)
                folder, quarter = self.folder / f"split_{step}", len(moved) // 4
                folder.mkdir()
                for k, part in enumerate((moved[quarter:], moved[:quarter])):  # the later one first
                    write_mcap(folder / f"run_{k}.mcap", part)
                (folder / "metadata.yaml").write_text("rosbag2_bagfile_information: {version: 8, storage_identifier: mcap, relative_file_paths: [run_0.mcap, run_1.mcap]}\n")
                self.check_set_back(folder, step, topics, moved[0].time)

    def test_a_command_that_ends_before_the_rows_do(self):
        dataset, report, (entry,) = self.said(self.without(ACTION, 1, 9), "stale_rows")
        self.assertEqual(report["losses"], [entry])
        self.assertEqual((entry["topic"], entry["feature"]), (ACTION, "action"))
        self.assertAlmostEqual(entry["count"], report["rows"] * 3 / 4, delta=3)
        self.assertIn(f"{ACTION} ends 2.9", entry["text"])
        self.assertIn(f"stands in {entry['count']} of {report['rows']} rows", entry["text"])
        for topic, begin, end in ((ACTION, 3.1, 9), (ACTION, 1, 3)):  # 0.9 s; a pause
            self.assertEqual(self.said(self.without(topic, begin, end), "stale_rows")[1]["losses"], [])

    def test_a_command_that_is_sent_once_in_a_while(self):
        count = 0

        def rare(message):
            nonlocal count
            count += message.connection.topic == ACTION
            return message.connection.topic == ACTION and (count % 40 != 1 or count > 240)  # 2.5 Hz; the last at 2.0 s

        self.assertEqual(self.said(copy_bag(self.source(), self.folder / "rare.bag", rare), "stale_rows")[1]["losses"], [])

    def test_many_trimmed_rows(self):
        for begin, end, where in ((1, 9, "last"), (0, 3, "first")):
            with self.subTest(where):
                bag = self.without(CAMERA, begin, end)
                _, report, (entry,) = self.said(bag, "trimmed_rows", self.uniform)
                self.assertEqual(report["losses"], [entry])
                self.assertEqual((entry["topic"], entry["feature"]), (CAMERA, "observation.images.cam_0"))
                (planned,) = json.loads(self.bagloom("plan", bag, "--recipe", self.folder / "said.recipe.yaml", "--json"))["recordings"]
                self.assertEqual(entry["count"], planned["trimmed_end" if where == "last" else "trimmed_start"])
                self.assertAlmostEqual(entry["count"], 90, delta=4)
                self.assertIn(f"the {where} {entry['count']} of {planned['ticks']} rows", entry["text"])
        # Those of a camera that begins a little late are as they always were.
        self.assertEqual(self.said(self.without(CAMERA, 0, 0.3), "trimmed_rows", self.uniform)[1]["losses"], [])

    def test_names_in_another_order(self):
        """Numbers would stand under other joints' names."""
        bag = self.source()
        right = ", ".join(f"joint_{j}" for j in range(1, 8))
        wrong = "joint_1, joint_3, joint_2, joint_4, joint_5, joint_6, joint_7"
        recipe = self.folder / "names.yaml"
        recipe.write_text(self.recipe.replace(right, wrong, 1))
        for verb in (["convert", bag, "-o", self.folder / "names"], ["plan", bag]):
            self.bagloom(*verb, "--recipe", recipe, code=(2, 4))
            self.assertIn(f"{STATE}: the recipe names elements 1 and 2 joint_3, joint_2; the message names them joint_2, joint_3; "
                          f"`field: position` with `select: [{wrong}]` takes them by name", self.stderr)
        # What the line says does; and so do other words, or a part that has only some of the names.
        selected = self.recipe.replace(f"names: [{right}]", f"select: [{wrong}]", 1)
        words = self.recipe.replace(right, "b, a, " + ", ".join("cdefg"), 1)
        part = self.recipe.replace(f"position\n        names: [{right}]", "position[1:3]\n        names: [joint_3, joint_4]", 1)
        for recipe in (selected, words, part):
            self.convert(bag, "names", recipe=recipe)
        swapped = self.recipe.replace(f"position\n        names: [{right}]", "position[1:3]\n        names: [joint_3, joint_2]", 1)
        self.convert(bag, "names", recipe=swapped, code=2)
        # Of two recordings the other one is converted.
        taken = take(bag)
        other = copy_bag(bag, self.folder / "other.bag", change=lambda m: [m.data.replace(b"joint_1", b"joint_0").replace(b"joint_2", b"joint_1").replace(b"joint_0", b"joint_2")])
        _, report = self.convert([bag, other], "names", recipe=self.recipe, code=4)
        self.assertEqual([f["recording"] for f in report["failed"]], [str(other)])
        for write, name in ((write_mcap, "other.mcap"), (write_rosbag2, "other")):
            self.convert(write(self.folder / name, take(other)), "names", recipe=self.recipe, code=2)


if __name__ == "__main__":
    unittest.main()
