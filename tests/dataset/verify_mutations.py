"""verify_mutations.py VERIFY_TOOL: each mutation breaks one thing of a correct dataset (verify_make_dataset.py); the tool must report exactly
the checks that belong to it. Exit 77 where the private Python with pyarrow and PyAV is absent."""
import copy
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
try:
    import pyarrow  # noqa: F401
    import av  # noqa: F401
except ImportError:
    private = HERE.parents[1] / ".deps/python/bin/python3"
    if os.environ.get("BAGLOOM_VERIFY_REEXEC") or not private.exists():
        print("no Python with pyarrow and PyAV: skipped")
        sys.exit(77)
    os.environ["BAGLOOM_VERIFY_REEXEC"] = "1"
    os.execv(private, [str(private), *sys.argv])

sys.path.insert(0, str(HERE))
import verify_make_dataset as maker
from verify_breaks import MUTATIONS, info

TOOL = pathlib.Path(sys.argv.pop(1)).resolve()


def run(root):
    """(checks that failed, with their severities; the output; exit code)"""
    done = subprocess.run([TOOL, root], capture_output=True, text=True, timeout=300)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return {(x[0], x[1]) for x in lines if x[0].startswith("V")}, done.stdout + done.stderr, done.returncode


class Verify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="bagloom_verify_")
        cls.good = pathlib.Path(cls.folder.name) / "good"
        cls.maker = maker.Maker()
        cls.maker.write(cls.good)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def copy(self, name):
        root = pathlib.Path(self.folder.name) / name
        shutil.copytree(self.good, root)
        return root

    def test_correct(self):
        found, text, code = run(self.good)
        self.assertEqual((found, code), ({("V84", "Q")}, 0), text)   # several mp4s a camera are right, but not for streaming
        self.assertIn("counted", text)
        self.assertIn("\t3 episodes\t171 rows\t342 pictures", text)
        self.assertNotIn("note", text)

    def test_correct_mjpeg(self):
        root = pathlib.Path(self.folder.name) / "mjpeg"
        maker.Maker(mjpeg=True).write(root)
        found, text, code = run(root)
        self.assertEqual((found, code), ({("V84", "Q"), ("V86", "Q")}, 0), text)

    def test_not_a_dataset(self):
        for folder, word in (("nothing", "unreadable"), ("empty", "unreadable")):
            root = pathlib.Path(self.folder.name) / folder
            if folder == "empty":
                root.mkdir()
            _, text, code = run(root)
            self.assertEqual(code, 1, text)
            self.assertIn(word, text)
        root = self.copy("old")
        info(root, lambda i: i | {"codebase_version": "v2.1"})
        _, text, code = run(root)
        self.assertEqual(code, 1, text)
        self.assertIn("unsupported", text)
        self.assertIn("v2.1", text)

    def test_at_least_forty(self):
        self.assertGreaterEqual(sum(1 for x in MUTATIONS if x[2]), 40)


def add_test(name, function, wanted, least):
    def test(self):
        root = self.copy(name)
        function(root, copy.deepcopy(self.maker))
        found, text, code = run(root)
        checks = {check for check, _ in found} - {"V84"}
        if least:
            self.assertLessEqual(wanted, checks, text)
        else:
            self.assertEqual(checks, wanted, text)
        self.assertEqual(code, 3 if any(s != "Q" for _, s in found) else 0, text)
        shutil.rmtree(root)
    setattr(Verify, "test_" + name, test)


for entry in MUTATIONS:
    add_test(*entry)

if __name__ == "__main__":
    unittest.main()
