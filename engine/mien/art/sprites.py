"""Sprites: single drawings as pixels at a place on the canvas, trimmed and resampled to a scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from mien.errors import AtlasFull
from mien.types import U8, Rect, Size

FILTER = Image.Resampling.HAMMING
"""The sharpest of Pillow's filters without negative lobes, reaching one pixel (of the target when
shrinking, else of the source). Lanczos rings: premultiplied colour overshoots where alpha cannot, which
drew a pale line around every lid, and alpha dips inside opaque art, through which hair showed."""


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """One drawing's pixels."""

    label: str
    """How errors call it: `slot/drawing`."""
    pixels: U8
    """(h, w, 4) uint8, origin top left, y down; clear pixels are zero."""
    offset: tuple[int, int]
    """Top left on the canvas."""
    cut: tuple[bool, bool, bool, bool] = (False, False, False, False)
    """Sides (left, top, right, bottom) at which the canvas edge cut the drawing."""

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom on the canvas."""
        (x, y), (height, width) = self.offset, self.pixels.shape[:2]
        return x, y, x + width, y + height


def scaled_size(canvas: Size, scale: float) -> Size:
    """The canvas at a scale, in whole pixels."""
    return Size(max(1, round(canvas.width * scale)), max(1, round(canvas.height * scale)))


def trimmed(sprite: Sprite, canvas: Size, window: Rect | None = None) -> Sprite:
    """The sprite cropped to what is not clear; one clear pixel when nothing is left.

    Sets `cut`, where it ends with the canvas or with the window that it was cropped to.
    """
    words = sprite.pixels.view(np.uint32)[..., 0]
    rows = np.flatnonzero(words.any(axis=1))
    x, y = sprite.offset
    if len(rows) == 0:
        return Sprite(sprite.label, np.zeros((1, 1, 4), np.uint8), (x, y))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(words[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    pixels = np.ascontiguousarray(sprite.pixels[top:bottom, left:right])
    x, y = x + left, y + top
    wide, high = right - left, bottom - top
    cut = _cut((x, y), pixels, canvas)
    if window is not None:
        edges = (x == window.x, y == window.y)
        ends = (x + wide == window.x + window.width, y + high == window.y + window.height)
        cut = (cut[0] or edges[0], cut[1] or edges[1], cut[2] or ends[0], cut[3] or ends[1])
    return Sprite(sprite.label, pixels, (x, y), cut)


def moved(sprite: Sprite, label: str, by: tuple[int, int], canvas: Size) -> Sprite:
    """A trimmed sprite elsewhere on the canvas, with the same pixels."""
    x, y = sprite.offset[0] + by[0], sprite.offset[1] + by[1]
    is_clear = sprite.pixels.shape == (1, 1, 4) and not sprite.pixels.any()
    cut = (False, False, False, False) if is_clear else _cut((x, y), sprite.pixels, canvas)
    return Sprite(label, sprite.pixels, (x, y), cut)


def _cut(offset: tuple[int, int], pixels: U8, canvas: Size) -> tuple[bool, bool, bool, bool]:
    """Sides (left, top, right, bottom) at which pixels end with the canvas."""
    (x, y), (height, width) = offset, pixels.shape[:2]
    return (x == 0, y == 0, x + width == canvas.width, y + height == canvas.height)


def too_large(label: str, size: tuple[int, int], limit: int) -> AtlasFull:
    """The error about a drawing of that size, in pixels as loaded, that no page can hold."""
    return AtlasFull(
        f"{label} is {size[0]} x {size[1]} px, and a page of {limit} px, the largest allowed, does not take "
        "it with its gutter; load at a smaller scale, or draw it in parts."
    )


def resampled(sprite: Sprite, canvas: Size, scale: float, limit: int, window: Rect | None = None) -> Sprite:
    """A trimmed, premultiplied sprite on the pixel grid of the canvas at `scale`, trimmed again.

    Filtered over premultiplied values; rgb <= a holds. Around the art is transparency, except where the
    canvas cut it: there its edge goes on, so no seam appears. With a `window` (pixels of the scaled canvas)
    only what is inside is made, and its edges cut too. Raises AtlasFull when the result would be larger
    than `limit` on a side.
    """
    size = scaled_size(canvas, scale)
    height, width = sprite.pixels.shape[:2]
    x0, x1 = _target_span(sprite.offset[0], width, scale, (sprite.cut[0], sprite.cut[2]), size.width)
    y0, y1 = _target_span(sprite.offset[1], height, scale, (sprite.cut[1], sprite.cut[3]), size.height)
    if window is not None:
        x0, x1 = _within(x0, x1, window.x, window.width)
        y0, y1 = _within(y0, y1, window.y, window.height)
        if x0 >= x1 or y0 >= y1:
            return _nothing(sprite.label, window)
    # Before it is made; what the filter reaches beyond the art is mostly trimmed again, so it is left out.
    size_px = (min(x1 - x0, math.floor(width * scale)), min(y1 - y0, math.floor(height * scale)))
    if max(size_px) > limit:
        raise too_large(sprite.label, size_px, limit)
    # Source pixels that the filter can reach from the target's outermost pixel, and some for rounding.
    pad = math.ceil(3 / min(scale, 1.0)) + 1
    source = np.pad(sprite.pixels, ((pad, pad), (pad, pad), (0, 0)))
    for side, is_cut in enumerate(sprite.cut):
        if is_cut:
            _continue_edge(source, side, pad)
    box = (
        x0 / scale - sprite.offset[0] + pad,
        y0 / scale - sprite.offset[1] + pad,
        x1 / scale - sprite.offset[0] + pad,
        y1 / scale - sprite.offset[1] + pad,
    )
    # "RGBa" is Pillow's name for premultiplied RGBA; as "RGBA" it would premultiply a second time.
    image = Image.frombuffer("RGBa", (source.shape[1], source.shape[0]), source, "raw", "RGBa", 0, 1)
    out = np.array(image.resize((x1 - x0, y1 - y0), FILTER, box=box))
    np.minimum(out[..., :3], out[..., 3:], out=out[..., :3])  # each channel is rounded by itself
    return trimmed(Sprite(sprite.label, out, (x0, y0)), size, window)


def cropped(sprite: Sprite, canvas: Size, window: Rect) -> Sprite:
    """What a window on the canvas shows of a sprite, trimmed; the edges of the window cut it."""
    height, width = sprite.pixels.shape[:2]
    left, top = sprite.offset
    x0, x1 = _within(left, left + width, window.x, window.width)
    y0, y1 = _within(top, top + height, window.y, window.height)
    if x0 >= x1 or y0 >= y1:
        return _nothing(sprite.label, window)
    pixels = np.ascontiguousarray(sprite.pixels[y0 - top : y1 - top, x0 - left : x1 - left])
    return trimmed(Sprite(sprite.label, pixels, (x0, y0)), canvas, window)


def _nothing(label: str, window: Rect) -> Sprite:
    return Sprite(label, np.zeros((1, 1, 4), np.uint8), (window.x, window.y))


def _within(low: int, high: int, start: int, length: int) -> tuple[int, int]:
    """What of low..high lies inside start..start + length; the second is not the greater if nothing does."""
    return max(low, start), min(high, start + length)


def _target_span(
    start: int, length: int, scale: float, cut: tuple[bool, bool], limit: int
) -> tuple[int, int]:
    """First and one-past-last target pixel along an axis; a cut side ends with the canvas."""
    reach = math.ceil(max(scale, 1.0))
    low = 0 if cut[0] else math.floor(start * scale) - reach
    high = limit if cut[1] else math.ceil((start + length) * scale) + reach
    return low, max(high, low + 1)


def _continue_edge(padded: U8, side: int, pad: int) -> None:
    """Repeat the outermost art pixels of a side (left, top, right, bottom) through the padding."""
    if side == 0:
        padded[:, :pad] = padded[:, pad : pad + 1]
    elif side == 1:
        padded[:pad] = padded[pad : pad + 1]
    elif side == 2:
        padded[:, -pad:] = padded[:, -pad - 1 : -pad]
    else:
        padded[-pad:] = padded[-pad - 1 : -pad]
