"""The kinds of work in `gpu.toml`, one function each, and smaller sizes for a dry run.

All times are those of the host's clock, which is what a caller waits for and the only clock that
the peers have. deme's time on the device is reported beside it. deme measures the rooflines in the
same process.

When the time of `--minutes` is over, no further round begins. The rounds so far count.
"""

import argparse
import re

from kinds import note, summary
from report import seconds
from programs import ProgramFailed, Deme, Entry, Peer


def quick(work: Entry) -> Entry:
    """The same work at tiny sizes, which only shows that everything runs."""

    def shrunk(command: str) -> str:
        for flag, most in [("population", 32), ("steps", 20), ("parameters", 500)]:
            command = re.sub(rf"(--{flag}) \d+", rf"\1 {most}", command)
        return command

    changed = {key: shrunk(work[key]) for key in ["deme", "of"] if key in work}
    changed |= {key: [*map(shrunk, work[key])] for key in ["peers", "informative"] if key in work}
    return work | changed | {"name": f"{work['name']} (tiny, for a dry run)", "samples": 2}


def against_peers(work: Entry, flags: argparse.Namespace, versions: Entry) -> Entry:
    """deme and the peers that can run here. The informative peers do not count in the ratio."""
    programs: list[HostTimed | Peer] = [HostTimed(work, flags)]
    missing: list[Entry] = []
    try:
        # If deme fails, the row fails before a peer has used any time.
        rows = [[programs[0].measure()]]
        for script in [*work["peers"], *work.get("informative", [])]:
            try:
                peer = Peer(script, work, flags)
                programs.append(peer)
                rows.append([])
                rows[-1].append(peer.measure())
            except ProgramFailed as broken:
                why = str(broken).removeprefix(script).strip()
                note(f"  left out: {script}: {why}")
                missing.append({"script": script, "why": why})
        further_rounds(programs, rows, flags)
    finally:
        for program in programs:
            program.close()
    deme = summary(undisturbed(rows[0]))
    peers = []
    for program, each in zip(programs[1:], rows[1:]):
        if not each:
            continue
        versions.update(program.versions)
        peer = summary(undisturbed(each)) | {"variants": program.variants}
        peer["informative"] = program.script not in work["peers"]
        peer["ratio"] = peer["seconds_median"] / deme["seconds_median"]
        peer["ratios"] = [
            theirs["seconds_median"] / ours["seconds_median"] for theirs, ours in zip(each, rows[0])
        ]
        peers.append(peer)
        note(f"  {peer['backend']} ({peer['variant']}): ratio {peer['ratio']:.2f}")
    best = min((peer for peer in peers if not peer["informative"]),
               key=lambda peer: peer["seconds_median"], default=None)
    return {"deme": deme, "peers": peers, "missing": missing, "roofline": programs[0].roofline,
            "best_peer": best and best["backend"], "ratio": best and best["ratio"]}


def further_rounds(programs: list, rows: list[list[Entry]], flags: argparse.Namespace) -> None:
    """Adds a row of every program for each round after the first, until the time is over.

    A program whose measurement failed has an empty list of rows, or fewer than the others.
    """
    for turn in range(1, flags.rounds):
        for place in range(len(programs)):
            index = (turn + place) % len(programs)
            if not rows[index]:
                continue
            try:
                rows[index].append(programs[index].measure())
            except ProgramFailed as broken:
                note(f"  round {turn + 1} ends early: {broken}")
                return


class HostTimed(Deme):
    """deme by the host's clock. Its time on the device is kept in `device_seconds_median`.

    deme reports only the median of the host's clock, which also stands for the extremes here. The
    fastest kernel variant counts.
    """

    def measure(self) -> Entry:
        document = self.document()
        self.roofline = (document.get("rooflines") or [None])[0]
        row = min(document["rows"], key=lambda row: row["host_seconds_median"])
        host = row["host_seconds_median"]
        device = row["seconds_median"] if row["timing"] == "device" else None
        return row | {"seconds_median": host, "seconds_min": host, "seconds_max": host,
                      "timing": "host", "device_seconds_median": device}


def undisturbed(rows: list[Entry]) -> list[Entry]:
    """The rows without the core time of other programs, which matters little on a GPU."""
    return [row | {"others": None} for row in rows]


def variants(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    """Every kernel variant by the device's clock, with the best one's fraction of the peak."""
    document = Deme(work, flags).document()
    roofline = (document.get("rooflines") or [None])[0]
    rows = sorted(document["rows"], key=lambda row: row["seconds_median"])
    texts = [f"{row['variant']} {seconds(row['seconds_median'])}" for row in rows]
    measured = "; ".join(texts)
    share = None
    if roofline and rows[0]["gflops"]:
        share = rows[0]["gflops"] / roofline["gflops"]
        measured += (f"; the fastest reaches {share:.1%} of the peak of multiply-adds "
                     f"({rows[0]['gflops']:,.0f} of {roofline['gflops']:,.0f} GFLOP/s)")
    return {"variants": rows, "roofline": roofline, "ratio": share, "measured": measured}


def share(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    """deme's time for `deme` as a fraction of its time for `of`."""
    part, whole = HostTimed(work, flags), HostTimed(work | {"deme": work["of"]}, flags)
    rows: list[list[Entry]] = [[part.measure()], [whole.measure()]]
    further_rounds([part, whole], rows, flags)
    one, other = summary(undisturbed(rows[0])), summary(undisturbed(rows[1]))
    ratio = one["seconds_median"] / other["seconds_median"]
    times = f"{seconds(one['seconds_median'])} of {seconds(other['seconds_median'])}"
    measured = f"{ratio:.1%}: {times} (`deme {work['of']}`)"
    if one["gbytes_per_second"] and part.roofline:
        copied = part.roofline["gbytes_per_second"]
        measured += (f"; it moves {one['gbytes_per_second']:,.0f} GB/s, and a copy "
                     f"{copied:,.0f} GB/s")
    return {"part": one, "whole": other, "roofline": part.roofline, "ratio": ratio,
            "measured": measured}


def bandwidth(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    """The bandwidth of deme by the device's clock, as a fraction of that of a copy."""
    document = Deme(work, flags).document()
    roofline = (document.get("rooflines") or [None])[0]
    row = document["rows"][0]
    ratio = None
    measured = seconds(row["seconds_median"])
    if roofline and row["gbytes_per_second"]:
        ratio = row["gbytes_per_second"] / roofline["gbytes_per_second"]
        measured += (f", {ratio:.1%} of a copy's bandwidth ({row['gbytes_per_second']:,.0f} of "
                     f"{roofline['gbytes_per_second']:,.0f} GB/s)")
    return {"row": row, "roofline": roofline, "ratio": ratio, "measured": measured}


GPU_KINDS = {"peers": against_peers, "variants": variants, "share": share, "bandwidth": bandwidth}
