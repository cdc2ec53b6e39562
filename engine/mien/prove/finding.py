"""Stalls that were put in on purpose, as far as an observer can tell of them. Pure: of values alone."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import median
from typing import Final, cast

from mien.prove.recount import Stall, Where
from mien.prove.sightings import Put, Sighting, Sightings
from mien.prove.told import Told

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
    near = [line.frame for line in told.lines if line.mark >= put.mark]
    if not near:
        return None
    at = near[0]
    # A stall may have swallowed the frames behind the one that shows it.
    last = at + _AFTER + ceil(put.size_ms / told.interval_ms)
    if put.where == "surface" and sightings.held:
        when = [one for one in sightings.seen if one.number >= put.mark]
        if not when:
            return None
        near_ns = (_AFTER + _BEFORE) * told.interval_ms * 1e6 + 2 * put.size_ms * 1e6
        spans = [one.ms for one in sightings.held if abs(one.end_ns - when[0].by_ns) < near_ns]
        return max(spans, default=None)
    struck = [ms for frame, ms in late.items() if at - _BEFORE <= frame <= last]
    usual = [
        ms
        for frame, ms in late.items()
        if (at - _AROUND <= frame < at - _BEFORE) or last < frame <= last + _AROUND
    ]
    if not struck or not usual:
        return None
    size = max(struck) - median(usual)
    return size if size >= _LEAST_MS else None
