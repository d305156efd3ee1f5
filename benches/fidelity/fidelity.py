"""Measures deme, compares its results with published ones, and writes a page of both.

For each row of `rows.toml` the script runs one `deme compare` with a number of seeds and compares
one of its numbers with published ones. The page shows misses as such. It shows a row as not
available if the binary does not know the task or the strategy, and as not run if it was left out.
Results are kept in a JSON file beside the page, each with its version, machine and date. A later
run that leaves a row out shows the kept result, if the command is still the same.

The script needs Python 3.11 and nothing else. Exit codes: 0 done, even with misses; 1 a command
failed; 2 bad flags.
"""

import argparse
import datetime
import json
import math
import os
import shlex
import statistics
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from page import page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PACES = ["quick", "normal", "long"]
QUICK_SEEDS = 3

Row = dict[str, Any]


def main() -> int:
    flags = parse()
    sections = tomllib.loads((HERE / "rows.toml").read_text())["section"]
    for section in sections:
        if "witnesses" in section:
            section["row"] = reference_rows(json.loads((HERE / section["witnesses"]).read_text()))
    rows = [row for section in sections for row in section["row"]]
    if not any(wanted(row, flags.only) for row in rows):
        names = "".join(f"\n  {row['what']}" for row in rows)
        print(f"--only: no row has this in its name; the rows are{names}", file=sys.stderr)
        return 2
    results_file = flags.out.with_suffix(".json")
    before = json.loads(results_file.read_text()) if results_file.exists() else {}
    for row in rows:
        result = {"command": command(row, flags)}
        row["result"] = before.get(row["what"], {})
        if row["result"].get("command") != result["command"]:
            row["result"] = result | {"not_run": left_out(row, flags) or "the run ended before it"}
    if flags.page_only:
        flags.out.write_text(page(sections))
        return 0
    about = {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "version": version(flags),
    }
    failed = False
    for row in rows:
        if left_out(row, flags) is not None:
            continue
        row["result"] = measure(row, flags, about)
        failed |= "broken" in row["result"]
        # The page and the results are written after every row, so that an interrupted run keeps
        # them.
        flags.out.parent.mkdir(parents=True, exist_ok=True)
        flags.out.write_text(page(sections))
        results = {row["what"]: row["result"] for row in rows if "row" in row["result"]}
        results_file.write_text(json.dumps(results, indent=1) + "\n")
    print(f"{flags.out}, {results_file}", file=sys.stderr)
    return 1 if failed else 0


def reference_rows(searches: list[Row]) -> list[Row]:
    """The rows that compare deme with searches of other programs, from `witnesses.py`."""
    def row(search: Row) -> Row:
        strategy, function, genes = search["strategy"], search["function"], search["genes"]
        settings = f"{strategy}:population={search['population']}:sigma=0.1"
        return {
            "what": f"{function}, {genes}-D, {strategy}, to {search['target']:g}",
            "command": f"compare {function}-{genes} --strategies {settings} "
                       f"--until=-{search['target']:g} --evaluations {2 * search['evaluations']}",
            "seeds": search["seeds"],
            "measure": "evaluations_median_of_all",
            "published": [{"value": value, "by": by, "within": 1.1}
                          for by, value in search["witnesses"].items() if value is not None],
        }

    return [row(search) for search in searches]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--quick", dest="pace", action="store_const", const="quick",
                      default="normal",
                      help=f"only rows that take seconds, {QUICK_SEEDS} seeds each")
    pace.add_argument("--long", dest="pace", action="store_const", const="long",
                      help="all rows, which takes hours [default: rows that take minutes]")
    parser.add_argument("--only", action="append", metavar="TEXT",
                        help="only rows whose name contains this; may repeat [default: all]")
    parser.add_argument("--page-only", action="store_true",
                        help="measure nothing, write the page from the kept results [default: off]")
    parser.add_argument("--deme", type=Path, default=ROOT / "target/release/deme",
                        help="the binary to measure [default: target/release/deme]")
    parser.add_argument("--out", type=Path, metavar="FILE",
                        help="the page; the results go to a JSON file beside it [default: "
                             "docs/src/fidelity.md; with --quick, target/fidelity.md]")
    flags = parser.parse_args()
    flags.deme = flags.deme.resolve()
    if not flags.page_only and not os.access(flags.deme, os.X_OK):
        parser.error(f"--deme: expected a program, got {flags.deme}; build it, or name another")
    flags.out = flags.out or ROOT / (
        "target/fidelity.md" if flags.pace == "quick" else "docs/src/fidelity.md")
    return flags


def wanted(row: Row, only: list[str] | None) -> bool:
    return not only or any(text in row["what"] for text in only)


def left_out(row: Row, flags: argparse.Namespace) -> str | None:
    """The reason for which a row is not measured now, or None if it is."""
    pace = row.get("pace", "normal")
    if not wanted(row, flags.only):
        return "left out by --only"
    if PACES.index(pace) > PACES.index(flags.pace):
        return "needs --long" if pace == "long" else "left out by --quick"
    return None


def version(flags: argparse.Namespace) -> str:
    def output(*command: str | Path) -> str:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip()

    commit = "commit unknown, because the binary was given with --deme"
    if flags.deme == ROOT / "target/release/deme":
        commit = "commit " + (output("git", "rev-parse", "--short=12", "HEAD") or "unknown")
        if output("git", "status", "--porcelain", "--", "src", "shaders", "Cargo.toml"):
            commit += " with changes"
    return f"{output(flags.deme, '--version')}, {commit}"


def command(row: Row, flags: argparse.Namespace) -> str:
    seeds = min(row["seeds"], QUICK_SEEDS) if flags.pace == "quick" else row["seeds"]
    return f"deme {row['command']} --seeds {seeds} --backend cpu"


def measure(row: Row, flags: argparse.Namespace, about: Row) -> Row:
    """Measures one row; returns its command with the results or the reason for their absence."""
    result: Row = {"command": command(row, flags)}
    print(f"{row['what']}: {result['command']}", file=sys.stderr)
    arguments = shlex.split(result["command"])[1:]
    started_at = time.monotonic()
    done = subprocess.run([flags.deme, *arguments, "--json", "--quiet"], cwd=ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    message = done.stderr.strip().removeprefix("error: ")
    if done.returncode == 2 and message.startswith("unknown "):
        return result | {"not_available": message.split(";")[0]}
    if done.returncode != 0:
        print(message, file=sys.stderr)
        problem = message.splitlines()[-1] if message else f"exit code {done.returncode}"
        return result | {"broken": problem}
    results = json.loads(done.stdout)
    results["rows"][0]["evaluations_median_of_all"] = median_of_all(results["trials"])
    return result | about | {
        "machine": results["machine"],
        "seconds": round(time.monotonic() - started_at, 1),
        "row": results["rows"][0],
        "notes": results["notes"],
    }


def median_of_all(trials: list[Row]) -> float | None:
    """The median of evaluations to success. An unsolved trial counts as infinitely many."""
    median = statistics.median(trial["evaluations"] if trial["solved"] else math.inf
                               for trial in trials)
    return median if median < math.inf else None


if __name__ == "__main__":
    sys.exit(main())
