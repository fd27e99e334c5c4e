"""The installed folder can be moved: it carries what it needs beside the system's libraries."""
import json
import os
import shutil
import subprocess
import unittest

from binary import BAGLOOM, BinaryTest, bagloom


class Install(BinaryTest):
    def test_moved_folder_runs(self):
        done = subprocess.run([os.environ["CMAKE_COMMAND"], "--install", os.environ["BAGLOOM_BUILD"], "--prefix", self.path("first")],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        os.rename(self.path("first"), self.path("second"))
        program = self.path("second/bin/bagloom")
        bag = self.synth("a.bag", seconds=0.5)
        clean = {"PATH": "/usr/bin:/bin"}
        for arguments in (["--version"], ["info", bag]):
            done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean)
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            self.assertEqual(done.stdout.decode(), bagloom(*arguments).out)
        if shutil.which("ldd"):
            listed = self.libraries(program + "-full", clean)
            self.assertNotIn("site-packages", listed)
            self.assertNotIn(self.path("first"), listed)
            self.assertIn("libbagloom_memalign.so", os.listdir(self.path("second/lib")))
            if any("libarrow" in name for name in os.listdir(self.path("second/lib"))):
                self.assertIn(os.path.realpath(self.path("second")), "".join(os.path.realpath(p) for p in listed.split() if "libarrow" in p and "/" in p))

    def libraries(self, program, environment=None):
        listed = subprocess.run(["ldd", program], stdout=subprocess.PIPE, env=environment).stdout.decode()
        self.assertNotIn("not found", listed)
        return listed

    def test_indexes_are_read_without_codecs(self):
        if not shutil.which("ldd"):
            self.skipTest("no ldd here")
        listed = self.libraries(BAGLOOM)
        for library in ("libav", "libarrow", "libparquet"):
            self.assertNotIn(library, listed)

    def test_the_program_alone_says_what_it_lacks(self):
        alone = shutil.copy(BAGLOOM, self.path("alone"))
        done = subprocess.run([alone, "plan", "a.bag"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn("bagloom-full: cannot be started: No such file or directory", done.stderr.decode())
        self.assertEqual(done.stderr.count(b"\n"), 1)
        done = subprocess.run([alone, "plan", "a.bag", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(json.loads(done.stdout)["exit_code"], 1)


if __name__ == "__main__":
    unittest.main()
