#!/usr/bin/env python3
"""Makes tests/fuzz/corpus: small valid inputs from which the fuzzers start.

    python3 tests/fuzz/seeds.py ../shared

Needs numpy and Pillow. DICOM streams come from pydicom's MIT-licensed test files in the public set; the lossless JPEG
one (corpus/dicom_pixels/jpeg_lossless) was written by data/dicom/write_dx.cpp and is kept as it is.
"""
import io
import pathlib
import struct
import sys
import zlib

import numpy as np
from PIL import Image

shared = pathlib.Path(sys.argv[1])
files = shared / "public/dicom/files"
corpus = pathlib.Path(__file__).resolve().parent / "corpus"


def put(target, name, data):
    (corpus / target).mkdir(parents=True, exist_ok=True)
    (corpus / target / name).write_bytes(data)


def fragments(data):
    """The items of encapsulated pixel data, without the offset table."""
    at = max(data.rfind(b"\xe0\x7f\x10\x00" + vr + b"\0\0\xff\xff\xff\xff") for vr in (b"OB", b"OW")) + 12
    items = []
    while data[at : at + 4] == b"\xfe\xff\x00\xe0":
        size = struct.unpack_from("<I", data, at + 4)[0]
        items.append(data[at + 8 : at + 8 + size])
        at += 8 + size
    return items[1:]


def pixels(name, syntax, rows, cols, allocated, stored, flags, stream, frames=1):
    """As tests/fuzz/dicom_pixels.cpp reads them."""
    head = struct.pack("<BHHBBBBB", syntax, rows, cols, allocated, stored, stored - 1, flags, frames)
    put("dicom_pixels", name, head + stream)


ramp = np.arange(24 * 20, dtype=np.uint16).reshape(24, 20)
for syntax, kind in enumerate(("<u2", "<u2", ">u2")):
    pixels(f"native_{syntax}", syntax, 24, 20, 16, 12, 0, ramp.astype(kind).tobytes())
pixels("native_8", 1, 24, 20, 8, 8, 2, (ramp % 256).astype("u1").tobytes())
pixels("native_1", 1, 24, 20, 1, 1, 0, bytes(60))
pixels("native_32", 1, 24, 20, 32, 32, 1, ramp.astype("<i4").tobytes())
pixels("frames", 1, 8, 10, 16, 16, 1, ramp.astype("<i2").tobytes(), frames=3)
pixels("rle", 4, 64, 64, 16, 16, 1, fragments((files / "MR_small_RLE.dcm").read_bytes())[0])
pixels("jpeg_extended", 6, 1024, 256, 16, 12, 0, b"".join(fragments((files / "JPGExtended.dcm").read_bytes())))
pixels("jpeg_ls", 9, 64, 64, 16, 16, 1, fragments((files / "MR_small_jpeg_ls_lossless.dcm").read_bytes())[0])
pixels("jpeg_ls_7", 9, 128, 128, 8, 7, 0, fragments((files / "JLSL_08_07_0_1F.dcm").read_bytes())[0])
for bits, rows in (("08", 45), ("16", 50)):
    stream = fragments((files / f"JPEGLSNearLossless_{bits}.dcm").read_bytes())[0]
    pixels(f"jpeg_ls_near_{bits}", 10, rows, 10, int(bits), int(bits), 0, stream)
pixels("jpeg_2000", 11, 64, 64, 16, 16, 1, b"".join(fragments((files / "MR_small_jp2klossless.dcm").read_bytes())))
pixels("jpeg_2000_large", 12, 512, 512, 16, 14, 5, b"".join(fragments((files / "693_J2KI.dcm").read_bytes())))
small = Image.fromarray((ramp % 256).astype("u1"))
for name, syntax, kind, options in (
    ("jpeg_baseline", 5, "JPEG", {"quality": 80}),
    ("jpeg_progressive", 5, "JPEG", {"progressive": True}),
    ("jpeg_2000_boxed", 12, "JPEG2000", {"irreversible": True, "quality_layers": [20]}),
    ("jpeg_2000_tiled", 11, "JPEG2000", {"tile_size": (8, 8), "no_jp2": True}),
):
    out = io.BytesIO()
    small.save(out, kind, **options)
    pixels(name, syntax, 24, 20, 8, 8, 0, out.getvalue())

for name in ("dirtest_CR1_6154", "rtdose_1frame", "693_J2KI", "JPEGLSNearLossless_08", "dirtest_CT5N_2062"):
    put("dicom_header", name, (files / f"{name}.dcm").read_bytes())
# The rich headers, with so few pixels that a mutation rarely lands in them.
for name in ("derived_voi_lut_packed8", "derived_mono1_inverse", "derived_rescale_fraction"):
    data = (files / f"{name}.dcm").read_bytes()
    for tag in (b"\x28\0\x10\0US\2\0", b"\x28\0\x11\0US\2\0"):
        at = data.find(tag) + 8
        data = data[:at] + struct.pack("<H", 4) + data[at + 2 :]
    at = data.rfind(b"\xe0\x7f\x10\x00OW\0\0")
    put("dicom_header", name, data[: at + 8] + struct.pack("<I", 32) + data[at + 12 : at + 44])
# Functional groups: the enhanced file's header with one frame of two pixels.
data = (files / "emri_small.dcm").read_bytes()
for tag, value in ((b"\x28\0\x10\0US\2\0", 1), (b"\x28\0\x11\0US\2\0", 2)):
    at = data.find(tag) + 8
    data = data[:at] + struct.pack("<H", value) + data[at + 2 :]
at = data.rfind(b"\xe0\x7f\x10\x00OW\0\0")
put("dicom_header", "enhanced", data[: at + 8] + struct.pack("<I", 40) + data[at + 12 : at + 52])
deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
meta = bytes(128) + b"DICM\2\0\x10\0UI\x16\0001.2.840.10008.1.2.1.99"
plain = (files / "MR_small.dcm").read_bytes()
plain = plain[plain.find(b"\x08\0\x05\0") :]
put("dicom_header", "deflated", meta + deflate.compress(plain) + deflate.flush())

for name, image in (
    ("grey1", small.convert("1")), ("grey8", small), ("palette", small.convert("P")), ("rgb", small.convert("RGB")),
    ("rgba", small.convert("RGBA")), ("la", small.convert("LA")), ("grey16", Image.fromarray(ramp.astype(np.int32))),
):
    out = io.BytesIO()
    (image.convert("I;16") if name == "grey16" else image).save(out, "PNG")
    put("png", name, out.getvalue())

for name, array in (
    ("f4", np.arange(6, dtype="<f4").reshape(2, 3)), ("f8", np.arange(4.0)), ("u1", np.arange(8, dtype="u1")),
    ("b1", np.array([[True, False]])), ("i2", np.arange(4, dtype="<i2")), ("scalar", np.float32(3)),
    ("fortran", np.asfortranarray(np.ones((2, 3)))), ("empty", np.zeros((0, 4))), ("big_endian", np.ones(2, ">f4")),
    ("u4", np.arange(3, dtype="<u4")), ("i8", np.arange(3, dtype="<i8")),
):
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(array), version=(2, 0) if name == "i8" else None)
    put("npy", name, out.getvalue())

models = pathlib.Path(__file__).resolve().parents[2] / "data/samples/models"
for card in sorted(models.glob("*.toml")):
    text = card.read_text().replace(f'"{card.stem}.ts.pt"', '"m.pt"')
    put("model_card", card.stem, "\n".join(l for l in text.splitlines() if not l.startswith("sha256")).encode() + b"\n")
put("model_card", "all_keys", b"""format = 1
name = "x"
file = "m.pt"
[input]
shape = [3, 8, 8]
pixels = "window:40,400,LINEAR_EXACT"
fit = "crop_center"
resize = "area"
normalise = "percentile:1,99"
range = [-1, 1.5]
mean = [0.4, 0.5, 0.6]
std = [1, 2, 3]
[output]
select = "logits"
kind = "logits"
activation = "sigmoid"
classes = ["a", "b"]
thresholds = [0.5, 0.1]
[explain]
layers = ["features", "@37"]
method = "grad_cam"
""")

put("tables", "cases", b'case,file,patient,view,label\nc1,a.png,p1,AP,1\n"c,2","b ""q"".dcm",p1,PA,-1\n')
put("tables", "concepts", b"concept,case,label,annotator,x,y,w,h\nline,c1,present,R1,1,2,3.5,4\nline,c2,absent,R1,,,,\n")
put("tables", "cards", b"concept,definition,not,code,author,confounder\nline,A tube,a wire,RID1,N,1\n")
rows = ["reader,case,arm,truth,rating,patient,positive,confidence,time_s,period,ai_positive"]
for reader in ("R1", "R2"):
    for arm in ("hidden", "visible"):
        rows += [f"{reader},C{c},{arm},{c % 2},{(c * 7) % 5},P{c // 2},{c % 2},3,1.5,1,0" for c in range(4)]
put("tables", "readings", "\r\n".join(rows).encode() + b"\r\n")
