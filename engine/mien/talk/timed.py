"""Things in order of time, taken as it comes: the cues and the words of a turn that plays.

Nothing is made of them before: the frame in which a turn of ten thousand words begins has little more to do
than that of a short one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Timed(Generic[T]):
    """Parameters: `times` in samples, in order; `items`, one for each. Neither is copied."""

    __slots__ = ("_items", "_next", "_stop", "_times")

    def __init__(self, times: Sequence[int], items: Sequence[T]) -> None:
        self._times = times
        self._items = items
        self._next = 0
        self._stop = len(times)

    def __len__(self) -> int:
        """How many are still to come."""
        return self._stop - self._next

    @property
    def due(self) -> int | None:
        """The sample of the next one; None when there is none."""
        return self._times[self._next] if self._next < self._stop else None

    def take(self, before: int) -> Iterator[tuple[int, int, T]]:
        """(index, sample, item) of those that were not taken yet, up to before a sample."""
        while self._next < self._stop and self._times[self._next] < before:
            i = self._next
            self._next += 1
            yield i, self._times[i], self._items[i]

    def cut(self, end: int, *, at_end: bool) -> None:
        """Forget those after sample `end`, and those at it unless `at_end`."""
        end_of = bisect_right if at_end else bisect_left
        self._stop = end_of(self._times, end, self._next, self._stop)
