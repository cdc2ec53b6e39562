"""Where somebody who speaks is silent, known from the level of the sound, as soon as it has come."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.lipsync.analyser import SILENCE_DB
from mien.types import F32

PIECE: Final = SAMPLE_RATE // 100
"""Samples (10 ms) of which the level is taken."""

_QUIET: Final = 10 ** (SILENCE_DB / 20)
"""As where the mouth closes: so much below the loudest is a pause."""

_FORGETTING: Final = 0.9995
"""Share of the loudest level that is remembered after each piece: half of it after 14 s."""

_LEAST: Final = 1e-4
"""Below this all is silent."""


class Pauses:
    """The pauses in what has come and was not played yet."""

    def __init__(self) -> None:
        self._loudest = 0.0
        self._spans: deque[tuple[int, int]] = deque()  # start, end
        self._total = 0

    def came(self, samples: F32, at: int) -> None:
        """(n,) float32 with its first sample at position `at` has come."""
        for start, level in enumerate(_levels(samples)):
            self._loudest = max(self._loudest * _FORGETTING, float(level))
            if level < self._limit:
                self._add(at + start * PIECE, min(PIECE, len(samples) - start * PIECE))

    def ahead(self, position: int) -> int:
        """Samples of pauses from `position` on."""
        spans = self._spans
        while spans and spans[0][1] <= position:
            start, end = spans.popleft()
            self._total -= end - start
        return self._total - (max(0, position - spans[0][0]) if spans else 0)

    def quiet(self, samples: F32) -> bool:
        """Whether (n,) float32 are a pause all along."""
        return bool((_levels(samples) < self._limit).all())

    @property
    def _limit(self) -> float:
        return max(_LEAST, self._loudest * _QUIET)

    def _add(self, start: int, n: int) -> None:
        self._total += n
        first = self._spans.pop()[0] if self._spans and self._spans[-1][1] == start else start
        self._spans.append((first, start + n))


def _levels(samples: F32) -> F32:
    """The root mean square of each 10 ms of (n,) float32; what is left over at the end is one more."""
    whole = len(samples) // PIECE * PIECE
    levels = np.sqrt((samples[:whole].reshape(-1, PIECE) ** 2).mean(axis=1))
    if whole < len(samples):
        levels = np.append(levels, np.sqrt((samples[whole:] ** 2).mean()))
    return np.asarray(levels, np.float32)
