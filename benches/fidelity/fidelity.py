"""Measures deme against published numbers, and writes the page that shows both.

For each row of `rows.toml` it runs one `deme compare` with a number of seeds and holds one of its
numbers against those of others. A miss is shown as one. What the binary does not know yet is shown
as not available, and what was left out as not run.

Needs Python 3.11 and nothing else. Exit codes: 0 done, misses included; 1 a command broke; 2 bad
flags.
"""

import argparse
import datetime
import json
import os
import shlex
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
    rows = [row for section in sections for row in section["row"]]
    if not any(wanted(row, flags.only) for row in rows):
        names = "".join(f"\n  {row['what']}" for row in rows)
        print(f"--only: no row is named so; there is{names}", file=sys.stderr)
        return 2
    report: Row = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="minutes"),
        "command": " ".join(["benches/fidelity/run.sh", *shown(sys.argv[1:])]),
        "version": version(flags),
        "machine": None,
        "sections": sections,
    }
    begun = time.monotonic()
    # A page that is cut off shows what is missing.
    for row in rows:
        row["result"] = {"command": command(row, flags), "not_run": "cut off before it"}
    for row in rows:
        row["result"] = measure(row, flags, report)
        report["wall_seconds"] = round(time.monotonic() - begun)
        # Whatever comes later, what has been measured is kept.
        flags.out.parent.mkdir(parents=True, exist_ok=True)
        flags.out.write_text(page(report))
    print(f"{flags.out}: {report['wall_seconds']} s", file=sys.stderr)
    return 1 if any("broken" in row["result"] for row in rows) else 0


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
                        help="the page [default: docs/fidelity.md; with --quick or --only, "
                             "target/fidelity.md]")
    flags = parser.parse_args()
    flags.deme = flags.deme.resolve()
    if not os.access(flags.deme, os.X_OK):
        parser.error(f"--deme: {flags.deme} is no program; build it, or name another")
    partial = flags.pace == "quick" or flags.only
    flags.out = flags.out or ROOT / ("target/fidelity.md" if partial else "docs/fidelity.md")
    return flags


def shown(arguments: list[str]) -> list[str]:
    """Flags as a reader may repeat them: without the paths of this machine."""
    kept: list[str] = []
    for index, argument in enumerate(arguments):
        names_path = argument.startswith(("--deme", "--out"))
        is_path = index > 0 and arguments[index - 1] in ["--deme", "--out"]
        if not names_path and not is_path:
            kept.append(shlex.quote(argument))
    return kept


def wanted(row: Row, only: list[str] | None) -> bool:
    return not only or any(text in row["what"] for text in only)


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


def measure(row: Row, flags: argparse.Namespace, report: Row) -> Row:
    """One row: what was run, and the row of its findings or why there is none."""
    result: Row = {"command": command(row, flags)}
    pace = row.get("pace", "normal")
    if not wanted(row, flags.only):
        return result | {"not_run": "left out by --only"}
    if PACES.index(pace) > PACES.index(flags.pace):
        reason = "takes long: --long" if pace == "long" else "left out by --quick"
        return result | {"not_run": reason}
    print(f"{row['what']}: {result['command']}", file=sys.stderr)
    arguments = shlex.split(result["command"])[1:]
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
    report["machine"] = findings["machine"]
    return result | {"row": findings["rows"][0], "notes": findings["notes"]}


if __name__ == "__main__":
    sys.exit(main())
