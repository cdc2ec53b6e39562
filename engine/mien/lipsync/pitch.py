"""How high a voice is, every 10 ms: semitones above its own mean, so that men and women stress alike.

YIN (de Cheveigne and Kawahara 2002) on the sound at 4 kHz, which holds every pitch of speech, in windows of
40 ms: a period and a half of the deepest voice that is looked for. Streaming and pure: numpy only.
"""

from __future__ import annotations

from math import log2
from typing import Final

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.lipsync.track import TRACK_HOP
from mien.types import F32, F64

_DOWN: Final = 12
"""Samples that become one, by their mean. What folds back is far below a voice's first harmonics."""

_RATE: Final = SAMPLE_RATE // _DOWN
_HOP: Final = TRACK_HOP // _DOWN
_WINDOW: Final = 160
_BEFORE: Final = (_WINDOW - _HOP) // 2
_LONGEST: Final = _RATE // 60
_SHORTEST: Final = _RATE // 500
"""Periods that are looked for: 60 to 500 Hz."""

_COMPARED: Final = _WINDOW - _LONGEST - 1
_FFT: Final = 256

_AT_ONCE: Final = 3
"""Frames that are worked out together at least: one costs nearly as much as many."""

LATER_MS: Final = 1000 * (_WINDOW - _BEFORE + (_AT_ONCE - 1) * _HOP) * _DOWN / SAMPLE_RATE
"""Sound from its beginning on that a frame needs at most: 45 ms, so that it is known before its mouth."""

_CLEAR: Final = 0.15
"""The first period of which the difference is below this is the one; ..."""
_VOICED: Final = 0.35
"""... else the best, if it is below this; else the frame has no pitch."""

_LEAST: Final = 1e-7
"""Mean square (-70 dBFS) below which there is none."""

_REMEMBERED: Final = 200
"""Voiced frames that the mean remembers: some four seconds of speech."""


class PitchTracker:
    """Sound in, pitch every 10 ms out. Frame i is the sound from i * 10 ms on."""

    def __init__(self) -> None:
        self._left = np.zeros(0, np.float32)  # not yet a whole sample at the lower rate
        self._pending = np.zeros(_BEFORE, np.float32)  # from the start of the next frame's window on
        self._pushed = 0
        self._frames = 0
        self._mean = 0.0  # of the logarithm of the pitch
        self._heard = 0

    def push(self, samples: F32) -> F32:
        """Add (n,) float32 mono at 48 kHz.

        Returns (k,) float32 of the frames that became known: semitones above the voice's mean so far, 0 for
        what has no pitch.
        """
        self._pushed += len(samples)
        whole = np.concatenate((self._left, samples)) if len(self._left) else samples
        n = len(whole) // _DOWN
        self._left = whole[n * _DOWN :].copy()
        lower = whole[: n * _DOWN].reshape(n, _DOWN).mean(axis=1)
        self._pending = np.concatenate((self._pending, lower.astype(np.float32)))
        known = (len(self._pending) - _WINDOW) // _HOP + 1
        return self._take(known if known >= _AT_ONCE else 0)

    def finish(self) -> F32:
        """The frames that are left, as if silence followed; one that has begun counts."""
        left = -(-self._pushed // TRACK_HOP) - self._frames
        missing = max(0, (left - 1) * _HOP + _WINDOW - len(self._pending))
        self._pending = np.concatenate((self._pending, np.zeros(missing, np.float32)))
        return self._take(left)

    def _take(self, count: int) -> F32:
        if count <= 0:
            return np.zeros(0, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(self._pending, _WINDOW)[::_HOP][:count]
        hertz = pitches(windows)
        self._pending = self._pending[count * _HOP :]
        self._frames += count
        return np.array([self._semitones(one) for one in hertz.tolist()], np.float32)

    def _semitones(self, hertz: float) -> float:
        if not hertz:
            return 0.0
        height = log2(hertz)
        if not self._heard:
            self._mean = height
        above = 12.0 * (height - self._mean)
        if abs(above) > 9.0:  # rather a mistake by an octave than a leap
            above -= 12.0 * round(above / 12.0)
        self._heard = min(self._heard + 1, _REMEMBERED)
        self._mean += above / 12.0 / self._heard
        return above


def pitches(windows: F32) -> F64:
    """(k,) Hz, 0 where there is none, of (k, _WINDOW) windows at 4 kHz. Each is found by itself."""
    k = len(windows)
    sound = windows.astype(np.float64)
    sound -= sound.mean(axis=1, keepdims=True)
    whole = np.fft.rfft(sound, _FFT, axis=1)
    begin = np.fft.rfft(sound[:, :_COMPARED], _FFT, axis=1)
    alike = np.fft.irfft(whole * begin.conj(), _FFT, axis=1)[:, : _LONGEST + 1]
    powers = np.concatenate((np.zeros((k, 1)), np.cumsum(sound * sound, axis=1)), axis=1)
    own = powers[:, _COMPARED : _COMPARED + _LONGEST + 1] - powers[:, : _LONGEST + 1]
    differs = np.maximum(own[:, :1] + own - 2.0 * alike, 0.0)
    # Over the mean of all shorter periods, so that 0 does not win.
    running = np.cumsum(differs[:, 1:], axis=1) / np.arange(1, _LONGEST + 1)
    share = np.ones_like(differs)
    np.divide(differs[:, 1:], running, out=share[:, 1:], where=running > 1e-12)
    loud = powers[:, -1] > _LEAST * _WINDOW
    found = np.zeros(k)
    for i in np.flatnonzero(loud).tolist():
        found[i] = _period(share[i])
    return np.divide(_RATE, found, out=np.zeros(k), where=found > 0)


def _period(share: F64) -> float:
    """The period in samples, between them; 0 for none. `share`: (_LONGEST + 1,) difference by period."""
    inner = share[_SHORTEST:_LONGEST]
    low = inner < _CLEAR
    first = int(low.argmax())
    if low[first]:
        # Down to the bottom of that dip.
        dip = inner[first:]
        rises = np.diff(dip) > 0
        best = first + (int(rises.argmax()) if rises.any() else len(dip) - 1)
    else:
        best = int(inner.argmin())
        if inner[best] > _VOICED:
            return 0.0
    at = _SHORTEST + best
    before, here, after = share[at - 1 : at + 2].tolist()
    bend = before - 2.0 * here + after
    return at + (0.5 * (before - after) / bend if bend > 1e-9 else 0.0)
