#!/usr/bin/env python3
"""compare_dataset.py --recipe RECIPE.yaml --dataset DATASET BAG...: is this dataset what the recordings and the recipe say?
Every number is compared exactly, and in every picture the frame number that `bagloom synth` drew into it is read."""
import argparse
import json
import sys
from pathlib import Path

import numpy as np

from dataset import Dataset
from decode import decode
from oracle import load_recipe, plan
from pattern import read_pattern


def picture_number(message, cameras):
    """(camera, frame) as docs/synth.md says: frame_id names the camera, seq is the frame."""
    header = decode(message).header
    name = header.frame_id
    return int(name[7:]) if name.startswith("camera_") else "hlr".index(name), getattr(header, "seq", None)


def compare(dataset_path, bags, recipe, jpegs=False, patterns=True):
    """Lines that say what differs, none where all is right; and counts of what was compared. `jpegs`: packets must be the recording's.
    `patterns`: synth drew a number into each picture."""
    problems, counts = [], {"episodes": 0, "rows": 0, "values": 0, "pictures": 0}
    dataset, at = Dataset(dataset_path), 0
    for bag in bags:
        outcome = plan(bag, recipe)
        for want in outcome.episodes:
            if at >= len(dataset.episodes):
                problems.append(f"{bag}: the dataset has only {len(dataset.episodes)} episodes")
                break
            where, rows = f"episode {at} ({Path(bag).name})", len(want.rows)
            if dataset.episodes[at]["length"] != rows:
                problems.append(f"{where}: {dataset.episodes[at]['length']} rows, should be {rows}")
                at += 1
                continue
            for name, values in want.values.items():
                got = dataset.values(name, at)
                if got.shape != values.shape or not np.array_equal(got, values, equal_nan=True):
                    bad = np.argwhere(got != values)[:1].tolist() if got.shape == values.shape else f"shape {got.shape} for {values.shape}"
                    problems.append(f"{where}: {name} differs, first at {bad}")
                counts["values"] += values.size
            for feature in recipe.features:
                if not feature.camera:
                    continue
                messages = [row[feature.name, feature.parts[0].topic] for row in want.rows]
                if jpegs:
                    packets = dataset.packets(feature.name, at)
                    wrong = [k for k, (p, m) in enumerate(zip(packets, messages)) if p != bytes(decode(m).data)]
                    if wrong or len(packets) != rows:
                        problems.append(f"{where}: {feature.name}: {len(packets)} packets, other bytes than the recording's JPEG in rows {wrong[:5]}")
                number = -1
                for number, picture in enumerate(dataset.pictures(feature.name, at)):
                    if patterns:
                        want_pattern, got_pattern = picture_number(messages[number], None), read_pattern(picture)
                        if got_pattern != want_pattern:
                            problems.append(f"{where}: {feature.name} row {number} shows {got_pattern}, should be {want_pattern}")
                            break
                    counts["pictures"] += 1
                if number + 1 != rows and not problems:
                    problems.append(f"{where}: {feature.name} has {number + 1} pictures for {rows} rows")
            counts["episodes"] += 1
            counts["rows"] += rows
            at += 1
    if at != len(dataset.episodes):
        problems.append(f"the dataset has {len(dataset.episodes)} episodes, should have {at}")
    return problems, counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bags", nargs="+")
    parser.add_argument("--recipe", required=True)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--jpegs", action="store_true", help="packets must be the recording's JPEGs, bit for bit")
    a = parser.parse_args()
    problems, counts = compare(a.dataset, a.bags, load_recipe(Path(a.recipe).read_text("utf-8")), a.jpegs)
    print(json.dumps(counts))
    for line in problems:
        print("FAIL", line)
    sys.exit(1 if problems or not counts["rows"] else 0)


if __name__ == "__main__":
    main()
