"""What plan says that a limit buys, and what the limit then does in convert."""
import json
import unittest

from support import BAGLOOM, SANITIZED, BagloomTest, generic_recipe

MIB = 1 << 20


@unittest.skipIf(SANITIZED, "a sanitizer's own memory is in every number")
class PlannedLimits(BagloomTest):
    CASES = (("h264", "640x480", 2, "codec: h264"), ("copy", "320x240", 2, "codec: copy"), ("av1", "160x120", 1, "codec: av1"))

    def planned(self, name, size, cameras, video, *options):
        bag = self.synth(name, "--joint-hz", 50, seconds=8, size=size, cameras=cameras)
        recipe = generic_recipe(cameras=cameras, video=video, every=1, fps=30)
        path = self.folder / f"{name}.yaml"
        path.write_text(recipe, "utf-8")
        return bag, recipe, json.loads(self.bagloom("plan", bag, "--recipe", path, "--json", *options))

    def test_each_limit_gives_its_tasks(self):
        for name, *case in self.CASES:
            bag, recipe, plan = self.planned(name, *case, "--threads", 4)
            limits = plan["limits"]
            self.assertGreater(len(limits), 0)
            self.assertEqual(limits[0]["memory_limit_bytes"], plan["memory"]["smallest_limit_bytes"])
            self.assertEqual(limits[-1]["memory_limit_bytes"], plan["memory"]["all_threads_limit_bytes"])
            self.assertEqual(limits[-1]["tasks_at_once"], 4)
            for fewer, more in zip(limits, limits[1:]):
                self.assertLess(fewer["memory_limit_bytes"], more["memory_limit_bytes"])
                self.assertLess(fewer["tasks_at_once"], more["tasks_at_once"])
                self.assertLessEqual(fewer["expected_peak_bytes"], more["expected_peak_bytes"])
                self.assertGreaterEqual(fewer["expected_seconds"], more["expected_seconds"])
            for choice in limits:
                with self.subTest(name, **choice):
                    limit = choice["memory_limit_bytes"]
                    _, report = self.convert(bag, "limited", "--threads", 4, "--memory-limit", limit, recipe=recipe)
                    self.assertEqual(report["tasks_at_once"], choice["tasks_at_once"])
                    self.assertLessEqual(report["peak_bytes"], limit)
                    self.assertLess(abs(report["memory"]["expected_peak_bytes"] - choice["expected_peak_bytes"]), 2 * MIB)

    def test_the_table_does_not_depend_on_the_limit_that_is_given(self):
        name, *case = self.CASES[0]
        _, _, plan = self.planned(name, *case, "--threads", 4)
        _, _, limited = self.planned(name, *case, "--threads", 4, "--memory-limit", plan["limits"][0]["memory_limit_bytes"])
        tasks = [[choice["tasks_at_once"] for choice in p["limits"]] for p in (plan, limited)]
        self.assertEqual(tasks[0], tasks[1])

    def test_the_time_says_what_it_rests_on(self):
        for name, *case in self.CASES:
            with self.subTest(name):
                _, _, plan = self.planned(name, *case, "--threads", 2)
                time = plan["time"]
                self.assertGreaterEqual(time["timed_pictures"], 6 * case[1])
                self.assertGreater(time["parallel_seconds"], 0)
                for choice in plan["limits"]:
                    shared = min(choice["tasks_at_once"], time["cores"])
                    self.assertGreaterEqual(choice["expected_seconds"] * 1.000001, time["serial_seconds"] + time["parallel_seconds"] / shared)
        said = self.bagloom("plan", self.folder / "h264.bag", "--recipe", self.folder / "h264.yaml")
        for part in ("limits:", "tasks at once", "an estimate from", "what still grows:"):
            self.assertIn(part, said)

    def test_a_recording_of_many_episodes_keeps_the_limit(self):
        seconds, gaps = 300, []
        for second in range(seconds):
            gaps += ["--gap", f"{second}.5-{second}.9"]
        bag = self.synth("split", "--joint-hz", 40, *gaps, seconds=seconds, size="80x60", cameras=2)
        recipe = generic_recipe(cameras=2, video="codec: copy", every=1, fps=30, gaps="hold: 0.1, longer: split")
        path = self.folder / "split.yaml"
        path.write_text(recipe, "utf-8")
        plan = json.loads(self.bagloom("plan", bag, "--recipe", path, "--json", "--threads", 2, code=3))
        self.assertGreater(plan["episodes"], 250)
        limit = plan["limits"][0]["memory_limit_bytes"]
        _, report = self.convert(bag, "split_dataset", "--threads", 2, "--memory-limit", limit, recipe=recipe, code=3)
        self.assertEqual(report["episodes"], plan["episodes"])
        self.assertLessEqual(report["peak_bytes"], limit)
        self.assertLessEqual(report["peak_bytes"], report["memory"]["expected_peak_bytes"])

    def test_plan_keeps_the_limit_that_it_names(self):
        for name, *case in self.CASES:
            with self.subTest(name):
                bag, _, plan = self.planned(name, *case, "--threads", 1)
                figures, limit = self.folder / "figures.json", plan["limits"][0]["memory_limit_bytes"]
                self.bagloom("measure", "--json", figures, "--", BAGLOOM, "plan", bag, "--recipe", self.folder / f"{name}.yaml", "--threads", 1, "--memory-limit", limit)
                self.assertLessEqual(json.loads(figures.read_text())["peak_bytes"], limit)


@unittest.skipIf(SANITIZED, "a sanitizer's own memory is in every number")
class Verify(BagloomTest):
    def verified(self, dataset, limit, *options):
        """With the smallest limit that the refusal named; its peak as the kernel saw it from outside."""
        refused = json.loads(self.bagloom("verify", dataset, "--memory-limit", limit, "--json", *options, code=5))
        smallest, figures = refused["smallest_limit_bytes"], self.folder / "figures.json"
        self.assertGreater(smallest, limit)
        said = json.loads(self.bagloom("measure", "--json", figures, "--", BAGLOOM, "verify", dataset, "--memory-limit", smallest, "--json", *options))
        self.assertTrue(said["ok"], said["problems"])
        self.assertLessEqual(json.loads(figures.read_text())["peak_bytes"], smallest)
        self.assertLessEqual(said["peak_bytes"], said["memory"]["expected_peak_bytes"])
        self.assertEqual(said["memory"]["limit_bytes"], smallest)
        # Starts differ by what of the shared libraries is in the page cache.
        self.bagloom("verify", dataset, "--memory-limit", smallest - 8 * MIB, "--json", *options, code=5)
        return smallest, said

    def test_the_smallest_limit_that_it_names_does(self):
        for name, size, cameras, video in (("h264", "640x480", 2, "codec: h264"), ("copy", "848x480", 1, "codec: copy"), ("av1", "160x120", 1, "codec: av1"),
                                           ("large", "1920x1080", 1, "codec: h264"), ("large_copy", "1920x1080", 1, "codec: copy")):
            with self.subTest(name):
                bag = self.synth(name, "--joint-hz", 50, seconds=2, size=size, cameras=cameras)
                dataset, _ = self.convert(bag, f"{name}_dataset", recipe=generic_recipe(cameras=cameras, video=video))
                unlimited = json.loads(self.bagloom("verify", dataset, "--json"))
                smallest, said = self.verified(dataset, 30 * MIB)
                for key in ("checks", "rows", "pictures", "problems"):
                    self.assertEqual(said[key], unlimited[key], key)
                without, said = self.verified(dataset, 30 * MIB, "--no-decode")
                self.assertEqual(said["pictures"], 0)
                self.assertLessEqual(without, smallest + MIB, "starts differ a little")

    def test_a_page_of_any_size_is_refused_or_fits(self):
        import numpy as np
        import pyarrow.parquet as pq
        bag = self.synth("page", "--joint-hz", 50, seconds=2, size="80x60", cameras=1)
        dataset, _ = self.convert(bag, "page_dataset", recipe=generic_recipe(cameras=1))
        path = next((dataset / "data").rglob("*.parquet"))
        table = pq.read_table(path)
        # Every column in one page, that of the state of 56 MB.
        long = table.take(np.arange(2_000_000) % table.num_rows)
        pq.write_table(long, path, compression="NONE", use_dictionary=False, data_page_size=1 << 30, row_group_size=1 << 30, max_rows_per_page=1 << 30)
        limit = 64 * MIB
        refused = json.loads(self.bagloom("verify", dataset, "--json", "--memory-limit", limit, code=5))
        self.assertGreater(refused["smallest_limit_bytes"], limit)
        answer = json.loads(self.bagloom("verify", dataset, "--json", "--memory-limit", refused["smallest_limit_bytes"], code=1))
        self.assertFalse(answer["ok"])
        self.assertLessEqual(answer["peak_bytes"], refused["smallest_limit_bytes"])


@unittest.skipIf(SANITIZED, "a sanitizer's own memory is in every number")
class VideoTopics(BagloomTest):
    """What a stream's decoder takes is known before: docs/memory.md."""

    def test_the_smallest_limit_holds_and_the_expected_peak_is_near(self):
        for video, codec in (("h264", "h264"), ("h265", "copy"), ("av1", "h264")):
            bag = self.synth(f"{video}_720p", "--video", video, "--joint-hz", 100, seconds=2.6, size="1280x720", cameras=1)
            path = self.folder / "video.yaml"
            path.write_text(generic_recipe(cameras=1, fps=30, every=1, action_rules="match: nearest", video=f"codec: {codec}"), "utf-8")
            refused = json.loads(self.bagloom("convert", bag, "-o", self.folder / "refused", "--recipe", path, "--memory-limit", "1MiB", "--json", code=5))
            for limit in (refused["smallest_limit_bytes"], None):
                with self.subTest(video=video, codec=codec, limit=limit):
                    out = self.folder / f"{video}_{codec}_{limit}"
                    options = ["--memory-limit", limit] if limit else ["--threads", 2]
                    self.bagloom("measure", "--json", self.folder / "measured.json", "--", BAGLOOM, "convert", bag, "-o", out, "--recipe", path, *options)
                    measured = json.loads((self.folder / "measured.json").read_text("utf-8"))
                    expected = json.loads((out / "meta/bagloom/report.json").read_text("utf-8"))["memory"]["expected_peak_bytes"]
                    self.assertLessEqual(measured["peak_bytes"], limit or expected)
                    self.assertLessEqual(measured["peak_bytes"], expected)
                    self.assertLessEqual(expected, 1.25 * measured["peak_bytes"])


if __name__ == "__main__":
    unittest.main()
