#!/bin/sh
# run_test.sh PYTHON TEST.py: 77 (skipped) where that Python is missing.
[ -x "$1" ] || { echo "skipped: no $1 (scripts/setup.sh makes it)"; exit 77; }
exec "$1" "$2" -v
