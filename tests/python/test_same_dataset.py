"""The order of work never shows in the result: the same files (all but meta/bagloom) for any threads, memory limit and interruption, and the
same dataset from a recording with bad pictures as from one that never had them."""
import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from dataset import Dataset, fingerprint
from decode import decode
from support import BAGLOOM, SANITIZED, BagloomTest, copy_bag, generic_recipe, with_shadow

MIB = 1 << 20


class SameDataset(BagloomTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recipe = generic_recipe(fps=30, every=1)
        cls.want = None

    def reference(self):
        bag = self.synth("base", "--jitter", 2, "--drop", 0.01, "--compression", "lz4", seconds=8, size="320x240")
        if type(self).want is None:
            dataset, _ = self.convert(bag, "reference", "--threads", 2, recipe=self.recipe)
            type(self).want = fingerprint(dataset)
            self.assertGreater(len(Dataset(dataset).table), 200)
        return bag

    def test_threads(self):
        bag = self.reference()
        for threads in (1, 2, 8):
            with self.subTest(threads=threads):
                dataset, _ = self.convert(bag, "threads", "--threads", threads, recipe=self.recipe)
                self.assertEqual(fingerprint(dataset), self.want)

    def test_memory_limits(self):
        bag = self.reference()
        recipe = self.folder / "recipe.yaml"
        recipe.write_text(self.recipe)
        out = self.folder / "too_small"
        answer = json.loads(self.bagloom("convert", bag, "-o", out, "--recipe", recipe, "--memory-limit", "1MiB", "--json", code=5))
        self.assertEqual(answer["exit_code"], 5)
        self.assertFalse(out.exists())
        smallest = with_shadow(answer["smallest_limit_bytes"])
        for limit in (smallest, smallest + 8 * MIB, 256 * MIB, 1024 * MIB):
            with self.subTest(limit=limit):
                dataset, report = self.convert(bag, "limits", "--threads", 2, "--memory-limit", limit, recipe=self.recipe)
                self.assertEqual(fingerprint(dataset), self.want)
                if not SANITIZED:
                    self.assertLessEqual(report["peak_bytes"], limit)

    # ---- interruptions
    def start(self, bag, out):
        recipe = self.folder / "recipe.yaml"
        recipe.write_text(self.recipe)
        return subprocess.Popen([BAGLOOM, "convert", bag, "-o", out, "--recipe", recipe, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                stdin=subprocess.DEVNULL, env={**os.environ})

    def seconds_of_a_run(self, bag):
        began = time.monotonic()
        self.convert(bag, "timed", recipe=self.recipe)
        return time.monotonic() - began

    def test_kill_and_rerun(self):
        bag, seed = self.reference(), random.randrange(1 << 30)
        moments, whole, killed = random.Random(seed), self.seconds_of_a_run(bag), 0
        for attempt in range(4):
            with self.subTest(seed=seed, attempt=attempt):
                out = self.folder / f"killed_{attempt}"
                for _ in range(2):  # the second kill may meet a job that goes on
                    job = self.start(bag, out)
                    time.sleep(moments.uniform(0.05, whole))
                    job.kill()
                    job.communicate()
                    killed += job.returncode == -signal.SIGKILL
                    # What stands at OUT is nothing, or the whole dataset.
                    if out.exists():
                        self.assertEqual(fingerprint(out), self.want)
                job = self.start(bag, out)
                _, errors = job.communicate(timeout=300)
                self.assertEqual(job.returncode, 0, errors)
                self.assertEqual(fingerprint(out), self.want)
                self.assertFalse((self.folder / f"killed_{attempt}.bagloom").exists(), "the job's folder was left behind")
        self.assertGreater(killed, 0, "no run was killed in time")

    def test_stop_by_signal_and_rerun(self):
        bag, codes = self.reference(), []
        whole = self.seconds_of_a_run(bag)
        for number, share in ((signal.SIGTERM, 0.3), (signal.SIGINT, 0.6)):
            out = self.folder / f"signal_{number}"
            job = self.start(bag, out)
            time.sleep(whole * share)
            job.send_signal(number)
            _, errors = job.communicate(timeout=60)
            codes.append(job.returncode)
            if job.returncode == 0:
                continue  # it was done before
            self.assertEqual(job.returncode, 128 + number, errors)
            self.assertFalse(out.exists())
            job = self.start(bag, out)
            _, errors = job.communicate(timeout=300)
            self.assertEqual(job.returncode, 0, errors)
            self.assertEqual(fingerprint(out), self.want)
        self.assertIn(128 + signal.SIGTERM, codes)

    def test_again_is_the_same(self):
        """A second run over a finished dataset changes nothing that a reader sees."""
        bag = self.reference()
        out, _ = self.convert(bag, "again", recipe=self.recipe)
        recipe = self.folder / "again.recipe.yaml"
        self.bagloom("convert", bag, "-o", out, "--recipe", recipe, code=(0, 2))
        self.assertEqual(fingerprint(out), self.want)

    # ---- bad pictures
    def test_bad_pictures_as_if_never_recorded(self):
        for name, frames in (("one", {31}), ("three", {31, 32, 77}), ("many", set(range(20, 118, 7)))):
            with self.subTest(name):
                bad = self.synth(f"bad_{name}", "--corrupt", ",".join(map(str, sorted(frames))), "--jitter", 1)

                def corrupt(message):
                    return message.connection.topic.startswith("/camera_0/") and decode(message).header.seq in frames

                never = copy_bag(bad, self.folder / f"never_{name}.bag", corrupt)
                recipe = generic_recipe(fps=10, every=3)
                with_bad, report = self.convert(bad, f"with_{name}", recipe=recipe, code=(0, 3))
                without, _ = self.convert(never, f"without_{name}", recipe=recipe, code=(0, 3))
                self.assertEqual(fingerprint(with_bad), fingerprint(without))
        self.assertTrue([loss for loss in report["losses"] if loss["kind"] == "unusable_message"])

    def test_copied_pictures_of_the_statistics_have_tasks_of_their_own(self):
        """Decoded beside the copying, or within it where --check-pictures decodes all: the same dataset."""
        recipe = generic_recipe(fps=30, every=1, video="codec: copy")
        bag = self.synth("copied", "--jitter", 1)
        apart, report = self.convert(bag, "apart", recipe=recipe)
        self.assertGreater(report["statistics_seconds"], 0)
        within, report = self.convert(bag, "within", "--check-pictures", recipe=recipe)
        self.assertEqual(report["statistics_seconds"], 0)
        self.assertEqual(fingerprint(apart), fingerprint(within))

    def test_a_bad_copied_picture_is_named_once(self):
        """Both the task that copies and the one that decodes for the statistics come upon it."""
        recipe = generic_recipe(fps=30, every=1, video="codec: copy")
        bag = self.synth("bad_copy", "--corrupt", ",".join(map(str, range(20, 110, 9))), "--jitter", 1)
        prints, losses = [], []
        for threads in (1, 4):
            dataset, report = self.convert(bag, f"bad_copy_{threads}", "--threads", threads, recipe=recipe, code=3)
            prints.append(fingerprint(dataset))
            losses.append([(loss["topic"], loss["time_ns"]) for loss in report["losses"] if loss["kind"] == "unusable_message"])
            self.assertEqual(len(losses[-1]), len(set(losses[-1])))
        self.assertEqual(prints[0], prints[1])
        self.assertEqual(losses[0], losses[1])
        self.assertTrue(losses[0])

    def test_an_output_of_others_is_not_touched(self):
        bag = self.reference()
        out = self.folder / "foreign"
        out.mkdir()
        (out / "thesis.txt").write_text("mine")
        self.bagloom("convert", bag, "-o", out, code=2)
        self.assertEqual([p.name for p in out.iterdir()], ["thesis.txt"])


if __name__ == "__main__":
    unittest.main()
