"""The peak memory of a process, in bytes."""

import threading
import time
from pathlib import Path

from programs import ProgramFailed


class PeakMemory(threading.Thread):
    """The high-water mark of a process's resident set, `VmHWM`, read until the process ends.

    The number that the system reports at the end (`ru_maxrss`) includes the size of the forking
    process. That is this Python, which is larger than a small deme. The mark never falls, so
    reading it late is enough; growth in the last millisecond is missed.
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
                # Between fork and exec the process is still this Python.
                if not name.startswith("python"):
                    self.peak = int(marks[0].split()[1]) * 1024
                time.sleep(0.001)
        except (FileNotFoundError, ProcessLookupError):
            return

    def bytes(self) -> int:
        self.join()
        if not self.peak:
            raise ProgramFailed("the process ended before its memory was read")
        return self.peak
