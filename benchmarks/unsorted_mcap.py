#!/usr/bin/env python3
"""An MCAP whose messages stand in no order of time, so that every chunk overlaps every other: made, and converted under a memory limit.

    .deps/python/bin/python3 benchmarks/unsorted_mcap.py [--size 2GB] [--limit 256MiB] [--order shuffled|apart|late]

Prints what bagloom took of memory against the limit, and how often a chunk was inflated. The recording is one of `bagloom synth`, repeated
with later times until the size is reached, and written by the `mcap` package (ROS 1 messages, zstd).
"""
import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mcap.writer import CompressionType, Writer

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/python"), str(ROOT / "benchmarks")]
from bag_walk import walk  # noqa: E402
from processes import run  # noqa: E402

MIB = 1 << 20
SECONDS = 20  # of the recording that is repeated


def size_of(text):
    for unit, factor in (("GiB", 1 << 30), ("MiB", MIB), ("GB", 10**9), ("MB", 10**6)):
        if text.endswith(unit):
            return int(float(text[: -len(unit)]) * factor)
    return int(text)


def order_of(count, messages, order):
    """(repetition, message) pairs as they are written."""
    pairs = [(r, m) for r in range(count) for m in range(len(messages))]
    if order == "shuffled":
        random.Random(1).shuffle(pairs)
    elif order == "apart":  # topic after topic
        pairs.sort(key=lambda p: messages[p[1]].connection.topic)
    elif order == "late":  # stretches of 1,000 messages change places with the next
        blocks = [pairs[i : i + 1000] for i in range(0, len(pairs), 1000)]
        for i in range(0, len(blocks) - 1, 2):
            blocks[i], blocks[i + 1] = blocks[i + 1], blocks[i]
        pairs = [p for block in blocks for p in block]
    return pairs


def make(bagloom, path, size, order, chunk_bytes, compression):
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        bag = Path(folder) / "piece.bag"
        subprocess.run([bagloom, "synth", "-o", bag, "--seconds", str(SECONDS), "--cameras", "3", "--size", "848x480"], check=True, stdout=subprocess.DEVNULL)
        messages = walk(bag)
        count = max(1, round(size / bag.stat().st_size))
    with path.open("wb") as file:
        writer = Writer(file, chunk_size=chunk_bytes, compression=CompressionType[compression.upper()])
        writer.start(profile="ros1", library="unsorted")
        channels = {}
        for m in messages:
            c = m.connection
            if c.topic not in channels:
                schema = writer.register_schema(c.type, "ros1msg", c.definition.encode())
                channels[c.topic] = writer.register_channel(c.topic, "ros1", schema)
        for repetition, number in order_of(count, messages, order):
            m = messages[number]
            at = m.time + repetition * SECONDS * 10**9
            writer.add_message(channels[m.connection.topic], at, m.data, at)
        writer.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="2GB")
    parser.add_argument("--limit", default="256MiB")
    parser.add_argument("--order", default="shuffled", choices=["shuffled", "apart", "late", "time"])
    parser.add_argument("--chunk", default="4MiB")
    parser.add_argument("--compression", default="zstd", choices=["none", "lz4", "zstd"])
    parser.add_argument("--threads", default=2)
    parser.add_argument("--folder", default=ROOT / "build/unsorted", type=Path, help="where the recording is kept for another run")
    parser.add_argument("--bagloom", default=ROOT / "build/release/bagloom", type=Path)
    a = parser.parse_args()
    a.folder.mkdir(parents=True, exist_ok=True)
    recording = a.folder / f"{a.order}_{a.size}_{a.chunk}_{a.compression}.mcap"
    if not recording.exists():
        began = time.monotonic()
        part = recording.with_suffix(".part")
        make(a.bagloom, part, size_of(a.size), a.order, size_of(a.chunk), a.compression)
        part.rename(recording)
        print(f"made {recording.stat().st_size / 1e9:.2f} GB in {time.monotonic() - began:.0f} s", file=sys.stderr)
    # Scan alone: what the merge over all chunks takes.
    scan = run(a.bagloom, "scan", recording, "--json", watch=True)
    print(f"scan:    {scan.seconds:.1f} s, peak {scan.peak_bytes / MIB:.0f} MiB")
    out = a.folder / "dataset"
    shutil.rmtree(out, ignore_errors=True)
    convert = run(a.bagloom, "convert", recording, "-o", out, "--json", "--threads", a.threads, "--memory-limit", a.limit, watch=True)
    report = json.loads(convert.stdout)
    shutil.rmtree(out, ignore_errors=True)
    memory = report["memory"]
    (info,) = json.loads(run(a.bagloom, "info", recording, "--json").stdout)["recordings"]
    chunks, inflations = info["chunks"], report["inflations"]
    print(f"convert: {convert.seconds:.1f} s, {report['rows']} rows, peak {convert.peak_bytes / MIB:.0f} MiB, limit {size_of(a.limit) / MIB:.0f} MiB, expected "
          f"{memory['expected_peak_bytes'] / MIB:.0f} MiB; {inflations} inflations of {chunks} chunks: {inflations / max(1, chunks):.1f} each")
    if convert.peak_bytes > size_of(a.limit):
        sys.exit("the peak is above the limit")


if __name__ == "__main__":
    main()
