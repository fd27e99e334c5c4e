#!/usr/bin/env python3
"""The figures of docs/performance.md. Started by run.sh."""
import argparse
import copy
import datetime
import io
import json
import os
import platform
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path

import formats
from decode import decode
from oracle import load_recipe, plan
from ruamel.yaml import YAML

from processes import forget, read_all, run, run_together, write_once

ROOT = Path(__file__).resolve().parents[1]
BAGLOOM = ROOT / "build/release/bagloom"
X264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-bf", "0", "-g", "2", "-x264-params", "mbtree=0:keyint=2:min-keyint=1:scenecut=0:open-gop=0:qcomp=1:ipratio=1", "-pix_fmt", "yuv420p"]
MIB = 1 << 20
lines, raw = [], {}


def row(what, value, floor, ratio, wanted):
    lines.append(f"| {what} | {value} | {floor} | {ratio} | {wanted} |")
    print(lines[-1], flush=True)


def note(name, numbers):
    raw[name] = numbers


def median(values):
    return statistics.median(values)


def shown(values, unit="s"):
    return f"{median(values):.2f} {unit} ({min(values):.2f} to {max(values):.2f})"


class Bench:
    def __init__(self, a):
        self.a, self.folder, self.maker = a, Path(a.folder), Path(a.workload)
        self.folder.mkdir(parents=True, exist_ok=True)
        cores = sorted(os.sched_getaffinity(0))[:2]
        self.cores = ",".join(map(str, cores))  # every figure is for two cores, whatever the machine has

    # ---- recordings
    def bag(self, name, *options):
        path = self.folder / f"{name}.bag"
        if not path.exists():
            print(f"making {path}", file=sys.stderr, flush=True)
            part = path.with_suffix(".part")
            subprocess.run(["/usr/bin/python3", self.maker, part, "--no-truth", *map(str, options)], check=True)
            part.rename(path)
        return path

    def unindexed(self, source):
        """The same recording as its recorder would have left it when it died: no index section, but chunks with their own index records."""
        path = source.with_name(f"{source.stem}_unindexed.bag")
        if not path.exists():
            shutil.copyfile(source, path)
            with path.open("r+b") as file:
                head = file.read(8192)
                at = head.index(b"index_pos=") + 10
                (end,) = struct.unpack_from("<Q", head, at)
                for field, size in ((b"index_pos=", 8), (b"conn_count=", 4), (b"chunk_count=", 4)):
                    file.seek(head.index(field) + len(field))
                    file.write(bytes(size))
                file.truncate(end)
        return path

    # ---- bagloom
    def recipe(self, bag, name, edit):
        path = self.folder / f"{name}.yaml"
        path.unlink(missing_ok=True)
        run(BAGLOOM, "init", bag, "-o", path)
        path.write_text(edit(path.read_text()))
        return path

    def convert(self, bags, out, recipe, *options, watch=False):
        out = self.folder / out
        shutil.rmtree(out, ignore_errors=True)
        done = run(BAGLOOM, "convert", *bags, "-o", out, "--recipe", recipe, "--json", *options, cores=self.cores, check=(0, 3), watch=watch)
        return done, json.loads(done.stdout), out

    # ---- figures
    def h264(self, seconds, fps, size):
        """convert against one ffmpeg process a camera on the same pictures."""
        name = f"h264_{seconds}s_{fps}hz_{size or 'own'}"
        bag = self.bag(f"k{seconds}", "--seconds", seconds)
        recipe = self.recipe(bag, name, lambda text: edited(text, fps=fps, size=size))
        floors = self.jpegs(bag, recipe, name)
        scale = ["-vf", f"scale={size.replace('x', ':')}:flags=area"] if size else []
        command = lambda path, threads: ["ffmpeg", "-nostdin", "-v", "error", "-y", *threads, "-f", "mjpeg", "-framerate", fps, "-i", path, *scale, *X264, *threads, path.with_suffix(".mp4")]
        ours, many, single = [], [], []
        for _ in range(self.a.repeats if seconds < 60 else max(3, self.a.repeats // 2)):
            done, report, _ = self.convert([bag], name, recipe, "--threads", 2)
            ours.append(done.seconds)
            many.append(run_together([command(f, []) for f in floors], self.cores))
            single.append(run_together([command(f, ["-threads", "1"]) for f in floors], self.cores))
        floor = min(many, single, key=median)  # the faster of FFmpeg's own choice of threads and one a process
        note(name, dict(convert=ours, ffmpeg=many, ffmpeg_one_thread=single, report=report))
        row(f"convert h264, {seconds} s, {fps} Hz, {size or '848x480 unscaled'}", shown(ours), f"{shown(floor)} FFmpeg, {len(floors)} processes", f"{median(ours) / median(floor):.2f}", "1.00")

    def jpegs(self, bag, recipe, name):
        """The JPEGs of the rows, one file a camera, chosen by the independent calculation of tests/python."""
        rules, paths = load_recipe(recipe.read_text()), []
        (episode,) = plan(bag, rules).episodes
        for feature in rules.features:
            if feature.camera:
                paths.append(self.folder / f"{name}_{len(paths)}.mjpeg")
                with paths[-1].open("wb") as file:
                    for r in episode.rows:
                        file.write(bytes(decode(r[feature.name, feature.parts[0].topic]).data))
        return paths

    def copy(self, seconds):
        name = f"copy_{seconds}s"
        bag = self.bag(f"k{seconds}", "--seconds", seconds)
        recipe = self.recipe(bag, name, lambda text: edited(text, fps=30, codec="copy"))
        ours, whole, floors = [], [], []
        for _ in range(self.a.repeats if seconds < 60 else 3):
            forget(bag)
            done, report, out = self.convert([bag], name, recipe, "--threads", 2)
            whole.append(done.seconds)
            # The pictures of the statistics are decoded by tasks of their own, beside the copying: their thread seconds over two threads.
            ours.append(done.seconds - report["statistics_seconds"] / 2)
            written = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
            forget(bag)
            began = time.monotonic()
            read_all(bag)
            write_once(self.folder / "floor.tmp", written)
            floors.append(time.monotonic() - began)
        note(name, dict(convert=whole, without_statistics=ours, floor=floors, written=written, report=report))
        row(f"convert copy, {seconds} s, 30 Hz ({bag.stat().st_size / 1e6:.0f} MB)", f"{shown(ours)}; {shown(whole)} with statistics", f"{shown(floors)} cold read + one write", f"{median(ours) / median(floors):.2f}", "1.50")

    def index(self):
        bag = self.bag("k120", "--seconds", 120)
        for verb in ("info", "scan"):
            for path, wanted in ((bag, "0.15 s, 48 MB"), (self.unindexed(bag), "0.30 s")):
                peak = run(BAGLOOM, verb, path, cores=self.cores, check=(0, 3), watch=True).peak_bytes  # it warms the cache, too
                runs = [run(BAGLOOM, verb, path, cores=self.cores, check=(0, 3)) for _ in range(self.a.repeats)]
                note(f"{verb}_{path.stem}", dict(seconds=[r.seconds for r in runs], peak=peak))
                kind = "unindexed" if path != bag else "indexed"
                row(f"{verb}, {kind}, {path.stat().st_size / 1e9:.2f} GB", shown([r.seconds for r in runs]), f"{peak / 1e6:.0f} MB", "", wanted)

    def memory(self):
        cameras = {1: "h", 3: "h,l,r", 6: "h,l,r,h2,l2,r2"}
        peaks = {}
        for codec in ("h264", "copy"):
            for seconds, count in ((20, 1), (20, 3), (20, 6), (120, 3)):
                bag = self.bag(f"k{seconds}" if count == 3 else f"k{seconds}_{count}", "--seconds", seconds, "--cams", cameras[count])
                recipe = self.recipe(bag, f"memory_{codec}_{seconds}_{count}", lambda text: edited(text, fps=30 if codec == "copy" else 10, codec=codec, cameras=cameras[count]))
                done, report, _ = self.convert([bag], "memory", recipe, "--threads", 2, watch=True)
                peaks[codec, seconds, count] = done.peak_bytes
                note(f"memory_{codec}_{seconds}s_{count}", dict(peak=done.peak_bytes, report=report))
            limit = 112 if codec == "h264" else 72
            mib = lambda *key: f"{peaks[key] / MIB:.1f}"
            row(f"peak memory, {codec}, 2 threads, 20 s / 120 s (3 cameras)", f"{mib(codec, 20, 3)} / {mib(codec, 120, 3)} MiB", "", f"{abs(peaks[codec, 20, 3] - peaks[codec, 120, 3]) / MIB:.1f} MiB apart", f"{limit} MiB, 4 apart")
            spread = max(peaks[codec, 20, n] for n in cameras) - min(peaks[codec, 20, n] for n in cameras)
            row(f"peak memory, {codec}, 1 / 3 / 6 cameras (20 s)", " / ".join(mib(codec, 20, n) for n in cameras) + " MiB", "", f"{spread / MIB:.1f} MiB apart", "4 apart")

    def formats(self):
        """The 120 s as MCAP (zstd) and rosbag2 (sqlite3), beside the ROS 1 bag, in turns."""
        bag = self.bag("k120", "--seconds", 120)
        recordings = {"ROS 1 bag": bag, "MCAP, zstd": self.folder / "k120.mcap", "rosbag2, sqlite3": self.folder / "k120_db3"}
        if not recordings["MCAP, zstd"].exists():
            formats.write_mcap(recordings["MCAP, zstd"], formats.messages_of(bag), chunk_size=768 * 1024)
        if not recordings["rosbag2, sqlite3"].exists():
            formats.write_rosbag2(recordings["rosbag2, sqlite3"], formats.messages_of(bag))
        recipe = self.recipe(bag, "formats", lambda text: edited(text, fps=10, size="640x480"))
        seconds, peaks = {name: [] for name in recordings}, {}
        for name, recording in recordings.items():
            done, report, _ = self.convert([recording], "formats", recipe, "--threads", 2, watch=True)
            peaks[name] = done.peak_bytes
            note(f"formats {name}", dict(peak=done.peak_bytes, report=report))
        for _ in range(max(5, self.a.repeats)):
            for name, recording in recordings.items():
                seconds[name].append(self.convert([recording], "formats", recipe, "--threads", 2)[0].seconds)
        floor, low = seconds["ROS 1 bag"], peaks["ROS 1 bag"]
        for name in list(recordings)[1:]:
            row(f"convert h264, 120 s, {name}", f"{shown(seconds[name])}, peak {peaks[name] / MIB:.1f} MiB", f"{shown(floor)}, peak {low / MIB:.1f} MiB as a ROS 1 bag",
                f"{median(seconds[name]) / median(floor):.2f}, {(peaks[name] - low) / MIB:+.1f} MiB", "1.10, 4 MiB")
            files = [f for f in ([recordings[name]] if recordings[name].is_file() else recordings[name].iterdir()) if f.suffix in (".mcap", ".db3")]
            for verb in ("info", "scan"):
                peak = run(BAGLOOM, verb, recordings[name], cores=self.cores, check=(0, 3), watch=True).peak_bytes
                warm = [run(BAGLOOM, verb, recordings[name], cores=self.cores, check=(0, 3)).seconds for _ in range(self.a.repeats)]
                for file in files:
                    forget(file)
                before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_inblock
                cold = run(BAGLOOM, verb, recordings[name], cores=self.cores, check=(0, 3)).seconds
                read = (resource.getrusage(resource.RUSAGE_CHILDREN).ru_inblock - before) * 512
                size = sum(f.stat().st_size for f in files)
                note(f"{verb} {name}", dict(warm=warm, cold=cold, read=read, bytes=size, peak=peak))
                row(f"{verb}, {name}, {size / 1e9:.2f} GB", shown(warm), f"{peak / 1e6:.0f} MB; cold {cold:.2f} s, {read / 1e6:.0f} MB read from the disk", "", "0.15 s, 48 MB" if verb == "info" else "")

    def scaling(self):
        """1 against 2 threads, beside what two independent encoder loops reach."""
        long = self.bag("k120", "--seconds", 120)
        short = [self.bag(f"k6_{k}", "--seconds", 6, "--seed", k) for k in range(8)]
        recipe = self.recipe(long, "scaling", lambda text: edited(text, fps=10, size="640x480"))
        loop_source = self.jpegs(self.bag("k20", "--seconds", 20), self.recipe(self.bag("k20", "--seconds", 20), "loop", lambda t: edited(t, fps=30)), "loop")[0]
        loop = lambda k: ["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1", "-f", "mjpeg", "-framerate", "30", "-i", loop_source, "-vf", "scale=640:480:flags=area", *X264, "-threads", "1", self.folder / f"loop_{k}.mp4"]
        for name, bags in (("one long episode (120 s)", [long]), ("8 episodes of 6 s", short)):
            one, two, alone, both = [], [], [], []
            for _ in range(3):
                one.append(self.convert(bags, "scaling", recipe, "--threads", 1)[0].seconds)
                alone.append(run_together([loop(0)], self.cores))
                two.append(self.convert(bags, "scaling", recipe, "--threads", 2)[0].seconds)
                both.append(run_together([loop(0), loop(1)], self.cores))
            ours, reachable = median(one) / median(two), 2 * median(alone) / median(both)
            note(f"scaling {name}", dict(one=one, two=two, loop_alone=alone, loops_together=both))
            row(f"1 to 2 threads, {name}", f"{ours:.2f} times ({median(one):.2f} to {median(two):.2f} s)", f"{reachable:.2f} times, two encoder loops", f"{ours / reachable:.2f}", "at least 0.95")


def edited(text, fps=None, size=None, codec=None, cameras=None):
    """The recipe that `init` wrote, at another rate, size or codec."""
    yaml = YAML()
    recipe = yaml.load(text)
    topic = "/cam_h/color/image_raw/compressed"
    if fps:
        recipe["fps"] = fps
        recipe["timeline"] = {"topic": topic, "every": 30 // fps}
    for name, feature in list(recipe["features"].items()):
        if "camera" in feature and size:
            feature["size"], feature["fit"] = size, "stretch"
    if cameras:
        known = [f for f in recipe["features"].values() if "camera" in f]
        for name in [n for n, f in recipe["features"].items() if "camera" in f]:
            del recipe["features"][name]
        for camera in cameras.split(","):
            recipe["features"][f"observation.images.cam_{camera}"] = {**copy.deepcopy(known[0]), "camera": f"/cam_{camera}/color/image_raw/compressed"}
    if codec:
        recipe["video"] = {"codec": codec}
    out = io.StringIO()
    yaml.dump(recipe, out)
    return out.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workload", default=ROOT.parent / "shared/tools/make_kuavo_bag.py")
    parser.add_argument("--folder", default=ROOT / "build/bench")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", default="")
    a = parser.parse_args()
    if not Path(a.workload).exists():
        sys.exit(f"benchmarks: {a.workload} is not there: give make_kuavo_bag.py with --workload")
    bench = Bench(a)
    figures = {
        "h264": lambda: (bench.h264(20, 10, "640x480"), bench.h264(20, 30, None), bench.h264(120, 10, "640x480")),
        "copy": lambda: (bench.copy(20), bench.copy(120)),
        "index": bench.index,
        "memory": bench.memory,
        "scaling": bench.scaling,
        "formats": bench.formats,
    }
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    version = subprocess.run([BAGLOOM, "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    ffmpeg = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True).stdout.split("\n")[0].split(" Copyright")[0]
    lines.extend([f"{cpu}, 2 cores of {os.cpu_count()} ({platform.system()} {platform.release()}); {version}; {ffmpeg}; {datetime.date.today()};", f"`benchmarks/run.sh --repeats {a.repeats}`: medians (smallest to largest)", "",
                  "| what | bagloom | floor in the same run | ratio | wanted at most |", "|---|---|---|---|---|"])
    print("\n".join(lines), flush=True)
    for name, figure in figures.items():
        if not a.only or name in a.only.split(","):
            figure()
    (bench.folder / "results.json").write_text(json.dumps(raw, indent=1, default=str))
    (bench.folder / "results.md").write_text("\n".join(lines) + "\n")
    print(f"\nall numbers: {bench.folder}/results.json")


if __name__ == "__main__":
    main()
