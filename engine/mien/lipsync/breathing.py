"""Breath in the sound: in-breaths before what is said (`breaths`), and sighs (`sighs`).

What is asked of both is strict, as of laughs: a body that breathes or sighs at what is said is worse than one
that misses it. Streaming and pure: the same sound gives the same however it was chunked.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.lipsync.breaths import AFTER, breaths
from mien.lipsync.sighs import QUIET, sighs
from mien.lipsync.spectrum import BANDS, FLOOR_DB
from mien.lipsync.track import HeardSound
from mien.types import F32

_SPAN: Final = 400
"""Frames (4 s) that are looked back at."""

_EVERY: Final = 10
"""Frames between two looks."""

_AGAIN: Final = 100
"""Frames from one in-breath to the next: a body has settled by then."""


class BreathListener:
    """Band energies and levels in; in-breaths and sighs out."""

    def __init__(self) -> None:
        self._bands = np.full((_SPAN, BANDS), FLOOR_DB, np.float32)
        self._levels = np.full(_SPAN, FLOOR_DB, np.float32)
        self._new = np.empty((_EVERY, BANDS), np.float32)
        self._new_levels = np.empty(_EVERY, np.float32)
        self._waiting = 0
        self._frames = 0
        self._last = -_AGAIN

    def push(self, bands: F32, levels: F32) -> list[HeardSound]:
        """Add (k, BANDS) and (k,) float32 in dB, of `spectrum.Hops`. Returns what was heard, each with the
        frame at which it began."""
        found: list[HeardSound] = []
        for row, level in zip(bands, levels, strict=True):
            self._new[self._waiting], self._new_levels[self._waiting] = row, level
            self._waiting += 1
            if self._waiting == _EVERY:
                self._take()
                found += self._look(_SPAN - QUIET - _EVERY, _SPAN - QUIET)
        return found

    def finish(self) -> list[HeardSound]:
        """The turn is over, and silence follows: what that makes a sigh."""
        left = self._waiting
        self._take()
        return self._look(_SPAN - QUIET - left, _SPAN + 1, over=True)

    def _take(self) -> None:
        n = self._waiting
        if n:
            self._bands[:-n] = self._bands[n:].copy()
            self._levels[:-n] = self._levels[n:].copy()
            self._bands[-n:], self._levels[-n:] = self._new[:n], self._new_levels[:n]
            self._frames += n
            self._waiting = 0

    def _look(self, first: int, end: int, over: bool = False) -> list[HeardSound]:
        """What is known by now: before speech that began since the last look, and of sounds that ended from
        `first` to before `end` of the `_SPAN` frames; `over`: nothing more will come."""
        known = min(self._frames, _SPAN)
        bands, levels = self._bands[_SPAN - known :], self._levels[_SPAN - known :]
        offset, skipped = self._frames - known, _SPAN - known
        found: list[HeardSound] = []
        if known <= 2 * AFTER:
            return found
        loudest = float(np.partition(levels, known - 5)[known - 5])
        spoken = (known - AFTER - _EVERY, known - AFTER)
        for at in () if over else breaths(bands, levels, loudest, *spoken):
            # Of two words that follow closely each finds the same breath.
            if offset + at >= self._last + _AGAIN:
                self._last = offset + at
                found.append(HeardSound("breath", self._last))
        found += [
            HeardSound("sigh", offset + at)
            for at in sighs(bands, levels, loudest, first - skipped, end - skipped)
        ]
        return found
