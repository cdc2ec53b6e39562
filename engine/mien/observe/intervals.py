"""The last stretches of time in which something was in the way."""

from __future__ import annotations

from collections.abc import Sequence

Range = tuple[int, int]
"""Start and end in nanoseconds."""


class Intervals:
    """A ring of the last `capacity` intervals in nanoseconds, in the order of their ends.

    One thread adds, any thread may ask: no lock, and memory that does not grow.
    """

    def __init__(self, capacity: int = 256) -> None:
        self._ring = [(0, 0)] * capacity
        self._count = 0

    def add(self, start_ns: int, end_ns: int) -> None:
        """Remember an interval that ended last."""
        self._ring[self._count % len(self._ring)] = (start_ns, end_ns)
        self._count += 1

    def overlap_ns(self, start_ns: int, end_ns: int) -> int:
        """For how long of start..end something was in the way."""
        return total_ns(self.within(start_ns, end_ns))

    def within(self, start_ns: int, end_ns: int) -> list[Range]:
        """The parts of the intervals that lie in start..end, latest first."""
        count, size = self._count, len(self._ring)
        found = []
        for index in range(count - 1, max(-1, count - 1 - size), -1):
            start, end = self._ring[index % size]
            if end <= start_ns:
                break
            if start < end_ns:
                found.append((max(start, start_ns), min(end, end_ns)))
        return found


def total_ns(spans: Sequence[Range]) -> int:
    """How long they are together."""
    return sum(end - start for start, end in spans)


def overlap_ns(some: Sequence[Range], others: Sequence[Range]) -> int:
    """For how long both are."""
    return sum(max(0, min(end, other[1]) - max(start, other[0])) for start, end in some for other in others)
