#!/usr/bin/env python3
"""Makes an object like that of `bagloom bench --json` (docs/bench.md) with figures and curves of known shape, for looking at the report and testing it.
usage: bench_json.py [plain|both|many|hostile|repeats]  > bench.json"""
import json
import math
import random
import sys

MB = 1 << 20
HOSTILE = '</script><script>window.hacked=1</script><!-- <img src=x onerror="window.hacked=1"> {{figures}} \u202e & "quoted" \'too\' \x00\x1b[31m'


def timeline(seconds, initial, peak, shape, step=0.02, rng=None):
    """[[seconds, resident, anonymous, file], ...]; the highest sample is exactly `peak`, for spikes at one sample alone."""
    count = max(int(seconds / step), 6)
    file = 34 * MB
    points = []
    for i in range(count + 1):
        x = i / count
        if shape == "ramp":
            level = min(x / 0.8, 1) if x < 0.97 else 0.35
        elif shape == "saw":
            level = 0.35 + 0.65 * ((x * 9) % 1)
        elif shape == "flat":
            level = min(x * 12, 0.96) + 0.04 * math.sin(x * 60)
        else:
            level = min(x * 3, 1) * 0.9
        resident = initial + (peak - initial) * max(0.0, min(level, 0.985))
        if rng:
            resident -= rng.random() * 0.02 * (resident - initial)
        points.append([round(x * seconds, 4), int(resident), int(resident - file), file])
    points[0] = [0.0001, 16384, 16384, 0]  # the program is just being loaded
    top = max(range(len(points)), key=lambda i: points[i][1])
    points[top][1:3] = [peak, peak - file]
    return points


METHODS = [  # name, display name, seconds, increase in MB, shape, rows
    ("scan", "Timestamp Scan Only", 0.11, 6, "up", 0),
    ("full", "Original (Full Load)", 34.2, 11_900, "ramp", 1180),
    ("chunked:100", "Chunked (100)", 29.6, 1090, "saw", 1180),
    ("chunked:50", "Chunked (50)", 30.4, 560, "saw", 1180),
    ("planned", "bagloom", 21.7, 31, "flat", 1180),
]


def run_of(method, isolation, repeat, left_over, rng):
    name, display, seconds, increase, shape, rows = method
    seconds *= 1 + 0.03 * rng.random()
    initial = 43 * MB + left_over
    reused = min(left_over * 0.8, increase * MB * 0.75) if isolation == "shared" else 0
    peak = int(initial + increase * MB - reused)
    stages = {"scan": 0.05} if name == "scan" else {"scan": 0.05, "read": 1.4, "decode": 6.2, "align": 0.02, "encode": 31.5, "write": 0.8}
    return {
        "name": name, "display_name": display, "isolation": isolation, "repeat": repeat, "status": "ok", "error": None, "seconds": seconds, "stages": stages,
        "threads": 2, "frames": rows, "frames_per_second": rows / seconds, "megabytes_per_second": 998 / seconds, "initial_bytes": initial, "peak_bytes": peak,
        "increase_bytes": peak - initial, "tree_peak_bytes": peak + 400_000, "file_bytes": 34 * MB, "predicted_bytes": int(peak * 1.1),
        "counters": "VmRSS, sampled every 10 ms from inside" if isolation == "shared" else "VmHWM at each process's exit stop",
        "dataset_hash": None if name == "scan" else "4d0c8a5b17e2f9334d0c8a5b17e2f933", "dataset_bytes": 3_300_000, "timeline": timeline(seconds, initial, peak, shape, rng=rng),
    }


def bench(kind="both", seed=1):
    rng = random.Random(seed)
    methods = [list(m) for m in METHODS]
    if kind == "plain":
        methods = [m for m in methods if m[0] != "full"]
    if kind == "many":
        methods += [[f"external:{i}", f"some other converter with a long name, number {i}", 20 + i, 150 + 90 * i, "flat", 1180] for i in range(6)]
    runs = []
    for method in methods:
        for repeat in range(1, 4 if kind == "repeats" else 2):
            runs.append(run_of(method, "external" if method[0].startswith("external") else "process", repeat, 0, rng))
    if kind in ("both", "hostile"):
        left = 0
        for method in methods:
            runs.append(run_of(method, "shared", 1, left, rng))
            left = int((runs[-1]["peak_bytes"] - 43 * MB) * 0.9) if method[0] != "scan" else 4 * MB
    if kind == "plain":
        runs.insert(1, {"name": "full", "display_name": "Original (Full Load)", "isolation": "process", "repeat": 1, "status": "skipped",
                        "error": "needs 34 GB, 16 GB free; --methods full runs it", "predicted_bytes": 34_000_000_000})
        runs.append({"name": "external:peer", "display_name": "peer", "isolation": "external", "repeat": 1, "status": "failed", "error": "exit code 3: no such codec"})
        runs.append({"name": "chunked:800", "display_name": "Chunked (800)", "isolation": "process", "repeat": 1, "status": "killed at 256 MiB", "error": None})
    topics = [{"topic": f"/cam_{c}/color/image_raw/compressed", "type": "sensor_msgs/CompressedImage", "messages": 3541, "feature": f"observation.images.{c}", "width": 848, "height": 480}
              for c in ("h", "l", "r")] + [{"topic": "/joint_states", "type": "sensor_msgs/JointState", "messages": 60012, "feature": "observation.state"}]
    whole = {
        "schema": 1,
        "recording": {"path": "kuavo_120s.bag", "bytes": 998_000_000, "seconds": 120.0, "messages": 130_644, "main_timeline": "uniform at 10 Hz", "rows": 1180, "topics": topics,
                      "codec": "h264", "cached_share": 1.0},
        "machine": {"memory_bytes": 25_200_000_000, "available_bytes": 23_100_000_000, "cores": 2, "kernel": "6.1.0", "cpu": "a processor"},
        "settings": {"threads": 2, "memory_limit_bytes": None, "write": True, "ceiling_bytes": None, "repeats": 1, "isolation": "both"},
        "methods": runs,
        "comparisons": [{"kind": "against_original", "isolation": "process", "name": "planned", "other": "full", "less_by_increase": 0.997, "less_by_peak": 0.994, "times_as_fast": 1.6,
                         "text": "bagloom: 99.7 % less memory by increase, 99.4 % by peak; 1.6 times as fast"}],
        "repeats": [{"name": "planned", "isolation": "process", "count": 3, "seconds": [21.7, 21.9, 22.2], "increase_bytes": [31 * MB, 31.1 * MB, 31.4 * MB],
                     "peak_bytes": [74 * MB, 74.1 * MB, 74.4 * MB]}] if kind == "repeats" else [],
        "datasets": {"same": True, "difference": None},
        "lengths": [{"name": "planned", "points": [{"times": t, "bytes": 166 * MB * t, "rows": 200 * t, "peak_bytes": 73 * MB + t * 40_000} for t in (1, 4, 16)],
                     "bytes_per_gigabyte": 240_000, "bytes_per_1000_rows": 200_000}] if kind == "many" else [],
        "profile": None, "notes": ["Peak is the kernel's high-water mark (VmHWM); curves are samples, 20 ms apart."],
    }
    if kind == "hostile":
        whole["recording"]["path"] = "/data/" + HOSTILE.replace("/", "\u2044") + ".bag"
        whole["recording"]["topics"][0]["topic"] = "/" + HOSTILE
        whole["notes"].append(HOSTILE)
        whole["machine"]["cpu"] = HOSTILE
        for run in runs:
            if run["name"] == "planned":
                run["display_name"] = run["error"] = HOSTILE
    return whole


if __name__ == "__main__":
    json.dump(bench(*sys.argv[1:2]), sys.stdout)
