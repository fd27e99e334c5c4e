"""Runs the real binary, whose path is in $BAGLOOM, and holds what it said against what it promises."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))
from sanitized import SANITIZED, with_shadow  # noqa: E402,F401 for the tests

BAGLOOM = os.environ.get("BAGLOOM", "bagloom")


class Said:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def bagloom(*arguments, cwd=None, env=None):
    return Said(subprocess.run([BAGLOOM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=cwd, env=env))


class BinaryTest(unittest.TestCase):
    """A folder of its own for each class, with small recordings in it."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="bagloom_cli_")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def synth(cls, name, *options, seconds=2, size="160x120"):
        said = bagloom("synth", "-o", cls.path(name), "--seconds", seconds, "--size", size, "--cameras", 1, *options)
        if said.code != 0:
            raise AssertionError(said)
        return cls.path(name)

    def file(self, name, content=b""):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def expect(self, said, code):
        """The exit code, and that each stream holds what belongs to it."""
        self.assertEqual(said.code, code, said)
        self.assertNotIn("\x1b", said.out + said.err, "escape sequences in a pipe")
        self.assertNotIn("\r", said.out + said.err, "a progress line in a pipe")
        if code == 0:
            self.assertEqual(said.err, "", said)
        return said

    def expect_json(self, said, code):
        self.expect(said, code)
        self.assertEqual(said.err, "", said)
        result = said.json()
        self.assertEqual(result["schema"], 1)
        self.assertEqual(next(iter(result)), "schema")
        if code in (1, 2, 5, 6, 75):
            self.assertEqual(result["exit_code"], code)
            self.assertIsInstance(result["error"], str)
            self.assertNotIn("\n", result["error"])
        return result

    def expect_keys(self, thing, **types):
        for key, kind in types.items():
            self.assertIn(key, thing)
            self.assertIsInstance(thing[key], kind, key)
            if kind is int:
                self.assertNotIsInstance(thing[key], bool, key)
