#!/usr/bin/env bash
# layering SOURCE BUILD: holds the arrows of the house.
#   data <- explain <- concepts, data <- study, ui on top; LibTorch only in the engine's rooms.
# Reads every #include of ours, and what the linked programs really load.
set -euo pipefail
source=$1 build=$2
cd "$source"
bad=0
say() { echo "layering: $*"; bad=1; }

# room: rooms that it may include (itself is always allowed)
declare -A may=([data]="" [explain]="data" [concepts]="data explain" [study]="data" [ui]="data explain concepts study")
for room in "${!may[@]}"; do
  [[ -d $room ]] || { say "the room $room is missing"; continue; }
  while IFS=: read -r file line include; do
    target=$(sed -E 's/^ *# *include *"([^/"]+)\/.*/\1/' <<<"$include")
    [[ -v may[$target] || $target == tests ]] || continue
    [[ $target == "$room" || " ${may[$room]} " == *" $target "* ]] ||
      say "$file:$line: $room may not include $target"
  done < <(grep -rnE '^ *# *include *"[a-z_]+/' --include='*.h' --include='*.cpp' "$room" || true)
done

# LibTorch's headers: only explain/torch.h, the headers private to the TorchScript back end, and the engine
# rooms' own .cpp files for its inner headers.
while IFS=: read -r file line _; do
  case $file in
    explain/torch.h | explain/model/torchscript*.h | explain/*.cpp | concepts/*.cpp | ui/engine/*.cpp | tests/*.cpp) ;;
    *) say "$file:$line: includes LibTorch" ;;
  esac
done < <(grep -rnE '^ *# *include *<(torch|ATen|c10)/' data explain concepts study ui tests || true)
# TorchScript, which gives way to exported programs: only in its back end; split_model.cpp chooses the back end.
while IFS=: read -r file line _; do
  case $file in
    explain/torch.h | explain/model/torchscript*) ;;
    *) say "$file:$line: uses TorchScript outside explain/model/torchscript*" ;;
  esac
done < <(grep -rnE 'torch::jit|torch/csrc/jit|<torch/script\.h>' data explain concepts study ui || true)
while IFS=: read -r file line _; do
  case $file in
    explain/model/torchscript* | explain/model/split_model.cpp) ;;
    *) say "$file:$line: includes the TorchScript back end" ;;
  esac
done < <(grep -rnE '^ *# *include *"explain/model/torchscript' data explain concepts study ui || true)
while IFS=: read -r file line _; do
  case $file in
    explain/* | concepts/* | ui/engine/* | tests/*) ;;
    *) say "$file:$line: includes explain/torch.h" ;;
  esac
done < <(grep -rn '"explain/torch.h"' data explain concepts study ui tests || true)
while IFS=: read -r file line _; do say "$file:$line: ui/$(cut -d/ -f2 <<<"$file") may not include the engine's rooms"; done < <(
  grep -rnE '^ *# *include *"(explain|concepts)/' ui/command ui/widgets ui/reader 2>/dev/null || true)

# The link graph, as the loader sees it.
programs=("$build/bin/rationale")
for name in rationale-studio rationale-reader; do
  [[ -x $build/libexec/rationale/$name ]] && programs+=("$build/libexec/rationale/$name")
done
for program in "${programs[@]}"; do
  [[ -x $program ]] || { say "$program is not built"; continue; }
  if ldd "$program" | grep -qE 'libtorch|libc10'; then say "$program loads LibTorch"; fi
done
if [[ -x $build/libexec/rationale/rationale-engine ]]; then
  ldd "$build/libexec/rationale/rationale-engine" | grep -q libtorch ||
    say "the engine does not load LibTorch: is this test looking at the right program?"
fi
if [[ $bad == 0 ]]; then echo "layering: every arrow points the right way"; fi
exit "$bad"
