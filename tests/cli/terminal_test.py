import fcntl
import os
import pty
import struct
import subprocess
import termios
import unittest

from binary import BAGLOOM, BinaryTest


def on_terminal(columns, *arguments, stdout=False):
    """Runs with stderr (and stdout) on a terminal of that width; gives exit code, what went to the terminal, what to the pipe."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([BAGLOOM, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=slave if stdout else subprocess.PIPE, stderr=slave)
    os.close(slave)
    terminal = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        terminal += piece
    os.close(master)
    piped = b"" if stdout else process.stdout.read()
    if process.stdout:
        process.stdout.close()
    return process.wait(), terminal.decode(), piped.decode()


class Terminal(BinaryTest):
    def test_progress_is_drawn_and_taken_away(self):
        code, terminal, piped = on_terminal(80, "synth", "-o", self.path("p.bag"), "--seconds", 20, "--cameras", 1)
        self.assertEqual(code, 0, terminal)
        lines = [line for line in terminal.replace("\x1b[K", "").split("\r") if line.strip()]
        self.assertGreater(len(lines), 1)
        for line in lines:
            self.assertRegex(line, r"^\[[#.]+\] +\d+ %  \d+\.\d of 20\.0 s$")
            self.assertLess(len(line), 80)
        self.assertTrue(terminal.endswith("\r\x1b[K"), repr(terminal[-40:]))
        self.assertIn("p.bag", piped)
        self.assertNotIn("\x1b", piped)

    def test_no_progress_with_json(self):
        code, terminal, _ = on_terminal(80, "synth", "--json", "-o", self.path("j.bag"), "--seconds", 2)
        self.assertEqual((code, terminal), (0, ""))

    def test_tables_fit(self):
        bag = self.synth("t.bag", "--layout", "kuavo")
        for columns in (72, 80, 100):
            for verb in ("info", "scan"):
                code, terminal, _ = on_terminal(columns, verb, bag, stdout=True)
                self.assertEqual(code, 0)
                for line in terminal.splitlines():
                    if line.startswith("/tmp") or bag in line:
                        continue
                    self.assertLessEqual(len(line), columns, line)
                self.assertIn("/leju_claw_state", terminal)


if __name__ == "__main__":
    unittest.main()
