"""Given mouth timings, in the names of several systems, phones or words, as viseme weights every 10 ms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol, TypeAlias

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.errors import FormatError
from mien.lipsync.aligned import AlignedWords
from mien.lipsync.phones import shapes_in_time, shapes_of
from mien.lipsync.schemes import PHONE_SCHEMES, SCHEMES, PhoneScheme, Scheme, Shapes, labels_of, viseme_of
from mien.lipsync.spelling import is_spelled, spread
from mien.lipsync.track import TRACK_HOP
from mien.messages import did_you_mean, quoted
from mien.types import F32, F64, VISEMES

CROSSFADE_S: Final = 0.06
"""Length of the crossfade around a boundary: coarticulation, shorter where shapes are shorter."""

_NO_DURATION_S: Final = 0.1
"""How long the last shape lasts when no duration was given."""

Mark: TypeAlias = tuple[str, float, float]
"""(label, start, end) in seconds."""

TimedEvent: TypeAlias = tuple[float, str] | tuple[float, str, float]
"""(time in s, label) or (time in s, label, duration in s)."""


class Timings(Protocol):
    """Mouth shapes with times as a synthesizer gave them; `mien.talk.VisemeTimings` is one."""

    @property
    def scheme(self) -> Scheme:
        """Whose names the labels are."""
        ...

    @property
    def marks(self) -> Sequence[tuple[str, float, float]]:
        """(label, start, end) in seconds from the turn's first sample."""
        ...


class TimedMouth:
    """Viseme weights at any time of a turn, from given events.

    Parameters: `events` in any order, times in seconds from the turn's first sample; an event without a
    duration lasts until the next. Raises FormatError for an unknown scheme or label.
    """

    def __init__(self, events: Iterable[TimedEvent], scheme: Scheme) -> None:
        self.is_guessed = scheme == "words"
        """The shapes come from spelling: the sound knows better when each of them comes, and which."""
        starts: list[float] = [-np.inf]
        shapes: list[int] = [0]
        ordered = _in_order(events)
        self.words: tuple[Mark, ...] = tuple(ordered) if self.is_guessed else ()
        """Of those, what was told, in order."""
        marks = as_shapes(ordered, scheme)
        for i, (shape, start, end) in enumerate(marks):
            starts.append(start)
            shapes.append(VISEMES.index(shape))
            if i + 1 == len(marks) or end < marks[i + 1][1] - 0.005:  # a real pause, not rounding
                starts.append(end)
                shapes.append(0)
        self._starts: F64 = np.array(starts, np.float64)
        self._shapes = np.array(shapes, np.int64)
        lengths = np.diff(np.append(self._starts, np.inf))
        before = np.concatenate(([np.inf], lengths[:-1]))
        # Half of the fade lies on each side of a boundary; a short shape is still reached in its middle.
        self._fade: F64 = np.minimum(CROSSFADE_S, np.minimum(lengths, before))
        # The mouth closes at once when speech ends: no fade into silence reaches past one frame.
        self._fade[self._shapes == 0] = np.minimum(self._fade[self._shapes == 0], 0.02)

    def aligned(self) -> AlignedWords | None:
        """What follows the words in the sound of a turn, from its start; None where there are none, or all
        are in letters that spelling does not know: those the sound alone says."""
        return AlignedWords(self.words) if any(is_spelled(word) for word, _, _ in self.words) else None

    @classmethod
    def of(cls, timings: Timings) -> TimedMouth:
        """From (label, start, end) marks."""
        return cls(((start, label, end - start) for label, start, end in timings.marks), timings.scheme)

    def rows(self, first: int, last: int) -> F32:
        """Frames `first` to `last` (not included): (last - first, 15) float32, rows sum to 1."""
        times = (np.arange(first, last) + 0.5) * (TRACK_HOP / SAMPLE_RATE)
        at = np.searchsorted(self._starts, times, side="right") - 1
        out = np.zeros((len(times), len(VISEMES)), np.float32)
        rows = np.arange(len(times))
        # Past a boundary's middle its fade goes on from one half to all of the new shape ...
        since = times - self._starts[at]
        fade = np.maximum(self._fade[at], 1e-9)
        into = np.where(np.isfinite(since), np.clip(0.5 + since / fade, 0.0, 1.0), 1.0)
        # ... and before the next boundary's middle it has begun already.
        after = np.minimum(at + 1, len(self._starts) - 1)
        until = np.where(after > at, self._starts[after] - times, np.inf)
        next_fade = np.maximum(self._fade[after], 1e-9)
        out_of = np.clip(0.5 - until / next_fade, 0.0, 0.5)
        into = _smooth(into)
        out_of = _smooth(out_of)
        # Fades are at most as long as the shapes between them, so two never overlap by more than rounding.
        into = np.maximum(into, out_of)
        np.add.at(out, (rows, self._shapes[np.maximum(at - 1, 0)]), 1 - into)
        np.add.at(out, (rows, self._shapes[after]), out_of)
        np.add.at(out, (rows, self._shapes[at]), into - out_of)
        return out


def _in_order(events: Iterable[TimedEvent]) -> list[Mark]:
    """(label, start, end) by start; without a duration a label lasts until the next."""
    ordered = sorted(events, key=lambda event: event[0])
    marks: list[Mark] = []
    for i, event in enumerate(ordered):
        if len(event) == 3:
            end = event[0] + max(0.0, event[2])
        else:
            end = ordered[i + 1][0] if i + 1 < len(ordered) else event[0] + _NO_DURATION_S
        marks.append((str(event[1]), event[0], end))
    return marks


def as_shapes(marks: list[Mark], scheme: Scheme) -> list[Mark]:
    """The same with Oculus visemes for labels. Raises FormatError for an unknown scheme or label."""
    if scheme == "words":
        return shapes_in_time([_phone(phone, "arpabet") for mark in marks for phone in spread(*mark)])
    if scheme in PHONE_SCHEMES:
        return shapes_in_time([_phone(mark, scheme) for mark in marks])
    if scheme not in SCHEMES:
        raise FormatError(f"viseme scheme {quoted(scheme)} is unknown; {did_you_mean(scheme, SCHEMES)}")
    labels = labels_of(scheme) or ()
    for label, _, _ in marks:
        if label not in labels:
            raise FormatError(
                f"viseme {quoted(label)} is not one of {scheme}'s; {did_you_mean(label, labels)}"
            )
    return [(viseme_of(label, scheme), start, end) for label, start, end in marks]


def _phone(mark: Mark, scheme: PhoneScheme) -> tuple[Shapes, float, float]:
    shapes = shapes_of(mark[0], scheme)
    if shapes is None:
        raise FormatError(f"phone {quoted(mark[0])} is not one of {scheme}'s; correct it or the scheme.")
    return shapes, mark[1], mark[2]


def _smooth(x: F64) -> F64:
    return x * x * (3 - 2 * x)


def track_from_timings(events: Sequence[TimedEvent], total_samples: int, scheme: Scheme) -> F32:
    """The whole mouth of a turn of `total_samples`: (k, 15) float32, a row for every started 10 ms."""
    return TimedMouth(events, scheme).rows(0, -(-total_samples // TRACK_HOP))
