"""Measures deme and its peers side by side, and writes the table of ratios.

For each piece of work in `work.toml` every peer is started once: it tries its formulations, checks
them, compiles the fastest and waits. Then come the rounds. In a round each side measures itself
once, one after the other; the order turns from round to round, so that none is always first. A peer
whose turn it is not is stopped (SIGSTOP), so that its thread pools cannot spin on the cores of the
one that is measured. A side's time is the median over rounds of its medians; the ratio is the best
peer's time over deme's. All sides may run on the same cores and have the same number of threads.

What other programs take of the cores meanwhile is counted. A measurement that they disturb is
repeated a few times, the least disturbed one is kept, and the report says what is left.

With `--work gpu.toml` all sides work on the same GPU. There a peer that cannot run is named and
left out, a row's time is the host's, and `--minutes` bounds all of it.

Needs Linux and Python 3.11, and nothing else itself; the peers need `requirements.txt`, of the same
Python. `run.sh` sees to both, and `../gpu.sh` to a GPU. Exit codes: 0 done, 1 something broke,
2 bad flags.
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
from sides import HERE, PATIENCE_SECONDS, ROOT, Broken, Entry


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
        print(f"--only: no work is named so; there is{names}", file=sys.stderr)
        return 2
    # Children inherit the cores, deme among them.
    os.sched_setaffinity(0, cores[: flags.threads])
    # Whoever ends this ends what it started.
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
        except Broken as broken:
            entry["broken"] = str(broken)
            note(f"broken: {broken}")
        report["rows"].append(entry)
        # Whatever comes later, what has been measured is kept.
        write(report, flags, partial=len(chosen) < len(works))
    print(markdown(report))
    return 1 if any("broken" in entry for entry in report["rows"]) else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deme", type=Path, default=ROOT / "target/release/deme",
                        help="the binary to measure [default: target/release/deme]")
    parser.add_argument("--commit",
                        help="what the binary was built from [default: asked of git]")
    parser.add_argument("--only", action="append", metavar="TEXT",
                        help="only work with this in its name; may repeat [default: all]")
    parser.add_argument("--rounds", type=int, default=5, help="rounds [default: 5]")
    parser.add_argument("--repeats", type=int, default=3,
                        help="repetitions of a measurement that others disturb [default: 3]")
    parser.add_argument("--samples", type=int,
                        help="timed repetitions in a round [default: work.toml's, or 10]")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)),
                        help="cores and threads of every side [default: all]")
    parser.add_argument("--work", type=Path, default=HERE / "work.toml", metavar="FILE",
                        help="the list of work [default: work.toml]")
    parser.add_argument("--adapter", metavar="NAME",
                        help="a part of the GPU's name, for deme [default: the first hardware GPU]")
    parser.add_argument("--minutes", type=float, default=float("inf"),
                        help="be done after so many, whatever is left then [default: no limit]")
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, metavar="SECONDS",
                        help="a side that is silent for so long hangs "
                             f"[default: {PATIENCE_SECONDS}]")
    parser.add_argument("--quick", action="store_true",
                        help="of gpu.toml: tiny sizes, to see that everything runs")
    parser.add_argument("--verified", type=Path, metavar="FILE",
                        help="what `deme verify --json` said, for the report")
    parser.add_argument("--out", type=Path, metavar="STEM",
                        help="where to write STEM.json and STEM.md [default: "
                             "benches/results/cpu-DATE, or with --only target/peers/partial]")
    flags = parser.parse_args()
    flags.deadline = time.monotonic() + 60 * flags.minutes
    flags.deme = flags.deme.resolve()
    if not os.access(flags.deme, os.X_OK):
        parser.error(f"--deme: {flags.deme} is no program; build it, or name another")
    for name in ["rounds", "samples"]:
        if getattr(flags, name) is not None and getattr(flags, name) < 1:
            parser.error(f"--{name}: expected 1 or more")
    return flags


def verified(file: Path | None) -> str:
    """What `deme verify --json` found, in a sentence."""
    if file is None or not file.exists() or not file.stat().st_size:
        return "`deme verify` was not run, or did not end: nothing here is proven right."
    said = json.loads(file.read_text())
    failed = sum(rung["failed"] for rung in said["rungs"])
    return (f"`deme verify` on {said['adapter']}: {'passed' if said['passed'] else 'FAILED'}, "
            f"{said['checked']:,} comparisons, {failed:,} failed, {said['skipped']:,} skipped.")


def wanted(name: str, only: list[str] | None) -> bool:
    return not only or any(text in name for text in only)


if __name__ == "__main__":
    sys.exit(main())
