#!/bin/sh
# forge.sh BAG OUT: forge (PyPI: forge-robotics) converts BAG into the LeRobot dataset OUT, with its own choice of topics.
# The first use installs it into .deps/peers/forge, which takes about 550 MB.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
venv=$root/.deps/peers/forge
if [ ! -e "$venv/installed" ]; then
  echo "forge.sh: installing forge-robotics into $venv, about 550 MB" >&2
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet 'forge-robotics[rosbag,lerobot,video]==0.2.0' >&2
  touch "$venv/installed"
fi
exec "$venv/bin/forge" convert "$1" "$2" --format lerobot-v3 --fail-on-error
