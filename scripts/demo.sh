#!/usr/bin/env bash
# From nothing to a LeRobot dataset: sets up, builds, makes a sample recording (20 s, three cameras), converts it and verifies the result.
# usage: scripts/demo.sh [BAG...]      with recordings of your own instead of the sample
# Everything lies in build/demo (or $BAGLOOM_DEMO_DIR); a second run makes it again.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
case ${1:-} in -h | --help) sed -n '2,4s/^# //p' "$0"; exit 0 ;; esac
for bag in "$@"; do [[ -r $bag ]] || die "cannot read $bag"; done

"$root/scripts/setup.sh"
build release bagloom
bagloom=$root/build/release/bagloom
folder=${BAGLOOM_DEMO_DIR:-$root/build/demo}
mkdir -p "$folder"

bags=("$@")
if ((${#bags[@]} == 0)); then
  bags=("$folder/demo.bag")
  say "demo: making a sample recording, ${bags[0]}"
  "$bagloom" synth --seconds 20 --cameras 3 -o "${bags[0]}" --force >/dev/null
fi
dataset=$folder/dataset
rm -rf "$dataset" "$dataset.bagloom"

say "demo: bagloom convert ${bags[*]} -o $dataset"
report=$folder/convert.json
code=0
"$bagloom" convert "${bags[@]}" -o "$dataset" --json >"$report" || code=$?
if ((code != 0 && code != 3 && code != 4)); then
  say "demo: convert ended with exit code $code: $("$root/.deps/python/bin/python3" -c 'import json, sys; print(json.load(open(sys.argv[1])).get("error", ""))' "$report" 2>/dev/null)"
  exit "$code"
fi
say "demo: bagloom verify $dataset"
"$bagloom" verify "$dataset" >&2

"$root/.deps/python/bin/python3" - "$report" "$dataset" "$root" "${bags[0]}" <<'END'
import json, os, sys
report, dataset, root, bag = sys.argv[1:]
r = json.load(open(report))
here = os.path.relpath
print(f"""
{r["episodes"]} episode(s), {r["rows"]} rows in {r["seconds"]:.1f} s; peak memory {r["peak_bytes"] / 2**20:.0f} MiB with {r["tasks_at_once"]} tasks at once
dataset: {dataset}""")
for loss in r.get("losses", []): print("loss:", loss if isinstance(loss, str) else json.dumps(loss))
for failure in r.get("failed", []): print("failed:", failure if isinstance(failure, str) else json.dumps(failure))
print(f"""next:
  build/release/bagloom info {here(bag, root)}
  build/release/bagloom plan {here(bag, root)}
  build/release/bagloom init {here(bag, root)} -o recipe.yaml     # the recipe that was guessed, to change
  scripts/accept-lerobot.sh {here(dataset, root)} --train        # load it with the real LeRobot, two training steps""")
END
exit "$code"
