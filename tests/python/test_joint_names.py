"""Numbers that a recipe takes by their place never stand under other joints' names: every message's own names are compared, whatever publishes
on the topic, in every format."""
import json
import shutil
import sys
import unittest

try:
    import google.protobuf  # noqa: F401
except ImportError:
    print("skipped: no protobuf in this Python; scripts/setup.sh installs it", file=sys.stderr)
    raise SystemExit(77) from None

import numpy as np

from dataset import Dataset, fingerprint
from formats import RECODER, Taken, take, write_mcap, write_ros1, write_rosbag2
from payloads import write_payloads
from support import SANITIZED, BagloomTest, generic_recipe

STATE, WIDTH = "/joint_states", 7
GRIPPER = ["g_a", "g_b"]
RIGHT = [f"joint_{j + 1}" for j in range(WIDTH)]
PLACE = f"topic: {STATE}\n        field: position\n        names: [{', '.join(RIGHT)}]"
FORMATS = {
    "ros1": lambda folder, name, messages: write_ros1(folder / f"{name}.bag", messages),
    "ros1msg": lambda folder, name, messages: write_mcap(folder / f"{name}_ros1.mcap", messages, encoding="ros1"),
    "cdr": lambda folder, name, messages: write_mcap(folder / f"{name}_cdr.mcap", messages),
    "db3": lambda folder, name, messages: write_rosbag2(folder / f"{name}_db3", messages),
    "protobuf": lambda folder, name, messages: write_payloads(folder / f"{name}_protobuf.mcap", messages, "protobuf"),
    "json": lambda folder, name, messages: write_payloads(folder / f"{name}_json.mcap", messages, "json"),
    "json without a schema": lambda folder, name, messages: write_payloads(folder / f"{name}_bare.mcap", messages, "json", schema=False),
}


def with_joints(message, change, time=None, publisher=0):
    """The message with the (names, positions) that `change` makes of its own."""
    ros = RECODER.ros1.deserialize_ros1(message.ros1, message.kind)
    names, positions = change(list(ros.name), ros.position.copy())
    ros.name, ros.position = list(names), np.array(positions, np.float64)
    data = bytes(RECODER.ros1.serialize_ros1(ros, message.kind))
    return Taken(**{**vars(message), "ros1": data, "cdr": RECODER.cdr(message.kind, data), "time": time or message.time, "publisher": publisher})


def other_arm(names, positions):
    return [f"r_{j}" for j in range(len(names))], positions + 100


class JointNames(BagloomTest):
    recipe = generic_recipe(cameras=1, fps=10, every=3)
    recordings = {}  # by name, the last of each

    def source(self):
        """The clean messages, the state's apart, and the recording's start."""
        messages = take(self.synth("source", "--joint-hz", 50, seconds=3, size="80x60", cameras=1))
        return messages, [m for m in messages if m.topic == STATE], messages[0].time

    def recording(self, kind, name, messages):
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.recordings[name] = FORMATS[kind](folder, name, messages)
        return self.recordings[name]

    def recipe_for(self, kind, recipe):
        return recipe.replace("field: position", "field: joints.position") if kind in ("protobuf", "json", "json without a schema") else recipe

    def converted(self, kind, name, messages, recipe, code=0):
        recording = self.recording(kind, name, messages)
        return self.convert(recording, f"out_{name}", recipe=self.recipe_for(kind, recipe), code=code)

    def check(self, messages, bad, reason, recipe=None, kinds=FORMATS, more=()):
        """`messages` with those of `bad`, which cannot be used, give the dataset of `messages` without them. `more`: other messages that
        can."""
        for kind in kinds:
            with self.subTest(kind):
                want, report = self.converted(kind, "want", messages, recipe or self.recipe)
                self.assertEqual(report["losses"], [])
                got, report = self.converted(kind, "got", sorted([*messages, *bad], key=lambda m: m.time), recipe or self.recipe, code=3)
                self.assertEqual(fingerprint(got), fingerprint(want))
                self.assertEqual({loss["kind"] for loss in report["losses"]}, {"unusable_message"})
                self.assertEqual({loss["topic"] for loss in report["losses"]}, {STATE})
                self.assertEqual(sum(loss["count"] for loss in report["losses"]), len(bad))
                self.assertIn(self.recipe_for(kind, reason), "\n".join(loss["text"] for loss in report["losses"]).replace("joints.position", "position"))
        return got, report

    def test_an_order_that_changes(self):
        """A stretch in another order: lost by place, taken by name."""
        messages, states, start = self.source()
        stretch = [m for m in states if 1.0 <= (m.time - start) / 1e9 < 1.1]
        self.assertEqual(len(stretch), 5)
        bad = [with_joints(m, lambda n, p: (n[::-1], p[::-1])) for m in stretch]
        rest = [m for m in messages if m not in stretch]
        self.check(rest, bad, "`position`: its elements 0, 1, 2, 4, ... are named joint_7, joint_6, joint_5, joint_3, ...; the recipe's joint_1, joint_2, joint_3, joint_5, ...; "
                   "`select` takes elements by name, in any order")
        selected = self.recipe.replace(PLACE, PLACE.replace("names:", "select:"), 1)
        for kind in FORMATS:
            with self.subTest(kind):
                want, _ = self.converted(kind, "want", messages, selected)
                got, report = self.converted(kind, "got", sorted([*rest, *bad], key=lambda m: m.time), selected)
                self.assertEqual((fingerprint(got), report["losses"]), (fingerprint(want), []))

    def test_two_publishers_on_one_topic(self):
        messages, states, _ = self.source()
        other = [with_joints(m, other_arm, m.time + 5_000_000, publisher=1) for m in states]
        text = "`position`: its elements 0, 1, 2, 3, ... are named r_0, r_1, r_2, r_3, ...; the recipe's joint_1, joint_2, joint_3, joint_4, ..."
        _, report = self.check(messages, other, text)
        note = f"observation.state: {STATE}: messages name the elements of `joints.position` {', '.join(RIGHT)}, others r_0, r_1, r_2, r_3, r_4, r_5, r_6: only those that name them as the recipe does are taken"
        self.assertIn(note, report["notes"])
        # By name: the recipe chooses whose joints it wants.
        self.check_shared(messages, other, self.recipe.replace(PLACE, PLACE.replace("names:", "select:"), 1), [], "150 of 300 messages have the names of observation.state, 150 those of no feature")
        # A range, and one number.
        for part, names in (("position[2:5]", RIGHT[2:5]), ("position[3]", RIGHT[3:4])):
            for kind in ("ros1", "cdr"):
                self.check(messages, other, f"`{part}`: its element", self.recipe.replace(PLACE, f"topic: {STATE}\n        field: {part}\n        names: [{', '.join(names)}]", 1), [kind])
        # Where it is the other one that names other words than the recipe's, whichever begins.
        early = [with_joints(m, other_arm, m.time - 1_900_000_000, publisher=1) for m in states]
        self.check(messages, early, text, kinds=["ros1", "cdr"])

    def gripper(self, states, after=5_000_000):
        return [with_joints(m, lambda n, p: (GRIPPER, p[:2] + 50), m.time + after, publisher=1) for m in states]

    def check_shared(self, messages, more, recipe, losses, note, want=None, want_recipe=None, kinds=FORMATS, plan=True):
        """`messages` and `more` together give what `want` (those of `messages`) gives, with `losses` as (messages, part of their text)."""
        for kind in kinds:
            with self.subTest(kind):
                want_of, _ = self.converted(kind, "want", want or messages, want_recipe or recipe)
                code = 3 if losses else 0
                got, report = self.converted(kind, "got", sorted([*messages, *more], key=lambda m: m.time), recipe, code=code)
                self.assertEqual(fingerprint(got), fingerprint(want_of))
                found = [loss for loss in report["losses"] if loss["kind"] != "trimmed_rows"]
                self.assertEqual([loss["count"] for loss in found], [count for count, _ in losses])
                for loss, (_, text) in zip(found, losses):
                    self.assertEqual(loss["kind"], "unusable_message")
                    self.assertIn(text, loss["text"].replace("joints.position", "position"))
                self.assertEqual([line for line in report["notes"] if "messages have the names" in line], [f"{STATE}: {note}"] if note else [])
                if plan:
                    path = self.folder / "shared.yaml"
                    path.write_text(self.recipe_for(kind, recipe))
                    planned = json.loads(self.bagloom("plan", self.recordings["got"], "--recipe", path, "--json", code=code))
                    self.assertEqual(planned["rows"], report["rows"])
                    if note:
                        self.assertIn(f"{STATE}: {note}", planned["notes"])
        return got, report

    def test_an_arm_and_a_gripper_of_one_topic(self):
        """Two drivers that share a topic: each feature's rows are those of a topic of its own."""
        messages, states, _ = self.source()
        gripper = self.gripper(states)
        apart = sorted([*messages, *[Taken(**{**vars(m), "topic": "/gripper"}) for m in gripper]], key=lambda m: m.time)
        selected = self.recipe.replace(PLACE, PLACE.replace("names:", "select:"), 1)
        both = f"150 of 300 messages have the names of observation.state, 150 those of observation.gripper"
        for way in ("select", "names"):
            with self.subTest(way):
                with_gripper = (selected if way == "select" else self.recipe).replace("  action:", f"  observation.gripper:\n    vector:\n      - topic: {STATE}\n        field: position\n        {way}: [{', '.join(GRIPPER)}]\n  action:", 1)
                own_topic = with_gripper.replace(f"observation.gripper:\n    vector:\n      - topic: {STATE}", "observation.gripper:\n    vector:\n      - topic: /gripper")
                self.check_shared(messages, gripper, with_gripper, [], both, apart, own_topic)
                # Rows at the arm's messages, which are half of the topic's.
                timeline = f"timeline: {{topic: {STATE}, every: 5}}"
                first = self.recipe.split("\n")[3]
                self.assertTrue(first.startswith("timeline"))
                self.check_shared(messages, gripper, with_gripper.replace(first, timeline), [], both, apart, own_topic.replace(first, timeline), kinds=["ros1", "cdr"])
        # One feature of both.
        part = f"\n      - topic: {{}}\n        field: position\n        select: [{', '.join(GRIPPER)}]"
        arm = PLACE.replace("names:", "select:")
        one, one_apart = (selected.replace(arm, arm + part.format(topic), 1) for topic in (STATE, "/gripper"))
        got, _ = self.check_shared(messages, gripper, one, [], "150 of 300 messages have the names of observation.state (joint_1, ...), 150 those of observation.state (g_a, ...)", apart, one_apart)
        self.assertEqual(Dataset(got).info["features"]["observation.state"]["names"], RIGHT + GRIPPER)
        # The gripper begins late, or is slow: further on than a first look goes.
        late = [m for m in gripper if m.time > messages[0].time + 2_000_000_000]
        late_apart = sorted([*messages, *[Taken(**{**vars(m), "topic": "/gripper"}) for m in late]], key=lambda m: m.time)
        timeline = f"timeline: {{topic: {STATE}, every: 5}}"
        for recipe, recipe_apart in ((one, one_apart), (one.replace(first, timeline), one_apart.replace(first, timeline))):
            self.check_shared(messages, late, recipe, [], f"150 of {150 + len(late)} messages have the names of observation.state (joint_1, ...), {len(late)} those of observation.state (g_a, ...)", late_apart, recipe_apart,
                              kinds=["ros1", "cdr"], plan=False)

    def test_what_is_wrong_with_a_message_of_a_shared_topic(self):
        messages, states, _ = self.source()
        gripper = self.gripper(states)
        selected = self.recipe.replace(PLACE, PLACE.replace("names:", "select:"), 1)
        recipe = selected.replace("  action:", f"  observation.gripper:\n    vector:\n      - topic: {STATE}\n        field: position\n        select: [{', '.join(GRIPPER)}]\n  action:", 1)
        both = "{} of {} messages have the names of observation.state, {} those of observation.gripper"
        rest = [m for m in messages if m not in states[60:62]]
        # Damaged: for both.
        kinds = ["ros1", "ros1msg", "cdr", "db3"]
        cut = Taken(**{**vars(states[60]), "ros1": states[60].ros1[:-20], "cdr": states[60].cdr[:-20]})
        not_finite = with_joints(states[61], lambda n, p: (n, [*p[:3], np.nan, *p[4:]]))
        together = sorted([*rest, *gripper], key=lambda m: m.time)
        for bad, text in ((cut, ""), (not_finite, "element 3 is not a finite number")):
            _, report = self.check_shared(together, [bad], recipe, [(1, text)], both.format(148, 298, 150), kinds=kinds)
            self.assertEqual(report["losses"][0]["features"], ["observation.state", "observation.gripper"])
        # Some of an arm's joints: of no use to anyone, or to a feature that takes those.
        partial = [with_joints(m, lambda n, p: (n[:6], p[:6])) for m in states[60:62]]
        self.check_shared(together, partial, recipe, [(1, "the message does not name `joint_7`")] * 2, both.format(148, 298, 150))
        fewer = recipe.replace("  action:", f"  observation.two:\n    vector:\n      - topic: {STATE}\n        field: position\n        select: [joint_1, joint_2]\n  action:", 1)
        for kind in ("ros1", "json"):
            got, report = self.converted(kind, "fewer", sorted([*together, *partial], key=lambda m: m.time), fewer)
            whole, _ = self.converted(kind, "whole", sorted([*messages, *gripper], key=lambda m: m.time), fewer)
            self.assertEqual(report["losses"], [])
            self.assertEqual([line for line in report["notes"] if "messages have" in line], [f"{STATE}: 148 of 300 messages have the names of observation.state, 150 those of observation.gripper, 150 those of observation.two"])
            self.assertTrue((Dataset(got).values("observation.two", 0) == Dataset(whole).values("observation.two", 0)).all())
        # Without names: another feature's by place might have use for it; here nobody has.
        unnamed = [with_joints(m, lambda n, p: ([], p)) for m in states[60:62]]
        self.check_shared(together, unnamed, recipe, [(1, "the message does not name `joint_1`")] * 2, both.format(148, 298, 150), kinds=kinds)
        # The same whatever the threads and the limit.
        recording = self.recording("cdr", "alike", sorted([*together, *partial], key=lambda m: m.time))
        limit = "1GiB" if SANITIZED else "96MiB"  # a sanitizer takes hundreds of MiB for itself
        runs = [self.convert(recording, f"alike_{i}", *more, recipe=recipe, code=3) for i, more in enumerate((["--threads", 1], ["--threads", 4], ["--memory-limit", limit]))]
        for dataset, report in runs[1:]:
            self.assertEqual(report["losses"], runs[0][1]["losses"])
            self.assertEqual(fingerprint(dataset), fingerprint(runs[0][0]))

    def test_a_name_that_no_message_has(self):
        messages, _, _ = self.source()
        wrong = self.recipe.replace(PLACE, PLACE.replace("names:", "select:").replace("joint_7", "joint_9"), 1)
        for recipe, name in ((wrong, "joint_9"), (self.recipe.replace(PLACE, f"topic: {STATE}\n        field: position\n        select: [grip]", 1), "grip")):
            for kind in ("ros1", "protobuf"):
                recording = self.recording(kind, "misspelt", messages)
                path = self.folder / "misspelt.yaml"
                path.write_text(self.recipe_for(kind, recipe))
                for command in (["convert", "-o", self.folder / "misspelt_out"], ["plan"]):
                    said = self.bagloom(*command, recording, "--recipe", path, code=(1, 3))
                    self.assertIn(f"the message does not name `{name}`", said + self.stderr)

    def test_words_of_the_recipe(self):
        """Other words in the recipe say nothing of which joints: the first message's are taken."""
        messages, states, _ = self.source()
        words = self.recipe.replace(PLACE, PLACE.replace(", ".join(RIGHT), ", ".join("abcdefg")), 1)
        other = [with_joints(m, other_arm, m.time + 5_000_000, publisher=1) for m in states]
        self.check(messages, other, "are named r_0, r_1, r_2, r_3, ...; the first message's joint_1, joint_2, joint_3, joint_4, ...", words)
        # In a further recording too.
        first = self.recording("ros1", "first", messages)
        second = self.recording("ros1", "second", [with_joints(m, other_arm) if m.topic == STATE else m for m in messages])
        want, _ = self.convert(first, "want", recipe=words)
        for bags, recipe, whose in (([first, second], words, "the first message's"), ([first, second], self.recipe, "the recipe's"), ([second, first], self.recipe, "the recipe's")):
            got, report = self.convert(bags, "both", recipe=recipe, code=3)  # the recipe's names choose, though the first recording has others
            self.assertEqual(len(Dataset(got).table), len(Dataset(want).table))
            self.assertTrue((Dataset(got).values("observation.state", 0) == Dataset(want).values("observation.state", 0)).all())
            self.assertEqual({loss["recording"] for loss in report["losses"]}, {str(second)})
            self.assertEqual([loss["kind"] for loss in report["losses"]][-1], "rejected")
            self.assertIn(f"are named r_0, r_1, r_2, r_3, ...; {whose} joint_1", report["losses"][0]["text"])

    def test_messages_without_names(self):
        messages, _, _ = self.source()
        unnamed = [with_joints(m, lambda n, p: ([], p)) if m.topic == STATE and k % 3 else m for k, m in enumerate(messages)]
        for kind in ("ros1", "ros1msg", "cdr", "db3"):
            with self.subTest(kind):
                want, _ = self.converted(kind, "want", messages, self.recipe)
                got, report = self.converted(kind, "got", unnamed, self.recipe)
                self.assertEqual((fingerprint(got), report["losses"]), (fingerprint(want), []))

    def test_a_long_recording_lists_a_hundred(self):
        """What is behind the listed ones is counted, whatever the tasks found first."""
        messages, states, start = self.source()
        other = [with_joints(m, other_arm, m.time + 1_000_000 * (k + 1), publisher=1) for m in states for k in range(2)]
        got = []
        for threads in (1, 4):
            recording = self.recording("cdr", "long", sorted([*messages, *other], key=lambda m: m.time))
            dataset, report = self.convert(recording, "many", "--threads", threads, recipe=self.recipe, code=3)
            listed, (rest,) = [loss for loss in report["losses"] if loss["count"] == 1], [loss for loss in report["losses"] if loss["count"] > 1]
            self.assertEqual((len(listed), rest["count"]), (100, len(other) - 100))
            self.assertEqual([loss["time_ns"] for loss in [*listed, rest]], sorted(m.time for m in other)[:101])
            self.assertEqual(rest["reason"], listed[0]["reason"])
            got.append((fingerprint(dataset), report["losses"]))
        self.assertEqual(got[0], got[1])

    def test_init_takes_what_two_publish(self):
        messages, states, _ = self.source()
        other = [with_joints(m, lambda n, p: (["grip_a", "grip_b"], p[:2]), m.time + 5_000_000, publisher=1) for m in states]
        for kind in ("ros1", "cdr", "protobuf"):
            with self.subTest(kind):
                recording = self.recording(kind, "init", sorted([*messages, *other], key=lambda m: m.time))
                self.assertEqual(json.loads(self.bagloom("init", recording, "--json"))["left_out"], [])
                dataset, report = self.convert(recording, "guessed")
                self.assertEqual(report["losses"], [])
                self.assertEqual(Dataset(dataset).info["features"]["observation.state"]["names"], [*RIGHT, "grip_a", "grip_b"])
                state = Dataset(dataset).values("observation.state", 0)
                self.assertTrue((abs(state[:, 7:] - state[:, :2]) < 0.2).all() and (state[:, 7:] != state[:, :2]).any())  # 5 ms apart


if __name__ == "__main__":
    unittest.main()
