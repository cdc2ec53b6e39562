"""Words as states that follow each other, and how likely each lasts, in each frame of the word's time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Final, TypeAlias

import numpy as np

from mien.lipsync.phones import FIRST_SHARE, shapes_of
from mien.lipsync.spelling import LENGTH, is_spelled, ways_of
from mien.types import F64, VISEMES

Word: TypeAlias = tuple[str, float, float]
"""(spelling, start, end) in seconds."""
Planned: TypeAlias = tuple[str | None, float, float]
"""A word, or a pause (None), and its time."""

AS_HEARD: Final = len(VISEMES)
"""In the place of a shape: whichever is heard. Of words in letters that spelling does not know."""

_BOUND: Final = 1.5
"""Frames (standard deviation) by which a word may begin or end at another time than was told."""
_REACH: Final = ceil(4 * _BOUND)
_STATES: Final = 4
"""A shape has at most so many states, and ..."""
_STATE: Final = 1.5
"""... none that is shorter than this, in frames."""
_LESS_USUAL: Final = 0.5
"""How likely a way to say a word is, beside the one before it."""
_PAUSE_S: Final = 0.02
"""From which on there is a pause between two words."""
_NEVER: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """A word's states over its frames, or a pause's one state."""

    first: int
    """The frame of the tables' first row, which counts for those before it, too; so does the last."""
    shapes: np.ndarray
    """(s,) int64: what each state shows, as an index of VISEMES, or AS_HEARD."""
    stay: F64
    """(t, s): how likely a state is the next frame's as well, ..."""
    on: F64
    """(t, s): ... is followed by the one behind it, ..."""
    leave: F64
    """(t, s): ... or is the part's last."""
    enter: F64
    """(t, s): where a part begins that is entered."""

    def row(self, frame: int) -> int:
        """Of the tables."""
        return min(max(frame - self.first, 0), len(self.stay) - 1)


def parts_of(words: Sequence[Word]) -> list[Planned]:
    """The words in order of time, none behind the next one's start, and the pauses before, between and after
    them."""
    plan: list[Planned] = []
    at = -np.inf
    for i, (word, start, end) in enumerate(words):
        if start - at > _PAUSE_S:
            plan.append((None, at, start))
        at = min(end, words[i + 1][1]) if i + 1 < len(words) else end
        plan.append((word, start, at))
    plan.append((None, at, np.inf))
    return plan


def part_of(planned: Planned) -> Part:
    """The states of a word or of a pause."""
    word, start, end = planned
    if word is None:
        return _pause(end)
    length = max(1.0, 100 * (end - start))
    shapes: list[int] = []
    stay: list[float] = []
    firsts, lasts, odds = [], [], []
    for i, way in enumerate(ways_of(word) if is_spelled(word) else ((),)):
        firsts.append(len(shapes))
        for shape, frames in _in_time(way, length) or [(AS_HEARD, length)]:
            many = max(1, min(_STATES, int(frames / _STATE)))
            shapes += [shape] * many
            stay += [1 - min(1.0, many / frames)] * many
        lasts.append(len(shapes) - 1)
        odds.append(_LESS_USUAL**i)
    first = floor(100 * start) - _REACH
    rows = ceil(100 * end) + _REACH - first + 1
    last = np.zeros(len(shapes), bool)
    last[lasts] = True
    begins = np.zeros(len(shapes))
    begins[firsts] = odds
    ends = np.exp(-0.5 * ((np.arange(first, first + rows + 1) - 100 * end) / _BOUND) ** 2) + _NEVER
    return _conditioned(first, np.array(shapes), np.array(stay), begins, last, ends)


def _conditioned(
    first: int, shapes: np.ndarray, stays: F64, begins: F64, last: np.ndarray, ends: F64
) -> Part:
    """The states, given how likely it is that the word `ends` before each frame (t + 1,), whatever is heard.

    `stays`: how likely each lasts if the word's end were not known; `begins`, `last`: with which it begins,
    and ends.
    """
    stay, on, enter = np.zeros((3, len(ends) - 1, len(shapes)))
    after, then = np.full(len(shapes), 1e-12), np.empty(len(shapes))  # how likely all is from there on
    for i in range(len(stay) - 1, -1, -1):
        then[:-1] = after[1:]
        then[last] = ends[i + 1]
        stay[i] = stays * after
        on[i] = (1 - stays) * then
        after = stay[i] + on[i] + 1e-300
        enter[i] = begins * after
    whole = stay + on + 1e-300
    stay /= whole
    on /= whole
    enter /= enter.sum(axis=1, keepdims=True)
    stay[-1], on[-1] = 0, 1
    return Part(first, shapes, stay, np.where(last, 0, on), np.where(last, on, 0), enter)


def _pause(end: float) -> Part:
    silence = np.zeros(1, np.int64)
    if end == np.inf:
        always = np.ones((1, 1))
        return Part(0, silence, always, 0 * always, 0 * always, always)
    frames = np.arange(-2 * _REACH, _REACH + 1)
    ends = np.exp(-0.5 * ((frames + 1) / _BOUND) ** 2) + _NEVER
    leave = (ends / np.cumsum(ends[::-1])[::-1])[:, None]
    leave[0], leave[-1] = 0, 1
    return Part(round(100 * end) + int(frames[0]), silence, 1 - leave, 0 * leave, leave, 0 * leave + 1)


def _in_time(phones: Sequence[str], length: float) -> list[tuple[int, float]]:
    """(index of VISEMES, frames) of a word of so many frames: each of another shape than the one before."""
    spans: list[tuple[int, float]] = []
    shapes = [shapes_of(phone, "arpabet") or () for phone in phones]
    for i, (phone, own) in enumerate(zip(phones, shapes, strict=True)):
        after = shapes[i + 1][:1] if i + 1 < len(shapes) else ()
        taken = own or after or ("aa",)
        shares = (1.0,) if len(taken) == 1 else (FIRST_SHARE, 1 - FIRST_SHARE)
        for shape, share in zip(taken, shares, strict=True):
            index, frames = VISEMES.index(shape), share * LENGTH[phone]
            if spans and spans[-1][0] == index:
                frames += spans.pop()[1]
            spans.append((index, frames))
    if len(spans) > length:  # more shapes than frames: some are passed over
        spans = [spans[int(at)] for at in np.linspace(0, len(spans) - 1, int(length))]
    total = sum(frames for _, frames in spans)
    return [(index, frames * length / total) for index, frames in spans]
