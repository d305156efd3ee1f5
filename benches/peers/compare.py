"""Measures deme and other libraries on the same work, and writes a table of ratios.

The other libraries are called peers. For each piece of work in `work.toml` the script starts every
peer once: the peer tries its formulations, checks them, compiles the fastest and waits. Then come
the rounds. In a round each program measures itself once, one after the other. The order rotates
from round to round, so that no program is always first. A peer is stopped (SIGSTOP) while another
program is measured, so that its threads cannot occupy the cores. A program's time is the median
over rounds of its medians. The ratio is the fastest peer's time divided by deme's. All programs run
on the same cores with the same number of threads.

The script also counts the core time of unrelated programs. It repeats a measurement that they
disturb, keeps the least disturbed one, and reports the disturbance that remains.

With `--work gpu.toml` all programs use the same GPU. There a peer that cannot run is named and left
out, times are those of the host's clock, and `--minutes` limits the whole run.

The script needs Linux and Python 3.11. The peers need `requirements.txt` in the same Python.
`run.sh` sets up both; `../gpu.sh` does so for a GPU. Exit codes: 0 done, 1 something failed, 2 bad
flags.
"""

import argparse
import datetime
import json
import os
import signal
import sys
import time
import tomllib
from pathlib import Path

from gpu_kinds import GPU_KINDS, quick
from gpu_machine import gpu_machine
from kinds import KINDS, note
from report import deme_version, machine, markdown, write
from programs import HERE, PATIENCE_SECONDS, ROOT, ProgramFailed, Entry


def main() -> int:
    flags = parse()
    cores = sorted(os.sched_getaffinity(0))
    if not 1 <= flags.threads <= len(cores):
        print(f"--threads: expected 1 to {len(cores)}, got {flags.threads}", file=sys.stderr)
        return 2
    listed = tomllib.loads(flags.work.read_text())
    works = listed["work"]
    flags.device, flags.choice_seconds = listed.get("device", "cpu"), listed.get("choice_seconds")
    if flags.quick:
        works = [quick(work) for work in works]
    kinds = GPU_KINDS if flags.device == "gpu" else KINDS
    chosen = [work for work in works if wanted(work["name"], flags.only)]
    if not chosen:
        names = "".join(f"\n  {work['name']}" for work in works)
        print(f"--only: no work has this in its name; there is{names}", file=sys.stderr)
        return 2
    # All children inherit the cores, including deme.
    os.sched_setaffinity(0, cores[: flags.threads])
    # Ending this script also ends the programs that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    report: Entry = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="minutes"),
        "device": flags.device,
        "machine": machine(flags.threads) | (gpu_machine(flags) if flags.device == "gpu" else {}),
        "versions": {"deme": deme_version(flags)},
        "rounds": flags.rounds,
        "rows": [],
    }
    if flags.device == "gpu":
        report["verified"] = verified(flags.verified)
    for work in chosen:
        note(work["name"])
        entry = {key: work[key] for key in ["name", "kind"]}
        entry |= {"command": f"deme {work['deme']}"}
        entry |= {key: work.get(key) for key in ["at_least", "aim"]}
        try:
            entry |= kinds[work["kind"]](work, flags, report["versions"])
        except ProgramFailed as broken:
            entry["broken"] = str(broken)
            note(f"failed: {broken}")
        report["rows"].append(entry)
        # The report is written after every row, so that an interrupted run keeps its results.
        write(report, flags, partial=len(chosen) < len(works))
    print(markdown(report))
    return 1 if any("broken" in entry for entry in report["rows"]) else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deme", type=Path, default=ROOT / "target/release/deme",
                        help="the binary to measure [default: target/release/deme]")
    parser.add_argument("--commit",
                        help="the commit of the binary [default: git knows it]")
    parser.add_argument("--only", action="append", metavar="TEXT",
                        help="only work whose name contains this; may repeat [default: all]")
    parser.add_argument("--rounds", type=int, default=5, help="the number of rounds [default: 5]")
    parser.add_argument("--repeats", type=int, default=3,
                        help="repetitions of a disturbed measurement [default: 3]")
    parser.add_argument("--samples", type=int,
                        help="timed repetitions in a round [default: work.toml's, or 10]")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)),
                        help="cores and threads of every program [default: all]")
    parser.add_argument("--work", type=Path, default=HERE / "work.toml", metavar="FILE",
                        help="the list of work [default: work.toml]")
    parser.add_argument("--adapter", metavar="NAME",
                        help="a part of the GPU's name, for deme [default: the first hardware GPU]")
    parser.add_argument("--minutes", type=float, default=float("inf"),
                        help="end after this many minutes, even with work left [default: no limit]")
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, metavar="SECONDS",
                        help="end a program that does not answer for this long "
                             f"[default: {PATIENCE_SECONDS}]")
    parser.add_argument("--quick", action="store_true",
                        help="with gpu.toml: tiny sizes, to check that everything runs")
    parser.add_argument("--verified", type=Path, metavar="FILE",
                        help="the output of `deme verify --json`, for the report")
    parser.add_argument("--out", type=Path, metavar="STEM",
                        help="where to write STEM.json and STEM.md [default: "
                             "benches/results/cpu-DATE, or with --only target/peers/partial]")
    flags = parser.parse_args()
    flags.deadline = time.monotonic() + 60 * flags.minutes
    flags.deme = flags.deme.resolve()
    if not os.access(flags.deme, os.X_OK):
        parser.error(f"--deme: expected a program, got {flags.deme}; build it, or name another")
    for name in ["rounds", "samples"]:
        if getattr(flags, name) is not None and getattr(flags, name) < 1:
            parser.error(f"--{name}: expected 1 or more")
    return flags


def verified(file: Path | None) -> str:
    """The result of `deme verify --json`, in a sentence."""
    if file is None or not file.exists() or not file.stat().st_size:
        return "`deme verify` did not run, or did not end, so the results are not verified."
    report = json.loads(file.read_text())
    failed = sum(rung["failed"] for rung in report["rungs"])
    return (f"`deme verify` on {report['adapter']}: {'passed' if report['passed'] else 'FAILED'}, "
            f"{report['checked']:,} comparisons, {failed:,} failed, {report['skipped']:,} skipped.")


def wanted(name: str, only: list[str] | None) -> bool:
    return not only or any(text in name for text in only)


if __name__ == "__main__":
    sys.exit(main())
