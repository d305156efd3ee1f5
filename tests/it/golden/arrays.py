#!/usr/bin/env python3
"""Writes arrays.npz: the same numbers as NumPy itself stores them, in every type and order.

python3 arrays.py writes next to this file; any NumPy from 1.20 will do.
"""

import pathlib

import numpy as np

# Six samples of two by three numbers, no two alike, that every type holds.
SAMPLES = np.arange(36).reshape(6, 2, 3) * 7 % 37
TARGETS = np.array([0, 1, 2, 0, 1, 2])

arrays = {"y": TARGETS.astype("<i8"), "words": np.array(["a", "b"]), "bits": SAMPLES % 2 == 0}
for kind in ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    for order in ["<", ">"]:
        for layout in ["C", "F"]:
            name = f"{kind}_{'little' if order == '<' else 'big'}_{layout}"
            arrays[name] = np.array(SAMPLES, dtype=order + kind, order=layout)
arrays["f2"] = SAMPLES.astype("f2")
arrays["complex"] = SAMPLES.astype("c8")
arrays["record"] = np.zeros(6, dtype=[("a", "f4"), ("b", "i4")])
arrays["object"] = np.array([None] * 6, dtype=object)
np.savez_compressed(pathlib.Path(__file__).with_name("arrays.npz"), **arrays)
