#!/usr/bin/env bash
# r_scripts RATIONALE SOURCE: exports the golden studies and lets R compute them anew with the scripts in the export.
# Exit status 77 (skipped) where R, its packages or the golden vectors are missing. RATIONALE_R_KEEP=DIR keeps the
# folders.
set -euo pipefail
rationale=$1 source=$2
skip() {
  echo "r_scripts: skipped: $*"
  exit 77
}
command -v Rscript >/dev/null || skip "Rscript is not installed"
for package in lme4 lmerTest geepack pROC; do
  Rscript --vanilla -e "quit(status = !requireNamespace('$package', quietly = TRUE))" >/dev/null 2>&1 ||
    skip "the R package $package is not installed"
done
data=${RATIONALE_SHARED:-$source/../shared}/golden/statistics/data
[[ -d $data ]] || skip "no golden studies in $data"
place=${RATIONALE_R_KEEP:-$(mktemp -d)}
[[ -n ${RATIONALE_R_KEEP:-} ]] || trap 'rm -rf "$place"' EXIT

bad=0
check() { # NAME OPTIONS…: a golden study, or one made here of one
  local name=$1 file=$data/$1.csv
  [[ -f $file ]] || file=$place/$name.csv
  shift
  "$rationale" analyse "$file" "$@" --replicates 0 --out "$place/$name" --quiet >/dev/null
  local status=0
  Rscript --vanilla "$place/$name/R/check_all.R" >"$place/$name.log" 2>&1 || status=$?
  echo "$name: exit $status"
  grep -E '^check_.*(values agree|skipped)' "$place/$name.log" | sed 's/^/  /' || true
  if [[ $status != 0 ]]; then
    grep -vE '^OK ' "$place/$name.log" | tail -n 40
    bad=1
  fi
}
for name in sim_cxr300_r3 sim_cxr120_r8 clamp_r4 missing_r5 split_plot_r5; do check "$name"; done
check vandyke --arms 1,2 --positive-at 4
check kundel --arms 1,2,3 --positive-at 4
# Patients with one, two or three cases, of both truths; and with cases that a reader did not finish.
awk -F, 'NR == 1 { print $0 ",patient"; next } { print $0 ",P" substr($2, 2) % 130 }' "$data/sim_cxr300_r3.csv" >"$place/patients.csv"
check patients
awk -F, 'NR == 1 || (NR * 7919) % 31 > 1' "$place/patients.csv" >"$place/patients_missing.csv"
check patients_missing
# Readers nested in arms.
awk -F, -v OFS=, 'NR == 1 || ($1 % 2 == 1) == ($3 == 1)' "$data/vandyke.csv" >"$place/nested.csv"
check nested --arms 1,2 --positive-at 4

# The scripts can fail: one number of ours is changed in its ninth digit.
victim=$place/clamp_r4
p=$(grep '^/fpr/RRRC/p,' "$victim/results.csv")
value=$(cut -d, -f2 <<<"$p")
changed=$(awk -v v="$value" 'BEGIN { printf "%.17g", v * (1 + 2e-9) }')
sed -i "s|^/fpr/RRRC/p,.*|/fpr/RRRC/p,$changed,|" "$victim/results.csv"
status=0
Rscript --vanilla "$victim/R/check_base.R" >"$place/changed.log" 2>&1 || status=$?
if [[ $status != 1 ]] || ! grep -q '^DIFFERS /fpr/RRRC/p ' "$place/changed.log"; then
  echo "a changed p was not noticed (exit $status)"
  bad=1
fi
exit "$bad"
