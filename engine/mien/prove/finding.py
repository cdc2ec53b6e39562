"""Stalls that were put in on purpose, as far as an observer can tell of them. Pure: of values alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Final, cast

from mien.prove.recount import Stall, Where
from mien.prove.sightings import Put, Sighting, Sightings
from mien.prove.told import Line, Told

_BEFORE: Final = 2
"""Frames before the one that a stall was put in at that may show it: it is drawn while the last one waits."""
_AFTER: Final = 3
"""And after the end of the stall."""
_AROUND: Final = 30
"""Frames on either side that say how late frames are without one."""
_LEAST_MS: Final = 2.0
"""What is found to be less was not found."""


def found(told: Told, known: Sequence[Sighting], sightings: Sightings) -> tuple[Stall, ...]:
    """Each stall, with how long the observer found it to be."""
    frames = {line.mark: line.frame for line in told.lines}
    late = _late_ms(told, known, frames)
    return tuple(
        Stall(cast(Where, put.where), put.at_frame, put.size_ms, _size_of(put, told, late, sightings))
        for put in sightings.put
    )


def _late_ms(told: Told, known: Sequence[Sighting], frames: dict[int, int]) -> dict[int, float]:
    """By frame when it was seen, less when an even schedule has it due that begins with the clock."""
    return {frames[one.number]: one.when_ns / 1e6 - frames[one.number] * told.interval_ms for one in known}


def _size_of(put: Put, told: Told, late: dict[int, float], sightings: Sightings) -> float | None:
    if put.due_ns:
        next_ns = next((one.by_ns for one in sightings.seen if one.by_ns >= put.due_ns), None)
        return None if next_ns is None else (next_ns - put.due_ns) / 1e6
    if put.where == "surface":
        return _held_ms(put, told, sightings)
    nth = next((i for i, line in enumerate(told.lines) if line.mark >= put.mark), None)
    if nth is None:
        return None
    # A stall may have swallowed frames before the one that it was put in at, and behind what shows it.
    at = told.lines[nth].frame
    first = min(at - _BEFORE, told.lines[max(0, nth - 1)].frame)
    last = at + _AFTER + ceil(put.size_ms / told.interval_ms)
    around = range(first - _AROUND, last + _AROUND)
    usual = [ms for frame, ms in late.items() if frame in around and not first <= frame <= last]
    if not usual:
        return None
    even, found_ms = median(usual), 0.0
    more = _more_ms(put.where, [line for line in told.lines if line.frame in around])
    # By how much longer than an interval the one before stood: as a frame that came late, or as one that is
    # in time again while those between are left out.
    for before, after in pairwise(sorted(late)):
        if first <= after <= last:
            longer = late[after] - even + (after - before - 1) * told.interval_ms
            found_ms = max(found_ms, longer - more.get(after, 0.0))
    return found_ms if found_ms >= _LEAST_MS else None


def _more_ms(where: str, lines: Sequence[Line]) -> dict[int, float]:
    """By frame how much more than usual it took where no stall was put in: it is late for that as well. Of an
    engine's, in drawing: what it is kept busy with has a thread look for the interpreter's lock in vain."""
    own = {line.frame: line.made_ms if where == "host" else line.drawn_ms for line in lines}
    usual = median(own.values()) if own else 0.0
    return {frame: ms - usual for frame, ms in own.items()}


def _held_ms(put: Put, told: Told, sightings: Sightings) -> float | None:
    """For how long the surface did not answer, near the time of a stall."""
    then = next((one.by_ns for one in sightings.seen if one.number >= put.mark), None)
    if then is None:
        return None
    near_ns = ((_AFTER + _BEFORE) * told.interval_ms + 2 * put.size_ms) * 1e6
    return max((one.ms for one in sightings.held if abs(one.end_ns - then) < near_ns), default=None)
