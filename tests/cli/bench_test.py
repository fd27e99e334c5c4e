import json
import os
import shutil
import signal
import subprocess
import time
import unittest

from binary import BAGLOOM, SANITIZED, BinaryTest, bagloom, with_shadow


class Bench(BinaryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bag = cls.synth("a.bag")
        cls.tmp = cls.path("tmp")
        os.mkdir(cls.tmp)
        os.environ["TMPDIR"] = cls.tmp
        cls.addClassCleanup(os.environ.pop, "TMPDIR")

    def tearDown(self):
        self.assertEqual(os.listdir(self.tmp), [], "temporary files stayed")

    def names(self, result):
        return [method["name"] for method in result["methods"]]

    def test_json(self):
        result = self.expect_json(bagloom("bench", "--json", self.bag), 0)
        self.assertEqual(self.names(result), ["scan", "full", "chunked:100", "chunked:50", "planned"])
        for method in result["methods"]:
            self.expect_keys(method, name=str, display_name=str, isolation=str, repeat=int, status=str, seconds=float, stages=dict, frames=int,
                             initial_bytes=int, peak_bytes=int, increase_bytes=int, tree_peak_bytes=int, file_bytes=int, timeline=list)
            self.assertEqual(method["status"], "ok", method["error"])
            self.assertEqual(method["increase_bytes"], method["peak_bytes"] - method["initial_bytes"])
            self.assertEqual(list(method["stages"]), ["scan", "read", "decode", "align", "encode", "write"])
            self.assertEqual(method["frames"], result["recording"]["rows"])
            self.assertTrue(method["timeline"])
            self.assertTrue(all(len(point) == 4 for point in method["timeline"]))
        hashes = {method["dataset_hash"] for method in result["methods"]}
        self.assertEqual(len(hashes), 2)
        self.assertIn(None, hashes)  # scan's
        self.assertEqual(result["datasets"], {"same": True, "difference": None})
        self.expect_keys(result["recording"], path=str, bytes=int, topics=list, main_timeline=str, rows=int, codec=str)
        self.expect_keys(result["machine"], memory_bytes=int, available_bytes=int, cores=int, kernel=str)
        against = [c["name"] for c in result["comparisons"] if c["kind"] == "against_original"]
        self.assertEqual(against, ["scan", "chunked:100", "chunked:50", "planned"])

    def test_a_limit_that_is_too_small(self):
        small = self.expect_json(bagloom("bench", "--json", self.bag, "--methods", "planned", "--memory-limit", "10MiB"), 5)
        method = small["methods"][0]
        self.assertEqual(method["status"], "failed")
        self.assertIn("use --memory-limit %dMiB or more" % (small["smallest_limit_bytes"] >> 20), method["error"])
        self.assertEqual(method["smallest_limit_bytes"], small["smallest_limit_bytes"])
        said = bagloom("bench", self.bag, "--methods", "planned", "--memory-limit", "10MiB")
        self.assertEqual(said.code, 5)
        self.assertIn("FAIL", said.out)
        other = bagloom("bench", "--json", self.bag, "--methods", "planned", "--memory-limit", "10MiB", "--external", "no=exit 4 # {bag}")
        self.assertEqual(other.code, 1)
        other = other.json()
        self.assertEqual(self.names(other), ["planned", "no"])
        self.assertNotIn("smallest_limit_bytes", other)

    def test_the_limit_that_it_names_holds_for_the_whole_process(self):
        small = self.expect_json(bagloom("bench", "--json", self.bag, "--methods", "planned", "--memory-limit", "10MiB"), 5)
        limit = with_shadow(small["smallest_limit_bytes"])
        method = self.expect_json(bagloom("bench", "--json", self.bag, "--methods", "planned", "--memory-limit", "%dMiB" % (limit >> 20)), 0)["methods"][0]
        self.assertEqual(method["status"], "ok", method["error"])
        if not SANITIZED:
            self.assertLessEqual(method["tree_peak_bytes"], limit)

    def test_text(self):
        said = self.expect(bagloom("bench", self.bag, "--methods", "planned,chunked:30", "--repeats", 2), 0)
        for word in ("Method", "Time(s)", "Peak Mem(MB)", "Mem Inc(MB)", "Tree peak", "Dataset hash", "Chunked (30) #2", "main timeline", "aligned rows",
                     "page cache", "All methods made the same dataset.", "Minimum / median / maximum", "VmHWM"):
            self.assertIn(word, said.out)

    def test_profile_stages(self):
        result = self.expect_json(bagloom("bench", "--json", self.bag, "--methods", "scan,chunked:20,planned", "--profile", "stages"), 0)
        self.assertEqual(result["profile"], "stages")
        for method in result["methods"]:
            profile = method["profile"]
            self.expect_keys(profile, kind=str, interval_seconds=float, samples=int, seconds=float, resident_bytes=int, anonymous_bytes=int, file_bytes=int,
                             laid_out=bool, reserved_bytes=int, explained_bytes=int, unexplained_bytes=int, accounts=list, tasks=list, other_threads=list,
                             stages=list)
            self.assertEqual(profile["kind"], "stages")
            self.assertEqual(profile["explained_bytes"] + profile["unexplained_bytes"], profile["resident_bytes"])
            self.assertEqual(profile["reserved_bytes"], sum(account["reserved_bytes"] or 0 for account in profile["accounts"]))
            self.assertEqual(profile["explained_bytes"], sum(account["counted_bytes"] or 0 for account in profile["accounts"]))
            for account in profile["accounts"]:
                self.assertEqual(list(account), ["name", "reserved_bytes", "counted_bytes", "counted_by"])
            for task in profile["tasks"]:
                self.assertEqual(list(task), ["name", "reserved_bytes", "at_work", "stage"])
            self.assertLessEqual(sum(task["at_work"] for task in profile["tasks"]), method["threads"])
        plain = self.expect_json(bagloom("bench", "--json", self.bag, "--methods", "planned"), 0)
        self.assertIsNone(plain["profile"])
        self.assertNotIn("profile", plain["methods"][0])
        said = self.expect(bagloom("bench", self.bag, "--methods", "planned", "--profile", "stages"), 0)
        for word in ("Who had the memory", "reserved(MB)", "counted(MB)", "unexplained", "highest sample"):
            self.assertIn(word, said.out)
        self.expect_json(bagloom("bench", "--json", self.bag, "--profile", "everything"), 2)

    def test_profile_heap(self):
        if SANITIZED:
            self.skipTest("heaptrack and a sanitizer both stand before the allocator")
        if not (shutil.which("heaptrack") and shutil.which("heaptrack_print")):
            self.skipTest("heaptrack is not installed")
        result = self.expect_json(bagloom("bench", "--json", self.bag, "--methods", "full,planned", "--profile", "heap"), 0)
        self.assertEqual(result["profile"], "heap")
        for method in result["methods"]:
            profile = method["profile"]
            self.assertIsNone(profile["error"])
            self.expect_keys(profile, kind=str, peak_heap_bytes=int, allocations=int, temporary_allocations=int, leaked_bytes=int, peak_resident_bytes=int,
                             seconds=float, sites=list, other_sites=int, other_bytes=int, sees_memalign=bool)
            self.assertEqual(profile["kind"], "heap")
            self.assertLessEqual(len(profile["sites"]), 10)
            sizes = [site["peak_bytes"] for site in profile["sites"]]
            self.assertEqual(sizes, sorted(sizes, reverse=True))
            self.assertTrue(profile["sees_memalign"])
        # 60 pictures of 38,400 bytes and more are held by full, in frames that libav allocates
        full = result["methods"][0]["profile"]
        pictures = [site for site in full["sites"] if site["function"] == "media::Picture::reshape"]
        self.assertTrue(pictures, full["sites"])
        self.assertIn("libavutil", pictures[0]["allocated_by"])
        self.assertTrue(any("libx264" in (site["allocated_by"] or "") or "libavcodec" in (site["allocated_by"] or "") for site in full["sites"]), full["sites"])
        said = self.expect(bagloom("bench", self.bag, "--methods", "planned", "--profile", "heap"), 0)
        for word in ("under heaptrack", "the figures above are not from it", "called from", "allocated by", "MB of heap"):
            self.assertIn(word, said.out)

    def test_profile_heap_without_heaptrack(self):
        environment = dict(os.environ, PATH=self.tmp)
        result = self.expect_json(bagloom("bench", "--json", self.bag, "--methods", "planned", "--profile", "heap", env=environment), 0)
        self.assertEqual(result["methods"][0]["status"], "ok")
        self.assertIn("package heaptrack", result["methods"][0]["profile"]["error"])
        said = self.expect(bagloom("bench", self.bag, "--methods", "scan,planned", "--profile", "heap", env=environment), 0)
        self.assertEqual(said.out.count("package heaptrack"), 1)
        self.expect_json(bagloom("bench", "--json", self.bag, "--profile", "heap", "--isolation", "shared"), 2)

    def test_report(self):
        page = self.path("page.html")
        bench = ("bench", self.bag, "--methods", "scan,planned", "--report")
        ran = bagloom(*bench, page)
        if "libjs-chart.js" in ran.err:
            self.skipTest("this build found no Chart.js")
        self.assertIn("page.html: the comparison as a page", self.expect(ran, 0).out)
        with open(page, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("<title>a.bag: memory by method</title>", text)
        self.assertIn('id="curves"', text)
        self.expect_json(bagloom(*bench, page, "--json"), 0)  # an older report may be replaced

    def test_report_is_refused_before_anything_is_measured(self):
        with open(self.bag, "rb") as file:
            before = file.read()
        for path, code in ((self.bag, 2), (self.path("nowhere/page.html"), 1)):
            ran = bagloom("bench", self.bag, "--methods", "scan", "--report", path)
            if "libjs-chart.js" in ran.err:
                self.skipTest("this build found no Chart.js")
            self.assertEqual((ran.code, ran.out), (code, ""), ran.err)
            self.assertEqual(ran.err.count("\n"), 1)
        with open(self.bag, "rb") as file:
            self.assertEqual(file.read(), before)

    def test_the_dataset_is_that_of_convert(self):
        kept = self.path("kept")
        self.expect(bagloom("bench", self.bag, "--methods", "full,planned", "--output-dir", kept), 0)
        self.expect(bagloom("convert", self.bag, "-o", self.path("converted")), 0)

        def files(top):
            found = {}
            for folder, _, names in os.walk(top):
                for name in names:
                    path = os.path.join(folder, name)
                    relative = os.path.relpath(path, top)
                    if not relative.startswith("meta/bagloom/"):
                        with open(path, "rb") as file:
                            found[relative] = file.read()
            return found

        self.assertEqual(files(self.path("kept/full-process-1")), files(self.path("converted")))
        self.assertEqual(files(self.path("kept/planned-process-1")), files(self.path("converted")))

    def test_options_of_the_old_script(self):
        result = self.expect_json(bagloom("bench", "--json", self.bag, "--chunk-sizes", "20", "30", "40", "--skip-original", "--test-streaming"), 0)
        self.assertEqual(self.names(result), ["scan", "chunked:20", "chunked:30", "chunked:40", "planned"])
        result = self.expect_json(bagloom("bench", "--json", "--chunk-sizes", "20", "--test-original", "--no-write", self.bag), 0)
        self.assertEqual(self.names(result), ["scan", "full", "chunked:20", "planned"])
        self.assertEqual({method["dataset_hash"] for method in result["methods"]}, {None})
        self.assertFalse(result["settings"]["write"])
        self.assertIn("--no-write", self.expect(bagloom("bench", self.bag, "--methods", "planned", "--no-write"), 0).out)

    def test_wrong_usage(self):
        for arguments in (["--methods", "fast"], ["--methods", "scan,scan"], ["--methods", "scan", "--chunk-sizes", "5"], ["--external", "x=y"],
                          ["--external", "x=a {bag}", "--external", "x=b {bag}"],
                          ["--chunk-sizes", "0"], ["--repeats", "0"], ["--isolation", "none"]):
            self.expect_json(bagloom("bench", "--json", self.bag, *arguments), 2)
        self.expect_json(bagloom("bench", "--json", self.file("no.bag", b"nothing")), 6)

    def test_shared_and_both(self):
        bag = self.synth("large.bag", size="640x480")
        result = self.expect_json(bagloom("bench", "--json", bag, "--methods", "full,scan", "--isolation", "both"), 0)
        rows = {(m["name"], m["isolation"]): m for m in result["methods"]}
        self.assertEqual(len(rows), 4)
        self.assertEqual({c["isolation"]: c["trusted"] for c in result["comparisons"]}, {"process": True, "shared": False})
        own, shared = rows["scan", "process"], rows["scan", "shared"]
        # full freed 60 pictures of 460,800 bytes before scan began
        self.assertGreater(shared["initial_bytes"], own["initial_bytes"] + (20 << 20))
        self.assertGreater(shared["peak_bytes"], own["peak_bytes"] + (15 << 20))
        said = self.expect(bagloom("bench", self.bag, "--methods", "full,scan", "--isolation", "shared"), 0)
        self.assertIn("trust the figures of own processes", said.out)

    def test_external(self):
        said = bagloom("bench", "--json", self.bag, "--methods", "scan", "--external", "fails=echo no >&2; exit 4 # {bag}", "--external",
                       "copies=mkdir {out}; cp {bag} {out}")
        self.assertEqual(said.code, 1, said)
        rows = {m["name"]: m for m in json.loads(said.out)["methods"]}
        self.assertEqual(rows["fails"]["status"], "failed")
        self.assertEqual(rows["fails"]["error"], "exit code 4: no")
        self.assertEqual(rows["copies"]["status"], "ok")
        self.assertEqual(rows["scan"]["status"], "ok")
        said = bagloom("bench", self.bag, "--methods", "planned,chunked:5", "--external", "fails=exit 4 # {bag}")
        self.assertIn("FAIL", said.out)
        self.assertIn("All methods made the same dataset; other programs' are not compared.", said.out)

    def test_ceiling(self):
        if SANITIZED:
            self.skipTest("a sanitizer alone takes more than the ceiling")
        result = bagloom("bench", "--json", self.bag, "--methods", "scan", "--ceiling", "1GiB").json()
        if any("ceiling was not enforced" in note for note in result["notes"]):
            self.skipTest("no right to make a group with a limit: " + "; ".join(result["notes"]))
        bag = self.synth("held.bag", seconds=3, size="640x480")  # full holds 90 pictures of 460,800 bytes
        said = bagloom("bench", "--json", bag, "--methods", "full,scan", "--ceiling", "32MiB")
        self.assertEqual(said.code, 0, said)  # dying under the ceiling is an answer, not a failure
        result = said.json()
        self.assertEqual([m["status"] for m in result["methods"]], ["killed at 32 MiB", "ok"])

    def test_ends_on_a_signal_and_leaves_nothing(self):
        self.synth("long.bag", seconds=30, size="640x480")
        process = subprocess.Popen([BAGLOOM, "bench", self.path("long.bag"), "--methods", "full"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while not os.listdir(self.tmp) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 128 + signal.SIGTERM, err)
        self.assertIn(b"no figures are kept: the same command measures anew", err)
        self.assertNotIn(b"goes on", err)

    def test_a_stopped_one_leaves_no_half_dataset(self):
        bag, out = self.synth("stopped.bag", seconds=30, size="640x480"), self.path("kept")
        process = subprocess.Popen([BAGLOOM, "bench", bag, "--methods", "planned", "--output-dir", out], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while not os.path.exists(os.path.join(out, "planned-process-1.bagloom")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 128 + signal.SIGTERM, err)
        self.assertIn(b"measure anew with another --output-dir", err)
        self.assertEqual(os.listdir(out), [])

    def test_what_a_killed_one_left_goes_with_the_next(self):
        self.synth("killed.bag", seconds=30, size="640x480")
        process = subprocess.Popen([BAGLOOM, "bench", self.path("killed.bag"), "--methods", "full"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        job = lambda: [name for name in os.listdir(self.tmp) if os.path.exists(os.path.join(self.tmp, name, "full-process-1.job"))]
        while not job() and time.monotonic() < deadline:
            time.sleep(0.02)
        left = job()
        self.assertEqual(len(left), 1)
        process.kill()
        process.wait()
        # What it started dies with it, a moment later.
        while time.monotonic() < deadline:
            result = self.expect_json(bagloom("bench", "--json", self.bag, "--methods", "scan"), 0)
            if not os.listdir(self.tmp):
                break
            time.sleep(0.2)
        self.assertIn("removed what a bench that was killed had left: " + os.path.join(self.tmp, left[0]), " ".join(result["notes"]))

    def test_a_damaged_recording_is_said_to_be_one(self):
        with open(self.bag, "rb") as file:
            whole = file.read()
        cut = self.file("cut.bag", whole[:len(whole) * 2 // 3])
        said = self.expect(bagloom("bench", cut, "--methods", "scan"), 0)
        self.assertIn("note: the recording is damaged, and every method takes what is left of it: ", said.out)
        self.assertNotIn("damaged", self.expect(bagloom("bench", self.bag, "--methods", "scan"), 0).out)

    def test_the_helping_verb_is_not_shown(self):
        self.assertNotIn("bench-method", bagloom("--help").out)
        self.assertIn("bench ", bagloom("--help").out)


if __name__ == "__main__":
    unittest.main()
