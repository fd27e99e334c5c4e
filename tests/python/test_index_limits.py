"""What info and scan name as the smallest limit does, whatever the recording's format, compression and index."""
import json
import re
import shutil
import unittest

from formats import take, write_mcap, write_rosbag2
from support import BAGLOOM, SANITIZED, BagloomTest

MIB = 1 << 20


@unittest.skipIf(SANITIZED, "a sanitizer's own memory is in every number")
class IndexLimits(BagloomTest):
    RAW = ("--raw", "--fps", 10, "--joint-hz", 100)

    def measured(self, verb, recording, limit, code):
        """Peak as the kernel saw it from outside, and what was said. Code 4: of several recordings, some."""
        figures = self.folder / "figures.json"
        said = self.bagloom("measure", "--json", figures, "--", BAGLOOM, verb, recording, "--json", "--memory-limit", limit, code=code)
        return json.loads(figures.read_text())["peak_bytes"], json.loads(said)

    def holds(self, recording, needless=6 * MIB):
        """`needless`: that the named limit may be above what is used, where that is more than a quarter of it."""
        # What is below the program itself, and what leaves no room for a decompressor: both name what does.
        for verb, limit in (("scan", MIB), ("info", 7 * MIB)):
            with self.subTest(recording=recording.name, verb=verb, limit=limit):
                peak, said = self.measured(verb, recording, limit, (0, 4, 5))
                if "smallest_limit_bytes" not in said:
                    self.assertLessEqual(peak, limit)
                    continue
                smallest = said["smallest_limit_bytes"]
                peak, said = self.measured(verb, recording, smallest, 0)
                self.assertLessEqual(peak, smallest)
                self.assertGreater(said["recordings"][0]["messages"], 0)
                self.assertLessEqual(smallest, max(1.25 * peak, peak + needless))
                less = smallest - 2 * MIB
                peak, said = self.measured(verb, recording, less, (0, 4, 5))
                if "smallest_limit_bytes" not in said:
                    self.assertLessEqual(peak, less)

    def source(self):
        """Messages of a small recording, taken once."""
        if not hasattr(type(self), "messages"):
            type(self).messages = take(self.synth("source", *self.RAW, seconds=1, size="320x240", cameras=2))
        return self.messages

    def test_ros1(self):
        for compression in ("none", "lz4", "bz2"):
            for name, options in (("indexed", ()), ("no_index", ("--no-index",)), ("no_chunk_index", ("--no-index", "--no-chunk-index"))):
                self.holds(self.synth(f"{compression}_{name}", *self.RAW, "--compression", compression, "--chunk-size", "3MiB", *options, seconds=1, size="320x240", cameras=2))

    def test_small_messages_without_an_index(self):
        for compression in ("lz4", "bz2"):
            self.holds(self.synth(f"small_{compression}", "--joint-hz", 4000, "--compression", compression, "--chunk-size", "2MiB", "--no-index", "--no-chunk-index", seconds=3, size="80x60", cameras=1))

    def test_mcap(self):
        messages = self.source()
        for compression in ("zstd", "lz4", "none"):
            for index in ("all", "none"):
                self.holds(write_mcap(self.folder / f"{compression}_{index}.mcap", messages, compression=compression, index=index, chunk_size=3_000_000, summary=index == "all"))

    def test_rosbag2(self):
        messages = self.source()
        for storage in ("sqlite3", "mcap"):
            for compression in ("none", "file", "message"):
                if (storage, compression) != ("mcap", "message"):
                    self.holds(write_rosbag2(self.folder / f"{storage}_{compression}", messages, storage=storage, compression=compression))

    def test_split_rosbag2(self):
        messages = self.source()
        for storage, compression in (("sqlite3", "none"), ("mcap", "none"), ("sqlite3", "file")):
            folder, files = self.folder / f"split_{storage}_{compression}", []
            folder.mkdir()
            for part in range(6):
                begin, end = (len(messages) * p // 6 for p in (part, part + 1))
                one = write_rosbag2(self.folder / "part", messages[begin:end], storage=storage, compression=compression)
                (file,) = (f for f in one.iterdir() if f.name != "metadata.yaml")
                metadata = (one / "metadata.yaml").read_text("utf-8")
                files.append(file.rename(folder / f"{part}_{file.name}").name)
                shutil.rmtree(one)
            # Counts and times stay those of the last file, and are not believed.
            (folder / "metadata.yaml").write_text(re.sub(r"(relative_file_paths:)\n *- .*\n", lambda m: f"{m[1]} {json.dumps(files)}\n", metadata), "utf-8")
            self.assertEqual(json.loads(self.bagloom("info", folder, "--json"))["recordings"][0]["messages"], len(messages))
            self.holds(folder)

    def test_several_recordings(self):
        """The limit that does for all, not for the first that did not fit."""
        folder = self.folder / "several"
        folder.mkdir()
        for name, compression in (("a", "none"), ("b", "bz2"), ("c", "none")):
            self.synth(f"several_{compression}", *self.RAW, "--compression", compression, "--no-index", "--no-chunk-index", "--chunk-size", "2MiB", seconds=1, size="320x240", cameras=1)
            shutil.copy(self.folder / f"several_{compression}.bag", folder / f"{name}.bag")
        self.holds(folder, needless=7 * MIB)

    def test_many_topics(self):
        messages = take(self.synth("topics_source", "--joint-hz", 20, seconds=1, size="80x60", cameras=1))
        many = []
        for copy in range(20):
            for m in messages[::2]:
                many.append(type(m)(**{**vars(m), "topic": f"{m.topic}_{copy}", "time": m.time + copy}))
        # How regular they are is not known before, and takes up to 48 KiB a topic.
        many.sort(key=lambda m: m.time)
        self.holds(write_mcap(self.folder / "topics.mcap", many, chunk_size=100_000), needless=20 * MIB)
        self.holds(write_rosbag2(self.folder / "topics_db3", many), needless=20 * MIB)


if __name__ == "__main__":
    unittest.main()
