"""How head, brows, breath and mouth go with what is heard."""

from __future__ import annotations

import numpy as np

from bench_life.gaze import frames_of, runs_of
from bench_life.runs import FPS, Run, Turned
from mien.clock import SAMPLE_RATE
from mien.lipsync.track import TRACK_HOP
from mien.types import F64, VISEMES

_LAGS = np.arange(-12, 16)
"""Frames by which a movement may lie behind the sound."""
_MEAN = FPS * 3 // 2
_QUIET = 0.08
"""Loudness below which nothing is heard of a voice."""
_PAUSE_S = 0.15
_CLOSED = frozenset(VISEMES.index(name) for name in ("sil", "PP"))
SEEN = 0.1
"""Weight from which a second drawing is seen as a ghost."""


def lag_ms(run: Run, channel: str, sign: float) -> float:
    """By how much a channel follows the loudness of its speaker's voice: where they fit best, in ms."""
    fits = np.zeros(len(_LAGS))
    for turn in run.turns:
        first, stop = frames_of(turn)
        if stop - first < 2 * _MEAN:
            continue
        heard = _detrended(_loudness(turn, first, stop))
        moves = sign * next(s for s in run.seen if s.key == turn.speaker).channel(channel)
        for i, lag in enumerate(_LAGS):
            low, high = first + lag, stop + lag
            if low >= 0 and high <= len(moves):
                fits[i] += float(heard @ _detrended(moves[low:high]))
    best = int(np.clip(fits.argmax(), 1, len(fits) - 2))
    left, top, right = fits[best - 1 : best + 2]
    bend = left - 2 * top + right
    part = 0.0 if bend == 0 else 0.5 * (left - right) / bend
    return float(1000 * (_LAGS[best] + part) / FPS)


def _loudness(turn: Turned, first: int, stop: int) -> F64:
    """(frames,) of a turn's loudness."""
    times = (np.arange(first, stop) * SAMPLE_RATE / FPS - turn.start) / TRACK_HOP
    return np.interp(times, np.arange(len(turn.loudness)), turn.loudness, 0.0, 0.0)


def _detrended(values: F64) -> F64:
    weights = np.ones(_MEAN)
    mean = np.convolve(values, weights, "same") / np.convolve(np.ones(len(values)), weights, "same")
    return np.asarray(values - mean, np.float64)


def breath_s(run: Run) -> float:
    """Where the middle of the in-breath lies against the first sound of turns that could be known to come:
    seconds, below 0 before it. The median."""
    found = []
    for turn in run.turns:
        first, _ = frames_of(turn)
        low, high = first - FPS, first + FPS
        if turn.announced and low >= 1 and high < run.frames:
            breath = next(s for s in run.seen if s.key == turn.speaker).channel("breath")
            rise = np.convolve(np.diff(breath[low - 1 : high]), np.ones(3) / 3, "same")
            found.append((int(rise.argmax()) - FPS) / FPS)
    return float(np.median(found)) if found else float("nan")


def mouth(run: Run) -> tuple[float, float, float]:
    """(changes a second, share of shapes that last one frame, share of pauses in which it never closes)."""
    changes, spoken, shapes, short, pauses, open_ = 0, 0, 0, 0, 0, 0
    for turn in run.turns:
        seen = next(s for s in run.seen if s.key == turn.speaker)
        closed = {mood[v] for mood in seen.character.mouth.moods.values() for v in _CLOSED}
        first, stop = frames_of(turn)
        shown = np.array(seen.mouth[first:stop])
        if len(shown) < 2:
            continue
        lengths = np.diff(np.flatnonzero(np.concatenate(([True], np.diff(shown) != 0, [True]))))
        changes, spoken = changes + len(lengths) - 1, spoken + len(shown)
        shapes, short = shapes + len(lengths[1:-1]), short + int((lengths[1:-1] == 1).sum())
        for begun, n in runs_of(turn.loudness[: (turn.end - turn.start) // TRACK_HOP] < _QUIET):
            if n * TRACK_HOP >= _PAUSE_S * SAMPLE_RATE and begun > 0:
                low = (turn.start + begun * TRACK_HOP) * FPS // SAMPLE_RATE
                high = (turn.start + (begun + n) * TRACK_HOP) * FPS // SAMPLE_RATE + 1
                pauses += 1
                open_ += not closed & set(seen.mouth[low : high + 1])
    return changes * FPS / max(1, spoken), short / max(1, shapes), open_ / max(1, pauses)


def ghosts(run: Run) -> float:
    """Share of the frames of speech in which two mouths or two pairs of brows are seen at once."""
    seen, spoken = 0, 0
    for one in run.seen:
        when = one.when("speaking")
        spoken += int(when.sum())
        seen += int(((one.mouths > SEEN) | (one.brows > SEEN))[when].sum())
    return seen / max(1, spoken)
