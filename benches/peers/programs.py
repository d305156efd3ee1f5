"""The programs of a comparison: deme, and a peer that is started once and stopped between turns.

Both have a method `measure()`, which returns a row with the fields of `deme bench --json`. They
raise `ProgramFailed` with the last line of the program's error output.
"""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# The default of --patience: a program that does not answer for this long has hung.
PATIENCE_SECONDS = 900
# The resolution of processor times in /proc.
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

Entry = dict[str, Any]


class ProgramFailed(Exception):
    """Raised when a program ended early, hung, or returned an error."""


def patience_seconds(flags: argparse.Namespace) -> float:
    """The seconds for which a program may be silent, limited by the time that is left."""
    left = flags.deadline - time.monotonic()
    if left <= 0:
        raise ProgramFailed("time is up")
    return min(flags.patience, left)


class Deme:
    """deme, started anew for every measurement. It verifies itself and warms up first."""

    name, variant = "deme", None

    def __init__(self, work: Entry, flags: argparse.Namespace, threads: int | None = None):
        samples = flags.samples or work.get("samples", 10)
        self.arguments = [*shlex.split(work["deme"]), "--backend", flags.device, "--json"]
        self.arguments += ["--samples", str(samples)]
        if flags.adapter:
            self.arguments += ["--adapter", flags.adapter]
        self.program, self.flags = flags.deme, flags
        self.environment = os.environ | {"RAYON_NUM_THREADS": str(threads or flags.threads)}

    def measure(self) -> Entry:
        return self.measure_all()[0]

    def processor_seconds(self) -> float:
        used = os.times()
        return used.children_user + used.children_system

    def measure_all(self) -> list[Entry]:
        return self.document()["rows"]

    def document(self) -> Entry:
        """The output of `deme bench --json`: rows, rooflines and warnings."""
        patience = patience_seconds(self.flags)
        try:
            done = subprocess.run([self.program, *self.arguments], env=self.environment, text=True,
                                  capture_output=True, timeout=patience)
        except subprocess.TimeoutExpired:
            raise ProgramFailed(f"deme was ended after {patience:.0f} s") from None
        if done.returncode != 0:
            raise ProgramFailed(f"deme exited with {done.returncode}: {last_words(done.stderr)}")
        return json.loads(done.stdout)

    def close(self) -> None:
        pass


class Peer:
    """A peer, started once. It answers every line `go` with a row and is stopped in between."""

    def __init__(self, script: str, work: Entry, flags: argparse.Namespace):
        samples = flags.samples or work.get("samples", 10)
        name, *arguments = shlex.split(script)
        arguments += ["--samples", str(samples), "--threads", str(flags.threads), "--serve"]
        if flags.device == "gpu":
            arguments += ["--device", "gpu", "--seconds", str(flags.choice_seconds)]
        self.script, self.flags = script, flags
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([sys.executable, HERE / name, *arguments], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, process_group=0,
                                        env=os.environ | peer_environment())
        try:
            ready = self.read()
        except ProgramFailed:
            self.close()
            raise
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
        patience = patience_seconds(self.flags)
        watchdog = threading.Timer(patience, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        if not line:
            code = self.process.wait()
            self.errors.seek(0)
            if code == -signal.SIGKILL:
                raise ProgramFailed(f"{self.script} was ended after {patience:.0f} s")
            problem = last_words(self.errors.read())
            raise ProgramFailed(f"{self.script} exited with {code}: {problem}")
        return json.loads(line)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.errors.close()


def peer_environment() -> dict[str, str]:
    """The variables that keep PyTorch's cache in target/ and its compiler in one process."""
    cache = ROOT / "target/peers/torch"
    return {"TORCHINDUCTOR_CACHE_DIR": str(cache), "TORCHINDUCTOR_COMPILE_THREADS": "1"}


def last_words(errors: str) -> str:
    lines = [line for line in errors.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "no message"
