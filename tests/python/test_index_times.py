"""A chunk's index that is wrong: times, connections, entries that are missing or stand twice. The dataset is that of the recording with
the right index, or the loss is said. Columns that hold show it best: a message that is taken away leaves the one before it in its row."""
import struct
import unittest

from dataset import fingerprint
from formats import cut_summary, mcap_records, take, write_mcap
from support import BagloomTest, generic_recipe


def mcap_index_records(data):
    """Where each index record's channel stands, where its entries do, and how many they are."""
    for op, at, _ in mcap_records(data):
        if op == 7:
            yield at + 9, at + 15, struct.unpack_from("<I", data, at + 11)[0] // 16


def ros1_index_records(data):
    """The same; of the connection's number."""
    at = 13
    while at < len(data):
        header = struct.unpack_from("<I", data, at)[0]
        fields = data[at + 4 : at + 4 + header]
        size = struct.unpack_from("<I", data, at + 4 + header)[0]
        begin = at + 8 + header
        if b"op=\x04" in fields:
            yield at + 4 + fields.index(b"conn=") + 5, begin, size // 12
        at = begin + size


def ros1_camera_numbers(data):
    """Where the connection records of the index section have their numbers, of cameras."""
    at = 13
    while at < len(data):
        header = struct.unpack_from("<I", data, at)[0]
        fields = data[at + 4 : at + 4 + header]
        if b"op=\x07" in fields and b"topic=/camera_" in fields:
            yield at + 4 + fields.index(b"conn=") + 5
        at += 8 + header + struct.unpack_from("<I", data, at + 4 + header)[0]


def mcap_camera_numbers(data):
    """The same of the summary's channel records."""
    at = struct.unpack_from("<Q", data, len(data) - 8 - 20)[0]
    while data[at] != 2:  # the footer
        if data[at] == 4 and data[at + 17 : at + 25] == b"/camera_":
            yield at + 9
        at += 9 + struct.unpack_from("<Q", data, at + 1)[0]


def exchanged(data, a, b, length):
    changed = bytearray(data)
    changed[a : a + length], changed[b : b + length] = data[b : b + length], data[a : a + length]
    return bytes(changed)


def mcap_entries(data):
    """Where each index entry's time stands, record by record."""
    for _, begin, count in mcap_index_records(data):
        yield [begin + 16 * i for i in range(count)]


def ros1_entries(data):
    """The same; of a time of seconds and nanoseconds the place of the nanoseconds."""
    for _, begin, count in ros1_index_records(data):
        yield [begin + 12 * i + 4 for i in range(count)]


def flipped(data, place, bit):
    changed = bytearray(data)
    changed[place + bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def bent(data, record, kind, entry_bytes, chunk_bytes):
    """An index record of another connection, of fewer entries, with one of them twice, or with the entries of another chunk."""
    number, begin, count = record
    changed = bytearray(data)
    middle = begin + count // 2 * entry_bytes
    if kind == "connection":
        changed[number] ^= 1
    elif kind == "twice":
        changed[middle : middle + entry_bytes] = data[middle - entry_bytes : middle]
    elif kind == "place twice":
        changed[middle + entry_bytes - chunk_bytes : middle + entry_bytes] = data[middle - chunk_bytes : middle]
    elif kind == "fewer":  # the last entry is behind what the record says that it has
        struct.pack_into("<I", changed, number + 2, (count - 1) * 16)
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

    def bend(self, name, path, records, kinds, entry_bytes, chunk_bytes, proved=True):
        """No message is lost; where nothing says whether index or record is right, what is lost is said."""
        right, report = self.convert(path, f"{name}_right", recipe=self.recipe, code=(0, 3))  # a recorder that died may have lost something
        want, data = fingerprint(right), path.read_bytes()
        found = [record for record in records(data) if record[2] > 2]
        wrong = self.folder / f"bent{path.suffix}"
        for kind in kinds:
            for record in (found[0], found[len(found) // 2], found[-1]):
                wrong.write_bytes(bent(data, record, kind, entry_bytes, chunk_bytes))
                dataset, told = self.convert(wrong, f"{name}_bent", recipe=self.recipe, code=(0, 3))
                where = f"{kind}, index record at {record[0]}"
                if proved or len(told["losses"]) <= len(report["losses"]):
                    self.assertEqual(fingerprint(dataset), want, where)
                    self.assertEqual([loss["kind"] for loss in told["losses"]], [loss["kind"] for loss in report["losses"]], where)

    def test_mcap_entries(self):
        kinds = ("connection", "twice", "place twice", "fewer")
        for name, compression, crcs, closed in (("whole", "zstd", True, True), ("cut", "zstd", True, False), ("bare", "none", False, False)):
            with self.subTest(name):
                path = write_mcap(self.folder / f"entries_{name}.mcap", self.messages, compression=compression, crcs=crcs, chunk_size=40_000)
                if not closed:
                    cut_summary(path)
                self.bend(name, path, mcap_index_records, kinds, 16, 8, proved=crcs)

    def test_ros1_entries(self):
        for compression in ("lz4", "none"):
            with self.subTest(compression):
                bag = self.synth(f"entries_{compression}", "--compression", compression, "--chunk-size", 40_000, seconds=1, cameras=1)
                self.bend(compression, bag, ros1_index_records, ("connection", "twice", "place twice"), 12, 4)

    def test_connections_that_are_exchanged(self):
        """Each camera would have the other one's pictures: the records of the chunks say what theirs are."""
        recipe = generic_recipe(cameras=2, fps=30, every=1)
        bag = self.synth("two", "--compression", "lz4", seconds=1, cameras=2)
        plain = self.synth("two_plain", seconds=1, cameras=2)
        mcap = write_mcap(self.folder / "two.mcap", take(bag), crcs=False)
        for path, numbers, length, remedy in ((bag, ros1_camera_numbers, 4, "rosbag reindex"), (plain, ros1_camera_numbers, 4, "rosbag reindex"),
                                              (mcap, mcap_camera_numbers, 2, "mcap recover")):
            with self.subTest(path.name):
                data = path.read_bytes()
                wrong = self.folder / f"exchanged{path.suffix}"
                wrong.write_bytes(exchanged(data, *numbers(data), length))
                _, report = self.convert(wrong, "exchanged", recipe=recipe, code=6)
                for part in ("/camera_0", "/camera_1", "in the index section", "in the records of the chunk at", remedy):
                    self.assertIn(part, report["error"])
                self.convert(path, "as_recorded", recipe=recipe)

    def test_an_index_that_leaves_no_row(self):
        """The plan finds nothing to convert, so no task comes to the chunk that shows it."""
        path = write_mcap(self.folder / "no_row.mcap", self.messages, chunk_size=40_000)
        data = bytearray(path.read_bytes())
        topic = max(mcap_index_records(data), key=lambda record: record[2])[0]
        channel = bytes(data[topic : topic + 2])
        for number, begin, count in mcap_index_records(data):
            for at in range(begin, begin + count * 16, 16):  # all but the last of each chunk
                if data[number : number + 2] == channel and at != begin + (count - 1) * 16:
                    data[at : at + 8] = data[begin + (count - 1) * 16 : begin + (count - 1) * 16 + 8]
        path.write_bytes(data)
        recipe = generic_recipe(cameras=1, fps=30, every=1, action_rules="match: nearest")  # a gap of 0.2 s is rejected
        dataset, report = self.convert(path, "no_row", recipe=recipe)
        plain, _ = self.convert(write_mcap(self.folder / "plain.mcap", self.messages, chunk_size=40_000), "no_row_plain", recipe=recipe)
        self.assertEqual((fingerprint(dataset), report["losses"]), (fingerprint(plain), []))

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
