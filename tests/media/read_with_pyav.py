"""Reads the mp4s that media's tests leave in a folder with PyAV: one picture a row, in order and at random, at exactly k/fps.

An independent reader: another build of libav than the one that wrote them. Usage: read_with_pyav.py FOLDER. Exit 77: nothing to read with."""
import fractions
import pathlib
import random
import sys

try:
    import av
except ImportError:
    sys.exit(77)


def check(path):
    fps = int(path.stem.rsplit("_", 1)[1])
    with av.open(str(path)) as box:
        stream = box.streams.video[0]
        assert len(box.streams) == 1, f"{path}: {len(box.streams)} streams"
        assert stream.base_rate == fps and stream.average_rate == fps, f"{path}: rates {stream.base_rate} {stream.average_rate}"
        assert stream.start_time == 0, f"{path}: starts at {stream.start_time}"
        times = [frame.pts * stream.time_base for frame in box.decode(stream)]
        assert times == [fractions.Fraction(k, fps) for k in range(stream.frames)], f"{path}: times {times[:5]}"
        assert stream.duration * stream.time_base == fractions.Fraction(stream.frames, fps), f"{path}: duration"
        order = list(range(stream.frames))
        random.Random(1).shuffle(order)
        for k in order:
            wanted = fractions.Fraction(k, fps)
            box.seek(int(wanted / stream.time_base), stream=stream, backward=True)
            found = next(f for f in box.decode(stream) if f.pts * stream.time_base >= wanted)
            assert found.pts * stream.time_base == wanted, f"{path}: frame {k} at {found.pts * stream.time_base}"
            # Each picture carries its number in the brightness of its first 8 blocks (see written_for_pyav_test.cc).
            pixels = found.to_ndarray(format="gray")
            number = sum((int(pixels[8, 8 + 16 * bit]) > 128) << bit for bit in range(8))
            assert number == k % 256, f"{path}: frame {k} shows {number}"
    return len(times)


def main():
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.mp4"))
    if not files:
        sys.exit("no mp4s: run test_media with BAGLOOM_MEDIA_KEEP first")
    for path in files:
        print(path.name, check(path), "pictures")


main()
