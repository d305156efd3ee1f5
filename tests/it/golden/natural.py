#!/usr/bin/env python3
"""Golden curves: how many evaluations EvoTorch's SNES, xNES and PGPE need, kept as an outside witness.

This script minimises test functions with EvoTorch's own strategies and writes `natural.json` beside
itself. Nothing of deme's is used here.

    pip install evotorch==0.6.1 && python3 tests/it/golden/natural.py

Shape of the file, one entry of `cases` for each strategy, function and dimension:

    strategy, function, genes      what was run, by deme's names
    start, sigma, population       every gene's first value, the first deviation, individuals
    evaluations                    the budget of a run
    targets[].value                a value of the function, a power of ten
    targets[].evaluations          the median over seeds of the evaluations after the first generation
                                   whose best individual, or an earlier one, was at the target or below;
                                   left out where fewer than six of the eleven seeds came there

The functions, all minimised, best value 0 (i counts from 0 to n - 1):

    sphere        sum of x_i^2
    ellipsoid     sum of 10^(6 i / (n - 1)) x_i^2
    rosenbrock    sum of 100 (x_(i+1) - x_i^2)^2 + (1 - x_i)^2

Source: EvoTorch, https://evotorch.ai, Apache-2.0 licence; `evotorch.algorithms`.
"""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from math import inf, log10
from pathlib import Path
from statistics import median

import evotorch
import torch
from evotorch import Problem
from evotorch.algorithms import PGPE, SNES, XNES

SEEDS = 11
VALUE_LEAST = 1e-8

FUNCTIONS = {
    "sphere": (1.0, lambda x: (x**2).sum(-1)),
    "ellipsoid": (1.0, lambda x: (10 ** (6 * torch.linspace(0, 1, x.shape[-1], dtype=x.dtype)) * x**2).sum(-1)),
    "rosenbrock": (
        0.0,
        lambda x: (100 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1 - x[:, :-1]) ** 2).sum(-1),
    ),
}

# The settings of EvoJAX, which are deme's defaults.
PGPE_SETTINGS = {
    "popsize": 64,
    "center_learning_rate": 0.05,
    "stdev_learning_rate": 0.1,
    "stdev_max_change": 0.2,
    "optimizer": "adam",
    "ranking_method": "centered",
}

# Strategy, its settings, the first deviation, and the budgets in 10 and 100 dimensions.
STRATEGIES = {
    "snes": (SNES, {}, 0.5, {10: 20_000, 100: 100_000}),
    "xnes": (XNES, {}, 0.5, {10: 20_000, 100: 30_000}),
    "pgpe": (PGPE, PGPE_SETTINGS, 0.1, {10: 40_000, 100: 80_000}),
}


def run(strategy: str, function: str, genes: int, seed: int) -> tuple[int, list[tuple[int, float]]]:
    """The population, and the evaluations and best value so far at every improvement."""
    torch.set_num_threads(1)
    kind, settings, sigma, budgets = STRATEGIES[strategy]
    start, value = FUNCTIONS[function]
    problem = Problem(
        "min",
        value,
        solution_length=genes,
        initial_bounds=(start, start),
        dtype=torch.float64,
        vectorized=True,
        seed=seed,
    )
    centre = torch.full((genes,), start, dtype=torch.float64)
    searcher = kind(problem, stdev_init=sigma, center_init=centre, **settings)
    best, curve, evaluations = inf, [], 0
    population = None
    while population is None or evaluations + population <= budgets[genes]:
        searcher.step()
        population = len(searcher.population)
        evaluations += population
        now = float(searcher.population.evals.min())
        if now < best:
            best = now
            curve.append((evaluations, best))
        if best <= VALUE_LEAST:
            break
    return population, curve


def reached(curve: list[tuple[int, float]], target: float) -> float:
    return next((evaluations for evaluations, best in curve if best <= target), inf)


def case(strategy: str, function: str, genes: int, pool: ProcessPoolExecutor) -> dict:
    runs = [pool.submit(run, strategy, function, genes, seed) for seed in range(1, SEEDS + 1)]
    runs = [future.result() for future in runs]
    start, value = FUNCTIONS[function]
    first = float(value(torch.full((1, genes), start, dtype=torch.float64))[0])
    targets = []
    exponent = int(log10(first) // 1)
    while exponent >= round(log10(VALUE_LEAST)):
        needed = median(reached(curve, 10.0**exponent) for _, curve in runs)
        if needed < inf:
            targets.append({"value": 10.0**exponent, "evaluations": int(needed)})
        exponent -= 1
    return {
        "strategy": strategy,
        "function": function,
        "genes": genes,
        "start": start,
        "sigma": STRATEGIES[strategy][2],
        "population": runs[0][0],
        "evaluations": STRATEGIES[strategy][3][genes],
        "targets": targets,
    }


def main() -> None:
    cases = []
    with ProcessPoolExecutor(2) as pool:
        for genes in (10, 100):
            for strategy in STRATEGIES:
                for function in FUNCTIONS:
                    cases.append(case(strategy, function, genes, pool))
                    print(cases[-1], file=sys.stderr, flush=True)
    golden = {
        "source": f"evotorch {evotorch.__version__}, torch {torch.__version__}",
        "seeds": SEEDS,
        "cases": cases,
    }
    lines = ",\n".join("    " + json.dumps(case) for case in cases)
    head = json.dumps({key: golden[key] for key in ("source", "seeds")})[1:-1]
    path = Path(__file__).with_suffix(".json")
    path.write_text("{\n  " + head + ',\n  "cases": [\n' + lines + "\n  ]\n}\n")


if __name__ == "__main__":
    main()
