"""The kinds of work in `work.toml`: one function each, which measures and describes the result.

The kinds of work on a GPU are in `gpu_kinds.py`.
"""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

from memory import PeakMemory
from report import seconds
from programs import (TICKS_PER_SECOND, Deme, Entry, Peer, ProgramFailed, last_words,
                      patience_seconds)

# The population with which the others of a `linear` row are compared. Smaller ones leave cores
# idle.
LINEAR_BASE = 1024
# The fraction of the cores that other programs may use before a measurement is repeated.
DISTURBED = 0.05


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def against_peers(work: Entry, flags: argparse.Namespace, versions: Entry) -> Entry:
    programs: list[Deme | Peer] = [Deme(work, flags)]
    try:
        for script in work["peers"]:
            # Peers start one after the other, because a peer times its variants when it starts.
            programs.append(Peer(script, work, flags))
        rows: list[list[Entry]] = [[] for _ in programs]
        for turn in range(flags.rounds):
            for place in range(len(programs)):
                index = (turn + place) % len(programs)
                rows[index].append(undisturbed(programs[index], flags.repeats))
    finally:
        for program in programs:
            program.close()
    deme, *peers = [summary(each) for each in rows]
    for peer, program, each in zip(peers, programs[1:], rows[1:]):
        versions.update(program.versions)
        peer["variants"] = program.variants
        peer["ratio"] = peer["seconds_median"] / deme["seconds_median"]
        peer["ratios"] = [
            theirs["seconds_median"] / ours["seconds_median"] for theirs, ours in zip(each, rows[0])
        ]
    best = min(peers, key=lambda peer: peer["seconds_median"])
    for peer in peers:
        note(f"  {peer['backend']} ({peer['variant']}): ratio {peer['ratio']:.2f}")
    return {"deme": deme, "peers": peers, "best_peer": best["backend"], "ratio": best["ratio"]}


def undisturbed(program: Deme | Peer, repeats: int) -> Entry:
    """A row, with the fraction of the cores that other programs used meanwhile in `others`."""
    rows = []
    for _ in range(1 + repeats):
        busy, own, begin = busy_seconds(), program.processor_seconds(), time.perf_counter()
        row = program.measure()
        wall = (time.perf_counter() - begin) * os.cpu_count()
        others = busy_seconds() - busy - (program.processor_seconds() - own)
        rows.append(row | {"others": max(0.0, others / wall)})
        if rows[-1]["others"] <= DISTURBED:
            break
    return min(rows, key=lambda row: row["others"])


def busy_seconds() -> float:
    """The processor seconds of all programs since the machine started."""
    with open("/proc/stat") as stat:
        # `rest` holds interrupts, and the time that the host gave to other machines.
        user, nice, system, _, _, *rest = map(int, stat.readline().split()[1:9])
    return (user + nice + system + sum(rest)) / TICKS_PER_SECOND


def summary(rows: list[Entry]) -> Entry:
    """The row of a program over all rounds: the median of medians, and the extremes."""
    middle = sorted(rows, key=lambda row: row["seconds_median"])[(len(rows) - 1) // 2]
    return middle | {
        "seconds_median": statistics.median(row["seconds_median"] for row in rows),
        "seconds_min": min(row["seconds_min"] for row in rows),
        "seconds_max": max(row["seconds_max"] for row in rows),
        "rounds": [row["seconds_median"] for row in rows],
        "others": [row["others"] for row in rows],
    }


def all_threads_against_one(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    if flags.threads < 2:
        raise ProgramFailed("needs two threads or more")
    programs = [Deme(work, flags, threads=1), Deme(work, flags)]
    rounds = [[undisturbed(program, flags.repeats) for program in programs]
              for _ in range(flags.rounds)]
    one, all_threads = (summary(list(rows)) for rows in zip(*rounds))
    ratio = one["seconds_median"] / all_threads["seconds_median"]
    times = f"{seconds(one['seconds_median'])}, {seconds(all_threads['seconds_median'])}"
    measured = f"{ratio:.2f} times as fast with {flags.threads} threads as with one ({times})"
    return {"one_thread": one, "all_threads": all_threads, "ratio": ratio, "measured": measured}


def linear_cost(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    program = Deme(work, flags)
    # One process measures all sizes, so other programs disturb all of them alike.
    rounds = [program.measure_all() for _ in range(flags.rounds)]
    rows = [summary([row | {"others": None} for row in same]) for same in zip(*rounds)]
    cost = {row["population"]: row["seconds_median"] / row["population"] for row in rows}
    relative = {population: each / cost[LINEAR_BASE] for population, each in cost.items()}
    texts = [f"{population:,}: {each:.2f}" for population, each in relative.items()]
    measured = f"cost per individual, with {LINEAR_BASE:,} as 1: {'; '.join(texts)}"
    ratio = max(each for population, each in relative.items() if population >= LINEAR_BASE)
    return {"sizes": rows, "relative": relative, "ratio": ratio, "measured": measured}


def start_time(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    runs = train(work, flags)
    wall = statistics.median(run["process_seconds"] for run in runs)
    setup = statistics.median(run["setup_seconds"] for run in runs)
    measured = f"whole process {seconds(wall)}, until the first generation {seconds(setup)}"
    return {"process_seconds": wall, "setup_seconds": setup, "runs": runs,
            "measured": f"{measured} (medians of {len(runs)})"}


def peak_memory(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    runs = train(work, flags)
    population = runs[0]["population"] * runs[0]["parameters"] * 4
    peak = max(run["peak_bytes"] for run in runs)
    measured = (f"{peak / population:.3f} times the population's size ({peak / 2**20:.1f} MiB, "
                f"population {population / 2**20:.1f} MiB)")
    return {"peak_bytes": peak, "population_bytes": population, "ratio": peak / population,
            "runs": runs, "measured": measured}


def train(work: Entry, flags: argparse.Namespace) -> list[Entry]:
    """Runs `deme train` in folders of their own; returns summaries, wall times and peak memory."""
    runs = []
    environment = os.environ | {"RAYON_NUM_THREADS": str(flags.threads)}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(flags.samples or work.get("samples", 10)):
            arguments = [*shlex.split(work["deme"]), "--backend", flags.device, "--json", "--out"]
            begin = time.perf_counter()
            process = subprocess.Popen([flags.deme, *arguments, f"{folder}/{number}"], text=True,
                                       env=environment, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
            watch = PeakMemory(process.pid) if work["kind"] == "memory" else None
            output, errors = process.communicate(timeout=patience_seconds(flags))
            run = {"process_seconds": time.perf_counter() - begin}
            if process.returncode != 0:
                raise ProgramFailed(f"deme exited with {process.returncode}: {last_words(errors)}")
            fields = ["parameters", "population", "generations", "wall_seconds", "setup_seconds"]
            run |= {field: json.loads(output)[field] for field in fields}
            if watch:
                run["peak_bytes"] = watch.bytes()
            runs.append(run)
    return runs


KINDS = {
    "peers": against_peers,
    "threads": all_threads_against_one,
    "linear": linear_cost,
    "start": start_time,
    "memory": peak_memory,
}
