#!/bin/sh
# kuavo.sh BAG OUT [OVERRIDE...]: the original Kuavo converter, from your own checkout of kuavo_data_challenge, makes the LeRobot dataset OUT:
# both arms, claws, 10 rows a second, 640x480, nothing dropped at the ends, no depth. An OVERRIDE is one of its configuration's (rosbag.chunk_size=50).
# KUAVO_CONVERTER names the checkout's kuavo_data/CvtRosbag2Lerobot.py, KUAVO_PYTHON the Python that has what it needs (default: python3).
set -eu
if [ -z "${KUAVO_CONVERTER:-}" ]; then
  echo "kuavo.sh: KUAVO_CONVERTER is not set: name the kuavo_data/CvtRosbag2Lerobot.py of your checkout of kuavo_data_challenge" >&2
  exit 2
fi
converter=$(realpath "$KUAVO_CONVERTER")
recording=$(realpath "$1")
out=$(realpath -m "$2")
shift 2
if [ -e "$out/meta" ] || [ -e "$out.kuavo" ]; then
  echo "kuavo.sh: $out/meta or $out.kuavo is there already" >&2
  exit 2
fi

# It takes a folder of bags, deletes DIR/lerobot and what LeRobot's cache has under the folder's name before it begins, and leaves its logs and a list
# of failed bags where it is started: so its input is a new folder with a name of its own, and so is each of the others.
work=$(mktemp -d -t bagloom-kuavo-XXXXXX)
trap 'rm -rf "$work" "$out.kuavo"' EXIT
running=
stop() {
  [ -z "$running" ] || kill -- "-$running" 2>/dev/null || true
  exit "$1"
}
trap 'stop 130' INT
trap 'stop 143' TERM
mkdir "$work/bags-${work##*-}" "$work/run"
ln -s "$recording" "$work/bags-${work##*-}/recording.bag"
cd "$work/run"
PYTHONPATH=$(dirname "$(dirname "$converter")")${PYTHONPATH:+:$PYTHONPATH} setsid "${KUAVO_PYTHON:-python3}" "$converter" \
  rosbag.rosbag_dir="'$work/bags-${work##*-}'" rosbag.lerobot_dir="'$out.kuavo'" \
  dataset.only_arm=true dataset.eef_type=leju_claw dataset.which_arm=both dataset.use_depth=false dataset.train_hz=10 dataset.sample_drop=0 \
  dataset.resize.width=640 dataset.resize.height=480 "$@" &
running=$!
wait "$running"
running=

# It ends with 0 whatever became of the bags.
if [ -e error.txt ]; then
  echo "kuavo.sh: the converter could not convert this recording (its messages stand above)" >&2
  exit 1
fi
mkdir -p "$out"
mv "$out.kuavo/lerobot"/* "$out"/
