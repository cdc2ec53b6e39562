"""Whose offscreen layers are whose, where the cast of a frame changes.

A character keeps the layers that it was given for as long as it is of the cast; those of one who has left are
free for another. A layer shows only layers before it: so numbers ascend within a character.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import eq, ge
from typing import Protocol

from mien.composite.rows import FrameRows
from mien.types import Size


class GivesLayers(Protocol):
    """What offscreen layers come from: a frame, to which they are added, or what stands in its place."""

    @property
    def capacity(self) -> int:
        """Most rows of the frame."""
        ...

    @property
    def size(self) -> Size:
        """Of the frame."""
        ...

    def add_offscreen(self, capacity: int, size: Size) -> int:
        """The number of a layer for so many rows."""
        ...


class KeptLayers:
    """Gives the layers of these numbers, in their order. Parameter `frame`: what they are layers of."""

    def __init__(self, frame: FrameRows, numbers: Iterable[int]) -> None:
        self.capacity = frame.capacity
        self.size = frame.size
        self._numbers = iter(numbers)

    def add_offscreen(self, capacity: int, size: Size) -> int:
        """The next of them."""
        return next(self._numbers)


def fitting(needs: Sequence[int], there: Sequence[int], free: Iterable[int]) -> tuple[int, ...] | None:
    """The numbers of free layers for so many rows each, ascending; None where there are none.

    `there`: for how many rows each layer is. Those that were set aside for just as many are taken first: who
    takes the place of one alike leaves the others to others.
    """
    for fits in (eq, ge):
        numbers: list[int] = []
        for number in sorted(free):
            if len(numbers) < len(needs) and fits(there[number], needs[len(numbers)]):
                numbers.append(number)
        if len(numbers) == len(needs):
            return tuple(numbers)
    return None
