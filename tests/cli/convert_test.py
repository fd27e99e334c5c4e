import json
import os
import shlex
import shutil
import unittest

from binary import BinaryTest, bagloom


class Convert(BinaryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bag = cls.synth("a.bag")
        cls.gap = cls.synth("gap.bag", "--gap", "0.5-1.5")

    def test_text(self):
        out = self.path("text")
        said = self.expect(bagloom("convert", self.bag, "-o", out), 0)
        for word in ("1 episode", "peak memory", "bagloom verify " + out, "lerobot-train"):
            self.assertIn(word, said.out)

    def test_next_commands_can_be_pasted(self):
        for given, name in (("a b'c", "a b'c"), ("slashes//", "slashes"), ("$(x)~", "$(x)~"), ("数据", "数据")):
            said = self.expect(bagloom("convert", self.bag, "-o", self.path(given)), 0)
            out = self.path(name)
            lines = said.out.split("next:\n")[1].splitlines()
            wanted = [["bagloom", "verify", out],
                      ["lerobot-dataset-viz", "--repo-id", "local/" + name, "--root", out],
                      ["lerobot-train", "--dataset.repo_id=local/" + name, "--dataset.root=" + out]]
            self.assertEqual([shlex.split(line)[:len(words)] for line, words in zip(lines, wanted)], wanted)
        self.assertNotIn("'", "".join(lines), "quotes where none are needed")

    def test_json(self):
        result = self.expect_json(bagloom("convert", "--json", self.bag, "-o", self.path("json")), 0)
        self.expect_keys(result, dataset=str, episodes=int, rows=int, seconds=(int, float), peak_bytes=int, tasks_at_once=int, losses=list, failed=list)
        self.assertEqual(result["episodes"], 1)
        self.assertEqual(result["failed"], [])
        self.assertTrue(os.path.exists(self.path("json/meta/info.json")))

    def test_set_changes_the_guessed_recipe(self):
        result = self.expect_json(bagloom("convert", "--json", self.bag, "-o", self.path("set"), "--set", "task=fold the towel"), 0)
        self.assertEqual(result["episodes"], 1)
        said = self.expect(bagloom("convert", self.bag, "-o", self.path("set2"), "--set", "taks=x"), 2)
        self.assertIn("taks", said.err)

    def test_recipe_of_init(self):
        recipe = self.path("r.yaml")
        self.expect(bagloom("init", self.bag, "-o", recipe), 0)
        self.expect(bagloom("convert", self.bag, "-o", self.path("recipe"), "--recipe", recipe), 0)

    def test_a_bad_bag_is_left_out(self):
        bad = self.file("bad.bag", b"no bag at all")
        result = self.expect_json(bagloom("convert", "--json", bad, self.bag, "-o", self.path("some")), 4)
        self.assertEqual(result["episodes"], 1)
        self.assertEqual(result["failed"][0]["recording"], bad)
        said = self.expect(bagloom("convert", bad, self.bag, "-o", self.path("some2")), 4)
        self.assertIn(bad, said.err)
        self.assertIn("1 episode", said.out)

    def test_rejected_among_good(self):
        result = self.expect_json(bagloom("convert", "--json", self.gap, self.bag, "-o", self.path("reject")), 3)
        self.assertEqual([result["episodes"], result["rejected"]], [1, 1])
        self.assertTrue(result["losses"])

    def test_no_recording(self):
        bad = self.file("none.bag", b"no bag at all")
        self.expect_json(bagloom("convert", "--json", bad, "-o", self.path("none")), 6)
        self.assertFalse(os.path.exists(self.path("none")))

    def test_too_little_memory(self):
        result = self.expect_json(bagloom("convert", "--json", self.bag, "-o", self.path("small"), "--memory-limit", "2MiB"), 5)
        self.expect_keys(result, smallest_limit_bytes=int)
        self.assertGreater(result["smallest_limit_bytes"], 2 << 20)

    def test_a_limit_whose_unit_was_forgotten(self):
        for verb in ("convert", "plan", "info"):
            said = self.expect(bagloom(verb, self.bag, *(["-o", self.path("bytes")] if verb == "convert" else []), "--memory-limit", "256"), 2)
            self.assertIn("'256' is 256 bytes: write a unit, such as 256MiB", said.err)

    def test_a_folder_of_somebody_else_is_never_touched(self):
        os.makedirs(self.path("mine"))
        precious = self.file("mine/thesis.txt", b"precious")
        self.assertEqual(bagloom("convert", self.bag, "-o", self.path("mine"), "--overwrite").code, 2)
        self.assertEqual(os.listdir(self.path("mine")), ["thesis.txt"])
        self.assertTrue(os.path.exists(precious))

    def test_what_was_added_to_a_dataset_is_never_removed(self):
        out = self.path("added")
        self.expect(bagloom("convert", self.bag, "-o", out), 0)
        precious = self.file("added/mine.txt", b"precious")
        os.makedirs(self.path("added/notes"))
        before = sorted(os.walk(out))
        for option in ((), ("--set", "task=another")):  # the same job made again, another one in its place
            said = self.expect(bagloom("convert", self.bag, "-o", out, "--overwrite", *option), 2)
            self.assertEqual(said.err.count("\n"), 1, said)
            self.assertIn("holds 'mine.txt'", said.err)
            self.assertIn("move it away", said.err)
        self.assertEqual(sorted(os.walk(out)), before)
        with open(precious, "rb") as file:
            self.assertEqual(file.read(), b"precious")
        self.assertFalse(os.path.exists(out + ".bagloom"))
        os.remove(precious)
        os.rmdir(self.path("added/notes"))
        self.expect(bagloom("convert", self.bag, "-o", out, "--overwrite"), 0)

    def test_what_was_added_inside_of_a_dataset_is_never_removed(self):
        out = self.path("deep")
        self.expect(bagloom("convert", self.bag, "-o", out), 0)
        camera = "videos/" + os.listdir(os.path.join(out, "videos"))[0]
        for added in ("meta/modality.json", "data/notes.txt", "data/chunk-000/file-000.csv", "data/chunk-000/file-.parquet", "meta/bagloom/why.md",
                      "meta/episodes/old.parquet", camera + "/cover.png", camera + "/chunk-000/file-000.mp4/", "videos/file-000.mp4", "meta/notes/"):
            with self.subTest(added):
                path = os.path.join(out, added).rstrip("/")
                if os.path.exists(path):  # a folder where a file belongs
                    os.rename(path, self.path("aside"))
                os.makedirs(path) if added.endswith("/") else self.file("deep/" + added, b"precious")
                before = sorted(os.walk(out))
                for place in (out, out + "/"):
                    said = self.expect(bagloom("convert", self.bag, "-o", place, "--overwrite"), 2)
                    self.assertEqual(said.err.count("\n"), 1, said)
                    self.assertIn(f"holds '{added.rstrip('/')}', which bagloom did not make; move it away", said.err)
                self.assertEqual(sorted(os.walk(out)), before)
                self.assertFalse(os.path.exists(out + ".bagloom"))
                os.rmdir(path) if added.endswith("/") else os.remove(path)
                if os.path.exists(self.path("aside")):
                    os.rename(self.path("aside"), path)
        # A part that was moved to another disk: the link would go.
        os.rename(os.path.join(out, "videos"), self.path("elsewhere"))
        os.symlink(self.path("elsewhere"), os.path.join(out, "videos"))
        self.assertIn("holds 'videos'", self.expect(bagloom("convert", self.bag, "-o", out, "--overwrite"), 2).err)
        os.remove(os.path.join(out, "videos"))
        self.expect(bagloom("convert", self.bag, "-o", out, "--overwrite"), 0)

    def test_a_link_to_a_dataset_stays_one(self):
        os.makedirs(self.path("disk"))
        link, target = self.path("to_disk"), self.path("disk/set")
        os.symlink("disk/set", self.path("between"))
        os.symlink(self.path("between"), link)
        for place, options in ((link, ()), (link + "/", ("--overwrite",)), (link, ("--overwrite", "--set", "task=another"))):
            said = self.expect(bagloom("convert", self.bag, "-o", place, *options), 0)
            self.assertIn(place, said.out)
            self.assertTrue(os.path.islink(link) and os.path.islink(self.path("between")) and not os.path.islink(target))
            self.assertEqual(os.listdir(self.path("disk")), ["set"])
            self.expect(bagloom("verify", link), 0)
        self.assertIn("is complete already", self.expect(bagloom("convert", self.bag, "-o", link, "--set", "task=another"), 0).out)
        os.symlink("ring", self.path("ring"))
        self.assertIn("cannot be followed", self.expect(bagloom("convert", self.bag, "-o", self.path("ring")), 2).err)
        os.symlink(target + "/inner", self.path("in"))
        self.assertIn("lies in the dataset", self.expect(bagloom("convert", self.bag, "-o", self.path("in")), 2).err)
        self.assertIn("lies in the dataset", self.expect(bagloom("plan", self.bag, "-o", self.path("in")), 2).err)

    def test_a_dataset_whose_files_are_gone_is_not_complete(self):
        out = self.path("gone")
        self.expect(bagloom("convert", self.bag, "-o", out), 0)
        self.assertIn("is complete already", self.expect(bagloom("convert", self.bag, "-o", out), 0).out)
        self.file("gone/mine.txt", b"beside the dataset")
        self.assertIn("is complete already", self.expect(bagloom("convert", self.bag, "-o", out), 0).out)
        os.remove(self.path("gone/mine.txt"))
        shutil.rmtree(self.path("gone/videos"))
        before = sorted(os.walk(out))
        said = self.expect(bagloom("convert", self.bag, "-o", out), 1)
        self.assertEqual(said.out, "")
        self.assertRegex(said.err, r"gone: is not what was made any more: \d+ bytes, \d+ were written; `bagloom verify OUT`.*--overwrite.*\n$")
        self.assertEqual(said.err.count("\n"), 1, said)
        self.expect_json(bagloom("convert", "--json", self.bag, "-o", out), 1)
        self.assertEqual(sorted(os.walk(out)), before)
        self.assertFalse(os.path.exists(out + ".bagloom"))
        self.expect(bagloom("convert", self.bag, "-o", out, "--overwrite"), 0)
        self.assertIn("is complete already", self.expect(bagloom("convert", self.bag, "-o", out), 0).out)
        with open(self.path("gone/meta/info.json"), "ab") as file:
            file.write(b" ")
        self.expect(bagloom("convert", self.bag, "-o", out), 1)

    def test_a_report_without_the_size_is_taken_as_it_is(self):
        out = self.path("older")
        self.expect(bagloom("convert", self.bag, "-o", out), 0)
        path = os.path.join(out, "meta", "bagloom", "report.json")
        with open(path) as file:
            report = json.load(file)
        del report["dataset_bytes"]
        with open(path, "w") as file:
            json.dump(report, file)
        self.assertIn("is complete already", self.expect(bagloom("convert", self.bag, "-o", out), 0).out)

    def test_not_inside_of_a_dataset(self):
        dataset = self.path("outer")
        self.expect(bagloom("convert", self.bag, "-o", dataset), 0)
        before = sorted(os.walk(dataset))
        os.makedirs(self.path("theirs/meta"))
        self.file("theirs/meta/info.json", b"{}")
        os.symlink(dataset, self.path("link"))
        for place in ("outer/inner", "outer/videos/deep/er", "outer/", "theirs/inner", "link/inner"):
            with self.subTest(place):
                said = self.expect(bagloom("convert", self.gap, "-o", self.path(place)), 2)
                self.assertEqual(len(said.err.splitlines()), 1, said)
        for place in (self.path("outer/inner"), self.path("theirs/inner/")):
            self.assertIn("lies in the dataset", self.expect(bagloom("convert", self.bag, "-o", place), 2).err)
            self.assertIn("lies in the dataset", self.expect(bagloom("plan", self.bag, "-o", place), 2).err)
        self.assertEqual(sorted(os.walk(dataset)), before)
        self.assertEqual(os.listdir(self.path("theirs")), ["meta"])

    def test_not_around_a_recording(self):
        out = self.path("around")
        self.expect(bagloom("convert", self.bag, "-o", out), 0)
        inside = os.path.join(out, "mine.bag")
        shutil.copy(self.bag, inside)
        said = self.expect(bagloom("convert", inside, "-o", out, "--overwrite"), 2)
        self.assertIn("holds the recording", said.err)
        self.assertTrue(os.path.exists(inside))
        for nameless in (".", "..", out + "/.", "/"):
            self.expect(bagloom("convert", self.bag, "-o", nameless, "--overwrite"), 2)

    def test_not_inside_of_another_job(self):
        os.makedirs(self.path("job.bagloom"))
        self.file("job.bagloom/lock")
        self.file("job.bagloom/job.json", b"{}")
        self.assertIn("working folder", self.expect(bagloom("convert", self.bag, "-o", self.path("job.bagloom/out")), 2).err)

    def test_plan(self):
        said = self.expect(bagloom("plan", self.bag), 0)
        for word in ("episode", "/joint_states", "memory:", "disk:"):
            self.assertIn(word, said.out)
        result = self.expect_json(bagloom("plan", "--json", self.bag, "-o", self.path("planned")), 0)
        self.expect_keys(result, recordings=list, failed=list, losses=list, episodes=int, rows=int, memory=dict, output_bytes=int, staging_bytes=int, free_bytes=int)
        self.assertFalse(os.path.exists(self.path("planned")))
        self.assertGreater(result["rows"], 10)
        self.assertIn("features", result["recordings"][0])
        self.assertIsInstance(result["recordings"][0]["features"][0]["skew_max_ns"], int)

    def test_plan_makes_up_no_figures(self):
        bare = self.expect_json(bagloom("plan", "--json", self.bag), 0)
        self.assertIsNone(bare["free_bytes"])  # of no disk
        two = self.path("two.bag")
        self.expect(bagloom("synth", "-o", two, "--seconds", 2, "--size", "160x120", "--cameras", 2), 0)
        rejecting = (two, "--set", "features.observation.images.camera_1.tolerance=0")
        rejected = self.expect_json(bagloom("plan", "--json", *rejecting), 3)["recordings"][0]
        self.assertTrue(rejected["rejected"])
        for feature in rejected["features"]:
            self.assertEqual([feature["skew_p50_ns"], feature["skew_p99_ns"], feature["skew_max_ns"]], [None] * 3)
        self.assertRegex(bagloom("plan", *rejecting).out, r"/joint_states .*- +- +-\n")

    def test_unusable_messages_are_no_matter_of_plan(self):
        said = self.expect(bagloom("convert", self.bag, "-o", self.path("none"), "--set", "features.action.vector.0.field=velocity"), 1)
        self.assertIn("the array has 0 elements", said.err)
        self.assertIn("change what the recipe takes for action from /joint_commands", said.err)
        self.assertNotIn("bagloom plan", said.err)

    def test_damaged_chunk_without_a_recipe(self):
        for compression in ("lz4", "bz2"):
            bag = self.synth(compression + ".bag", "--compression", compression)
            with open(bag, "rb") as file:
                data = bytearray(file.read())
            data[9000] ^= 1
            damaged = self.file("damaged.bag", bytes(data))
            for verb in (("convert", damaged, "-o", self.path("damaged")), ("plan", damaged)):
                said = self.expect(bagloom(*verb), 1)
                self.assertIn("0x1015", said.err)
                self.assertIn(compression + ": ", said.err)
            self.assertNotIn("not compressed", bagloom("info", damaged).out)


if __name__ == "__main__":
    unittest.main()
