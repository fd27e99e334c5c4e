"""What is expected on disk, and what happens where it does not fit: on a small tmpfs of this test's own."""
import os
import shlex
import subprocess
import unittest

from binary import BAGLOOM, BinaryTest, Said, bagloom


def may_mount():
    return subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode == 0 if os.path.exists("/usr/bin/unshare") else False


class Disk(BinaryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bag = cls.synth("a.bag", seconds=8, size="320x240")

    def test_expected_is_near_what_comes(self):
        lz4 = self.synth("lz4.bag", "--compression", "lz4", seconds=4, size="320x240")
        for name, bags, sets in (("h264", [self.bag], []), ("crf", [self.bag], ["--set", "video.crf=36"]), ("copy", [self.bag], ["--set", "video.codec=copy"]), ("lz4", [lz4], []),
                                 ("several", [self.bag, lz4], [])):
            with self.subTest(name):
                out = self.path(name)
                plan = self.expect_json(bagloom("plan", "--json", *bags, *sets), 0)
                made = self.expect_json(bagloom("convert", "--json", *bags, "-o", out, *sets), 0)
                self.assertLess(plan["output_bytes"], 1.5 * made["dataset_bytes"])
                self.assertGreater(plan["output_bytes"], made["dataset_bytes"] / 1.5)

    def on_disk(self, kib, script):
        """Runs a shell script with $OUT on a tmpfs of so many KiB."""
        disk = self.path("disk")
        os.makedirs(disk, exist_ok=True)
        whole = f"mount -t tmpfs -o size={kib}k tmpfs {shlex.quote(disk)} || exit 99\nOUT={shlex.quote(disk)}/out\n{script}"
        done = subprocess.run(["unshare", "-rm", "sh", "-c", whole], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode == 99:
            self.skipTest("no tmpfs can be mounted here")
        return Said(done)

    @unittest.skipUnless(may_mount(), "no mount namespace can be made here")
    def test_small_disks(self):
        convert = f"{shlex.quote(BAGLOOM)} convert {shlex.quote(self.bag)} -o $OUT"
        planned = self.expect_json(bagloom("plan", "--json", self.bag), 0)
        needed = (planned["output_bytes"] + planned["staging_bytes"]) // 1024
        # Room for what comes, not for what pictures may take at most.
        said = self.on_disk(int(needed * 1.3), convert)
        self.assertEqual(said.code, 0, said)
        self.assertEqual(said.err, "")
        # Too little by any estimate: said before the work, nothing is written.
        said = self.on_disk(int(needed * 0.5), convert + "; code=$?; ls $OUT $OUT.bagloom 2>/dev/null; exit $code")
        self.assertEqual(said.code, 5, said)
        self.assertEqual(said.out, "")
        self.assertIn("are free", said.err)
        self.assertEqual(len(said.err.splitlines()), 1, said)
        # Tight: begins with a warning.
        said = self.on_disk(int(needed * 1.1), convert)
        self.assertEqual(said.code, 0, said)
        self.assertIn("it may fill up", said.err)
        # The disk fills: the same command goes on once there is room. (One camera: its segments and its mp4 stand side by side.)
        grow = f"mount -o remount,size={2 * needed}k $(dirname $OUT)"
        said = self.on_disk(int(needed * 0.8), f"{convert} >&2; code=$?; [ $code = 75 ] || exit $((100 + code)); {grow} && {convert} 2>/dev/null")
        self.assertEqual(said.code, 0, said)
        self.assertIn("No space left", said.err)
        self.assertIn("1 episode", said.out)


if __name__ == "__main__":
    unittest.main()
