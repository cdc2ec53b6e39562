"""How long a thread could run and had no core."""

from __future__ import annotations

import os
import weakref


class CpuWait:
    """Time that the thread which makes this has stood in the scheduler's queue, in nanoseconds.

    From /proc/thread-self/schedstat, whose second field is "time spent waiting on a runqueue" (Linux,
    Documentation/scheduler/sched-stats); a reading takes 0.7 us. Elsewhere always 0.
    """

    def __init__(self) -> None:
        self._file: int | None = None
        try:
            self._file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:
            return
        weakref.finalize(self, os.close, self._file)
        try:
            self.read_ns()
        except (OSError, ValueError, IndexError):
            self._file = None

    def read_ns(self) -> int:
        """Nanoseconds waited since the thread began."""
        return int(os.pread(self._file, 64, 0).split()[1]) if self._file is not None else 0
