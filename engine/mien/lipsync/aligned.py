"""Which shape of the words that were told is said just now: their phones aligned to what is heard.

A hidden Markov model. Each word is a row of shapes for each way in which it may be said, side by side; a
shape is a few states in a row, so that it lasts a while; pauses lie between words, and words begin and end
about when they were told to. What the networks hear weighs the paths. Where they hear nothing that helps, the
shapes share the word's time as they usually do.
Pure and streaming: the same frames give the same however they were chunked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from mien.lipsync.word_states import AS_HEARD, Part, Word, part_of, parts_of
from mien.types import F32, F64, VISEMES

AHEAD: Final = 1
"""Frames that must have been heard after one before it is known."""
_FAR: Final = 10
"""Where there is time, frames become known by so many, with so many heard behind them; but not ..."""
_AT_ONCE: Final = 50
"""... the first so many, whose sound may be played at once."""

_TRUST: Final = 0.3
"""Power to which the networks' likelihoods are taken: what they mishear they mishear for several frames."""
_MISHEARD: Final = 0.03
"""What is added to a likelihood before that: nothing is impossible."""
_USUAL: Final = np.array(
    [0.3, 0.04, 0.03, 0.03, 0.09, 0.06, 0.03, 0.06, 0.08, 0.05, 0.12, 0.05, 0.09, 0.04, 0.04], np.float32
)
"""Share of each shape in speech: a rare one that is heard says more."""
_WEIGHED: Final = _USUAL ** np.float32(-0.5 * _TRUST)
_MISSPELLED: Final = 0.1
"""Share of any shape in what comes out."""
_GONE: Final = 1e-7
"""Of all that may be, what is less likely than this is not followed."""


class _Frame(NamedTuple):
    at: int
    """Index of the first part that is followed."""
    live: list[F64]
    """Of it and those behind it, how likely each state is, by all that was heard before and in the frame."""
    seen: F64
    """(16,): what a state that shows a shape counts, by what is heard in the frame."""
    heard: F32
    """(15,) likelihoods."""


class AlignedWords:
    """What is said of words, as it is heard.

    `first`: the frame that is taken first. `far`: frames need not be known at once, and become known the
    better.
    """

    def __init__(self, words: Sequence[Word], first: int = 0, far: bool = False) -> None:
        self._plan = parts_of(words)
        self._parts: dict[int, Part] = {}
        self._far = far
        self._first = self._next = first
        at = next(i for i, (_, _, end) in enumerate(self._plan) if 100 * end > first)
        self._last: tuple[int, list[F64]] = (at, [])
        self._frames: deque[_Frame] = deque()  # those that were heard and not given

    def push(self, likely: F32) -> F32:
        """(k, 15) likelihoods of the next frames' shapes, as they are heard. Returns (n, 15) float32 of those
        that became known: how likely each is given the words; rows sum to 1."""
        rows: list[F32] = []
        for one in likely:
            self._hear(one)
            rows += self._known(finished=False)
        return np.array(rows, np.float32).reshape(-1, len(VISEMES))

    def finish(self) -> F32:
        """The rest of them, when nothing follows: (n, 15) float32."""
        return np.array(self._known(finished=True), np.float32).reshape(-1, len(VISEMES))

    def _known(self, finished: bool) -> list[F32]:
        frames, rows = self._frames, list[F32]()
        while frames:
            is_far = self._far and self._next - self._first >= _AT_ONCE
            many, ahead = (_FAR, _FAR) if is_far else (1, AHEAD)
            if len(frames) < many + ahead:
                if not finished:
                    break
                many = len(frames)
            rows += self._looked_back(many)
            for _ in range(many):
                frames.popleft()
            self._next += many
            kept = frames[0].at if frames else self._last[0]
            for index in [index for index in self._parts if index < kept]:
                del self._parts[index]
        return rows

    def _hear(self, likely: F32) -> None:
        """One frame more."""
        seen = np.empty(len(VISEMES) + 1)
        seen[:AS_HEARD] = (likely + np.float32(_MISHEARD)) ** np.float32(_TRUST) * _WEIGHED
        seen[AS_HEARD] = seen[:AS_HEARD] @ likely
        frame = self._next + len(self._frames)
        before, live, coming = frame - 1, list[F64](), 0.0
        was_at, was = self._last
        if not was:
            start = self._part(was_at)
            was, before = [start.enter[start.row(frame)]], frame
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
        live = [one / total for one in live[gone:]]
        self._last = was_at + gone, live
        self._frames.append(_Frame(was_at + gone, live, seen, likely))

    def _looked_back(self, many: int) -> list[F32]:
        """(15,) float32 of each of the first frames that wait: by what was heard until it, and after it."""
        frames = list(self._frames)
        reach = len(frames) if len(frames) < many + _FAR else many + (_FAR if many > 1 else AHEAD)
        after = [np.ones_like(one) for one in frames[reach - 1].live]
        rows: list[F32] = []
        for i in range(reach - 1, -1, -1):
            if i + 1 < reach:
                after = self._before(frames[i], self._next + i, frames[i + 1], after)
            if i < many:
                rows.append(self._row(frames[i], after))
        return rows[::-1]

    def _before(self, frame: _Frame, number: int, then: _Frame, after: list[F64]) -> list[F64]:
        """How likely the rest is from each state of a frame, where `after` says it of the next one's."""
        worth = [one * then.seen[self._part(then.at + k).shapes] for k, one in enumerate(after)]
        found: list[F64] = []
        for index in range(frame.at, frame.at + len(frame.live)):
            part = self._part(index)
            row, k = part.row(number), index - then.at
            own = np.zeros(len(part.shapes))
            if 0 <= k < len(worth):
                own += part.stay[row] * worth[k]
                own[:-1] += part.on[row][:-1] * worth[k][1:]
            if 0 <= k + 1 < len(worth):
                behind = self._part(index + 1)
                own += part.leave[row] * float(behind.enter[behind.row(number)] @ worth[k + 1])
            found.append(own)
        most = max(float(own.max()) for own in found) or 1.0
        return [own / most for own in found]

    def _row(self, frame: _Frame, after: list[F64]) -> F32:
        row = np.zeros(len(VISEMES) + 1)
        for k, (one, rest) in enumerate(zip(frame.live, after, strict=True)):
            row += np.bincount(self._part(frame.at + k).shapes, one * rest, len(row))
        row /= row.sum() or 1.0
        likely = row[:AS_HEARD] + row[AS_HEARD] * frame.heard + _MISSPELLED / AS_HEARD
        given: F32 = (likely / likely.sum()).astype(np.float32)
        return given

    def _part(self, index: int) -> Part:
        if index not in self._parts:
            self._parts[index] = part_of(self._plan[index])
        return self._parts[index]
