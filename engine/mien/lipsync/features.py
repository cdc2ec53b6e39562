"""What the mouth is judged by: the spectrum's shape, freed of level, voice and channel.

Streaming and pure; see `features` for what becomes of it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.lipsync.spectrum import BANDS, FLOOR_DB, Hops
from mien.types import F32

COEFFICIENTS: Final = 13
"""Cepstral coefficients of a frame; the 0th is its level."""

OFFSETS: Final = (-4, -2, 0, 2)
"""Frames seen for each frame, in hops of 10 ms."""

AHEAD: Final = OFFSETS[-1]

FEATURES: Final = COEFFICIENTS * len(OFFSETS)

SPEECH_DB: Final = -30.0
"""A frame this far below the voice's loudest counts as speech for the running mean."""

_DEPTH_DB: Final = -55.0
"""Everything below this, relative to the voice's loudest, is the same silence."""

_PEAK_FALL_DB: Final = 0.03
"""Each frame of speech; 3 dB a second: a voice that gets quieter is followed within a sentence."""

_FIRST_FALL_DB: Final = 2.5
"""Of the first frame of speech, of the nth an nth: how quiet a voice is, is known within its first words."""

_FIRST_PEAK_DB: Final = -30.0
"""Where a voice's loudest is expected before it is known: somewhat below common mastering."""

_LEAST_PEAK_DB: Final = -50.0
"""What is always below this is noise, not a quiet voice."""

_MEAN_WEIGHT: Final = 100.0
"""Frames that the starting mean counts for, and ..."""
_MEAN_LONGEST: Final = 500.0
"""... most frames that the running mean remembers."""


def _dct() -> F32:
    band = np.arange(BANDS)[:, None] + 0.5
    basis = np.cos(np.pi * band * np.arange(COEFFICIENTS) / BANDS) / BANDS
    return basis.astype(np.float32)


class MouthFeatures:
    """Sound in; features and levels of the frames that are known, out. Frame i is at i * 10 ms."""

    def __init__(self) -> None:
        self._hops = Hops()
        self._dct = _dct()
        self._peak_db = _FIRST_PEAK_DB
        self._heard = 0  # frames of speech
        self._mean = np.zeros(COEFFICIENTS, np.float32)
        self._mean[1:4] = (5.0, 0.5, 1.0)
        self._weight = _MEAN_WEIGHT
        self._rows = np.zeros((-OFFSETS[0], COEFFICIENTS), np.float32)  # frames still needed, oldest first
        self._rows[:, 0] = _DEPTH_DB / 10
        self._levels = np.zeros(0, np.float32)  # of the frames not given yet

    def push(self, samples: F32) -> tuple[F32, F32]:
        """Add (n,) float32 at 48 kHz.

        Returns (k, FEATURES) float32 and levels (k,) float32 in dB relative to the voice's loudest, <= 0.
        """
        return self._take(*self._hops.push(samples))

    def finish(self) -> tuple[F32, F32]:
        """The frames that are left, as if silence followed."""
        bands, levels = self._hops.finish()
        first = self._take(bands, levels)
        quiet = np.full((AHEAD, BANDS), FLOOR_DB, np.float32)
        last = self._take(quiet, np.full(AHEAD, FLOOR_DB, np.float32))
        self._levels = np.zeros(0, np.float32)
        return np.concatenate((first[0], last[0])), np.concatenate((first[1], last[1]))

    def _take(self, bands: F32, levels: F32) -> tuple[F32, F32]:
        rows = np.empty((len(levels), COEFFICIENTS), np.float32)
        relative = np.empty(len(levels), np.float32)
        for i in range(len(levels)):
            rows[i], relative[i] = self._frame(bands[i], float(levels[i]))
        self._rows = np.concatenate((self._rows, rows))
        self._levels = np.concatenate((self._levels, relative))
        k = len(self._rows) - (OFFSETS[-1] - OFFSETS[0])
        if k <= 0:
            return np.zeros((0, FEATURES), np.float32), np.zeros(0, np.float32)
        out = np.concatenate([self._rows[o - OFFSETS[0] : o - OFFSETS[0] + k] for o in OFFSETS], axis=1)
        given, self._levels = self._levels[:k], self._levels[k:]
        self._rows = self._rows[k:]
        return out, given

    def _frame(self, bands: F32, level: float) -> tuple[F32, float]:
        if level > self._peak_db + SPEECH_DB:
            self._heard += 1
            fall = max(_PEAK_FALL_DB, _FIRST_FALL_DB / self._heard)
            self._peak_db = max(level, self._peak_db - fall, _LEAST_PEAK_DB)
        relative = level - self._peak_db
        shape = np.maximum(bands - np.float32(self._peak_db), np.float32(_DEPTH_DB - 10)) @ self._dct
        row: F32 = (shape - self._mean).astype(np.float32)
        if relative > SPEECH_DB:
            self._weight = min(self._weight + 1, _MEAN_LONGEST)
            self._mean[1:] += row[1:] / self._weight
        row[0] = max(relative, _DEPTH_DB) / 10
        return row, relative
