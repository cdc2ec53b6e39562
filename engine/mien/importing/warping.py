"""Drawings bent and filled column by column: what lids and mouths are made of where a file has none."""

from __future__ import annotations

import numpy as np

from mien.art.layered.tree import overlap
from mien.importing.flatten import EMPTY, Picture
from mien.types import F64, U8, Bools, Rect

SEEN = 48
"""Alpha, of 255, from which something counts as drawn: the soft edge of a line does not."""


def seen(alpha: U8) -> Bools:
    """What counts as drawn of (h, w) uint8: of something faint, half of what it has most."""
    most = int(alpha.max()) if alpha.size else 0
    found: Bools = alpha >= min(SEEN, max(1, most // 2))
    return found


def edges(alpha: U8) -> tuple[F64, F64]:
    """The first and one past the last row that is drawn in each column of (h, w) uint8; NaN where nothing
    is."""
    drawn = seen(alpha)
    some = drawn.any(axis=0)
    first = np.where(some, drawn.argmax(axis=0), np.nan).astype(np.float64)
    last = np.where(some, len(alpha) - drawn[::-1].argmax(axis=0), np.nan).astype(np.float64)
    return first, last


def smoothed(line: F64, reach: int) -> F64:
    """A line by columns, its gaps filled and its steps rounded over `reach` pixels to each side."""
    known = np.flatnonzero(~np.isnan(line))
    if not len(known):
        return line
    filled = np.interp(np.arange(len(line)), known, line[known])
    if reach < 1:
        return filled
    weights = np.hanning(2 * reach + 3)[1:-1]
    padded = np.pad(filled, reach, mode="edge")
    return np.convolve(padded, weights / weights.sum(), mode="valid")


def moved_columns(picture: Picture, box: Rect, down: F64) -> Picture:
    """A picture each column of which is moved down by so many pixels, parts of pixels too, within `box`.

    `down`: (w,) of the columns of the box.
    """
    # Pictures may be much smaller than what they are moved in.
    own = overlap(picture.trimmed_to_itself().box, box)
    if not own.width or not own.height:
        return EMPTY
    down = down[own.x - box.x :][: own.width]
    whole = np.floor(down).astype(int)
    part = (down - whole)[None, :, None]
    top = max(box.y, own.y + int(whole.min()))
    bottom = min(box.y + box.height, own.y + own.height + int(whole.max()) + 1)
    source = picture.within(own).astype(np.float64)
    source[..., :3] *= source[..., 3:] / 255
    columns = np.arange(own.width)[None, :]
    rows = np.arange(top, bottom)[:, None] - own.y

    def taken(by: U8) -> F64:
        at = rows - by[None, :]
        inside = (at >= 0) & (at < own.height)
        found: F64 = source[np.clip(at, 0, own.height - 1), columns] * inside[..., None]
        return found

    return Picture(_straight(taken(whole) * (1 - part) + taken(whole + 1) * part), (own.x, top))


def kept_below(picture: Picture, box: Rect, line: F64) -> Picture:
    """A picture without what lies above a line, (w,) rows of the box; the cut is a pixel soft."""
    pixels = picture.within(box)
    rows = np.arange(box.height)[:, None]
    share = np.clip(rows + 1 - line[None, :], 0, 1)
    pixels[..., 3] = np.rint(pixels[..., 3] * share)
    return Picture(pixels, (box.x, box.y))


def kept_above(picture: Picture, box: Rect, line: F64) -> Picture:
    """A picture without what lies below a line; as `kept_below`."""
    pixels = picture.within(box)
    rows = np.arange(box.height)[:, None]
    share = np.clip(line[None, :] - rows, 0, 1)
    pixels[..., 3] = np.rint(pixels[..., 3] * share)
    return Picture(pixels, (box.x, box.y))


def filled(box: Rect, upper: F64, lower: F64, colour: F64, alpha: float = 255.0) -> Picture:
    """One colour between two lines, (w,) rows of the box, soft at its edges by a pixel."""
    rows = np.arange(box.height)[:, None]
    share = np.clip(np.minimum(rows + 1, lower[None, :]) - np.maximum(rows, upper[None, :]), 0, 1)
    pixels = np.zeros((box.height, box.width, 4), np.uint8)
    pixels[..., :3] = np.clip(np.rint(np.asarray(colour)), 0, 255)
    pixels[..., 3] = np.rint(share * alpha)
    return Picture(pixels, (box.x, box.y))


def stretched(picture: Picture, across: float, down: float, about: tuple[float, float]) -> Picture:
    """A picture made wider or narrower, higher or lower, about a point of the canvas; each pixel the mean of
    what it covers."""
    premultiplied = picture.pixels.astype(np.float64)
    premultiplied[..., :3] *= premultiplied[..., 3:] / 255
    x, y = picture.offset
    rows, top = _resampled(premultiplied, y, down, about[1])
    both, left = _resampled(rows.transpose(1, 0, 2), x, across, about[0])
    return Picture(_straight(both.transpose(1, 0, 2)), (left, top))


def _resampled(lines: F64, start: int, scale: float, about: float) -> tuple[F64, int]:
    """Lines along the first axis, of which the first lies at `start`, scaled about a place; and where they
    start."""
    count = len(lines)
    low, high = about + (start - about) * scale, about + (start + count - about) * scale
    first, last = int(np.floor(low)), max(int(np.floor(low)) + 1, int(np.ceil(high)))
    # The integral of the lines, taken where the edges of the new ones lie.
    sums = np.concatenate((np.zeros((1, *lines.shape[1:])), np.cumsum(lines, axis=0)))
    places = np.clip((np.arange(first, last + 1) - about) / scale + about - start, 0, count)
    whole = np.minimum(np.floor(places).astype(int), count - 1)
    part = (places - whole).reshape(-1, *([1] * (lines.ndim - 1)))
    at = sums[whole] + (sums[whole + 1] - sums[whole]) * part
    return np.diff(at, axis=0) * scale, first


def _straight(premultiplied: F64) -> U8:
    """(h, w, 4) float 0..255 premultiplied as straight uint8."""
    alpha = premultiplied[..., 3:]
    colour = np.divide(
        premultiplied[..., :3] * 255, alpha, out=np.zeros_like(premultiplied[..., :3]), where=alpha > 0.5
    )
    found: U8 = np.rint(np.clip(np.concatenate((colour, alpha), axis=-1), 0, 255)).astype(np.uint8)
    return found


def grown(box: Rect, by: int) -> Rect:
    """A box with a border."""
    return Rect(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by)
