"""Whose a frame's time was: of its stages, of the collector, of whoever held the GIL or had the cores.

Pure: it is told what was measured, and says what that comes to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from mien.observe.intervals import Range, overlap_ns, total_ns

LOOK_NS: Final = 600_000
"""Who waits for the GIL looks for it after each switch interval, here of 0.5 ms, and wakes 0.1 ms late."""


class Stretch(NamedTuple):
    """A stage's time, or a part of it."""

    stage: int
    start_ns: int
    end_ns: int
    idle_ns: int
    """Of it, how long the frame's thread did not run."""
    core_ns: int = 0
    """Of that, how long it could run and had no core."""
    times: int | None = None
    """How often it gave up its core of itself; None: not known."""
    forced: int = 0
    """How often its core was given to another thread."""
    look_ns: int = LOOK_NS
    """How often it looks for the GIL when it waits for that."""
    stalled_ns: int = 0
    """Of the idle time, how long the threads that it waited for did not run either, and needed nothing but a
    core."""


class Pauses(Protocol):
    """Who knows when something ran, or nothing did."""

    def pauses(self, start_ns: int, end_ns: int) -> list[Range]:
        """The parts of start..end in which it did."""
        ...


class Gaps(Protocol):
    """Who knows when other Python threads could not run."""

    def gaps(self, start_ns: int, end_ns: int) -> list[Range]:
        """The parts of start..end in which they could not, or had to take turns."""
        ...

    def starved(self, start_ns: int, end_ns: int) -> list[Range]:
        """The parts of those in which whoever held the GIL had no core."""
        ...


class Shares(NamedTuple):
    """A frame's time by whose it was, in ms."""

    stages: list[float]
    """One a stage, without what others took of it."""
    gc: float
    gil: float
    cores: float
    """Waited for a core that others had."""
    stopped: float
    longest_gap: float
    """The heartbeat's longest lateness; a part of nothing."""


def shares_of(
    stretches: Sequence[Stretch],
    stages: int,
    others: float,
    collector: Pauses | None = None,
    heartbeat: Gaps | None = None,
    stops: Pauses | None = None,
) -> Shares:
    """Take what others took of a frame out of the stages that they struck.

    `stages`: how many there are; `others`: the share of all that ran on the cores that was of other programs
    or machines, 0..1.
    """
    told = [0.0] * stages
    gc_ns = gil_ns = stopped_ns = longest_ns = 0
    cores_ns = 0.0
    since_ns = min((s.start_ns for s in stretches), default=0)
    until_ns = max((s.end_ns for s in stretches), default=0)
    # Asked once a frame: nearly always there is nothing.
    all_pauses = collector.pauses(since_ns, until_ns) if collector and stretches else []
    all_gaps = heartbeat.gaps(since_ns, until_ns) if heartbeat and stretches else []
    all_starved = heartbeat.starved(since_ns, until_ns) if heartbeat and all_gaps else []
    all_still = stops.pauses(since_ns, until_ns) if stops and stretches else []
    quiet = not (all_pauses or all_gaps or all_still)
    for stretch in stretches:
        start_ns, end_ns = stretch.start_ns, stretch.end_ns
        if quiet and not (stretch.core_ns or stretch.stalled_ns):
            told[stretch.stage] += (end_ns - start_ns) / 1e6
            continue
        here = [(start_ns, end_ns)]
        paused_ns, still_ns = overlap_ns(all_pauses, here), overlap_ns(all_still, here)
        gaps = [(max(start, start_ns), min(end, end_ns)) for start, end in all_gaps]
        gaps = [(start, end) for start, end in gaps if start < end]
        # The heartbeat stands still in a collection as well.
        late_ns = total_ns(gaps) - overlap_ns(all_pauses, gaps) - overlap_ns(all_still, gaps)
        lock_ns, queued_ns = _waited_ns(stretch, late_ns)
        # Who waits for a lock whose holder waits for a core waits for that.
        held_ns = round(lock_ns * max(0.0, 1 - overlap_ns(all_starved, gaps) / max(1, total_ns(gaps))))
        crowded_ns = others * (queued_ns + lock_ns - held_ns)
        gc_ns += paused_ns
        gil_ns += held_ns
        cores_ns += crowded_ns
        stopped_ns += still_ns
        longest_ns = max([longest_ns, *(end - start for start, end in gaps)])
        told[stretch.stage] += max(0, end_ns - start_ns - paused_ns - held_ns - still_ns - crowded_ns) / 1e6
    return Shares(told, gc_ns / 1e6, gil_ns / 1e6, cores_ns / 1e6, stopped_ns / 1e6, longest_ns / 1e6)


def _waited_ns(stretch: Stretch, late_ns: int) -> tuple[float, float]:
    """For how long the frame's thread waited for the GIL, and for how long else it waited for a core.

    It waited for the GIL as long as others wanted that in vain, it did not run itself, and it looked: one
    that does not may be in a call that keeps the GIL while it waits for something else. Each look needs a
    core, and on a busy machine waits for one: that is a part of waiting for the GIL.
    """
    core_ns, times = float(min(stretch.core_ns, stretch.idle_ns)), stretch.times
    lock_ns = float(max(0, min(late_ns, stretch.idle_ns)))
    if times is None:
        queued_ns = max(0.0, core_ns - lock_ns)
    else:
        otherwise_ns = stretch.idle_ns - core_ns
        looked_ns = min(otherwise_ns, times * stretch.look_ns)
        # Of the times that it needed a core again, as many as it looked for the GIL.
        share = looked_ns / stretch.look_ns / (times + stretch.forced) if times else 0.0
        most_ns = looked_ns + share * core_ns
        lock_ns = min(lock_ns, most_ns)
        queued_ns = core_ns - (share * core_ns * lock_ns / most_ns if most_ns else 0.0)
    return lock_ns, max(queued_ns, min(stretch.stalled_ns, stretch.idle_ns - lock_ns))
