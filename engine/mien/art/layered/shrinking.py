"""Layers made smaller as they are read, so that what is kept of a large file is small."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from PIL import Image

from mien.art.layered.tree import Mask, trimmed
from mien.art.png import premultiply_into
from mien.art.sprites import FILTER, scaled_size
from mien.types import U8, Size


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
        left, right, box_left, box_right = self._span(offset[0], width, self.canvas.width)
        top, bottom, box_top, box_bottom = self._span(offset[1], height, self.canvas.height)
        around = (floor(box_left), floor(box_top), ceil(box_right), ceil(box_bottom))
        image = _premultiplied(straight, around)
        box = (box_left - around[0], box_top - around[1], box_right - around[0], box_bottom - around[1])
        small = image.resize((right - left, bottom - top), FILTER, box, reducing_gap=2.0).convert("RGBA")
        return trimmed(np.array(small), (left, top), self.size)

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


def _premultiplied(straight: U8, around: tuple[int, int, int, int]) -> Image.Image:
    """A box (left, top, right, bottom) of pixels, (h, w, 4) uint8 straight, clear where there are none."""
    left, top, right, bottom = around
    height, width = straight.shape[:2]
    x, y, end_x, end_y = max(0, left), max(0, top), min(width, right), min(height, bottom)
    out = np.zeros((bottom - top, right - left, 4), np.uint8)
    premultiply_into(out[y - top : end_y - top, x - left : end_x - left], straight[y:end_y, x:end_x])
    # "RGBa" is Pillow's name for premultiplied RGBA.
    return Image.frombuffer("RGBa", (out.shape[1], out.shape[0]), out, "raw", "RGBa", 0, 1)
