"""The calculation that everything else is compared with, on cases small enough to check by hand against docs/alignment.md."""
import unittest

from bag_walk import Message
from oracle import Part, Recipe, Rejected, cells_of, cut, leading_digits, load_recipe, median_interval, nanoseconds, topic_ticks
from pattern import checksum
from support import generic_recipe

MS = 1_000_000


def messages(*times):
    return [Message(None, t, place, b"") for place, t in enumerate(times)]


def places(cells):
    return [None if c is None else c.place for c in cells]


class Rules(unittest.TestCase):
    def test_every_third_message_is_a_tick(self):
        times = [k * 33 * MS for k in range(10)]
        self.assertEqual(topic_ticks(times, Recipe(fps=10, every=3)), [0, 99 * MS, 198 * MS, 297 * MS])

    def test_a_lost_message_does_not_shift_the_ticks_after_it(self):
        times = [k * 33 * MS for k in range(13) if k != 4]
        self.assertEqual(topic_ticks(times, Recipe(fps=10, every=3)), [k * 99 * MS for k in range(5)])

    def test_a_gap_of_the_timeline_becomes_ticks(self):
        times = [0, 100 * MS, 500 * MS, 600 * MS]
        self.assertEqual(topic_ticks(times, Recipe(fps=10)), [k * 100 * MS for k in range(7)])
        long = topic_ticks([0, 100 * MS, 5000 * MS], Recipe(fps=10))
        self.assertEqual(len(long), 6)  # at most held rows + 1 in one gap, which is a long gap already
        self.assertEqual(long[2:5], [(100 + 4900 * j // 4) * MS for j in (1, 2, 3)])

    def test_nearest_takes_the_earlier_of_two_at_the_same_distance(self):
        part = Part("t", match="nearest", tolerance=50 * MS)
        self.assertEqual(places(cells_of([0, 100 * MS, 149 * MS, 151 * MS, 400 * MS], part, messages(50 * MS, 150 * MS, 250 * MS))), [0, 0, 1, 1, None])

    def test_of_several_at_one_time(self):
        same = messages(100 * MS, 100 * MS, 100 * MS)
        self.assertEqual(places(cells_of([90 * MS, 100 * MS, 110 * MS], Part("t", match="nearest", tolerance=None), same)), [0, 0, 0])
        self.assertEqual(places(cells_of([90 * MS, 100 * MS, 110 * MS], Part("t", match="hold", tolerance="none"), same)), [None, 2, 2])

    def test_median_interval(self):
        self.assertEqual(median_interval([0, 10, 20, 60, 61]), 10)
        self.assertEqual(leading_digits(2047), 2047)
        self.assertEqual(leading_digits(33_333_333), 33_333_333 >> 14 << 14)

    def test_trim_hold_and_gaps(self):
        cell = Message(None, 0, 0, b"")
        column = lambda text: [cell if c == "x" else None for c in text]
        recipe = Recipe(fps=10)  # holds two rows
        self.assertEqual(cut([column(".xx.x..xx..")], recipe)[0], [list(range(1, 9))])
        with self.assertRaises(Rejected):
            cut([column("xx...xx")], recipe)
        recipe.longer = "split"
        self.assertEqual(cut([column("xxx....xxxx"), column("xxx....x.xx")], recipe)[0], [[0, 1, 2], [7, 8, 9, 10]])
        self.assertEqual(cut([column("xxx....xxxx"), column("xxx.....xxx")], recipe)[0], [[0, 1, 2], [8, 9, 10]])
        recipe.min_rows = 4
        self.assertEqual(cut([column("xxx....xxxx")], recipe)[0], [[7, 8, 9, 10]])
        recipe.longer = "drop"
        self.assertEqual(cut([column("xxx....xxxx")], recipe)[0], [[0, 1, 2, 7, 8, 9, 10]])

    def test_pattern_checksum(self):
        self.assertEqual([checksum(0, 0), checksum(1, 2), checksum(2, 599)], [0xA5A, 0xE0E, 0x4C6])

    def test_defaults_of_a_recipe(self):
        recipe = load_recipe(generic_recipe(action_rules=""))
        rules = [(p.match, p.tolerance) for f in recipe.features for p in f.parts]
        self.assertEqual(rules, [("nearest", "state"), ("hold", "none")] + [("nearest", "period")] * 3)
        self.assertEqual([nanoseconds(t) for t in (0.2, "0.05", "33ms", 0)], [200 * MS, 50 * MS, 33 * MS, 0])


if __name__ == "__main__":
    unittest.main()
