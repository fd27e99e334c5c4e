#!/usr/bin/env bash
# Installs what bagloom needs to be built and tested: packages through apt, and a private Python environment under .deps/.
# usage: scripts/setup.sh [--fuzz]      (--fuzz: clang and its sanitizer runtime besides)
# Run it as often as you like: it looks first, and installs only what is missing. It uses apt and pip as you have set them up.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

fuzz=0
for option in "$@"; do
  case $option in
    --fuzz) fuzz=1 ;;
    -h | --help) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
    *) die "unknown option $option (usage: scripts/setup.sh [--fuzz])" ;;
  esac
done

needed=(g++ cmake ninja-build pkg-config ccache
  libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libturbojpeg0-dev libpng-dev liblz4-dev libzstd-dev libbz2-dev zlib1g-dev libsqlite3-dev libyaml-cpp-dev
  libcli11-dev nlohmann-json3-dev libprotobuf-dev libprotoc-dev libxxhash-dev libgtest-dev libbenchmark-dev
  python3 python3-venv ffmpeg)
# Not every distribution has these, and bagloom does without: what draws the page of `bench --report`, an independent reader for the tests,
# and the browser in which they look at that page.
wished=(libjs-chart.js python3-rosbag chromium)
if ((fuzz)); then
  clang=$(grep -o 'clang++-[0-9]*' "$root/CMakePresets.json" | head -n 1)
  needed+=("clang-${clang##*-}" "libclang-rt-${clang##*-}-dev")
fi

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
  die "this is neither Debian nor Ubuntu: install the like of '${needed[*]}', Arrow and Parquet C++, then: cmake --preset release && cmake --build build/release"

# dpkg-query fails where it has never heard of one of the packages, which is the rule on a fresh machine and no error here.
installed() { { dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null || true; } | awk '$1 == "ii" {print $2}'; }

have=" $(installed "${needed[@]}" "${wished[@]}" | tr '\n' ' ') "
missing=()
for package in "${needed[@]}"; do [[ $have == *" $package "* ]] || missing+=("$package"); done
wishes=()
for package in "${wished[@]}"; do
  [[ $have == *" $package "* || -e $root/.deps/without-$package ]] || wishes+=("$package")
done

if ((EUID != 0 && ${#missing[@]} == 0 && ${#wishes[@]} > 0)) && ! command -v sudo >/dev/null; then
  say "setup: without root these are not installed, and what would use them is left out: ${wishes[*]}"
  wishes=()
fi

if ((${#missing[@]} + ${#wishes[@]})); then
  as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "needs root to install ${missing[*]}: run it as root, or install sudo"
    as_root=(sudo)
  fi
  say "setup: apt-get install ${missing[*]} ${wishes[*]}"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q)
  "${apt[@]}" update >"$log" 2>&1 || say "setup: apt-get update failed ($(grep -m 1 '^[EW]:' "$log" || tail -n 1 "$log")); going on with the lists that are here"
  if ((${#missing[@]})); then
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 </dev/null ||
      die "apt-get could not install ${missing[*]}: $(grep -m 1 '^E:' "$log" || tail -n 1 "$log")"
  fi
  mkdir -p "$root/.deps"
  for package in "${wishes[@]}"; do
    "${apt[@]}" install -y --no-install-recommends "$package" >"$log" 2>&1 </dev/null ||
      { say "setup: no $package here; what would use it is left out"; touch "$root/.deps/without-$package"; }
  done
fi

compiler=$(g++ -dumpversion)
((${compiler%%.*} >= 11)) || die "g++ $compiler is too old for C++20: install g++-11 or newer and make it g++"

# Arrow C++: a CMake package (Apache's apt packages, conda) where there is one, else the libraries in pyarrow's wheel.
arrow_package=""
prefixes=${CMAKE_PREFIX_PATH:-}
for prefix in ${prefixes//[:;]/ } ${CONDA_PREFIX:-} /usr/local /usr; do
  for file in "$prefix"/lib/cmake/Arrow/ArrowConfig.cmake "$prefix"/lib/*/cmake/Arrow/ArrowConfig.cmake; do
    [[ -e $file && -e ${file//Arrow/Parquet} ]] && { arrow_package=$file; break 2; }
  done
done

# The tests read what bagloom wrote with numpy, pyarrow and PyAV, and recordings with rosbags, mcap and protobuf: code that this project had no part in.
venv=$root/.deps/python
wanted="pyarrow==26.0.1 numpy av rosbags==0.11.9 mcap==1.3.1 protobuf pillow"
if [[ ! -x $venv/bin/python3 || $(cat "$venv/installed" 2>/dev/null) != "$wanted" ]]; then
  python=/usr/bin/python3
  [[ -x $python ]] || python=$(command -v python3) || die "no python3 found"
  say "setup: a private Python environment in .deps/python ($("$python" --version)): $wanted"
  [[ -x $venv/bin/python3 ]] || "$python" -m venv "$venv" >&2 || die "$python -m venv failed: install python3-venv"
  pip=("$venv/bin/python3" -m pip install --quiet --disable-pip-version-check)
  log=$root/.deps/pip.log
  # shellcheck disable=SC2086
  if ! "${pip[@]}" $wanted >"$log" 2>&1; then
    say "setup: not all of it is to be had for this Python ($(grep -m 1 '^ERROR' "$log")); trying the newest that it takes"
    "${pip[@]}" pyarrow numpy av rosbags mcap protobuf pillow >>"$log" 2>&1 ||
      die "pip could not install pyarrow, numpy, av, rosbags, mcap, protobuf and pillow into .deps/python: $(grep '^ERROR' "$log" | tail -n 1)"
  fi
  echo "$wanted" >"$venv/installed"
fi

if [[ -n $arrow_package ]]; then
  say "setup: complete; Arrow C++ is the package in ${arrow_package%/ArrowConfig.cmake}"
else
  library=$(compgen -G "$venv/lib/python3*/site-packages/pyarrow/libarrow.so.*" | head -n 1) ||
    die "the pyarrow in .deps/python brings no libarrow: install libarrow-dev and libparquet-dev"
  say "setup: complete; Arrow C++ is pyarrow's ${library##*/} in .deps/python"
fi
