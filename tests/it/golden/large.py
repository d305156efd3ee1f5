#!/usr/bin/env python3
"""Golden searches: what other programs of CR-FM-NES and LM-MA-ES do, kept as outside witnesses.

CR-FM-NES is its authors' own package; LM-MA-ES is Algorithm 1 of its paper, written out here line by
line over whole matrices, with the two rates that exceed 1 in few dimensions kept at 1. Nothing of
deme's is used.

    pip install numpy scipy crfmnes==1.0.0 && python3 tests/it/golden/large.py

Shape of large.json, for each strategy:

    path.start, .sigma, .seed, .population     one search on the ellipsoid, on the noise that deme
    path.centres, .sigmas                      draws (Philox, made again here); after generation t
    evaluations.FUNCTION-GENES                 start, sigma and target, and the evaluations that
                                               each of 11 seeds of NumPy's own noise took to it;
                                               null: not within the limit

Source: Nomura and Ono 2022, arXiv:2201.11422, https://pypi.org/project/crfmnes, MIT licence;
Loshchilov, Glasmachers and Beyer 2019, arXiv:1705.06693, Algorithm 1.
"""

import itertools
import json
from math import inf
from pathlib import Path

import numpy as np
from crfmnes import CRFMNES
from scipy.special import ndtri

SEEDS = range(1, 12)
LIMIT = 2_000_000
SELECTION, NOISE = 4, 0


def philox(counter, key):
    """Philox4x32-10 of one counter."""
    a, b, c, d = counter
    for _ in range(10):
        first, second = a * 0xD2511F53, c * 0xCD9E8D57
        a, b, c, d = (
            (second >> 32) ^ b ^ key[0],
            second & 0xFFFFFFFF,
            (first >> 32) ^ d ^ key[1],
            first & 0xFFFFFFFF,
        )
        key = ((key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF)
    return a, b, c, d


def normal_table():
    """The mean of each of 32,768 slices of the half-normal distribution, scaled to variance 1."""
    edges = ndtri(0.5 + np.arange(32769) / 65536)
    density = np.sqrt(2 / np.pi) * np.exp(-0.5 * edges**2)
    means = -np.diff(density) * 32768
    return means / np.sqrt(np.mean(means**2))


TABLE = normal_table().astype(np.float32).astype(np.float64)


def normals(seed, stream, generation, individual, count):
    out = []
    for block in range(-(-count // 8)):
        for word in philox((block, individual, generation, stream), (seed, 0)):
            for half in (word & 0xFFFF, word >> 16):
                out.append(-TABLE[half & 0x7FFF] if half & 0x8000 else TABLE[half])
    return np.array(out[:count])


def sphere(x):
    return float(x @ x)


def ellipsoid(x):
    return float(1e6 ** (np.arange(x.size) / (x.size - 1)) @ (x * x))


def rosenbrock(x):
    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


def cr_fm_nes(f, centre, sigma, population, **more):
    """The authors' program; yields centre and sigma and the best value, generation by generation."""
    column = centre.reshape(-1, 1).copy()
    # It counts violated bounds in a loop over genes; there are none.
    search = CRFMNES(
        centre.size, lambda x: f(x[:, 0]), column, sigma, population,
        use_constraint_violation=False, **more,
    )
    while True:
        _, values, _ = search.one_iteration()
        yield search.m[:, 0].copy(), float(search.sigma), values.min()


def lm_ma_es(f, centre, sigma, population, draw):
    """Algorithm 1."""
    n, lam = centre.size, population
    m, mu = 4 + int(3 * np.log(n)), lam // 2
    weights = np.log(mu + 0.5) - np.log(np.arange(1, mu + 1))
    weights /= weights.sum()
    mu_w = 1 / np.sum(weights**2)
    c_s = min(1, 2 * lam / n)
    c_d = 1 / (1.5 ** np.arange(m) * n)
    c_c = np.minimum(1, lam / (4.0 ** np.arange(m) * n))
    y, path, vectors, t = centre.copy(), np.zeros(n), np.zeros((m, n)), 0
    while True:
        z = draw(t, (lam, n))
        d = z.copy()
        for i in range(min(t, m)):
            d = (1 - c_d[i]) * d + c_d[i] * np.outer(d @ vectors[i], vectors[i])
        values = np.array([f(y + sigma * d[j]) for j in range(lam)])
        order = np.argsort(values)[:mu]
        y = y + sigma * weights @ d[order]
        selected = weights @ z[order]
        path = (1 - c_s) * path + np.sqrt(mu_w * c_s * (2 - c_s)) * selected
        for i in range(m):
            share = np.sqrt(mu_w * c_c[i] * (2 - c_c[i]))
            vectors[i] = (1 - c_c[i]) * vectors[i] + share * selected
        sigma = sigma * np.exp(c_s / 2 * (path @ path / n - 1))
        t += 1
        yield y, float(sigma), values.min()


def evaluations(search, population, target):
    for generation, (_, _, best) in enumerate(search, 1):
        if best <= target:
            return generation * population
        if generation * population >= LIMIT:
            return None


def population(genes, even):
    size = 4 + int(3 * np.log(genes))
    return size + size % 2 if even else size


def on_own_noise(name, f, genes, start, sigma, seed):
    size, centre = population(genes, name == "cr-fm-nes"), np.full(genes, start)
    random = np.random.RandomState(seed)
    if name == "cr-fm-nes":
        return size, cr_fm_nes(f, centre, sigma, size, seed=seed)
    return size, lm_ma_es(f, centre, sigma, size, lambda _, shape: random.standard_normal(shape))


def path_of(name, genes=20, size=12, sigma=0.5, seed=7, generations=25):
    """A search on deme's noise."""
    centre = np.full(genes, 1.0)

    def draw(generation, sources):
        rows = [normals(seed, NOISE, generation, source, genes) for source in range(sources)]
        return np.array(rows)

    if name == "cr-fm-nes":
        own, count = np.random.randn, itertools.count()
        # It draws a first axis of its own, of one column, even where it is given one.
        np.random.randn = lambda rows, columns: (
            np.zeros((rows, 1)) if columns == 1 else draw(next(count), columns).T
        )
        axis = normals(seed, SELECTION, 0, 0, genes).reshape(-1, 1) / np.sqrt(genes)
        search = cr_fm_nes(ellipsoid, centre, sigma, size, v=axis)
    else:
        search = lm_ma_es(ellipsoid, centre, sigma, size, lambda t, shape: draw(t, shape[0]))
    steps = list(itertools.islice(search, generations))
    if name == "cr-fm-nes":
        np.random.randn = own
    return {
        "genes": genes, "population": size, "seed": seed, "start": 1.0, "sigma": sigma,
        "centres": [list(centre) for centre, _, _ in steps],
        "sigmas": [sigma for _, sigma, _ in steps],
    }


# Function, genes, start of every gene, sigma, target. With 100 genes LM-MA-ES takes hundreds of
# thousands of evaluations to the end of two of them; its targets there are on the way.
CASES = [
    ("sphere", 10, 1.0, 0.5, {"*": 1e-6}),
    ("sphere", 100, 1.0, 0.5, {"*": 1e-6}),
    ("ellipsoid", 10, 1.0, 0.5, {"*": 1e-6}),
    ("ellipsoid", 100, 1.0, 0.5, {"*": 1e-6, "lm-ma-es": 1e2}),
    ("rosenbrock", 10, 0.0, 0.1, {"*": 1e-6}),
    ("rosenbrock", 100, 0.0, 0.1, {"*": 1e-6, "lm-ma-es": 6e1}),
]


def main():
    golden = {}
    for name in ["cr-fm-nes", "lm-ma-es"]:
        golden[name] = {"path": path_of(name), "evaluations": {}}
        for function, genes, start, sigma, targets in CASES:
            target, runs = targets.get(name, targets["*"]), []
            for seed in SEEDS:
                f = globals()[function]
                size, search = on_own_noise(name, f, genes, start, sigma, seed)
                runs.append(evaluations(search, size, target))
            print(name, function, genes, np.median([inf if r is None else r for r in runs]), flush=True)
            golden[name]["evaluations"][f"{function}-{genes}"] = {
                "start": start, "sigma": sigma, "target": target, "population": size, "runs": runs,
            }
    text = json.dumps(golden, separators=(",", ":"))
    Path(__file__).with_name("large.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
