"""The conformance recording: one content in every format, compression, index state and order gives one plan and one dataset."""
import json
import unittest

import zstandard

from dataset import Dataset, fingerprint
from formats import cut_summary, mcap_records, take, write_mcap, write_ros1, write_rosbag2
from support import BagloomTest, generic_recipe


class Conformance(BagloomTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recipe = generic_recipe(fps=30, every=1, cameras=2)
        cls.taken = None

    def source(self):
        bag = self.synth("source", "--jitter", 3, "--drop", 0.01, seconds=4, cameras=2)
        if type(self).taken is None:
            type(self).taken = take(bag)
            dataset, report = self.convert(bag, "wanted", recipe=self.recipe)
            self.assertGreater(len(Dataset(dataset).table), 100)
            type(self).want, type(self).report = fingerprint(dataset), self.told(report)
            type(self).want_plan = self.plan_of(bag)
        return bag

    @staticmethod
    def told(report):
        """Files in another order than their times': that is said, and changes nothing else."""
        return report["rows"], [{k: v for k, v in loss.items() if k != "recording"} for loss in report["losses"] if loss["kind"] != "clock_set_back"]

    def plan_of(self, recording):
        recipe = self.folder / "recipe.yaml"
        recipe.write_text(self.recipe)
        answer = json.loads(self.bagloom("plan", recording, "--recipe", recipe, "--json"))
        packed = list(recording.glob("*.zstd")) if recording.is_dir() else []
        unpacked = sum(len(zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())) for path in packed)
        self.assertEqual(answer["unpacked_bytes"], unpacked)
        self.assertGreaterEqual(answer["staging_bytes"], unpacked)
        (plan,) = answer["recordings"]
        return {k: v for k, v in plan.items() if k != "recording"}

    def check(self, recording):
        self.assertEqual(self.plan_of(recording), self.want_plan)
        dataset, report = self.convert(recording, "got", recipe=self.recipe)
        self.assertEqual(self.told(report), self.report)
        self.assertEqual(fingerprint(dataset), self.want)
        counts = {}
        for m in self.taken:
            counts[m.topic] = counts.get(m.topic, 0) + 1
        (info,) = json.loads(self.bagloom("info", recording, "--json"))["recordings"]
        self.assertEqual({t["name"]: t["messages"] for t in info["topics"]}, counts)
        self.assertEqual((info["start_ns"], info["end_ns"]), (min(m.time for m in self.taken), max(m.time for m in self.taken)))
        self.assertEqual(info["damage"], [])

    def test_ros1(self):
        self.source()
        for compression in ("none", "lz4", "bz2"):
            for order in ("time", "late", "apart"):
                with self.subTest(compression=compression, order=order):
                    self.check(write_ros1(self.folder / f"{compression}_{order}.bag", self.taken, compression, order))

    def test_mcap(self):
        self.source()
        cases = [dict(compression=c, order=o) for c in ("none", "lz4", "zstd") for o in ("time", "late")]
        cases += [dict(order="apart"), dict(order="shuffled", chunk_size=30_000), dict(chunked=False), dict(chunked=False, order="late"), dict(index="chunks"), dict(index="none"),
                  dict(index="none", compression="none"), dict(crcs=False), dict(encoding="ros1"), dict(encoding="ros1", chunked=False), dict(encoding="ros1", profile=""), dict(summary=False)]
        for k, case in enumerate(cases):
            with self.subTest(**case):
                self.check(write_mcap(self.folder / f"{k}.mcap", self.taken, **case))

    def test_mcap_without_an_end(self):
        self.source()
        for k, case in enumerate([dict(), dict(compression="none"), dict(chunked=False), dict(order="late")]):
            with self.subTest(**case):
                path = cut_summary(write_mcap(self.folder / f"cut_{k}.mcap", self.taken, **case))
                dataset, report = self.convert(path, "cut", recipe=self.recipe, code=(0, 3))
                self.assertEqual(report["rows"], self.report[0])
                self.assertEqual(fingerprint(dataset), self.want)

    def test_rosbag2(self):
        self.source()
        cases = [dict(storage=s, compression=c) for s in ("sqlite3", "mcap") for c in ("none", "file", "message")]
        cases += [dict(order="late"), dict(order="apart"), dict(storage="mcap", order="late"), dict(version=8), dict(storage="mcap", compression="storage")]
        for k, case in enumerate(cases):
            with self.subTest(**case):
                if case.get("compression") == "storage" and case["storage"] != "mcap":
                    continue
                self.check(write_rosbag2(self.folder / f"rosbag2_{k}", self.taken, **case))

    def test_single_storage_files(self):
        self.source()
        for storage, suffix in (("sqlite3", "db3"), ("mcap", "mcap")):
            with self.subTest(storage):
                folder = write_rosbag2(self.folder / f"single_{storage}", self.taken, storage)
                (file,) = folder.glob(f"*.{suffix}")
                self.check(file)

    def test_damage_in_one_file_of_several(self):
        self.source()
        folder, half = self.folder / "split", len(self.taken) // 2
        folder.mkdir()
        files = [write_mcap(folder / f"run_{k}.mcap", part, compression="zstd") for k, part in enumerate((self.taken[:half], self.taken[half:]))]
        (folder / "metadata.yaml").write_text("rosbag2_bagfile_information: {version: 8, storage_identifier: mcap, relative_file_paths: [run_0.mcap, run_1.mcap]}\n")
        (whole_start, whole_rows) = self.taken[half].time, self.report[0]
        data = bytearray(files[1].read_bytes())
        data[len(data) // 2] ^= 0xFF
        files[1].write_bytes(data)
        recipe = self.recipe + "gaps: {longer: drop}\n"
        dataset, report = self.convert(folder, "split_dataset", recipe=recipe, code=3)
        unusable = [loss for loss in report["losses"] if loss["kind"] == "unusable_message"]
        self.assertTrue(unusable)
        for loss in unusable:
            self.assertIn("run_1.mcap at 0x", loss["text"])
            self.assertLess(loss["offset"], len(data))
            self.assertGreaterEqual(loss["time_ns"], whole_start)
        self.assertLess(report["rows"], whole_rows)
        self.assertGreater(report["rows"], whole_rows // 2)  # what stands at the same place of the other file is no loss

    def test_wrong_times_in_an_index_cost_nothing(self):
        self.source()
        path = write_mcap(self.folder / "index.mcap", self.taken, chunk_size=100_000)
        data = bytearray(path.read_bytes())
        records = list(mcap_records(data))
        chunks = sum(opcode == 0x06 for opcode, _, _ in records)
        indexes = [at for opcode, at, length in records if opcode == 0x07 and length >= 6 + 6 * 16]
        for index in indexes:
            data[index + 9 + 6 + 3 * 16 + 3] ^= 0x04  # the fourth entry's time, by 67 ms
        path.write_bytes(data)
        (info,) = json.loads(self.bagloom("info", path, "--json"))["recordings"]  # which reads no messages
        outside = [d for d in info["damage"] if "times of other messages" in d["what"]]
        self.assertTrue(0 < len(outside) < chunks, info["damage"])
        dataset, report = self.convert(path, "index_dataset", recipe=self.recipe, code=(0, 3))
        self.assertEqual(self.told(report), self.report)
        self.assertEqual(fingerprint(dataset), self.want)

    def test_a_wrong_time_outside_of_its_chunk_moves_nothing(self):
        self.source()
        path = write_mcap(self.folder / "far.mcap", self.taken, chunk_size=100_000)
        data = bytearray(path.read_bytes())
        last = [at for opcode, at, length in mcap_records(data) if opcode == 0x07 and length >= 6 + 16][-1]
        data[last + 9 + 6 + 6] ^= 0x01  # years
        path.write_bytes(data)
        dataset, report = self.convert(path, "far_dataset", recipe=self.recipe, code=(0, 3))
        self.assertEqual(self.told(report), self.report)
        self.assertEqual(fingerprint(dataset), self.want)

    def test_a_rejected_recording_names_the_file_that_is_missing(self):
        self.source()
        folder, half = self.folder / "gone", len(self.taken) // 2
        folder.mkdir()
        write_mcap(folder / "run_0.mcap", self.taken[:half])
        (folder / "metadata.yaml").write_text("rosbag2_bagfile_information: {version: 8, storage_identifier: mcap, relative_file_paths: [run_0.mcap, run_1.mcap]}\n")
        with_hole = [m for m in self.taken[:half] if not self.taken[half // 3].time < m.time < self.taken[half // 3].time + 700_000_000]
        write_mcap(folder / "run_0.mcap", with_hole)
        recipe = self.folder / "gone.yaml"
        recipe.write_text(self.recipe)
        self.bagloom("convert", folder, "-o", self.folder / "gone_dataset", "--recipe", recipe, code=1)
        self.assertIn("run_1.mcap", self.stderr)


if __name__ == "__main__":
    unittest.main()
