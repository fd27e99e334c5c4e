#!/bin/sh
# Builds the libFuzzer programs and runs each for some seconds over its seeds and what it found before.
# usage: fuzz/run.sh [SECONDS] [HARNESS...]       New inputs go to build/fuzz/found/, crashers to fuzz/crashers/<harness>/.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -gt 0 ] && shift
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target fuzzers -j "$(nproc)"
[ $# -gt 0 ] || set -- $(cd build/fuzz/fuzz && ls -- *_fuzz | sed 's/_fuzz$//')
failed=
for harness in "$@"; do
  mkdir -p "build/fuzz/found/$harness" "fuzz/crashers/$harness"
  [ -d "fuzz/corpus/$harness" ] || mkdir -p "fuzz/corpus/$harness"
  # Beside each harness's own cap (allocation_cap.h), which follows the input: a single allocation, and what is resident.
  echo "== $harness, $seconds s"
  build/fuzz/fuzz/${harness}_fuzz -max_total_time="$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=1024 -malloc_limit_mb=32 \
    -print_final_stats=1 -artifact_prefix="fuzz/crashers/$harness/" "build/fuzz/found/$harness" "fuzz/corpus/$harness" "fuzz/crashers/$harness" \
    >"build/fuzz/$harness.log" 2>&1 || failed="$failed $harness"
  grep -E '^stat::|SUMMARY|ERROR|^allocation cap' "build/fuzz/$harness.log" || true
  rmdir "fuzz/crashers/$harness" 2>/dev/null || true
done
[ -z "$failed" ] || { echo "failed:$failed (see build/fuzz/*.log; keep and fix what lies in fuzz/crashers)"; exit 1; }
echo "all clean"
