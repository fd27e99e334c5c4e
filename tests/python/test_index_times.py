"""Wrong times in a chunk's index, single bits of them: the dataset is that of the recording with the right index, or the loss is said.
Columns that hold show it best: a message that its time takes away leaves the one before it in its row."""
import struct
import unittest

from dataset import fingerprint
from formats import mcap_records, take, write_mcap
from support import BagloomTest, generic_recipe


def mcap_entries(data):
    """Where each index entry's time stands, record by record."""
    for op, at, _ in mcap_records(data):
        if op == 7:
            count = struct.unpack_from("<I", data, at + 11)[0] // 16
            yield [at + 15 + 16 * i for i in range(count)]


def ros1_entries(data):
    """The same; of a time of seconds and nanoseconds the place of the nanoseconds."""
    at = 13
    while at < len(data):
        header = struct.unpack_from("<I", data, at)[0]
        fields = data[at + 4 : at + 4 + header]
        size = struct.unpack_from("<I", data, at + 4 + header)[0]
        begin = at + 8 + header
        if b"op=\x04" in fields:
            yield [begin + 12 * i + 4 for i in range(size // 12)]
        at = begin + size


def flipped(data, place, bit):
    changed = bytearray(data)
    changed[place + bit // 8] ^= 1 << bit % 8
    return bytes(changed)


class IndexTimes(BagloomTest):
    recipe = generic_recipe(cameras=1, fps=30, every=1, state_rules="match: hold; tolerance: none", action_rules="match: hold; tolerance: none")

    def flips(self, name, path, entries, proved):
        """Bits of entries at both ends and in the middle of the index records of one chunk, and the last of the file."""
        right, _ = self.convert(path, f"{name}_right", recipe=self.recipe)
        want, data = fingerprint(right), path.read_bytes()
        found = [places for places in entries(data) if len(places) > 2]
        self.assertGreater(len(found), 2, "the recording has too few chunks")
        mended = lost = 0
        wrong = self.folder / f"wrong{path.suffix}"
        places = [places[at] for places in found[2:3] for at in (0, len(places) // 2)] + [found[-1][-1]]
        for place in places:
            for bit in (21, 26):  # 2 and 67 ms
                wrong.write_bytes(flipped(data, place, bit))
                dataset, report = self.convert(wrong, f"{name}_wrong", recipe=self.recipe, code=0 if proved else (0, 3))
                same = fingerprint(dataset) == want
                lost += bool(report["losses"])
                mended += same
                self.assertTrue(same or report["losses"], f"bit {bit} of the time at {place}: another dataset, and nothing is said")
        return mended, lost

    def setUp(self):
        self.messages = take(self.synth("indexed", seconds=1, cameras=1))

    def test_mcap(self):
        for name, options in (("zstd", {}), ("none", {"compression": "none"})):
            with self.subTest(name):
                path = write_mcap(self.folder / f"{name}.mcap", self.messages, chunk_size=40_000, **options)
                self.assertEqual(self.flips(name, path, mcap_entries, proved=True)[1], 0)

    def test_mcap_without_checksums(self):
        """Nothing says whether index or record is right: the message is left out, and that is said."""
        path = write_mcap(self.folder / "no_crc.mcap", self.messages, compression="none", crcs=False, chunk_size=40_000)
        self.assertGreater(self.flips("no_crc", path, mcap_entries, proved=False)[1], 0)

    def test_ros1(self):
        for compression in ("bz2", "none"):
            with self.subTest(compression):
                bag = self.synth(f"ros1_{compression}", "--compression", compression, "--chunk-size", 40_000, seconds=1, cameras=1)
                mended, lost = self.flips(compression, bag, ros1_entries, proved=compression == "bz2")
                self.assertGreater(mended, 0)
                self.assertEqual(lost > 0, compression == "none")


if __name__ == "__main__":
    unittest.main()
