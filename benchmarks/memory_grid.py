#!/usr/bin/env python3
"""Holds the peak that convert expects against the peak that the kernel saw, over a grid of cameras, sizes, codecs, threads and limits.

Prints one line a point and ends with 1 where a peak was above the expected one or above the limit, or the expected one above 1.25 of the
peak (1.35 for AV1 that is passed through: its decoder is given room for eight different pictures, which these streams do not keep). Needs only the program and Python's standard library; --small is what ctest runs, without it the whole grid (about an hour).
"""
import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MIB = 1 << 20
SIZES = ["320x240", "640x480", "848x480", "1280x720", "1920x1080"]
TIGHT, NONE = "smallest", "none"
# cameras, size, codec, threads, limit; "h264<av1": of a topic of AV1 video. What SVT-AV1 takes depends on how busy the machine is: it is in the whole grid alone.
SMALL = [(1, "320x240", "h264", 2, NONE), (2, "640x480", "h264", 2, NONE), (1, "848x480", "h264", 1, TIGHT), (3, "320x240", "copy", 4, NONE), (2, "640x480", "h264", 4, NONE),
         (1, "1280x720", "h264<h264", 2, NONE), (1, "1280x720", "copy<h265", 2, TIGHT)]
FULL = [*((c, s, k, t, NONE) for c, s, k, t in itertools.product((1, 3, 6), SIZES, ("h264", "copy"), (1, 2, 4, 8))),
        *((c, s, "av1", t, NONE) for c, s, t in itertools.product((1, 3), SIZES, (1, 2, 4))),
        *((c, s, k, 8, limit) for c, s, k in itertools.product((2, 4, 5), SIZES, ("h264", "copy")) for limit in (TIGHT, 1.15, 1.5)),
        *((2, s, "av1", 4, limit) for s in SIZES for limit in (TIGHT, 1.5)),
        *((c, s, f"{k}<{v}", t, limit) for c, s, k, v in itertools.product((1, 3), SIZES, ("h264", "copy"), ("h264", "h265", "av1")) for t, limit in ((1, NONE), (2, NONE), (2, TIGHT)))]


def run(command, allowed=(0,)):
    """Its JSON, and the peak of its resident memory; also of its work alone: from when the pages of the start were let go."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([str(c) for c in command], stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        _, state, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(state)
        out.seek(0)
        text = out.read()
    if child.returncode not in allowed:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {child.returncode}: {text.decode()[-2000:]}")
    return json.loads(text), usage.ru_maxrss * 1024


class Grid:
    def __init__(self, bagloom, folder):
        self.bagloom, self.folder = bagloom, Path(folder)
        self.wrong = 0
        print(f"{'cameras':>7} {'size':>9} {'codec':>9} {'threads':>7} {'limit MiB':>9} {'tasks':>5} {'expected':>8} {'peak MiB':>8} {'ratio':>5}")

    def recording(self, cameras, size, threads, codec):
        """Long enough that as many whole segments as threads run at once, and often enough where they are short or uneven."""
        codec, _, video = codec.partition("<")
        segments = max(2, -(-threads * (1 if codec == "h264" and size == "1920x1080" else 3) // cameras))
        path = self.folder / f"{cameras}_{size}_{segments}_{video}.bag"
        if not path.exists():
            seconds = round(segments * 64 / 30 + 0.5, 2)
            run([self.bagloom, "synth", "-o", path, "--json", "--cameras", cameras, "--size", size, "--seconds", seconds, "--joint-hz", 100, *(["--video", video] if video else [])])
        return path

    def convert(self, bag, codec, threads, limit=None, allowed=(0,)):
        out = self.folder / "dataset"
        shutil.rmtree(out, ignore_errors=True)
        options = ["--memory-limit", limit] if limit else []
        codec, _, video = codec.partition("<")
        if video:  # the first row is at the first picture, a keyframe
            options += ["--set", "features.action.vector.0.match=nearest"]
        return run([self.bagloom, "convert", bag, "-o", out, "--json", "--threads", threads, "--set", f"video.codec={codec}", *options], allowed)

    def limit_of(self, bag, codec, threads, limit):
        if limit == NONE:
            return None
        refused, _ = self.convert(bag, codec, threads, "1MiB", (5,))
        smallest = refused["smallest_limit_bytes"]
        return smallest if limit == TIGHT else int(smallest * limit)

    def point(self, cameras, size, codec, threads, limit):
        bag = self.recording(cameras, size, threads, codec)
        given = self.limit_of(bag, codec, threads, limit)
        report, peak = self.convert(bag, codec, threads, given)
        memory = report["memory"]
        expected = memory["expected_peak_bytes"]
        most = 1.35 if codec == "copy<av1" else 1.25
        problems = [what for what, bad in (("above the expected peak", peak > expected), (f"expected above {most} of the peak", expected > most * peak),
                                           ("above the limit", peak > memory["limit_bytes"])) if bad]
        self.wrong += bool(problems)
        print(f"{cameras:7} {size:>9} {codec:>9} {threads:7} {given / MIB if given else 0:9.0f} {memory['tasks_at_once']:5} {expected / MIB:8.1f} {peak / MIB:8.1f} "
              f"{expected / peak:5.2f} {', '.join(problems)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bagloom", default=str(Path(__file__).resolve().parents[1] / "build/release/bagloom"))
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--only", default="", help="points whose line begins so, such as '3 848x480 h264'")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bagloom_grid_") as folder:
        grid = Grid(arguments.bagloom, folder)
        points = [p for p in (SMALL if arguments.small else FULL) if " ".join(map(str, p)).startswith(arguments.only)]
        for point in points:
            grid.point(*point)
    print(f"{len(points)} points, {grid.wrong} wrong")
    return 1 if grid.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
