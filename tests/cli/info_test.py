import os
import subprocess
import unittest

from binary import BAGLOOM, BinaryTest, bagloom


class Info(BinaryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bag = cls.synth("plain.bag")
        cls.lz4 = cls.synth("lz4.bag", "--compression", "lz4", "--state-connections", 3)
        cls.unindexed = cls.synth("unindexed.bag", "--no-index")
        cls.walked = cls.synth("walked.bag", "--no-index", "--no-chunk-index", "--compression", "bz2")

    def test_text(self):
        said = self.expect(bagloom("info", self.bag), 0)
        self.assertIn(self.bag, said.out)
        self.assertIn("not compressed", said.out)
        self.assertIn("indexed", said.out)
        self.assertIn("2025-10-11 03:23:17.000 UTC", said.out)
        for line in ["/joint_states", "/camera_0/image/compressed", "sensor_msgs/CompressedImage", "latched"]:
            self.assertIn(line, said.out)

    def test_json(self):
        result = self.expect_json(bagloom("info", "--json", self.bag, self.lz4), 0)
        self.assertEqual(len(result["recordings"]), 2)
        for recording in result["recordings"]:
            self.expect_keys(recording, path=str, format=str, compression=str, indexed=bool, messages=int, start_ns=int, end_ns=int, topics=list, damage=list, bytes=int)
            self.assertEqual(recording["format"], "rosbag1")
            self.assertTrue(recording["indexed"])
            self.assertEqual(recording["damage"], [])
            self.assertEqual(recording["messages"], sum(topic["messages"] for topic in recording["topics"]))
            for topic in recording["topics"]:
                self.expect_keys(topic, name=str, type=str, messages=int, bytes=int, connections=int)
        plain, lz4 = result["recordings"]
        self.assertEqual([plain["compression"], lz4["compression"]], ["none", "lz4"])
        topics = {topic["name"]: topic for topic in lz4["topics"]}
        self.assertEqual(topics["/joint_states"]["connections"], 3)
        self.assertAlmostEqual(topics["/joint_states"]["messages"], 400, delta=1)
        self.assertAlmostEqual(topics["/joint_states"]["rate_hz"], 200, delta=1)
        self.assertEqual(plain["bytes"], os.path.getsize(self.bag))

    def test_without_index(self):
        states = {}
        for bag in (self.bag, self.unindexed, self.walked):
            recording = self.expect_json(bagloom("info", "--json", bag), 0)["recordings"][0]
            states[recording["index"]] = recording["messages"]
            self.assertEqual(recording["indexed"], bag == self.bag)
        self.assertEqual(set(states), {"indexed", "chunk_indexes", "walked"})
        self.assertEqual(len(set(states.values())), 1)

    def test_cut_file_shows_its_damage(self):
        with open(self.bag, "rb") as file:
            cut = self.file("cut.bag", file.read()[:-60000])
        recording = self.expect_json(bagloom("info", "--json", cut), 0)["recordings"][0]
        self.assertTrue(recording["damage"])
        for damage in recording["damage"]:
            self.expect_keys(damage, offset=int, topic=str, what=str)
        self.assertIn("damage", bagloom("info", cut).out)

    def test_folder_means_its_bags(self):
        os.makedirs(self.path("folder"))
        for name in ("b.bag", "a.bag", "c.txt"):
            os.link(self.bag, self.path("folder/" + name))
        result = self.expect_json(bagloom("info", "--json", self.path("folder")), 0)
        self.assertEqual([os.path.basename(r["path"]) for r in result["recordings"]], ["a.bag", "b.bag"])

    def test_one_of_several_cannot_be_read(self):
        no_bag = self.file("no.bag", b"hello, I am a text file\n" * 100)
        said = self.expect(bagloom("info", no_bag, self.bag), 4)
        self.assertEqual(said.err.count("\n"), 1, said)
        self.assertIn(no_bag, said.err)
        self.assertIn("/joint_states", said.out)
        result = self.expect_json(bagloom("info", "--json", no_bag, self.bag), 4)
        self.assertEqual(len(result["recordings"]), 1)
        self.assertEqual(result["failed"][0]["path"], no_bag)

    def test_none_can_be_read(self):
        for path in (self.file("empty.bag"), self.file("text.bag", b"x" * 5000), self.path("missing.bag"), "/dev/null", self.file("old.bag", b"#ROSBAG V1.2\n" + b"x" * 500)):
            said = self.expect(bagloom("info", path), 6)
            self.assertEqual(said.out, "")
            self.assertEqual(said.err.count("\n"), 1, said)
            self.assertIn(path, said.err)
            self.expect_json(bagloom("info", "--json", path), 6)
        os.makedirs(self.path("nothing_here"), exist_ok=True)
        self.assertIn("no *.bag", self.expect(bagloom("info", self.path("nothing_here")), 6).err)

    def test_names_from_a_recording_cannot_steer_the_terminal(self):
        with open(self.bag, "rb") as file:
            evil = self.file("evil.bag", file.read().replace(b"/joint_states", b"/joint\x1b[2Jte"))
        said = bagloom("info", evil)
        self.assertNotIn("\x1b", said.out + said.err)

    def test_reader_that_goes_away_is_no_error(self):
        bags = [self.bag] * 400
        process = subprocess.Popen([BAGLOOM, "info", *bags], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        self.assertEqual(process.wait(), 0)

    def test_full_disk_of_stdout_is_an_error(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BAGLOOM, "info", self.bag], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)

    def test_takes_limits(self):
        self.expect(bagloom("info", "--threads", 2, "--memory-limit", "256MiB", self.bag), 0)


if __name__ == "__main__":
    unittest.main()
