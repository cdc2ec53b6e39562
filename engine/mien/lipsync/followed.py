"""Words that are told in pieces, followed through sound that comes in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mien.lipsync.aligned import AlignedWords
from mien.lipsync.word_states import Word
from mien.types import F32, VISEMES

_BEFORE: Final = 50
"""Frames before the first that may be another from which on words are followed anew: so far a start that was
guessed is not remembered."""
_KEPT: Final = 100
"""Frames that are kept of those that were shown."""


class FollowedWords:
    """What is said of all words that were told so far. For one thread."""

    def __init__(self) -> None:
        self._first = 0  # frame of the first rows that are kept
        self._likely = np.zeros((0, len(VISEMES)), np.float32)  # as they were heard
        self._said = np.zeros((0, len(VISEMES)), np.float32)  # and given the words, of those that are known
        self._aligned: AlignedWords | None = None

    def hear(self, likely: F32) -> None:
        """(k, 15) float32: the likelihoods of the next frames' shapes."""
        self._likely = np.concatenate((self._likely, likely))
        if self._aligned is not None:
            self._said = np.concatenate((self._said, self._aligned.push(likely)))

    def tell(self, words: Sequence[Word], first: int) -> None:
        """All words that count now, in order of time; none has changed before the frame `first`."""
        start = max(self._first, min(first - _BEFORE, self._first + len(self._said)))
        self._said = self._said[: start - self._first]
        self._aligned = AlignedWords(words, start)
        again = self._aligned.push(self._likely[start - self._first :])
        self._said = np.concatenate((self._said, again))

    def rows(self, first: int, many: int) -> F32:
        """(k, 15) float32, k <= many, of the frames from `first` on: those that are known, and not too old
        to be kept: none then."""
        at = first - self._first
        return self._said[at : at + many] if at >= 0 else self._said[:0]

    def passed(self, frame: int) -> None:
        """All before this frame was shown."""
        old = min(frame - _KEPT - self._first, len(self._said))
        if old > _KEPT:
            self._first += old
            self._likely, self._said = self._likely[old:], self._said[old:]
