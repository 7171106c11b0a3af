#!/usr/bin/env python3
"""Makes tests/golden/shared: the part of the shared vectors that `./run test` needs on a user's machine.

    python3 tests/golden/copy_shared.py ../shared

Keeps the explanation rows of the methods that the engine has, without the randomised models, two of the concept
cases, and the DICOM files that were derived from MIT-licensed ones. Everything else stays where it is; tests say how
many vectors they leave out.
"""
import csv
import json
import pathlib
import shutil
import struct
import sys

METHODS = {"output", "activation", "gradient", "grad_cam", "hires_cam"}
source = pathlib.Path(sys.argv[1])
target = pathlib.Path(__file__).resolve().parent / "shared"
shutil.rmtree(target, ignore_errors=True)


def npy(values):
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }" % (len(values) // 4)
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values


def explanation():
    here, there = source / "golden/explanation", target / "golden/explanation"
    for folder in ("models", "inputs", "vectors"):
        (there / folder).mkdir(parents=True)
    index = json.loads((here / "index.json").read_text())
    parts, rows = {}, []
    for row in index["rows"]:
        if row["method"] not in METHODS or row["model"] == "m10_vit":
            continue
        data = (here / row["file"]).read_bytes()
        start = 10 + struct.unpack_from("<H", data, 8)[0] + 4 * row["offset"]
        count = 1
        for extent in row["shape"]:
            count *= extent
        chunks = parts.setdefault(row["file"], [])
        row["offset"] = sum(len(c) for c in chunks) // 4
        chunks.append(data[start : start + 4 * count])
        rows.append(row)
    names = {row["model"] for row in rows}
    index["models"] = [m for m in index["models"] if m["name"] in names]
    index["rows"] = rows
    head = {k: v for k, v in index.items() if k not in ("models", "rows")}
    lines = [json.dumps(head)[:-1] + ',\n"models": [']
    lines.append(",\n".join(json.dumps(m) for m in index["models"]))
    lines.append('],\n"rows": [')
    lines.append(",\n".join(json.dumps(r) for r in rows))
    lines.append("]}\n")
    (there / "index.json").write_text("\n".join(lines))
    for file, chunks in parts.items():
        (there / file).write_bytes(npy(b"".join(chunks)))
    for model in index["models"]:
        shutil.copy(here / model["input"], there / model["input"])
        for form in model["forms"]:
            name = f"models/{model['name']}.{form}.pt"
            shutil.copy(here / name, there / name)
    shutil.copy(here / "README.md", there / "README.md")


def concepts():
    here, there = source / "golden/concepts", target / "golden/concepts"
    there.mkdir(parents=True)
    for case in ("pool32", "flat256"):
        shutil.copytree(here / case, there / case)
    for name in ("README.md", "index.json"):
        shutil.copy(here / name, there / name)


def dicom():
    here, there = source / "public/dicom", target / "public/dicom"
    (there / "files").mkdir(parents=True)
    kept = {f.name for f in (here / "files").glob("derived_*.dcm")} | {"CT_small.dcm", "MR_small.dcm"}
    for name in kept:
        shutil.copy(here / "files" / name, there / "files" / name)
    for table in ("index.csv", "display.csv", "sources.csv"):
        with open(here / table, newline="") as stream:
            rows = list(csv.reader(stream))
        with open(there / table, "w", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(rows[0])
            writer.writerows(r for r in rows[1:] if r[0] in kept)
    shutil.copy(here / "README.md", there / "README.md")


explanation()
concepts()
dicom()
# What is copied from a read-only place is ours to change.
for path in target.rglob("*"):
    path.chmod(0o755 if path.is_dir() else 0o644)
