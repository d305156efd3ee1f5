"""The report of a comparison: the machine, the versions and the tables, as JSON and as Markdown."""

import argparse
import json
import os
import platform
import statistics
import subprocess
from pathlib import Path

from programs import ROOT, Entry


# The command that writes a report, by device.
STARTED_BY = {"cpu": "benches/peers/run.sh", "gpu": "benches/gpu.sh"}


def machine(threads: int) -> Entry:
    """This machine, as its kernel describes it."""

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
    return f"{version}, commit {commit or 'unknown, because the binary was given with --deme'}"


def write(report: Entry, flags: argparse.Namespace, partial: bool) -> None:
    date = report["date"][:10]
    folder = ROOT / ("target/peers/partial" if partial else "benches/results")
    stem = flags.out or folder / f"{flags.device}-{date}"
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_name(f"{stem.name}.json").write_text(json.dumps(report, indent=1) + "\n")
    stem.with_name(f"{stem.name}.md").write_text(markdown(report))


def seconds(value: float) -> str:
    """A time with three digits and a unit."""
    for unit, size in [("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)]:
        if value >= size:
            scaled = value / size
            return f"{scaled:.{max(0, 3 - len(str(int(scaled))))}f} {unit}"
    return f"{value:.1e} s"


def markdown(report: Entry) -> str:
    about, versions = report["machine"], report["versions"]
    names = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    lines = [
        f"# deme and other libraries on the {report['device'].upper()}, {report['date'][:10]}",
        "",
        f"**Machine.** {about['cpu']} ({', '.join(about['vectors'])}), {about['cores']} cores, "
        f"of which every program used {about['threads']} with as many threads, "
        f"{about['memory_bytes'] / 2**30:.0f} GiB, {about['os']}; load average before the start "
        f"{about['load_before']}.",
        "",
        f"**Versions.** {names}.",
        "",
        f"**Date.** {report['date']}.",
        "",
        f"**Method.** `{STARTED_BY[report['device']]}`, {report['rounds']} rounds. In each round "
        "every program warms up and measures itself once while the others are stopped; the order "
        "rotates from round to round. A time is the median over rounds of a program's median. A "
        "ratio is the other library's time divided by deme's: above 1, deme is faster. Each "
        "library tried several formulations of the work, all of them checked, and the fastest was "
        "measured. The JSON file beside this page has the times of all formulations.",
    ]
    if report["device"] == "gpu":
        lines[-1] += (" All programs used the same GPU and were timed by the host's clock. "
                      "Products are `float32` without TensorFloat-32, unless a library's name "
                      "says otherwise.")
        lines[4:4] = gpu_lines(report)
    rows = report["rows"]
    others = [share for row in rows for side in [row.get("deme"), *row.get("peers", [])] if side
              for share in side["others"] if share is not None]
    if others:
        lines[-1] += (f" Unrelated programs used {statistics.median(others):.0%} of the cores "
                      f"during a measurement (median), {max(others):.0%} at most.")
    sound = [row for row in rows if "broken" not in row]
    if against := [row for row in sound if row["kind"] == "peers"]:
        lines += ["", "| work | deme | fastest other library | ratio | required | goal | command |"]
        lines += ["|---|---|---|---|---|---|---|"]
        lines += [against_line(row) for row in against]
        if any(row["peers"] for row in against):
            lines += ["", "All libraries:", ""]
            lines += ["| work | library | formulation | median | ratio | ratios of the rounds |"]
            lines += ["|---|---|---|---|---|---|"]
            lines += [peer_line(row, peer) for row in against for peer in row["peers"]]
        # A reason that several rows share is listed once.
        missing = {(each["script"].split(" --network")[0].split(" --population")[0], each["why"])
                   for row in against for each in row.get("missing", [])}
        if missing:
            lines += ["", "Libraries that did not run:", ""]
            lines += [f"- `{script}`: {why}" for script, why in sorted(missing)]
    if alone := [row for row in sound if row["kind"] != "peers"]:
        lines += ["", "deme alone:", ""]
        lines += ["| work | measured | required | goal | command |", "|---|---|---|---|---|"]
        for row in alone:
            lines += [f"| {row['name']} | {row['measured']} | {row['at_least'] or '–'} | "
                      f"{row['aim'] or '–'} | `{row['command']}` |"]
    if broken := [row for row in rows if "broken" in row]:
        lines += ["", "Failed:" if report["device"] == "cpu" else "Failed or left out:", ""]
        lines += [f"- {row['name']}: {row['broken']}" for row in broken]
    return "\n".join(lines) + "\n"


def gpu_lines(report: Entry) -> list[str]:
    """The paragraphs on the GPU, its peak rates, and the result of `deme verify`."""
    about = report["machine"]
    adapter = about["adapter"]
    text = "**GPU.** "
    text += f"{adapter['name']} ({adapter['backend']}, {adapter['driver']})" if adapter else "none"
    text += "".join(f"; nvidia-smi: {', '.join(f'{key} {value}' for key, value in card.items())}"
                    for card in about["nvidia"])
    lines = [f"{text}.", ""]
    peaks = [row["roofline"] for row in report["rows"] if row.get("roofline")]
    if peaks:
        flops = statistics.median(peak["gflops"] for peak in peaks)
        copied = statistics.median(peak["gbytes_per_second"] for peak in peaks)
        lines += [f"**Roofline**, medians over the rows, measured by deme: {flops:,.0f} GFLOP/s "
                  f"of `float32` multiply-adds, {copied:,.0f} GB/s in copies.", ""]
    lines += [f"**Verification.** {report['verified']}", ""]
    return lines


def against_line(row: Entry) -> str:
    best = next((peer for peer in row["peers"] if peer["backend"] == row["best_peer"]), None)
    against = "none ran | – | "
    if best:
        against = (f"{seconds(best['seconds_median'])} ({best['backend']}) | "
                   f"**{row['ratio']:.2f}** | ")
    return (f"| {row['name']} | {deme_cell(row['deme'])} | {against}"
            f"{row['at_least'] or '–'} | {row['aim'] or '–'} | `{row['command']}` |")


def deme_cell(deme: Entry) -> str:
    """deme's time, and on a GPU also the kernel variant and the time by the device's clock."""
    cell = seconds(deme["seconds_median"])
    if device := deme.get("device_seconds_median"):
        variant = f", {deme['variant']}" if deme.get("variant") else ""
        cell += f" (on the device {seconds(device)}{variant})"
    return cell


def peer_line(row: Entry, peer: Entry) -> str:
    name = peer["backend"] + (", for information" if peer.get("informative") else "")
    return (f"| {row['name']} | {name} | {peer['variant']} | "
            f"{seconds(peer['seconds_median'])} | {peer['ratio']:.2f} | "
            f"{min(peer['ratios']):.2f} to {max(peer['ratios']):.2f} |")
