"""Small TorchScript models that are hard to cut, or must be refused, and what eager PyTorch says about the others.

    /usr/bin/python3 tests/models/make_cases.py tests/golden/models

Writes NAME.FORM.pt, cases.json (what is expected of each) and cases.npy (input, activations, logits, gradients).
The table is research/engine.md, section 4 (hand-made cases), and more. Made with torch 1.13 (Debian 12).
"""
import io
import json
import pathlib
import sys
import warnings
import zipfile
from typing import Dict, Optional, Tuple

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

warnings.filterwarnings("ignore")


class Base(nn.Module):
    """stem [N,4,6,6] → mid [N,4,6,6] → head [N,3]"""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, 2, 1)
        self.mid = nn.Conv2d(4, 4, 3, 1, 1)
        self.fc = nn.Linear(4, 3)

    def head(self, a):
        return self.fc(a.mean([2, 3]))


class InPlace(Base):
    def forward(self, x):
        a = self.stem(x)
        alias = a.view(a.shape)
        a.add_(0.25)
        alias.relu_()
        return self.head(self.mid(a) * alias)


class ViewBeforeInPlace(Base):
    def forward(self, x):
        a = self.stem(x)
        row = a[:, :, 2]
        a.mul_(1.5)
        return self.head(self.mid(a)) + row.mean([1, 2]).unsqueeze(1)


class SliceAssign(Base):
    def forward(self, x):
        a = self.stem(x)
        b = self.mid(a)
        b[:, :, 1:3] = a[:, :, 2:4] * 2.0
        return self.head(b)


class Twice(Base):
    def forward(self, x):
        a = torch.relu(self.mid(self.stem(x)))
        return self.head(self.mid(a))


class RunTimeIf(Base):
    def forward(self, x):
        a = self.stem(x)
        if bool(a.sum() > -1e9):
            a = self.mid(a)
        else:
            a = a * 2.0
        return self.head(a)


class RunTimeLoop(Base):
    def forward(self, x):
        a = self.stem(x)
        for _ in range(int(x.size(2)) // 6):
            a = torch.relu(self.mid(a))
        return self.head(a)


class DictOut(Base):
    def forward(self, x) -> Dict[str, torch.Tensor]:
        out: Dict[str, torch.Tensor] = {}
        a = self.mid(self.stem(x))
        out["other"] = a.flatten(1)
        out["scores"] = self.head(a)
        return out


class TupleOut(Base):
    def forward(self, x) -> Tuple[torch.Tensor, Tuple[torch.Tensor, torch.Tensor]]:
        a = self.mid(self.stem(x))
        return a, (self.head(a), a.mean([1, 2, 3]))


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 1)

    def forward(self, x) -> Tuple[torch.Tensor, torch.Tensor]:
        a = self.conv(x)
        return a, a * 2


class TupleLayer(Base):
    def __init__(self):
        super().__init__()
        self.pair = Pair()

    def forward(self, x):
        a, b = self.pair(self.mid(self.stem(x)))
        return self.head(b)


class BufferWritten(Base):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))

    def forward(self, x):
        a = self.mid(self.stem(x))
        self.level = self.level * 0.5 + 1.0
        return self.head(a) + self.level


class BufferInPlace(Base):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))

    def forward(self, x):
        self.level.add_(1.0)
        return self.head(self.mid(self.stem(x))) + self.level


class NoGrad(Base):
    def forward(self, x):
        a = self.stem(x)
        with torch.no_grad():
            a = self.mid(a)
        return self.head(a)


class Detach(Base):
    def forward(self, x):
        return self.head(self.mid(self.stem(x).detach()))


class HalfDetach(Base):
    def forward(self, x):
        a = self.stem(x)
        return self.head(self.mid(a) + 3.0 * self.mid(a * 0.5).detach())


class BatchOne(Base):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4 * 36, 3)

    def forward(self, x):
        return self.fc(self.mid(self.stem(x)).reshape(1, -1))


class BatchSide(Base):
    """The batch size and tensors cross the cut."""

    def forward(self, x):
        n = x.size(0)
        skip = self.stem(x)
        a = self.mid(skip)
        return self.head((a * torch.sigmoid(skip)).reshape(n, 4, 6, 6))


class TrainingMode(Base):
    def forward(self, x):
        return self.head(F.dropout(self.mid(self.stem(x)), 0.5, True))


class TwoInputs(Base):
    def forward(self, x, y):
        return self.head(self.mid(self.stem(x) + y))


class DefaultInput(Base):
    def forward(self, x, scale: float = 2.0, extra: Optional[torch.Tensor] = None):
        a = self.mid(self.stem(x)) * scale
        if extra is not None:
            a = a + extra
        return self.head(a)


class Segmentation(Base):
    def forward(self, x):
        return self.mid(self.stem(x))


class Unused(Base):
    def __init__(self):
        super().__init__()
        self.spare = nn.Conv2d(4, 4, 1)

    def forward(self, x):
        return self.head(self.mid(self.stem(x)))


class Probabilities(Base):
    def forward(self, x):
        return torch.sigmoid(self.head(torch.relu(self.mid(self.stem(x)))))


class Saves(Base):
    def forward(self, x):
        a = self.mid(self.stem(x))
        torch.save(a, "rationale-test-was-here")
        return self.head(a)


class SavesInIf(Base):
    def forward(self, x):
        a = self.mid(self.stem(x))
        if bool(a.sum() > 1e30):
            torch.save(a, "rationale-test-was-here")
        return self.head(a)


class ReadsFile(Base):
    def forward(self, x):
        a = self.mid(self.stem(x))
        return self.head(a) + torch.from_file("/etc/hostname", False, 1, dtype=torch.uint8)


class Writer(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = 1.0

    @torch.jit.export
    def helper(self, x: torch.Tensor):
        torch.save(x, "rationale-test-was-here")
        return x

    def forward(self, x):
        return x * self.scale


class SavesInMethod(Base):
    def __init__(self):
        super().__init__()
        self.writer = Writer()

    def forward(self, x):
        return self.head(self.writer(self.mid(self.stem(x))))


class SetState(Base):
    def __init__(self):
        super().__init__()
        self.note = torch.ones(1)

    def forward(self, x):
        return self.head(self.mid(self.stem(x))) * self.note

    @torch.jit.export
    def __getstate__(self):
        return (self.note, self.training)

    @torch.jit.export
    def __setstate__(self, state: Tuple[torch.Tensor, bool]):
        torch.save(state[0], "rationale-test-was-here")
        self.note = state[0]
        self.training = state[1]


class TwoHeads(Base):
    """Class 2 is computed from the stem, past mid."""

    def __init__(self):
        super().__init__()
        self.side = nn.Linear(4, 1)

    def forward(self, x):
        a = self.stem(x)
        return torch.cat([self.head(self.mid(a))[:, :2], self.side(a.mean([2, 3]))], 1)


class OneChannel(Base):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, 2, 1)

    def forward(self, x):
        return self.head(self.mid(self.stem(x)))


class NanWeights(Base):
    def __init__(self):
        super().__init__()
        with torch.no_grad():
            self.mid.weight[0, 0, 0, 0] = float("nan")

    def forward(self, x):
        return self.head(self.mid(self.stem(x)))


class LogOfInput(Base):
    """NaN for inputs below -9, and only for those."""

    def forward(self, x):
        return self.head(self.mid(self.stem(x))) + torch.log(x.amin([1, 2, 3]) + 9.0).unsqueeze(1) * 0.0


class ExpOfInput(Base):
    """Inf for inputs below -9.9, and only for those."""

    def forward(self, x):
        return self.head(self.mid(self.stem(x))) + torch.exp(-100.0 * (x.amin([1, 2, 3]) + 9.0)).unsqueeze(1)


class InfInside(Base):
    """For inputs below -9.9 the layer `boost` is Inf and the logits are finite all the same."""

    def __init__(self):
        super().__init__()
        self.boost = nn.ReLU()

    def forward(self, x):
        far = torch.exp(-100.0 * (x.amin([1, 2, 3], keepdim=True) + 9.0))
        return self.head(1.0 / (1.0 + self.boost(self.mid(self.stem(x)) + far)))


class Quantised(Base):
    def __init__(self):
        super().__init__()
        self.quant = torch.quantization.QuantStub()
        self.dequant = torch.quantization.DeQuantStub()

    def forward(self, x):
        return self.head(self.dequant(self.mid(self.stem(self.quant(x)))))


# name, class, forms, layer, call, output, what is expected: "ok", or kind and code of the refusal
S, T, B = ["scripted"], ["traced"], ["traced", "scripted"]
CASES = [
    ("in_place", InPlace, B, "stem", None, "", "ok"),
    ("view_before_in_place", ViewBeforeInPlace, B, "stem", None, "", "ok"),
    ("slice_assign", SliceAssign, B, "mid", None, "", "ok"),
    ("slice_assign", SliceAssign, B, "stem", None, "", "ok"),
    ("twice", Twice, B, "mid", None, "", "usage call_needed"),
    ("twice", Twice, B, "mid", 0, "", "ok"),
    ("twice", Twice, B, "mid", 1, "", "ok"),
    ("twice", Twice, B, "mid", 2, "", "usage unknown_call"),
    ("run_time_if", RunTimeIf, S, "mid", None, "", "refused cannot_split"),
    ("run_time_if", RunTimeIf, B, "stem", None, "", "ok"),
    ("run_time_if", RunTimeIf, T, "mid", None, "", "ok"),
    ("run_time_loop", RunTimeLoop, S, "mid", None, "", "refused cannot_split"),
    ("run_time_loop", RunTimeLoop, B, "stem", None, "", "ok"),
    ("run_time_loop", RunTimeLoop, T, "mid", None, "", "usage call_needed"),
    ("dict_out", DictOut, S, "mid", None, "scores", "ok"),
    ("dict_out", DictOut, S, "mid", None, "", "usage output_needed"),
    ("dict_out", DictOut, S, "mid", None, "score", "usage unknown_output"),
    ("tuple_out", TupleOut, B, "mid", None, "1.0", "ok"),
    ("tuple_out", TupleOut, B, "mid", None, "0", "refused not_class_scores"),
    ("tuple_layer", TupleLayer, S, "pair", None, "", "refused cannot_split"),
    ("tuple_layer", TupleLayer, B, "mid", None, "", "ok"),
    ("buffer_written", BufferWritten, S, "mid", None, "", "refused writes_attribute"),
    ("buffer_written", BufferWritten, T, "mid", None, "", "ok"),
    ("buffer_in_place", BufferInPlace, B, "mid", None, "", "refused writes_attribute"),
    ("no_grad", NoGrad, S, "stem", None, "", "refused with_block"),
    ("detach", Detach, B, "stem", None, "", "refused no_gradient"),
    ("detach", Detach, B, "mid", None, "", "ok"),
    ("half_detach", HalfDetach, B, "stem", None, "", "refused gradient_stopped"),
    ("batch_one", BatchOne, B, "mid", None, "", "refused batch_baked_in"),
    ("batch_side", BatchSide, B, "mid", None, "", "ok"),
    ("training_mode", TrainingMode, T, "mid", None, "", "refused training_mode"),
    ("two_inputs", TwoInputs, S, "mid", None, "", "refused"),
    ("default_input", DefaultInput, S, "mid", None, "", "ok"),
    ("segmentation", Segmentation, T, "stem", None, "", "refused not_class_scores"),
    ("unused", Unused, S, "spare", None, "", "refused cannot_split"),
    ("unused", Unused, S, "spar", None, "", "usage unknown_layer"),
    ("probabilities", Probabilities, B, "mid", None, "", "ok"),
    ("saves", Saves, S, "mid", None, "", "input operator_not_allowed"),
    ("saves_in_if", SavesInIf, S, "mid", None, "", "input operator_not_allowed"),
    ("saves_in_method", SavesInMethod, S, "mid", None, "", "input operator_not_allowed"),
    ("reads_file", ReadsFile, S, "mid", None, "", "input operator_not_allowed"),
    ("set_state", SetState, S, "mid", None, "", "input operator_not_allowed"),
    ("two_heads", TwoHeads, B, "stem", None, "", "ok"),
    ("one_channel", OneChannel, B, "mid", None, "", "input input_shape"),
    ("nan_weights", NanWeights, B, "mid", None, "", "refused not_finite"),
    ("log_of_input", LogOfInput, B, "mid", None, "", "ok"),
    ("exp_of_input", ExpOfInput, S, "mid", None, "", "ok"),
    ("inf_inside", InfInside, S, "boost", None, "", "ok"),
    ("frozen", Unused, S, "mid", None, "", "refused frozen_file"),
    ("optimised", Unused, S, "mid", None, "", "input operator_not_allowed"),
    ("quantised", Quantised, S, "mid", None, "", "input operator_not_allowed"),
]


def save(module, path):
    """Without debug records (they hold paths) and time stamps."""
    buffer = io.BytesIO()
    torch.jit.save(module, buffer)
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist()):
            if not name.endswith(".debug_pkl"):
                body = name.split("/", 1)[1]
                how = zipfile.ZIP_DEFLATED if body.startswith("code/") else zipfile.ZIP_STORED
                new.writestr(zipfile.ZipInfo("model/" + body, (1980, 1, 1, 0, 0, 0)), old.read(name), how)


def select(output, path):
    for part in path.split(".") if path else []:
        output = output[part] if isinstance(output, dict) else output[int(part)]
    return output


def eager(model, x, layer, call, output):
    count, leaf = [0], [None]

    def hook(_module, _inputs, value):
        index, count[0] = count[0], count[0] + 1
        if index != (call or 0):
            return None
        leaf[0] = value.detach().clone().requires_grad_(True)
        return leaf[0].clone()

    handle = dict(model.named_modules())[layer].register_forward_hook(hook)
    y = select(model(x), output)
    handle.remove()
    return leaf[0].detach(), y.detach(), torch.autograd.grad(y[:, 2].sum(), leaf[0])[0]


def build(cls, name):
    torch.manual_seed(sum(name.encode()))
    model = cls().eval()
    for p in model.parameters():
        p.requires_grad_(False)
    return model


def finish(name, module, model):
    """What is done to a module between scripting and saving."""
    if name == "frozen":
        return torch.jit.freeze(module, optimize_numerics=False)
    if name == "optimised":
        return torch.jit.optimize_for_inference(module)
    if name == "quantised":
        model.qconfig = torch.quantization.default_qconfig
        model.fc.qconfig = None
        prepared = torch.quantization.prepare(model)
        prepared(torch.zeros(1, 3, 12, 12) + torch.linspace(-1, 1, 12))
        return torch.jit.script(torch.quantization.convert(prepared))
    return module


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(3)
    x = torch.randn(2, 3, 12, 12)
    arrays, offset, rows, written = [x.numpy().ravel()], x.numel(), [], set()
    for name, cls, forms, layer, call, output, expect in CASES:
        for form in forms:
            if (name, form) not in written:
                written.add((name, form))
                model = build(cls, name)
                given = x[:1] if name == "batch_one" else x[:, :1] if name == "one_channel" else x
                module = torch.jit.script(model) if form == "scripted" else torch.jit.trace(
                    model, given, check_trace=False)
                save(finish(name, module, model), folder / f"{name}.{form}.pt")
        row = {"name": name, "forms": forms, "layer": layer, "call": call, "output": output, "expect": expect}
        if expect == "ok":
            model = build(cls, name)
            if name == "buffer_written":  # tracing fixed the level that the traced call saw
                model.level = torch.zeros(1)
            a, y, g = eager(model, x, layer, call, output)
            for key, value in (("activation", a), ("logits", y), ("gradient", g)):
                row[key], row[key + "_shape"] = offset, list(value.shape)
                arrays.append(value.numpy().ravel())
                offset += value.numel()
        rows.append(row)
    np.save(folder / "cases.npy", np.concatenate(arrays).astype(np.float32))
    lines = ",\n".join(json.dumps(row) for row in rows)
    (folder / "cases.json").write_text('{"input_shape": [2, 3, 12, 12], "gradient_class": 2, "rows": [\n' + lines + "\n]}\n")
    print(len(rows), "cases,", sum(f.stat().st_size for f in folder.iterdir()) >> 10, "KB")


if __name__ == "__main__":
    main()
