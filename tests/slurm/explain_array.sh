#!/usr/bin/env bash
# A case list explained by a Slurm job array, against the same list on one machine:
#   tests/slurm/explain_array.sh [--build DIR] [--films N] [--parts N] [--nodes N] [--method NAME] [--keep]
# Starts a real Slurm with virtual nodes in a temporary folder, submits docs/slurm/explain-array.sh and, behind it,
# explain-merge.sh. In the middle one node is killed (slurmd, job step, engine), and one task gets the signal that
# Slurm sends a minute before a time limit. Both parts must be queued again and go on where they stopped, and the
# merged store must have the canonical digest of the run on one machine.
# Needs root and, on Debian, `apt-get install --no-install-recommends slurm-wlm munge`; without them it leaves with 77.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
build=$here/build/release films=400 parts=8 nodes=4 method=occlusion_pixel keep=no
while [[ $# -gt 0 ]]; do
  case $1 in
    --build) build=$2; shift ;;
    --films) films=$2; shift ;;
    --parts) parts=$2; shift ;;
    --nodes) nodes=$2; shift ;;
    --method) method=$2; shift ;;
    --keep) keep=yes ;;
    *) sed -n '3s/^# *//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
. "$here/tests/slurm/cluster.sh"
lacks=$(cluster_lacks)
if [[ -n $lacks ]]; then
  echo "slurm: skipped, for it needs" $lacks "(Debian: apt-get install --no-install-recommends slurm-wlm munge)"
  exit 77
fi
export RATIONALE=$build/bin/rationale OPENBLAS_NUM_THREADS=1
[[ -x $RATIONALE ]] || { echo "slurm: build $RATIONALE first" >&2; exit 2; }

work=$(mktemp -d "${TMPDIR:-/tmp}/rationale-slurm.XXXXXX")
leave() {
  local code=$?
  stop_cluster
  if [[ $code != 0 ]]; then
    tail -n 5 "$work"/log/slurmctld.log "$work"/*.log >&2 2>/dev/null || true
  fi
  if [[ $keep == yes ]]; then echo "kept: $work"; else rm -rf "$work"; fi
  exit "$code"
}
trap leave EXIT
say() { echo "[$SECONDS s] $*"; }
fail() { echo "slurm: FAILED: $*" >&2; exit 1; }
# number KEY FILE: of a summary.json
number() { grep -m 1 -oE "\"$1\": *[0-9]+" "$2" | grep -oE '[0-9]+$'; }
digest_of() { grep -oE '"canonical_digest": *"[0-9a-f]{64}"' "$1" | grep -oE '[0-9a-f]{64}'; }

cd "$work"
model=$here/data/samples/models/honest.toml
"$RATIONALE" samples --seed 11 --count "$films" --out films --quiet >/dev/null
say "$films phantom films, method $method"
XDG_CACHE_HOME=$work/out/choices "$RATIONALE" explain --model "$model" --cases films/cases.csv --out alone \
  --threads 1 --method "$method" --quiet >/dev/null
alone=$(digest_of alone/summary.json)
say "on one machine: canonical digest $alone"

start_cluster "$work" "$nodes"
say "a Slurm $(sbatch --version | cut -d' ' -f2) with $nodes virtual nodes is up"
array=$(sbatch --parsable --array="1-$parts" "$here/docs/slurm/explain-array.sh" \
  "$parts" "$model" films/cases.csv out --method "$method" --quiet)
merge=$(sbatch --parsable --dependency="afterany:$array" "$here/docs/slurm/explain-merge.sh" "$parts" out)
say "array $array of $parts parts, and merge $merge behind it"

# Cases that an unfinished part holds, in the words of the merge that refuses it.
cases_there() {
  { "$RATIONALE" explain merge "out/part-$1" --out nowhere 2>&1 || true; } | grep -oE 'not finished: [0-9]+' | grep -oE '[0-9]+$'
}
is_underway() {
  local n
  [[ -f out/part-$1/explanations.db.part ]] && n=$(cases_there "$1") && ((n > 0)) && there[$1]=$n
}
declare -A there=()

# Both in the middle at once: a part takes seconds, so nothing is waited for in between.
are_underway() { is_underway 1 && is_underway 2; }
wait_until 120 "parts 1 and 2 have committed cases" are_underway

# The node of part 1 dies, and part 2 is told that its time is up.
node=$(squeue -h -j "${array}_1" -o '%N')
kill_node "$node"
scancel --batch --signal=USR1 "${array}_2"
say "part 2 told that its time is up, at ${there[2]} cases"
is_dead() { [[ -z $(job_processes "$node") ]]; }
wait_until 10 "the processes of $node end" is_dead
[[ -f out/part-1/explanations.db.part && ! -f out/part-1/explanations.db ]] || fail "part 1 was not in the middle"
say "node $node killed while part 1 held ${there[1]} cases"

all_done() { [[ -z $(squeue -h -j "$array,$merge" -o '%i' 2>/dev/null) ]]; }
wait_until 600 "the array and the merge end" all_done
say "all tasks have ended"
for part in 1 2; do
  grep -q "^part $part/$parts on .*, run 2," "rationale-explain-$array-$part.log" || fail "part $part was not queued again"
  skipped=$(number skipped "out/part-$part/summary.json")
  ((skipped >= there[$part])) || fail "part $part began anew: $skipped of ${there[$part]} cases were still there"
  say "part $part: $(grep -c ', run ' "rationale-explain-$array-$part.log") runs, the last on" \
    "$(grep "^part $part/" "rationale-explain-$array-$part.log" | tail -n 1 | grep -oE 'on [^,]+' | cut -c4-)," \
    "found $skipped cases there and added $(number explained "out/part-$part/summary.json")"
done
[[ $(grep "^part 1/" "rationale-explain-$array-1.log" | tail -n 1) != *" on $node,"* ]] || fail "part 1 ran on the dead node"
scontrol show job "$merge" | grep -q 'JobState=COMPLETED' || { cat "rationale-merge-$merge.log" >&2; fail "the merge did not end well"; }
merged=$(digest_of out/whole/summary.json)
say "merged:         canonical digest $merged, $(number records out/whole/summary.json) cases"
[[ $(number records out/whole/summary.json) == "$films" ]] || fail "the merged store lacks cases"
[[ $merged == "$alone" ]] || fail "the digests differ"
echo "slurm: one node killed, one time limit, $parts parts on $nodes nodes, $films films: the digest of one machine"
