#!/usr/bin/python3
"""Our bags read by other people's readers, and other people's bags by ours.

usage: writer_independent_test.py BAG_TOOL SOURCE_DIR

Debian's python3-rosbag reads everything that `bag_tool write` makes (after `reindex` on a copy, where the bag has no
index), so does PyPI's rosbags where .deps/python has it; times and bytes are compared with what this script computes
itself. Then the payloads of the real recordings, where they are there, are compared between rosbag and `bag_tool dump`.
Exit code 77 (skipped) where python3-rosbag is not installed.
"""
import bz2
import glob
import os
import shutil
import struct
import subprocess
import sys
import tempfile

try:
    import rosbag
except ImportError:
    print("python3-rosbag is not installed: skipped")
    sys.exit(77)


def expected_messages():
    """What bag_tool.cc's write_bag writes, computed anew."""
    out = []
    for i in range(500):
        connection = 2 if i == 250 else i % 2
        length = 5 + i % 7 if connection == 0 else (i * 7919) % 3000
        state = (i * 2654435761 + connection) & 0xFFFFFFFF
        text = bytearray()
        for _ in range(length):
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
            text.append(ord("a") if i % 3 == 0 else ord("a") + (state >> 24) % 26)
        time = 1_700_000_000_000_000_000 + i * 10_000_001 - (15_000_000 if i % 10 == 9 else 0)
        out.append((["/short", "/long", "/latched"][connection], time, struct.pack("<I", length) + bytes(text)))
    return sorted(out)


def read_with_rosbag(path):
    with rosbag.Bag(path) as bag:
        return sorted((topic, t.to_nsec(), bytes(raw[1])) for topic, raw, t in bag.read_messages(raw=True))


def read_reindexed(path, folder):
    copy = os.path.join(folder, "copy.bag")
    shutil.copyfile(path, copy)
    os.chmod(copy, 0o644)
    with rosbag.Bag(copy, "a", allow_unindexed=True) as bag:
        for _ in bag.reindex():
            pass
    result = read_with_rosbag(copy)
    os.unlink(copy)
    return result


def read_sequentially(path):
    """Record after record, in plain Python: for bags whose indexes are wrong or missing. No lz4."""
    def records(data):
        at = 0
        while at + 4 <= len(data):
            (n,) = struct.unpack_from("<I", data, at)
            if n == 0:  # filling between records
                at += 1
                continue
            fields, f = {}, at + 4
            while f < at + 4 + n:
                (size,) = struct.unpack_from("<I", data, f)
                name, _, value = data[f + 4:f + 4 + size].partition(b"=")
                fields[name] = value
                f += 4 + size
            (size,) = struct.unpack_from("<I", data, f)
            yield fields, data[f + 4:f + 4 + size]
            at = f + 4 + size

    topics, out = {}, []
    with open(path, "rb") as file:
        file.seek(13)
        for fields, data in records(file.read()):
            if fields[b"op"] != b"\x05":
                continue
            if fields[b"compression"] == b"bz2":
                data = bz2.decompress(data)
            for inner, payload in records(data):
                if inner[b"op"] == b"\x07":
                    topics[inner[b"conn"]] = inner[b"topic"].decode()
                elif inner[b"op"] == b"\x02":
                    secs, nsecs = struct.unpack("<II", inner[b"time"])
                    out.append((topics[inner[b"conn"]], secs * 10**9 + nsecs, payload))
    return sorted(out)


ROSBAGS = """
import pickle, sys
from pathlib import Path
from rosbags.rosbag1 import Reader
with Reader(Path(sys.argv[1])) as reader:
    out = sorted((c.topic, t, bytes(data)) for c, t, data in reader.messages())
sys.stdout.buffer.write(pickle.dumps(out))
"""


def read_with_rosbags(python, path):
    import pickle
    return pickle.loads(subprocess.run([python, "-c", ROSBAGS, path], check=True, stdout=subprocess.PIPE).stdout)


def read_with_ours(tool, path):
    data = subprocess.run([tool, "dump", path], check=True, stdout=subprocess.PIPE).stdout
    out, at = [], 0
    while at < len(data):
        (n,) = struct.unpack_from("<Q", data, at)
        topic = data[at + 8:at + 8 + n].decode()
        at += 8 + n
        time, n = struct.unpack_from("<QQ", data, at)
        out.append((topic, time, data[at + 16:at + 16 + n]))
        at += 16 + n
    times = [time for _, time, _ in out]
    assert times == sorted(times), path + ": scan is not in the order of time"
    return sorted(out)


def compare(what, got, wanted):
    if got == wanted:
        return 0
    print(f"{what}: differs: {len(got)} messages, wanted {len(wanted)}")
    for a, b in zip(got, wanted):
        if a != b:
            print("  first difference:", a[0], a[1], len(a[2]), "wanted", b[0], b[1], len(b[2]))
            break
    return 1


def main():
    tool, source_dir = sys.argv[1:3]
    python = os.path.join(source_dir, ".deps/python/bin/python3")
    have_rosbags = os.path.exists(python) and subprocess.run([python, "-c", "import rosbags"], stderr=subprocess.DEVNULL).returncode == 0
    failures = compared = 0
    with tempfile.TemporaryDirectory(prefix=f"bag-{os.getpid()}-") as folder:
        made = os.path.join(folder, "made")
        os.mkdir(made)
        subprocess.run([tool, "write", made], check=True)
        wanted = expected_messages()
        paths = sorted(glob.glob(made + "/*.bag"))
        assert len(paths) == 24, paths
        for path in paths:
            name = os.path.basename(path)
            indexed = "unindexed" not in name and "nochunkindex" not in name
            failures += compare("bagloom: " + name, read_with_ours(tool, path), wanted)
            if "nochunkindex" not in name:  # rosbag's reindex needs each chunk's own index
                failures += compare("rosbag: " + name, read_with_rosbag(path) if indexed else read_reindexed(path, folder), wanted)
            if "lz4" not in name:
                failures += compare("sequential: " + name, read_sequentially(path), wanted)
            if have_rosbags and indexed:
                failures += compare("rosbags: " + name, read_with_rosbags(python, path), wanted)
            compared += 1
        for path in sorted(glob.glob(os.path.join(source_dir, "../shared/data/real-bags/ros1/**/*.bag"), recursive=True)):
            if os.path.getsize(path) == 0:
                continue
            ours = read_with_ours(tool, path)
            try:
                theirs = read_with_rosbag(path)
            except rosbag.ROSBagUnindexedException:
                theirs = read_reindexed(path, folder)
            except rosbag.ROSBagFormatException:  # its indexes are wrong
                theirs = read_sequentially(path)
            failures += compare(path, ours, theirs)
            compared += 1
    print(f"{compared} bags compared, rosbags {'too' if have_rosbags else 'is not there'}, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
