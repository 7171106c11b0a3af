"""What the trainers of the sample models share: phantoms as tensors, the training loop, the file and its card."""
import hashlib
import io
import re
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import torch
from torch import nn


def load_phantoms(rationale, names, sample_set, seed, count, *extra):
    """The arrays `names` of `rationale samples --format npy`."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([rationale, "samples", "--seed", str(seed), "--count", str(count),
                        "--set", sample_set, "--format", "npy", "--out", folder, "--json",
                        "--quiet", *extra], check=True, stdout=subprocess.DEVNULL)
        return tuple(torch.from_numpy(np.load(f"{folder}/{name}.npy")) for name in names)


def train(model, x, y, epochs, batch, peak_rate, weight_decay):
    """Adam on a one-cycle schedule, images in a new order each epoch. Seed PyTorch before the model is made."""
    optimiser = torch.optim.Adam(model.parameters(), lr=peak_rate, weight_decay=weight_decay)
    steps = (len(x) + batch - 1) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, peak_rate, epochs=epochs,
                                                   steps_per_epoch=steps)
    loss_of = nn.BCEWithLogitsLoss()
    for epoch in range(epochs):
        total = 0.0
        for part in torch.randperm(len(x)).split(batch):
            optimiser.zero_grad()
            loss = loss_of(model(x[part])[:, 0], y[part])
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(part)
        print(f"  epoch {epoch + 1} of {epochs}: loss {total / len(x):.4f}", file=sys.stderr)
    return model.eval()


def auc(score, truth):
    """Mann-Whitney: the share of pairs in the right order, ties one half."""
    positive, negative = score[truth == 1], score[truth == 0]
    above = (positive[:, None] > negative[None, :]).double().mean()
    ties = (positive[:, None] == negative[None, :]).double().mean()
    return float(above + ties / 2)


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


def save(model, folder, name, input_shape, card):
    """Writes the traced model and its card; `card` has {name}, {file}, {sha256} to fill in.

    Returns the model as it is read back, its bytes and its digest."""
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    with torch.no_grad():
        traced = torch.jit.trace(model, torch.zeros(1, *input_shape))
    buffer = io.BytesIO()
    torch.jit.save(traced, buffer)
    data = plain_archive(buffer.getvalue())
    assert len(data) < 200_000, len(data)
    file = f"{name}.ts.pt"
    (folder / file).write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    (folder / f"{name}.toml").write_text(card.format(name=name, file=file, sha256=sha256))
    return torch.jit.load(str(folder / file)).eval(), len(data), sha256
