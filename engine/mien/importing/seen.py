"""What things of art look like: some pixels of each, its colours, and whether it is two beside each other."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np

from mien.art.layered.tree import overlap
from mien.importing.coarse import coarse
from mien.importing.flatten import Picture, picture_of
from mien.importing.source import Item
from mien.types import F64, U8, Bools, Rect

_SIDE: Final = 96
"""Longest side in pixels of what is looked at."""
_DRAWN: Final = 40
"""Alpha, 0..255, from which something is drawn: less is the edge of a soft brush."""
_GAP: Final = 0.08
"""How wide the gap between two things on one layer is at least, in widths of the layer."""


class Seen:
    """A picture, or a folder that is one thing, looked at. Places are on the canvas, in pixels, y down.

    Parameters: `item`; `at`, how many things lie below it.
    """

    def __init__(self, item: Item, at: int) -> None:
        self.item, self.at = item, at
        self._step = max(1, -(-max(item.box.width, item.box.height) // _SIDE))

    @cached_property
    def _picture(self) -> Picture:
        """In places that many times smaller."""
        return picture_of(coarse(self.item, self._step))

    @property
    def _pixels(self) -> U8:
        return self._picture.pixels

    @cached_property
    def _drawn(self) -> Bools:
        found: Bools = self._pixels[..., 3] >= _DRAWN
        return found

    @cached_property
    def box(self) -> Rect:
        """What is drawn of it, without a soft edge."""
        rows, columns = np.flatnonzero(self._drawn.any(axis=1)), np.flatnonzero(self._drawn.any(axis=0))
        return self._on_canvas(rows, columns) if len(rows) else self.item.box

    @cached_property
    def halves(self) -> tuple[Rect, Rect] | None:
        """The two things that it is, alike and beside each other with nothing between them, the one at the
        left first; None where it is one."""
        columns = self._drawn.any(axis=0)
        inside = np.flatnonzero(columns)
        if len(inside) < 4:
            return None
        gaps = np.diff(inside)
        widest = int(gaps.argmax())
        first, last, end, begin = inside[0], inside[-1], inside[widest], inside[widest + 1]
        if gaps[widest] - 1 < _GAP * (last - first + 1):
            return None
        parts = (slice(first, end + 1), slice(begin, last + 1))
        boxes, counts = [], []
        for part in parts:
            rows = np.flatnonzero(self._drawn[:, part].any(axis=1))
            boxes.append(self._on_canvas(rows, np.arange(part.start, part.stop)))
            counts.append(int(self._drawn[:, part].sum()))
        is_like = min(counts) > 0.3 * max(counts) and are_alike(*boxes)
        return (boxes[0], boxes[1]) if is_like else None

    def _on_canvas(self, rows: np.ndarray, columns: np.ndarray) -> Rect:
        step, (left, top) = self._step, self._picture.offset
        box = Rect(
            (left + int(columns[0])) * step,
            (top + int(rows[0])) * step,
            int(columns[-1] - columns[0] + 1) * step,
            int(rows[-1] - rows[0] + 1) * step,
        )
        return overlap(box, self.item.box)

    def part(self, box: Rect) -> U8:
        """Some pixels of what it shows in a box, (h, w, 4) uint8 straight, clear where it does not reach."""
        step, (left, top) = self._step, self._picture.offset
        columns = np.arange(box.x + step // 2, box.x + max(box.width, step), step) // step - left
        rows = np.arange(box.y + step // 2, box.y + max(box.height, step), step) // step - top
        height, width = self._pixels.shape[:2]
        found = np.zeros((len(rows), len(columns), 4), np.uint8)
        down, across = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
        found[np.ix_(down, across)] = self._pixels[np.ix_(rows[down], columns[across])]
        return found

    def covers(self, box: Rect) -> float:
        """How much of a box it covers, 0..1."""
        return float((self.part(box)[..., 3] > 128).mean())

    def colour(self, box: Rect) -> F64 | None:
        """The colour of most of what it shows in a box, (3,) 0..255; None for nothing."""
        part = self.part(box)
        own = part[part[..., 3] > 128][:, :3]
        return np.median(own.astype(np.float64), axis=0) if len(own) else None

    def contrast(self, colour: F64) -> float:
        """How far what is drawn is from a colour in the mean, of 255 in each channel together; what is faint
        is less far."""
        own = self._pixels[self._drawn].astype(np.float64)
        if not len(own):
            return 0.0
        return float((np.abs(own[:, :3] - colour).sum(axis=-1) * own[:, 3] / 255).mean())

    @cached_property
    def light(self) -> float:
        """How light it is in the mean, 0..255."""
        return float(self._lights.mean()) if self._lights.size else 255.0

    @cached_property
    def spread(self) -> float:
        """How unlike its own pixels are in that: their standard deviation."""
        return float(self._lights.std()) if self._lights.size else 0.0

    @cached_property
    def is_pale(self) -> bool:
        """Whether it is white or nearly so."""
        own = self._pixels[self._drawn][:, :3].astype(np.int16)
        return bool(len(own)) and self.light > 200 and float(np.ptp(own, axis=1).mean()) < 40

    @property
    def _lights(self) -> F64:
        found: F64 = self._pixels[self._drawn][:, :3] @ np.asarray((0.299, 0.587, 0.114))
        return found

    def width_at(self, x: float, y: float) -> int:
        """How wide it is in a row, of what goes on without a gap from a column."""
        column = round(x) // self._step - self._picture.offset[0]
        row = round(y) // self._step - self._picture.offset[1]
        height, width = self._pixels.shape[:2]
        if not (0 <= row < height and 0 <= column < width):
            return 0
        solid = self._pixels[row, :, 3] > 128
        if not solid[column]:
            return 0
        holes = np.flatnonzero(~solid)
        at = int(np.searchsorted(holes, column))
        left = int(holes[at - 1]) + 1 if at else 0
        right = int(holes[at]) if at < len(holes) else width
        return (right - left) * self._step


def are_alike(a: Rect, b: Rect) -> bool:
    """Whether two things may be a pair: level, and nearly as large as each other."""
    high, wide = max(a.height, b.height), max(a.width, b.width)
    level = abs(a.y + a.height / 2 - b.y - b.height / 2) < 0.5 * high
    return level and min(a.height, b.height) > 0.6 * high and min(a.width, b.width) > 0.55 * wide


def middle(box: Rect) -> tuple[float, float]:
    """The middle of a box."""
    return box.x + box.width / 2, box.y + box.height / 2


def area(box: Rect) -> float:
    """How many pixels a box has."""
    return float(box.width * box.height)


def shape(box: Rect) -> float:
    """How high a box is, in its widths."""
    return box.height / max(1, box.width)


def covered(box: Rect, by: Rect) -> float:
    """How much of a box another one covers, 0..1."""
    return area(overlap(box, by)) / max(1.0, area(box))
