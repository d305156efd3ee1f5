#!/usr/bin/env python3
"""Golden searches: how soon other implementations of CMA-ES find small values of a function.

This script runs pycma and cmaes, from 0.1 in every gene with a first sigma of 0.1 and the population
4 + floor(3 ln n), over eleven seeds, and writes cma.json beside itself. Nothing of deme's is used.

    pip install cma==4.5.0 cmaes==0.13.1 && python3 tests/it/golden/cma.py

Shape of the file: for each strategy, function and number of genes, and for each witness, the median
number of evaluations after which the first value below each of `targets` was found.

pycma's diagonal CMA-ES has rates and negative weights of its own, newer than the paper's; SepCMA of
cmaes has the paper's rank-mu rate, but a rank-one rate that is not raised with it.
"""

import json
import math
import statistics
import warnings
from pathlib import Path

import numpy as np

warnings.filterwarnings("ignore")
import cma  # noqa: E402
import cmaes  # noqa: E402

TARGETS = [1e-2, 1e-5, 1e-8]
SEEDS = 11
FIRST_GUESS = SIGMA = 0.1
WORK = {
    "cma-es": [("sphere", 10), ("ellipsoid", 10), ("rosenbrock", 10), ("sphere", 100)],
    "sep-cma-es": [("sphere", 10), ("ellipsoid", 10), ("sphere", 100), ("ellipsoid", 100)],
}


def sphere(x):
    return float(x @ x)


def ellipsoid(x):
    return float(1e6 ** (np.arange(len(x)) / (len(x) - 1)) @ (x * x))


def rosenbrock(x):
    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


FUNCTIONS = {"sphere": sphere, "ellipsoid": ellipsoid, "rosenbrock": rosenbrock}


def pycma(strategy, genes, population, seed):
    """Ask and tell of pycma, with no rule that stops it."""
    options = {
        "seed": seed + 1,
        "popsize": population,
        "verbose": -9,
        "CMA_diagonal": strategy == "sep-cma-es",
    }
    search = cma.CMAEvolutionStrategy([FIRST_GUESS] * genes, SIGMA, options)
    return search.ask, search.tell


def cmaes_(strategy, genes, population, seed):
    """Ask and tell of cmaes."""
    kind = cmaes.SepCMA if strategy == "sep-cma-es" else cmaes.CMA
    mean = np.full(genes, FIRST_GUESS)
    search = kind(mean=mean, sigma=SIGMA, seed=seed, population_size=population)
    ask = lambda: [search.ask() for _ in range(population)]  # noqa: E731
    return ask, lambda points, values: search.tell(list(zip(points, values, strict=True)))


def evaluations(witness, strategy, function, genes, seed):
    """Evaluations to each target, of one search."""
    population = 4 + int(3 * math.log(genes))
    ask, tell = witness(strategy, genes, population, seed)
    reached, count = [], 0
    while len(reached) < len(TARGETS):
        points = ask()
        values = [function(np.asarray(point)) for point in points]
        for value in values:
            count += 1
            while len(reached) < len(TARGETS) and value < TARGETS[len(reached)]:
                reached.append(count)
        tell(points, values)
    return reached


def medians(witness, strategy, name, genes):
    """The median over the seeds, target by target."""
    runs = [evaluations(witness, strategy, FUNCTIONS[name], genes, s) for s in range(SEEDS)]
    return [statistics.median(column) for column in zip(*runs, strict=True)]


def main():
    witnesses = {"pycma": pycma, "cmaes": cmaes_}
    rows = [
        {
            "strategy": strategy,
            "function": name,
            "genes": genes,
            **{w: medians(run, strategy, name, genes) for w, run in witnesses.items()},
        }
        for strategy, work in WORK.items()
        for name, genes in work
    ]
    source = f"pycma {cma.__version__}, cmaes {cmaes.__version__}; {SEEDS} seeds, medians"
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    head = f'{{"source": {json.dumps(source)}, "targets": {json.dumps(TARGETS)}, "rows": ['
    Path(__file__).with_suffix(".json").write_text(f"{head}\n{lines}\n]}}\n")


if __name__ == "__main__":
    main()
