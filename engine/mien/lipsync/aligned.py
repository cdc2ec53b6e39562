"""Which shape of the words that were told is said just now: their phones aligned to what is heard.

A hidden Markov model. Each word is a row of shapes for each way in which it may be said, side by side; a
shape is a few states in a row, so that it lasts a while; pauses lie between words, and words begin and end
about when they were told to. What the networks hear weighs the paths. Where they hear nothing that helps, the
shapes share the word's time as they usually do.
Pure and streaming: the same frames give the same however they were chunked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from mien.lipsync.word_states import AS_HEARD, Part, Word, part_of, parts_of
from mien.types import F32, F64, VISEMES

_TRUST: Final = 0.3
"""Power to which the networks' likelihoods are taken: what they mishear they mishear for several frames."""
_MISHEARD: Final = 0.01
"""What is added to a likelihood before that: nothing is impossible."""
_USUAL: Final = np.array(
    [0.395, 0.041, 0.023, 0.017, 0.052, 0.034, 0.012, 0.044, 0.052, 0.029, 0.103, 0.034, 0.086, 0.028, 0.05],
    np.float32,
)
"""Share of each shape in what the networks were fitted to: a rare one that is heard says more."""
_WEIGHED: Final = _USUAL ** np.float32(-0.5 * _TRUST)
_MISSPELLED: Final = 0.03
"""Share of any shape in what comes out: so little that an open vowel opens the jaw as far as it goes."""
_LIPS_COUNT: Final = 4.0
"""How many times as likely p, b and m count while they become likelier: lips that are told to meet do, and
early rather than late, also where the sound leaves the moment in doubt."""
_LIPS: Final = VISEMES.index("PP")
_GONE: Final = 1e-7
"""Of all that may be, what is less likely than this is not followed."""


class _Frame(NamedTuple):
    number: int
    at: int
    """Index of the first part that is followed."""
    live: list[F64]
    """Of it and those behind it, how likely each state is, by all that was heard before and in the frame."""
    seen: F64
    """(16,): what a state that shows a shape counts, by what is heard in the frame."""
    heard: F32
    """(15,) likelihoods."""


class AlignedWords:
    """What is said of words, as it is heard. `first`: the frame that is taken first."""

    def __init__(self, words: Sequence[Word], first: int = 0) -> None:
        self._plan = parts_of(words)
        self._parts: dict[int, Part] = {}
        self._first = first
        self._last: _Frame | None = None  # which is not known yet
        self._lips = 0.0  # how likely they met in the frame before

    def push(self, likely: F32) -> F32:
        """(k, 15) likelihoods of the next frames' shapes, as they are heard; a row that leaves none but the
        first possible is a pause, whatever was told. Returns (n, 15) float32 of those that became known, all
        but the last: how likely each is given the words, and more for lips that begin to meet; rows sum to 1.
        """
        rows: list[F32] = []
        for one in likely:
            frame = self._heard(one)
            if self._last is not None:
                rows.append(self._row(self._last, self._before(self._last, frame)))
            self._last = frame
            for index in [index for index in self._parts if index < frame.at]:
                del self._parts[index]
        return np.array(rows, np.float32).reshape(-1, len(VISEMES))

    def finish(self) -> F32:
        """The last one, when nothing follows: (n, 15) float32."""
        last, self._last = self._last, None
        rows = [] if last is None else [self._row(last, [np.ones_like(one) for one in last.live])]
        return np.array(rows, np.float32).reshape(-1, len(VISEMES))

    def _heard(self, likely: F32) -> _Frame:
        """One frame more."""
        seen = np.empty(len(VISEMES) + 1)
        seen[:AS_HEARD] = (likely + np.float32(_MISHEARD)) ** np.float32(_TRUST) * _WEIGHED
        seen[AS_HEARD] = seen[:AS_HEARD] @ likely
        live, coming = list[F64](), 0.0
        if self._last is None:
            before = number = self._first
            was_at = next(i for i, (_, _, end) in enumerate(self._plan) if 100 * end > number)
            start = self._part(was_at)
            was = [start.enter[start.row(number)]]
        else:
            before, was_at, was = self._last.number, self._last.at, self._last.live
            number = before + 1
        k = 0
        while k < len(was) or (coming > _GONE and was_at + k < len(self._plan)):
            part = self._part(was_at + k)
            row = part.row(before)
            now = coming * part.enter[row]
            coming = 0.0
            if k < len(was):
                now += was[k] * part.stay[row]
                now[1:] += (was[k] * part.on[row])[:-1]
                coming = float(was[k] @ part.leave[row])
            live.append(now * seen[part.shapes])
            k += 1
        every = [float(one.sum()) for one in live]
        total = sum(every) or 1.0
        gone = 0
        while gone + 1 < len(every) and every[gone] < _GONE * total:
            gone += 1
        return _Frame(number, was_at + gone, [one / total for one in live[gone:]], seen, likely)

    def _before(self, frame: _Frame, then: _Frame) -> list[F64]:
        """How likely what is heard in the next frame is from each state of a frame."""
        worth = [then.seen[self._part(then.at + k).shapes] for k in range(len(then.live))]
        found: list[F64] = []
        for index in range(frame.at, frame.at + len(frame.live)):
            part = self._part(index)
            row, k = part.row(frame.number), index - then.at
            own = np.zeros(len(part.shapes))
            if 0 <= k < len(worth):
                own += part.stay[row] * worth[k]
                own[:-1] += part.on[row][:-1] * worth[k][1:]
            if 0 <= k + 1 < len(worth):
                behind = self._part(index + 1)
                own += part.leave[row] * float(behind.enter[behind.row(frame.number)] @ worth[k + 1])
            found.append(own)
        return found

    def _row(self, frame: _Frame, after: list[F64]) -> F32:
        row = np.zeros(len(VISEMES) + 1)
        for k, (one, rest) in enumerate(zip(frame.live, after, strict=True)):
            row += np.bincount(self._part(frame.at + k).shapes, one * rest, len(row))
        row /= row.sum() or 1.0
        before, self._lips = self._lips, float(row[_LIPS])
        if not frame.heard[1:].any():
            return frame.heard
        if self._lips > before:
            row[_LIPS] *= _LIPS_COUNT
        likely = row[:AS_HEARD] + row[AS_HEARD] * frame.heard + _MISSPELLED / AS_HEARD
        given: F32 = (likely / likely.sum()).astype(np.float32)
        return given

    def _part(self, index: int) -> Part:
        if index not in self._parts:
            self._parts[index] = part_of(self._plan[index])
        return self._parts[index]
