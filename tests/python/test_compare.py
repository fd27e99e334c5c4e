"""Every output row is the plan's row: finished datasets against oracle.py, which computes them from the recording's bytes by the documented rules."""
import unittest

from compare_dataset import compare
from dataset import Dataset
from oracle import load_recipe, plan
from support import BagloomTest, generic_recipe


class Compare(BagloomTest):
    DROPS = ["--jitter", 3, "--drop", 0.04, "--seed", 3, "--compression", "lz4", "--no-index"]

    def check(self, name, bags, recipe, *options, code=0, jpegs=False):
        """Converts and compares; gives (dataset, report, counts)."""
        bags = bags if isinstance(bags, list) else [bags]
        dataset, report = self.convert(bags, name, *options, recipe=recipe, code=code)
        problems, counts = compare(dataset, bags, load_recipe(recipe), jpegs)
        self.assertEqual(problems, [])
        self.assertGreater(counts["rows"], 10)
        self.assertEqual((report["rows"], report["episodes"]), (counts["rows"], counts["episodes"]))
        self.bagloom("verify", dataset)
        return dataset, report, counts

    def test_the_comparison_can_fail(self):
        """A rule that differs a little, or two cameras exchanged, must be noticed: else the tests below prove nothing."""
        bag = self.synth("drops", *self.DROPS, seconds=6)
        recipe = generic_recipe()
        dataset, _ = self.convert(bag, "noticed", recipe=recipe)
        self.assertEqual(compare(dataset, [bag], load_recipe(recipe))[0], [])
        for name, other in (("hold", generic_recipe(action_rules="match: nearest")), ("scale", generic_recipe(state_rules="scale: 1.000001")),
                            ("every", generic_recipe(fps=15, every=2)), ("nearest picture", generic_recipe(camera_rules="match: hold")),
                            ("cameras", recipe.replace("cam_0", "cam_x").replace("cam_1", "cam_0").replace("cam_x", "cam_1"))):
            with self.subTest(name):
                self.assertNotEqual(compare(dataset, [bag], load_recipe(other))[0], [])

    # ---- the same rows, however the recording is stored
    def test_plain(self):
        _, _, counts = self.check("plain", self.synth("plain"), generic_recipe())
        self.assertGreater(counts["pictures"], 3 * 35)

    def test_lz4(self):
        self.check("lz4", self.synth("lz4", "--compression", "lz4"), generic_recipe())

    def test_bz2(self):
        self.check("bz2", self.synth("bz2", "--compression", "bz2"), generic_recipe())

    def test_unindexed(self):
        self.check("unindexed", self.synth("unindexed", "--no-index", "--compression", "lz4"), generic_recipe())

    def test_without_any_index(self):
        self.check("walked", self.synth("walked", "--no-index", "--no-chunk-index", "--repeat-connections", "--compression", "bz2"), generic_recipe())

    def test_raw_pictures(self):
        self.check("raw", self.synth("raw", "--raw", cameras=2), generic_recipe(cameras=2, topic="/camera_{}/image"))

    def test_two_state_connections(self):
        self.check("connections", self.synth("connections", "--state-connections", 2), generic_recipe())

    # ---- jitter and drops
    def test_jitter_and_drops(self):
        bag = self.synth("drops", *self.DROPS, seconds=6)
        _, report, _ = self.check("drops", bag, generic_recipe())
        self.assertEqual(report["failed"], [])

    def test_every_message_of_a_dropping_timeline(self):
        bag = self.synth("drops30", "--jitter", 2, "--drop", 0.02, "--seed", 5, seconds=5)
        self.check("drops30", bag, generic_recipe(fps=30, every=1))

    # ---- timelines
    def test_uniform(self):
        self.check("uniform", self.synth("drops", *self.DROPS, seconds=6), generic_recipe(timeline="uniform", fps=15))

    def test_thirty_hertz(self):
        self.check("thirty", self.synth("plain"), generic_recipe(fps=30, every=1))

    def test_timeline_of_a_joint_topic(self):
        self.check("joints", self.synth("plain"), generic_recipe(timeline="{topic: /joint_states, every: 10}", fps=20))

    # ---- gaps
    def test_gap_held(self):
        bag = self.synth("gap_short", "--gap", "1.5-1.62", "--jitter", 0)
        recipe = generic_recipe(fps=30, every=1, gaps="hold: 0.2")
        _, report, _ = self.check("gap_short", bag, recipe, code=(0, 3))
        held = sum(e.held for e in plan(bag, load_recipe(recipe)).episodes)
        self.assertGreater(held, 0)
        self.assertEqual(sum(loss["count"] for loss in report["losses"] if loss["kind"] == "held_rows"), held)

    def gap_bag(self):
        return self.synth("gap_long", "--gap", "2.0-3.0", "--gap", "4.2-4.7", seconds=6)

    def test_gap_split(self):
        _, report, _ = self.check("gap_split", self.gap_bag(), generic_recipe(gaps="longer: split, min_rows: 5"), code=3)
        self.assertEqual(report["episodes"], 3)

    def test_gap_split_leaves_short_pieces_out(self):
        dataset, report, _ = self.check("gap_split_short", self.gap_bag(), generic_recipe(gaps="longer: split, min_rows: 14"), code=3)
        lengths = [e["length"] for e in Dataset(dataset).episodes]
        self.assertTrue(all(n >= 14 for n in lengths) and len(lengths) < 3, lengths)

    def test_gap_drop(self):
        _, report, _ = self.check("gap_drop", self.gap_bag(), generic_recipe(gaps="longer: drop"), code=3)
        self.assertEqual(report["episodes"], 1)

    def test_gap_rejects_by_default(self):
        good = self.synth("plain")
        dataset, report = self.convert([self.gap_bag(), good], "gap_reject", recipe=generic_recipe(), code=3)
        self.assertEqual(report["episodes"], 1)
        self.assertTrue(any("gap_long" in loss["recording"] and loss["kind"] == "rejected" for loss in report["losses"]), report["losses"])
        self.assertEqual(compare(dataset, [self.gap_bag(), good], load_recipe(generic_recipe()))[0], [])

    # ---- vectors
    def test_scale_offset_and_picked_joints(self):
        rules = "scale: 57.29577951308232; offset: -0.125; select: [joint_5, joint_2]; names: [five, two]"
        recipe = generic_recipe().replace("names: [joint_1, joint_2, joint_3, joint_4, joint_5, joint_6, joint_7]", rules.replace("; ", "\n        "), 1)
        dataset, _, _ = self.check("picked", self.synth("plain"), recipe)
        self.assertEqual(Dataset(dataset).info["features"]["observation.state"]["names"], ["five", "two"])

    def test_nearest_commands_with_a_fixed_tolerance(self):
        self.check("nearest", self.synth("plain"), generic_recipe(action_rules="match: nearest; tolerance: 0.004", camera_rules="tolerance: 0.02"))

    def test_index_ranges_of_two_topics(self):
        recipe = generic_recipe().replace(
            "      - topic: /joint_commands\n        field: position\n        names: [joint_1, joint_2, joint_3, joint_4, joint_5, joint_6, joint_7]\n        match: hold\n",
            "      - topic: /joint_commands\n        field: position[2:5]\n        names: [a, b, c]\n        match: hold\n"
            "      - topic: /joint_states\n        field: velocity[6]\n        names: [d]\n", 1)
        self.assertIn("velocity[6]", recipe)
        self.check("two_topics", self.synth("plain"), recipe)

    # ---- Kuavo, without a recipe
    def test_kuavo_guessed(self):
        bag = self.synth("kuavo", "--layout", "kuavo")
        recipe = self.folder / "kuavo.yaml"
        self.bagloom("init", bag, "-o", recipe)
        dataset, _, _ = self.check("kuavo", bag, recipe.read_text("utf-8"))
        without, _ = self.convert(bag, "kuavo_guessed")
        self.assertEqual(compare(without, [bag], load_recipe(recipe.read_text("utf-8")))[0], [])
        info = Dataset(dataset).info
        self.assertEqual(info["features"]["observation.state"]["names"][:8], [f"zarm_l{k}_link" for k in range(1, 8)] + ["left_claw"])
        self.assertEqual(info["features"]["action"]["shape"], [16])
        self.assertEqual(info["fps"], 10)

    # ---- damaged pictures, several recordings, codecs
    def test_corrupt_pictures(self):
        bag = self.synth("corrupt", "--corrupt", "12,13,60", "--jitter", 0)
        _, report, _ = self.check("corrupt", bag, generic_recipe(), code=3)
        self.assertTrue([loss for loss in report["losses"] if loss["kind"] == "unusable_message"])

    def test_three_recordings_in_three_files_each(self):
        bags = [self.synth(f"many_{k}", "--seed", k + 10, "--joints", 480, "--joint-hz", 100, seconds=10, size="320x240", cameras=1) for k in range(3)]
        recipe = generic_recipe(cameras=1, fps=30, every=1, video="crf: 4", joints=480)
        dataset, _, _ = self.check("many", bags, recipe, "--video-file-mib", 1, "--data-file-mib", 1)
        self.assertEqual([len(list(dataset.glob(p))) for p in ("videos/*/*/*.mp4", "data/*/*.parquet")], [3, 3])

    def test_av1(self):
        self.check("av1", self.synth("plain"), generic_recipe(cameras=1, video="codec: av1, crf: 30"))

    def test_copy_is_bit_for_bit(self):
        self.check("copy", self.synth("plain"), generic_recipe(video="codec: copy"), jpegs=True)

    def test_scaled_down_to_a_quarter(self):
        bag = self.synth("large", size="640x480", cameras=1, seconds=2)
        self.check("scaled", bag, generic_recipe(cameras=1, camera_rules="size: 160x120"))

    def test_stretched(self):
        bag = self.synth("large", size="640x480", cameras=1, seconds=2)
        self.check("stretched", bag, generic_recipe(cameras=1, camera_rules="size: 320x180; fit: stretch"))


if __name__ == "__main__":
    unittest.main()
