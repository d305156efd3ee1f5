"""Measures deme and its peers side by side, and writes the table of ratios.

For each piece of work in `work.toml` every peer is started once: it tries its formulations, checks
them, compiles the fastest and waits. Then come the rounds. In a round each side measures itself
once, one after the other; the order turns from round to round, so that none is always first. A peer
whose turn it is not is stopped (SIGSTOP), so that its thread pools cannot spin on the cores of the
one that is measured. A side's time is the median over rounds of its medians; the ratio is the best
peer's time over deme's. All sides may run on the same cores and have the same number of threads.

What other programs take of the cores meanwhile is counted. A measurement that they disturb is
repeated a few times, the least disturbed one is kept, and the report says what is left.

Needs Linux and Python 3.11, and nothing else itself; the peers need `requirements.txt`, of the same
Python. `run.sh` sees to both. Exit codes: 0 done, 1 something broke, 2 bad flags.
"""

import argparse
import datetime
import os
import sys
import tomllib
from pathlib import Path

from kinds import KINDS, note
from report import deme_version, machine, markdown, write
from sides import HERE, ROOT, Broken, Entry


def main() -> int:
    flags = parse()
    cores = sorted(os.sched_getaffinity(0))
    if not 1 <= flags.threads <= len(cores):
        print(f"--threads: expected 1 to {len(cores)}, got {flags.threads}", file=sys.stderr)
        return 2
    works = tomllib.loads((HERE / "work.toml").read_text())["work"]
    chosen = [work for work in works if wanted(work["name"], flags.only)]
    if not chosen:
        names = "".join(f"\n  {work['name']}" for work in works)
        print(f"--only: no work is named so; there is{names}", file=sys.stderr)
        return 2
    # Children inherit the cores, deme among them.
    os.sched_setaffinity(0, cores[: flags.threads])
    report: Entry = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="minutes"),
        "machine": machine(flags.threads),
        "versions": {"deme": deme_version(flags)},
        "rounds": flags.rounds,
        "rows": [],
    }
    for work in chosen:
        note(work["name"])
        entry = {key: work[key] for key in ["name", "kind"]}
        entry |= {"command": f"deme {work['deme']}"}
        entry |= {key: work.get(key) for key in ["at_least", "aim"]}
        try:
            entry |= KINDS[work["kind"]](work, flags, report["versions"])
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
    parser.add_argument("--out", type=Path, metavar="STEM",
                        help="where to write STEM.json and STEM.md [default: "
                             "benches/results/cpu-DATE, or with --only target/peers/partial]")
    flags = parser.parse_args()
    flags.deme = flags.deme.resolve()
    if not os.access(flags.deme, os.X_OK):
        parser.error(f"--deme: {flags.deme} is no program; build it, or name another")
    for name in ["rounds", "samples"]:
        if getattr(flags, name) is not None and getattr(flags, name) < 1:
            parser.error(f"--{name}: expected 1 or more")
    return flags


def wanted(name: str, only: list[str] | None) -> bool:
    return not only or any(text in name for text in only)


if __name__ == "__main__":
    sys.exit(main())
