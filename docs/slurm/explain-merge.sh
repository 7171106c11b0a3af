#!/usr/bin/env bash
# The parts of explain-array.sh into one store, OUT/whole (docs/slurm.md):
#   sbatch --dependency=afterany:ARRAY_JOB explain-merge.sh PARTS OUT
# It refuses a part that is missing, unfinished, damaged or of another run, by name: nothing is merged in silence.
#SBATCH --job-name=rationale-merge
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=rationale-merge-%j.log
set -euo pipefail
if [[ $# -ne 2 ]]; then
  sed -n '2,3s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
parts=$1 out=$2 folders=()
for ((part = 1; part <= parts; ++part)); do folders+=("$out/part-$part"); done
exec "${RATIONALE:-rationale}" explain merge "${folders[@]}" --out "$out/whole"
