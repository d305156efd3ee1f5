"""The GPU that is measured, as described by deme and by the driver's own tool."""

import argparse
import json
import subprocess

from programs import ProgramFailed, Entry, last_words

# The fields to query from the driver's tool: limits, because current clocks and power change.
FIELDS = ["name", "driver_version", "memory.total", "power.limit", "clocks.max.sm",
         "clocks.max.memory"]


def gpu_machine(flags: argparse.Namespace) -> Entry:
    """The adapter that deme uses, and the cards that `nvidia-smi` lists, if there is one."""
    done = subprocess.run([flags.deme, "devices", "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        problem = last_words(done.stderr)
        raise ProgramFailed(f"deme devices exited with {done.returncode}: {problem}")
    adapters = json.loads(done.stdout)
    wanted = (flags.adapter or "").lower()
    named = [each for each in adapters if wanted in each["name"].lower()]
    # Without a name deme uses the first hardware adapter.
    hardware = [each for each in named if flags.adapter or each["device_type"] != "software"]
    chosen = hardware[0] if hardware else None
    return {"adapter": chosen, "adapters": adapters, "nvidia": nvidia()}


def nvidia() -> list[Entry]:
    command = ["nvidia-smi", f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return []
    if done.returncode != 0:
        return []
    return [dict(zip(FIELDS, map(str.strip, line.split(",")))) for line in
            done.stdout.splitlines()]
