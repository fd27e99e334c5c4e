"""MCAP files against an independent reader, the `mcap` package: what info counts, and what a ROS 1-encoded file becomes."""
import json
import unittest

from mcap.reader import NonSeekingReader, make_reader
from mcap.writer import CompressionType, Writer

from bag_walk import walk
from compare_dataset import compare
from oracle import load_recipe
from support import REAL_BAGS, BagloomTest, generic_recipe


def counted(path):
    """{(topic, type): messages}, first and last time, by a reader that this project had no part in."""
    counts, times = {}, []
    with open(path, "rb") as file:
        for schema, channel, message in NonSeekingReader(file).iter_messages(log_time_order=False):
            key = channel.topic, schema.name if schema else ""
            counts[key] = counts.get(key, 0) + 1
            times.append(message.log_time)
    return counts, (min(times), max(times)) if times else None


def declared(path):
    """{(topic, type)} of the summary, if the file has one."""
    with open(path, "rb") as file:
        summary = make_reader(file).get_summary()
    return {(c.topic, summary.schemas[c.schema_id].name if c.schema_id else "") for c in summary.channels.values()} if summary else set()


def write(path, messages, **options):
    """The messages of a bag (bag_walk.py) with their ROS 1 bytes, a channel a connection."""
    with open(path, "wb") as file:
        writer = Writer(file, **{"chunk_size": 100_000, **options})
        writer.start(profile="ros1", library="test")
        schemas, channels = {}, {}
        for m in messages:
            c = m.connection
            if c.number not in channels:
                if c.type not in schemas:
                    schemas[c.type] = writer.register_schema(c.type, "ros1msg", c.definition.encode())
                channels[c.number] = writer.register_channel(c.topic, "ros1", schemas[c.type], metadata={"md5sum": c.md5sum, "latching": "true" if c.latching else "false"})
            writer.add_message(channels[c.number], m.time, m.data, m.time)
        writer.add_attachment(m.time, m.time, "notes.txt", "text/plain", b"an attachment")
        writer.add_metadata("rosbag2", {"serialized_metadata": "version: 9"})
        writer.finish()
    return path


class Mcap(BagloomTest):
    def info(self, path, code=0):
        (recording,) = json.loads(self.bagloom("info", path, "--json", code=code))["recordings"]
        return recording

    def check_info(self, path):
        recording = self.info(path)
        counts, span = counted(path)
        got = {(t["name"], t["type"]): t["messages"] for t in recording["topics"]}
        self.assertEqual({key: n for key, n in got.items() if n}, counts)
        self.assertLessEqual(declared(path), set(got))
        self.assertEqual((recording["messages"], recording["format"], recording["damage"]), (sum(counts.values()), "mcap", []))
        if span:
            self.assertEqual((recording["start_ns"], recording["end_ns"]), span)
        return recording

    def test_info_counts_what_the_independent_reader_reads(self):
        messages = walk(self.synth("source", seconds=2))
        for k, options in enumerate([dict(), dict(compression=CompressionType.LZ4), dict(compression=CompressionType.NONE), dict(use_chunking=False),
                                     dict(repeat_channels=False, repeat_schemas=False), dict(use_statistics=False, use_summary_offsets=False)]):
            with self.subTest(**options):
                recording = self.check_info(write(self.folder / f"{k}.mcap", messages, **options))
                self.assertEqual(recording["indexed"], options.get("use_chunking", True))

    def test_real_files_count_alike(self):
        if not REAL_BAGS.exists():
            self.skipTest("no shared/data/real-bags beside the repository")
        for path in sorted(REAL_BAGS.glob("mcap/**/*.mcap")):
            with self.subTest(path.name):
                if path.name == "truncated.mcap":
                    counts, _ = counted(whole_records(path, self.folder))
                    self.assertEqual(self.info(path)["messages"], sum(counts.values()))
                else:
                    self.check_info(path)

    def test_what_was_ros_1_gives_the_dataset_of_the_bag(self):
        """Compared with the oracle's own calculation from the bag."""
        bag = self.synth("small", "--jitter", 3, seconds=3, cameras=1)
        recipe = generic_recipe(fps=30, every=1, cameras=1)
        recording = write(self.folder / "small.mcap", walk(bag))
        dataset, _ = self.convert(recording, "from_mcap", recipe=recipe)
        problems, counts = compare(dataset, [bag], load_recipe(recipe))
        self.assertEqual(problems, [])
        self.assertGreater(counts["values"], 100)

    def test_a_flipped_bit_in_a_chunk_is_a_loss_that_is_said(self):
        messages = walk(self.synth("flip", seconds=3, cameras=1))
        recipe = generic_recipe(fps=30, every=1, cameras=1, gaps="longer: split")
        for compression in (CompressionType.NONE, CompressionType.ZSTD):
            with self.subTest(compression.name):
                path = write(self.folder / "flip.mcap", messages, compression=compression)
                data = bytearray(path.read_bytes())
                data[len(data) // 2] ^= 0x10
                path.write_bytes(data)
                dataset, report = self.convert(path, "flip", recipe=recipe, code=3)
                self.assertIn("checksum" if compression == CompressionType.NONE else "", json.dumps(report["losses"]))
                self.assertGreater(report["rows"], 40)
                self.assertEqual(report["rejected"], 0)
                self.bagloom("verify", dataset)

    def test_latching_and_md5_are_the_bags(self):
        bag = self.synth("latched", "--layout", "kuavo", seconds=1)
        recording = write(self.folder / "latched.mcap", walk(bag))
        of = {name: {t["name"]: t["latching"] for t in self.info(path)["topics"]} for name, path in (("bag", bag), ("mcap", recording))}
        self.assertEqual(of["bag"], of["mcap"])

    def test_a_cut_file_gives_what_stands_before_the_cut(self):
        path = write(self.folder / "whole.mcap", walk(self.synth("cut", seconds=2)))
        data = path.read_bytes()
        for share in (0.3, 0.6, 0.9):
            with self.subTest(share):
                cut = self.folder / "cut.mcap"
                cut.write_bytes(data[: int(len(data) * share)])
                recording = self.info(cut)
                self.assertEqual(len(recording["damage"]) > 0, True)
                counts, _ = counted(whole_records(cut, self.folder))
                self.assertGreaterEqual(recording["messages"], sum(counts.values()))
                self.bagloom("scan", cut, code=(0, 3))


def whole_records(path, folder):
    """The file's whole records with an end behind them, for the reader that does not take a cut one."""
    data = path.read_bytes()
    at, end = 8, 8
    while at + 9 <= len(data) and at + 9 + int.from_bytes(data[at + 1 : at + 9], "little") <= len(data) and data[at] != 0x0F:
        at += 9 + int.from_bytes(data[at + 1 : at + 9], "little")
        end = at
    whole = folder / "whole_records.mcap"
    whole.write_bytes(data[:end] + b"\x0f" + (4).to_bytes(8, "little") + bytes(4) + b"\x02" + (20).to_bytes(8, "little") + bytes(20) + data[:8])
    return whole


if __name__ == "__main__":
    unittest.main()
