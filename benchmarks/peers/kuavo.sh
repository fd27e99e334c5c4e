#!/bin/sh
# kuavo.sh BAG OUT: the original Kuavo converter, from your own checkout. KUAVO_CONVERTER names its CvtRosbag2Lerobot.py, and
# KUAVO_PYTHON the Python that has what it needs (default: python3). It takes a folder of bags and deletes its output first.
set -eu
if [ -z "${KUAVO_CONVERTER:-}" ]; then
  echo "kuavo.sh: KUAVO_CONVERTER is not set: name the CvtRosbag2Lerobot.py of your checkout of kuavo_data_challenge" >&2
  exit 2
fi
bags=$(mktemp -d)
trap 'rm -rf "$bags"' EXIT
ln -s "$(realpath "$1")" "$bags/"
cd "$(dirname "$KUAVO_CONVERTER")"
"${KUAVO_PYTHON:-python3}" "$KUAVO_CONVERTER" rosbag.rosbag_dir="$bags" rosbag.lerobot_dir="$2" dataset.which_arm=both dataset.sample_drop=0
