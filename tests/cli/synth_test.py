import hashlib
import os
import unittest

from binary import BinaryTest, bagloom


class Synth(BinaryTest):
    def digest(self, path):
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def test_same_seed_same_bytes(self):
        one, two, other = (self.synth(name, "--seed", seed, "--drop", "0.05", "--corrupt", "3,9") for name, seed in (("1.bag", 7), ("2.bag", 7), ("3.bag", 8)))
        self.assertEqual(self.digest(one), self.digest(two))
        self.assertNotEqual(self.digest(one), self.digest(other))

    def test_json(self):
        path = self.path("j.bag")
        result = self.expect_json(bagloom("synth", "--json", "-o", path, "--seconds", "0.5", "--size", "160x120"), 0)
        self.expect_keys(result, path=str, messages=int, bytes=int, topics=list)
        self.assertEqual(result["bytes"], os.path.getsize(path))
        self.assertIn("/camera_2/image/compressed", result["topics"])

    def test_refuses_to_replace(self):
        path = self.file("mine.bag", b"precious")
        said = self.expect(bagloom("synth", "-o", path, "--seconds", "0.5"), 2)
        self.assertIn("--force", said.err)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"precious")
        self.expect(bagloom("synth", "-o", path, "--seconds", "0.5", "--cameras", 0, "--force"), 0)

    def test_kuavo(self):
        path = self.synth("kuavo.bag", "--layout", "kuavo", "--joint-hz", 500, seconds=1)
        names = {t["name"]: t for t in bagloom("info", "--json", path).json()["recordings"][0]["topics"]}
        self.assertEqual(names["/sensors_data_raw"]["type"], "kuavo_msgs/sensorsData")
        self.assertAlmostEqual(names["/sensors_data_raw"]["messages"], 500, delta=1)
        self.assertIn("/cam_h/color/image_raw/compressed", names)

    def test_wrong_values(self):
        for options in (["--layout", "tiago"], ["--layout", "kuavo", "--cameras", 4], ["--drop", 3], ["--seconds", 0], ["--joints", 0]):
            self.assertEqual(bagloom("synth", "-o", self.path("x.bag"), *options).code, 2, options)
            self.assertFalse(os.path.exists(self.path("x.bag")))

    def test_folder_that_is_not_there(self):
        self.assertIn(bagloom("synth", "-o", self.path("no/such/x.bag"), "--seconds", 1).code, (1, 2))


if __name__ == "__main__":
    unittest.main()
