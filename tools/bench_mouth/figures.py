"""How far a mouth's movement is from what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bench_mouth.clips import Clip
from mien.lipsync.phones import shapes_in_time, shapes_of
from mien.lipsync.schemes import PHONE_SCHEMES
from mien.types import F32, VISEMES

OPENNESS = np.array(
    # sil PP FF TH DD kk CH SS nn RR aa E I O U
    [0.0, 0.0, 0.1, 0.25, 0.25, 0.35, 0.3, 0.15, 0.3, 0.3, 1.0, 0.65, 0.4, 0.7, 0.35],
    np.float32,
)
"""How far each shape opens the mouth, as the bundled characters draw it."""

_PP = VISEMES.index("PP")
_VOWELS = tuple(VISEMES.index(name) for name in ("aa", "E", "I", "O", "U"))
CLOSED = 0.15
"""A mouth that is open less than this has closed lips."""
_NEAR = 2
"""Frames (of 10 ms) by which a closure may miss its phone."""
_FARTHEST = 30
"""Frames of lag that are looked at, both ways."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all clips of a group together."""

    visemes: float
    """Share of frames whose largest weight is the phone's shape, of 15."""
    phones: float
    """Share of phones in whose middle frame it is; of a diphthong each half, a pause is none."""
    spoken: float
    """The same as `visemes`, over the frames in which something is said."""
    vowels: float
    """The same over vowels and pauses only: six shapes, closed lips being one."""
    openness: float
    """Pearson's r of how far the mouth is open, over all frames."""
    closures: float
    """Share of p, b and m on which the lips close."""
    false_closures: float
    """Share of the middle frames of vowels in which they are closed."""
    lag_ms: float
    """Shift of the movement that fits best; positive: the mouth is late. Median of the clips."""
    onset_ms: float
    """From the first phone to the mouth's first movement. Median of the clips."""
    cost_ms: float
    """Processor time a second of sound."""


def truth(clip: Clip) -> np.ndarray:
    """(k,) index of the shape at the middle of each 10 ms."""
    assert clip.scheme in PHONE_SCHEMES
    phones = [(shapes_of(name, clip.scheme), start, end) for name, start, end in clip.phones]
    shapes = np.zeros(-(-len(clip.samples) // 480), np.int64)
    middles = (np.arange(len(shapes)) + 0.5) / 100
    for shape, start, end in shapes_in_time([(known or (), start, end) for known, start, end in phones]):
        shapes[(middles >= start) & (middles < end)] = VISEMES.index(shape)
    return shapes


def figures(clips: Sequence[Clip], moved: Sequence[F32], cost_s: float) -> Figures:
    """Over `clips`, with the rows (k, 15) that an engine gave for each."""
    meant = [truth(clip) for clip in clips]
    shown = [rows[: len(shapes)] for rows, shapes in zip(moved, meant, strict=True)]
    best = np.concatenate([rows.argmax(axis=1) for rows in shown])
    said = np.concatenate(meant)
    plain = np.isin(said, (0, *_VOWELS))
    opened = [rows @ OPENNESS for rows in shown]
    wanted = [_smoothed(OPENNESS[shapes]) for shapes in meant]
    met, false = zip(*map(_closures, meant, opened), strict=True)
    seconds = sum(len(clip.samples) for clip in clips) / 48_000
    return Figures(
        visemes=float((best == said).mean()),
        phones=float(
            np.mean([hit for rows, m in zip(shown, meant, strict=True) for hit in _middles(rows, m)])
        ),
        spoken=float((best == said)[said != 0].mean()),
        vowels=float((np.where(best == _PP, 0, best)[plain] == said[plain]).mean()),
        openness=float(np.corrcoef(np.concatenate(opened), np.concatenate(wanted))[0, 1]),
        closures=float(np.mean([hit for row in met for hit in row])),
        false_closures=float(np.mean([hit for row in false for hit in row])),
        lag_ms=float(np.median([_lag(a, b) for a, b in zip(opened, wanted, strict=True)])),
        onset_ms=float(np.median([_onset(rows, m) for rows, m in zip(shown, meant, strict=True)])),
        cost_ms=cost_s / seconds * 1000,
    )


def _middles(rows: F32, meant: np.ndarray) -> list[bool]:
    """Whether the strongest shape is right in the middle of each run of a shape that is said."""
    edges = np.flatnonzero(np.diff(meant)) + 1
    middles = [(start + end) // 2 for start, end in zip([0, *edges], [*edges, len(meant)], strict=True)]
    return [bool(rows[at].argmax() == meant[at]) for at in middles if meant[at] != 0]


def _smoothed(values: F32) -> F32:
    """Lips take about 60 ms from shape to shape; a step would ask for the impossible."""
    kernel = np.array([1, 2, 3, 2, 1], np.float32) / 9
    return np.convolve(values, kernel, "same").astype(np.float32)


def _closures(meant: np.ndarray, opened: F32) -> tuple[list[bool], list[bool]]:
    met, false = [], []
    edges = np.flatnonzero(np.diff(meant)) + 1
    for start, end in zip([0, *edges], [*edges, len(meant)], strict=True):
        if meant[start] == _PP:
            met.append(bool(opened[max(0, start - _NEAR) : end + _NEAR].min() < CLOSED))
        elif meant[start] in _VOWELS and end - start >= 5:
            false += (opened[start + 2 : end - 2] < CLOSED).tolist()
    return met, false


def closed_wrongly(clips: Sequence[Clip], moved: Sequence[F32]) -> dict[str, float]:
    """Of the frames in vowels that are falsely closed: the share in the second halves of their vowels, the
    share that is 6 dB and more below the loudest of its vowel, and the share that is taken for p, b or m."""
    late, quiet, lips = [], [], []
    for clip, rows in zip(clips, moved, strict=True):
        meant, opened = truth(clip), rows @ OPENNESS
        level = levels_db(clip.samples)
        edges = [0, *(np.flatnonzero(np.diff(meant)) + 1).tolist(), len(meant)]
        for start, end in pairwise(edges):
            if meant[start] in _VOWELS and end - start >= 5:
                for at in start + 2 + np.flatnonzero(opened[start + 2 : end - 2] < CLOSED):
                    late.append(at >= (start + end) / 2)
                    quiet.append(level[at] <= level[start:end].max() - 6)
                    lips.append(rows[at].argmax() == _PP)
    if not late:
        return {}
    return {name: round(float(np.mean(found)), 4) for name, found in
            (("closed_late", late), ("closed_quiet", quiet), ("closed_as_lips", lips))}  # fmt: skip


def levels_db(samples: F32) -> F32:
    """(k,) level of each 10 ms that has begun, in dB."""
    padded = np.zeros(-(-len(samples) // 480) * 480, np.float32)
    padded[: len(samples)] = samples
    return 10 * np.log10((padded.reshape(-1, 480) ** 2).mean(axis=1) + 1e-12)


def pauses_db(clip: Clip) -> float:
    """How far the sound of its pauses is below that of its speech, by the medians of their levels."""
    said, level = truth(clip) != 0, levels_db(clip.samples)
    return float(np.median(level[said]) - np.median(level[~said]))


def best_wait(clips: Sequence[Clip], moved: Sequence[F32]) -> int:
    """Frames, 0 to 20, for which the sound has to wait so that the mouths follow it best: all by the same."""
    wanted = np.concatenate([_smoothed(OPENNESS[truth(clip)]) for clip in clips])
    fits = []
    for wait in range(21):
        opened = [
            earlier(rows, wait)[: -(-len(clip.samples) // 480)]
            for rows, clip in zip(moved, clips, strict=True)
        ]
        joined = np.concatenate([rows @ OPENNESS for rows in opened])
        fits.append(-1.0 if joined.std() < 1e-9 else float(np.corrcoef(joined, wanted)[0, 1]))
    return int(np.argmax(fits))


def earlier(rows: F32, frames: int) -> F32:
    """(k, 15), so many frames earlier; the last one stays."""
    return rows[np.minimum(np.arange(len(rows)) + frames, len(rows) - 1)]


def _lag(opened: F32, wanted: F32) -> float:
    length = len(wanted)
    fits = {}
    for shift in range(-_FARTHEST, _FARTHEST + 1):
        a, b = opened[max(0, shift) : length + shift], wanted[max(0, -shift) : length - max(0, shift)]
        fits[shift] = -1.0 if a.std() < 1e-9 else float(np.corrcoef(a, b)[0, 1])
    return 10.0 * max(fits, key=lambda shift: fits[shift])


def _onset(rows: F32, meant: np.ndarray) -> float:
    """A frame counts as moved when less than half of it is a closed mouth in rest."""
    return 10.0 * (int(np.argmax(rows[:, 0] < 0.5)) - int(np.argmax(meant != 0)))
