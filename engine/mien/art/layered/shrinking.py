"""Layers made smaller as they are read, so that what is kept of a large file is small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor
from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from mien.art.layered.tree import Mask, trimmed
from mien.art.sprites import FILTER, scaled_size
from mien.types import U8, Rect, Size

Read = Callable[[int, int], U8]
"""Gives rows of a layer: from the first to before the last."""

_STRIP_PIXELS: Final = 1 << 18
"""Pixels of a layer that are shrunk together: what is worked on stays near a core."""


@dataclass(frozen=True, slots=True)
class Shrinking:
    """What makes pictures on a canvas smaller."""

    canvas: Size
    """As the file has it, in pixels."""
    scale: float
    """At most 1."""

    @classmethod
    def to(cls, canvas: Size, most: int) -> Shrinking:
        """So that no side of the canvas is longer than `most` pixels; 0 leaves it as it is."""
        return cls(canvas, min(1.0, most / max(canvas)) if most else 1.0)

    @property
    def shrinks(self) -> bool:
        """Whether anything changes."""
        return self.scale < 1.0

    @property
    def size(self) -> Size:
        """Of the canvas, shrunk."""
        return scaled_size(self.canvas, self.scale)

    def pixels(self, straight: U8, offset: tuple[int, int]) -> tuple[U8, tuple[int, int]]:
        """A layer, (h, w, 4) uint8 straight, that lies at `offset`: both on the smaller canvas."""
        if not self.shrinks or not straight.size:
            return straight, offset
        height, width = straight.shape[:2]
        return self.rows(lambda first, last: straight[first:last], Rect(*offset, width, height))

    def rows(self, read: Read, box: Rect) -> tuple[U8, tuple[int, int]]:
        """A layer that covers `box` and is not empty, on the smaller canvas, and where it lies there.

        `read` gives its rows, (last - first, box.width, 4) uint8 straight, from `first` to before `last`: it
        is asked for each of them at most once, from above. So only some of them are in memory at a time.
        """
        left, right, box_left, box_right = self._span(box.x, box.width, self.canvas.width)
        top, bottom, box_top, box_bottom = self._span(box.y, box.height, self.canvas.height)
        strip = _Strip(read, box, (floor(box_left), floor(box_top), ceil(box_right), ceil(box_bottom)))
        out = np.zeros((bottom - top, right - left, 4), np.uint8)
        across = _Axis(box_left, (box_right - box_left) / (right - left), right - left)
        down = _Axis(box_top, (box_bottom - box_top) / (bottom - top), bottom - top)
        step = max(1, int(_STRIP_PIXELS / max(1, strip.width) / down.each))
        for first in range(0, bottom - top, step):
            last = min(first + step, bottom - top)
            seen = strip.take(*down.around(first, last))
            if seen is None:
                continue
            low, high = across.touched(*seen)
            image, corner = strip.image(*across.around(low, high))
            upper, lower = down.box(first, last, corner[1], image.height)
            start, end = across.box(low, high, corner[0], image.width)
            small = image.resize(
                (high - low, last - first), FILTER, (start, upper, end, lower), reducing_gap=2.0
            )
            out[first:last, low:high] = np.asarray(small.convert("RGBA"))
        return trimmed(out, (left, top), self.size)

    def _span(self, start: int, length: int, whole: int) -> tuple[int, int, float, float]:
        """First and one past the last pixel along an axis of the smaller canvas, and where these lie in the
        layer's own.

        What ends with the canvas is not mixed with the nothing beyond.
        """
        low = floor(start * self.scale)
        high = max(ceil((start + length) * self.scale), low + 1)
        first, last = low / self.scale - start, high / self.scale - start
        if start == 0:
            first = max(first, 0.0)
        if start + length == whole:
            last = min(last, float(length))
        return low, high, first, last

    def mask(self, mask: Mask | None) -> Mask | None:
        """A mask on the smaller canvas."""
        if mask is None or not self.shrinks or not mask.pixels.size:
            return mask
        height, width = mask.pixels.shape
        x, y = mask.offset
        box = (
            floor(x * self.scale),
            floor(y * self.scale),
            ceil((x + width) * self.scale),
            ceil((y + height) * self.scale),
        )
        # The nearest sample: a mask's edge is as soft as it was drawn, and a pixel off at most.
        rows = np.clip(((np.arange(box[1], box[3]) + 0.5) / self.scale - y).astype(int), 0, height - 1)
        columns = np.clip(((np.arange(box[0], box[2]) + 0.5) / self.scale - x).astype(int), 0, width - 1)
        return Mask(mask.pixels[np.ix_(rows, columns)], (box[0], box[1]), mask.outside)


class _Axis(NamedTuple):
    """Pixels of the smaller canvas along an axis, and where they lie in a layer."""

    start: float
    """Where the first begins, in pixels of the layer."""
    each: float
    """So many pixels of the layer to each; at least 1."""
    length: int
    """Of the smaller canvas, in its pixels."""

    @property
    def reach(self) -> int:
        """Pixels of the layer beyond its own that one is mixed of, and one more."""
        return ceil(self.each) + 2

    def around(self, first: int, last: int) -> tuple[int, int]:
        """First and one past the last pixel of the layer that these, up to before `last`, are mixed of."""
        begin, end = self.start + first * self.each, self.start + last * self.each
        return floor(begin) - self.reach, ceil(end) + self.reach

    def touched(self, first: int, last: int) -> tuple[int, int]:
        """First and one past the last that pixels of the layer, up to before `last`, are mixed into."""
        begin = floor((first - self.reach - self.start) / self.each)
        end = ceil((last + self.reach - self.start) / self.each)
        return max(0, begin), min(self.length, end)

    def box(self, first: int, last: int, corner: int, length: int) -> tuple[float, float]:
        """Where these lie in so many pixels of the layer, from `corner` on."""
        begin, end = self.start + first * self.each, self.start + last * self.each
        return max(0.0, begin - corner), min(float(length), end - corner)


class _Strip:
    """Rows of a layer that are worked on together, clear beyond the layer.

    Parameters: as of `Shrinking.rows`; `around`, the box (left, top, right, bottom) in pixels of the layer
    that it goes over.
    """

    def __init__(self, read: Read, box: Rect, around: tuple[int, int, int, int]) -> None:
        self._left, self._top, right, self._bottom = around
        self.width = right - self._left
        self._read, self._box = read, box
        self._rows = np.zeros((0, self.width, 4), np.uint8)
        self._first = self._next = self._top
        """Of the rows that are there, and that come next."""

    def take(self, first: int, last: int) -> tuple[int, int] | None:
        """Have rows from `first` to before `last`, as far as there are such; none of what was above is asked
        for again. The first and one past the last column in which something shows; None where nothing
        does."""
        first, last = max(first, self._top), min(last, self._bottom)
        rows = np.zeros((last - first, self.width, 4), np.uint8)
        kept = self._rows[first - self._first :]
        rows[: len(kept)] = kept
        top, bottom = max(self._next, 0), min(last, self._box.height)
        if top < bottom:
            left, right = max(0, self._left), min(self._box.width, self._left + self.width)
            within = rows[top - first : bottom - first, left - self._left : right - self._left]
            within[...] = self._read(top, bottom)[:, left:right]
        self._rows, self._first, self._next = rows, first, last
        columns = np.flatnonzero(np.bitwise_or.reduce(rows[..., 3], axis=0))
        return (int(columns[0]) + self._left, int(columns[-1]) + 1 + self._left) if len(columns) else None

    def image(self, first: int, last: int) -> tuple[Image.Image, tuple[int, int]]:
        """These columns, as far as there are such, premultiplied, and the corner (x, y) at the upper left."""
        first, last = max(first, self._left), min(last, self._left + self.width)
        part = np.ascontiguousarray(self._rows[:, first - self._left : last - self._left])
        image = Image.frombuffer("RGBA", (last - first, len(part)), part, "raw", "RGBA", 0, 1)
        # "RGBa" is Pillow's name for premultiplied RGBA.
        return image.convert("RGBa"), (first, self._first)
