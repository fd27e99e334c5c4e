import json
import os
import shutil
import unittest

from binary import BinaryTest, bagloom


class Verify(BinaryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dataset = cls.path("dataset")
        said = bagloom("convert", cls.synth("a.bag"), "-o", cls.dataset)
        if said.code != 0:
            raise AssertionError(said)

    def copy(self, name):
        return shutil.copytree(self.dataset, self.path(name))

    def test_good(self):
        said = self.expect(bagloom("verify", self.dataset), 0)
        self.assertIn(": ok", said.out)
        result = self.expect_json(bagloom("verify", "--json", self.dataset), 0)
        self.expect_keys(result, ok=bool, checks=int, problems=list)
        self.assertTrue(result["ok"])
        self.assertGreater(result["checks"], 20)
        self.assertEqual(result["pictures"], result["rows"])

    def test_without_decoding(self):
        self.assertEqual(self.expect_json(bagloom("verify", "--json", "--no-decode", self.dataset), 0)["pictures"], 0)

    def test_problems(self):
        broken = self.copy("broken")
        path = os.path.join(broken, "meta", "info.json")
        with open(path) as file:
            info = json.load(file)
        info["total_frames"] += 1
        with open(path, "w") as file:
            json.dump(info, file)
        said = self.expect(bagloom("verify", broken), 1)
        self.assertIn("NOT ok", said.out)
        result = bagloom("verify", "--json", broken).json()
        self.assertFalse(result["ok"])
        for problem in result["problems"]:
            self.expect_keys(problem, check=str, severity=str, where=str, what=str)

    def test_a_warning_leaves_it_ok(self):
        warned = self.copy("warned")
        path = os.path.join(warned, "meta", "info.json")
        with open(path) as file:
            info = json.load(file)
        info["unknown_key"] = 1
        with open(path, "w") as file:
            json.dump(info, file)
        result = self.expect_json(bagloom("verify", "--json", "--no-decode", warned), 0)
        self.assertEqual([problem["severity"] for problem in result["problems"]], ["W"])
        self.assertTrue(result["ok"])
        self.assertIn(" decoded, 0 problems, 1 remark", bagloom("verify", "--no-decode", warned).out)
        self.assertIn("Exit code 1 where a problem is worse than W", bagloom("verify", "--help").out)

    def test_no_dataset(self):
        os.makedirs(self.path("empty"), exist_ok=True)
        for path in (self.path("missing"), self.path("empty"), self.file("a_file", b"x")):
            said = self.expect(bagloom("verify", path), 6)
            self.assertEqual(said.out, "")
            self.expect_json(bagloom("verify", "--json", path), 6)


if __name__ == "__main__":
    unittest.main()
