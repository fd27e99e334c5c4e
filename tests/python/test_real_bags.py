"""Real recordings (shared/data/real-bags beside the repository; skipped where absent) are read or refused as their list says, and the
robot's own are converted and compared."""
import csv
import json
import re
import unittest

from bag_walk import walk
from compare_dataset import compare
from dataset import Dataset
from oracle import load_recipe
from support import REAL_BAGS, BagloomTest

HAND = """robot: kuavo
fps: 10
task: Move a hand
timeline: uniform
features:
  observation.state:
    vector:
      - topic: /ik/two_arm_hand_pose_cmd
        field: hand_poses.left_pose.joint_angles
        names: [l1, l2, l3, l4, l5, l6, l7]
      - topic: /ik/two_arm_hand_pose_cmd
        field: hand_poses.right_pose.pos_xyz
        names: [x, y, z]
  action:
    vector:
      - topic: /ik/two_arm_hand_pose_cmd
        field: hand_poses.left_pose.quat_xyzw
        names: [qx, qy, qz, qw]
        match: hold
"""
QUEST = """robot: kuavo
fps: 20
task: Wave
timeline: uniform
features:
  observation.state:
    vector:
      - {topic: /quest_joystick_data, field: left_x, names: [lx]}
      - {topic: /quest_joystick_data, field: left_grip, names: [lg]}
  action:
    vector:
      - {topic: /quest_joystick_data, field: right_y, names: [ry], match: hold}
"""


def rows(begin="ros1/", end=""):
    path = REAL_BAGS / "MANIFEST.tsv"
    if not path.exists():
        raise unittest.SkipTest("no shared/data/real-bags beside the repository")
    with path.open(newline="") as file:
        return [r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if r["file"].startswith(begin) and r["file"].endswith(end)]


def listed_topics(text):
    """{(topic, type): messages} of the list's topics column."""
    found = {}
    for entry in filter(None, (e.strip() for e in text.split(";"))):
        topic, kind, count = entry.split(" (")[0].rsplit(" ", 2)
        found[topic, kind] = int(count[1:])
    return found


class RealBags(BagloomTest):
    def test_each_is_read_or_refused_as_listed(self):
        for row in rows():
            with self.subTest(row["file"]):
                path = REAL_BAGS / row["file"]
                if row["file"] == "ros1/empty_file.bag":
                    self.bagloom("info", path, code=6)
                    continue
                (recording,) = json.loads(self.bagloom("info", path, "--json", code=(0, 3)))["recordings"]
                self.assertEqual(recording["messages"], int(row["messages"]))
                got = {(t["name"], t["type"]): t["messages"] for t in recording["topics"] if t["messages"]}
                self.assertEqual(got, listed_topics(row["topics"]))
                self.assertEqual(recording["messages"], len(walk(path)))
                if row["duration_s"]:
                    self.assertAlmostEqual(recording["duration_seconds"], float(row["duration_s"]), delta=0.0006)
                if row["file"].endswith("unindexed.bag"):
                    self.assertFalse(recording["indexed"])
                self.bagloom("scan", path, code=(0, 3))

    def test_each_mcap_is_read_as_listed(self):
        for row in rows("mcap/", ".mcap"):
            with self.subTest(row["file"]):
                path = REAL_BAGS / row["file"]
                (recording,) = json.loads(self.bagloom("info", path, "--json"))["recordings"]
                self.assertEqual((recording["messages"], recording["format"]), (int(row["messages"]), "mcap"))
                got, listed = {(t["name"], t["type"]): t["messages"] for t in recording["topics"]}, listed_topics(row["topics"])
                if row["file"] == "mcap/truncated.mcap":  # the channels without messages were in the part that is cut off
                    listed = {topic: n for topic, n in listed.items() if n}
                    self.assertIn("recorder died", json.dumps(recording["damage"]))
                else:
                    self.assertEqual(recording["damage"], [])
                self.assertEqual(got, listed)
                self.assertAlmostEqual(recording["duration_seconds"], float(row["duration_s"]), delta=0.0006)
                self.bagloom("scan", path)

    def test_what_the_robot_recorded_is_converted(self):
        rows()
        for name, recipe in (("kuavo_hand_move_left", HAND), ("kuavo_vr_quest_a", QUEST)):
            with self.subTest(name):
                bag = REAL_BAGS / f"ros1/{name}.bag"
                dataset, report = self.convert(bag, name, recipe=recipe, code=(0, 3))
                problems, counts = compare(dataset, [bag], load_recipe(recipe))
                self.assertEqual(problems, [])
                self.assertGreater(counts["values"], 400)
                self.bagloom("verify", dataset)

    KUAVO = REAL_BAGS / "ros1/kuavo_full_topics_one_msg_each.bag"

    def kuavo_recipe(self):
        recipe = self.folder / "guess.yaml"
        self.bagloom("init", "--force", self.KUAVO, "-o", recipe)
        text = recipe.read_text()
        for topic in ("/cam_h/color/image_raw/compressed", "/sensors_data_raw", "/leju_claw_state", "/kuavo_arm_traj"):
            self.assertIn(topic, text)
        return text

    def test_one_message_a_topic_is_too_little_for_the_guessed_recipe(self):
        """The recording of all of Kuavo's topics has one message of each: its timeline's camera gives one row."""
        rows()
        self.kuavo_recipe()
        answer = json.loads(self.bagloom("convert", self.KUAVO, "-o", self.folder / "one", "--json", code=(1, 3)))
        self.assertIn("has one message: 1 row", json.dumps(answer))
        self.assertFalse((self.folder / "one").exists())

    def test_one_message_a_topic_is_converted_where_the_recipe_reaches_it(self):
        """All its topics lie within 23 ms: at 60 rows a second, and with tolerances as wide, two rows have all of them."""
        rows()
        text = self.kuavo_recipe()
        text = re.sub(r"timeline:.*?\nfeatures:", "timeline: uniform\nfeatures:", text, flags=re.S).replace("fps: 10", "fps: 60")
        text = re.sub(r"match: \w+\n(\s+)tolerance: \w+", r"match: nearest\n\1tolerance: 0.05", text)
        copied = re.sub(r"codec: h264.*\n\s+crf: .*\n", "codec: copy\n", text)
        for name, recipe, jpegs in (("kuavo_two_rows", text, False), ("kuavo_copied", copied, True)):
            with self.subTest(name):
                dataset, report = self.convert(self.KUAVO, name, recipe=recipe)
                self.assertEqual(report["rows"], 2)
                problems, counts = compare(dataset, [self.KUAVO], load_recipe(recipe), jpegs=jpegs, patterns=False)
                self.assertEqual(problems, [])
                self.assertEqual((counts["pictures"], counts["values"]), (6, 64))
                self.bagloom("verify", dataset)


if __name__ == "__main__":
    unittest.main()
