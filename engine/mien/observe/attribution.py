"""Whose a frame's time was: of its stages, of the collector, or of whoever held the GIL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Stretch(NamedTuple):
    """A stage's time, or a part of it."""

    stage: int
    start_ns: int
    end_ns: int
    idle_ns: int
    """Of it, how long the frame's thread did not run."""


class Pauses(Protocol):
    """Who knows when the collector ran."""

    def pauses(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """The parts of start..end in which it did."""
        ...


class Gaps(Protocol):
    """Who knows when other Python threads could not run."""

    def gaps(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """The parts of start..end in which they could not."""
        ...


class Shares(NamedTuple):
    """A frame's time by whose it was, in ms."""

    stages: list[float]
    """One a stage, without what others took of it."""
    gc: float
    gil: float
    stopped: float
    longest_gap: float
    """The heartbeat's longest lateness; a part of nothing."""


def shares_of(
    stretches: Sequence[Stretch],
    stages: int,
    waited_ns: int,
    collector: Pauses | None,
    heartbeat: Gaps | None,
    stops: Pauses | None = None,
) -> Shares:
    """Take what the collector, the GIL and times in which nothing ran took out of the stages they struck.

    The GIL was held where the heartbeat was late while the frame's thread did not run either, though it had
    a core. `stages`: how many there are; `waited_ns`: for how long the thread had none.
    """
    told = [0.0] * stages
    if stretches and (collector or heartbeat or stops):
        since_ns, until_ns = min(s.start_ns for s in stretches), max(s.end_ns for s in stretches)
        if collector is not None and not collector.pauses(since_ns, until_ns):
            collector = None
        if heartbeat is not None and not heartbeat.gaps(since_ns, until_ns):
            heartbeat = None
        if stops is not None and not stops.pauses(since_ns, until_ns):
            stops = None
    if collector is None and heartbeat is None and stops is None:
        for stage, start_ns, end_ns, _ in stretches:
            told[stage] += (end_ns - start_ns) / 1e6
        return Shares(told, 0.0, 0.0, 0.0, 0.0)
    gc_ns = gil_ns = stopped_ns = longest_ns = 0
    # Of the time without running, what the thread stood in the queue for a core is nobody's lock.
    idle_ns = max(0, sum(stretch.idle_ns for stretch in stretches) - waited_ns)
    for stage, start_ns, end_ns, idle_here_ns in stretches:
        pauses = collector.pauses(start_ns, end_ns) if collector else []
        gaps = heartbeat.gaps(start_ns, end_ns) if heartbeat else []
        still = stops.pauses(start_ns, end_ns) if stops else []
        still_ns = sum(end - start for start, end in still)
        paused_ns = sum(end - start for start, end in pauses)
        # The heartbeat stands still in a collection as well.
        late_ns = (
            sum(end - start for start, end in gaps) - _overlap_ns(pauses, gaps) - _overlap_ns(still, gaps)
        )
        held_ns = max(0, min(late_ns, idle_here_ns, idle_ns - gil_ns))
        gc_ns += paused_ns
        gil_ns += held_ns
        stopped_ns += still_ns
        longest_ns = max([longest_ns, *(end - start for start, end in gaps)])
        told[stage] += max(0, end_ns - start_ns - paused_ns - held_ns - still_ns) / 1e6
    return Shares(told, gc_ns / 1e6, gil_ns / 1e6, stopped_ns / 1e6, longest_ns / 1e6)


def _overlap_ns(some: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> int:
    return sum(max(0, min(end, other[1]) - max(start, other[0])) for start, end in some for other in others)
