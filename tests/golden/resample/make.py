"""Resampling vectors from independent programs: torch's resize functions and Pillow's of 8-bit pictures.

Run here with Debian's python3-torch and python3-pil: /usr/bin/python3 make.py. The numbers in this folder are from
torch 1.13.1 and Pillow 9.4.0.
"""
import hashlib

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
        "bicubic_aa": F.interpolate(t, size, mode="bicubic", align_corners=False, antialias=True),
        "area": F.adaptive_avg_pool2d(t, size),
        "nearest": F.interpolate(t, size, mode="nearest-exact"),
        "nearest_floor": F.interpolate(t, size, mode="nearest"),
        "upsample": F.interpolate(t, size, mode="bilinear", align_corners=False),
    }.items():
        np.save(f"{name}_{kind}.npy", y[0, 0].numpy())
    u8 = rng.integers(0, 256, (n_rows, n_cols), np.uint8)
    np.save(f"{name}_u8.npy", u8)
    for suffix, kernel in (("pil", Image.BILINEAR), ("pil_bicubic", Image.BICUBIC), ("pil_lanczos", Image.LANCZOS)):
        np.save(f"{name}_{suffix}.npy", np.asarray(Image.fromarray(u8).resize((cols, rows), kernel)))


def digest(values):
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:16]


# One pair of sizes a line. nearest: the input positions that the output takes, int32. 8 bits: a column of
# (7 i + 13 (i mod 5)) mod 256 resized downwards, and across.
with open("lines.csv", "w") as out:
    out.write("in,out,pil_nearest,nearest,nearest_floor,pil_bilinear_u8,pil_bicubic_u8,pil_lanczos_u8\n")
    for n_out in [1, 2, 3, 5, 6, 7, 10, 12, 14, 15, 17, 24, 31, 48, 57, 64, 96, 100, 224, 256, 299, 320, 384, 448, 512]:
        for n_in in [1, 2, 3, 4, 7, 14, 28, 62, 64, 97, 128, 224, 1000, 1024, 1333, 2000, 2048, 2500, 3000, 4096]:
            x = np.arange(n_in, dtype=np.float32)[None]
            t = torch.from_numpy(x)[None]
            columns = [np.asarray(Image.fromarray(x).resize((n_out, 1), Image.NEAREST))[0].astype(np.int32)]
            for mode in ("nearest-exact", "nearest"):
                columns.append(F.interpolate(t, (n_out,), mode=mode)[0, 0].numpy().astype(np.int32))
            i = np.arange(n_in)
            column = Image.fromarray(((7 * i + 13 * (i % 5)) % 256).astype(np.uint8)[:, None])
            for kernel in (Image.BILINEAR, Image.BICUBIC, Image.LANCZOS):
                columns.append(np.asarray(column.resize((1, n_out), kernel)))
            out.write(f"{n_in},{n_out}," + ",".join(digest(c) for c in columns) + "\n")
