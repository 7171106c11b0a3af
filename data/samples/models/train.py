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
import hashlib
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import OrderedDict

import numpy as np
import torch
from torch import nn

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
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([self.rationale, "samples", "--seed", str(seed), "--count", str(count),
                            "--set", sample_set, "--format", "npy", "--out", folder, "--json",
                            "--quiet", *extra], check=True, stdout=subprocess.DEVNULL)
            return tuple(torch.from_numpy(np.load(f"{folder}/{name}.npy"))
                         for name in ("x", "labels", "y"))


def train(x, y, seed):
    torch.manual_seed(seed)
    model = SampleNet()
    optimiser = torch.optim.Adam(model.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    steps = (len(x) + BATCH - 1) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, epochs=EPOCHS,
                                                   steps_per_epoch=steps)
    loss_of = nn.BCEWithLogitsLoss()
    for epoch in range(EPOCHS):
        order = torch.randperm(len(x))
        total = 0.0
        for part in order.split(BATCH):
            optimiser.zero_grad()
            loss = loss_of(model(x[part])[:, 0], y[part])
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(part)
        print(f"  epoch {epoch + 1} of {EPOCHS}: loss {total / len(x):.4f}", file=sys.stderr)
    return model.eval()


def auc(score, truth):
    """Mann-Whitney: the share of pairs in the right order, ties one half."""
    positive, negative = score[truth == 1], score[truth == 0]
    above = (positive[:, None] > negative[None, :]).double().mean()
    ties = (positive[:, None] == negative[None, :]).double().mean()
    return float(above + ties / 2)


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


def plain_archive(data):
    """A TorchScript archive without debug records (they hold source paths) and with fixed times.

    Records stay aligned to 64 bytes, as PyTorch's own writer leaves them."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        with zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as target:
            for name in sorted(source.namelist()):
                if name.endswith(".debug_pkl"):
                    continue
                root, _, rest = name.partition("/")
                info = zipfile.ZipInfo(f"model/{rest}", (1980, 1, 1, 0, 0, 0))
                gap = -(result.tell() + 30 + len(info.filename) + 4) % 64
                info.extra = b"FB" + gap.to_bytes(2, "little") + b"Z" * gap
                content = source.read(name)
                if rest.startswith("code/") and rest.endswith(".py"):
                    content = re.sub(rb"\s+# .*", b"", content)
                target.writestr(info, content)
    return result.getvalue()


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
classes = ["{class_name}"]
thresholds = [0.5]

[explain]
layers = ["block4", "block3", "block2"]
"""


def save(model, folder, name, class_name):
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    with torch.no_grad():
        traced = torch.jit.trace(model, torch.zeros(1, 1, 96, 96))
    buffer = io.BytesIO()
    torch.jit.save(traced, buffer)
    data = plain_archive(buffer.getvalue())
    assert len(data) < 200_000, len(data)
    file = f"{name}.ts.pt"
    (folder / file).write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    (folder / f"{name}.toml").write_text(
        CARD.format(name=name, file=file, sha256=sha256, class_name=class_name))
    return torch.jit.load(str(folder / file)).eval(), len(data), sha256


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
            model = train(x, y[:, column].float(), seed)
            print(f"  trained in {time.monotonic() - started:.0f} s", file=sys.stderr)
            check = logits(model, x[:64])
            reloaded, size, sha256 = save(model, arguments.out, name, class_name)
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
