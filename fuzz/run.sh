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
  # A single allocation. What WebP and TIFF declare is known when libav allocates for it: 64 megapixels are taken (check_size), of up
  # to 8 bytes each.
  malloc_mb=64 rss_mb=1024
  [ "$harness" != still ] || malloc_mb=544 rss_mb=2048
  # Before it reads a row's first page SQLite lists all that the row declares, up to 4 GiB, with 8 bytes each: 67 MB where pages have
  # 512 bytes, 8.4 where they have the usual 4096. Its heap's limit would be the whole process's.
  [ "$harness" != rosbag2 ] || malloc_mb=72
  echo "== $harness, $seconds s"
  build/fuzz/fuzz/${harness}_fuzz -max_total_time="$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=$rss_mb -malloc_limit_mb=$malloc_mb \
    -print_final_stats=1 -artifact_prefix="fuzz/crashers/$harness/" "build/fuzz/found/$harness" "fuzz/corpus/$harness" \
    >"build/fuzz/$harness.log" 2>&1 || failed="$failed $harness"
  grep -E '^stat::|SUMMARY|ERROR' "build/fuzz/$harness.log" || true
  rmdir "fuzz/crashers/$harness" 2>/dev/null || true
done
[ -z "$failed" ] || { echo "failed:$failed (see build/fuzz/*.log; keep and fix what lies in fuzz/crashers)"; exit 1; }
echo "all clean"
