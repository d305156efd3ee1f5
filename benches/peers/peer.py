"""What all peers share: variants, the stopwatch, rows, and the conversation with `compare.py`.

A peer does one piece of work of `deme bench` with one library. It knows several formulations of
that work, its variants, builds and checks each, and reports the fastest, because an honest
benchmark does not hobble its opponents.

A row has the fields of `deme bench --json` and two more: `variant`, the formulation that was
timed, and `variants`, what every formulation took when they were tried. Times are seconds of the
host's clock; a repetition ends when every output exists, on the GPU when it has been waited for.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

FIELDS = [
    "subject", "network", "parameters", "population", "batch", "steps", "backend", "adapter",
    "samples", "seconds_median", "seconds_min", "seconds_max", "evaluations_per_second",
    "steps_per_second", "gflops", "gbytes_per_second", "roofline_fraction", "roofline_bound",
    "timing",
]

# Runs before the first sample, so that caches, clocks and thread pools are awake, for as long as
# `deme bench` does.
WARM_UP_SECONDS = 0.1
# A trial of a variant lasts at least so long, and at least one repetition.
TRIAL_SECONDS = 0.3
# Variants within this factor of the fastest trial meet again in the final.
FINAL_FACTOR = 1.5
FINAL_ROUNDS = 3

# Where the work is done, `cpu` or `gpu`; set once, by `use`.
device = "cpu"


class Wrong(Exception):
    """A variant whose result is not what the work asks for."""


class Unfit(Exception):
    """A variant that is not meant for work of this size, or for so many threads."""


@dataclass
class Variant:
    """A formulation of the work.

    `build` returns two functions: one runs a repetition and returns when every output exists; the
    other raises `Wrong` unless the outputs of a repetition are right.
    """

    name: str
    build: Callable[[], tuple[Callable[[], Any], Callable[[Any], None]]]


def arguments(description: str, libraries: list[str]) -> argparse.ArgumentParser:
    """The flags that every peer has."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--library", choices=libraries, default=libraries[0])
    parser.add_argument("--variant", help="only this formulation [default: the fastest]")
    parser.add_argument("--samples", type=int, default=10, help="timed repetitions [default: 10]")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)),
                        help="threads of the library [default: one for each core]")
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu",
                        help="where the library works; gpu is CUDA's first [default: cpu]")
    parser.add_argument("--seconds", type=float, default=float("inf"),
                        help="try no further formulation after so long [default: try them all]")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--serve", action="store_true",
                        help="answer every line `go` on stdin with a row on stdout")
    return parser


def use(flags: argparse.Namespace) -> None:
    """Holds every library to the flags' device; to be called before any of them is imported."""
    global device
    device = flags.device
    if device == "gpu":
        # One device: nothing is split by threads.
        flags.threads = 1
        use_gpu(flags.library)
    else:
        use_threads(flags.threads)


def use_gpu(library: str) -> None:
    """Lets a library work on the GPU that CUDA names first, or ends the program where it cannot.

    The host's threads are left alone. All products are those of `float32`: TensorFloat-32, which
    keeps ten bits of a factor, is off everywhere.
    """
    os.environ["NVIDIA_TF32_OVERRIDE"] = "0"
    os.environ["JAX_DEFAULT_MATMUL_PRECISION"] = "highest"
    # With no such platform JAX then fails, where it would silently take the CPU.
    os.environ["JAX_PLATFORMS"] = "cuda"
    # Memory as it is needed: the other sides have theirs on the same GPU. It is kept once taken.
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    if not gpu_name(library):
        sys.exit(f"{library}: no CUDA here")


def gpu_name(library: str) -> str | None:
    """The GPU that a library works on, by its own word, or nothing where it finds none."""
    if library == "torch":
        import torch

        torch.set_float32_matmul_precision("highest")
        return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None
    if library == "numpy":
        return None
    import jax

    try:
        return jax.devices()[0].device_kind
    except (RuntimeError, AssertionError):  # JAX's words for a platform that cannot be had
        return None


def use_threads(threads: int) -> None:
    """Holds every library to so many threads.

    XLA has no such setting: its pool has a thread for each core that the process may run on.
    """
    cores = sorted(os.sched_getaffinity(0))
    if not 1 <= threads <= len(cores):
        sys.exit(f"--threads: expected 1 to {len(cores)}, the cores of this process; got {threads}")
    os.sched_setaffinity(0, cores[:threads])
    for pool in ["OMP", "OPENBLAS", "MKL", "NUMEXPR"]:
        os.environ[f"{pool}_NUM_THREADS"] = str(threads)
    # A thread of PyTorch's that waits for another spins this long before it sleeps. The default is
    # fifteen times as much: no faster on idle cores, and forty times slower when one is taken.
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    # The peers are measured on the CPU, whatever else the machine has.
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    # A device for each thread, so that work may be split over the population by hand.
    count = f"--xla_force_host_platform_device_count={threads}"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {count}".strip()


def widths(spec: str) -> list[int]:
    """`64-128-10` as numbers."""
    try:
        return [int(width) for width in spec.split("-")]
    except ValueError:
        sys.exit(f"--network: expected widths joined by '-', such as 64-128-10; got {spec}")


def parameters(layers: list[int]) -> int:
    """Weights and biases of a network with these widths, inputs first."""
    return sum((source + 1) * target for source, target in zip(layers, layers[1:]))


def times(run: Callable[[], Any], samples: int, seconds: float = 0.0) -> list[float]:
    """Seconds of so many repetitions, and of more until so many seconds are over."""
    taken: list[float] = []
    while len(taken) < samples or sum(taken) < seconds:
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return taken


def warm(run: Callable[[], Any]) -> None:
    """Runs until the machine is awake."""
    times(run, 1, WARM_UP_SECONDS)


def trial(run: Callable[[], Any]) -> float:
    """The fastest repetition of a short while: the one that a busy machine disturbed least."""
    return min(times(run, 1, TRIAL_SECONDS))


def choose(variants: list[Variant],
           seconds: float) -> tuple[str, Callable[[], Any], dict[str, Any]]:
    """The fastest variant: its name, a repetition of it, and what every variant took.

    Every variant is checked before it is timed. One that cannot be built here is left out with its
    reason; one that is wrong ends the program. When so many seconds are over and one variant is
    there, no other is tried.
    """
    begin = time.monotonic()
    runs: dict[str, Callable[[], Any]] = {}
    took: dict[str, Any] = {}
    best = float("inf")
    for variant in variants:
        if runs and time.monotonic() - begin > seconds:
            took[variant.name] = "not tried: time is up"
            continue
        try:
            run, check = variant.build()
            outputs = run()
        except Unfit:
            continue
        except Exception as error:  # whatever a library or its compiler may raise
            took[variant.name] = f"left out: {type(error).__name__}: {str(error).splitlines()[:1]}"
            print(f"{variant.name} {took[variant.name]}", file=sys.stderr)
            continue
        try:
            check(outputs)
        except Wrong as wrong:
            sys.exit(f"{variant.name} is wrong: {wrong}")
        del outputs
        # A second one before the clock runs: JAX may compile anew for the state that it returned.
        run()
        took[variant.name] = trial(run)
        best = min(best, took[variant.name])
        # What has lost gives its memory back.
        runs[variant.name] = run
        for name in [name for name in runs if took[name] > FINAL_FACTOR * best]:
            del runs[name]
    if not runs:
        sys.exit("no variant could be built")
    if len(runs) > 1:
        for _ in range(FINAL_ROUNDS):
            for name, run in runs.items():
                took[name] = min(took[name], trial(run))
    winner = min(runs, key=lambda name: took[name])
    return winner, runs[winner], took


def row(known: dict[str, Any], variant: str, taken: list[float]) -> dict[str, Any]:
    """A row of `deme bench`: what is known of the work, and its times.

    Of `known`, `operations` and `bytes` are those of a repetition, floating-point operations and
    bytes moved at least; they become rates.
    """
    known = dict(known)
    operations, moved = known.pop("operations", None), known.pop("bytes", None)
    full: dict[str, Any] = {field: None for field in FIELDS}
    median = statistics.median(taken)
    full |= known | {
        "adapter": known.get("adapter") or f"cpu, {len(os.sched_getaffinity(0))} threads",
        "samples": len(taken),
        "seconds_median": median,
        "seconds_min": min(taken),
        "seconds_max": max(taken),
        "evaluations_per_second": known["population"] / median,
        "timing": "host",
        "variant": variant,
    }
    if known.get("steps"):
        full["steps_per_second"] = known["population"] * known["steps"] / median
    if operations:
        full["gflops"] = operations / median / 1e9
    if moved:
        full["gbytes_per_second"] = moved / median / 1e9
    return full


def answer(flags: argparse.Namespace, known: dict[str, Any], variants: list[Variant],
           packages: list[str]) -> None:
    """Measures as the flags ask: once, or whenever a line `go` comes in."""
    # Whatever a library prints must not stand between the rows.
    stdout = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    if flags.variant:
        variants = [variant for variant in variants if variant.name == flags.variant]
        if not variants:
            sys.exit(f"--variant: {flags.library} has none named {flags.variant} for this work")
    name, run, took = choose(variants, flags.seconds)
    if device == "gpu":
        known = known | {"adapter": gpu_name(flags.library)}
    versions = {package: importlib.metadata.version(package) for package in packages}
    versions["python"] = sys.version.split()[0]

    def measured() -> dict[str, Any]:
        warm(run)
        return row(known, name, times(run, flags.samples))

    if flags.serve:
        print(json.dumps({"variants": took, "versions": versions}), file=stdout)
        for line in sys.stdin:
            if line.strip() != "go":
                sys.exit(f"stdin: expected go; got {line.strip()}")
            print(json.dumps(measured()), file=stdout)
    elif flags.json:
        one = measured() | {"variants": took}
        print(json.dumps({"machine": {"versions": versions}, "rows": [one]}, indent=2), file=stdout)
    else:
        one = measured()
        median = f"{1e3 * one['seconds_median']:.3f} ms"
        print(f"{one['backend']} {one['variant']}: {median}", file=stdout)
        for name, seconds in took.items():
            text = seconds if isinstance(seconds, str) else f"{1e3 * seconds:.3f} ms"
            print(f"  tried {name}: {text}", file=stdout)
