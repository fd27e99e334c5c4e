import os
import signal
import subprocess
import time
import unittest

from binary import BAGLOOM, BinaryTest, bagloom


class Signal(BinaryTest):
    def ended_by(self, number, *arguments, until):
        """Starts, waits until something is under way, sends the signal; gives exit code and stderr."""
        process = subprocess.Popen([BAGLOOM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while process.poll() is None and not until() and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(number)
        out, err = process.communicate()
        return process.returncode, err.decode()

    def test_synth_leaves_nothing(self):
        path = self.path("long.bag")
        for number in (signal.SIGINT, signal.SIGTERM):
            code, err = self.ended_by(number, "synth", "-o", path, "--seconds", 3600, until=lambda: os.path.exists(path) and os.path.getsize(path) > 100000)
            self.assertEqual(code, 128 + number, err)
            self.assertFalse(os.path.exists(path))

    def test_one_that_comes_before_main(self):
        if os.environ["BAGLOOM_SANITIZE"]:
            self.skipTest("a sanitizer must be loaded first")
        bag, out = self.synth("early.bag"), self.path("early")
        for verb in (["plan", bag], ["convert", bag, "-o", out], ["synth", "-o", self.path("not.bag")]):
            with self.subTest(verb[0]):
                done = subprocess.run([BAGLOOM, *verb], capture_output=True, text=True, env=dict(os.environ, LD_PRELOAD=os.environ["BAGLOOM_RAISE_EARLY"]))
                self.assertEqual(done.returncode, 128 + signal.SIGTERM, done)
                self.assertEqual(len(done.stderr.splitlines()), 1, done)
                self.assertIn("stopped", done.stderr)
        for path in (out, out + ".bagloom", self.path("not.bag")):
            self.assertFalse(os.path.exists(path))

    def test_convert_goes_on(self):
        bag, out = self.synth("work.bag", size="640x480", seconds=20), self.path("out")
        code, err = self.ended_by(signal.SIGTERM, "convert", bag, "-o", out, "--threads", 1, until=lambda: os.path.isdir(out + ".bagloom"))
        if code == 0:
            self.skipTest("it was done before the signal came")
        self.assertEqual(code, 128 + signal.SIGTERM, err)
        self.assertEqual(len(err.splitlines()), 1, err)
        self.assertIn("goes on", err)
        self.assertFalse(os.path.exists(out))
        self.assertEqual(bagloom("convert", bag, "-o", out).code, 0)
        self.assertTrue(os.path.exists(os.path.join(out, "meta", "info.json")))


if __name__ == "__main__":
    unittest.main()
