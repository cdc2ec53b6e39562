"""Laughs in the sound: bursts of one and the same syllable, three to seven a second.

A laugh says its "ha" again and again: 3 to 8 of them, 4.4 a second in the mean (Bachorowski and others 2001),
each with the spectrum of the last and breath between them. So over the last 0.6 s its whole spectrum is like
that of a syllable ago, and unlike that of half a syllable ago. Speech has as many syllables a second, but no
two alike. What is asked is strict: a body that laughs at what is said is worse than one that misses a laugh.
Streaming and pure: the same sound gives the same laughs however it was chunked.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.lipsync.spectrum import BANDS
from mien.types import F32

_COMPARED: Final = 60
"""Frames (0.6 s) that are compared with those a syllable ago: two syllables and more."""

_SHORTEST, _LONGEST = 14, 31
"""Frames from one syllable to the next."""

_FARTHEST: Final = _LONGEST + 1
_SPAN: Final = _COMPARED + _FARTHEST

_EVERY: Final = 5
"""Frames between two looks."""

_DEPTH_DB: Final = 40.0
"""What is further below the loudest band is silence."""

_AUDIBLE_DB: Final = -60.0
"""Loudest band below which nobody laughs."""

_ALIKE: Final = 0.70
"""Least correlation with a syllable ago. docs/benchmarks/heard.md has what of speech comes
as far, with what is asked below: one place in an hour and more."""

_UNLIKE: Final = -0.50
"""Most with half a syllable ago."""

_MOVES_DB: Final = 3.0
_MOVING: Final = 6
"""Bands that move by so much (deviation): 8 to 24 in laughs of people, 3 in a tone that swells."""

_AGAIN: Final = 150
"""Frames from one laugh that is told to the next: a body has settled by then."""


class LaughListener:
    """Band energies in, laughs out."""

    def __init__(self) -> None:
        self._bands = np.full((_SPAN, BANDS), -np.inf, np.float32)
        self._frames = 0
        self._last = -_AGAIN

    def push(self, bands: F32) -> list[int]:
        """Add (k, BANDS) float32 in dB, of `spectrum.Hops`. Returns the frames by which a laugh was heard: it
        began some 0.6 to 1 s before."""
        found = []
        while len(bands):
            some, bands = np.split(bands, [_EVERY - self._frames % _EVERY])
            self._bands = np.concatenate((self._bands[len(some) :], some))
            self._frames += len(some)
            if self._frames % _EVERY == 0 and self._frames - self._last >= _AGAIN and laughs(self._bands):
                self._last = self._frames
                found.append(self._frames)
        return found


def likeness(bands: F32) -> tuple[float, float]:
    """Of (_SPAN, BANDS) frames, the correlation of the last `_COMPARED` with those a syllable before, at the
    length at which it is best, and with those half a syllable before; (0, 0) where there is none."""
    loudest = float(bands.max())
    if loudest < _AUDIBLE_DB:
        return (0.0, 0.0)
    heard = np.maximum(bands, np.float32(loudest - _DEPTH_DB))
    heard = heard - heard[_FARTHEST:].mean(axis=0)
    now = heard[_FARTHEST:].ravel()
    first = _SHORTEST // 2
    then = np.lib.stride_tricks.sliding_window_view(heard.ravel(), now.size)[::BANDS]
    # Row i of `then` is what was `_FARTHEST - i` frames before.
    then = then[: _FARTHEST - first + 1][::-1]
    powers = np.zeros(len(heard) + 1)
    np.cumsum((heard * heard).sum(axis=1), out=powers[1:])
    own = (powers[_COMPARED:] - powers[:-_COMPARED])[: len(then)][::-1]
    sizes = np.sqrt(own * float(now @ now))
    alike = np.divide(then @ now, sizes, out=np.zeros(len(then), np.float32), where=sizes > 1e-3).tolist()
    best = (0.0, 0.0)
    for lag in range(_SHORTEST, _LONGEST + 1):
        i = lag - first
        if alike[i] > best[0] and alike[i - 1] < alike[i] >= alike[i + 1]:
            best = (alike[i], alike[lag // 2 - first])
    return best


def laughs(bands: F32) -> bool:
    """Whether somebody laughs in (_SPAN, BANDS) frames."""
    alike, between = likeness(bands)
    if alike < _ALIKE or between > _UNLIKE:
        return False
    heard = np.maximum(bands[_FARTHEST:], bands.max() - np.float32(_DEPTH_DB))
    return int((heard.std(axis=0) > _MOVES_DB).sum()) >= _MOVING
