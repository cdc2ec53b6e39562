"""Looking back into the script, no further than something can still be seen."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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
    newer, oldest = at + 2 * SUPERSEDED + 1, at - window
    for _ in range(4 * most if i else 0):
        i -= 1
        event = events[i]
        if newer - event.at > spare:
            found.append(event)
            if event.at <= oldest or len(found) == most:
                break
        else:  # so is everything else as near to what replaced it, of which there can be thousands
            i = bisect_left(events, newer - spare, 0, i + 1, key=_AT)
            event = events[i]
        if i == 0:
            break
        newer = event.at
    return found


def states(
    events: Sequence[Event], at: int, window: int, most: int = 12, spare: int = SUPERSEDED
) -> list[Event]:
    """As `recent`, of a lane whose events hold until the next: where more are younger than the window than
    are looked at, the last is the one that held before them, however many stand between."""
    found = recent(events, at, window, most, spare)
    if not found or found[-1].at > at - window:
        held = bisect_right(events, at - window, key=_AT)
        found += events[max(0, held - 1) : held]
    return found
