"""Cameras whose topics carry video: every row shows the picture that it would show if the topic carried JPEGs. `bagloom synth` writes both
kinds with the same times, so that a recording of JPEGs without the messages that must be unusable is the calculation to compare with."""
import json
import struct
import unittest
from fractions import Fraction

import av

from bag_walk import by_topic, walk
from dataset import Dataset, fingerprint
from pattern import read_pattern
from streams import apart
from support import BagloomTest, copy_bag, generic_recipe, numbered, with_shadow

TOPIC = "/camera_0/image/compressed"


def numbers(dataset, camera="observation.images.cam_0"):
    """(camera, frame) of every row, all episodes."""
    data = Dataset(dataset)
    return [read_pattern(rgb) for episode in range(len(data.episodes)) for rgb in data.pictures(camera, episode)]


class VideoTopics(BagloomTest):
    def recording(self, codec, gop, *more):
        """(video, JPEGs): the same cameras at the same times."""
        options = ("--seed", 5, "--jitter", 2, *more)
        kind = "".join(c for c in "".join(map(str, more)) if c.isalnum())
        video = self.synth(f"{codec}_{gop}_{kind}", "--video", codec, "--gop", gop, *options, cameras=2)
        return video, self.synth(f"jpeg_{kind}", *options, cameras=2)

    def same_pictures(self, video, jpegs, recipe, code=0, name="same"):
        """Converts both; the rows must show the same pictures. Gives the report of the video."""
        want, _ = self.convert(jpegs, f"{name}_jpegs", recipe=recipe, code=(0, 3))
        got, report = self.convert(video, f"{name}_video", recipe=recipe, code=code)
        self.assertEqual(Dataset(got).table, Dataset(want).table)
        for camera in Dataset(want).cameras:
            shown = numbers(got, camera)
            self.assertEqual(shown, numbers(want, camera))
            self.assertNotIn(None, shown)
            self.assertGreater(len(shown), 10)
        return report

    def test_every_codec_and_keyframe_distance(self):
        recipe = generic_recipe(cameras=2, fps=10, every=3)
        for codec, gop in (("h264", 1), ("h264", 15), ("h264", 60), ("h265", 15), ("av1", 15)):
            with self.subTest(codec=codec, gop=gop):
                video, jpegs = self.recording(codec, gop)
                self.assertEqual(self.same_pictures(video, jpegs, recipe)["losses"], [])

    def test_dropped_pictures_and_every_message_a_row(self):
        recipe = generic_recipe(cameras=2, fps=30, every=1, gaps="hold: 10s")
        video, jpegs = self.recording("h264", 15, "--drop", 0.1)
        self.same_pictures(video, jpegs, recipe, code=(0, 3))

    def test_a_recording_of_the_other_kind_is_one_line(self):
        """A camera is video in all recordings of a job, or in none."""
        video, jpegs = self.recording("h264", 15)
        sized = generic_recipe(cameras=2, fps=10, every=3, camera_rules="size: 80x60")
        for bags, kinds in (([jpegs, video], ("video (h264)", "no video")), ([video, jpegs], ("no video", "video (h264)"))):
            for recipe in (None, sized):
                with self.subTest(first=bags[0].name, sized=recipe is not None):
                    _, report = self.convert(bags, "kinds", recipe=recipe, code=4)
                    self.assertEqual(report["losses"], [])
                    (failed,) = report["failed"]
                    self.assertEqual(failed["recording"], str(bags[1]))
                    self.assertIn(f"pictures are {kinds[0]}, the first recording's are {kinds[1]}; convert it by itself", failed["error"])

    def test_compressed_recordings(self):
        recipe = generic_recipe(cameras=2, fps=10, every=3)
        video, jpegs = self.recording("h264", 40, "--compression", "lz4", "--chunk-size", "20KiB", "--no-index")
        self.same_pictures(video, jpegs, recipe)

    def test_threads_and_limits_do_not_show(self):
        video, _ = self.recording("h264", 60)
        recipe = generic_recipe(cameras=2, fps=30, every=1)
        want = fingerprint(self.convert(video, "one", "--threads", 1, recipe=recipe)[0])
        for threads in (2, 8):
            dataset, _ = self.convert(video, "more", "--threads", threads, recipe=recipe)
            self.assertEqual(fingerprint(dataset), want)
        path = self.folder / "recipe.yaml"
        path.write_text(recipe)
        answer = json.loads(self.bagloom("convert", video, "-o", self.folder / "small", "--recipe", path, "--memory-limit", "1MiB", "--json", code=5))
        dataset, _ = self.convert(video, "limit", "--memory-limit", with_shadow(answer["smallest_limit_bytes"]), recipe=recipe)
        self.assertEqual(fingerprint(dataset), want)

    def without(self, bag, name, leave_out):
        """A copy of the recording without some messages of camera 0, by their number."""
        return copy_bag(bag, self.folder / f"{name}.bag", numbered(TOPIC, leave_out))

    # The timeline is camera 1, so that rows stay what they are.
    held = generic_recipe(cameras=2, fps=10, timeline="{topic: /camera_1/image/compressed, every: 3}", gaps="hold: 10s")

    def test_a_start_between_keyframes(self):
        video, jpegs = self.recording("h264", 15)
        for first in (1, 7, 14):
            with self.subTest(first=first):
                report = self.same_pictures(self.without(video, f"late_{first}", lambda n: n < first),
                                            self.without(jpegs, f"late_jpegs_{first}", lambda n: n < 15), self.held, code=3)
                lost = [loss for loss in report["losses"] if loss["kind"] == "unusable_message"]
                self.assertEqual([loss["count"] for loss in lost], [15 - first])
                self.assertIn(f"{15 - first} message{'' if first == 14 else 's'} before the first keyframe", lost[0]["text"])

    def test_a_missing_message_takes_the_rest_up_to_the_next_keyframe(self):
        for codec in ("h264", "h265", "av1"):
            video, jpegs = self.recording(codec, 15)
            with self.subTest(codec=codec):
                report = self.same_pictures(self.without(video, f"hole_{codec}", lambda n: n == 34),
                                            self.without(jpegs, "hole_jpegs", lambda n: 34 <= n < 45), self.held, code=3)
                lost = [loss for loss in report["losses"] if loss["kind"] == "unusable_message"]
                self.assertEqual(sum(loss["count"] for loss in lost), 10)

    def test_fifteen_missing_messages_or_one_twice(self):
        """H.264 counts to 16 here: the next picture has the number of the one before the hole, as a repeated one has."""
        video, jpegs = self.recording("h264", 40)
        hole = self.without(video, "hole_of_15", lambda n: 14 <= n < 29)
        twice = self.with_packets(video, "twice", lambda n, packet: [packet, packet] if n == 14 else [packet])
        for name, bag, first in (("hole", hole, 14), ("twice", twice, 15)):
            with self.subTest(name):
                self.same_pictures(bag, self.without(jpegs, f"{name}_of_15_jpegs", lambda n: first <= n < 40), self.held, code=3)

    def test_as_many_missing_messages_as_the_stream_counts_to(self):
        """The stream counts on; its times and the regular distance of its keyframes say it."""
        video, jpegs = self.recording("h264", 20)
        for name, first, behind, end in (("within", 22, 38, 40), ("over_a_keyframe", 22, 58, 60)):
            with self.subTest(name):
                report = self.same_pictures(self.without(video, f"count_{name}", lambda n: first <= n < behind),
                                            self.without(jpegs, f"count_{name}_jpegs", lambda n: first <= n < end), self.held, code=3)
                (loss,) = [loss for loss in report["losses"] if loss["kind"] == "unusable_message"]
                self.assertEqual(loss["count"], end - behind)
                self.assertIn(f"the time says that about {behind - first} pictures are missing", loss["text"])

    def test_what_may_be_a_hole_or_a_pause_is_said(self):
        """One keyframe a recording: nothing tells the two apart."""
        video, _ = self.recording("h264", 250)
        _, report = self.convert(self.without(video, "doubtful", lambda n: 40 <= n < 56), "doubtful", recipe=self.held)
        (loss,) = [loss for loss in report["losses"] if loss["kind"] != "held_rows"]
        self.assertEqual((loss["kind"], loss["count"], loss["features"]), ("doubtful_hole", 1, ["observation.images.cam_0"]))
        self.assertIn("looks like 16 pictures are missing, or the camera paused", loss["text"])

    def test_a_missing_keyframe_takes_the_whole_of_what_follows(self):
        video, jpegs = self.recording("h264", 15)
        self.same_pictures(self.without(video, "no_key", lambda n: n == 30), self.without(jpegs, "no_key_jpegs", lambda n: 30 <= n < 45), self.held, code=3)

    def test_a_cut_message(self):
        for codec in ("h264", "h265", "av1"):
            with self.subTest(codec=codec):
                video, jpegs = self.recording(codec, 15, "--corrupt", 50)
                report = self.same_pictures(video, self.without(jpegs, "cut_jpegs", lambda n: 50 <= n < 60), self.held, code=3)
                texts = [loss["text"] for loss in report["losses"]]
                self.assertTrue(any(words in text for text in texts for words in ("does not decode", "the message is cut", "1 message of the video cannot be read")), texts)
                self.assertEqual(sum(loss["count"] for loss in report["losses"] if loss["kind"] == "unusable_message"), 10)

    def test_any_cut_of_h265_is_seen(self):
        """libav takes what is missing for zeros, and makes a picture of it."""
        video, jpegs = self.recording("h265", 15)
        without = self.without(jpegs, "any_cut_jpegs", lambda n: 50 <= n < 60)
        for left in (0.9, 0.5, -3):
            cut = self.with_packets(video, "any_cut", lambda n, packet: [packet[: left if left < 0 else int(len(packet) * left)]] if n == 50 else [packet])
            with self.subTest(left=left):
                report = self.same_pictures(cut, without, self.held, code=3)
                self.assertEqual(sum(loss["count"] for loss in report["losses"] if loss["kind"] == "unusable_message"), 10)

    def test_an_empty_message(self):
        """A message without a packet, as drivers send at their start, is none: what follows has nothing to refer to."""
        video, jpegs = self.recording("h264", 15)
        count = -1

        def empty(message):
            nonlocal count
            count += message.connection.topic == TOPIC
            if message.connection.topic != TOPIC or count != 50:
                return [message.data]
            (frame,) = struct.unpack_from("<I", message.data, 8)
            (size,) = struct.unpack_from("<I", message.data, 12 + frame)
            return [message.data[: 12 + frame] + bytes(4) + message.data[16 + frame + size :]]

        report = self.same_pictures(copy_bag(video, self.folder / "empty.bag", change=empty), self.without(jpegs, "empty_jpegs", lambda n: 50 <= n < 60), self.held, code=3)
        self.assertEqual(sum(loss["count"] for loss in report["losses"] if loss["kind"] == "unusable_message"), 10)

    def packets_of(self, bag):
        """Of camera 0, as they were sent."""
        for message in walk(bag):
            if message.connection.topic == TOPIC:
                (frame,) = struct.unpack_from("<I", message.data, 8)
                (size,) = struct.unpack_from("<I", message.data, 12 + frame)
                yield message.data[16 + frame : 16 + frame + size]

    def open_gop(self, video):
        """The same pictures as x265 sends them by default, with B-frames: keyframes are CRA pictures, and pictures that refer to what
        stands before those come behind them. Gives the packets, and the picture that each of them holds."""
        decoder = av.CodecContext.create("h264", "r")
        frames = [frame for packet in [*map(av.Packet, self.packets_of(video)), None] for frame in decoder.decode(packet)]
        encoder = av.CodecContext.create("libx265", "w")
        encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = frames[0].width, frames[0].height, "yuv420p", Fraction(1, 30)
        encoder.options = {"preset": "fast", "crf": "18", "x265-params": "keyint=15:min-keyint=15:scenecut=0:bframes=3:b-adapt=0:open-gop=1:log-level=none"}
        packets = []
        for number, frame in enumerate([*frames, None]):
            if frame is not None:
                frame.pts, frame.pict_type = number, av.video.frame.PictureType.NONE
            packets += [(bytes(packet), packet.pts) for packet in encoder.encode(frame)]
        kinds = [{packet[i + 3] >> 1 & 63 for i in range(len(packet) - 3) if packet[i : i + 3] == b"\0\0\1"} for packet, _ in packets]
        leading = [n for n, kind in enumerate(kinds) if kind & {8, 9}]
        keyframes = [n for n, kind in enumerate(kinds) if kind & set(range(16, 22))]
        self.assertGreater(len(leading), 10)
        return [packet for packet, _ in packets], [picture for _, picture in packets], leading, keyframes

    def test_open_groups_of_pictures(self):
        """Pictures that refer to what stands before their keyframe are decoded from the keyframe before that."""
        video, jpegs = self.recording("h264", 15)
        packets, order, leading, keyframes = self.open_gop(video)
        recipe = generic_recipe(cameras=2, fps=30, every=1, timeline="{topic: /camera_1/image/compressed, every: 1}", gaps="hold: 10s")

        def check(name, change, gone):
            """The rows are those of JPEGs without the messages in `gone`, and each of these is counted."""
            without = self.convert(self.without(jpegs, f"{name}_jpegs", lambda n: n in gone), f"{name}_jpegs", recipe=recipe, code=(0, 3))[0]
            bag = self.with_packets(video, name, change)
            results = [self.convert(bag, name, "--threads", threads, recipe=recipe, code=(0, 3)) for threads in (1, 4)]
            self.assertEqual(*(fingerprint(dataset) for dataset, _ in results))
            dataset, report = results[0]
            self.assertEqual([frame for _, frame in numbers(dataset)], [order[frame] for _, frame in numbers(without)])
            return sum(loss["count"] for loss in report["losses"] if loss["kind"] == "unusable_message")

        self.assertEqual(check("open", lambda n, packet: [packets[n]], []), 0)
        with self.subTest("one that leads is cut: those behind it that lead go with it, no others"):
            gone = [n for n in leading if leading[4] <= n < leading[4] + 4]
            self.assertEqual(check("open_cut_leading", lambda n, packet: [packets[n][: len(packets[n]) // 2 if n == gone[0] else None]], gone), len(gone))
        with self.subTest("one before a keyframe is cut: all up to that go with it, and those that lead behind it"):
            keyframe = keyframes[3]
            gone = [*range(keyframe - 4, keyframe), *(n for n in leading if keyframe < n < keyframe + 5)]
            self.assertEqual(check("open_cut", lambda n, packet: [packets[n][: len(packets[n]) // 2 if n == gone[0] else None]], gone), len(gone))
        with self.subTest("one before a keyframe is missing"):
            count = check("open_missing", lambda n, packet: [] if n == gone[0] else [packets[n]], gone)
            self.assertEqual(count, len(gone) - 1)
        with self.subTest("it begins at such a keyframe: nothing that leads there can be had"):
            first = keyframes[1]
            gone = [*range(first), *(n for n in leading if first < n < first + 5)]
            self.assertEqual(check("open_begun", lambda n, packet: [] if n < first else [packets[n]], gone), len(gone) - first)

    def with_packets(self, bag, name, change):
        """A copy with other packets of camera 0: `change(n, packet)` gives those that stand in the place of packet n."""
        count = -1

        def messages(message):
            nonlocal count
            if message.connection.topic != TOPIC:
                return [message.data]
            count += 1
            (frame,) = struct.unpack_from("<I", message.data, 8)
            (size,) = struct.unpack_from("<I", message.data, 12 + frame)
            head, tail, at = message.data[: 12 + frame], message.data[16 + frame + size :], 16 + frame
            return [head + struct.pack("<I", len(p)) + p + tail for p in change(count, message.data[at : at + size])]

        return copy_bag(bag, self.folder / f"{name}.bag", change=messages)

    def test_parameter_sets_that_stand_once(self):
        """In the first keyframe's own message, in one of their own, or each in one of its own; encoded again and passed through."""
        recipe = generic_recipe(cameras=2, fps=30, every=1, action_rules="match: nearest")
        for codec in ("h264", "h265", "av1"):
            video = self.synth(f"sets_{codec}", "--video", codec, "--gop", 15, "--seed", 5, "--jitter", 2, cameras=2, seconds=2)
            want = self.convert(video, "sets", recipe=recipe)[0]
            for where in {"h264": ("in it", "one by one"), "h265": ("in it",), "av1": ("in it", "apart")}[codec]:
                def once(n, packet):
                    sets, picture = apart(codec, packet)
                    if n > 0:
                        return [picture]
                    if where == "one by one":
                        return [b"\0\0\0\1" + s for s in sets.split(b"\0\0\0\1")[1:]] + [picture]
                    return [packet] if where == "in it" else [sets, picture]

                with self.subTest(codec=codec, where=where):
                    bag = self.with_packets(video, "once", once)
                    again, report = self.convert(bag, "once", recipe=recipe)
                    self.assertEqual(report["losses"], [])
                    self.assertEqual(numbers(again), numbers(want))
                    copied, report = self.convert(bag, "copied", recipe=recipe + "video: {codec: copy}\n")
                    self.assertEqual([c["passed"] for c in report["pass_through"]], [True, True], report["pass_through"])
                    self.assertEqual((report["losses"], numbers(copied)), ([], numbers(want)))
                    self.bagloom("verify", copied)

    def test_parameter_sets_that_stand_once_whatever_the_limit(self):
        video, _ = self.recording("h264", 15)
        bag = self.with_packets(video, "limits", lambda n, packet: [packet if n == 0 else apart("h264", packet)[1]])
        for codec in ("h264", "copy"):
            recipe = generic_recipe(cameras=2, fps=30, every=1, action_rules="match: nearest", video=f"codec: {codec}")
            want = fingerprint(self.convert(bag, "one", "--threads", 1, recipe=recipe)[0])
            path = self.folder / "limits.yaml"
            path.write_text(recipe)
            answer = json.loads(self.bagloom("convert", bag, "-o", self.folder / "small", "--recipe", path, "--memory-limit", "1MiB", "--json", code=5))
            limit = with_shadow(answer["smallest_limit_bytes"])
            self.assertEqual(fingerprint(self.convert(bag, "more", "--threads", 4, "--memory-limit", limit, recipe=recipe)[0]), want)

    def test_a_set_in_the_middle_goes_to_the_pictures_behind_it(self):
        """A message with a picture parameter set alone, between two pictures that are not keyframes."""
        video, _ = self.recording("h264", 15)
        recipe = generic_recipe(cameras=2, fps=30, every=1, action_rules="match: nearest")
        for codec in ("h264", "copy"):
            want = self.convert(video, "plain", recipe=recipe + f"video: {{codec: {codec}}}\n")[0]
            sets = []

            def middle(n, packet):
                if n == 0:
                    sets.append(apart("h264", packet)[0])
                return [sets[0], packet] if n in (20, 30, 31) else [packet]

            got, report = self.convert(self.with_packets(video, "middle", middle), "middle", recipe=recipe + f"video: {{codec: {codec}}}\n")
            self.assertEqual((report["losses"], numbers(got)), ([], numbers(want)))

    def test_a_recording_without_a_keyframe(self):
        video, _ = self.recording("h264", 60)
        late = self.without(video, "none", lambda n: n % 60 == 0)
        path = self.folder / "held.yaml"
        path.write_text(self.held)
        self.bagloom("convert", late, "-o", self.folder / "none", "--recipe", path, code=(1, 2, 6))
        self.assertIn("no keyframe", self.stderr)

    def test_it_is_guessed_and_planned(self):
        video, _ = self.recording("h264", 15)
        plan = self.bagloom("plan", video)
        self.assertIn("keyframe pass: 120 messages of h264, 8 keyframes", plan)
        self.convert(video, "guessed")
        self.assertEqual(len(Dataset(self.folder / "guessed").cameras), 2)
        self.assertNotIn("# Left out", self.bagloom("init", video))

    def test_an_interrupted_pass_leaves_no_trace(self):
        video, _ = self.recording("h264", 15)
        dataset, _ = self.convert(video, "clean")
        self.assertFalse((self.folder / "clean.bagloom").exists())
        self.assertFalse(list(dataset.rglob("*.stream")))


if __name__ == "__main__":
    unittest.main()
