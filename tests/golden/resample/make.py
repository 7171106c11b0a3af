"""Resampling vectors from independent programs: torch's resize functions and Pillow's 8-bit BILINEAR.

Run with Debian's python3-torch and python3-pil: python3 make.py. The numbers in this folder are from
torch 1.13.1 and Pillow 9.4.0.
"""
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

rng = np.random.default_rng(8)
for n_rows, n_cols, rows, cols in [(37, 53, 16, 24), (9, 7, 20, 30), (64, 48, 64, 12)]:
    name = f"{n_rows}x{n_cols}_{rows}x{cols}"
    x = rng.normal(100, 40, (n_rows, n_cols)).astype(np.float32)
    np.save(f"{name}_in.npy", x)
    t = torch.from_numpy(x)[None, None]
    size = (rows, cols)
    for kind, y in {
        "bilinear_aa": F.interpolate(t, size, mode="bilinear", align_corners=False, antialias=True),
        "area": F.adaptive_avg_pool2d(t, size),
        "nearest": F.interpolate(t, size, mode="nearest-exact"),
        "upsample": F.interpolate(t, size, mode="bilinear", align_corners=False),
    }.items():
        np.save(f"{name}_{kind}.npy", y[0, 0].numpy())
    u8 = rng.integers(0, 256, (n_rows, n_cols), np.uint8)
    np.save(f"{name}_u8.npy", u8)
    small = Image.fromarray(u8).resize((cols, rows), Image.BILINEAR)
    np.save(f"{name}_pil.npy", np.asarray(small))
