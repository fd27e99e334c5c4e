"""What the tests share: the program under test, a temporary folder, recordings, recipes, and a copy of a bag without some messages."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import rosbags.rosbag1

from bag_walk import walk

sys.path.append(str(Path(__file__).resolve().parents[1]))
from sanitized import SANITIZED, with_shadow  # noqa: E402,F401 for the tests

BAGLOOM = os.environ.get("BAGLOOM", "")
REPOSITORY = Path(__file__).resolve().parents[2]
REAL_BAGS = REPOSITORY.parent / "shared/data/real-bags"


class BagloomTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if not BAGLOOM or not Path(BAGLOOM).exists():
            raise unittest.SkipTest(f"BAGLOOM names no program ({BAGLOOM!r})")
        cls.folder = Path(tempfile.mkdtemp(prefix=f"bagloom_{cls.__name__}_"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def bagloom(self, *arguments, code=0, timeout=600):
        """Runs the program; its exit code must be `code` (one or several). Gives stdout."""
        done = subprocess.run([BAGLOOM, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
        self.assertIn(done.returncode, code if isinstance(code, (tuple, list)) else [code],
                      f"bagloom {' '.join(map(str, arguments))}\nstdout: {done.stdout[-3000:]}\nstderr: {done.stderr[-3000:]}")
        self.stderr = done.stderr
        return done.stdout

    def synth(self, name, *options, seconds=4, size="160x120", cameras=3):
        """A small recording, made once for each name."""
        path = self.folder / f"{name}.bag"
        if not path.exists():
            self.bagloom("synth", "-o", path, "--seconds", seconds, "--size", size, "--cameras", cameras, *options)
        return path

    def convert(self, bags, out, *options, recipe=None, code=0):
        """Converts into a fresh folder; gives (dataset, report)."""
        out = self.folder / out
        shutil.rmtree(out, ignore_errors=True)
        bags = bags if isinstance(bags, list) else [bags]
        arguments = ["convert", *bags, "-o", out, "--json", *options]
        if recipe is not None:
            path = Path(f"{out}.recipe.yaml")
            path.write_text(recipe, "utf-8")
            arguments += ["--recipe", path]
        return out, json.loads(self.bagloom(*arguments, code=code))


def generic_recipe(cameras=3, fps=10, every=3, topic="/camera_{}/image/compressed", timeline=None, gaps="", camera_rules="", state_rules="", action_rules="match: hold",
                   video="", joints=7, more=""):
    """A recipe for `bagloom synth`'s generic layout."""
    names = ", ".join(f"joint_{j + 1}" for j in range(joints))
    lines = [f"robot: test\nfps: {fps}\ntask: Pick and place"]
    lines.append(f"timeline: {timeline}" if timeline else f"timeline: {{topic: {topic.format(0)}, every: {every}}}")
    lines.append("features:")
    for name, source, rules in (("observation.state", "/joint_states", state_rules), ("action", "/joint_commands", action_rules)):
        lines.append(f"  {name}:\n    vector:\n      - topic: {source}\n        field: position\n        names: [{names}]")
        lines += [f"        {rule.strip()}" for rule in rules.split(";") if rule.strip()]
    for k in range(cameras):
        lines.append(f"  observation.images.cam_{k}:\n    camera: {topic.format(k)}")
        lines += [f"    {rule.strip()}" for rule in camera_rules.split(";") if rule.strip()]
    lines += [f"gaps: {{{gaps}}}"] if gaps else []
    lines += [f"video: {{{video}}}"] if video else []
    return "\n".join(lines) + f"\n{more}"


def numbered(topic, chosen):
    """Of a topic's messages, in their order, those whose number `chosen` takes; for copy_bag."""
    count = -1

    def is_chosen(message):
        nonlocal count
        if message.connection.topic != topic:
            return False
        count += 1
        return chosen(count)

    return is_chosen


def copy_bag(source, target, leave_out=lambda message: False, change=lambda message: [message.data]):
    """A bag with the same messages but those for which leave_out(message) is true, written by rosbags. `change`: what stands in a message's
    place, at its time and nanoseconds after it."""
    Path(target).unlink(missing_ok=True)
    with rosbags.rosbag1.Writer(target) as writer:
        connections = {}
        for message in walk(source):
            c = message.connection
            if c.number not in connections:
                connections[c.number] = writer.add_connection(c.topic, c.type.replace("/", "/msg/"), msgdef=c.definition, md5sum=c.md5sum, callerid=f"/copy_{c.number}",
                                                              latching=int(c.latching) if c.latching else None)
            if not leave_out(message):
                for n, data in enumerate(change(message)):
                    writer.write(connections[c.number], message.time + n, data)
    return target
