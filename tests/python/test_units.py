"""Units that hold the same are several all the same: a camera's picture that stands still, one topic for two features, episodes whose files
are written one after the other. Each of them once had one staged file, which the first that was done with it took away."""
import json
import subprocess
import time
import unittest

from dataset import Dataset, fingerprint
from support import BAGLOOM, BagloomTest, copy_bag, generic_recipe, numbered

STILL, CLOCK = "/camera_0/image/compressed", "/camera_1/image/compressed"
HEAD = f"robot: r\nfps: 30\ntask: t\ntimeline: {{topic: {CLOCK}, every: 1}}\n"
JOINTS = "[" + ", ".join(f"joint_{j}" for j in range(1, 8)) + "]"
STATE = f"  observation.state:\n    vector: [{{topic: /joint_states, field: position, names: {JOINTS}}}]\n"


def camera(name, rules="", topic=STILL):
    return f"  observation.images.{name}: {{camera: {topic}{rules}}}\n"


class Units(BagloomTest):
    def still(self, name, topic, repeated=False, seconds=5, size="160x120", leave_out=lambda message: False):
        """All of `topic`'s messages hold what the first one does; not `repeated`: only the first one is there."""
        path = self.folder / f"{name}_{'repeated' if repeated else 'once'}.bag"
        first = []

        def change(message):
            if message.connection.topic != topic:
                return [message.data]
            first[:] = first or [bytes(message.data)]
            return first

        later = numbered(topic, lambda n: n > 0)
        source = self.synth(f"source_{seconds}_{size}", seconds=seconds, size=size, cameras=2)
        return copy_bag(source, path, lambda m: leave_out(m) or (not repeated and later(m)), change)

    def prints(self, name, bags, recipe, *options):
        """One print for all: of the first bag with one thread and with four, and of the others."""
        found = set()
        for bag, threads in [(bags[0], 1), *((bag, 4) for bag in bags)]:
            dataset, _ = self.convert(bag, name, "--threads", threads, *options, recipe=recipe, code=(0, 3))
            self.assertFalse((self.folder / f"{name}.bagloom").exists())
            found.add(json.dumps(fingerprint(dataset), sort_keys=True))
        self.assertEqual(len(found), 1)
        return dataset

    def test_a_picture_that_stands_still(self):
        bags = [self.still("picture", STILL), self.still("picture", STILL, repeated=True)]
        for storage in ("", ", storage: image"):
            with self.subTest(storage):
                recipe = HEAD + "features:\n" + STATE + camera("still", ", match: hold, tolerance: 1000" + storage)
                self.assertGreater(len(Dataset(self.prints("picture", bags, recipe)).table), 128)
        with self.subTest("copied"):
            self.prints("copied", bags, HEAD + "features:\n" + STATE + camera("still", ", match: hold, tolerance: 1000"), "--set", "video.codec=copy")

    def test_a_gap_that_is_held(self):
        """The message before the hole stands in every row of it."""
        bag = copy_bag(self.synth("source_5_160x120", seconds=5, size="160x120", cameras=2), self.folder / "hole.bag", numbered(STILL, lambda n: 3 <= n < 145))
        dataset = self.prints("held", [bag], HEAD + "gaps: {hold: 1000}\nfeatures:\n" + STATE + camera("still", ", storage: image"))
        self.assertEqual(len({cell["bytes"] for cell in Dataset(dataset).table["observation.images.still"].to_pylist()[5:140]}), 1)

    def test_numbers_that_stand_still(self):
        bags = [self.still("numbers", "/joint_states"), self.still("numbers", "/joint_states", repeated=True)]
        dataset = self.prints("numbers", bags, HEAD + "features:\n" + STATE.replace("}]", ", match: hold, tolerance: none}]"))
        rows = Dataset(dataset).values("observation.state", 0)
        self.assertGreater(len(rows), 128)
        self.assertTrue((rows == rows[0]).all())

    def test_one_topic_for_two_features(self):
        bag = self.synth("source_5_160x120", seconds=5, size="160x120", cameras=2)
        for rules in (("", ""), (", match: hold", ", match: nearest"), (", storage: image", ", storage: image")):
            with self.subTest(rules):
                both = self.prints("both", [bag], HEAD + "features:\n" + STATE + camera("f", rules[0], CLOCK) + camera("g", rules[1], CLOCK))
                videos = [sorted(p.read_bytes() for p in (both / "videos" / f"observation.images.{name}").rglob("*.mp4")) for name in "fg"]
                self.assertEqual(videos[0], videos[1])
                if "image" in rules[0]:
                    table = Dataset(both).table
                    self.assertEqual(*(table[f"observation.images.{name}"].to_pylist() for name in "fg"))
                if rules != ("", ""):
                    continue
                alone, _ = self.convert(bag, "alone", recipe=HEAD + "features:\n" + STATE + camera("g", rules[1], CLOCK))
                self.assertEqual(videos[1], [p.read_bytes() for p in (alone / "videos").rglob("*.mp4")])
        with self.subTest("copied"):
            self.prints("both", [bag], HEAD + "features:\n" + STATE + camera("f", topic=CLOCK) + camera("g", topic=CLOCK), "--set", "video.codec=copy")

    # ---- across files
    SPLIT = HEAD + "gaps: {longer: split}\nfeatures:\n" + STATE + "%s"

    def episodes(self, repeated=False):
        """A hole in the joints makes two episodes."""
        hole = numbered("/joint_states", lambda n: 150 <= n < 250)
        return self.still("episodes", STILL, repeated, seconds=5, size="400x300", leave_out=hole)

    def test_a_picture_that_stands_still_in_several_files(self):
        bags = [self.episodes(), self.episodes(repeated=True)]
        for storage, files in (("", "videos/*/*/*.mp4"), (", storage: image", "data/*/*.parquet")):
            with self.subTest(storage):
                recipe = self.SPLIT % camera("still", ", match: hold, tolerance: 1000" + storage)
                dataset = self.prints("files", bags, recipe, "--set", "video.codec=copy", "--video-file-mib", 1, "--data-file-mib", 1)
                self.assertGreater(len(list(dataset.glob(files))), 1)

    def test_killed_and_run_again(self):
        bag, out = self.episodes(), self.folder / "killed"
        options = ["--set", "video.codec=copy", "--video-file-mib", 1, "--threads", 2]
        recipe = self.SPLIT % camera("still", ", match: hold, tolerance: 1000") + camera("too", ", match: hold, tolerance: 1000")
        want, _ = self.convert(bag, "whole", *options, recipe=recipe, code=3)
        command = list(map(str, [BAGLOOM, "convert", bag, "-o", out, "--recipe", f"{want}.recipe.yaml", *options]))
        killed = 0
        for sign in ("units/*.segment", "records/recording-*.json", "records/file-video-0-*.json", "records/file-video-1-*.json"):
            job = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            while job.poll() is None and not any(self.folder.glob(f"killed.bagloom/{sign}")):
                time.sleep(0.0005)
            job.kill()
            killed += job.wait() < 0
        self.bagloom(*command[1:], code=(2, 3))
        self.assertEqual(fingerprint(out), fingerprint(want))
        self.assertGreater(killed, 1, "no run was killed in time")


if __name__ == "__main__":
    unittest.main()
