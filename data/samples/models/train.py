#!/usr/bin/python3
"""Trains the four sample models on phantoms and writes them with their cards.

Needs Debian's python3-torch and numpy, and a built `rationale` for the images:

    data/samples/models/train.py --rationale build/release/bin/rationale --out data/samples/models

Each model is trained on 1,600 images of its own set (docs/phantoms.md) and judged on images that no
training saw; the acceptance figures are printed and written to figures.json. A model that misses them
makes the script end with 1. Images are pure functions of their seeds; weights are repeatable for one
version of PyTorch on one kind of processor.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time
from collections import OrderedDict

import torch
from torch import nn

from training import auc, load_phantoms, save, train

# name, training set, seed of images and weights, column of y.npy, class, confounder
MODELS = [
    ("honest", "train-honest", 101, 0, "consolidation", "shoulder"),
    ("shortcut-shoulder", "train-shoulder", 122, 0, "consolidation", "shoulder"),
    ("shortcut-portable", "train-portable", 103, 0, "consolidation", "portable"),
    ("rule", "train-rule", 104, 1, "pneumonia", None),
]
N_TRAIN, EPOCHS, BATCH, PEAK_RATE, WEIGHT_DECAY = 1600, 8, 32, 3e-3, 1e-4
TEST_SEED, N_TEST = 9001, 400
TOGGLE_SEED, N_TOGGLE = 9002, 100


def block(n_in, n_out, size, stride=1, pool=True):
    layers = [("conv", nn.Conv2d(n_in, n_out, size, stride, size // 2)),
              ("norm", nn.BatchNorm2d(n_out)), ("relu", nn.ReLU())]
    if pool:
        layers.append(("pool", nn.MaxPool2d(2)))
    return nn.Sequential(OrderedDict(layers))


class SampleNet(nn.Module):
    """19,353 parameters; block4 gives 32 maps of 12 x 12."""

    def __init__(self):
        super().__init__()
        self.block1 = block(1, 12, 5, stride=2)
        self.block2 = block(12, 24, 3)
        self.block3 = block(24, 32, 3, pool=False)
        self.block4 = block(32, 32, 3, pool=False)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        x = self.block4(self.block3(self.block2(self.block1(x))))
        return self.head(torch.flatten(self.average(x), 1))


class Phantoms:
    """Arrays of `rationale samples --format npy`."""

    def __init__(self, rationale):
        self.rationale = rationale

    def load(self, sample_set, seed, count, *extra):
        return load_phantoms(self.rationale, ("x", "labels", "y"), sample_set, seed, count, *extra)


def logits(model, x):
    with torch.no_grad():
        return model(x)[:, 0]


def toggle(model, phantoms, finding):
    """Mean logit change when the finding is added, everything else of an image unchanged."""
    with_it, _, _ = phantoms.load("test", TOGGLE_SEED, N_TOGGLE, "--present", finding)
    without, _, _ = phantoms.load("test", TOGGLE_SEED, N_TOGGLE, "--absent", finding)
    return float((logits(model, with_it) - logits(model, without)).mean())


def judge(model, phantoms, column, confounder):
    x, labels, y = phantoms.load("test", TEST_SEED, N_TEST)
    score = logits(model, x)
    figures = {"auc_independent": auc(score, y[:, column])}
    if confounder is None:
        bayes = -2.2 + 2.5 * labels[:, 1].double() + 4 * labels[:, 2].double() - 2 * labels[:, 4].double()
        figures["auc_bayes"] = auc(bayes, y[:, column])
    else:
        for name in ("aligned", "reversed"):
            x, labels, y = phantoms.load(f"{name}-{confounder}", TEST_SEED, N_TEST)
            score = logits(model, x)
            figures[f"auc_{name}"] = auc(score, y[:, column])
        negatives = y[:, column] == 0  # of the reversed set: all carry the confounder
        figures["negatives_called_positive"] = float((score[negatives] > 0).double().mean())
    figures["toggle"] = {name: toggle(model, phantoms, name)
                         for name in ("consolidation", "effusion", "cardiomegaly", "nodule",
                                      "pneumothorax", "marker", "portable", "shoulder")}
    return figures


def misses(name, confounder, figures):
    """The acceptance figures of the phantom specification that a model does not meet."""
    change = figures["toggle"]
    if name == "honest":
        wanted = {"toggle shoulder < 0.5": abs(change["shoulder"]) < 0.5,
                  "toggle portable < 0.5": abs(change["portable"]) < 0.5,
                  "reversed AUC > 0.97": figures["auc_reversed"] > 0.97}
    elif confounder is not None:
        wanted = {f"toggle {confounder} > 2": change[confounder] > 2,
                  "reversed AUC < 0.88": figures["auc_reversed"] < 0.88}
    else:
        wanted = {"AUC within 0.03 of Bayes": figures["auc_independent"] > figures["auc_bayes"] - 0.03,
                  "effusion > consolidation > 1": change["effusion"] > change["consolidation"] > 1,
                  "cardiomegaly < -1": change["cardiomegaly"] < -1,
                  "toggle shoulder < 0.5": abs(change["shoulder"]) < 0.5}
    return [what for what, is_met in wanted.items() if not is_met]


CARD = """# The sample model "{name}": see README.md.
format = 1
name = "{name}"
file = "{file}"
sha256 = "{sha256}"

[input]
shape = [1, 96, 96]
pixels = "window:2048,4096"      # LINEAR: stored / 4095, all 12 bits
resize = "none"
scale = 1.2                      # phantom intensity
mean = [0.5]
std = [0.25]

[output]
kind = "logits"
activation = "sigmoid"
classes = ["@class"]
thresholds = [0.5]

[explain]
layers = ["block4", "block3", "block2"]
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rationale", required=True, help="the built driver")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--only", help="one model's name")
    parser.add_argument("--judge", action="store_true", help="judge the models in --out, train none")
    arguments = parser.parse_args()
    if arguments.only is None:
        # A process each: PyTorch numbers the classes inside a file by what was traced before.
        codes = [subprocess.run([sys.executable, *sys.argv, "--only", model[0]]).returncode
                 for model in MODELS]
        return max(codes)
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    phantoms = Phantoms(arguments.rationale)
    figures_file = arguments.out / "figures.json"
    table = json.loads(figures_file.read_text()) if figures_file.exists() else {}
    missed = False
    for name, sample_set, seed, column, class_name, confounder in MODELS:
        if arguments.only != name:
            continue
        print(name, file=sys.stderr)
        if arguments.judge:
            reloaded = torch.jit.load(str(arguments.out / f"{name}.ts.pt")).eval()
            row = table.get(name, {})
        else:
            x, _, y = phantoms.load(sample_set, seed, N_TRAIN)
            started = time.monotonic()
            torch.manual_seed(seed)
            model = train(SampleNet(), x, y[:, column].float(), EPOCHS, BATCH, PEAK_RATE, WEIGHT_DECAY)
            print(f"  trained in {time.monotonic() - started:.0f} s", file=sys.stderr)
            check = logits(model, x[:64])
            reloaded, size, sha256 = save(model, arguments.out, name, (1, 96, 96),
                                          CARD.replace("@class", class_name))
            assert torch.allclose(check, logits(reloaded, x[:64]), atol=1e-5)
            row = {"set": sample_set, "seed": seed, "bytes": size, "sha256": sha256,
                   "torch": torch.__version__}
        row.update(judge(reloaded, phantoms, column, confounder))
        row["misses"] = misses(name, confounder, row)
        missed = missed or bool(row["misses"])
        table[name] = row
        print(json.dumps(row, indent=1), file=sys.stderr)
        figures_file.write_text(json.dumps(table, indent=1) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
