#!/usr/bin/env bash
# run.sh MINUTES [TARGET…]: builds the fuzzers and runs each that long, one after the other.
# What they find lies in build/fuzz/found/TARGET; the grown corpora in build/fuzz/corpus/TARGET, where the next run
# goes on. Leaves with 1 if something was found.
set -euo pipefail
cd "$(dirname "$0")/../.."
minutes=${1:?"minutes for each target"}
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(dicom_header dicom_pixels png npy model_card tables)
shared=${RATIONALE_SHARED:-../shared}

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
export ASAN_OPTIONS=allocator_may_return_null=0:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
found=0
for target in "${targets[@]}"; do
  corpus=build/fuzz/corpus/$target
  mkdir -p "$corpus" "build/fuzz/found/$target"
  cp -n tests/fuzz/corpus/"$target"/* "$corpus"
  if [ "$target" = dicom_header ] && [ -d "$shared/public/dicom" ]; then
    find "$shared"/public/dicom/files "$shared"/public/dicom/broken -name '*.dcm' -size -64k -exec cp -n {} "$corpus" \;
  fi
  echo "== $target, $minutes min"
  build/fuzz/bin/fuzz_"$target" -max_total_time=$((minutes * 60)) -max_len=65536 -timeout=20 -rss_limit_mb=2048 \
    -malloc_limit_mb=1024 -print_final_stats=1 -artifact_prefix="build/fuzz/found/$target/" "$corpus" \
    2>&1 | grep -Ev '^#[0-9]+\s+(REDUCE|NEW|pulse|RELOAD)' || found=1
done
exit $found
