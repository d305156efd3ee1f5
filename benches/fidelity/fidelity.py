"""Measures deme against published numbers, and writes the page that shows both.

For each row of `rows.toml` it runs one `deme compare` with a number of seeds and holds one of its
numbers against those of others. A miss is shown as one. What the binary does not know yet is shown
as not available, and what was left out as not run. A row that was measured before, with the same
command, is not forgotten by a run that leaves it out: findings are kept beside the page, in a file
of their own, each with the version, machine and date that it is of.

Needs Python 3.11 and nothing else. Exit codes: 0 done, misses included; 1 a command broke; 2 bad
flags.
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
            section["row"] = witnessed(json.loads((HERE / section["witnesses"]).read_text()))
    rows = [row for section in sections for row in section["row"]]
    if not any(wanted(row, flags.only) for row in rows):
        names = "".join(f"\n  {row['what']}" for row in rows)
        print(f"--only: no row is named so; there is{names}", file=sys.stderr)
        return 2
    about = {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "version": version(flags),
    }
    kept = flags.out.with_suffix(".json")
    before = json.loads(kept.read_text()) if kept.exists() else {}
    for row in rows:
        result = {"command": command(row, flags)}
        row["result"] = before.get(row["what"], {})
        if row["result"].get("command") != result["command"]:
            row["result"] = result | {"not_run": left_out(row, flags) or "cut off before it"}
    failed = False
    for row in rows:
        if left_out(row, flags) is not None:
            continue
        row["result"] = measure(row, flags, about)
        failed |= "broken" in row["result"]
        # Whatever comes later, what has been measured is kept.
        flags.out.parent.mkdir(parents=True, exist_ok=True)
        flags.out.write_text(page(sections))
        findings = {row["what"]: row["result"] for row in rows if "row" in row["result"]}
        kept.write_text(json.dumps(findings, indent=1) + "\n")
    print(f"{flags.out}, {kept}", file=sys.stderr)
    return 1 if failed else 0


def witnessed(searches: list[Row]) -> list[Row]:
    """The rows that hold us to the searches of others, as `witnesses.py` found them."""
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
                      default="normal", help=f"only what takes seconds, {QUICK_SEEDS} seeds each")
    pace.add_argument("--long", dest="pace", action="store_const", const="long",
                      help="everything, hours included [default: what takes minutes]")
    parser.add_argument("--only", action="append", metavar="TEXT",
                        help="only rows with this in their name; may repeat [default: all]")
    parser.add_argument("--deme", type=Path, default=ROOT / "target/release/deme",
                        help="the binary to measure [default: target/release/deme]")
    parser.add_argument("--out", type=Path, metavar="FILE",
                        help="the page, and beside it FILE.json [default: docs/fidelity.md; with "
                             "--quick, target/fidelity.md]")
    flags = parser.parse_args()
    flags.deme = flags.deme.resolve()
    if not os.access(flags.deme, os.X_OK):
        parser.error(f"--deme: {flags.deme} is no program; build it, or name another")
    flags.out = flags.out or ROOT / (
        "target/fidelity.md" if flags.pace == "quick" else "docs/fidelity.md")
    return flags


def wanted(row: Row, only: list[str] | None) -> bool:
    return not only or any(text in row["what"] for text in only)


def left_out(row: Row, flags: argparse.Namespace) -> str | None:
    """Why a row is not measured now; none where it is."""
    pace = row.get("pace", "normal")
    if not wanted(row, flags.only):
        return "left out by --only"
    if PACES.index(pace) > PACES.index(flags.pace):
        return "takes long: --long" if pace == "long" else "left out by --quick"
    return None


def version(flags: argparse.Namespace) -> str:
    def output(*command: str | Path) -> str:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip()

    commit = "the binary was given by hand"
    if flags.deme == ROOT / "target/release/deme":
        commit = "commit " + (output("git", "rev-parse", "--short=12", "HEAD") or "unknown")
        if output("git", "status", "--porcelain", "--", "src", "shaders", "Cargo.toml"):
            commit += " with changes"
    return f"{output(flags.deme, '--version')}, {commit}"


def command(row: Row, flags: argparse.Namespace) -> str:
    seeds = min(row["seeds"], QUICK_SEEDS) if flags.pace == "quick" else row["seeds"]
    return f"deme {row['command']} --seeds {seeds} --backend cpu"


def measure(row: Row, flags: argparse.Namespace, about: Row) -> Row:
    """One row: what was run, and the row of its findings or why there is none."""
    result: Row = {"command": command(row, flags)}
    print(f"{row['what']}: {result['command']}", file=sys.stderr)
    arguments = shlex.split(result["command"])[1:]
    begun = time.monotonic()
    done = subprocess.run([flags.deme, *arguments, "--json", "--quiet"], cwd=ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    message = done.stderr.strip().removeprefix("error: ")
    if done.returncode == 2 and message.startswith("unknown "):
        return result | {"not_available": message.split(";")[0]}
    if done.returncode != 0:
        print(message, file=sys.stderr)
        problem = message.splitlines()[-1] if message else f"exit code {done.returncode}"
        return result | {"broken": problem}
    findings = json.loads(done.stdout)
    findings["rows"][0]["evaluations_median_of_all"] = median_of_all(findings["trials"])
    return result | about | {
        "machine": findings["machine"],
        "seconds": round(time.monotonic() - begun, 1),
        "row": findings["rows"][0],
        "notes": findings["notes"],
    }


def median_of_all(trials: list[Row]) -> float | None:
    """The median evaluations to success, where a trial that is not solved needs more than any."""
    median = statistics.median(trial["evaluations"] if trial["solved"] else math.inf
                               for trial in trials)
    return median if median < math.inf else None


if __name__ == "__main__":
    sys.exit(main())
