#!/usr/bin/env python3
"""Makes grey.csv: what the colour files of the public DICOM set are in grey, by numpy and Pillow.

    python3 tests/golden/colour/make.py ../shared

Samples are taken from the file's bytes and held against index.csv's hash of the stored values; grey is Pillow's
convert("L"), for YBR the first component. Compressed files are left out and named.
"""
import csv
import hashlib
import pathlib
import struct
import sys

import numpy as np
from PIL import Image

folder = pathlib.Path(sys.argv[1]) / "public/dicom"


def element(data, tag, vr):
    """The value of the last element with that tag, explicit little endian."""
    at = data.rfind(struct.pack("<HH", *tag) + vr)
    if vr in (b"OB", b"OW"):
        size = struct.unpack_from("<I", data, at + 8)[0]
        return data[at + 12 : at + 12 + size]
    return data[at + 8 : at + 8 + struct.unpack_from("<H", data, at + 6)[0]]


def samples(row, data):
    rows, cols, n = int(row["rows"]), int(row["cols"]), int(row["samples"])
    size = rows * cols * n
    if row["photometric"] == "YBR_FULL_422":
        pairs = np.frombuffer(data[-size * 2 // 3 :], np.uint8).reshape(-1, 4)
        return np.stack([pairs[:, [0, 2, 3]], pairs[:, [1, 2, 3]]], 1).reshape(rows, cols, 3)
    if row["transfer_syntax"].startswith("Explicit"):
        raw = np.frombuffer(data[-size:], np.uint8)
        is_planar = b"\x28\0\x06\0US\x02\0\x01\0" in data or b"\0\x28\0\x06US\0\x02\0\x01" in data
        if is_planar:
            return np.moveaxis(raw.reshape(n, rows, cols), 0, 2)
        return raw.reshape(rows, cols, n) if n > 1 else raw.reshape(rows, cols)
    return None


def grey(row, data, values):
    if row["photometric"].startswith("YBR_FULL"):
        return values[..., 0]
    if row["photometric"] != "PALETTE COLOR":
        return np.asarray(Image.fromarray(values).convert("L"))
    channels = []
    for i in (1, 2, 3):
        n, first, bits = struct.unpack("<HHH", element(data, (0x28, 0x1100 + i), b"US"))
        table = np.frombuffer(element(data, (0x28, 0x1200 + i), b"OW"), "<u2")
        assert len(table) == n
        channels.append(table[np.clip(values.astype(int) - first, 0, n - 1)] >> (bits - 8))
    return np.asarray(Image.fromarray(np.stack(channels, 2).astype(np.uint8)).convert("L"))


out = csv.writer(open(pathlib.Path(__file__).parent / "grey.csv", "w"), lineterminator="\n")
out.writerow(["file", "rows", "cols", "sha256"])
for row in csv.DictReader(open(folder / "index.csv")):
    if row["photometric"].startswith("MONOCHROME"):
        continue
    data = (folder / "files" / row["file"]).read_bytes()
    values = samples(row, data)
    stored = "" if values is None else hashlib.sha256(values.astype("<i4").tobytes()).hexdigest()[:32]
    if stored != row["stored_sha256_32"]:
        print("left out:", row["file"], row["photometric"], row["transfer_syntax"])
        continue
    result = grey(row, data, values)
    out.writerow([row["file"], *result.shape, hashlib.sha256(np.ascontiguousarray(result).tobytes()).hexdigest()])
