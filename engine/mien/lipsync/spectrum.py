"""Sound as hops of 10 ms: log band energies and level, independent of how it was chunked.

Pure: numpy only.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.lipsync.track import TRACK_HOP
from mien.types import F32

BANDS: Final = 24
"""Mel bands from 100 Hz to 8 kHz; what is above 8 kHz adds nothing for the mouth and telephones lack it."""

WINDOW: Final = 1200
"""Samples (25 ms) of the window, centred on its hop: it ends 360 samples (7.5 ms) after the hop."""

FLOOR_DB: Final = -120.0

_FFT: Final = 2048
_AT_ONCE: Final = 50
"""Hops: a spectrum is 8 kB."""
_BEFORE: Final = (WINDOW - TRACK_HOP) // 2


def _mel(hz: float) -> float:
    return 2595.0 * float(np.log10(1 + hz / 700.0))


@cache
def _bank() -> F32:
    """(bins, BANDS): triangles, equally wide on the mel scale, each of unit area."""
    edges_mel = np.linspace(_mel(100.0), _mel(8000.0), BANDS + 2)
    edges = 700.0 * (10 ** (edges_mel / 2595.0) - 1)
    hz = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)[:, None]
    up = (hz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - hz) / (edges[2:] - edges[1:-1])
    bank = np.clip(np.minimum(up, down), 0, None)
    areas: F32 = (bank / bank.sum(axis=0)).astype(np.float32)
    return areas


class Hops:
    """Cuts sound into windows around each 10 ms hop.

    `push` gives the hops that are complete with their look-ahead of 7.5 ms; `finish` the rest, as if
    silence followed.
    """

    def __init__(self) -> None:
        self._bank = _bank()
        self._window = np.hanning(WINDOW + 1)[:WINDOW].astype(np.float32)
        self._scale = np.float32(1 / float((self._window**2).sum()))
        self._pending = np.zeros(_BEFORE, np.float32)  # from the start of the next hop's window on
        self._pushed = 0
        self._hops = 0

    def push(self, samples: F32) -> tuple[F32, F32]:
        """Add (n,) float32. Returns (k, BANDS) float32 in dB, and the hops' own levels (k,) float32 in dB."""
        self._pushed += len(samples)
        self._pending = np.concatenate((self._pending, samples))
        return self._take((len(self._pending) - WINDOW) // TRACK_HOP + 1)

    def finish(self) -> tuple[F32, F32]:
        """The hops that are left; a hop that has begun counts."""
        left = -(-self._pushed // TRACK_HOP) - self._hops
        missing = (left - 1) * TRACK_HOP + WINDOW - len(self._pending)
        self._pending = np.concatenate((self._pending, np.zeros(max(0, missing), np.float32)))
        return self._take(left)

    def _take(self, count: int) -> tuple[F32, F32]:
        if count <= 0:
            return np.zeros((0, BANDS), np.float32), np.zeros(0, np.float32)
        bands, levels = np.empty((count, BANDS), np.float32), np.empty(count, np.float32)
        cut = np.lib.stride_tricks.sliding_window_view(self._pending, WINDOW)[::TRACK_HOP]
        for first in range(0, count, _AT_ONCE):
            some = slice(first, min(count, first + _AT_ONCE))
            windows = cut[some]
            spectrum = np.fft.rfft(windows * self._window, _FFT, axis=1)
            power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) * self._scale
            own = windows[:, _BEFORE : _BEFORE + TRACK_HOP]
            bands[some] = each_row(power, self._bank)
            levels[some] = np.matmul(own[:, None], own[:, :, None])[:, 0, 0] / TRACK_HOP
        self._pending = self._pending[count * TRACK_HOP :]
        self._hops += count
        floor = 10 ** (FLOOR_DB / 10)
        return 10 * np.log10(np.maximum(bands, floor)), 10 * np.log10(np.maximum(levels, floor))


def each_row(rows: F32, matrix: F32) -> F32:
    """(k, n) @ (n, m), each row by itself: the sums of one product of all depend on how many rows there are,
    and results must not."""
    product: F32 = np.matmul(rows[:, None], matrix)[:, 0]
    return product


def smoothed(level: F32) -> F32:
    """(n,) float32, each the mean of the five around it: 50 ms."""
    padded = np.pad(level, 2, mode="edge")
    total: F32 = padded[:-4] + padded[1:-3] + padded[2:-2] + padded[3:-1] + padded[4:]
    return total / np.float32(5)


def power(db: F32) -> F32:
    """The power of levels in dB, of any shape."""
    linear: F32 = np.power(np.float32(10), db / np.float32(10))
    return linear
