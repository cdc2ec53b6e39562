"""What a meter measures a frame by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter_ns, process_time_ns, thread_time_ns
from typing import Self

from mien.clock import Clock, RealClock
from mien.observe import ClockJumps, Cores, Speed, ThreadWaits, Waits
from mien.observe.clock_jumps import still
from mien.observe.speed import loop_us
from mien.observe.stops import Stops


def _own_waits() -> Callable[[], Waits]:
    return ThreadWaits().read


@dataclass(slots=True)
class Clips:
    """Counts what clips had no room for."""

    dropped: int = 0
    """Pictures."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """Clocks and counters, all of the thread that makes this and its process. Times in nanoseconds."""

    now_ns: Callable[[], int] = perf_counter_ns
    """The clock of the schedule."""
    cpu_ns: Callable[[], int] = thread_time_ns
    """Processor time of the thread."""
    waits: Callable[[], Waits] = field(default_factory=_own_waits)
    """What the thread has waited."""
    process_ns: Callable[[], int] | None = None
    """Processor time of the process, where threads of it draw; else None."""
    cores: Cores = field(default_factory=Cores)
    """Who else had the cores."""
    stops: Stops | None = None
    """When the process did not run, which is no frame's lateness."""
    clocks: ClockJumps = field(default_factory=ClockJumps)
    """When the machine slept, or its time was set."""
    loop_us: Callable[[], float] = loop_us
    """Times a known loop: how fast the machine is."""

    @classmethod
    def of(cls, clock: Clock, stops: Stops | None, *, is_software: bool) -> Self:
        """Those of a stage with this clock. Of one that is not the machine's the processor knows nothing."""
        if isinstance(clock, RealClock):
            return cls(clock.now_ns, process_ns=process_time_ns if is_software else None, stops=stops)
        return cls(clock.now_ns, waits=lambda: Waits(0, None), stops=stops, clocks=ClockJumps(still))

    def speed(self) -> Speed:
        """How fast the machine is, by the clock of the schedule."""
        return Speed(self.now_ns, self.loop_us)
