"""The kinds of work in `gpu.toml`, one function each, and its sizes for a dry run.

All times are the host's, for the peers have no other: what a caller waits for. deme's own time on
the device stands beside it. Rooflines are those that deme measured in the same process.

Where time runs out (`--minutes`) no further round begins; what was measured until then counts.
"""

import argparse
import re

from kinds import note, summary
from report import seconds
from sides import Broken, Deme, Entry, Peer


def quick(work: Entry) -> Entry:
    """Work of tiny sizes, by the same commands: they show that all of it runs, and nothing else."""

    def shrunk(command: str) -> str:
        for flag, most in [("population", 32), ("steps", 20), ("parameters", 500)]:
            command = re.sub(rf"(--{flag}) \d+", rf"\1 {most}", command)
        return command

    changed = {key: shrunk(work[key]) for key in ["deme", "of"] if key in work}
    changed |= {key: [*map(shrunk, work[key])] for key in ["peers", "informative"] if key in work}
    return work | changed | {"name": f"{work['name']} (tiny, for a dry run)", "samples": 2}


def against_peers(work: Entry, flags: argparse.Namespace, versions: Entry) -> Entry:
    """deme against the peers that can run here; the informative ones stand outside the ratio."""
    sides: list[HostTimed | Peer] = [HostTimed(work, flags)]
    missing: list[Entry] = []
    try:
        # A deme that breaks breaks the row, before any peer has taken its time.
        rows = [[sides[0].measure()]]
        for script in [*work["peers"], *work.get("informative", [])]:
            try:
                peer = Peer(script, work, flags)
                sides.append(peer)
                rows.append([])
                rows[-1].append(peer.measure())
            except Broken as broken:
                why = str(broken).removeprefix(script).strip()
                note(f"  left out: {script}: {why}")
                missing.append({"script": script, "why": why})
        further_rounds(sides, rows, flags)
    finally:
        for side in sides:
            side.close()
    deme = summary(undisturbed(rows[0]))
    peers = []
    for side, each in zip(sides[1:], rows[1:]):
        if not each:
            continue
        versions.update(side.versions)
        peer = summary(undisturbed(each)) | {"variants": side.variants}
        peer["informative"] = side.script not in work["peers"]
        peer["ratio"] = peer["seconds_median"] / deme["seconds_median"]
        peer["ratios"] = [
            theirs["seconds_median"] / ours["seconds_median"] for theirs, ours in zip(each, rows[0])
        ]
        peers.append(peer)
        note(f"  {peer['backend']} ({peer['variant']}): ratio {peer['ratio']:.2f}")
    best = min((peer for peer in peers if not peer["informative"]),
               key=lambda peer: peer["seconds_median"], default=None)
    return {"deme": deme, "peers": peers, "missing": missing, "roofline": sides[0].roofline,
            "best_peer": best and best["backend"], "ratio": best and best["ratio"]}


def further_rounds(sides: list, rows: list[list[Entry]], flags: argparse.Namespace) -> None:
    """Adds a row of every side for each round after the first, as far as time goes.

    A side whose measurement failed has an empty list of rows, or fewer than the others.
    """
    for turn in range(1, flags.rounds):
        for place in range(len(sides)):
            index = (turn + place) % len(sides)
            if not rows[index]:
                continue
            try:
                rows[index].append(sides[index].measure())
            except Broken as broken:
                note(f"  round {turn + 1} ends early: {broken}")
                return


class HostTimed(Deme):
    """deme by the host's clock: its time on the device is kept under `device_seconds_median`.

    deme tells the host's median alone, which stands for the extremes, too. Of several layouts of its
    kernels the fastest counts.
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
    """What other programs have of the cores is not counted: the cores have little to do here."""
    return [row | {"others": None} for row in rows]


def variants(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    """Every layout of deme's kernels, by the device's clock, and the best one's share of a peak."""
    document = Deme(work, flags).document()
    roofline = (document.get("rooflines") or [None])[0]
    rows = sorted(document["rows"], key=lambda row: row["seconds_median"])
    texts = [f"{row['variant']} {seconds(row['seconds_median'])}" for row in rows]
    measured = "; ".join(texts)
    share = None
    if roofline and rows[0]["gflops"]:
        share = rows[0]["gflops"] / roofline["gflops"]
        measured += (f"; the first has {share:.1%} of the measured multiply-adds "
                     f"({rows[0]['gflops']:,.0f} of {roofline['gflops']:,.0f} GFLOP/s)")
    return {"variants": rows, "roofline": roofline, "ratio": share, "measured": measured}


def share(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    """deme's time for one thing as a share of its time for another, `of`."""
    part, whole = HostTimed(work, flags), HostTimed(work | {"deme": work["of"]}, flags)
    rows: list[list[Entry]] = [[part.measure()], [whole.measure()]]
    further_rounds([part, whole], rows, flags)
    one, other = summary(undisturbed(rows[0])), summary(undisturbed(rows[1]))
    ratio = one["seconds_median"] / other["seconds_median"]
    times = f"{seconds(one['seconds_median'])} of {seconds(other['seconds_median'])}"
    measured = f"{ratio:.1%}: {times} (`deme {work['of']}`)"
    if one["gbytes_per_second"] and part.roofline:
        copied = part.roofline["gbytes_per_second"]
        measured += (f"; by the bytes that it must move {one['gbytes_per_second']:,.0f} GB/s, "
                     f"where copying has {copied:,.0f}")
    return {"part": one, "whole": other, "roofline": part.roofline, "ratio": ratio,
            "measured": measured}


def bandwidth(work: Entry, flags: argparse.Namespace, _: Entry) -> Entry:
    """The bytes that deme must move, by the device's clock, as a share of copying."""
    document = Deme(work, flags).document()
    roofline = (document.get("rooflines") or [None])[0]
    row = document["rows"][0]
    ratio = None
    measured = seconds(row["seconds_median"])
    if roofline and row["gbytes_per_second"]:
        ratio = row["gbytes_per_second"] / roofline["gbytes_per_second"]
        measured += (f", {ratio:.1%} of copying ({row['gbytes_per_second']:,.0f} of "
                     f"{roofline['gbytes_per_second']:,.0f} GB/s)")
    return {"row": row, "roofline": roofline, "ratio": ratio, "measured": measured}


GPU_KINDS = {"peers": against_peers, "variants": variants, "share": share, "bandwidth": bandwidth}
