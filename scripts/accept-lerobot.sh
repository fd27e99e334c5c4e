#!/usr/bin/env bash
# Loads a dataset with the real LeRobot and checks it: rows, pictures in random order, statistics, its tools.
# usage: scripts/accept-lerobot.sh DATASET [--reference FILE.npz] [--train] [--python PYTHON] [OPTION of tests/accept/lerobot_accept.py...]
# The first run makes a private Python environment under .deps/lerobot: 2 minutes and 5.4 GB (lerobot 0.4, where Python is older: 8.3 GB).
# --python: with this one, in an environment of its own under .deps/lerobot-VERSION; 3.10 and 3.11 mean lerobot 0.4.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

train=0
asked=""
arguments=()
while (($#)); do
  option=$1
  shift
  case $option in
    --train) train=1 ;;
    --python)
      (($#)) || die "--python needs a program"
      asked=$(command -v "$1") || die "--python: no such program: $1"
      shift
      ;;
    -h | --help) sed -n '2,5s/^# //p' "$0"; exit 0 ;;
    *) arguments+=("$option") ;;
  esac
done
dataset=${arguments[0]:-}
[[ -n $dataset && -e $dataset/meta/info.json ]] || die "usage: scripts/accept-lerobot.sh DATASET [--reference FILE.npz] [--train] ('$dataset' has no meta/info.json)"

# version_of PYTHON: "312", or nothing where it does not run
version_of() { "$1" -c 'import sys; print("%d%02d" % sys.version_info[:2])' 2>/dev/null; }
# A Python between two versions that can make environments: the one asked for, or from PATH, or among pyenv's.
find_python() {
  local candidate version candidates=(python3.{14,13,12,11,10} python3 /usr/bin/python3 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3)
  [[ -z $asked ]] || candidates=("$asked")
  for candidate in "${candidates[@]}"; do
    candidate=$(command -v "$candidate") || continue
    version=$(version_of "$candidate") || continue
    ((version >= $1 && version <= $2)) && "$candidate" -c 'import ensurepip, venv' 2>/dev/null && { echo "$candidate"; return; }
  done
  return 1
}

venv=$root/.deps/lerobot
[[ -z $asked ]] || venv+=-$(version_of "$asked") || die "--python: '$asked' does not run"
if ! [[ -e $venv/installed ]]; then
  if [[ -x $venv/bin/python3 ]] && "$venv/bin/python3" -c 'import lerobot, torch, torchcodec' 2>/dev/null; then
    :  # made by hand, and complete
  else
    if python=$(find_python 312 313); then
      package='lerobot[dataset]' size=5.4
    elif python=$(find_python 310 311); then
      package='lerobot>=0.4,<0.5' size=8.3
      say "accept: $([[ -n $asked ]] || echo 'only ')$("$python" --version)$([[ -n $asked ]] || echo ' is here'): lerobot 0.4 instead of the newest (that needs Python 3.12)"
    else
      die "the real LeRobot needs Python 3.12 or 3.13 (3.10 and 3.11 for its older release) with its venv module, and ${asked:-what is on PATH or known to pyenv} is none such"
    fi
    say "accept: installing $package into .deps/${venv##*/} with $python ($("$python" --version)): about 2 minutes and $size GB, once"
    free=$(df --output=avail -B1M "$root" | tail -n 1)
    ((free > ${size%.*}000 + 2000)) || die "$size GB are needed for LeRobot (and some for the download), $free MB are free in $root"
    rm -rf "$venv"
    "$python" -m venv "$venv" >&2 || die "$python -m venv failed"
    "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check "$package" >"$root/.deps/pip-${venv##*/}.log" 2>&1 ||
      die "pip could not install $package: $(grep '^ERROR' "$root/.deps/pip-${venv##*/}.log" | tail -n 1)"
  fi
  touch "$venv/installed"
fi
log=$root/build/accept-lerobot.log  # the library's warnings and progress bars
status=0
"$venv/bin/python3" "$root/tests/accept/lerobot_accept.py" "${arguments[@]}" 2>"$log" || status=1
if ((train)); then "$venv/bin/python3" "$root/tests/accept/lerobot_train.py" "$dataset" 2>>"$log" || status=1; fi
((status == 0)) || say "accept: what LeRobot said besides is in build/accept-lerobot.log"
exit $status
