"""What moves a mouth to sentences: each gives rows of viseme weights every 10 ms. Peers are in `peers`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bench_mouth.clips import Clip
from mien.audio import MouthAnalyser, TimedMouth
from mien.lipsync.analyser import LOOK_AHEAD_MS
from mien.lipsync.shapes import LOOK_AHEAD, QUIET, hold
from mien.types import F32, VISEMES

_PACKET = 960
"""Samples in which the sound is handed over: 20 ms."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A mouth's movement."""

    rows: F32
    """(k, 15) float32; a row may sum to less than 1 where the engine half opens a shape."""
    cost_s: float
    """Processor time that it took; 0 where it was not measured."""
    waits_ms: float = 0.0
    """For how long the sound has to be held back so that the movement is known with it."""


Engine: TypeAlias = Callable[[Sequence[Clip]], list[Moved]]


def from_sound(clips: Sequence[Clip]) -> list[Moved]:
    """Mien's analyser, packet by packet."""
    return [_heard(clip, None) for clip in clips]


def from_words_and_sound(clips: Sequence[Clip]) -> list[Moved]:
    """The same, told the words' times and spelling."""
    return [_heard(clip, TimedMouth(_events(clip.words), "words")) for clip in clips]


def as_drawn(clips: Sequence[Clip]) -> list[Moved]:
    """What is drawn of that: one shape at a time."""
    drawn = []
    for clip in clips:
        analyser = MouthAnalyser(TimedMouth(_events(clip.words), "words").aligned())
        rows, loudness = map(np.concatenate, zip(analyser.push(clip.samples), analyser.finish(), strict=True))
        shapes = np.zeros(len(rows), np.uint8)
        quiet = loudness < QUIET
        quiet[: int(np.argmax(~quiet))] = False  # before the voice
        hold(rows, quiet, shapes, 0)
        waits = LOOK_AHEAD_MS + 10 * (LOOK_AHEAD - 1)
        drawn.append(Moved(np.eye(len(VISEMES), dtype=np.float32)[shapes], 0.0, waits))
    return drawn


def from_phones(clips: Sequence[Clip]) -> list[Moved]:
    """Mien with the phones' timings given."""
    return [
        Moved(TimedMouth(_events(clip.phones), clip.scheme).rows(0, frames_of(clip)), 0.0) for clip in clips
    ]


def from_words(clips: Sequence[Clip]) -> list[Moved]:
    """Mien with the words' timings and spelling alone, as they are shown where they come in pieces."""
    return [Moved(TimedMouth(_events(clip.words), "words").rows(0, frames_of(clip)), 0.0) for clip in clips]


def from_loudness(clips: Sequence[Clip]) -> list[Moved]:
    """The simplest baseline: open as far as it is loud, relative to the clip's loudest; always `aa`."""
    return [_by_loudness(clip) for clip in clips]


def rows_of(sound: F32) -> F32:
    """What Mien's analyser makes of sound alone."""
    analyser = MouthAnalyser()
    return np.concatenate((analyser.push(sound)[0], analyser.finish()[0]))


def frames_of(clip: Clip) -> int:
    """Of 10 ms that have begun."""
    return -(-len(clip.samples) // 480)


def _heard(clip: Clip, told: TimedMouth | None) -> Moved:
    analyser = MouthAnalyser(None if told is None else told.aligned())
    began = time.process_time()
    parts = [analyser.push(clip.samples[at : at + _PACKET])[0] for at in range(0, len(clip.samples), _PACKET)]
    parts.append(analyser.finish()[0])
    return Moved(np.concatenate(parts), time.process_time() - began, LOOK_AHEAD_MS)


def _by_loudness(clip: Clip) -> Moved:
    began = time.process_time()
    frames = frames_of(clip)
    padded = np.zeros(frames * 480, np.float32)
    padded[: len(clip.samples)] = clip.samples
    level = np.sqrt((padded.reshape(frames, 480) ** 2).mean(axis=1))
    smooth = np.convolve(level, np.ones(5) / 5, "same")
    rows = np.zeros((frames, len(VISEMES)), np.float32)
    rows[:, VISEMES.index("aa")] = np.clip(smooth / max(1e-9, float(np.quantile(smooth, 0.95))), 0, 1)
    rows[:, 0] = 1 - rows[:, VISEMES.index("aa")]
    return Moved(rows, time.process_time() - began)


def _events(marks: tuple[tuple[str, float, float], ...]) -> list[tuple[float, str, float]]:
    return [(start, label, end - start) for label, start, end in marks]
