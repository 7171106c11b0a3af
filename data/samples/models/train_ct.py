#!/usr/bin/python3
"""Trains the sample model "nodule-ct" on CT phantoms and writes it with its card.

Needs what train.py needs:

    data/samples/models/train_ct.py --rationale build/release/bin/rationale --out data/samples/models

A small 3-D network learns to tell a ball (nodule) from the columns (vessels) that look like it in a single slice.
It is judged on phantoms that no training saw, and on pairs with and without the nodule; figures go into figures.json.
"""
import argparse
import hashlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import time
from collections import OrderedDict

import numpy as np
import torch
from torch import nn

from train import auc, plain_archive

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


def load(rationale, seed, count, *extra):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([rationale, "samples", "--set", "ct", "--seed", str(seed), "--count", str(count), "--format",
                        "npy", "--out", folder, "--json", "--quiet", *extra], check=True, stdout=subprocess.DEVNULL)
        return tuple(torch.from_numpy(np.load(f"{folder}/{name}.npy")) for name in ("x", "y"))


def train(x, y):
    torch.manual_seed(SEED)
    model = VolumeNet()
    optimiser = torch.optim.Adam(model.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, epochs=EPOCHS,
                                                   steps_per_epoch=(len(x) + BATCH - 1) // BATCH)
    loss_of = nn.BCEWithLogitsLoss()
    for epoch in range(EPOCHS):
        total = 0.0
        for part in torch.randperm(len(x)).split(BATCH):
            optimiser.zero_grad()
            loss = loss_of(model(x[part])[:, 0], y[part])
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(part)
        print(f"  epoch {epoch + 1} of {EPOCHS}: loss {total / len(x):.4f}", file=sys.stderr)
    return model.eval()


def logits(model, x):
    with torch.no_grad():
        return torch.cat([model(part)[:, 0] for part in x.split(20)])


def save(model, folder):
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    with torch.no_grad():
        traced = torch.jit.trace(model, torch.zeros(1, 1, 24, 64, 64))
    buffer = io.BytesIO()
    torch.jit.save(traced, buffer)
    data = plain_archive(buffer.getvalue())
    assert len(data) < 200_000, len(data)
    file = f"{NAME}.ts.pt"
    (folder / file).write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    (folder / f"{NAME}.toml").write_text(CARD.format(name=NAME, file=file, sha256=sha256))
    return torch.jit.load(str(folder / file)).eval(), len(data), sha256


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
        x, y = load(arguments.rationale, TRAIN_SEED, N_TRAIN)
        started = time.monotonic()
        trained = train(x, y[:, 0].float())
        print(f"  trained in {time.monotonic() - started:.0f} s", file=sys.stderr)
        check = logits(trained, x[:20])
        model, size, sha256 = save(trained, arguments.out)
        assert torch.allclose(check, logits(model, x[:20]), atol=1e-4)
        row = {"set": "ct", "seed": SEED, "bytes": size, "sha256": sha256, "torch": torch.__version__}
    x, y = load(arguments.rationale, TEST_SEED, N_TEST)
    row["auc"] = auc(logits(model, x), y[:, 0])
    pairs = [logits(model, load(arguments.rationale, TOGGLE_SEED, N_TOGGLE, option, "nodule")[0])
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
