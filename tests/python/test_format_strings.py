"""Camera messages whose `format` begins to lie in the middle of a recording: the bytes decide, and it is said once a topic."""
import io
import json
import shutil
import signal
import struct
import subprocess
import time
import unittest

import numpy as np
from PIL import Image

from bag_walk import walk
from dataset import Dataset, fingerprint
from formats import take, write_mcap
from pattern import read_pattern
from support import BAGLOOM, BagloomTest, copy_bag, generic_recipe

CAMERA = "/camera_0/image/compressed"
SAYS = "a picture's `format` says {}, is {}; the bytes decide"


def text_at(data, at):
    size = struct.unpack_from("<I", data, at)[0]
    return data[at + 4:at + 4 + size], at + 4 + size


def as_text(text):
    return struct.pack("<I", len(text)) + text


def with_format(kind, data, says, recode):
    """A ROS 1 message of this type with another `format`."""
    if kind.endswith("CompressedVideo"):  # timestamp, frame_id, data, format
        _, behind_frame = text_at(data, 8)
        return data[:text_at(data, behind_frame)[1]] + as_text(says.encode())
    _, behind_header = text_at(data, 12)
    _, behind_format = text_at(data, behind_header)
    return data[:behind_header] + as_text(says.encode()) + as_text(recode(text_at(data, behind_format)[0]))


def to_png(jpeg):
    file = io.BytesIO()
    Image.open(io.BytesIO(jpeg)).save(file, "png")
    return file.getvalue()


class FormatStrings(BagloomTest):
    recipe = generic_recipe(cameras=1, fps=10, every=3)

    def source(self, name="source", *options):
        return self.synth(name, *options, seconds=3, cameras=1)

    def relabelled(self, name, says, source=None, recode=lambda picture: picture):
        """A copy in which the camera's message k says `says(k)`, its own format where that is None."""
        count = -1

        def change(message):
            nonlocal count
            if message.connection.topic != CAMERA:
                return [message.data]
            count += 1
            return [message.data if says(count) is None else with_format(message.connection.type, message.data, says(count), recode)]

        return copy_bag(source or self.source(), self.folder / f"{name}.bag", change=change)

    def line(self, recording, k, says="png", is_="jpeg"):
        """What is said where message k is the first that lies."""
        messages = walk(recording)
        since_start = [m.time for m in messages if m.connection.topic == CAMERA][k] - min(m.time for m in messages)
        return f"{CAMERA} at +{since_start / 1e9:.3f} s: " + SAYS.format(says, is_)

    def said(self, report):
        return [note for note in report["notes"] if "`format`" in note]

    def test_it_is_said_whenever_it_begins(self):
        bag = self.relabelled("later", lambda k: "png" if k >= 48 else None)
        mcap = write_mcap(self.folder / "later.mcap", take(bag))
        for name, more in (("encoded", {}), ("tables", dict(camera_rules="storage: image")), ("copied", dict(video="codec: copy"))):
            recipe = generic_recipe(cameras=1, fps=10, every=3, **more)
            want, report = self.convert(self.source(), "want", recipe=recipe)
            self.assertEqual(self.said(report), [])
            for recording, options in ((bag, ("--threads", 1)), (bag, ("--threads", 3)), (mcap, ("--threads", 2))):
                with self.subTest(name, recording=recording.name, options=options):
                    got, report = self.convert(recording, "got", *options, recipe=recipe)
                    self.assertEqual(self.said(report), [self.line(bag, 48)])
                    self.assertEqual(report["losses"], [])
                    self.assertEqual(fingerprint(got), fingerprint(want))

    def test_people_read_it_too(self):
        bag = self.relabelled("people", lambda k: "png" if k == 51 else None)
        (self.folder / "people.yaml").write_text(self.recipe)
        printed = self.bagloom("convert", bag, "-o", self.folder / "people", "--recipe", self.folder / "people.yaml")
        self.assertIn(self.line(bag, 51), printed.splitlines())

    def test_of_the_pictures_that_rows_use(self):
        bag = self.relabelled("unused", lambda k: "png" if k in (49, 50) else None)
        self.assertEqual(self.said(self.convert(bag, "unused", recipe=self.recipe)[1]), [])

    def test_once_a_topic_of_all_recordings(self):
        late, first = self.relabelled("late", lambda k: "png" if k >= 48 else None), self.relabelled("first", lambda k: "webp" if k <= 3 else "png")
        self.assertEqual(self.said(self.convert([self.source(), late, first, late], "several", recipe=self.recipe)[1]), [f"{late}: " + self.line(late, 48)])
        self.assertEqual(self.said(self.convert([first, late], "known", recipe=self.recipe)[1]), [f"{CAMERA}: " + SAYS.format("webp", "jpeg")])
        # Its first row has message 3.
        second = self.convert([self.source(), first], "second", recipe=self.recipe)[1]
        self.assertEqual(self.said(second), [f"{first}: " + self.line(first, 3, "webp")])

    def test_files_of_another_kind_under_an_honest_format(self):
        """They are decoded as what they are, and nothing is said. `copy`, which cannot take them, says so."""
        bag = self.relabelled("png", lambda k: "png" if k >= 48 else None, recode=to_png)
        for rules in ("", "storage: image"):
            with self.subTest(rules):
                dataset, report = self.convert(bag, "png", recipe=generic_recipe(cameras=1, fps=10, every=3, camera_rules=rules))
                self.assertEqual((self.said(report), report["losses"]), ([], []))
                if rules:
                    table = Dataset(dataset).table["observation.images.cam_0"].to_pylist()
                    pictures = [Image.open(io.BytesIO(cell["bytes"])) for cell in table]
                    self.assertEqual([p.format for p in pictures], ["JPEG" if read_pattern(np.asarray(p))[1] < 48 else "PNG" for p in pictures])
                else:
                    pictures = Dataset(dataset).pictures("observation.images.cam_0", 0)
                frames = [read_pattern(np.asarray(picture))[1] for picture in pictures]
                self.assertEqual(frames, list(range(frames[0], frames[0] + 3 * len(frames), 3)))
                self.assertTrue(frames[0] < 48 < frames[-1], frames)
        _, report = self.convert(bag, "png", recipe=generic_recipe(cameras=1, fps=10, every=3, video="codec: copy", gaps="hold: 0, longer: drop"), code=3)
        unusable = [loss for loss in report["losses"] if loss["kind"] == "unusable_message"]
        self.assertTrue(unusable)
        self.assertTrue(all("JPEG" in loss["reason"] for loss in unusable), unusable)

    def test_video(self):
        """Of a video topic all messages are read, those that no row uses too."""
        source = self.source("video", "--video", "h264", "--gop", 15)
        bag = self.relabelled("video_later", lambda k: "h265" if k >= 49 else None, source=source)
        for name, recipe in (("encoded", self.recipe), ("passed", generic_recipe(cameras=1, fps=30, every=1, video="codec: copy"))):
            with self.subTest(name):
                want, report = self.convert(source, "want", recipe=recipe, code=(0, 3))
                self.assertEqual(self.said(report), [])
                got, report = self.convert(bag, "got", recipe=recipe, code=(0, 3))
                self.assertEqual(self.said(report), [self.line(bag, 49, "h265", "h264")])
                self.assertEqual(fingerprint(got), fingerprint(want))
                planned = json.loads(self.bagloom("plan", bag, "--recipe", self.folder / "got.recipe.yaml", "--json", code=(0, 3)))
                self.assertEqual(self.said(planned), [self.line(bag, 49, "h265", "h264")])

    def test_killed_and_run_again(self):
        """A run that goes on does not read again what units and records were made of."""
        bag = self.relabelled("killed", lambda k: "png" if k == 6 else None, source=self.synth("long", seconds=12, cameras=1))
        recipe = generic_recipe(cameras=1, fps=30, every=1)
        want, report = self.convert([bag, self.source()], "whole", "--threads", 1, recipe=recipe)
        expected = [f"{bag}: " + self.line(bag, 6)]
        self.assertEqual(self.said(report), expected)
        for k, sign in enumerate(("units/*.segment", "records/recording-000000.json")):
            out, killed = self.folder / f"killed_{k}", 0
            command = list(map(str, [BAGLOOM, "convert", bag, self.source(), "-o", out, "--recipe", f"{want}.recipe.yaml", "--threads", 1]))
            for _ in range(20):
                job = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
                while job.poll() is None and not any(self.folder.glob(f"killed_{k}.bagloom/{sign}")):
                    time.sleep(0.0005)
                job.kill()
                killed = job.wait() == -signal.SIGKILL
                if killed:
                    break
                shutil.rmtree(out)
            self.assertTrue(killed, "no run was killed in time")
            self.assertTrue(any(self.folder.glob(f"killed_{k}.bagloom/{sign}")))
            self.assertEqual(self.said(json.loads(self.bagloom(*command[1:], "--json"))), expected)
            self.assertEqual(fingerprint(out), fingerprint(want))


if __name__ == "__main__":
    unittest.main()
