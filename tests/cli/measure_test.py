"""bagloom measure from outside: streams, exit codes, signals, terminals, and what other tools say of the same programs."""
import json
import os
import pty
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from binary import BAGLOOM, BinaryTest, bagloom

ALLOCATE = os.environ["BAGLOOM_ALLOCATE"]
MIB = 1 << 20
SANITIZED = "address" in os.environ.get("BAGLOOM_SANITIZE", "")


class Measure(BinaryTest):
    def measured(self, *command, options=(), code=0):
        """What --json says of a command that ends with `code`, and what was printed."""
        path = self.path("figures.json")
        said = bagloom("measure", "--json", path, *options, "--", *command)
        self.assertEqual(said.code, code, said)
        with open(path) as file:
            return json.load(file), said

    def assert_mib(self, size, mebibytes):
        self.assertLess(abs(size - mebibytes * MIB), 2 * MIB, f"{size / MIB:.1f} MiB, not {mebibytes:.1f}")

    @property
    def base(self):
        if not hasattr(Measure, "base_mib"):
            Measure.base_mib = self.measured(ALLOCATE)[0]["peak_bytes"] / MIB
        return Measure.base_mib

    # What is written

    def test_the_figures(self):
        figures, said = self.measured(ALLOCATE, "anon:40", "fork", "[", "anon:20", "exit:3", "]", "wait")
        self.expect_keys(figures, schema=int, wall_seconds=float, user_seconds=float, system_seconds=float, initial_bytes=int, peak_bytes=int, increase_bytes=int,
                         anonymous_bytes=int, file_bytes=int, shared_bytes=int, between_bytes=int, sampled_peak_bytes=int, bound_bytes=int, rss_sum_bytes=int,
                         counting_error_bytes=int, counters=str, traced=bool, may_have_missed=list, left_running=list, exit_code=int, processes=list)
        self.assertEqual(figures["schema"], 1)
        self.assert_mib(figures["peak_bytes"], 60 + self.base)
        self.assertEqual(figures["increase_bytes"], figures["peak_bytes"] - figures["initial_bytes"])
        self.assertEqual([p["exit_code"] for p in figures["processes"]], [0, 3])
        for process in figures["processes"]:
            self.expect_keys(process, pid=int, parent=int, command=str, peak_bytes=int, exit_code=int)
        self.assertEqual(said.out, "", "stdout is the command's")
        for word in ("peak", "initial", "increase", "2 processes", "counted", "may be off by", "largest sum seen", "all marks at once"):
            self.assertIn(word, said.err)

    def test_the_timeline(self):
        path = self.path("timeline.json")
        self.measured(ALLOCATE, "anon:30", "sleep:100", options=("--timeline", path, "--interval", 5))
        with open(path) as file:
            timeline = json.load(file)
        self.assertEqual(timeline["columns"], ["seconds", "resident_bytes", "anonymous_bytes", "file_bytes"])
        self.assertGreater(len(timeline["samples"]), 3)
        self.assert_mib(max(sample[1] for sample in timeline["samples"]), 30 + self.base)

    def test_files_that_cannot_be_written_are_refused_before_the_start(self):
        started, before = self.path("started"), self.file("figures.json", b"of before")
        touch = ("--", "touch", started)
        plain = self.file("plain", b"")
        for path in (self.path("no/such/folder.json"), self.folder, plain + "/below", "/proc/bagloom.json"):
            for options in (("--json", path), ("--timeline", path), ("--json", before, "--timeline", path)):
                said = bagloom("measure", *options, *touch)
                self.assertEqual(said.code, 2, (options, said))
                self.assertIn(f"{path}: cannot be written", said.err)
                self.assertIn("name a file", said.err)
                self.assertFalse(os.path.exists(started), options)
        linked = self.path("linked.json")
        os.symlink(before, linked)
        for other in (before, os.path.join(self.folder, ".", "figures.json"), linked):
            said = bagloom("measure", "--json", before, "--timeline", other, *touch)
            self.assertEqual(said.code, 2, said)
            self.assertIn("same file", said.err)
        new = self.path("new.json")
        self.assertEqual(bagloom("measure", "--json", new, "--timeline", new, *touch).code, 2)
        self.assertFalse(os.path.exists(started))
        self.assertFalse(os.path.exists(new), "trying leaves nothing")
        self.assertEqual(Path(before).read_bytes(), b"of before")

    def test_a_file_of_before_stays_until_there_is_something_to_write(self):
        before, new = self.file("old.json", b"of before"), self.path("not_yet.json")
        said = bagloom("measure", "--json", before, "--timeline", new, "--", "sh", "-c", f"cat {before}; test -e {new} || echo ', none'")
        self.assertEqual(said.code, 0, said)
        self.assertEqual(said.out, "of before, none\n")
        for path in (before, new):
            with open(path) as file:
                json.load(file)
        said = bagloom("measure", "--json", before, "--", "bagloom-no-such-program")
        self.assertEqual(said.code, 127)
        with open(before) as file:
            json.load(file)

    def test_a_pipe_is_not_waited_for(self):
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        process = subprocess.Popen([BAGLOOM, "measure", "--json", pipe, "--", "true"], stderr=subprocess.DEVNULL)
        with open(pipe) as file:
            self.assertEqual(json.load(file)["exit_code"], 0)
        self.assertEqual(process.wait(timeout=60), 0)

    def test_a_disk_that_is_full_at_the_end(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        said = bagloom("measure", "--json", "/dev/full", "--", "true")
        self.assertEqual(said.code, 1)
        self.assertIn("cannot be written", said.err)
        self.assertIn("measured: true", said.err)
        self.assertEqual(bagloom("measure", "--json", "/dev/full", "--", "sh", "-c", "exit 9").code, 9)

    def test_kinds_that_would_be_no_text(self):
        figures, _ = self.measured("sh", "-c", "exit 0", b"\xff\xfe".decode("utf-8", "surrogateescape"))
        self.assertIn("exit 0", figures["processes"][0]["command"])

    # The command is left alone

    def test_exit_codes(self):
        for code in (0, 1, 5, 77, 255):
            self.assertEqual(bagloom("measure", "--", "sh", "-c", f"exit {code}").code, code)
        self.assertEqual(bagloom("measure", "--", "sh", "-c", "kill -9 $$").code, 137)
        self.assertEqual(bagloom("measure", "--", "sh", "-c", "kill -15 $$").code, 143)

    def test_what_cannot_be_started(self):
        for options in ((), ("--no-trace",)):
            said = bagloom("measure", *options, "--", "bagloom-no-such-program")
            self.assertEqual(said.code, 127)
            self.assertEqual(said.err, "bagloom: bagloom-no-such-program: cannot be started: No such file or directory\n")
            self.assertEqual(bagloom("measure", *options, "--", self.file("plain", b"text")).code, 126)
        self.assertEqual(bagloom("measure").code, 2)
        self.assertEqual(bagloom("measure", "--").code, 2)
        self.assertEqual(bagloom("measure", "--interval", 0, "--", "true").code, 2)
        self.assertEqual(bagloom("measure", "--ceiling", "much", "--", "true").code, 2)

    def test_arguments_after_the_dashes_are_the_commands(self):
        figures, said = self.measured("printf", "%s,", "--json", "--", "-h", "--help", "convert", "", "--version", "measure", "-1")
        self.assertEqual(said.out, "--json,--,-h,--help,convert,,--version,measure,-1,")

    def test_streams(self):
        done = subprocess.run([BAGLOOM, "measure", "--", "sh", "-c", "cat; echo err >&2"], input=b"in\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.stdout, b"in\n")
        self.assertTrue(done.stderr.startswith(b"err\nmeasured: sh -c"), done.stderr)

    def test_other_descriptors_and_the_environment(self):
        read, write = os.pipe()
        subprocess.run([BAGLOOM, "measure", "--", "sh", "-c", f"echo $MARK >&{write}"], pass_fds=[write], env={**os.environ, "MARK": "here"}, stderr=subprocess.DEVNULL, check=True)
        os.close(write)
        self.assertEqual(os.read(read, 100), b"here\n")
        os.close(read)

    def test_no_descriptor_leaks(self):
        listing = "import os; print(sorted(int(f) for f in os.listdir('/proc/self/fd')))"
        plain = subprocess.run([sys.executable, "-c", listing], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
        self.assertEqual(bagloom("measure", "--", sys.executable, "-c", listing).out.encode(), plain)

    def test_signal_dispositions_and_limits_are_the_callers(self):
        show = "grep -E '^(SigBlk|SigIgn|NoNewPrivs|Seccomp)' /proc/self/status"
        script = self.file("show.sh", show.encode())
        for before in ("", "trap '' HUP INT; "):
            plain = subprocess.run(["sh", "-c", f"{before}sh {script}"], stdout=subprocess.PIPE).stdout
            measured = subprocess.run(["sh", "-c", f"{before}{BAGLOOM} measure -- sh {script}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            self.assertIn(b"SigIgn", plain)
            self.assertEqual(measured, plain)

    def test_a_closed_pipe_ends_the_command_as_it_would(self):
        done = subprocess.run(f"{BAGLOOM} measure -- yes 2>/dev/null | head -1", shell=True, stdout=subprocess.PIPE, timeout=60)
        self.assertEqual(done.stdout, b"y\n")

    # Trees

    def test_a_pipeline(self):
        figures, said = self.measured("sh", "-c", "head -c 300000 /dev/zero | tr '\\0' 'a' | wc -c")
        self.assertEqual(said.out.strip(), "300000")
        self.assertGreaterEqual(len(figures["processes"]), 4)
        self.assertLess(figures["peak_bytes"], figures["bound_bytes"])

    def test_a_daemon_is_watched_to_its_end(self):
        daemon = "import os, time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\nb = bytearray(40 << 20)\ntime.sleep(1.5)\n"
        figures, said = self.measured(sys.executable, "-c", daemon)
        self.assertGreater(figures["wall_seconds"], 1.5)
        self.assertEqual(len(figures["processes"]), 3)
        self.assertGreater(figures["processes"][2]["peak_bytes"], 40 * MIB)
        self.assertIn("still watched", said.err)

    def test_a_daemon_that_is_left_alone(self):
        figures, said = self.measured("sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!", options=("--wait", 0))
        self.assertEqual(figures["left_running"], [int(said.out)])
        self.assertLess(figures["wall_seconds"], 50)
        os.kill(int(said.out), signal.SIGKILL)

    def test_a_measurement_inside_a_measurement(self):
        inner = self.path("inner.json")
        figures, said = self.measured(BAGLOOM, "measure", "--json", inner, "--", ALLOCATE, "anon:40", "free", "sleep:200")
        with open(inner) as file:
            self.assertTrue(json.load(file)["traced"], "there is one tracer for a process: the outer one gives way")
        self.assertFalse(figures["traced"])
        self.assertIn("uses ptrace itself", " ".join(figures["may_have_missed"]))
        figures, said = self.measured("sh", "-c", f"{BAGLOOM} measure --json {inner} -- true; exit 0")
        with open(inner) as file:
            self.assertTrue(json.load(file)["traced"])
        self.assertIn("uses ptrace itself", " ".join(figures["may_have_missed"]))

    def test_the_command_may_stand_without_dashes(self):
        path = self.path("apart.json")
        said = bagloom("measure", "--json", path, "--interval=20", "--no-trace", "printf", "%s,", "-l", "--json", "x", "--", "-h")
        self.assertEqual(said.code, 0, said)
        self.assertEqual(said.out, "-l,--json,x,--,-h,")
        with open(path) as file:
            self.assertIn("peak_bytes", json.load(file))
        self.assertEqual(bagloom("measure", "sh", "-c", "exit 7").code, 7)
        said = self.expect(bagloom("measure", "-l", "ls"), 2)
        self.assertIn("unknown option -l", said.err)
        self.assertEqual(bagloom("measure").code, 2)
        self.assertEqual(bagloom("measure", "--json").code, 2)

    def test_without_tracing(self):
        figures, said = self.measured(ALLOCATE, "anon:40", "sleep:300", options=("--no-trace",))
        self.assertFalse(figures["traced"])
        self.assert_mib(figures["peak_bytes"], 40 + self.base)
        self.assertIn("not seen", said.err)

    def test_bagloom_itself_is_traced(self):
        """It names ptrace for this verb and for bench: with others it is traced like any program, through the step to bagloom-full too."""
        for arguments in (["info", "--help"], ["convert", "--help"]):
            figures, _ = self.measured(BAGLOOM, *arguments)
            self.assertEqual(figures["traced"], not SANITIZED, arguments)

    def test_programs_with_rights_of_their_own(self):
        if os.geteuid() != 0:
            self.skipTest("only root can make such a program")
        os.chmod(self.folder, 0o755)
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            program, tool = os.path.join(folder, "id"), os.path.join(folder, "bagloom")
            shutil.copy(shutil.which("id"), program)
            shutil.copy(BAGLOOM, tool)
            os.chmod(program, 0o4755)

            def as_nobody(*command):
                done = subprocess.run(command, user=65534, group=65534, extra_groups=[], cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                return done.stdout.decode().strip(), done.stderr.decode()

            if as_nobody(program, "-u")[0] != "0":
                self.skipTest("the temporary folder gives nobody other rights")
            self.assertEqual(as_nobody(tool, "measure", "--", program, "-u")[0], "0", "it is not traced")
            self.assertEqual(as_nobody(tool, "measure", "--no-trace", "--", "sh", "-c", f"{program} -u; true")[0], "0")
            out, err = as_nobody(tool, "measure", "--", "sh", "-c", f"{program} -u; true")
            if out != "0":  # the kernel decided before anybody could know
                self.assertIn(f"the rights that its file gives to {program} -u", err)

    # Signals

    def wait_for(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, "it did not come")
            time.sleep(0.01)

    def test_signals_are_passed_on(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            ready = self.path(f"ready{number}")
            code = f"import signal, sys, time\nsignal.signal({int(number)}, lambda *a: sys.exit(40))\nopen({ready!r}, 'w')\nwhile True: time.sleep(0.02)"
            process = subprocess.Popen([BAGLOOM, "measure", "--", sys.executable, "-c", code], stderr=subprocess.PIPE)
            self.wait_for(lambda: os.path.exists(ready))
            process.send_signal(number)
            _, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 40, err)
            self.assertIn(b"exit 40", err, "the figures come all the same")

    def test_a_signal_that_kills_the_command(self):
        process = subprocess.Popen([BAGLOOM, "measure", "--", "sleep", "60"], stderr=subprocess.PIPE)
        time.sleep(0.3)
        process.terminate()
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143)
        self.assertIn(b"signal 15", err)

    def test_when_bagloom_is_killed_the_tree_goes_too(self):
        pids = self.path("pids")
        process = subprocess.Popen([BAGLOOM, "measure", "--", "sh", "-c", f"sleep 100 & echo $! $$ > {pids}; wait"], stderr=subprocess.DEVNULL)
        started = lambda: Path(pids).read_text().split() if os.path.exists(pids) else []
        self.wait_for(lambda: len(started()) == 2)
        process.kill()
        process.wait()

        def gone(pid):
            try:
                with open(f"/proc/{pid}/stat") as file:
                    return file.read().rsplit(")", 1)[1].split()[0] == "Z"
            except OSError:
                return True

        self.wait_for(lambda: all(gone(pid) for pid in started()))

    # Terminals

    def in_terminal(self, command, talk):
        """Runs a command in a terminal of its own; `talk(send, expect)`; gives exit code and all that was shown."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvp(command[0], command)
        shown = bytearray()

        def expect(text, seconds=30):
            end = time.monotonic() + seconds
            while text not in shown:
                self.assertLess(time.monotonic(), end, bytes(shown))
                if select.select([terminal], [], [], 0.1)[0]:
                    try:
                        shown.extend(os.read(terminal, 4096))
                    except OSError:
                        break
            self.assertIn(text, shown)

        talk(lambda text: os.write(terminal, text), expect)
        try:
            while block := os.read(terminal, 4096):
                shown.extend(block)
        except OSError:
            pass
        status = os.waitpid(pid, 0)[1]
        os.close(terminal)
        return os.waitstatus_to_exitcode(status), bytes(shown)

    def test_a_command_that_reads_the_terminal(self):
        def talk(send, expect):
            expect(b"ready")
            send(b"words\n")

        code, shown = self.in_terminal([BAGLOOM, "measure", "--", "sh", "-c", "echo ready; read line; echo got:$line"], talk)
        self.assertEqual(code, 0, shown)
        self.assertIn(b"got:words", shown)

    def test_ctrl_c_reaches_the_command_once(self):
        counting = "import signal, time\nn = 0\ndef count(*a):\n global n\n n += 1\nsignal.signal(signal.SIGINT, count)\nprint('ready', flush=True)\n" \
                   "while n == 0: time.sleep(0.01)\ntime.sleep(0.7)\nprint(f'count={n}')\nraise SystemExit(9)"

        def talk(send, expect):
            expect(b"ready")
            send(b"\x03")

        code, shown = self.in_terminal([BAGLOOM, "measure", "--", sys.executable, "-c", counting], talk)
        self.assertEqual(code, 9, shown)
        self.assertIn(b"count=1", shown)
        self.assertIn(b"measured: ", shown)

    def test_ctrl_c_before_the_command_runs_is_not_lost(self):
        before = signal.signal(signal.SIGINT, signal.SIG_DFL)
        self.addCleanup(signal.signal, signal.SIGINT, before)
        for milliseconds in [0, 1, 2, 3, 4, 5, 7, 10] * 3:
            with self.subTest(milliseconds=milliseconds):
                started, closed_by_exec = os.pipe()
                pid, terminal = pty.fork()
                if pid == 0:
                    os.execvp(BAGLOOM, [BAGLOOM, "measure", "--", "sleep", "60"])
                os.close(closed_by_exec)
                self.assertEqual(os.read(started, 1), b"")
                os.close(started)
                time.sleep(milliseconds / 1000)
                os.write(terminal, b"\x03")
                shown = b""
                try:
                    while block := os.read(terminal, 4096):
                        shown += block
                except OSError:
                    pass
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                os.close(terminal)
                # The default death: it came before bagloom's first instruction (signal_test.py says more).
                self.assertIn(code, (128 + signal.SIGINT, -signal.SIGINT), shown)

    def test_ctrl_c_ends_what_outlives_the_command(self):
        daemon = "import os, time\nif os.fork(): os._exit(5)\nos.setsid()\ntime.sleep(60)"

        def talk(send, expect):
            expect(b"still watched")
            send(b"\x03")

        before = time.monotonic()
        code, shown = self.in_terminal([BAGLOOM, "measure", "--", sys.executable, "-c", daemon], talk)
        self.assertLess(time.monotonic() - before, 50)
        self.assertEqual(code, 5, shown)
        self.assertIn(b"signal 2", shown)

    def test_ctrl_z_and_fg(self):
        bash = "/bin/bash"
        if not os.path.exists(bash):
            self.skipTest("no bash")

        def talk(send, expect):
            send(b"PS1='>> '; set +o history\n")
            send(f"{BAGLOOM} measure -- sh -c 'echo rea''dy; sleep 1; echo do''ne'\n".encode())
            expect(b"ready\r\n")
            send(b"\x1a")
            expect(b"Stopped")
            send(b"fg\n")
            expect(b"done\r\n")
            expect(b"error     ")
            send(b"exit 6\n")

        code, shown = self.in_terminal([bash, "--norc", "-i"], talk)
        self.assertEqual(code, 6, shown)

    # What others say

    def test_gnu_time_inherits_a_maximum(self):
        """ru_maxrss of a small program that a large one started is the large one's, and that of a tree is one process's."""
        script = "import resource, subprocess, sys\nb = bytearray(80 << 20)\n" \
                 "import os\npid = os.fork()\nif pid == 0: os.execvp(sys.argv[1], [sys.argv[1]])\nprint(os.wait4(pid, 0)[2].ru_maxrss)"
        said = subprocess.run([sys.executable, "-c", script, ALLOCATE], stdout=subprocess.PIPE, check=True).stdout
        self.assertGreater(int(said) * 1024, 80 * MIB, "the trap is gone")
        figures, _ = self.measured(sys.executable, "-c", script, ALLOCATE)
        small = [p for p in figures["processes"] if p["command"] == ALLOCATE]
        self.assertEqual(len(small), 1)
        self.assert_mib(small[0]["peak_bytes"], self.base)

    def test_gnu_time_does_not_add_children(self):
        time_program = "/usr/bin/time"
        if not os.path.exists(time_program):
            self.skipTest("no GNU time here")
        command = [ALLOCATE, "fork", "[", "anon:40", "post", "await:2", "]", "fork", "[", "anon:40", "post", "await:2", "]", "wait"]
        with tempfile.NamedTemporaryFile() as file:
            subprocess.run([time_program, "-f", "%M", "-o", file.name, *command], check=True)
            theirs = int(file.read()) * 1024
        figures, _ = self.measured(*command)
        self.assertLess(theirs, (44 + self.base) * MIB, "the largest process, not the tree")
        self.assert_mib(figures["peak_bytes"], 80 + self.base)

    def test_a_sum_of_rss_counts_shared_pages_often(self):
        figures, _ = self.measured(ALLOCATE, "anon:40", *["fork", "[", "post", "await:6", "]"] * 5, "await:5", "sleep:100", "post", "wait")
        self.assert_mib(figures["peak_bytes"], 40 + self.base)
        self.assertGreater(figures["rss_sum_bytes"], 200 * MIB, "what adding up psutil's rss gives")

    # Ceilings

    def test_a_ceiling(self):
        figures, said = self.measured(ALLOCATE, "anon:20", options=("--ceiling", "60MiB"))
        if not figures["ceiling"]["enforced"]:
            self.assertIn("cannot be proven here: ", said.err)
            self.skipTest(figures["ceiling"]["how"])
        self.assertFalse(figures["ceiling"]["killed"])
        figures, said = self.measured(ALLOCATE, "anon:100", options=("--ceiling", "60MiB"), code=137)
        self.assertTrue(figures["ceiling"]["killed"])
        self.assertIn("killed at 60.0 MiB", said.err)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unittest.main()
