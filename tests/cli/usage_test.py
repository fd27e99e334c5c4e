import unittest

from binary import BinaryTest, bagloom

VERBS = ["info", "scan", "init", "plan", "convert", "verify", "synth"]


class Usage(BinaryTest):
    def wrong(self, *arguments):
        said = self.expect(bagloom(*arguments), 2)
        self.assertEqual(said.out, "")
        self.assertEqual(said.err.count("\n"), 1, said)
        self.assertTrue(said.err.startswith("bagloom: "), said)
        result = self.expect_json(bagloom(*arguments, "--json"), 2)
        self.assertEqual("bagloom: " + result["error"] + "\n", said.err)
        return said.err

    def test_help(self):
        said = self.expect(bagloom("--help"), 0)
        for verb in VERBS:
            self.assertIn("\n  " + verb + " ", said.out)
        self.assertIn("Exit codes", said.out)
        for verb in VERBS:
            said = self.expect(bagloom(verb, "--help"), 0)
            self.assertIn("--json", said.out)
            for line in said.out.splitlines():
                self.assertLessEqual(len(line), 120, line)
        for verb in ("info", "scan", "plan", "convert", "verify"):
            said = bagloom(verb, "-h")
            self.assertIn("--memory-limit", said.out)
            self.assertIn("--threads", said.out)

    def test_version(self):
        said = self.expect(bagloom("--version"), 0)
        self.assertRegex(said.out, r"^bagloom \d+\.\d+\.\d+\n")
        for word in ("libavcodec", "turbojpeg", "Arrow"):
            self.assertIn(word, said.out)

    def test_nothing(self):
        self.assertIn("a verb is needed", self.wrong())

    def test_unknown_verb(self):
        self.assertIn("did you mean info?", self.wrong("inof", "x.bag"))
        self.assertIn("did you mean convert?", self.wrong("covnert", "x.bag", "-o", "y"))
        self.assertNotIn("did you mean", self.wrong("frobnicate"))

    def test_unknown_option(self):
        self.assertIn("unknown option --jsno; did you mean --json?", self.wrong("info", "x.bag", "--jsno"))
        self.assertIn("did you mean --memory-limit?", self.wrong("convert", "x.bag", "-o", "y", "--memory=1GiB"))
        self.assertIn("did you mean --recipe?", self.wrong("convert", "x.bag", "-o", "y", "--recipie", "r"))
        self.assertIn("unknown option -q", self.wrong("info", "-q", "x.bag"))

    def test_flags_take_no_value(self):
        for value in ("maybe", "5", "true", "false", ""):
            self.assertIn("info: --json takes no value", self.wrong("info", "x", "--json=" + value))
        for verb in VERBS + ["bench"]:
            self.assertIn(verb + ": --json takes no value", self.wrong(verb, "x", "--json=maybe"))
        for verb, flag in (("convert", "--overwrite"), ("verify", "--no-decode"), ("synth", "--raw"), ("info", "--help")):
            self.assertIn(verb + ": " + flag + " takes no value", self.wrong(verb, "x", flag + "=1"))
        self.assertIn("--version takes no value", self.wrong("--version=1"))
        self.assertIn("--no-trace takes no value", self.expect(bagloom("measure", "--no-trace=yes", "true"), 2).err)
        # What has a value, and what is another program's.
        record = self.path("record.json")
        said = bagloom("measure", "--no-trace", "--json=" + record, "--", "echo", "--no-trace=yes")
        self.assertEqual([said.code, said.out], [0, "--no-trace=yes\n"], said)
        with open(record) as file:
            self.assertTrue(file.read())

    def test_missing(self):
        self.assertIn("BAG", self.wrong("info"))
        self.assertIn("--output", self.wrong("convert", "x.bag"))
        self.assertIn("DATASET", self.wrong("verify"))

    def test_values(self):
        self.assertIn("'lots' is not a size such as 256MiB", self.wrong("info", "x.bag", "--memory-limit", "lots"))
        self.wrong("info", "x.bag", "--threads", "0")
        self.wrong("info", "x.bag", "--threads", "many")
        self.assertIn("848x480", self.wrong("synth", "-o", self.path("x.bag"), "--size", "big"))
        self.assertIn("3.0-3.5", self.wrong("synth", "-o", self.path("x.bag"), "--gap", "4"))
        self.assertIn("zip", self.wrong("synth", "-o", self.path("x.bag"), "--compression", "zip"))

    def test_recipe_that_is_not_there(self):
        self.assertIn("missing.yaml", self.wrong("convert", "x.bag", "-o", self.path("out"), "--recipe", self.path("missing.yaml")))


if __name__ == "__main__":
    unittest.main()
