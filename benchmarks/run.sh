#!/usr/bin/env bash
# Measures what docs/performance.md says, each figure beside a floor measured in the same run, and prints it as a Markdown table.
# usage: benchmarks/run.sh [--workload make_kuavo_bag.py] [--repeats 5] [--only NAME[,NAME...]] [--folder build/bench]
# The recordings come from make_kuavo_bag.py (Debian's rosbag writes them: python3-rosbag python3-sensor-msgs python3-opencv mate-backgrounds),
# looked for in ../shared/tools beside the repository. About 2 GB in build/bench, and 15 minutes on 2 cores. Keep the machine quiet meanwhile.
set -euo pipefail
source "$(dirname "$0")/../scripts/lib.sh"
case ${1:-} in -h | --help) sed -n '2,5s/^# //p' "$0"; exit 0 ;; esac
"$root/scripts/setup.sh"
build release bagloom
PYTHONPATH=$root/tests/python exec "$root/.deps/python/bin/python3" "$root/benchmarks/measure.py" "$@"
