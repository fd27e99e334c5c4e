"""The tests' own reader against two others, and bagloom's writer and `info` against all: Debian's rosbag, rosbags, bag_walk.py."""
import hashlib
import json
import subprocess
import unittest

import rosbags.rosbag1

from bag_walk import walk
from decode import decode, field
from support import BagloomTest, copy_bag

DUMP = """
import hashlib, rosbag, sys
for topic, (kind, data, md5, *_), t in rosbag.Bag(sys.argv[1]).read_messages(raw=True):
    print(topic, kind, md5, t.to_nsec(), hashlib.sha1(data).hexdigest())
"""


def wave(t_ns, period_ns):
    """docs/synth.md."""
    u = (t_ns % period_ns) / period_ns
    h = u if u < 0.5 else u - 0.5
    y = (16.0 * h) * (0.5 - h)
    return y if u < 0.5 else -y


def joint(j, tau):
    return wave(tau + 300_000_000 * j, 4_000_000_000 + 100_000_000 * j)


class Readers(BagloomTest):
    KINDS = {"none": [], "lz4": ["--compression", "lz4"], "bz2": ["--compression", "bz2"], "kuavo": ["--layout", "kuavo"], "raw": ["--raw"]}

    def lines(self, bag):
        return sorted(f"{m.connection.topic} {m.connection.type} {m.connection.md5sum} {m.time} {hashlib.sha1(m.data).hexdigest()}" for m in walk(bag))

    def test_debian_rosbag_reads_what_synth_writes(self):
        if subprocess.run(["/usr/bin/python3", "-c", "import rosbag"], capture_output=True).returncode:
            self.skipTest("no python3-rosbag")
        for name, options in self.KINDS.items():
            with self.subTest(name):
                bag = self.synth(name, *options, seconds=1.5)
                dump = subprocess.run(["/usr/bin/python3", "-c", DUMP, str(bag)], capture_output=True, text=True)
                self.assertEqual(dump.returncode, 0, dump.stderr[-2000:])
                self.assertEqual(sorted(dump.stdout.splitlines()), self.lines(bag))

    def test_rosbags_reads_what_synth_writes(self):
        for name, options in self.KINDS.items():
            with self.subTest(name), rosbags.rosbag1.Reader(self.synth(name, *options, seconds=1.5)) as reader:
                got = sorted(f"{c.topic} {c.msgtype.replace('/msg/', '/')} {c.digest} {t} {hashlib.sha1(bytes(d)).hexdigest()}" for c, t, d in reader.messages())
                self.assertEqual(got, self.lines(self.synth(name)))

    def test_info_counts_what_is_there(self):
        bag = self.synth("none", seconds=1.5)
        messages = walk(bag)
        (recording,) = json.loads(self.bagloom("info", bag, "--json"))["recordings"]
        self.assertEqual(recording["messages"], len(messages))
        counts = {}
        for m in messages:
            counts[m.connection.topic, m.connection.type] = counts.get((m.connection.topic, m.connection.type), 0) + 1
        self.assertEqual({(t["name"], t["type"]): t["messages"] for t in recording["topics"]}, counts)
        times = [m.time for m in messages]
        self.assertEqual((recording["start_ns"], recording["end_ns"]), (min(times), max(times)))

    def test_synth_numbers_are_as_documented(self):
        bag, start, n = self.synth("none", seconds=1.5), 1760152997000000000, 0
        for m in walk(bag):
            ahead = {"/joint_states": 0, "/joint_commands": 50_000_000}.get(m.connection.topic)
            if ahead is not None:
                self.assertEqual(field(decode(m), "position").tolist(), [joint(j, m.time - start + ahead) for j in range(7)])
                n += 1
        self.assertGreater(n, 500)

    def test_same_seed_same_bytes(self):
        a, b, c = (self.synth(n, "--seed", s, seconds=1).read_bytes() for n, s in (("seed_a", 7), ("seed_b", 7), ("seed_c", 8)))
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)

    def test_copy_bag_copies(self):
        bag = self.synth("none", seconds=1.5)
        self.assertEqual(self.lines(copy_bag(bag, self.folder / "copy.bag", lambda m: False)), self.lines(bag))


if __name__ == "__main__":
    unittest.main()
