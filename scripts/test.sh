#!/usr/bin/env bash
# Sets up, builds (release) and runs every test; ctest's summary closes the output.
# usage: scripts/test.sh [CTEST_OPTION...]      for example scripts/test.sh -R media
set -euo pipefail
source "$(dirname "$0")/lib.sh"
"$root/scripts/setup.sh"
build release
exec ctest --test-dir "$root/build/release" --output-on-failure "$@"
