"""The parts that all peers share: variants, the stopwatch, rows, and the protocol of `compare.py`.

A peer does one piece of work of `deme bench` with one library. It knows several formulations of
that work, called variants. It builds and checks each of them and reports the fastest, because a
fair benchmark gives every library its best formulation.

A row has the fields of `deme bench --json` and two more: `variant`, the formulation that was timed,
and `variants`, the time of every formulation in its trial. Times are seconds of the host's clock. A
repetition ends when every output exists; on the GPU, when the host has waited for it.
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

# The seconds of warm-up before the first sample, as long as that of `deme bench`.
WARM_UP_SECONDS = 0.1
# A trial of a variant lasts at least this long, and at least one repetition.
TRIAL_SECONDS = 0.3
# Variants within this factor of the fastest trial are timed again in the final.
FINAL_FACTOR = 1.5
FINAL_ROUNDS = 3

# The device that does the work, `cpu` or `gpu`. The function `use` sets it once.
device = "cpu"


class Wrong(Exception):
    """Raised by a variant whose result is wrong."""


class Unfit(Exception):
    """Raised by a variant that is not meant for this size of work or this number of threads."""


@dataclass
class Variant:
    """A formulation of the work.

    `build` returns two functions: one runs a repetition and returns when every output exists; the
    other raises `Wrong` unless the outputs of a repetition are right.
    """

    name: str
    build: Callable[[], tuple[Callable[[], Any], Callable[[Any], None]]]


def arguments(description: str, libraries: list[str]) -> argparse.ArgumentParser:
    """The parser of the flags that every peer has."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--library", choices=libraries, default=libraries[0])
    parser.add_argument("--variant", help="only this formulation [default: the fastest]")
    parser.add_argument("--samples", type=int, default=10, help="timed repetitions [default: 10]")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)),
                        help="threads of the library [default: one for each core]")
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu",
                        help="the library's device; gpu is the first CUDA device [default: cpu]")
    parser.add_argument("--seconds", type=float, default=float("inf"),
                        help="try no further formulation after this time [default: try all]")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--serve", action="store_true",
                        help="answer every line `go` on stdin with a row on stdout")
    return parser


def use(flags: argparse.Namespace) -> None:
    """Restricts every library to the device of the flags. Call it before importing any of them."""
    global device
    device = flags.device
    if device == "gpu":
        # There is one device, so no work is split between threads.
        flags.threads = 1
        use_gpu(flags.library)
    else:
        use_threads(flags.threads)


def use_gpu(library: str) -> None:
    """Lets a library use the first CUDA device, or ends the program if there is none.

    The threads of the host are not restricted. All products are `float32`: TensorFloat-32, which
    keeps ten bits of a factor, is off everywhere.
    """
    os.environ["NVIDIA_TF32_OVERRIDE"] = "0"
    os.environ["JAX_DEFAULT_MATMUL_PRECISION"] = "highest"
    # Without this platform JAX now fails. Otherwise it would silently use the CPU.
    os.environ["JAX_PLATFORMS"] = "cuda"
    # JAX takes memory only when needed, because other programs use the same GPU. It keeps that
    # memory.
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    if not gpu_name(library):
        sys.exit(f"{library}: no CUDA device found")


def gpu_name(library: str) -> str | None:
    """The name of the GPU that a library uses, or None if it finds none."""
    if library == "torch":
        import torch

        torch.set_float32_matmul_precision("highest")
        return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None
    if library == "numpy":
        return None
    import jax

    try:
        return jax.devices()[0].device_kind
    except (RuntimeError, AssertionError):  # JAX raises these if the platform is missing.
        return None


def use_threads(threads: int) -> None:
    """Restricts every library to a number of threads.

    XLA has no such setting: its pool has one thread for each core that the process may use.
    """
    cores = sorted(os.sched_getaffinity(0))
    if not 1 <= threads <= len(cores):
        sys.exit(f"--threads: expected 1 to {len(cores)}, the cores of this process; got {threads}")
    os.sched_setaffinity(0, cores[:threads])
    for pool in ["OMP", "OPENBLAS", "MKL", "NUMEXPR"]:
        os.environ[f"{pool}_NUM_THREADS"] = str(threads)
    # The spin count after which a waiting thread of PyTorch sleeps. The default is fifteen times
    # larger. It is no faster on idle cores, and forty times slower if a core is in use.
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    # These peers are measured on the CPU, even if the machine has a GPU.
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    # JAX gets a device for each thread, so that a variant can split the population between them.
    count = f"--xla_force_host_platform_device_count={threads}"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {count}".strip()


def widths(spec: str) -> list[int]:
    """The widths of a spec such as `64-128-10`."""
    try:
        return [int(width) for width in spec.split("-")]
    except ValueError:
        sys.exit(f"--network: expected widths joined by '-', such as 64-128-10; got {spec}")


def parameters(layers: list[int]) -> int:
    """The number of weights and biases of a network with these widths, inputs first."""
    return sum((source + 1) * target for source, target in zip(layers, layers[1:]))


def times(run: Callable[[], Any], samples: int, seconds: float = 0.0) -> list[float]:
    """The seconds of each repetition: at least `samples`, and more until `seconds` have passed."""
    taken: list[float] = []
    while len(taken) < samples or sum(taken) < seconds:
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return taken


def warm(run: Callable[[], Any]) -> None:
    """Runs until caches, clock rates and threads are warm."""
    times(run, 1, WARM_UP_SECONDS)


def trial(run: Callable[[], Any]) -> float:
    """The fastest repetition of a trial, which is the least disturbed one."""
    return min(times(run, 1, TRIAL_SECONDS))


def choose(variants: list[Variant],
           seconds: float) -> tuple[str, Callable[[], Any], dict[str, Any]]:
    """The fastest variant: its name, its repetition, and the times of all variants.

    Every variant is checked before it is timed. A variant that cannot be built is left out with the
    reason. A variant with wrong results ends the program. Once `seconds` have passed and a variant
    exists, no further one is tried.
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
        except Exception as error:  # A library or its compiler may raise anything.
            took[variant.name] = f"left out: {type(error).__name__}: {str(error).splitlines()[:1]}"
            print(f"{variant.name} {took[variant.name]}", file=sys.stderr)
            continue
        try:
            check(outputs)
        except Wrong as wrong:
            sys.exit(f"{variant.name} is wrong: {wrong}")
        del outputs
        # A second repetition is not timed either: JAX may compile again for the state that it
        # returned.
        run()
        took[variant.name] = trial(run)
        best = min(best, took[variant.name])
        # Slower variants are dropped, which frees their memory.
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
    """A row in the format of `deme bench`, from the known fields of the work and its times.

    The fields `operations` and `bytes` of `known` are the floating-point operations of a repetition
    and the bytes that it moves at least. They become rates.
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
    """Measures once, or with --serve for every line `go` on stdin."""
    # Output of a library must not mix with the rows.
    stdout = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    if flags.variant:
        variants = [variant for variant in variants if variant.name == flags.variant]
        if not variants:
            sys.exit(f"--variant: {flags.library} has no variant {flags.variant} for this work")
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
