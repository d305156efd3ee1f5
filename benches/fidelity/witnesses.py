#!/usr/bin/env python3
"""Measures how many evaluations other implementations of deme's strategies need.

The implementations, called witnesses here, are pycma, cmaes and EvoTorch. The script runs each
strategy of `STRATEGIES` with each of its witnesses, on the functions of `FUNCTIONS` in 10 and 100
dimensions, over eleven seeds or more. It writes `witnesses.json` beside itself, row by row, and
skips rows that are already there. It uses no code of deme. `fidelity.py` compares deme with that
file.

    pip install cma==4.5.0 cmaes==0.13.1 evotorch==0.6.1
    python3 benches/fidelity/witnesses.py

Every search begins at 0.1 in every gene with a standard deviation of 0.1, as `deme compare` does
with `sigma=0.1`. A search reaches a target at the end of the first generation in which any
individual does; `deme compare` counts in the same way. A row has the fields

    strategy, function, genes      the search, by deme's names seeds, solved                  the
    number of searches of each witness, and the number of searches
                                   of the first witness that must reach the target: more than half
    population, evaluations        the number of individuals, and the budget of a search
    target                         the value to reach: the smallest power of ten that `solved`
                                   searches of the first witness reached within the budget
    witnesses                      by name, the median evaluations to the target; null if fewer than
                                   half of the searches reached it

The functions, all minimised, best value 0 (i counts from 0 to n - 1):

    sphere        sum of x_i^2
    ellipsoid     sum of 10^(6 i / (n - 1)) x_i^2
    rosenbrock    sum of 100 (x_(i+1) - x_i^2)^2 + (1 - x_i)^2
"""

import json
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from math import ceil, floor, inf, log, log10
from pathlib import Path
from statistics import median

import numpy as np

warnings.filterwarnings("ignore")

SEEDS = 11
# Searches whose results vary so much that a median of eleven is not reliable.
MORE_SEEDS = {("snes", "rosenbrock", 10): 44}
START = SIGMA = 0.1
LEAST = 1e-8
FILE = Path(__file__).with_suffix(".json")


def sphere(x):
    return (x * x).sum(-1)


def ellipsoid(x):
    n = x.shape[-1]
    return (x * x) @ (1e6 ** (np.arange(n) / (n - 1)))


def rosenbrock(x):
    bend, rest = x[..., 1:] - x[..., :-1] ** 2, 1 - x[..., :-1]
    return (100 * bend**2 + rest**2).sum(-1)


FUNCTIONS = {"sphere": sphere, "ellipsoid": ellipsoid, "rosenbrock": rosenbrock}


def pycma(strategy, function, genes, population, seed):
    """pycma without stopping rules. Its diagonal search has newer learning rates than the paper."""
    import cma

    options = {"seed": seed, "popsize": population, "verbose": -9,
               "CMA_diagonal": strategy == "sep-cma-es"}
    search = cma.CMAEvolutionStrategy([START] * genes, SIGMA, options)
    while True:
        points = search.ask()
        values = function(np.asarray(points))
        search.tell(points, values)
        yield values.min()


def cmaes(strategy, function, genes, population, seed):
    """cmaes, whose SepCMA has the paper's rank-mu rate, but does not raise the rank-one rate."""
    import cmaes

    kind = cmaes.SepCMA if strategy == "sep-cma-es" else cmaes.CMA
    search = kind(mean=np.full(genes, START), sigma=SIGMA, seed=seed, population_size=population)
    while True:
        points = np.asarray([search.ask() for _ in range(population)])
        values = function(points)
        search.tell(list(zip(points, values)))
        yield values.min()


def evotorch(strategy, function, genes, population, seed):
    """EvoTorch, with EvoJAX's settings for PGPE, which are deme's defaults."""
    import logging

    import torch
    from evotorch import Problem, algorithms

    logging.getLogger("evotorch").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    of_pgpe = {"center_learning_rate": 0.05, "stdev_learning_rate": 0.1, "stdev_max_change": 0.2,
               "optimizer": "adam", "ranking_method": "centered"}
    kind, settings = {"snes": (algorithms.SNES, {}), "xnes": (algorithms.XNES, {}),
                      "pgpe": (algorithms.PGPE, of_pgpe)}[strategy]
    value = lambda x: torch.from_numpy(function(x.numpy()))  # noqa: E731
    problem = Problem("min", value, solution_length=genes, initial_bounds=(START, START),
                      dtype=torch.float64, vectorized=True, seed=seed)
    centre = torch.full((genes,), START, dtype=torch.float64)
    search = kind(problem, stdev_init=SIGMA, center_init=centre, popsize=population, **settings)
    while True:
        search.step()
        yield search.population.evals.min()


def by_logarithm(genes):
    return 4 + floor(3 * log(genes))


# The witnesses, the population, and the budgets in 10 and 100 dimensions of each strategy.
STRATEGIES = {
    "cma-es": ([pycma, cmaes], by_logarithm, {10: 50_000, 100: 1_000_000}),
    "sep-cma-es": ([pycma, cmaes], by_logarithm, {10: 500_000, 100: 1_000_000}),
    "snes": ([evotorch], by_logarithm, {10: 100_000, 100: 200_000}),
    "xnes": ([evotorch], by_logarithm, {10: 50_000, 100: 100_000}),
    "pgpe": ([evotorch], lambda genes: 64, {10: 100_000, 100: 200_000}),
}


def search(witness, strategy, name, genes, seed):
    """The evaluations and the value at every improvement of one search."""
    _, populations, budgets = STRATEGIES[strategy]
    function, population = FUNCTIONS[name], populations(genes)
    best, curve, evaluations = inf, [], 0
    for value in map(float, witness(strategy, function, genes, population, seed)):
        evaluations += population
        if value < best:
            best = value
            curve.append((evaluations, value))
        if best <= LEAST or evaluations >= budgets[genes]:
            return curve


def reached(curve, target):
    return next((evaluations for evaluations, value in curve if value <= target), inf)


def row(strategy, function, genes, pool):
    witnesses, populations, budgets = STRATEGIES[strategy]
    seeds = MORE_SEEDS.get((strategy, function, genes), SEEDS)
    solved = seeds // 2 + 1
    curves = {}
    for witness in witnesses:
        runs = [pool.submit(search, witness, strategy, function, genes, seed)
                for seed in range(1, seeds + 1)]
        curves[witness.__name__] = [run.result() for run in runs]
    ends = sorted(curve[-1][1] for curve in curves[witnesses[0].__name__])
    target = max(10.0 ** ceil(log10(ends[solved - 1])), LEAST)
    medians = {name: median(reached(curve, target) for curve in all)
               for name, all in curves.items()}
    return {"strategy": strategy, "function": function, "genes": genes,
            "seeds": seeds, "solved": solved,
            "population": populations(genes), "evaluations": budgets[genes], "target": target,
            "witnesses": {name: None if m == inf else int(m) for name, m in medians.items()}}


def main():
    rows = json.loads(FILE.read_text()) if FILE.exists() else []
    known = {(row["strategy"], row["function"], row["genes"]) for row in rows}
    with ProcessPoolExecutor(2) as pool:
        for genes in (10, 100):
            for strategy in STRATEGIES:
                for function in FUNCTIONS:
                    if (strategy, function, genes) in known:
                        continue
                    rows.append(row(strategy, function, genes, pool))
                    print(rows[-1], file=sys.stderr, flush=True)
                    lines = ",\n".join("  " + json.dumps(row) for row in rows)
                    FILE.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
