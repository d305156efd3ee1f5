"""The peak memory of a process, in bytes."""

import threading
import time
from pathlib import Path

from sides import Broken


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
