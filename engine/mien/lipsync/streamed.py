"""Mouth timings that come in pieces while their sound streams, in any order, before it or behind it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice, pairwise
from math import isfinite
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from mien.arguments import is_number
from mien.clock import SAMPLE_RATE
from mien.errors import AudioRejected
from mien.lipsync.analyser import told_shapes
from mien.lipsync.followed import FollowedWords
from mien.lipsync.schemes import SCHEMES, Scheme
from mien.lipsync.spelling import is_spelled
from mien.lipsync.timed import Mark, TimedMouth, Timings, as_shapes
from mien.lipsync.track import TRACK_HOP
from mien.messages import did_you_mean, quoted
from mien.types import F32, Bools

_ROWS_PER_S: Final = SAMPLE_RATE / TRACK_HOP
_FADE_S: Final = 0.03
"""In which what the sound says gives way to what was told, outside of that."""
_JOINED_S: Final = 0.12
"""Less than this between two pieces is no pause, of which the sound is to tell."""
_OPEN_S: Final = 1.0
"""Longest that a mark without an end lasts, where another follows; and ..."""
_LAST_S: Final = 0.1
"""... where none does."""
_LONGEST_S: Final = 30.0
_FURTHEST_S: Final = 120.0
"""A mark that lasts longer, or begins so much behind all that were told, is in another unit."""
_MOST: Final = 20_000
"""Marks of a piece, and marks that are kept."""
_KEPT_S: Final = 10.0
_MOST_CHANGES: Final = 64

_UNITS: Final = "give seconds: milliseconds / 1000, Azure's ticks / 10_000_000"


class _Told(NamedTuple):
    shape: str
    start: float
    end: float
    """Not above `start` where it lasts until the next."""
    piece: int


class Change(NamedTuple):
    """What has become another: frames of the turn's own time, from .. to before, and where its marks end."""

    first: int
    last: int
    ends: tuple[int, ...]


class StreamedMouth:
    """What was told of a turn's mouth so far. Any thread tells; one asks."""

    def __init__(self) -> None:
        self.changes: deque[Change] = deque()
        """What was told and not followed yet; who follows takes from the left."""
        self.late = 0
        """Mouth shapes that came when their sound had been heard; for who follows to count."""
        self.forward: Callable[[Scheme, tuple[Mark, ...]], object] | None = None
        """Given what is told, where another process follows it."""
        self._marks: list[_Told] = []
        self._words: list[_Told] = []
        self._word_spans: tuple[tuple[float, float], ...] = ()  # of those that are followed
        self._heard_spans: tuple[tuple[float, float], ...] = ()  # of those that spelling does not know
        self._retold: int | None = None  # the first frame whose words are others since they were followed
        self._followed = FollowedWords()
        self._pieces = 0
        self._furthest_s = self._heard_s = 0.0
        self._now: tuple[TimedMouth, tuple[tuple[float, float], ...]] | None = None
        self._lock = threading.RLock()  # which a handler of a signal may take again

    @property
    def is_told(self) -> bool:
        """Something was."""
        return self._now is not None

    def push(self, timings: Timings, offset_s: float = 0.0) -> None:
        """Add (label, start, end) marks, `offset_s` later than they say; they take the place of what was told
        of their time before. Raises AudioRejected, FormatError (an unknown label), and adds nothing then."""
        scheme, marks = _checked(timings, offset_s)
        if not marks:
            return
        # A mark without an end is a shape from its start on: how phones share it is not known.
        shapes = as_shapes([(label, start, max(end, start)) for label, start, end in marks], scheme)
        words = marks if scheme == "words" else ()
        with self._lock:
            first, last = min(start for _, start, _ in marks), max(end for *_, end in marks)
            if first > max(self._furthest_s, self._heard_s) + _FURTHEST_S:
                raise AudioRejected(
                    f"timings begin at {first:g} s, more than {_FURTHEST_S:g} s behind all that was told: "
                    f"{_UNITS}."
                )
            if len(self._marks) + len(shapes) > _MOST:
                raise AudioRejected(
                    f"more than {_MOST} mouth shapes wait for their sound: push timings as it is pushed."
                )
            self._put(shapes, first, last)
            self._put_words(words, first, last)
        if self.forward is not None:
            self.forward(scheme, marks)

    def hear(self, likely: F32, shown: int) -> None:
        """(k, 15) float32: how likely each shape is by the sound, in the next frames of the turn. All before
        the frame `shown` was."""
        self._followed.passed(shown)
        self._followed.hear(likely)

    def rows(self, first: int, heard: F32) -> F32:
        """Frames from `first` on: (n, 15) float32 of what was told, and where nothing was, of `heard`, which
        is what the sound says of them. Words are followed through the sound, as far as that was heard."""
        now = self._now
        if now is None:
            return heard
        mouth, spans = now
        times = (np.arange(first, first + len(heard)) + 0.5) / _ROWS_PER_S
        covered = np.zeros(len(times))
        for start, end in spans:
            if end + _FADE_S >= times[0] and start - _FADE_S <= times[-1]:
                covered = np.maximum(covered, 1 + np.minimum(times - start, end - times) / _FADE_S)
        share = np.clip(covered, 0.0, 1.0)[:, None].astype(np.float32)
        if not share.any():
            return heard
        told = mouth.rows(first, first + len(heard))
        self._follow(first, told, heard)
        blended: F32 = share * told + (1 - share) * heard
        return blended

    def _follow(self, first: int, told: F32, heard: F32) -> None:
        """Have the words' frames, of (n, 15) `told` from `first` on, come when they are heard; words
        in letters that spelling does not know are as `heard`."""
        with self._lock:
            words, retold, self._retold = self._words, self._retold, None
        if retold is not None:
            ended = _with_ends(words)
            self._followed.tell([(one.shape, one.start, one.end) for one in ended], retold)
            self._word_spans = _spans(ended)
            self._heard_spans = tuple((one.start, one.end) for one in ended if not is_spelled(one.shape))
        said = self._followed.rows(first, len(told))
        if not words or not len(said):
            return
        frames = first + np.arange(len(said))
        within = _within(self._word_spans, frames)
        told[: len(said)][within] = told_shapes(said[within])
        as_heard = _within(self._heard_spans, frames)
        told[: len(said)][as_heard] = heard[: len(said)][as_heard]

    def passed(self, frame: int) -> None:
        """All before this frame was heard: what is long over is forgotten with the next that is told."""
        self._heard_s = frame / _ROWS_PER_S

    def _put_words(self, words: Iterable[Mark], first: float, last: float) -> None:
        """Words, or other marks (no words), in the place of what was told of that time."""
        kept = [one for one in self._words if max(one.end, one.start) <= first or one.start >= last]
        told = [_Told(word, start, end, self._pieces) for word, start, end in words]
        if told or len(kept) < len(self._words):
            old = self._heard_s - _KEPT_S
            kept = [one for one in kept if max(one.end, one.start) >= old]
            self._words = sorted((*kept, *told), key=lambda one: one.start)
            frame = int(first * _ROWS_PER_S)
            self._retold = frame if self._retold is None else min(frame, self._retold)

    def _put(self, shapes: list[Mark], first: float, last: float) -> None:
        self._pieces += 1
        old = self._heard_s - _KEPT_S
        kept = [
            one if one.end <= first or one.start >= first else one._replace(end=first)
            for one in self._marks
            if max(one.end, one.start) >= old and not (first <= one.start < last or one.start == first)
        ]
        kept += [_Told(shape, start, end, self._pieces) for shape, start, end in shapes]
        kept.sort(key=lambda one: one.start)
        self._marks = kept
        self._furthest_s = max(self._furthest_s, last)
        whole = _with_ends(kept)
        mouth = TimedMouth(((one.start, one.shape, one.end - one.start) for one in whole), "oculus")
        self._now = mouth, _spans(whole)
        fade = 1 + round(2 * _FADE_S * _ROWS_PER_S)
        before = max((one.start for one in whole if one.start < first), default=first)
        begins = int(max(min(before, first), first - _OPEN_S) * _ROWS_PER_S) - fade
        after = min((one.start for one in whole if one.start > last), default=last)
        ends = round(max(last + _LAST_S, min(after, last + _OPEN_S)) * _ROWS_PER_S) + fade
        change = Change(max(0, begins), ends, tuple(round(end * _ROWS_PER_S) for *_, end in shapes))
        while len(self.changes) > _MOST_CHANGES:
            other = self.changes.popleft()
            change = Change(
                min(change.first, other.first), max(change.last, other.last), change.ends + other.ends
            )
        self.changes.append(change)


def _with_ends(marks: list[_Told]) -> list[_Told]:
    """Each with its end, none behind the next one's start."""
    whole = [
        one._replace(end=min(then.start, one.end if one.end > one.start else one.start + _OPEN_S))
        for one, then in pairwise(marks)
    ]
    if marks:
        last = marks[-1]
        whole.append(last if last.end > last.start else last._replace(end=last.start + _LAST_S))
    return whole


def _spans(marks: list[_Told]) -> tuple[tuple[float, float], ...]:
    """Of which times something was told; a piece also of the pauses within it."""
    spans: list[tuple[float, float]] = []
    piece = -1
    for one in marks:
        if spans and (one.piece == piece or one.start - spans[-1][1] <= _JOINED_S):
            spans[-1] = spans[-1][0], max(spans[-1][1], one.end)
        else:
            spans.append((one.start, one.end))
        piece = one.piece
    return tuple(spans)


def _within(spans: tuple[tuple[float, float], ...], frames: npt.NDArray[np.int64]) -> Bools:
    """Which frames lie in any of these times."""
    within = np.zeros(len(frames), np.bool_)
    for start, end in spans:
        within |= (frames >= start * _ROWS_PER_S) & (frames < end * _ROWS_PER_S)
    return within


def _checked(timings: object, offset_s: object) -> tuple[Scheme, tuple[Mark, ...]]:
    """The scheme, and marks that have been moved by the offset. Raises AudioRejected."""
    if not is_number(offset_s) or not isfinite(offset := float(offset_s)):
        raise AudioRejected(f"offset_s cannot be {quoted(offset_s)}: give seconds.")
    scheme, given = getattr(timings, "scheme", None), getattr(timings, "marks", None)
    if not isinstance(scheme, str) or isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise AudioRejected(
            f"timings cannot be {quoted(timings)}: give mien.VisemeTimings(scheme, marks), or what "
            "mien.timings_of_elevenlabs and its like make of a service's own."
        )
    for known in SCHEMES:
        if known == scheme:
            break
    else:
        raise AudioRejected(f"viseme scheme {quoted(scheme)} is unknown; {did_you_mean(scheme, SCHEMES)}")
    marks: list[Mark] = []
    for mark in islice(given, _MOST + 1):
        if not isinstance(mark, list | tuple) or len(mark) != 3:
            raise AudioRejected(f"a mark of timings cannot be {quoted(mark)}: give (label, start_s, end_s).")
        label, *times = mark
        if not isinstance(label, str) and (isinstance(label, bool) or not isinstance(label, int)):
            raise AudioRejected(f"a mouth shape cannot be {quoted(label)}: give its name in {scheme}.")
        if not all(is_number(time) and isfinite(float(time)) for time in times):
            raise AudioRejected(f"mouth shape {quoted(label)} has times {quoted(tuple(times))}; {_UNITS}.")
        start, end = (float(time) + offset for time in times)
        if start < 0 or end < start:
            raise AudioRejected(
                f"mouth shape {quoted(label)} lasts from {start:g} to {end:g} s of its turn: give a start "
                "from 0 on, and an end that is not before it."
            )
        if end - start > _LONGEST_S:
            raise AudioRejected(f"mouth shape {quoted(label)} lasts {end - start:g} s: {_UNITS}.")
        marks.append((str(label)[:100], start, end))
    if len(marks) > _MOST:
        raise AudioRejected(f"timings have more than {_MOST} marks: push them piece by piece.")
    return known, tuple(sorted(marks, key=lambda mark: mark[1]))
