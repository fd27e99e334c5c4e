"""A stdout that is full, closed, or read by nobody any more."""
import os
import shlex
import subprocess
import unittest

from binary import BAGLOOM, BinaryTest, Said, bagloom


@unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
class Stdout(BinaryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bag = cls.synth("a.bag")

    def shell(self, redirection, *arguments):
        line = f"{shlex.join([BAGLOOM, *map(str, arguments)])} {redirection}"
        return Said(subprocess.run(["sh", "-c", line], stdout=subprocess.PIPE, stderr=subprocess.PIPE))

    def test_what_is_made_is_made(self):
        for name, redirection in (("full", ">/dev/full"), ("closed", ">&-"), ("none", "<&- >&-")):
            for options in ([], ["--json"]):
                with self.subTest(name + "".join(options)):
                    out = self.path(name + "".join(options))
                    said = self.shell(redirection, "convert", self.bag, "-o", out, *options)
                    self.assertEqual(said.code, 0, said)
                    self.assertEqual(len(said.err.splitlines()), 1, said)
                    self.assertIn("standard output", said.err)
                    self.assertIn(out + " is complete", said.err)
                    self.expect(bagloom("verify", out), 0)
            for verb in (["synth", "--seconds", 1, "--size", "160x120", "-o", self.path(name + ".bag")], ["init", self.bag, "-o", self.path(name + ".yaml")]):
                with self.subTest(name + verb[0]):
                    self.assertEqual(self.shell(redirection, *verb).code, 0)
                    self.assertGreater(os.path.getsize(verb[-1]), 100)

    def test_what_is_said_must_arrive(self):
        for redirection in (">/dev/full", ">&-"):
            for verb in (["info", self.bag], ["scan", self.bag], ["plan", self.bag], ["init", self.bag], ["info", "--json", self.bag]):
                with self.subTest(redirection, verb=verb):
                    said = self.shell(redirection, *verb)
                    self.assertEqual(said.code, 1, said)
                    self.assertEqual(len(said.err.splitlines()), 1, said)

    def test_a_reader_that_went_away_is_no_error(self):
        for verb in ("info", "scan", "plan"):
            with self.subTest(verb):
                read, write = os.pipe()
                os.close(read)
                done = subprocess.run([BAGLOOM, verb, self.bag], stdout=write, stderr=subprocess.PIPE)
                os.close(write)
                self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_everything_closed(self):
        out = self.path("nothing")
        self.assertEqual(self.shell("<&- >&- 2>&-", "convert", self.bag, "-o", out).code, 0)
        self.expect(bagloom("verify", out), 0)


if __name__ == "__main__":
    unittest.main()
