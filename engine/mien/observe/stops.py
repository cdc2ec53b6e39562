"""Time in which the process did not run: it was stopped (SIGSTOP, a debugger, a frozen container), or the
machine slept, or gave it no core for seconds. That is nobody's lateness.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import perf_counter_ns, process_time_ns
from typing import Final

from mien.observe.intervals import Intervals

LEAST_NS: Final = 1_000_000_000
"""A shorter stop is like a busy machine, and is caught up with."""

_MOST_BUSY: Final = 0.1
"""Share of one core beyond which the process did run."""

_MOST_SWITCHES: Final = 100
"""Switches a second beyond which it did: a thread that waits for the GIL, since a call holds it and sleeps,
looks every 5 ms, 200 times a second. A process that is stopped does nothing."""


class Stops:
    """Notices that nobody has looked for long, and whether that was because nothing ran.

    `look` is to be called often, by threads that never wait for long: a playout's looks each 10 to 50 ms. Any
    thread may call everything. Parameters: clocks in nanoseconds, `now_ns` of what is measured, `cpu_ns` of
    the whole process's processor time; `switches`, how often its threads have given up a core of themselves.
    """

    def __init__(
        self,
        now_ns: Callable[[], int] = perf_counter_ns,
        cpu_ns: Callable[[], int] = process_time_ns,
        switches: Callable[[], int] | None = None,
    ) -> None:
        self.times = 0
        """How often the process was stopped."""
        self.lost_ns = 0
        """For how long, all together."""
        self._now_ns, self._cpu_ns, self._switches = now_ns, cpu_ns, switches or _switches()
        self._stops = Intervals(64)
        self._looking = threading.Lock()
        self._seen = (self._now_ns(), self._cpu_ns(), self._switches())

    def look(self) -> None:
        """Note a stop that has ended since the last look. Never waits."""
        if not self._looking.acquire(blocking=False):
            return  # another thread looks at this very moment
        try:
            then_ns, then_cpu_ns, then_switches = self._seen
            self._seen = now_ns, cpu_ns, switches = (self._now_ns(), self._cpu_ns(), self._switches())
            gap_ns = now_ns - then_ns
            if gap_ns < LEAST_NS or cpu_ns - then_cpu_ns > _MOST_BUSY * gap_ns:
                return
            if (switches - then_switches) * 1e9 > _MOST_SWITCHES * gap_ns:
                return
            self._stops.add(then_ns, now_ns)
            self.times += 1
            self.lost_ns += gap_ns
        finally:
            self._looking.release()

    def pauses(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """The parts of start..end in which the process did not run."""
        self.look()
        return self._stops.within(start_ns, end_ns)

    def within(self, start_ns: int, end_ns: int) -> int:
        """For how many nanoseconds of start..end the process did not run."""
        self.look()
        return self._stops.overlap_ns(start_ns, end_ns)


def _switches() -> Callable[[], int]:
    """How often the threads of the process have given up a core of themselves; always 0 on Windows."""
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:
        return int
    return lambda: getrusage(RUSAGE_SELF).ru_nvcsw
