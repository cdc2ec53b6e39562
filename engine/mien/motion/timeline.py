"""Looking back into the script, no further than something can still be seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter

from mien.clock import SAMPLE_RATE
from mien.script import Event

_AT = attrgetter("at")

SUPERSEDED = SAMPLE_RATE // 1000
"""An event replaced within 1 ms never happened, or a fade to it would show through."""


def ms(value: float) -> int:
    """Milliseconds as samples."""
    return round(value * SAMPLE_RATE / 1000)


def recent(
    events: Sequence[Event], at: int, window: int, most: int = 12, spare: int = SUPERSEDED
) -> list[Event]:
    """Events of one lane at or before sample `at`, newest first: the younger than `window` samples and
    the one before them. At most `most`, and at most four times as many are looked at. What is followed
    within `spare` samples by another is left out (-1: nothing is)."""
    i = bisect_right(events, at, key=_AT)
    found: list[Event] = []
    newer = at + 2 * SUPERSEDED + 1
    stop = max(0, i - 4 * most)
    while i > stop and len(found) < most:
        i -= 1
        event = events[i]
        if newer - event.at > spare:
            found.append(event)
        newer = event.at
        if event.at <= at - window:
            break
    return found
