"""The speech track: what a turn's sound says to the face, from the decoder to the motion."""

from __future__ import annotations

import numpy as np

from mien.lipsync.shapes import hold
from mien.types import F32, VISEMES, Bytes

TRACK_HOP = 480
"""Samples between two frames of a speech track: 10 ms."""


_NO_VISEMES = np.zeros((0, len(VISEMES)), np.float32)
_NO_LOUDNESS = np.zeros(0, np.float32)
_NO_SHAPES = np.zeros(0, np.uint8)


class SpeechTrack:
    """What a turn's audio says to the face: viseme weights and loudness every 10 ms, from its start.

    One thread appends (the decode worker), any thread reads: rows are written before `length` moves.
    """

    def __init__(self) -> None:
        self._visemes = np.zeros((256, len(VISEMES)), np.float32)
        self._loudness = np.zeros(256, np.float32)
        self._shapes = np.zeros(256, np.uint8)
        self.length = 0
        """Frames that can be read."""
        self.complete = False
        """No more frames will come."""

    def append(self, visemes: F32, loudness: F32) -> None:
        """Add n frames: visemes (n, 15) float32, rows summing to 1; loudness (n,) float32 in 0..1."""
        end = self.length + len(loudness)
        if end > len(self._loudness):
            capacity = max(end, 2 * len(self._loudness))
            grown = np.zeros((capacity, len(VISEMES)), np.float32)
            grown[: self.length] = self._visemes[: self.length]
            grown_loudness = np.zeros(capacity, np.float32)
            grown_loudness[: self.length] = self._loudness[: self.length]
            grown_shapes = np.zeros(capacity, np.uint8)
            grown_shapes[: self.length] = self._shapes[: self.length]
            self._visemes, self._loudness, self._shapes = grown, grown_loudness, grown_shapes
        self._visemes[self.length : end] = visemes
        self._loudness[self.length : end] = loudness
        hold(self._visemes[:end], self._shapes[:end], self.length)
        self.length = end

    def remove(self, row: int, n: int) -> None:
        """Take n frames out from `row` on, as far as there are: those behind them come that much sooner.

        For the thread that appends. Who reads at this very moment may find a frame twice.
        """
        end, row = self.length, min(row, self.length)
        n = min(n, end - row)
        self._visemes[row : end - n] = self._visemes[row + n : end].copy()
        self._loudness[row : end - n] = self._loudness[row + n : end].copy()
        hold(self._visemes[: end - n], self._shapes[: end - n], row)
        self.length = end - n

    def forget(self) -> None:
        """Free the frames: the turn is long over, and no picture needs them any more."""
        self.length = 0
        self._visemes, self._loudness, self._shapes = _NO_VISEMES, _NO_LOUDNESS, _NO_SHAPES

    @property
    def visemes(self) -> F32:
        """(length, 15) float32, each row sums to 1."""
        return self._visemes[: self.length]

    @property
    def shapes(self) -> Bytes:
        """(length,) uint8: the one shape to draw, an index of VISEMES, each held long enough to be seen."""
        return self._shapes[: self.length]

    @property
    def loudness(self) -> F32:
        """(length,) float32 in 0..1, normalized to the voice."""
        return self._loudness[: self.length]
