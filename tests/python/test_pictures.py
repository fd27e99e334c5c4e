"""Every encoding of a picture, written by rosbags, numpy and Pillow; what comes out of the dataset is decoded by Pillow and PyAV."""
import io
import json
import re
import struct
import unittest

import av
import numpy as np
import pyarrow.parquet as pq
import rosbags.rosbag1
from PIL import Image
from rosbags.typesys import Stores, get_typestore

from dataset import fingerprint
from support import SANITIZED, BagloomTest

W, H, FRAMES, FPS = 64, 48, 6, 10
STORE = get_typestore(Stores.ROS1_NOETIC)
TYPES = STORE.types


def scene(n):
    """Smooth, so that halved colours and demosaicing lose little; another one for each n."""
    y, x = np.mgrid[0:H, 0:W].astype(float)
    waves = [np.sin((x * a + y * b + 40 * n * c) / 20) for a, b, c in ((1.0, 0.3, 0.5), (0.2, 1.1, 0.3), (0.6, -0.7, 0.4))]
    return np.stack([np.rint(128 + 90 * w) for w in waves], -1).astype(np.uint8)


def distances(n):
    """Millimetres, with a hole (0) and an edge from 0.6 m to 4 m."""
    y, x = np.mgrid[0:H, 0:W]
    depth = np.where(x < W // 2, 600 + 3 * y + n, 4000 + 11 * x + n).astype(np.uint16)
    depth[10:14, 5:9] = 0
    return depth


def yuv(rgb):
    """BT.601, studio range: full planes."""
    r, g, b = (rgb[..., i].astype(float) / 255 for i in range(3))
    y = 16 + 219 * (0.299 * r + 0.587 * g + 0.114 * b)
    u = 128 + 224 * (-0.168736 * r - 0.331264 * g + 0.5 * b)
    v = 128 + 224 * (0.5 * r - 0.418688 * g - 0.081312 * b)
    return [np.rint(p).astype(np.uint8) for p in (y, u, v)]


def halved(plane, down=True):
    plane = plane.astype(float)
    plane = (plane[:, ::2] + plane[:, 1::2]) / 2
    return np.rint((plane[::2] + plane[1::2]) / 2 if down else plane).astype(np.uint8)


def packed(rgb, luma_first):
    y, u, v = yuv(rgb)
    out = np.empty((H, W * 2), np.uint8)
    luma, chroma = (0, 1) if luma_first else (1, 0)
    out[:, luma::2] = y
    out[:, chroma::4], out[:, chroma + 2::4] = halved(u, False), halved(v, False)
    return out


def planar(rgb, kind):
    y, u, v = yuv(rgb)
    if kind == "nv24":
        return np.concatenate([y.ravel(), np.stack([u, v], -1).ravel()])
    u, v = halved(u), halved(v)
    return np.concatenate([y.ravel(), {"i420": np.concatenate([u.ravel(), v.ravel()]), "nv12": np.stack([u, v], -1).ravel(), "nv21": np.stack([v, u], -1).ravel()}[kind]])


def mosaic(rgb, pattern):
    out = np.empty((H, W), np.uint8)
    for i, colour in enumerate(pattern):
        out[i // 2::2, i % 2::2] = rgb[i // 2::2, i % 2::2, "rgb".index(colour)]
    return out


def rows(array, padding=0):
    """(step, bytes) of an array whose rows get bytes behind them that are no picture."""
    array = np.ascontiguousarray(array).reshape(array.shape[0], -1)
    raw = array.view(np.uint8)
    return raw.shape[1] + padding, np.hstack([raw, np.full((len(raw), padding), 77, np.uint8)]).tobytes()


def raw_pictures(rgb):
    """topic, encoding, big endian, step, bytes"""
    alpha = np.dstack([rgb, np.full((H, W), 5, np.uint8)])
    yield "rgb8", "rgb8", 0, *rows(rgb, 6)
    yield "bgr8", "bgr8", 0, *rows(rgb[..., ::-1])
    yield "rgba8", "rgba8", 0, *rows(alpha, 3)
    yield "bgra8", "BGRA8", 0, *rows(alpha[..., [2, 1, 0, 3]])
    yield "rgb16", "rgb16", 1, *rows((rgb.astype(np.uint16) * 257).astype(">u2"))
    yield "uyvy", "yuv422", 0, *rows(packed(rgb, False))
    yield "yuyv", "yuv422_yuy2", 0, *rows(packed(rgb, True), 8)
    for kind in ("nv12", "nv21", "nv24", "i420"):
        yield kind, kind, 0, W, planar(rgb, kind).tobytes()
    for pattern in ("rggb", "bggr", "gbrg", "grbg"):
        yield f"bayer_{pattern}", f"bayer_{pattern}8", 0, *rows(mosaic(rgb, pattern))
    yield "bayer_wide", "bayer_grbg16", 0, *rows((mosaic(rgb, "grbg").astype("<u2") << 8))


def file_of(array, kind, **options):
    out = io.BytesIO()
    Image.fromarray(array).save(out, kind, **options)
    return out.getvalue()


def with_xmp(jpeg):
    """The JPEG with an orientation in XMP."""
    said = b"http://ns.adobe.com/xap/1.0/\0" + b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></x:xmpmeta>'
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(said) + 2) + said + jpeg[2:]


def compressed_pictures(rgb):
    """topic, format, bytes"""
    yield "jpeg", "rgb8; jpeg compressed bgr8", file_of(rgb, "jpeg", quality=97, subsampling=0)
    yield "png", "png", file_of(rgb, "png")
    yield "png_alpha", "png", file_of(np.dstack([rgb, np.full((H, W), 5, np.uint8)]), "png")
    yield "lies", "jpeg", file_of(rgb, "png")
    yield "webp", "webp", file_of(rgb, "webp", lossless=True)
    yield "webp_lossy", "webp", file_of(rgb, "webp", quality=95)
    yield "tiff", "tiff", file_of(rgb, "tiff")
    # As OpenCV writes them: LZW, and tags that libav does not know.
    yield "tiff_tags", "rgb8; tiff compressed bgr8", file_of(rgb, "tiff", compression="tiff_lzw", tiffinfo={274: 1, 296: 2, 305: "x"})
    # Both say that they are to be turned, and some readers do.
    yield "jpeg_xmp", "jpeg", with_xmp(file_of(rgb, "jpeg", quality=97, subsampling=0))
    yield "png_exif", "png", file_of(rgb, "png", exif=b"Exif\0\0MM\0*\0\0\0\b\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0")
    yield "mosaic", "bayer_gbrg8; png compressed ", file_of(mosaic(rgb, "gbrg"), "png")


EXACT = {"rgb8", "bgr8", "rgba8", "bgra8", "rgb16", "png", "png_alpha", "lies", "webp", "tiff", "tiff_tags", "png_exif"}
RECORDED = {"jpeg", "png", "lies"}


def rvl(values):
    """compressed_depth_image_transport's RVL: runs of zeros and of differences, in nibbles."""
    nibbles, flat, i, previous = [], values.ravel().tolist(), 0, 0

    def put(number):
        while True:
            nibbles.append(number & 7 | (8 if number >> 3 else 0))
            number >>= 3
            if not number:
                return
    while i < len(flat):
        for want_zero in (True, False):
            start = i
            while i < len(flat) and (flat[i] == 0) == want_zero:
                i += 1
            put(i - start)
            if not want_zero:
                for value in flat[start:i]:
                    delta = value - previous
                    put((delta << 1 ^ delta >> 31) & 0xffffffff)
                    previous = value
    nibbles += [0] * (-len(nibbles) % 8)
    words = [sum(n << 28 - 4 * k for k, n in enumerate(nibbles[at:at + 8])) for at in range(0, len(nibbles), 8)]
    return struct.pack(f"<II{len(words)}I", W, H, *words)


def depth_raw(mm):
    metres = mm.astype(np.float32) / 1000
    metres[mm == 0] = np.nan
    yield "d16", "16UC1", 0, *rows(mm.astype("<u2"), 4)
    yield "d16_big", "mono16", 1, *rows(mm.astype(">u2"))
    yield "d32", "32FC1", 0, *rows(metres.astype("<f4"))


def depth_compressed(mm):
    a, b = 100.0 * 101, 1 - 100.0 * 101 / 10
    metres = np.where(mm == 0, np.inf, mm / 1000.0)
    inverse = np.where(mm == 0, 0, np.floor(a / metres + b)).astype(np.uint16)
    yield "dpng", "16UC1; compressedDepth png", bytes(12) + file_of(mm, "png")
    yield "dbare", "16UC1; compressedDepth", file_of(mm, "png")
    yield "drvl", "16UC1; compressedDepth rvl", bytes(12) + rvl(mm)
    yield "dlies", "16UC1; compressedDepth rvl", bytes(12) + file_of(mm, "png")
    yield "dinverse", "32FC1; compressedDepth png", struct.pack("<iff", 0, a, b) + file_of(inverse, "png")


def header(stamp):
    return TYPES["std_msgs/msg/Header"](seq=0, stamp=TYPES["builtin_interfaces/msg/Time"](sec=stamp // 10**9, nanosec=stamp % 10**9), frame_id="")


def write_bag(path, frames=FRAMES):
    image, compressed = (TYPES[f"sensor_msgs/msg/{n}"] for n in ("Image", "CompressedImage"))
    with rosbags.rosbag1.Writer(path) as writer:
        connections = {}

        def put(topic, kind, message, stamp):
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, f"sensor_msgs/msg/{kind}", typestore=STORE)
            writer.write(connections[topic], stamp, STORE.serialize_ros1(message, f"sensor_msgs/msg/{kind}"))
        for n in range(frames):
            stamp = 10**18 + n * 10**9 // FPS
            for topic, encoding, big, step, data in [*raw_pictures(scene(n)), *depth_raw(distances(n))]:
                put(f"/{topic}", "Image", image(header=header(stamp), height=H, width=W, encoding=encoding, is_bigendian=big, step=step, data=np.frombuffer(data, np.uint8)), stamp)
            for topic, text, data in [*compressed_pictures(scene(n)), *depth_compressed(distances(n))]:
                put(f"/{topic}", "CompressedImage", compressed(header=header(stamp), format=text, data=np.frombuffer(data, np.uint8)), stamp)
    return path


COLOUR = [t[0] for t in raw_pictures(scene(0))] + [t[0] for t in compressed_pictures(scene(0))]
DEPTH = [t[0] for t in depth_raw(distances(0))] + [t[0] for t in depth_compressed(distances(0))]


def recipe(features, video="{codec: h264, crf: 10}"):
    lines = ["robot: test", f"fps: {FPS}", "task: t", "timeline: {topic: /rgb8, every: 1}", "features:"]
    return "\n".join(lines + [f"  {name}: {{{rules}}}" for name, rules in features.items()] + [f"video: {video}", ""])


def psnr(a, b):
    return 10 * np.log10(255**2 / max(1e-9, np.mean((a.astype(float) - b.astype(float)) ** 2)))


def frames_of(path, layout):
    with av.open(str(path)) as box:
        return [frame.to_ndarray(format=layout) for frame in box.decode(video=0)]


class Pictures(BagloomTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bag = write_bag(cls.folder / "pictures.bag")

    def table(self, dataset):
        return pq.read_table(dataset / "data/chunk-000/file-000.parquet")

    def verified(self, dataset):
        report = json.loads(self.bagloom("verify", dataset, "--json"))
        self.assertEqual([p for p in report["problems"] if p.get("severity", p.get("weight")) != "Q"], [])

    def test_videos_show_what_each_encoding_holds(self):
        dataset, report = self.convert(self.bag, "video", recipe=recipe({f"observation.images.{t}": f"camera: /{t}" for t in COLOUR}))
        self.assertEqual(report["rows"], FRAMES)
        self.assertEqual([n for n in report["notes"] if "`format`" in n], ["/lies: a picture's `format` says jpeg, is png; the bytes decide"])
        for topic in COLOUR:
            pictures = frames_of(dataset / f"videos/observation.images.{topic}/chunk-000/file-000.mp4", "rgb24")
            self.assertEqual(len(pictures), FRAMES)
            for n, picture in enumerate(pictures):
                with self.subTest(topic, n=n):
                    inside = slice(4, -4)
                    self.assertGreater(psnr(picture[inside, inside], scene(n)[inside, inside]), 30)
        self.verified(dataset)

    def test_tables_hold_the_files_themselves(self):
        dataset, _ = self.convert(self.bag, "image", recipe=recipe({f"observation.images.{t}": f"camera: /{t}, storage: image" for t in COLOUR}))
        info = json.loads((dataset / "meta/info.json").read_text())
        self.assertIsNone(info["video_path"])
        self.assertFalse((dataset / "videos").exists())
        table = self.table(dataset)
        for topic in COLOUR:
            column = table[f"observation.images.{topic}"].to_pylist()
            self.assertEqual(len(column), FRAMES)
            for n, cell in enumerate(column):
                with self.subTest(topic, n=n):
                    picture = np.asarray(Image.open(io.BytesIO(cell["bytes"])))
                    self.assertEqual(picture.shape, (H, W, 3))
                    if topic in EXACT:
                        np.testing.assert_array_equal(picture, scene(n))
                    else:
                        self.assertGreater(psnr(picture[4:-4, 4:-4], scene(n)[4:-4, 4:-4]), 32)
                    self.assertNotIn(b"Exif", cell["bytes"])
                    if topic in RECORDED:
                        self.assertEqual(cell["bytes"], next(d for t, _, d in compressed_pictures(scene(n)) if t == topic))
                    else:
                        self.assertTrue(cell["bytes"].startswith(b"\x89PNG") and b"eXIf" not in cell["bytes"] and b"adobe" not in cell["bytes"])
                    self.assertEqual(cell["path"], f"frame-{n:06d}." + ("jpg" if topic == "jpeg" else "png"))
        stats = json.loads((dataset / "meta/stats.json").read_text())["observation.images.rgb8"]
        pixels = np.stack([scene(n) for n in range(FRAMES)]) / 255
        np.testing.assert_allclose(np.ravel(stats["mean"]), pixels.mean((0, 1, 2)), atol=1e-9)
        np.testing.assert_allclose(np.ravel(stats["max"]), pixels.max((0, 1, 2)), atol=1e-12)
        self.verified(dataset)

    def test_depth_in_tables_is_exact(self):
        features = {f"observation.images.{t}": f"depth: /{t}, storage: image" for t in DEPTH}
        dataset, _ = self.convert(self.bag, "depth_image", recipe=recipe(features))
        info = json.loads((dataset / "meta/info.json").read_text())["features"]
        table = self.table(dataset)
        for topic in DEPTH:
            name = f"observation.images.{topic}"
            self.assertEqual(info[name]["shape"], [H, W, 1])
            self.assertEqual((info[name]["dtype"], info[name]["info"]["is_depth_map"], info[name]["info"]["depth_unit"]), ("image", True, "mm"))
            for n, cell in enumerate(table[name].to_pylist()):
                with self.subTest(topic, n=n):
                    image = Image.open(io.BytesIO(cell["bytes"]))
                    self.assertEqual(image.mode, "I;16")
                    # Inverse depth has steps of its own: depth squared / 10100.
                    off = np.abs(np.asarray(image).astype(int) - distances(n))
                    self.assertTrue((off <= ((distances(n) / 1000.0) ** 2 / 10.1 + 1 if topic == "dinverse" else 0)).all(), off.max())
                    self.assertTrue((np.asarray(image)[10:14, 5:9] == 0).all(), "0 stays 0")
        recorded = next(d for t, _, d in depth_compressed(distances(2)) if t == "dpng")[12:]
        self.assertEqual(table["observation.images.dpng"].to_pylist()[2]["bytes"], recorded)
        stats = json.loads((dataset / "meta/stats.json").read_text())["observation.images.d16"]
        values = np.stack([distances(n) for n in range(FRAMES)]).astype(float)
        np.testing.assert_allclose(np.ravel(stats["mean"]), values.mean(), rtol=1e-12)
        np.testing.assert_allclose(np.ravel(stats["std"]), values.std(), rtol=1e-9)
        self.assertEqual([np.ravel(stats[k])[0] for k in ("min", "max")], [0, values.max()])
        self.verified(dataset)

    def test_depth_video_keeps_its_metres(self):
        features = {f"observation.images.{t}": f"depth: /{t}, range: [0.1, 6]" for t in DEPTH}
        dataset, report = self.convert(self.bag, "depth_video", recipe=recipe(features))
        self.assertTrue(any("4,096 steps" in note for note in report["notes"]), report["notes"])
        info = json.loads((dataset / "meta/info.json").read_text())["features"]
        low, high, shift = np.log(0.1 + 3.5), np.log(6 + 3.5), 3.5
        for topic in DEPTH:
            name = f"observation.images.{topic}"
            block = info[name]["info"]
            self.assertEqual([block[f"video.{k}"] for k in ("codec", "pix_fmt", "depth_min", "depth_max", "shift", "use_log", "channels")], ["hevc", "gray12le", 0.1, 6, 3.5, True, 1])
            self.assertEqual((info[name]["shape"], block["is_depth_map"], block["depth_unit"]), ([H, W, 1], True, "mm"))
            codes = frames_of(dataset / f"videos/{name}/chunk-000/file-000.mp4", "gray12le")
            self.assertEqual(len(codes), FRAMES)
            for n, code in enumerate(codes):
                with self.subTest(topic, n=n):
                    truth = distances(n) / 1000.0
                    metres = np.exp(code * ((high - low) / 4095) + low) - shift
                    # Half a step of the code, and what inverse depth lost before.
                    bound = (truth + shift) * (np.exp((high - low) / 8190) - 1) + 1e-6 + (truth**2 / 10100 if topic == "dinverse" else 0)
                    measured = truth > 0
                    self.assertTrue((np.abs(metres - truth)[measured] <= bound[measured]).all(), np.abs(metres - truth)[measured].max())
                    self.assertTrue((code[~measured] == 0).all(), "what was not measured is the nearest distance")
        self.verified(dataset)

    def test_depth_is_never_mixed_across_edges(self):
        features = {"observation.images.d": "depth: /d16, storage: image, size: 32x24"}
        dataset, _ = self.convert(self.bag, "small", recipe=recipe(features))
        cells = self.table(dataset)["observation.images.d"].to_pylist()
        for n in range(FRAMES):
            got = set(np.asarray(Image.open(io.BytesIO(cells[n]["bytes"]))).ravel().tolist())
            self.assertLessEqual(got, set(distances(n).ravel().tolist()))

    def test_colour_and_depth_are_not_mistaken(self):
        for rules, word in (("camera: /d16", "depth:"), ("camera: /dpng", "depth:"), ("depth: /rgb8", "camera:"), ("depth: /jpeg", "camera:")):
            with self.subTest(rules):
                path = self.folder / "wrong.yaml"
                path.write_text(recipe({"observation.images.x": rules}), "utf-8")
                self.bagloom("convert", self.bag, "-o", self.folder / "wrong", "--recipe", path, code=2)
                self.assertIn(word, self.stderr)

    def raw_bag(self, name, topics):
        """A recording of raw pictures: {topic: (encoding, array of frame n)}."""
        image = TYPES["sensor_msgs/msg/Image"]
        with rosbags.rosbag1.Writer(self.folder / name) as writer:
            connections = {t: writer.add_connection(f"/{t}", "sensor_msgs/msg/Image", typestore=STORE) for t in topics}
            for n in range(FRAMES):
                stamp = 10**18 + n * 10**9 // FPS
                for topic, (encoding, array) in topics.items():
                    step, data = rows(array(n))
                    message = image(header=header(stamp), height=H, width=W, encoding=encoding, is_bigendian=0, step=step, data=np.frombuffer(data, np.uint8))
                    writer.write(connections[topic], stamp, STORE.serialize_ros1(message, "sensor_msgs/msg/Image"))
        return self.folder / name

    def test_floats_have_the_unit_that_the_recipe_says(self):
        floats = lambda dtype, unit: lambda n: np.where(distances(n) == 0, np.nan, distances(n) / unit).astype(dtype)
        bag = self.raw_bag("units.bag", {"rgb8": ("rgb8", scene), "mm": ("32FC1", floats("<f4", 1)), "quarter": ("64FC1", floats("<f8", 0.25)), "m": ("32FC1", floats("<f4", 1000))})
        units = {"mm": "mm", "quarter": "0.00025", "m": "auto"}
        images, _ = self.convert(bag, "units_image", recipe=recipe({f"observation.images.{t}": f"depth: /{t}, unit: {u}, storage: image" for t, u in units.items()}))
        table = self.table(images)
        videos, _ = self.convert(bag, "units_video", recipe=recipe({f"observation.images.{t}": f"depth: /{t}, unit: {u}" for t, u in units.items()}))
        want = frames_of(videos / "videos/observation.images.m/chunk-000/file-000.mp4", "gray12le")
        for topic in units:
            with self.subTest(topic):
                for n, cell in enumerate(table[f"observation.images.{topic}"].to_pylist()):
                    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(cell["bytes"]))), distances(n))
                np.testing.assert_array_equal(frames_of(videos / f"videos/observation.images.{topic}/chunk-000/file-000.mp4", "gray12le"), want)

    def test_raw_pixels_are_no_video(self):
        """Whatever they look like: here a start code and the parameter set of H.264."""
        def like(array, first):
            array.reshape(-1).view(np.uint8)[: len(first)] = list(first)
            return array
        bag = self.raw_bag("like.bag", {"rgb8": ("rgb8", lambda n: like(scene(n), b"\0\0\1\x67")), "depth": ("16UC1", lambda n: like(distances(n), b"\0\0\1\x67"))})
        dataset, report = self.convert(bag, "like", recipe=recipe({"observation.images.c": "camera: /rgb8, storage: image", "observation.images.d": "depth: /depth, storage: image"}))
        self.assertEqual(report["rows"], FRAMES)
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(self.table(dataset)["observation.images.c"].to_pylist()[1]["bytes"]))), like(scene(1), b"\0\0\1\x67"))

    def test_grey_files_are_copied(self):
        compressed = TYPES["sensor_msgs/msg/CompressedImage"]
        bag = self.folder / "grey.bag"
        with rosbags.rosbag1.Writer(bag) as writer:
            topic = writer.add_connection("/rgb8", "sensor_msgs/msg/CompressedImage", typestore=STORE)
            for n in range(FRAMES):
                stamp = 10**18 + n * 10**9 // FPS
                message = compressed(header=header(stamp), format="mono8; jpeg compressed ", data=np.frombuffer(file_of(scene(n)[..., 0], "jpeg", quality=95), np.uint8))
                writer.write(topic, stamp, STORE.serialize_ros1(message, "sensor_msgs/msg/CompressedImage"))
        dataset, _ = self.convert(bag, "grey", recipe=recipe({"observation.images.c": "camera: /rgb8"}, "{codec: copy}"))
        info = json.loads((dataset / "meta/info.json").read_text())["features"]["observation.images.c"]
        self.assertEqual((info["shape"], info["info"]["video.channels"]), ([H, W, 3], 1))
        for n, picture in enumerate(frames_of(dataset / "videos/observation.images.c/chunk-000/file-000.mp4", "rgb24")):
            self.assertGreater(psnr(picture, np.repeat(scene(n)[..., :1], 3, -1)), 35)
        self.verified(dataset)

    def test_a_damaged_picture_is_a_gap_and_no_cell(self):
        bag = self.folder / "damaged.bag"
        image, compressed = (TYPES[f"sensor_msgs/msg/{n}"] for n in ("Image", "CompressedImage"))
        with rosbags.rosbag1.Writer(bag) as writer:
            topics = {t: writer.add_connection(f"/{t}", f"sensor_msgs/msg/{k}", typestore=STORE) for t, k in (("rgb8", "Image"), ("png", "CompressedImage"))}
            for n in range(FRAMES):
                stamp = 10**18 + n * 10**9 // FPS
                step, data = rows(scene(n))
                file = bytearray(file_of(scene(n), "png"))
                if n == 3:
                    file[len(file) // 2] ^= 1
                for topic, kind, message in (
                        ("rgb8", "Image", image(header=header(stamp), height=H, width=W, encoding="rgb8", is_bigendian=0, step=step, data=np.frombuffer(data[:-1] if n == 1 else data, np.uint8))),
                        ("png", "CompressedImage", compressed(header=header(stamp), format="png", data=np.frombuffer(bytes(file), np.uint8)))):
                    writer.write(topics[topic], stamp, STORE.serialize_ros1(message, f"sensor_msgs/msg/{kind}"))
        for storage in ("video", "image"):
            with self.subTest(storage):
                features = {f"observation.images.{t}": f"camera: /{t}, storage: {storage}" for t in ("rgb8", "png")}
                dataset, report = self.convert(bag, f"damaged_{storage}", recipe=recipe(features).replace("{topic: /rgb8, every: 1}", "uniform"), code=3)
                self.assertEqual(sorted((l["topic"], l["count"]) for l in report["losses"] if l["kind"] == "unusable_message"), [("/png", 1), ("/rgb8", 1)])
                self.verified(dataset)


@unittest.skipIf(SANITIZED, "a sanitizer's own memory is in every number")
class PictureMemory(BagloomTest):
    """The smallest limit that plan names is kept by the decoders and encoders of pictures that are no JPEG."""
    WIDE, HIGH, PICTURES = 640, 480, 36

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bag = cls.folder / "large.bag"
        random = np.random.default_rng(7)
        image, compressed = (TYPES[f"sensor_msgs/msg/{n}"] for n in ("Image", "CompressedImage"))
        with rosbags.rosbag1.Writer(cls.bag) as writer:
            kinds = {"/raw": "Image", "/png": "CompressedImage", "/depth": "CompressedImage"}
            topics = {t: writer.add_connection(t, f"sensor_msgs/msg/{k}", typestore=STORE) for t, k in kinds.items()}
            for n in range(cls.PICTURES):
                stamp = 10**18 + n * 10**9 // FPS
                noise = random.integers(0, 256, (cls.HIGH, cls.WIDE, 3), np.uint8)
                depth = random.integers(0, 4000, (cls.HIGH, cls.WIDE), np.uint16)
                for topic, message in (
                        ("/raw", image(header=header(stamp), height=cls.HIGH, width=cls.WIDE, encoding="rgb8", is_bigendian=0, step=3 * cls.WIDE, data=noise.ravel())),
                        ("/png", compressed(header=header(stamp), format="png", data=np.frombuffer(file_of(noise, "png", compress_level=1), np.uint8))),
                        ("/depth", compressed(header=header(stamp), format="16UC1; compressedDepth png", data=np.frombuffer(bytes(12) + file_of(depth, "png", compress_level=1), np.uint8)))):
                    writer.write(topics[topic], stamp, STORE.serialize_ros1(message, f"sensor_msgs/msg/{kinds[topic]}"))

    def kept(self, name, features):
        rules = recipe(features).replace("/rgb8", "/raw")
        path = self.folder / f"{name}.yaml"
        path.write_text(rules, "utf-8")
        plan = json.loads(self.bagloom("plan", self.bag, "--recipe", path, "--json", "--threads", 2))
        for choice in plan["limits"]:
            with self.subTest(name, **choice):
                limit = choice["memory_limit_bytes"]
                _, report = self.convert(self.bag, name, "--threads", 2, "--memory-limit", limit, recipe=rules)
                self.assertLessEqual(report["peak_bytes"], limit)

    def test_videos(self):
        self.kept("videos", {"observation.images.raw": "camera: /raw", "observation.images.png": "camera: /png"})

    def test_tables(self):
        self.kept("tables", {"observation.images.raw": "camera: /raw, storage: image", "observation.images.depth": "depth: /depth, storage: image"})

    def test_later_pictures_that_take_more(self):
        """A progressive JPEG of full colours is held as coefficients: room is made for it, or it is said which limit has room."""
        bag, compressed = self.folder / "later.bag", TYPES["sensor_msgs/msg/CompressedImage"]
        rgb = np.asarray(Image.fromarray(scene(1)).resize((2560, 1920)))
        files = [file_of(rgb, "jpeg", quality=80), file_of(rgb, "jpeg", quality=80, subsampling=0, progressive=True), file_of(rgb, "webp", quality=50, method=0)]
        with rosbags.rosbag1.Writer(bag) as writer:
            topic = writer.add_connection("/rgb8", "sensor_msgs/msg/CompressedImage", typestore=STORE)
            for n, kind in enumerate((0, 0, 1, 0, 2, 0, 1, 0)):
                stamp = 10**18 + n * 10**9 // FPS
                writer.write(topic, stamp, STORE.serialize_ros1(compressed(header=header(stamp), format="jpeg", data=np.frombuffer(files[kind], np.uint8)), "sensor_msgs/msg/CompressedImage"))
        rules = recipe({"observation.images.c": "camera: /rgb8, size: 320x240"}).replace("{topic: /rgb8, every: 1}", "uniform") + "gaps: {hold: 5}\n"
        plan = self.folder / "later.yaml"
        plan.write_text(rules, "utf-8")
        free, report = self.convert(bag, "later_free", recipe=rules)
        self.assertEqual((report["rows"], report["losses"]), (8, []))
        smallest = json.loads(self.bagloom("convert", bag, "-o", self.folder / "later_none", "--recipe", plan, "--json", "--memory-limit", "1MiB", code=5))["smallest_limit_bytes"]
        _, report = self.convert(bag, "later_small", "--memory-limit", smallest, recipe=rules, code=3)
        self.assertLessEqual(report["peak_bytes"], smallest)
        lost = [loss for loss in report["losses"] if loss["kind"] == "unusable_message"]
        self.assertEqual(sum(loss["count"] for loss in lost), 3)
        named = re.search(r"a picture of 2560x1920 that takes 42 MiB to decode, and the topic's first 7 MiB, .*?--memory-limit (\d+MiB) has room for it", str(lost))
        self.assertTrue(named, lost)
        enough, report = self.convert(bag, "later_enough", "--memory-limit", named[1], recipe=rules)
        self.assertEqual((report["rows"], report["losses"], fingerprint(enough)), (8, [], fingerprint(free)))
        self.assertLessEqual(report["peak_bytes"], int(named[1][:-3]) << 20)

    def test_depth_video(self):
        self.kept("depth", {"observation.images.depth": "depth: /depth"})


if __name__ == "__main__":
    unittest.main()
