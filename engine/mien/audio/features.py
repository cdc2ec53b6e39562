"""What speech does to the mouth, from the sound alone.

Streaming and pure: the same sound gives the same frames however it was chunked. Frame i describes the
sound from i * 10 ms on.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.audio.spectrum import BANDS, Hops
from mien.types import F32, VISEMES

LOOK_AHEAD: Final = 4
"""Frames that the smoothing looks ahead: 47.5 ms with the window's own 7.5; 60 are allowed."""

_RANGE_DB: Final = 32.0


class MouthAnalyser:
    """Speech in, visemes and loudness every 10 ms out."""

    def __init__(self) -> None:
        self._hops = Hops()
        self._peak_db = -40.0
        self._floor_db = -70.0

    def push(self, samples: F32) -> tuple[F32, F32]:
        """Add (n,) float32 mono at 48 kHz.

        Returns the frames that became known: visemes (k, 15) float32, rows sum to 1 and name at most two
        shapes; loudness (k,) float32 in 0..1.
        """
        return self._analyse(*self._hops.push(samples))

    def finish(self) -> tuple[F32, F32]:
        """The frames that are left at the end of the turn, as from `push`."""
        return self._analyse(*self._hops.finish())

    def _analyse(self, bands: F32, levels: F32) -> tuple[F32, F32]:
        out = np.zeros((len(levels), len(VISEMES)), np.float32)
        loud = np.zeros(len(levels), np.float32)
        for i, level in enumerate(levels):
            self._peak_db = max(float(level), self._peak_db - 0.03)
            x = min(1.0, max(0.0, (float(level) - self._peak_db + _RANGE_DB) / _RANGE_DB))
            loud[i] = x
            if x < 0.05:
                out[i, 0] = 1
                continue
            power = 10 ** (bands[i] / 10)
            c = float((power * np.arange(BANDS)).sum() / power.sum()) / BANDS
            shape = 7 if c > 0.65 else 12 if c > 0.4 else 10 if c > 0.25 else 14
            out[i, shape] = x
            out[i, 0] += 1 - x
        return out, loud
