"""`video.codec: copy` of cameras whose topics carry video: the mp4s hold the recorded packets, and every row's picture is the message's that
the row takes; where that cannot be, a line says why and the pictures are encoded again, so that rows show the same."""
import json
import os
import random
import re
import signal
import struct
import subprocess
import unittest
from fractions import Fraction

import av
import numpy as np

from bag_walk import walk
from dataset import Dataset, fingerprint
from pattern import read_pattern
from streams import apart, obus
from support import BAGLOOM, BagloomTest, copy_bag, generic_recipe, numbered, with_shadow

TOPICS = ["/camera_0/image/compressed", "/camera_1/image/compressed"]
AV_NAMES = {"h264": "h264", "h265": "hevc", "av1": "libdav1d"}


def recipe(codec="copy", fps=30, every=1, **more):
    return generic_recipe(cameras=2, fps=fps, every=every, action_rules="match: nearest", video=f"codec: {codec}", **more)


def packet_of(data):
    """The bytes of a foxglove_msgs/CompressedVideo (ROS 1), what stands before them, and what stands behind them."""
    (frame,) = struct.unpack_from("<I", data, 8)
    (size,) = struct.unpack_from("<I", data, 12 + frame)
    at = 16 + frame
    return data[at : at + size], data[: at - 4], data[at + size :]


def with_packet(data, packet):
    _, head, tail = packet_of(data)
    return head + struct.pack("<I", len(packet)) + packet + tail


def nal_units(annex_b):
    return [u.rstrip(b"\0") for u in re.split(b"\0\0\1", annex_b)[1:]]


def recorded_packets(bag, topic):
    return [packet_of(m.data)[0] for m in walk(bag) if m.connection.topic == topic]


def random_numbers(dataset, camera):
    """(camera, frame) of every picture of an mp4, taken in random order as LeRobot's reader over PyAV does: it seeks to the keyframe before."""
    data = Dataset(dataset)
    numbers = {}
    for path in sorted({data.video_path(camera, e) for e in range(len(data.episodes))}):
        with av.open(str(path)) as box:
            stream = box.streams.video[0]
            order = list(range(stream.frames))
            random.Random(1).shuffle(order)
            for k in order:
                wanted = Fraction(k, data.fps)
                box.seek(max(0, round(wanted / stream.time_base) - 1), stream=stream)
                frame = next(f for f in box.decode(stream) if f.pts * stream.time_base >= wanted)
                assert frame.pts * stream.time_base == wanted, (k, frame.pts)
                numbers[path, k] = read_pattern(frame.to_ndarray(format="rgb24"))
    return [numbers[key] for key in sorted(numbers)]


def numbers(dataset, camera):
    data = Dataset(dataset)
    return [read_pattern(rgb) for e in range(len(data.episodes)) for rgb in data.pictures(camera, e)]


class PassThrough(BagloomTest):
    def recording(self, codec="h264", gop=15, *more, seconds=2):
        kind = "".join(c for c in "".join(map(str, (*more, seconds))) if c.isalnum())
        return self.synth(f"{codec}_{gop}_{kind}", "--video", codec, "--gop", gop, "--seed", 5, "--jitter", 1, *more, cameras=2, seconds=seconds)

    def check(self, bags, name, passed, code=0, any_order=False, **rules):
        """Converts with `copy` and with `h264`: the rows must show the same. `passed`: whether both cameras are to be passed through."""
        want, _ = self.convert(bags, f"{name}_h264", recipe=recipe("h264", **rules), code=code)
        got, report = self.convert(bags, f"{name}_copy", recipe=recipe(**rules), code=code)
        self.assertEqual([c["passed"] for c in report["pass_through"]], passed if isinstance(passed, list) else [passed] * 2, report["pass_through"])
        self.assertEqual(Dataset(got).table, Dataset(want).table)
        for camera in Dataset(want).cameras:
            shown = numbers(got, camera)
            self.assertEqual(shown, numbers(want, camera))
            self.assertNotIn(None, shown)
            if any_order:
                self.assertEqual(random_numbers(got, camera), shown)
        self.bagloom("verify", got)
        return got, report

    def reasons(self, report):
        return [c["reason"] for c in report["pass_through"]]

    def test_every_codec_and_keyframe_distance(self):
        for codec, gop in (("h264", 1), ("h264", 15), ("h264", 60), ("h265", 15), ("av1", 15)):
            with self.subTest(codec=codec, gop=gop):
                bag = self.recording(codec, gop, seconds=4 if gop == 60 else 2)
                got, report = self.check(bag, f"{codec}_{gop}", True, any_order=gop == 15)
                self.assertEqual(report["losses"], [])
                self.assertIn(f"{len(Dataset(got).table)} packets of {'hevc' if codec == 'h265' else codec} are passed through, a keyframe every {gop} pictures at most", report["notes"][0])
                data = Dataset(got)
                for k, camera in enumerate(data.cameras):
                    info = data.info["features"][camera]["info"]
                    self.assertEqual((info["video.codec"], info["video.pix_fmt"]), ("hevc" if codec == "h265" else codec, "yuv420p"))
                    self.assertFalse({"video.crf", "video.g", "video.preset"} & set(info))
                    self.same_packets(codec, data.packets(camera, 0), recorded_packets(bag, TOPICS[k]))

    def same_packets(self, codec, written, recorded):
        self.assertEqual(len(written), len(recorded))
        for ours, theirs in zip(written, recorded):
            if codec == "av1":  # the container leaves temporal delimiters out
                self.assertEqual(ours, theirs.removeprefix(b"\x12\0"))
                continue
            units, at = [], 0
            while at < len(ours):
                (n,) = struct.unpack_from(">I", ours, at)
                units.append(ours[at + 4 : at + 4 + n].rstrip(b"\0"))
                at += 4 + n
            self.assertEqual(units, nal_units(theirs))

    def test_statistics_are_those_of_the_pictures(self):
        """LeRobot's sample of rows, decoded by PyAV; min, max and mean up to the rounding of colours."""
        got, _ = self.convert(self.recording("h264", 60, seconds=4), "statistics", recipe=recipe())
        data = Dataset(got)
        stats = json.loads((got / "meta/stats.json").read_text())
        rows = {round(i * (120 - 1) / (100 - 1)) for i in range(100)}
        for camera in data.cameras:
            pictures = np.array([p for k, p in enumerate(data.pictures(camera, 0)) if k in rows], np.float64) / 255
            self.assertEqual(stats[camera]["count"], [100])
            for name, want in (("mean", pictures.mean((0, 1, 2))), ("std", pictures.std((0, 1, 2))), ("max", pictures.max((0, 1, 2)))):
                np.testing.assert_allclose(np.ravel(stats[camera][name]), want, atol=2 / 255, err_msg=f"{camera} {name}")

    def test_threads_and_limits_do_not_show(self):
        bag = self.recording("h264", 60, seconds=4)
        want = fingerprint(self.convert(bag, "one", "--threads", 1, recipe=recipe())[0])
        for threads in (2, 8):
            self.assertEqual(fingerprint(self.convert(bag, "more", "--threads", threads, recipe=recipe())[0]), want)
        path = self.folder / "copy.yaml"
        path.write_text(recipe())
        answer = json.loads(self.bagloom("convert", bag, "-o", self.folder / "small", "--recipe", path, "--memory-limit", "1MiB", "--json", code=5))
        self.assertEqual(fingerprint(self.convert(bag, "limit", "--memory-limit", with_shadow(answer["smallest_limit_bytes"]), recipe=recipe())[0]), want)
        self.assertEqual(fingerprint(self.convert(bag, "checked", "--check-pictures", recipe=recipe())[0]), want)

    def test_killed_and_gone_on_with(self):
        """kill -9 at several moments, of the keyframe pass, of tasks and of files; the last run ends what is left."""
        bag = self.recording("h264", 30, seconds=12)
        path = self.folder / "killed.yaml"
        for codec in ("copy", "h264"):
            path.write_text(recipe(codec))
            want = fingerprint(self.convert(bag, f"whole_{codec}", recipe=recipe(codec))[0])
            out = self.folder / f"killed_{codec}"
            arguments = [BAGLOOM, "convert", str(bag), "-o", str(out), "--recipe", str(path), "--threads", "2"]
            killed = 0
            for after in (0.05, 0.12, 0.2, 0.3, 0.45):
                job = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    job.wait(after)
                except subprocess.TimeoutExpired:
                    job.kill()
                killed += job.wait() == -signal.SIGKILL
            self.assertGreater(killed, 0)
            self.bagloom(*arguments[1:])
            self.assertEqual(fingerprint(out), want)
            self.assertFalse((self.folder / f"killed_{codec}.bagloom").exists())

    def test_compressed_recordings(self):
        bag = self.recording("h264", 40, "--compression", "lz4", "--chunk-size", "20KiB", "--no-index")
        self.check(bag, "compressed", True)

    def test_a_start_between_keyframes(self):
        bag = self.recording()
        _, report = self.check(bag, "late", False, timeline="{topic: /camera_0/image/compressed, every: 1, drop_start: 0.1}")
        for reason in self.reasons(report):
            self.assertRegex(reason, r"episode 0 does not begin at a keyframe, but [23] messages behind one")
        start = max(float(re.search(r"drop_start=([0-9.]+) begins at the next one", reason)[1]) for reason in self.reasons(report))
        _, report = self.check(bag, "later", True, timeline=f"{{topic: /camera_0/image/compressed, every: 1, drop_start: {start}}}")
        self.assertIn("45 packets", report["notes"][0])

    def test_one_camera_of_two(self):
        bag = self.recording("h264", 15)
        half = copy_bag(bag, self.folder / "half.bag", numbered(TOPICS[0], lambda n: n == 40))
        timeline = "{topic: /camera_1/image/compressed, every: 1}"
        held = "hold: 10s"
        want, _ = self.convert(half, "half_h264", recipe=recipe("h264", timeline=timeline, gaps=held), code=3)
        got, report = self.convert(half, "half_copy", recipe=recipe(timeline=timeline, gaps=held), code=3)
        self.assertEqual([c["passed"] for c in report["pass_through"]], [False, True])
        self.assertIn("row 40 repeats a picture", self.reasons(report)[0])

    def test_a_rate_below_the_cameras(self):
        _, report = self.check(self.recording("h264", 15), "slow", False, fps=10, every=3)
        for reason in self.reasons(report):
            self.assertIn("row 1 follows on 2 messages that no row takes", reason)

    def test_another_size(self):
        _, report = self.convert(self.recording(), "size", recipe=recipe(camera_rules="size: 80x60"))
        for reason in self.reasons(report):
            self.assertEqual(reason, "160x120 becomes 80x60: size: own keeps it")

    def with_packets(self, bag, name, packets):
        """The recording with other packets of camera 0: `packets`, one for each of its messages, or those of a function of their number and bytes."""
        count = -1

        def change(message):
            nonlocal count
            if message.connection.topic != TOPICS[0]:
                return [message.data]
            count += 1
            return [with_packet(message.data, packets(count, packet_of(message.data)[0]) if callable(packets) else packets[count])]

        return copy_bag(bag, self.folder / f"{name}.bag", change=change)

    def encoded(self, bag, name, encoder, options, pix_fmt="yuv420p", sets_apart=False, scale=1):
        """The recording with camera 0's pictures encoded anew by PyAV; packets in their order."""
        decoder, messages = av.CodecContext.create("h264", "r"), 0
        frames = []
        for packet in recorded_packets(bag, TOPICS[0]):
            frames += decoder.decode(av.Packet(packet))
            messages += 1
        frames += decoder.decode(None)
        self.assertEqual(len(frames), messages)
        context = av.CodecContext.create(encoder, "w")
        context.width, context.height, context.pix_fmt = frames[0].width * scale, frames[0].height * scale, pix_fmt
        context.time_base, context.framerate, context.options = Fraction(1, 30), Fraction(30), options
        packets = []
        for k, frame in enumerate(frames):
            frame = frame.reformat(context.width, context.height, format=pix_fmt)
            frame.pts, frame.time_base, frame.pict_type = k, Fraction(1, 30), 0
            packets += [bytes(p) for p in context.encode(frame)]
        packets += [bytes(p) for p in context.encode(None)]
        self.assertEqual(len(packets), messages)
        left = iter(packets)

        def change(message):
            if message.connection.topic != TOPICS[0]:
                return [message.data]
            packet = next(left)
            units = nal_units(packet)
            sets = [u for u in units if u[0] & 31 in (7, 8)]
            if not sets_apart or not sets:
                return [with_packet(message.data, packet)]
            join = lambda some: b"".join(b"\0\0\0\1" + u for u in some)
            return [with_packet(message.data, join(sets)), with_packet(message.data, join([u for u in units if u not in sets]))]

        return copy_bag(bag, self.folder / f"{name}.bag", change=change)

    X264 = {"preset": "veryfast", "tune": "zerolatency", "x264-params": "keyint=15:min-keyint=15:scenecut=0:bframes=0"}

    X265 = {"preset": "ultrafast", "tune": "zerolatency", "x265-params": "keyint=15:min-keyint=15:scenecut=0:bframes=0:open-gop=0:repeat-headers=1:log-level=none"}

    def test_b_frames_are_seen(self):
        for codec, options in (("libx264", {"x264-params": "keyint=15:min-keyint=15:scenecut=0:bframes=2:b-adapt=0"}),
                               ("libx265", {"x265-params": "keyint=15:min-keyint=15:scenecut=0:bframes=2:b-adapt=0:open-gop=0:log-level=none"})):
            with self.subTest(codec=codec):
                bag = self.encoded(self.recording(), f"b_{codec}", codec, options)
                _, report = self.convert(bag, f"b_{codec}", recipe=recipe(), code=(0, 3))
                if codec == "libx265":  # of another codec than the other camera: each is decided by itself
                    self.assertEqual([c["passed"] for c in report["pass_through"]], [False, True])
                self.assertIn("(B-frames)", self.reasons(report)[0])

    def test_an_open_gop_is_seen(self):
        """An episode that begins at a CRA picture: joined behind another one, its order of display would count on."""
        bag = self.encoded(self.recording(), "cra", "libx265", {"x265-params": "keyint=15:min-keyint=15:scenecut=0:bframes=0:open-gop=1:log-level=none"})
        _, report = self.convert(bag, "cra", recipe=recipe(timeline="{topic: /camera_0/image/compressed, every: 1, drop_start: 0.483}"))
        self.assertIn("begins at a CRA picture", self.reasons(report)[0])
        self.check(bag, "idr", True, any_order=True)

    def test_other_layouts(self):
        bag = self.encoded(self.recording(), "444", "libx264", self.X264, pix_fmt="yuv444p")
        _, report = self.convert(bag, "444", recipe=recipe())
        self.assertIn("its pictures are yuv444p", self.reasons(report)[0])

    def test_parameter_sets_in_a_message_of_their_own(self):
        bag = self.encoded(self.recording(), "apart", "libx264", self.X264, sets_apart=True)
        self.check(bag, "apart", True, any_order=True)

    def test_recordings_of_several_encoders(self):
        """Each keyframe has its own parameter sets: readers take those, in any order."""
        first = self.recording()
        second = self.encoded(first, "other", "libx264", {**self.X264, "profile": "high", "x264-params": self.X264["x264-params"] + ":ref=4:cabac=1:8x8dct=1:qp=18"})
        third = self.encoded(first, "third", "libx264", {**self.X264, "profile": "baseline", "x264-params": self.X264["x264-params"] + ":cabac=0:qp=30"})
        got, _ = self.check([first, second, third, first], "several", True, any_order=True)
        self.assertEqual(len(set(Dataset(got).packets("observation.images.cam_0", e)[0][:40] for e in range(3))), 3)

    def joined(self, name, first, second):
        """A recording whose camera 0 has the first's packets up to the keyframe of message 30, then the second's."""
        one, other = (recorded_packets(bag, TOPICS[0]) for bag in (first, second))
        return self.with_packets(first, name, one[:30] + other[30:])

    def test_later_parameter_sets_that_need_more(self):
        plain = self.recording()
        more = {**self.X264, "profile": "high", "x264-params": self.X264["x264-params"] + ":ref=8"}
        bag = self.joined("more", plain, self.encoded(plain, "eight", "libx264", more))
        self.check(bag, "more", True, any_order=True)
        path = self.folder / "more.yaml"
        path.write_text(recipe("h264"))
        arguments = ["convert", bag, "--recipe", path, "--json", "-o", self.folder / "more_limit", "--memory-limit"]
        smallest = json.loads(self.bagloom(*arguments, "1MiB", code=5))["smallest_limit_bytes"]
        self.bagloom(*arguments, with_shadow(smallest), "--threads", 1)
        self.assertEqual(fingerprint(self.folder / "more_limit"), fingerprint(self.folder / "more_h264"))

    def test_parameter_sets_behind_the_picture(self):
        """They belong to the next picture: here each keyframe's stand at the end of the message before, and those of another encoder come in the middle."""
        for codec, encoder, options, others in (
            ("h264", "libx264", self.X264, {**self.X264, "profile": "high", "x264-params": self.X264["x264-params"] + ":ref=4:cabac=0:8x8dct=1"}),
            ("h265", "libx265", self.X265, {"x265-params": self.X265["x265-params"] + ":sao=0:amp=0:sign-hide=0"}),
            ("av1", None, None, None),
        ):
            with self.subTest(codec=codec):
                bag = self.recording(codec)
                if encoder:
                    bag = self.joined(f"{codec}_two", self.encoded(self.recording(), f"{codec}_one", encoder, options), self.encoded(self.recording(), f"{codec}_other", encoder, others))
                packets = recorded_packets(bag, TOPICS[0])
                parts = [apart(codec, p) for p in packets]
                behind = [packets[0]] + [picture for _, picture in parts[1:]]
                for n, (sets, _) in enumerate(parts[1:]):
                    behind[n] += sets
                self.assertNotEqual(behind, packets)
                self.assertEqual(len({sets for sets, _ in parts if sets}), 2 if encoder else 1)
                moved = self.with_packets(bag, f"{codec}_behind", behind)
                want, _ = self.convert(bag, f"{codec}_before", recipe=recipe("h264"))
                got, report = self.check(moved, f"{codec}_behind", True, any_order=True)
                self.assertEqual((report["losses"], numbers(got, "observation.images.cam_0")), ([], numbers(want, "observation.images.cam_0")))

    def test_hidden_frames_of_av1_are_no_missing_messages(self):
        """SVT-AV1 as it is: alternate references that are shown later, so that its numbers jump."""
        os.environ["SVT_LOG"] = "1"  # errors alone
        plain = self.recording("av1")
        packets = recorded_packets(self.encoded(self.recording(), "hidden", "libsvtav1", {"preset": "12", "svtav1-params": "keyint=15:lp=1"}), TOPICS[0])
        self.assertTrue(any(len([k for k, _ in obus(p) if k in (3, 6)]) > 1 for p in packets))
        got, report = self.check(self.with_packets(plain, "hidden_frames", packets), "hidden_frames", True)
        self.assertEqual((report["losses"], numbers(got, "observation.images.cam_0")), ([], [(0, n) for n in range(60)]))
        # One that is missing, whose pictures others refer to: keyframes are 30 and 45.
        for missing in (33, 36, 40):
            half = copy_bag(self.folder / "hidden_frames.bag", self.folder / f"hidden_{missing}.bag", numbered(TOPICS[0], lambda n: n == missing))
            got, report = self.convert(half, f"hidden_{missing}", recipe=recipe("h264", **self.left_out), code=3)
            shown = [n for _, n in numbers(got, "observation.images.cam_0")]
            self.assertEqual(shown, [n for n in range(60) if not missing <= n < 45])

    def test_another_size_in_the_middle(self):
        plain = self.recording()
        bag = self.joined("larger", plain, self.encoded(plain, "double", "libx264", self.X264, scale=2))
        _, report = self.convert(bag, "larger", recipe=recipe(gaps="hold: 0, longer: drop"), code=3)
        self.assertIn("row 30: a picture of 320x240, the video begins with 160x120", self.reasons(report)[0])
        self.assertTrue(any("a picture of 320x240 in a video that begins with 160x120" in loss["text"] and "cut the recording" in loss["text"] for loss in report["losses"]), report["losses"])

    def test_other_sampling_or_more_bits_in_the_middle(self):
        """One mp4 of both is none that readers expect: it is encoded again. Of a topic, and where the limit has no room for them it is said."""
        plain = self.recording()
        for pix_fmt in ("yuv444p", "yuv420p10le"):
            with self.subTest(pix_fmt):
                options = {**self.X264, "profile": "high444" if pix_fmt == "yuv444p" else "high10"}
                bag = self.joined(f"{pix_fmt}_behind", plain, self.encoded(plain, pix_fmt, "libx264", options, pix_fmt=pix_fmt))
                got, report = self.convert(bag, f"{pix_fmt}_behind", recipe=recipe())
                self.assertEqual((report["losses"], [c["passed"] for c in report["pass_through"]]), ([], [False, True]))
                self.assertIn("row 30: a picture of other sampling or more bits than those before it", self.reasons(report)[0])
                self.assertEqual(numbers(got, "observation.images.cam_0"), [(0, n) for n in range(60)])

    # Rows without a picture of their own are left out, by the other camera's times.
    left_out = {"timeline": f"{{topic: {TOPICS[1]}, every: 1}}", "gaps": "hold: 0, longer: drop", "camera_rules": "match: nearest; tolerance: 0.01"}

    def test_damage_becomes_a_gap_where_rows_may_be_left_out(self):
        """What only decoding shows: rows of the other camera make the gap, so that both conversions take out the same."""
        bag = self.recording("h264", 15, "--corrupt", 20)
        got, report = self.check(bag, "left_out", True, code=3, any_order=True, **self.left_out)
        self.assertEqual(len(numbers(got, "observation.images.cam_0")), 50)
        lost = [loss for loss in report["losses"] if loss["kind"] == "unusable_message" and loss["feature"].endswith("cam_0")]
        self.assertEqual(sum(loss["count"] for loss in lost), 10)

    def test_a_missing_message_is_known_before_anything_is_written(self):
        bag = self.recording("h264", 15)
        half = copy_bag(bag, self.folder / "missing.bag", numbered(TOPICS[0], lambda n: n == 40))
        _, report = self.check(half, "missing", True, code=3, **self.left_out)
        self.assertEqual([loss["count"] for loss in report["losses"] if loss["kind"] == "unusable_message"], [4])
        self.assertTrue(any("4 messages of the video behind one that is missing" in loss["text"] for loss in report["losses"]))

    def test_what_is_no_stream_of_pictures_is_said(self):
        bag = self.recording()
        path = self.folder / "said.yaml"
        path.write_text(recipe("h264"))
        prefixed = self.with_packets(bag, "avcc", lambda n, packet: b"".join(struct.pack(">I", len(u)) + u for u in nal_units(packet)))
        self.bagloom("convert", prefixed, "-o", self.folder / "said", "--recipe", path, code=2)
        for words in ("behind their lengths (AVCC", "h264_mp4toannexb"):
            self.assertIn(words, self.stderr)
        packets = recorded_packets(bag, TOPICS[0])
        several = self.with_packets(bag, "several", lambda n, packet: packet + packets[21] if n == 20 else packet)
        _, report = self.convert(several, "several_in_one", recipe=recipe("h264", gaps="hold: 0, longer: drop"), code=3)
        self.assertTrue(any("several pictures in one message" in loss["text"] for loss in report["losses"]), report["losses"])

    def test_a_format_that_lies_is_noted(self):
        bag = self.recording()
        lie = copy_bag(bag, self.folder / "lie.bag", change=lambda m: [m.data.replace(b"\4\0\0\0h264", b"\4\0\0\0h265") if m.connection.topic == TOPICS[0] else m.data])
        _, report = self.check(lie, "lie", True)
        self.assertEqual(sum("says h265, is h264" in note for note in report["notes"]), 1, report["notes"])

    def test_damage_is_not_passed_on(self):
        """Where the gap is filled with pictures that are held, rows are not the packets one by one."""
        bag = self.recording("h264", 15, "--corrupt", 20)
        path = self.folder / "corrupt.yaml"
        path.write_text(recipe(gaps="hold: 10s"))
        self.bagloom("convert", bag, "-o", self.folder / "corrupt", "--recipe", path, code=1)
        for words in ("cannot be passed through", "does not decode", "longer: drop", "--set video.codec=h264"):
            self.assertIn(words, self.stderr)
        self.assertFalse((self.folder / "corrupt").exists())
        _, report = self.convert([self.recording(), bag], "one_of_two", recipe=recipe(gaps="hold: 10s"), code=4)
        self.assertEqual(len(report["failed"]), 1)

    def test_plan_says_it(self):
        bag = self.recording()
        path = self.folder / "plan.yaml"
        path.write_text(recipe())
        plan = json.loads(self.bagloom("plan", bag, "--recipe", path, "--json"))
        self.assertEqual([c["passed"] for c in plan["pass_through"]], [True, True])
        path.write_text(recipe(fps=10, every=3))
        self.assertIn("cannot be passed through, the pictures are encoded again (h264)", self.bagloom("plan", bag, "--recipe", path))


if __name__ == "__main__":
    unittest.main()
