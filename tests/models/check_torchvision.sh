#!/usr/bin/env bash
# Makes the twelve torchvision models (4 GB, once) and holds our splits of them against eager PyTorch.
#   tests/models/check_torchvision.sh BUILD-FOLDER [MODELS-FOLDER]      Needs Debian's python3-torchvision.
set -euo pipefail
build=${1:?which build folder}
models=${2:-$build/torchvision}
here=$(cd "$(dirname "$0")" && pwd)
[[ -f $models/inception_v3.json ]] || /usr/bin/python3 "$here/make_torchvision.py" "$models"
RATIONALE_TORCHVISION=$models "$build/bin/test_explain" "[.torchvision]"
