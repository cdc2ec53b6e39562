"""Whether an engine draws what the specification says: nothing is timed that draws something else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from bench_compositor.engines import Engine
from bench_compositor.timeline import Timeline

from mien.composite.reference import composite, to_bytes
from mien.types import U8

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
    wanted = ("talk", "fade", "sway", "unchanged")
    for kind in wanted:
        of_kind = [k for k, other in enumerate(kinds) if other == kind]
        share = max(1, count // len(wanted))
        if of_kind:
            # From inside each segment, where most of it is in motion.
            steps = np.linspace(0, len(of_kind) - 1, share + 2)[1:-1]
            picked += [of_kind[round(float(step))] for step in steps]
    return sorted(set(picked))


def references(timeline: Timeline, frames: list[int]) -> U8:
    """(frames, h, w, 4) uint8: what the specification draws."""
    pages = list(timeline.pages)
    return np.stack([to_bytes(composite(timeline.frame(k), pages)) for k in frames])


def compare(engine: Engine, frames: list[int], wanted: U8) -> Difference:
    """Draw the frames, in order, and compare."""
    largest, mean = 0, 0.0
    for k, picture in zip(frames, wanted, strict=True):
        difference = np.abs(engine.draw(k).astype(np.int16) - picture)
        largest = max(largest, int(difference.max()))
        mean = max(mean, float(difference.mean()))
    return Difference(largest, mean, len(frames))
