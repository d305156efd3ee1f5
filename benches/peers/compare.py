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
import json
import os
import platform
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# A side that says nothing for so long hangs.
PATIENCE_SECONDS = 900
# The size to which the others of a `linear` row are compared; smaller ones do not fill the cores.
LINEAR_BASE = 1024
# Share of the cores that other programs may have before a measurement is repeated.
DISTURBED = 0.05
# A tick of the kernel's accounts is too coarse for less.
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

Entry = dict[str, Any]


class Broken(Exception):
    """Something that was started did not do its work."""


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


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# One side each.


class Deme:
    """deme, started anew for every measurement; it checks itself and warms up first."""

    name, variant = "deme", None

    def __init__(self, work: Entry, flags: argparse.Namespace, threads: int | None = None):
        samples = flags.samples or work.get("samples", 10)
        self.arguments = [*shlex.split(work["deme"]), "--backend", "cpu", "--json"]
        self.arguments += ["--samples", str(samples)]
        self.program = flags.deme
        self.environment = os.environ | {"RAYON_NUM_THREADS": str(threads or flags.threads)}

    def measure(self) -> Entry:
        return self.measure_all()[0]

    def processor_seconds(self) -> float:
        used = os.times()
        return used.children_user + used.children_system

    def measure_all(self) -> list[Entry]:
        done = subprocess.run([self.program, *self.arguments], env=self.environment, text=True,
                              capture_output=True, timeout=PATIENCE_SECONDS)
        if done.returncode != 0:
            raise Broken(f"deme exited with {done.returncode}: {last_words(done.stderr)}")
        return json.loads(done.stdout)["rows"]

    def close(self) -> None:
        pass


class Peer:
    """A peer, started once, that answers every line `go` with a row, and is stopped in between."""

    def __init__(self, script: str, work: Entry, flags: argparse.Namespace):
        samples = flags.samples or work.get("samples", 10)
        name, *arguments = shlex.split(script)
        arguments += ["--samples", str(samples), "--threads", str(flags.threads), "--serve"]
        self.script = script
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([sys.executable, HERE / name, *arguments], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, process_group=0,
                                        env=os.environ | peer_environment())
        ready = self.read()
        self.variants, self.versions = ready["variants"], ready["versions"]
        self.process.send_signal(signal.SIGSTOP)

    def measure(self) -> Entry:
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        row = self.read()
        self.process.send_signal(signal.SIGSTOP)
        return row

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def read(self) -> Entry:
        watchdog = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        if not line:
            code = self.process.wait()
            self.errors.seek(0)
            raise Broken(f"{self.script} exited with {code}: {last_words(self.errors.read())}")
        return json.loads(line)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.errors.close()


def peer_environment() -> dict[str, str]:
    """What keeps the peers' own work where it may be thrown away, and in one process."""
    cache = ROOT / "target/peers/torch"
    return {"TORCHINDUCTOR_CACHE_DIR": str(cache), "TORCHINDUCTOR_COMPILE_THREADS": "1"}


def last_words(errors: str) -> str:
    lines = [line for line in errors.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


# One kind of row each.


def against_peers(work: Entry, flags: argparse.Namespace, versions: Entry) -> Entry:
    sides: list[Deme | Peer] = [Deme(work, flags)]
    try:
        for script in work["peers"]:
            # One after the other: a peer that chooses its variant must not be disturbed.
            sides.append(Peer(script, work, flags))
        rows: list[list[Entry]] = [[] for _ in sides]
        for turn in range(flags.rounds):
            for place in range(len(sides)):
                index = (turn + place) % len(sides)
                rows[index].append(undisturbed(sides[index], flags.repeats))
    finally:
        for side in sides:
            side.close()
    deme, *peers = [summary(each) for each in rows]
    for peer, side, each in zip(peers, sides[1:], rows[1:]):
        versions.update(side.versions)
        peer["variants"] = side.variants
        peer["ratio"] = peer["seconds_median"] / deme["seconds_median"]
        peer["ratios"] = [
            theirs["seconds_median"] / ours["seconds_median"] for theirs, ours in zip(each, rows[0])
        ]
    best = min(peers, key=lambda peer: peer["seconds_median"])
    for peer in peers:
        note(f"  {peer['backend']} ({peer['variant']}): ratio {peer['ratio']:.2f}")
    return {"deme": deme, "peers": peers, "best_peer": best["backend"], "ratio": best["ratio"]}


def undisturbed(side: Deme | Peer, repeats: int) -> Entry:
    """A row, and in `others` what other programs had of the cores meanwhile, a share of all."""
    rows = []
    for _ in range(1 + repeats):
        busy, own, begin = busy_seconds(), side.processor_seconds(), time.perf_counter()
        row = side.measure()
        wall = (time.perf_counter() - begin) * os.cpu_count()
        others = busy_seconds() - busy - (side.processor_seconds() - own)
        rows.append(row | {"others": max(0.0, others / wall)})
        if rows[-1]["others"] <= DISTURBED:
            break
    return min(rows, key=lambda row: row["others"])


def busy_seconds() -> float:
    """Processor seconds of all programs since the machine started."""
    with open("/proc/stat") as stat:
        # Of `rest`, interrupts and what the host took for other machines.
        user, nice, system, _, _, *rest = map(int, stat.readline().split()[1:9])
    return (user + nice + system + sum(rest)) / TICKS_PER_SECOND


def summary(rows: list[Entry]) -> Entry:
    """A side's row over all rounds: the median of medians, and the extremes."""
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
        raise Broken("needs two threads or more")
    sides = [Deme(work, flags, threads=1), Deme(work, flags)]
    rounds = [[undisturbed(side, flags.repeats) for side in sides] for _ in range(flags.rounds)]
    one, all_threads = (summary(list(rows)) for rows in zip(*rounds))
    ratio = one["seconds_median"] / all_threads["seconds_median"]
    times = f"{seconds(one['seconds_median'])}, {seconds(all_threads['seconds_median'])}"
    measured = f"{ratio:.2f} times as fast with {flags.threads} threads as with one: {times}"
    return {"one_thread": one, "all_threads": all_threads, "ratio": ratio, "measured": measured}


def linear_cost(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    side = Deme(work, flags)
    # All sizes come from one process, and are disturbed together.
    rounds = [side.measure_all() for _ in range(flags.rounds)]
    rows = [summary([row | {"others": None} for row in same]) for same in zip(*rounds)]
    cost = {row["population"]: row["seconds_median"] / row["population"] for row in rows}
    relative = {population: each / cost[LINEAR_BASE] for population, each in cost.items()}
    texts = [f"{population:,}: {each:.2f}" for population, each in relative.items()]
    measured = f"cost of an individual, {LINEAR_BASE:,} being 1: {'; '.join(texts)}"
    ratio = max(each for population, each in relative.items() if population >= LINEAR_BASE)
    return {"sizes": rows, "relative": relative, "ratio": ratio, "measured": measured}


def start_time(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    runs = train(work, flags)
    wall = statistics.median(run["process_seconds"] for run in runs)
    setup = statistics.median(run["setup_seconds"] for run in runs)
    measured = f"whole process {seconds(wall)}, to the first generation {seconds(setup)}"
    return {"process_seconds": wall, "setup_seconds": setup, "runs": runs,
            "measured": f"{measured} (medians of {len(runs)})"}


def peak_memory(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    runs = train(work, flags)
    population = runs[0]["population"] * runs[0]["parameters"] * 4
    peak = max(run["peak_bytes"] for run in runs)
    measured = (f"{peak / population:.3f} of the population's bytes: {peak / 2**20:.1f} MiB "
                f"of {population / 2**20:.1f} MiB")
    return {"peak_bytes": peak, "population_bytes": population, "ratio": peak / population,
            "runs": runs, "measured": measured}


def train(work: Entry, flags: argparse.Namespace) -> list[Entry]:
    """Whole runs of `deme train`, each in a folder of its own: summary, wall time, peak memory."""
    runs = []
    environment = os.environ | {"RAYON_NUM_THREADS": str(flags.threads)}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(flags.samples or work.get("samples", 10)):
            arguments = [*shlex.split(work["deme"]), "--backend", "cpu", "--json", "--out"]
            begin = time.perf_counter()
            process = subprocess.Popen([flags.deme, *arguments, f"{folder}/{number}"], text=True,
                                       env=environment, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
            watch = PeakMemory(process.pid) if work["kind"] == "memory" else None
            output, errors = process.communicate(timeout=PATIENCE_SECONDS)
            run = {"process_seconds": time.perf_counter() - begin}
            if process.returncode != 0:
                raise Broken(f"deme exited with {process.returncode}: {last_words(errors)}")
            fields = ["parameters", "population", "generations", "wall_seconds", "setup_seconds"]
            run |= {field: json.loads(output)[field] for field in fields}
            if watch:
                run["peak_bytes"] = watch.bytes()
            runs.append(run)
    return runs


class PeakMemory(threading.Thread):
    """The high-water mark of a process's resident set, `VmHWM`, read until it ends.

    What the system tells after the end (`ru_maxrss`) starts at the size of the process that forked,
    which is this Python and larger than a small deme. The mark never falls, so that reading it late
    is enough; what the last millisecond adds is missed.
    """

    def __init__(self, process: int):
        super().__init__(daemon=True)
        self.status, self.peak = Path(f"/proc/{process}/status"), 0
        self.start()

    def run(self) -> None:
        try:
            while True:
                lines = self.status.read_text().splitlines()
                name = next(line for line in lines if line.startswith("Name:")).split()[1]
                marks = [line for line in lines if line.startswith("VmHWM:")]
                if not marks:  # it has ended
                    return
                # Between fork and exec it is this Python still.
                if not name.startswith("python"):
                    self.peak = int(marks[0].split()[1]) * 1024
                time.sleep(0.001)
        except (FileNotFoundError, ProcessLookupError):
            return

    def bytes(self) -> int:
        self.join()
        if not self.peak:
            raise Broken("the process ended before its memory was read")
        return self.peak


KINDS = {
    "peers": against_peers,
    "threads": all_threads_against_one,
    "linear": linear_cost,
    "start": start_time,
    "memory": peak_memory,
}


# The report.


def machine(threads: int) -> Entry:
    """This machine, as its kernel tells it."""

    def field(path: str, key: str, separator: str) -> str:
        for line in Path(path).read_text().splitlines():
            name, _, value = line.partition(separator)
            if name.strip() == key:
                return value.strip().strip('"')
        return "unknown"

    flags = field("/proc/cpuinfo", "flags", ":").split()
    vectors = [name for name in ["avx2", "fma", "avx512f"] if name in flags]
    kibibytes = field("/proc/meminfo", "MemTotal", ":").split()[0]
    return {
        "cpu": field("/proc/cpuinfo", "model name", ":"),
        "vectors": vectors,
        "cores": os.cpu_count(),
        "threads": threads,
        "memory_bytes": int(kibibytes) * 1024,
        "os": f"{platform.system()} ({field('/etc/os-release', 'PRETTY_NAME', '=')})",
        "load_before": round(os.getloadavg()[0], 2),
    }


def deme_version(flags: argparse.Namespace) -> str:
    def output(*command: str | Path) -> str:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip()

    version = output(flags.deme, "--version").removeprefix("deme ")
    commit = flags.commit
    if commit is None and flags.deme == ROOT / "target/release/deme":
        commit = output("git", "rev-parse", "--short=12", "HEAD")
        if output("git", "status", "--porcelain", "--", "src", "shaders", "Cargo.toml"):
            commit += " with changes"
    return f"{version}, commit {commit or 'unknown: the binary was given by hand'}"


def write(report: Entry, flags: argparse.Namespace, partial: bool) -> None:
    date = report["date"][:10]
    folder = ROOT / ("target/peers/partial" if partial else "benches/results")
    stem = flags.out or folder / f"cpu-{date}"
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_name(f"{stem.name}.json").write_text(json.dumps(report, indent=1) + "\n")
    stem.with_name(f"{stem.name}.md").write_text(markdown(report))


def seconds(value: float) -> str:
    """Three digits and a unit."""
    for unit, size in [("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)]:
        if value >= size:
            scaled = value / size
            return f"{scaled:.{max(0, 3 - len(str(int(scaled))))}f} {unit}"
    return f"{value:.1e} s"


def markdown(report: Entry) -> str:
    about, versions = report["machine"], report["versions"]
    names = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    lines = [
        f"# CPU, side by side, {report['date'][:10]}",
        "",
        f"**Machine.** {about['cpu']} ({', '.join(about['vectors'])}), {about['cores']} cores, "
        f"{about['threads']} of them and as many threads for every side, "
        f"{about['memory_bytes'] / 2**30:.0f} GiB, {about['os']}; load before the start "
        f"{about['load_before']}.",
        "",
        f"**Versions.** {names}.",
        "",
        f"**Date.** {report['date']}.",
        "",
        f"**Method.** `benches/peers/run.sh`, {report['rounds']} rounds. In a round every side "
        "warms up and measures itself once, one after the other, in turning order, while the "
        "others are stopped. A time is the median over rounds of a side's median; a ratio is the "
        "peer's time over deme's, and above 1 deme is faster. Each peer tried several "
        "formulations, all checked against `float64` or step by step, and the fastest was "
        "measured; what each took is in the JSON file beside this one.",
    ]
    rows = report["rows"]
    others = [share for row in rows for side in [row.get("deme"), *row.get("peers", [])] if side
              for share in side["others"]]
    if others:
        lines[-1] += (f" Meanwhile other programs had {statistics.median(others):.0%} of the cores "
                      f"(median), {max(others):.0%} at worst.")
    sound = [row for row in rows if "broken" not in row]
    if against := [row for row in sound if row["kind"] == "peers"]:
        lines += ["", "| work | deme | best peer (which) | ratio | at least | aim | command |"]
        lines += ["|---|---|---|---|---|---|---|"]
        lines += [against_line(row) for row in against]
        lines += ["", "All peers:", ""]
        lines += ["| work | peer | formulation | median | ratio | ratios of the rounds |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [peer_line(row, peer) for row in against for peer in row["peers"]]
    if alone := [row for row in sound if row["kind"] != "peers"]:
        lines += ["", "deme against itself:", ""]
        lines += ["| work | measured | at least | aim | command |", "|---|---|---|---|---|"]
        for row in alone:
            lines += [f"| {row['name']} | {row['measured']} | {row['at_least'] or '–'} | "
                      f"{row['aim'] or '–'} | `{row['command']}` |"]
    if broken := [row for row in rows if "broken" in row]:
        lines += ["", "Broken:", ""]
        lines += [f"- {row['name']}: {row['broken']}" for row in broken]
    return "\n".join(lines) + "\n"


def against_line(row: Entry) -> str:
    best = next(peer for peer in row["peers"] if peer["backend"] == row["best_peer"])
    return (f"| {row['name']} | {seconds(row['deme']['seconds_median'])} | "
            f"{seconds(best['seconds_median'])} ({best['backend']}) | **{row['ratio']:.2f}** | "
            f"{row['at_least'] or '–'} | {row['aim'] or '–'} | `{row['command']}` |")


def peer_line(row: Entry, peer: Entry) -> str:
    return (f"| {row['name']} | {peer['backend']} | {peer['variant']} | "
            f"{seconds(peer['seconds_median'])} | {peer['ratio']:.2f} | "
            f"{min(peer['ratios']):.2f} to {max(peer['ratios']):.2f} |")


if __name__ == "__main__":
    sys.exit(main())
