"""Whether an engine draws what the specification says: nothing is timed that draws something else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench_compositor.engines import Engine
from bench_compositor.timeline import Timeline
from mien.composite.reference import blend_over, blend_within, content, to_bytes
from mien.composite.rows import (
    BLEND,
    BOUNDS,
    CLIPPED_ROWS,
    EACH_SAMPLE,
    INVERSE_X,
    INVERSE_Y,
    LIMITS,
    OPACITY,
    ORIGIN,
    PAGE,
    SAMPLE_COUNT,
    FrameRows,
)
from mien.types import F64, U8, Blend

MEAN_ALLOWED = 1.0
"""Mean difference of a frame, of 255, above which an engine is not timed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Between an engine's frames and the specification's, of 255."""

    largest: int
    mean: float
    """Of the worst frame, over all its pixels and channels."""
    frames: int

    @property
    def passed(self) -> bool:
        return self.mean <= MEAN_ALLOWED


def sample_frames(kinds: tuple[str, ...], count: int = 8) -> list[int]:
    """About `count` frames spread over the kinds."""
    picked: list[int] = []
    wanted = ("talk", "fade", "sway", "real", "unchanged")
    for kind in wanted:
        of_kind = [k for k, other in enumerate(kinds) if other == kind]
        share = max(1, count // len(wanted))
        if of_kind:
            # From inside each segment, where most of it is in motion.
            steps = np.linspace(0, len(of_kind) - 1, share + 2)[1:-1]
            picked += [of_kind[round(float(step))] for step in steps]
    return sorted(set(picked))


def references(timeline: Timeline, frames: list[int]) -> U8:
    """(frames, h, w, 4) uint8: what the specification draws.

    The specification works on whole frames and whole pages, 10 s for a frame of 1280x720. Here its functions
    are handed one group at a time, on a frame as large as the group, with the parts of pages that it shows:
    the same arithmetic wherever anything is drawn.
    """
    known: dict[bytes, F64] = {}
    return np.stack([to_bytes(_specified(timeline.frame(k), timeline.pages, known)) for k in frames])


def _specified(frame: FrameRows, pages: U8, known: dict[bytes, F64]) -> F64:
    width, height = frame.size
    picture = np.broadcast_to(np.array(frame.clear, np.float64), (height, width, 4)).copy()
    rows = frame.rows[: frame.count].astype(np.float64)
    i = 0
    while i < len(rows):
        count = 1 + int(rows[i, CLIPPED_ROWS])
        left, top, right, bottom = (int(v) for v in rows[i, BOUNDS])
        shown = []
        for row in rows[i : i + count]:
            key = row.tobytes() + bytes(str((left, top, right, bottom)), "ascii")
            if key in known:
                shown.append(known[key])
                continue
            row = row.copy()
            row[BOUNDS] -= (left, top, left, top)
            for inverse in (INVERSE_X, INVERSE_Y):
                row[inverse.stop - 1] = row[inverse] @ (left, top, 1.0)
            parts = _parts(row, pages)
            known[key] = content(row, parts, (), right - left, bottom - top)
            shown.append(known[key])
        group = shown[0]
        for row, above in zip(rows[i + 1 : i + count], shown[1:], strict=True):
            group = blend_within(Blend(int(row[BLEND])), group, above * row[OPACITY])
        below = picture[top:bottom, left:right]
        below[...] = blend_over(Blend(int(rows[i, BLEND])), below, group * rows[i, OPACITY])
        i += count
    return picture


def _parts(row: F64, pages: U8) -> list[U8]:
    """The parts of pages that a row's samples show; the row is changed to name them instead."""
    parts = []
    for i, columns in enumerate(EACH_SAMPLE[: int(row[SAMPLE_COUNT])]):
        shown = row[columns]
        left, top, right, bottom = (int(v) for v in shown[LIMITS])
        left, top = max(0, left - 1), max(0, top - 1)
        parts.append(pages[int(shown[PAGE]), top : bottom + 2, left : right + 2])
        shown[ORIGIN] -= (left, top)
        shown[PAGE] = i
        shown[LIMITS] -= (left, top, left, top)
    return parts


def compare(engine: Engine, frames: list[int], wanted: U8) -> Difference:
    """Draw the frames, in order, and compare."""
    largest, mean = 0, 0.0
    for k, picture in zip(frames, wanted, strict=True):
        difference = np.abs(engine.draw(k).astype(np.int16) - picture)
        largest = max(largest, int(difference.max()))
        mean = max(mean, float(difference.mean()))
    return Difference(largest, mean, len(frames))
