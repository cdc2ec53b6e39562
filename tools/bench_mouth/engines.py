"""What moves a mouth to a sentence: each gives rows of viseme weights every 10 ms."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench_mouth.clips import Clip
from mien.audio import MouthAnalyser, TimedMouth
from mien.types import F32, VISEMES

FRAMES_A_SECOND = 100
_PACKET = 960
"""Samples in which the sound is handed over: 20 ms."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A mouth's movement."""

    rows: F32
    """(k, 15) float32; a row may sum to less than 1 where the engine half opens a shape."""
    cost_s: float
    """Processor time that it took; 0 where it was not measured."""


def from_sound(clip: Clip) -> Moved:
    """Mien's analyser, packet by packet."""
    analyser = MouthAnalyser()
    began = time.process_time()
    parts = [analyser.push(clip.samples[at : at + _PACKET])[0] for at in range(0, len(clip.samples), _PACKET)]
    parts.append(analyser.finish()[0])
    return Moved(np.concatenate(parts), time.process_time() - began)


def rows_of(sound: F32) -> F32:
    """What Mien's analyser makes of sound alone."""
    analyser = MouthAnalyser()
    return np.concatenate((analyser.push(sound)[0], analyser.finish()[0]))


def from_phones(clip: Clip) -> Moved:
    """Mien with the phones' timings given."""
    return Moved(TimedMouth(_events(clip.phones), clip.scheme).rows(0, _frames(clip)), 0.0)


def from_words(clip: Clip) -> Moved:
    """Mien with the words' timings and spelling given."""
    return Moved(TimedMouth(_events(clip.words), "words").rows(0, _frames(clip)), 0.0)


def from_loudness(clip: Clip) -> Moved:
    """The simplest baseline: open as far as it is loud, relative to the clip's loudest; always `aa`."""
    began = time.process_time()
    frames = _frames(clip)
    padded = np.zeros(frames * 480, np.float32)
    padded[: len(clip.samples)] = clip.samples
    level = np.sqrt((padded.reshape(frames, 480) ** 2).mean(axis=1))
    smooth = np.convolve(level, np.ones(5) / 5, "same")
    rows = np.zeros((frames, len(VISEMES)), np.float32)
    rows[:, VISEMES.index("aa")] = np.clip(smooth / max(1e-9, float(np.quantile(smooth, 0.95))), 0, 1)
    rows[:, 0] = 1 - rows[:, VISEMES.index("aa")]
    return Moved(rows, time.process_time() - began)


_THEIRS = {"aa": "aa", "ee": "E", "ih": "I", "oh": "O", "ou": "U", "silence": "sil"}


def pylipsync() -> Callable[[Clip], Moved] | None:
    """pylipsync with its own settings and templates; None when it is not installed."""
    try:
        from pylipsync import PhonemeAnalyzer
    except ImportError:
        return None
    analyser = PhonemeAnalyzer()
    analyser.extract_phoneme_segments(np.zeros(48_000, np.float32), 48_000, fps=FRAMES_A_SECOND)  # compile

    def run(clip: Clip) -> Moved:
        began = time.process_time()
        segments = analyser.extract_phoneme_segments(clip.samples, 48_000, fps=FRAMES_A_SECOND)
        cost = time.process_time() - began
        rows = np.zeros((_frames(clip), len(VISEMES)), np.float32)
        for row, segment in zip(rows, segments, strict=False):
            for phoneme in segment.phonemes:
                row[VISEMES.index(_THEIRS[phoneme.name])] = phoneme.target
            row[0] = max(row[0], 1 - row[1:].sum())  # what is not opened is closed
        return Moved(rows, cost)

    return run


def _events(marks: tuple[tuple[str, float, float], ...]) -> list[tuple[float, str, float]]:
    return [(start, label, end - start) for label, start, end in marks]


def _frames(clip: Clip) -> int:
    return -(-len(clip.samples) // 480)
