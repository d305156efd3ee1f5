#!/usr/bin/env python3
"""Digits: writes data/digits.csv, 1797 handwritten digits, from the copy that scikit-learn carries.

    pip install scikit-learn==1.9.1 && python3 data/make.py

A header line is put before the file's own lines, which stay as they are. Source: data/README.md.
"""

import gzip
from importlib.resources import files
from pathlib import Path

SIDE = 8  # pixels to an edge
ROWS = 1797

source = files("sklearn.datasets.data").joinpath("digits.csv.gz")
lines = gzip.decompress(source.read_bytes()).decode("ascii").splitlines()
header = [f"p{row}{column}" for row in range(SIDE) for column in range(SIDE)] + ["label"]

assert len(lines) == ROWS, f"expected {ROWS} digits, found {len(lines)}"
for line in lines:
    *pixels, label = map(int, line.split(","))
    assert len(pixels) == SIDE * SIDE and all(0 <= pixel <= 16 for pixel in pixels), line
    assert 0 <= label <= 9, line

target = Path(__file__).with_name("digits.csv")
target.write_text("\n".join([",".join(header), *lines]) + "\n", encoding="ascii")
print(f"{target.name}: {len(lines)} digits, {target.stat().st_size} bytes")
