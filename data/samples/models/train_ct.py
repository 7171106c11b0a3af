#!/usr/bin/python3
"""Trains the sample model "nodule-ct" on CT phantoms and writes it with its card.

Needs what train.py needs:

    data/samples/models/train_ct.py --rationale build/release/bin/rationale --out data/samples/models

A small 3-D network learns to tell a ball (nodule) from the columns (vessels) that look like it in a single slice.
It is judged on phantoms that no training saw, and on pairs with and without the nodule; figures go into figures.json.
"""
import argparse
import json
import pathlib
import sys
import time
from collections import OrderedDict

import torch
from torch import nn

from training import auc, load_phantoms, save, train

NAME, SEED, TRAIN_SEED, TEST_SEED, TOGGLE_SEED = "nodule-ct", 105, 501, 9003, 9004
N_TRAIN, N_TEST, N_TOGGLE, EPOCHS, BATCH, PEAK_RATE, WEIGHT_DECAY = 640, 200, 40, 16, 8, 1e-2, 1e-4

CARD = """# The sample model "{name}": see README.md.
format = 1
name = "{name}"
file = "{file}"
sha256 = "{sha256}"

[input]
shape = [1, 24, 64, 64]          # channel, slices from the feet up, rows, columns
pixels = "window:-400,1200,LINEAR_EXACT"   # -1000 … 200 HU
resize = "none"
mean = [0.3]
std = [0.3]

[output]
kind = "logits"
activation = "sigmoid"
classes = ["nodule"]
thresholds = [0.5]

[explain]
layers = ["block3", "block2"]
"""


def block(n_in, n_out, stride):
    return nn.Sequential(OrderedDict([("conv", nn.Conv3d(n_in, n_out, 3, stride, 1)),
                                      ("norm", nn.BatchNorm3d(n_out)), ("relu", nn.ReLU())]))


class VolumeNet(nn.Module):
    """block3 gives 24 maps of 6 x 8 x 8."""

    def __init__(self):
        super().__init__()
        self.block1 = block(1, 8, (1, 2, 2))
        self.block2 = block(8, 16, (2, 2, 2))
        self.block3 = block(16, 24, (2, 2, 2))
        self.average = nn.AdaptiveAvgPool3d(1)
        self.head = nn.Linear(24, 1)

    def forward(self, x):
        x = self.block3(self.block2(self.block1(x)))
        return self.head(torch.flatten(self.average(x), 1))


def phantoms(rationale, seed, count, *extra):
    return load_phantoms(rationale, ("x", "y"), "ct", seed, count, *extra)


def logits(model, x):
    with torch.no_grad():
        return torch.cat([model(part)[:, 0] for part in x.split(20)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rationale", required=True, help="the built driver")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--judge", action="store_true", help="judge the model in --out, train none")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    figures_file = arguments.out / "figures.json"
    table = json.loads(figures_file.read_text())
    row = table.get(NAME, {})
    if arguments.judge:
        model = torch.jit.load(str(arguments.out / f"{NAME}.ts.pt")).eval()
    else:
        x, y = phantoms(arguments.rationale, TRAIN_SEED, N_TRAIN)
        started = time.monotonic()
        torch.manual_seed(SEED)
        trained = train(VolumeNet(), x, y[:, 0].float(), EPOCHS, BATCH, PEAK_RATE, WEIGHT_DECAY)
        print(f"  trained in {time.monotonic() - started:.0f} s", file=sys.stderr)
        check = logits(trained, x[:20])
        model, size, sha256 = save(trained, arguments.out, NAME, (1, 24, 64, 64), CARD)
        assert torch.allclose(check, logits(model, x[:20]), atol=1e-4)
        row = {"set": "ct", "seed": SEED, "bytes": size, "sha256": sha256, "torch": torch.__version__}
    x, y = phantoms(arguments.rationale, TEST_SEED, N_TEST)
    row["auc"] = auc(logits(model, x), y[:, 0])
    pairs = [logits(model, phantoms(arguments.rationale, TOGGLE_SEED, N_TOGGLE, option, "nodule")[0])
             for option in ("--present", "--absent")]
    row["toggle_nodule"] = float((pairs[0] - pairs[1]).mean())
    row["misses"] = [what for what, is_met in {"AUC > 0.95": row["auc"] > 0.95,
                                               "toggle nodule > 2": row["toggle_nodule"] > 2}.items() if not is_met]
    table[NAME] = row
    print(json.dumps(row, indent=1), file=sys.stderr)
    figures_file.write_text(json.dumps(table, indent=1) + "\n")
    return 1 if row["misses"] else 0


if __name__ == "__main__":
    sys.exit(main())
