"""All drawings of some slots, as rows show them: worked out once, looked up in frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mien.character import Drawing, Slot
from mien.composite.rows import MARGIN, SAMPLE_FLOATS, SAMPLES, WEIGHTS, sample_values
from mien.types import F32, F64, MAX_MIXED, Indices, Rect

SHOWN: Final = slice(WEIGHTS.start, SAMPLES.stop)
"""Of a row what it shows: weights, and then samples."""


class DrawingTable:
    """The drawings of slots on these pages (page bases), then the joined ones, and at last an empty one."""

    def __init__(self, slots: Sequence[Slot], pages: Sequence[int]) -> None:
        drawings = [(one, page) for slot, page in zip(slots, pages, strict=True) for one in slot.drawings]
        drawings += [
            (slot.joined, page) for slot, page in zip(slots, pages, strict=True) if slot.joined is not None
        ]
        self.empty = len(drawings)
        """The number of the empty drawing."""
        self.samples: F32 = np.zeros((len(drawings) + 1, SAMPLE_FLOATS), np.float32)
        """(drawings, SAMPLE_FLOATS) float32."""
        self.boxes: F64 = np.empty((len(drawings) + 1, 4))
        """(drawings, 4) left, top, right, bottom on the canvas, with the margin; the last has no inside."""
        self.boxes[self.empty] = (np.inf, np.inf, -np.inf, -np.inf)
        for i, (drawing, page) in enumerate(drawings):
            self.samples[i], self.boxes[i] = drawing_sample(drawing, page)
        self.extents: F64 = extents_of(self.boxes[:, :2], self.boxes[:, 2:])
        """(drawings, 4) x and y of the middles of the boxes, and of half their sizes."""
        self.alone: F32 = _alone(self.samples)
        """(drawings, floats) float32: the SHOWN of a row that shows this and nothing else."""
        self.entries: Indices = _entries([len(slot.drawings) for slot in slots], self.empty)
        """(slots, most + 2) the number of each slot's drawing, by what a pose picks; of -1, the last,
        and of what the slot lacks, the empty one."""


def drawing_sample(drawing: Drawing, page_base: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A drawing's part of a row (two vec4), and its box on the canvas with the margin."""
    region, (x, y) = Rect(*drawing.region), drawing.offset
    u0 = region.x + region.width + x if drawing.flip_x else region.x - x
    mirror = -1.0 if drawing.flip_x else 1.0
    values = sample_values(drawing.page + page_base, (u0, region.y - y), region, mirror)
    return values, (x - MARGIN, y - MARGIN, x + region.width + MARGIN, y + region.height + MARGIN)


def extents_of(low: F64, high: F64) -> F64:
    """(n, 4) x and y of the middle and of half the size of boxes from `low` to `high`, (n, 2) each; the
    middle of what has no inside is NaN."""
    with np.errstate(invalid="ignore"):
        return np.concatenate(((low + high) * 0.5, (high - low) * 0.5), axis=1)


def _entries(sizes: Sequence[int], empty: int) -> Indices:
    entries = np.full((len(sizes), max(sizes, default=0) + 2), empty)
    first = 0
    for own, size in zip(entries, sizes, strict=True):
        own[:size] = np.arange(first, first + size)
        first += size
    return entries


def _alone(samples: F32) -> F32:
    alone = np.zeros((len(samples), SHOWN.stop - SHOWN.start), np.float32)
    alone[:-1, 0] = 1.0
    alone[:, MAX_MIXED:] = np.tile(samples[-1], MAX_MIXED)
    alone[:, MAX_MIXED : MAX_MIXED + SAMPLE_FLOATS] = samples
    return alone
