# Sourced by the scripts beside it: where the repository is, how to say something, how many jobs a build may run.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

# One compiler needs about 1.5 GiB at most: fewer jobs than cores where memory is short.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo)
  ((memory < 1)) && memory=1
  echo $((memory < cores ? memory : cores))
}

# Seconds since the epoch with fractions, and their difference with one decimal.
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN {printf "%.1f", b - a}'; }

# build PRESET [TARGET...]: configures and builds one preset of CMakePresets.json, quietly where nothing is to do.
build() {
  local preset=$1
  shift
  (cd "$root" && cmake --preset "$preset" >"$root/build/configure-$preset.log" 2>&1) ||
    { tail -20 "$root/build/configure-$preset.log" >&2; die "cmake --preset $preset failed (all of it: build/configure-$preset.log)"; }
  grep -h '^-- Arrow:' "$root/build/configure-$preset.log" >&2 || true
  local log=$root/build/build-$preset.log
  say "build: preset $preset with $(build_jobs) jobs; minutes the first time, seconds afterwards (output: build/build-$preset.log)"
  cmake --build "$root/build/$preset" -j "$(build_jobs)" ${1:+--target "$@"} >"$log" 2>&1 ||
    { grep -A 12 -m 3 -E 'error:|FAILED:' "$log" >&2 || tail -20 "$log" >&2; die "the build of preset $preset failed (all of it: build/build-$preset.log)"; }
}
mkdir -p "$root/build"
