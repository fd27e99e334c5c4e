import unittest

from binary import BinaryTest, bagloom


class Scan(BinaryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bag = cls.synth("even.bag", "--jitter", 0, seconds=4)
        cls.gap = cls.synth("gap.bag", "--jitter", 0, "--gap", "1.0-1.5", "--gap", "2.5-2.6", seconds=4)

    def topics(self, bag, code=0):
        result = self.expect_json(bagloom("scan", "--json", bag), code)
        recording = result["recordings"][0]
        self.expect_keys(recording, path=str, messages=int, start_ns=int, end_ns=int, topics=list)
        for topic in recording["topics"]:
            self.expect_keys(topic, name=str, messages=int, mean_hz=(int, float), median_interval_ns=int, worst_interval_ns=int, worst_at_ns=int, gaps=int, out_of_order=int)
        return recording, {topic["name"]: topic for topic in recording["topics"]}

    def test_even_times(self):
        _, topics = self.topics(self.bag)
        camera = topics["/camera_0/image/compressed"]
        self.assertEqual(camera["messages"], 120)
        self.assertAlmostEqual(camera["mean_hz"], 30, places=3)
        self.assertLessEqual(camera["median_interval_ns"], 33_333_334)
        self.assertGreater(camera["median_interval_ns"], 33_333_334 * (1 - 1 / 1024))
        self.assertEqual(camera["gaps"], 0)
        self.assertEqual(topics["/joint_states"]["gaps"], 0)
        self.assertEqual(topics["/robot_description"]["median_interval_ns"], 0)

    def test_gaps(self):
        recording, topics = self.topics(self.gap)
        camera = topics["/camera_0/image/compressed"]
        self.assertEqual(camera["messages"], 120 - 15 - 3)
        self.assertEqual(camera["gaps"], 2)
        # from frame 29 to frame 45, and from 74 to 78
        self.assertAlmostEqual(camera["worst_interval_ns"], 16e9 / 30, delta=10)
        self.assertAlmostEqual(camera["worst_at_ns"] - recording["start_ns"], 29e9 / 30, delta=10)
        self.assertAlmostEqual(camera["gap_total_ns"], 20e9 / 30, delta=10)

    def test_text(self):
        said = self.expect(bagloom("scan", self.gap), 0)
        for word in ("median ms", "worst ms", "gaps", "/camera_0/image/compressed", "+0.967", "533"):
            self.assertIn(word, said.out)
        self.assertNotIn("disorder", said.out)

    def test_same_without_index(self):
        options = ("--jitter", 0, "--gap", "1.0-1.5", "--gap", "2.5-2.6", "--no-index", "--no-chunk-index", "--compression", "lz4")
        _, walked = self.topics(self.synth("walked.bag", *options, seconds=4))
        self.assertEqual(self.topics(self.gap)[1], walked)

    def test_bad_among_good(self):
        bad = self.file("bad.bag", b"nothing")
        self.assertIn("gaps", self.expect(bagloom("scan", bad, self.gap), 4).out)
        self.expect_json(bagloom("scan", "--json", bad, self.gap), 4)
        self.expect_json(bagloom("scan", "--json", bad), 6)

    def test_help_says_how_the_median_is_made(self):
        self.assertIn("eleven leading bits", self.expect(bagloom("scan", "--help"), 0).out)


if __name__ == "__main__":
    unittest.main()
