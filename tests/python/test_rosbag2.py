"""rosbag2 recordings written by `rosbags` (an independent writer, and the reader that messages are compared with), and real ones
(shared/data/real-bags beside the repository; skipped where absent)."""
import csv
import json
import os
import struct
import subprocess
import unittest
from pathlib import Path

from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import CompressionFormat, CompressionMode, Reader, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from support import REAL_BAGS, SANITIZED, BagloomTest

TYPES = get_typestore(Stores.ROS2_HUMBLE)
BAG_TOOL = Path(os.environ.get("BAGLOOM_BUILD", "")) / "tests/bag/bag_tool"
MCAP_LATER = "an MCAP file: not supported yet"
START = 1_700_000_000_000_000_000


def latched(yes):
    never = QosTime(0, 0)
    return [Qos(QosHistory.KEEP_LAST, 1, QosReliability.RELIABLE, QosDurability.TRANSIENT_LOCAL if yes else QosDurability.VOLATILE, never, never,
                QosLiveliness.AUTOMATIC, never, False)]


def write(path, storage=StoragePlugin.SQLITE3, mode=CompressionMode.NONE, version=9, messages=400):
    """Three topics; receive times that go back at times; payloads of 20 bytes to 60 kB."""
    string, floats = TYPES.types["std_msgs/msg/String"], TYPES.types["std_msgs/msg/Float64"]
    writer = Writer(path, version=version, storage_plugin=storage)
    if mode != CompressionMode.NONE:
        writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        text = writer.add_connection("/text", string.__msgtype__, typestore=TYPES, offered_qos_profiles=latched(False))
        number = writer.add_connection("/number", floats.__msgtype__, typestore=TYPES, offered_qos_profiles=latched(False))
        static = writer.add_connection("/static", string.__msgtype__, typestore=TYPES, offered_qos_profiles=latched(True))
        writer.add_connection("/silent", string.__msgtype__, typestore=TYPES)
        writer.write(static, START, TYPES.serialize_cdr(string("once"), string.__msgtype__))
        for i in range(messages):
            time = START + i * 10_000_000 - (25_000_000 if i % 10 == 9 else 0)
            writer.write(number, time, TYPES.serialize_cdr(floats(i / 7), floats.__msgtype__))
            if i % 4 == 0:
                body = "".join(chr(97 + (i * j * 7919 >> 5) % 26) for j in range(i * 150 % 60_000))
                writer.write(text, time + 1, TYPES.serialize_cdr(string(body), string.__msgtype__))
    return path


def dumped(path):
    """(topic, time, payload) of every message, as bagloom's reader gives them."""
    data = subprocess.run([BAG_TOOL, "dump", path], check=True, capture_output=True).stdout
    at, found = 0, []

    def number():
        nonlocal at
        at += 8
        return struct.unpack_from("<Q", data, at - 8)[0]

    def text():
        nonlocal at
        size = number()
        at += size
        return data[at - size:at]
    while at < len(data):
        found.append((text().decode(), number(), text()))
    return found


class WrittenByRosbags(BagloomTest):
    def check(self, path):
        """What `info` says and every message, against rosbags."""
        done = subprocess.run([os.environ["BAGLOOM"], "info", path, "--json"], capture_output=True, text=True)
        if MCAP_LATER in done.stderr + done.stdout:
            self.skipTest("this build reads no MCAP")
        self.assertEqual(done.returncode, 0, done.stderr)
        (info,) = json.loads(done.stdout)["recordings"]
        with Reader(path) as reader:
            self.assertEqual(info["format"], "rosbag2")
            self.assertEqual(info["messages"], reader.message_count)
            self.assertEqual(info["start_ns"], reader.start_time)
            self.assertEqual(info["end_ns"] + 1, reader.end_time)  # rosbags' end is behind the last message
            self.assertEqual({t["name"]: (t["type"], t["messages"]) for t in info["topics"]},
                             {name: (t.msgtype, t.msgcount) for name, t in reader.topics.items()})
            self.assertEqual([t["name"] for t in info["topics"] if t["latching"]], ["/static"])
            self.assertEqual(info["damage"], [])
            expected = [(c.topic, time, bytes(data)) for c, time, data in reader.messages()]
        got = dumped(path)
        self.assertEqual([m[1] for m in got], sorted(m[1] for m in expected))
        self.assertEqual(sorted(got), sorted(expected))
        return info

    def test_sqlite_storage(self):
        for version in (8, 9):
            for mode in CompressionMode:
                if mode == CompressionMode.STORAGE:
                    continue
                with self.subTest(version=version, mode=mode.name):
                    info = self.check(write(self.folder / f"db3_{version}_{mode.name}", mode=mode, version=version))
                    self.assertEqual(info["compression"], "none" if mode == CompressionMode.NONE else "zstd")

    def test_mcap_storage(self):
        for mode in CompressionMode:
            with self.subTest(mode=mode.name):
                self.check(write(self.folder / f"mcap_{mode.name}", StoragePlugin.MCAP, mode))

    def test_a_folder_of_recordings(self):
        parent = self.folder / "several"
        for name in ("b", "a"):
            write(parent / name, messages=10)
        found = json.loads(self.bagloom("info", parent, "--json"))["recordings"]
        self.assertEqual([r["path"] for r in found], [str(parent / "a"), str(parent / "b")])

    def test_a_storage_file_alone(self):
        folder = write(self.folder / "alone", mode=CompressionMode.FILE)
        (packed,) = folder.glob("*.db3.zstd")
        (info,) = json.loads(self.bagloom("info", packed, "--json"))["recordings"]
        self.assertEqual((info["messages"], info["compression"]), (501, "zstd"))
        self.assertIn("501 messages", self.bagloom("info", packed))
        self.bagloom("scan", packed)

    def test_memory_and_traces_of_a_compressed_file(self):
        """Only the temporary folder is written to, and nothing stays there; memory is not the file's size."""
        folder = write(self.folder / "traces", mode=CompressionMode.FILE, messages=2000)
        temporary = self.folder / "temporary"
        temporary.mkdir()
        before = sorted(p.name for p in folder.iterdir())
        done = subprocess.run([os.environ["BAGLOOM"], "info", folder, "--json"], capture_output=True, text=True, check=True,
                              env={**os.environ, "TMPDIR": str(temporary)})
        self.assertEqual(list(temporary.iterdir()), [])
        self.assertEqual(sorted(p.name for p in folder.iterdir()), before)
        if not SANITIZED:
            self.assertLess(json.loads(done.stdout)["peak_bytes"], 24 << 20)


def rows():
    path = REAL_BAGS / "MANIFEST.tsv"
    if not path.exists():
        raise unittest.SkipTest("no shared/data/real-bags beside the repository")
    with path.open(newline="") as file:
        return {r["file"]: r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


class RealRecordings(BagloomTest):
    # Recording: what is odd about it and is said. Files that belong together are one.
    FOLDERS = {"rosbag2/empty": "", "rosbag2/file_zstd_bagel": "", "rosbag2/file_zstd_mcap": "", "rosbag2/v2_message_zstd": "; message_compression_0.db3 is read",
               "rosbag2/v2_split_no_metadata": "", "rosbag2/v3_imu": "", "rosbag2/v4_arrays": "", "rosbag2/v4_tf_by_rosbags": "", "rosbag2/v1_images": "",
               "rosbag2/vlp16": "", "mcap/rosbag2_fluid_pressure": "", "mcap/message_zstd_in_mcap": "soccer_goal_0.mcap, which is not there"}

    def topics(self, text):
        found = {}
        for entry in filter(None, (e.strip() for e in text.split(";"))):
            topic, kind, count = entry.rsplit(" ", 2)
            found[topic, kind] = int(count[1:])
        return found

    def test_each_is_read_as_listed(self):
        listed = rows()
        for folder, odd in self.FOLDERS.items():
            with self.subTest(folder):
                done = subprocess.run([os.environ["BAGLOOM"], "info", REAL_BAGS / folder, "--json"], capture_output=True, text=True)
                if MCAP_LATER in done.stderr + done.stdout:
                    self.skipTest("this build reads no MCAP")
                self.assertIn(done.returncode, (0, 3), done.stderr)
                (info,) = json.loads(done.stdout)["recordings"]
                expected = {}
                for name, row in listed.items():
                    if name.startswith(folder + "/") and not name.endswith(".yaml"):
                        for topic, count in self.topics(row["topics"]).items():
                            expected[topic] = expected.get(topic, 0) + count
                got = {(t["name"], t["type"]): t["messages"] for t in info["topics"]}
                if folder != "mcap/message_zstd_in_mcap":
                    self.assertEqual(got, expected)
                    self.assertEqual(info["messages"], sum(expected.values()))
                else:
                    self.assertEqual(info["messages"], 2)
                self.assertEqual(len(dumped(REAL_BAGS / folder)), info["messages"])
                if odd:
                    self.assertIn(odd, json.dumps(info["damage"]))
                else:
                    self.assertEqual(info["damage"], [])

    def test_bodies_are_cdr_whatever_the_compression(self):
        rows()
        for folder in ("rosbag2/v2_message_zstd", "rosbag2/file_zstd_bagel", "rosbag2/v4_arrays"):
            with self.subTest(folder):
                self.assertEqual({m[2][:2] for m in dumped(REAL_BAGS / folder)}, {b"\0\1"})


if __name__ == "__main__":
    unittest.main()
