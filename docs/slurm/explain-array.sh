#!/usr/bin/env bash
# One part of a case list for each task of a Slurm job array (docs/slurm.md):
#   sbatch --array=1-PARTS explain-array.sh PARTS MODEL CASES OUT [further options of `rationale explain`]
# Part i goes to OUT/part-i. PARTS stays the same when only some are run again: sbatch --array=2,5 explain-array.sh 8 …
# A task whose node fails, which is preempted or which reaches its time limit is queued again, and goes on where it
# stopped: what it has committed is not computed twice. RATIONALE names the program if it is not on the PATH.
#SBATCH --job-name=rationale-explain
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=rationale-explain-%A-%a.log
#SBATCH --signal=B:USR1@60
set -uo pipefail
if [[ $# -lt 4 || -z ${SLURM_ARRAY_TASK_ID:-} ]]; then
  sed -n '2,3s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
parts=$1 model=$2 cases=$3 out=$4
shift 4
part=$SLURM_ARRAY_TASK_ID
echo "part $part/$parts on ${SLURMD_NODENAME:-$(hostname)}, run $((${SLURM_RESTART_COUNT:-0} + 1)), $(date -u +%FT%TZ)"

# In fast mode the first part to get there times the prefix variants; all others follow its choice.
export XDG_CACHE_HOME=$out/choices
case $XDG_CACHE_HOME in /*) ;; *) XDG_CACHE_HOME=$PWD/$XDG_CACHE_HOME ;; esac

"${RATIONALE:-rationale}" explain --model "$model" --cases "$cases" --out "$out/part-$part" \
  --shard "$part/$parts" --threads "${SLURM_CPUS_PER_TASK:-1}" "$@" &
program=$!
out_of_time=no
trap 'out_of_time=yes; kill -TERM "$program" 2>/dev/null' USR1
trap 'kill -TERM "$program" 2>/dev/null' TERM INT
wait "$program"
code=$?
while kill -0 "$program" 2>/dev/null; do  # a trapped signal ends `wait`, not the program
  wait "$program"
  code=$?
done

if [[ $out_of_time == yes && $code == 130 ]]; then
  echo "part $part/$parts: the time is up; what is done is kept, and the rest is queued again"
  scontrol requeue "$SLURM_JOB_ID" && sleep 60  # Slurm ends this script
fi
# 1: all was looked at and some cases failed. Their reasons are in summary.json, and the merge tells them.
[[ $code -le 1 ]] && exit 0
exit "$code"
