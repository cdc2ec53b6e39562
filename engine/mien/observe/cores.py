"""Who else had the machine's cores."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable
from typing import NamedTuple

LOOK_NS = 100_000_000
"""Least time between two looks: the system counts in ticks of 10 ms, and adds up many cores slowly."""

_BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq
_IDLE = (3, 4)  # idle, waiting for a disk
_STOLEN = 7


class CoreTimes(NamedTuple):
    """Time of all cores together since the last look, in nanoseconds."""

    others_ns: int
    """Other processes ran."""
    stolen_ns: int
    """The hypervisor ran something else on the cores of this (virtual) machine."""
    own_ns: int
    """This process ran."""
    idle_ns: int
    """Nothing ran."""

    @property
    def others_share(self) -> float | None:
        """The part of all that ran which was not of this process, 0..1; None when nothing was looked at."""
        others_ns = self.others_ns + self.stolen_ns
        ran_ns = others_ns + self.own_ns
        return others_ns / ran_ns if ran_ns else None


_NOTHING = CoreTimes(0, 0, 0, 0)


class Cores:
    """What other processes, and other virtual machines, took of the cores between looks.

    From the first line of /proc/stat (Linux, proc_stat(5)), from which what this process itself used is
    taken. In a container it may speak of the whole machine. Elsewhere always 0.

    Parameters: `stat` gives the file's first bytes; `own_ns` the CPU time of this process.
    """

    def __init__(
        self, stat: Callable[[], bytes] | None = None, own_ns: Callable[[], int] = time.process_time_ns
    ) -> None:
        self._stat, self._own_ns = stat or self._open(), own_ns
        self._tick_ns = 1_000_000_000 // os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0
        self._looked_ns: int | None = None
        self._busy_ns = self._stolen_ns = self._seen_own_ns = self._idle_ns = 0
        self._carry_ns = 0

    def look(self, now_ns: int) -> CoreTimes:
        """What was taken since the last look that was due; 0 when none is due or the system does not say."""
        if self._looked_ns is not None and now_ns - self._looked_ns < LOOK_NS:
            return _NOTHING
        fields = self._stat().split(None, _STOLEN + 2)[1 : _STOLEN + 2]
        if len(fields) <= _STOLEN:
            return _NOTHING
        own_ns = self._own_ns()
        busy_ns = sum(int(fields[index]) for index in _BUSY) * self._tick_ns - own_ns
        idle_ns = sum(int(fields[index]) for index in _IDLE) * self._tick_ns
        stolen_ns = int(fields[_STOLEN]) * self._tick_ns
        first = self._looked_ns is None
        # Ticks are coarse: what one look finds too little, the next has too much.
        others_ns = busy_ns - self._busy_ns + self._carry_ns
        found = CoreTimes(
            max(0, others_ns),
            max(0, stolen_ns - self._stolen_ns),
            own_ns - self._seen_own_ns,
            max(0, idle_ns - self._idle_ns),
        )
        self._carry_ns = 0 if first else min(0, others_ns)
        self._looked_ns, self._busy_ns, self._stolen_ns = now_ns, busy_ns, stolen_ns
        self._seen_own_ns, self._idle_ns = own_ns, idle_ns
        return _NOTHING if first else found

    def _open(self) -> Callable[[], bytes]:
        try:
            file = os.open("/proc/stat", os.O_RDONLY)
        except OSError:
            return lambda: b""
        weakref.finalize(self, os.close, file)
        return lambda: os.pread(file, 256, 0)  # once in 100 ms it may release the GIL
