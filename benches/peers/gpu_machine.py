"""The GPU that is measured: what deme's adapter list and the driver's own tool tell of it."""

import argparse
import json
import subprocess

from sides import Broken, Entry, last_words

# What the driver's tool is asked. Clocks and power are of a moment; the limits say what may be.
ASKED = ["name", "driver_version", "memory.total", "power.limit", "clocks.max.sm",
         "clocks.max.memory"]


def gpu_machine(flags: argparse.Namespace) -> Entry:
    """The adapter, as deme names it, and NVIDIA's cards where `nvidia-smi` is."""
    done = subprocess.run([flags.deme, "devices", "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        raise Broken(f"deme devices exited with {done.returncode}: {last_words(done.stderr)}")
    adapters = json.loads(done.stdout)
    wanted = (flags.adapter or "").lower()
    named = [each for each in adapters if wanted in each["name"].lower()]
    # Without a name deme takes the first that is hardware.
    hardware = [each for each in named if flags.adapter or each["device_type"] != "software"]
    chosen = hardware[0] if hardware else None
    return {"adapter": chosen, "adapters": adapters, "nvidia": nvidia()}


def nvidia() -> list[Entry]:
    command = ["nvidia-smi", f"--query-gpu={','.join(ASKED)}", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return []
    if done.returncode != 0:
        return []
    return [dict(zip(ASKED, map(str.strip, line.split(",")))) for line in
            done.stdout.splitlines()]
