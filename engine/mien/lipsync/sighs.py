"""Sighs: air that is let out, begins within a moment and falls without rising again, and then silence.

It is noise, and noise flickers: in a band of 0.1 kHz and a window of 25 ms its level is some 3 dB off from
where the frames on either side would have it. That of a vowel, which may sink as a sigh does, is where they
say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from mien.lipsync.spectrum import BANDS, power, smoothed
from mien.types import F32, Bools

QUIET: Final = 35
"""Frames without sound that must follow a sigh."""

_FLICKERS_DB: Final = 2.6
"""Least second difference of a band's level from frame to frame (median) in noise: 2.7 to 7 in sighs, 0.3 to
1.2 in vowels."""

_SIGH: Final = (35, 320)
"""Frames of a sigh."""
_FALLS_DB: Final = 18.0
"""Least that its level falls from its peak to its end."""
_RISES_DB: Final = 8.0
"""All that a sigh's level rises after its peak."""
_PEAKS_BY: Final = 0.55
"""A sigh's peak is before this share of it, ..."""
_SWELLS: Final = 8
"""... and after so many frames: coughs are at their loudest sooner."""
_SINKS_DB: Final = 6.5
"""The middle of its levels is this far below its peak: who blows a nose stays loud."""
_SIGH_DB: Final = -25.0
"""Least level of a sigh, relative to the voice."""
_CHANGES_DB: Final = 4.0
"""Most mean change of a sigh's spectrum in 50 ms: 2.5 to 3.8 in sighs, 4 to 8 in speech."""
_LOUD_DB: Final = 15.0
"""Frames no farther below the peak, and ..."""
_STRONG_DB: Final = 22.0
"""... bands no farther below the loudest: what is softer may be of the room."""
_HISSES_DB: Final = (8.0, 2.0)
"""Most that the second bands are above the first, and the high ones above the second: not a sh, not an s."""
_GAP: Final = 8
"""Shorter holes are part of a sound."""
_ABOVE_DB: Final = 8.0
"""A sound is this far above the noise, ..."""
_DEPTH_DB: Final = 38.0
"""... and no farther below the loudest."""
_BEGINS_DB: Final = 12.0
"""What of a sigh is further below its peak came before the air goes out."""

_SOUND: Final = slice(6, 19)
_FIRST, _SECOND, _HIGH = slice(6, 12), slice(12, 18), slice(19, BANDS)
"""Bands of 0.8 to 4.5; 0.8 to 1.9, 2 to 4, and 4.5 to 8 kHz."""


def sighs(bands: F32, levels: F32, loudest: float, first: int, end: int) -> Iterator[int]:
    """The frames at which air begins to go out in sighs that are over from frame `first` to before `end`, of
    (n, BANDS) and (n,) frames in dB; `loudest`: how loud the voice is, in dB."""
    n = len(levels)
    smooth = smoothed(bands[:, _SOUND].mean(axis=1))
    noise = float(np.partition(smooth, n // 12)[n // 12])
    least = max(noise + _ABOVE_DB, float(smooth.max()) - _DEPTH_DB)
    sounds = _sounds(smooth > least)
    nexts = [*(begin for begin, _ in sounds), n + QUIET][1:]
    for (begin, over), following in zip(sounds, nexts, strict=True):
        alone = begin > 0 and following - over >= QUIET
        due = first <= over < end and _SIGH[0] <= over - begin <= _SIGH[1]
        if alone and due and _is_sigh(bands, levels, smooth, begin, over, loudest):
            peak = begin + int(smooth[begin:over].argmax())
            quiet = np.flatnonzero(smooth[begin:peak] < smooth[peak] - np.float32(_BEGINS_DB))
            yield begin + (int(quiet[-1]) + 1 if quiet.size else 0)


def _sounds(heard: Bools) -> list[tuple[int, int]]:
    """(first frame, the one after the last) of the runs of (n,) frames that are heard."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], heard, [False])).astype(np.int8))).tolist()
    runs: list[tuple[int, int]] = []
    for begin, over in zip(edges[::2], edges[1::2], strict=True):
        if runs and begin - runs[-1][1] < _GAP:
            runs[-1] = (runs[-1][0], over)
        else:
            runs.append((begin, over))
    return runs


def _is_sigh(bands: F32, levels: F32, smooth: F32, begin: int, over: int, loudest: float) -> bool:
    """Whether frames `begin` to `over` are a sigh."""
    own, level = bands[begin:over], smooth[begin:over]
    peak = int(level.argmax())
    tail = level[peak:]
    if not _SWELLS <= peak < _PEAKS_BY * len(level) or tail[0] - _median(level) < _SINKS_DB:
        return False
    rises = float(np.maximum(np.diff(tail), 0).sum())
    if tail[0] - tail[-1] < _FALLS_DB or rises > _RISES_DB:
        return False
    if 10 * np.log10(power(levels[begin:over]).mean()) - loudest < _SIGH_DB:
        return False
    loud = own[level > level.max() - np.float32(_LOUD_DB)]
    shape = loud - loud.mean(axis=1, keepdims=True)
    if len(loud) < 9 or float(np.abs(shape[5:] - shape[:-5]).mean()) > _CHANGES_DB:
        return False
    quiet = np.minimum(power(bands[max(0, begin - 6) : begin]).mean(axis=0), power(own[-1]))
    mean = np.maximum(power(own).mean(axis=0) - quiet, 1e-12)
    one, two, high = (float((10 * np.log10(mean[part])).mean()) for part in (_FIRST, _SECOND, _HIGH))
    hisses = two - one > _HISSES_DB[0] or high - two > _HISSES_DB[1]
    return not hisses and _flickers(own) > _FLICKERS_DB


def _flickers(bands: F32) -> float:
    """How much the loud bands of (n, BANDS) frames change from frame to frame, where they are loud, in dB."""
    level = bands[:, _SOUND].mean(axis=1)
    loud = (level > level.max() - np.float32(_LOUD_DB))[1:-1]
    if loud.sum() < 5:
        return 0.0
    strong = bands[1:-1][loud].mean(axis=0)
    moves = np.abs(bands[2:] - 2 * bands[1:-1] + bands[:-2])[loud]
    return _median(moves[:, strong > strong.max() - np.float32(_STRONG_DB)])


def _median(values: F32) -> float:
    """Of all of them; one at least. NumPy's own imports `numpy.ma` the first time, 13 ms of the GIL in
    the middle of a conversation."""
    ordered = np.sort(values, axis=None)
    return float(ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1].mean())
