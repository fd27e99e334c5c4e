"""The memory limit as a promise: kept under a ceiling that the kernel enforces, the same dataset for every limit, no growth with length, and a
certificate in the dataset that says what was expected and what was measured."""
import json
import random
import unittest

from dataset import fingerprint
from support import BAGLOOM, SANITIZED, BagloomTest, generic_recipe

MIB = 1 << 20
MARGIN = 8 * MIB  # of the ceiling above the limit: page tables, sockets and the like, which the kernel counts with the group


@unittest.skipIf(SANITIZED, "a sanitizer's own memory is in every number")
class Memory(BagloomTest):
    recipe = generic_recipe(cameras=2)

    def smallest(self, bag, recipe, *options):
        path = self.folder / "recipe.yaml"
        path.write_text(recipe, "utf-8")
        answer = json.loads(self.bagloom("convert", bag, "-o", self.folder / "never", "--recipe", path, "--memory-limit", "1MiB", "--json", *options, code=5))
        self.assertFalse((self.folder / "never").exists())
        return answer["smallest_limit_bytes"]

    def under_ceiling(self, ceiling, bag, out, recipe, limit, code):
        """Its report, run where the kernel kills what goes beyond the ceiling."""
        path, figures = self.folder / "recipe.yaml", self.folder / "figures.json"
        path.write_text(recipe, "utf-8")
        said = self.bagloom("measure", "--json", figures, "--ceiling", ceiling, "--", BAGLOOM, "convert", bag, "-o", self.folder / out, "--recipe", path,
                            "--memory-limit", limit, "--json", code=(code, 128 + 9))
        measured = json.loads(figures.read_text())
        if not measured["ceiling"]["enforced"]:
            self.skipTest("no control group of its own may be made here")
        self.assertFalse(measured["ceiling"]["killed"], f"killed at {ceiling / MIB:.0f} MiB with the limit {limit / MIB:.0f} MiB")
        return json.loads(said)

    def test_the_smallest_limit_holds_under_the_kernels_ceiling(self):
        for name, size, cameras, video in (("h264", "848x480", 1, "codec: h264"), ("copy", "320x240", 2, "codec: copy"), ("av1", "160x120", 1, "codec: av1")):
            with self.subTest(name):
                bag = self.synth(name, "--joint-hz", 50, seconds=3, size=size, cameras=cameras)
                recipe = generic_recipe(cameras=cameras, video=video)
                smallest = self.smallest(bag, recipe)
                report = self.under_ceiling(smallest + MARGIN, bag, f"{name}_smallest", recipe, smallest, 0)
                self.assertLessEqual(report["peak_bytes"], smallest)
                refused = self.under_ceiling(smallest + MARGIN, bag, f"{name}_below", recipe, smallest - 6 * MIB, 5)
                self.assertGreaterEqual(refused["smallest_limit_bytes"], smallest - 6 * MIB)
                self.assertFalse((self.folder / f"{name}_below").exists())

    def test_a_recording_that_is_longer_takes_no_more(self):
        peaks = {}
        for times in (1, 4, 16):
            bag = self.synth(f"long_{times}", "--joint-hz", 100, seconds=4 * times, size="160x120", cameras=2)
            _, report = self.convert(bag, "long", "--threads", 2, recipe=self.recipe)
            growing = sum(a["bytes"] for a in report["memory"]["accounts"] if a["name"] in ("plan", "chunk cache"))
            peaks[times] = report["peak_bytes"] - growing
        self.assertLess(max(peaks.values()) - min(peaks.values()), 4 * MIB, peaks)

    def test_every_limit_gives_the_same_dataset(self):
        bag = self.synth("limits", "--joint-hz", 100, seconds=5, size="320x240", cameras=2)
        dataset, report = self.convert(bag, "unlimited", "--threads", 4, recipe=self.recipe)
        want, natural = fingerprint(dataset), report["peak_bytes"]
        smallest = self.smallest(bag, self.recipe)
        limits = [smallest] + [max(smallest, int(natural * share)) for share in (0.9, 1, 1.1, 1.5, 2)]
        random.Random(1).shuffle(limits)
        for limit in limits:
            with self.subTest(limit=limit):
                dataset, report = self.convert(bag, "limited", "--threads", 4, "--memory-limit", limit, recipe=self.recipe)
                self.assertLessEqual(report["peak_bytes"], limit)
                self.assertEqual(fingerprint(dataset), want)

    def test_the_certificate(self):
        bag = self.synth("certificate", "--joint-hz", 50, "--compression", "lz4", seconds=3, size="160x120", cameras=2)
        dataset, report = self.convert(bag, "certified", "--memory-limit", "200MiB", recipe=self.recipe)
        record = json.loads((dataset / "meta/bagloom/report.json").read_text())["memory"]
        self.assertEqual(record["limit_bytes"], 200 * MIB)
        self.assertTrue(record["tool"].startswith("bagloom "))
        self.assertEqual(record["peak_bytes"], report["peak_bytes"])
        self.assertEqual(record["expected_peak_bytes"], report["memory"]["expected_peak_bytes"])
        self.assertLessEqual(record["peak_bytes"], record["expected_peak_bytes"])
        accounts = {a["name"]: a for a in record["accounts"]}
        self.assertEqual(list(accounts), ["base", "code", "threads", "plan", "chunk cache", "tasks and assembly"])
        self.assertEqual(accounts["base"]["reserved_bytes"], accounts["base"]["measured_bytes"])
        for name in ("base", "code", "tasks and assembly"):
            self.assertGreater(accounts[name]["measured_bytes"], 0, name)
        self.assertGreater(record["compressed_chunks"], 0)
        self.assertGreaterEqual(record["inflations"], record["compressed_chunks"])
        self.assertLessEqual(record["inflations"], 2 * record["compressed_chunks"])

    def test_plan_expects_what_convert_expects(self):
        bag = self.synth("planned", "--joint-hz", 50, seconds=3, size="320x240", cameras=1)
        path = self.folder / "planned.yaml"
        path.write_text(generic_recipe(cameras=1), "utf-8")
        planned = json.loads(self.bagloom("plan", bag, "--recipe", path, "--json"))["memory"]
        _, report = self.convert(bag, "as_planned", recipe=generic_recipe(cameras=1))
        self.assertLess(abs(planned["expected_peak_bytes"] - report["memory"]["expected_peak_bytes"]), 2 * MIB)
        self.assertEqual([a["name"] for a in planned["accounts"]], [a["name"] for a in report["memory"]["accounts"]])


if __name__ == "__main__":
    unittest.main()
