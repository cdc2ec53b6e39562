"""Which one shape a mouth shows: the strongest, held long enough to be seen.

Weights that change every 10 ms flicker when they are drawn: a dip of one frame shows another mouth for one
picture, and half of one drawn mouth over half of another is a ghost.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.types import F32, VISEMES, Bytes

HELD: Final = 7
"""Frames of a track (70 ms) that a shape lasts at least: two pictures at 30 a second, wherever they fall."""

CLOSED: Final = VISEMES.index("PP")
"""Lips on p, b and m: they close at once and cut a shape short, unless it came from closed lips itself."""

_LEAD: Final = 0.25
"""How far another shape must lead over the last two frames together: a dip of a single frame never does."""


def hold(visemes: F32, shapes: Bytes, first: int) -> None:
    """Write `shapes` (n,), an index of VISEMES a frame, from `first` on, from `visemes` (n, 15).

    Those before `first` stand. A shape depends on its own and earlier frames alone, so that a track that
    grows in any pieces has the same shapes.
    """
    before = np.zeros((1, len(VISEMES)), np.float32)
    before[0, 0] = 1.0
    rows = np.concatenate((visemes[first - 1 : first] if first else before, visemes[first:]))
    lately = rows[:-1] + rows[1:]
    closes = (np.argmax(rows[1:], axis=1) == CLOSED).tolist()
    strongest = np.argmax(lately, axis=1).tolist()
    # Silence came before: it has been shown long enough.
    last = np.concatenate((np.zeros(HELD, np.uint8), shapes[max(0, first - HELD) : first]))[: -HELD - 1 : -1]
    shown = int(last[0])
    age = int(np.argmax(last != shown)) or HELD
    opened = age < HELD and last[age] == CLOSED
    for i, (heard, best, close) in enumerate(zip(lately, strongest, closes, strict=True), first):
        over = age >= HELD
        if close and shown != CLOSED and (over or not opened):
            shown, age = CLOSED, 0
        elif over and not close and best != shown and heard[best] - heard[shown] > _LEAD:
            shown, age, opened = best, 0, shown == CLOSED
        shapes[i] = shown
        age += 1
