"""In-breaths: air that is drawn in within a pause, by itself, before something is said.

A breath has a dip on either side, and its spectrum is broad: without the pitch of a vowel, the hiss of an s
or the hole of a sh. Ruinskiy and Lavner 2007 find breaths by the shape, the length and the edges too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from mien.lipsync.spectrum import BANDS, power, smoothed
from mien.types import F32

AFTER: Final = 25
"""Frames of speech that must have followed an in-breath: by then it is known how loud the voice is."""

_SPOKEN: Final = 8
"""Of those so many are voiced at least."""

_VOICE_DB: Final = 24.0
"""What is no farther below the voice's loudest, ..."""
_VOICED_DB: Final = 6.0
"""... and this much louder below 0.65 kHz than from 1 to 4.5 kHz, is voiced."""

_PAUSE: Final = 18
"""Shortest pause (0.18 s) that is searched for a breath, and ..."""
_FARTHEST: Final = 45
"""... most frames from a breath's end to the word."""

_DROP_DB: Final = 7.0
"""A breath is what is no farther than this below its loudest, ..."""
_SHORTEST, _LONGEST = 14, 90
"""... for so many frames, ..."""
_DIP_DB: Final = 10.0
"""... between two dips that are this deep."""

_BREATH_DB: Final = (-42.0, -15.0)
"""How loud a breath may be, relative to the voice."""

_CLICKS_DB: Final = 1.7
"""Most that a breath's level changes from frame to frame: more is a mouse or lips that smack."""

_RUNS_DB: Final = 1.0
"""The same of the level smoothed over 50 ms: a breath swells slowly."""

_LOW, _MID = slice(0, 6), slice(7, 19)
_FIRST, _SECOND, _HIGH = slice(6, 12), slice(12, 18), slice(19, BANDS)
"""Bands of 0.1 to 0.65, 1 to 4.5; 0.8 to 1.9, 2 to 4, and 4.5 to 8 kHz."""

_LOWER_DB, _HOLE_DB, _DULL_DB = 8.0, 10.0, -20.0
"""Most that the low bands are above the first, and the second above the first; least that the high ones are
above the second. None is above both of the middle."""


def breaths(bands: F32, levels: F32, loudest: float, first: int, end: int) -> Iterator[int]:
    """The frames at which in-breaths begin before speech that began from frame `first` to before `end`, of
    (n, BANDS) and (n,) frames in dB; `loudest`: how loud the voice is, in dB."""
    mid = bands[:, _MID].mean(axis=1)
    voiced = (levels > loudest - _VOICE_DB) & (bands[:, _LOW].max(axis=1) - mid > _VOICED_DB)
    speech = np.convolve(voiced, np.ones(5), "same") >= 3
    begins = np.flatnonzero(speech[1:] & ~speech[:-1]) + 1
    for begin in begins[(begins >= first) & (begins < end)].tolist():
        said = np.flatnonzero(speech[:begin])
        # The first two frames are smoothed with what was never there.
        over = int(said[-1]) + 1 if said.size else 2
        if speech[begin : begin + AFTER].sum() < _SPOKEN or begin - over < _PAUSE:
            continue
        pause = slice(over, begin)
        smooth = smoothed(mid)[pause]
        for near, far in _plateaus(smooth):
            if _is_breath(bands[pause], levels[pause], smooth, near, far, loudest):
                yield over + near
                break


def _plateaus(smooth: F32) -> Iterator[tuple[int, int]]:
    """(first frame, the one after the last) of the stretches of (n,) levels near their own loudest."""
    done = np.zeros(len(smooth), bool)
    for top in np.argsort(-smooth, kind="stable").tolist():
        if done[top]:
            continue
        low = np.flatnonzero(smooth <= smooth[top] - np.float32(_DROP_DB))
        at = int(np.searchsorted(low, top))
        first = int(low[at - 1]) + 1 if at else 0
        last = int(low[at]) if at < len(low) else len(smooth)
        known = bool(done[first:last].any())
        done[first:last] = True
        if not known:
            yield first, last


def _is_breath(bands: F32, levels: F32, smooth: F32, first: int, last: int, loudest: float) -> bool:
    """Whether frames `first` to `last` of a pause are an in-breath."""
    n = len(levels)
    if not _SHORTEST <= last - first <= _LONGEST or first == 0 or last == n or n - last > _FARTHEST:
        return False
    own = slice(first, last)
    top = float(smooth[own].max())
    before, after = int(smooth[:first].argmin()), last + int(smooth[last:].argmin())
    if top - max(float(smooth[before]), float(smooth[after])) < _DIP_DB:
        return False
    level = 10 * np.log10(power(levels[own]).mean()) - loudest
    moves = float(np.abs(np.diff(bands[own, _MID].mean(axis=1))).mean())
    runs = float(np.abs(np.diff(smooth[own])).mean())
    if not _BREATH_DB[0] <= level <= _BREATH_DB[1] or moves > _CLICKS_DB or runs > _RUNS_DB:
        return False
    noise = np.minimum(*(power(bands[max(0, at - 1) : at + 2]).mean(axis=0) for at in (before, after)))
    return _is_broad(bands[own], noise)


def _is_broad(bands: F32, noise: F32) -> bool:
    """Whether the mean of (n, BANDS) frames above (BANDS,) `noise` (power) has the shape of breath."""
    mean = power(bands).mean(axis=0)
    own = 10 * np.log10(np.maximum(mean - noise, 0.01 * mean))
    low, one, two, high = (float(own[part].mean()) for part in (_LOW, _FIRST, _SECOND, _HIGH))
    broad = low - one <= _LOWER_DB and two - one <= _HOLE_DB and high - two >= _DULL_DB
    return broad and high <= max(one, two)
