"""The installed folder can be moved: it carries what it needs beside the system's libraries."""
import os
import shutil
import subprocess
import unittest

from binary import BinaryTest, bagloom


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
            listed = subprocess.run(["ldd", program], stdout=subprocess.PIPE, env=clean).stdout.decode()
            self.assertNotIn("not found", listed)
            self.assertNotIn("site-packages", listed)
            self.assertNotIn(self.path("first"), listed)
            if os.path.isdir(self.path("second/lib")):
                self.assertIn(os.path.realpath(self.path("second")), "".join(os.path.realpath(p) for p in listed.split() if "libarrow" in p and "/" in p))


if __name__ == "__main__":
    unittest.main()
