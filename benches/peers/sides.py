"""The sides of a comparison: deme, and a peer that is started once and stopped between its turns.

Both answer `measure()` with a row, the fields of `deme bench --json`, and raise `Broken` with the
last words of what broke.
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
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# A side that says nothing for so long hangs.
PATIENCE_SECONDS = 900
# A tick of the kernel's accounts is too coarse for less.
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

Entry = dict[str, Any]


class Broken(Exception):
    """Something that was started did not do its work."""


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
