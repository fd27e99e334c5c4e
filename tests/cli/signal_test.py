import os
import signal
import subprocess
import time
import unittest

from binary import BAGLOOM, SANITIZED, BinaryTest, bagloom


# Where a shell starts the tests in the background, it has them ignore this, and what they start would too.
signal.signal(signal.SIGINT, signal.default_int_handler)


def waits_or_is_handled(pid, number):
    """Whether the process already holds the signal back or has a handler for it."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        masks = [int(line.split()[1], 16) for line in status if line.startswith(("SigBlk:", "SigCgt:"))]
    return any(mask >> (number - 1) & 1 for mask in masks)


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
        """While constructors of libraries run: in `bagloom`, and in the full program that it becomes."""
        if SANITIZED:
            self.skipTest("a sanitizer must be loaded first")
        bag, out, new, ran = self.synth("early.bag"), self.path("early"), self.path("not.bag"), self.path("ran")
        becomes = (["plan", bag], ["convert", bag, "-o", out], ["init", bag], ["verify", out], ["synth", "-o", new])
        itself = (["info", bag], ["scan", bag], ["measure", "--", "touch", ran])
        cases = [("bagloom", verb) for verb in itself + becomes] + [("bagloom-full", verb) for verb in becomes]
        for program, verb in cases:
            with self.subTest(program=program, verb=verb[0]):
                environment = dict(os.environ, LD_PRELOAD=os.environ["BAGLOOM_RAISE_EARLY"], RAISE_EARLY_IN=program)
                done = subprocess.run([BAGLOOM, *verb], capture_output=True, text=True, env=environment)
                self.assertEqual(done.returncode, 128 + signal.SIGTERM, done)
                self.assertEqual(len(done.stderr.splitlines()), 1, done)
                self.assertIn("stopped", done.stderr)
                self.assertEqual(done.stdout, "")
        for path in (out, out + ".bagloom", new, ran):
            self.assertFalse(os.path.exists(path), path)

    def test_at_any_moment(self):
        """Whatever has been reached when the signal comes, and that is another thing on each machine, the end is a clean one."""
        bag, out, new = self.synth("any.bag"), self.path("any"), self.path("any_new.bag")
        verbs = (["info", bag], ["plan", bag], ["synth", "-o", new, "--force"], ["convert", bag, "-o", out, "--overwrite"],
                 ["measure", "--", "sleep", "5"])
        for number in (signal.SIGTERM, signal.SIGINT):
            for milliseconds in (0, 1, 2, 5, 10, 20, 50):
                for verb in verbs:
                    with self.subTest(verb=verb[0], signal=number, milliseconds=milliseconds):
                        self.end_at_any_moment(number, milliseconds, verb)
        with self.subTest("what was left of convert is gone on with"):
            self.assertEqual(bagloom("convert", bag, "-o", out, "--overwrite").code, 0)
            self.assertEqual(bagloom("verify", out).code, 0)
            self.assertFalse(os.path.exists(out + ".bagloom"))

    def end_at_any_moment(self, number, milliseconds, verb):
        process = subprocess.Popen([BAGLOOM, *verb], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(milliseconds / 1000)
        ready = waits_or_is_handled(process.pid, number)
        process.send_signal(number)
        out, err = (text.decode() for text in process.communicate())
        said = f"exit code {process.returncode}\n--- stdout\n{out}\n--- stderr\n{err}"
        if process.returncode == -number:  # only before our first instruction
            self.assertFalse(ready, said)
            self.assertEqual(out + err, "")
        elif process.returncode == 128 + number:
            self.assertEqual(out, "")
            if not (verb[0] == "measure" and f"signal {int(number)}" in err):  # the command's end, in its report
                self.assertEqual(len(err.splitlines()), 1, said)
                self.assertIn("stopped", err)
        else:  # it had come to its end, and did all
            self.assertEqual(process.returncode, 0, said)
            self.assertNotEqual(verb[0], "measure", said)
            self.assertEqual(err, "")
            self.assertNotEqual(out, "")

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
