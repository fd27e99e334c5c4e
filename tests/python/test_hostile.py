"""Recordings whose shape would take any memory: they stay inside the limit, or end with exit code 5 and a limit that does."""
import json
import shutil
import unittest

import hostile
from support import SANITIZED, BagloomTest

MIB = 1 << 20
RECIPE = """robot: test
fps: 50
task: hold
timeline: {topic: /joint_states, every: 2}
features:
  observation.state:
    vector:
      - {topic: /joint_states, field: "position[0:3]", names: [a, b, c]}
  action:
    vector:
      - {topic: /joint_commands, field: "position[0:3]", names: [a, b, c], match: hold}
gaps: {longer: drop}
"""


class Hostile(BagloomTest):
    def bag(self, shape, **options):
        path = self.folder / f"{shape}.bag"
        hostile.SHAPES[shape](path, **options)
        self.addCleanup(path.unlink)
        return path

    def run_json(self, *arguments, limit, code=0):
        answer = json.loads(self.bagloom(*arguments, "--json", "--memory-limit", limit, code=code))
        if not SANITIZED and "peak_bytes" in answer:
            self.assertLessEqual(answer["peak_bytes"], limit)
        return answer

    def to_dataset(self, bag, limit, code=0):
        (self.folder / "recipe.yaml").write_text(RECIPE)
        for left in ("dataset", "dataset.bagloom"):
            shutil.rmtree(self.folder / left, ignore_errors=True)
        limit = limit if not SANITIZED else limit * 20
        return self.run_json("convert", bag, "-o", self.folder / "dataset", "--recipe", self.folder / "recipe.yaml", limit=limit, code=code)

    def refused_then_done(self, bag, limit, code=0):
        """The limit is too small; the one that is named does."""
        refused = self.to_dataset(bag, limit, code=5)
        self.assertGreater(refused["smallest_limit_bytes"], limit)
        return self.to_dataset(bag, refused["smallest_limit_bytes"], code=code)

    @unittest.skipIf(SANITIZED, "a sanitizer's own memory is in every number")
    def test_a_large_compressed_chunk(self):
        bag = self.bag("large_chunk", size=96 * MIB)
        self.run_json("info", bag, limit=16 * MIB)
        self.refused_then_done(bag, 64 * MIB)

    def test_a_large_chunk_that_is_not_compressed(self):
        bag = self.bag("large_chunk", size=1500 * MIB, compression="none")
        self.run_json("scan", bag, limit=(16 if not SANITIZED else 512) * MIB)
        self.to_dataset(bag, 64 * MIB)

    @unittest.skipIf(SANITIZED, "a sanitizer's own memory is in every number")
    def test_many_connections(self):
        bag = self.bag("connections", count=40_000)
        for verb in ("info", "scan"):
            refused = self.run_json(verb, bag, limit=24 * MIB, code=5)
            answer = self.run_json(verb, bag, limit=refused["smallest_limit_bytes"])
            self.assertIn("peak_bytes", answer)
        self.refused_then_done(bag, 60 * MIB)

    def test_a_large_message_that_nobody_wants(self):
        self.to_dataset(self.bag("large_message"), 64 * MIB)

    @unittest.skipIf(SANITIZED, "a sanitizer's own memory is in every number")
    def test_a_large_message_that_is_wanted(self):
        answer = self.refused_then_done(self.bag("large_message", wanted=1), 64 * MIB, code=3)
        self.assertEqual([loss["kind"] for loss in answer["losses"]].count("unusable_message"), 1)

    def test_many_tiny_chunks(self):
        bag = self.bag("tiny_chunks", count=3000)
        self.assertEqual(self.run_json("info", bag, limit=(16 if not SANITIZED else 512) * MIB)["recordings"][0]["messages"], 3000)
        self.to_dataset(bag, 64 * MIB)

    def test_topics_far_apart_are_inflated_again_and_counted(self):
        bag = self.bag("far_apart", seconds=60, pad=5_000_000)
        answer = self.to_dataset(bag, 100 * MIB)
        record = json.loads((self.folder / "dataset/meta/bagloom/report.json").read_text())["memory"]
        self.assertEqual(record["compressed_chunks"], 6)
        self.assertGreaterEqual(record["inflations"], 6)
        self.assertEqual(answer["inflations"], record["inflations"])


if __name__ == "__main__":
    unittest.main()
