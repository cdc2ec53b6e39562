"""Drawings bent and filled column by column: what lids and mouths are made of where a file has none."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from mien.art.layered.tree import overlap
from mien.importing.flatten import EMPTY, Picture
from mien.types import F32, F64, U8, Bools, Rect

SEEN = 48
"""Alpha, of 255, from which something counts as drawn: the soft edge of a line does not."""
MOST_PIXELS: Final = 3 << 18
"""Most pixels of an eye or a mouth that others are made of, one 880 pixels wide and high: dozens are made, so
that of a whole canvas they would take gigabytes. What covers more is no eye and no mouth, or stray dots."""
_STRIP: Final = 128
"""Columns of a large picture that are worked on at once."""
_THINNEST: Final = 0.2
"""Least height of what is laid along a line, against what it was."""


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


def runs(drawn: Bools) -> tuple[F64, F64]:
    """The first and one past the last row of the longest run of what is set in each column of (h, w), the
    upper one of two; NaN where nothing is."""
    run, most, end = (np.zeros(drawn.shape[1], int) for _ in range(3))
    for row, inside in enumerate(drawn):
        run = (run + 1) * inside
        longer = run > most
        most, end = np.where(longer, run, most), np.where(longer, row + 1, end)
    nothing = np.where(most > 0, 0.0, np.nan)
    return end - most + nothing, end + nothing


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
    part = (down - whole).astype(np.float32)
    top = max(box.y, own.y + int(whole.min()))
    bottom = min(box.y + box.height, own.y + own.height + int(whole.max()) + 1)
    source = picture.within(own)
    out = np.zeros((max(0, bottom - top), own.width, 4), np.uint8)
    # Neighbours mostly move by the same number of whole pixels: each run of them is one slice.
    starts = [0, *(np.flatnonzero(np.diff(whole)) + 1).tolist()]
    for start, stop in pairwise([*starts, own.width]):
        for first in range(start, stop, _STRIP):
            columns = slice(first, min(stop, first + _STRIP))
            moved = np.zeros((own.height + 2, columns.stop - first, 4), np.float32)
            moved[1:-1] = _premultiplied(source[:, columns])
            share = part[columns, None]
            mixed = moved[1:] * (1 - share) + moved[:-1] * share
            at = own.y + int(whole[start]) - top
            low, high = max(0, at), min(len(out), at + len(mixed))
            if low < high:
                out[low:high, columns] = as_straight(mixed[low - at : high - at])
    return Picture(out, (own.x, top))


def laid_along(picture: Picture, box: Rect, old: F64, new: F64) -> Picture:
    """A line that was drawn along `old`, along `new` within a box, both (w,) rows of it: moved column by
    column, and as thick across itself as it was, where moving alone makes a steep end a knob."""
    own = overlap(picture.trimmed_to_itself().box, box)
    if not own.width or not own.height:
        return EMPTY
    steep = (1 + np.gradient(new) ** 2) / (1 + np.gradient(old) ** 2)
    scale = np.clip(smoothed(np.sqrt(steep), max(1, len(old) // 24)), _THINNEST, 1.0)
    span = slice(own.x - box.x, own.x - box.x + own.width)
    old, new, scale = old[span] + box.y - own.y, new[span], scale[span]
    top = max(0, int(np.floor(np.min(new - old * scale))))
    bottom = min(box.height, int(np.ceil(np.max(new + (own.height - old) * scale))))
    source = _premultiplied(picture.within(own))
    out = np.zeros((max(0, bottom - top), own.width, 4), np.uint8)
    for first in range(0, own.width, _STRIP):
        strip = slice(first, min(own.width, first + _STRIP))
        out[:, strip] = _laid(source[:, strip], old[strip], new[strip] - top, scale[strip], len(out))
    return Picture(out, (own.x, box.y + top))


def _laid(source: F32, old: F64, new: F64, scale: F64, height: int) -> U8:
    """Columns of a picture about `old`, so many times as high, about `new`: (height, w, 4)."""
    sums = np.zeros((len(source) + 1, *source.shape[1:]), np.float32)
    np.cumsum(source, axis=0, out=sums[1:])
    # The integral of each column, taken where the edges of the new pixels lie.
    edge = old[None, :] + (np.arange(height + 1)[:, None] - new[None, :]) / scale[None, :]
    edge = np.clip(edge, 0, len(source))
    whole = np.minimum(edge.astype(np.intp), len(source) - 1)
    columns = np.arange(source.shape[1])[None, :]
    part = (edge - whole).astype(np.float32)[..., None]
    at = sums[whole, columns] + source[whole, columns] * part
    return as_straight(np.diff(at, axis=0) * scale.astype(np.float32)[None, :, None])


def laid_between(
    picture: Picture, box: Rect, old: tuple[F64, F64], new: tuple[F64, F64], border: float = 0.0
) -> Picture:
    """A picture with what lay between two lines laid between two others, (w,) rows of a box: column by
    column moved, and made higher or lower.

    `border`: so many rows inside of each line stay as high as they are, a third of what is between at most.
    What lies beyond the lines is moved along, and what lies beyond the box as its first and last column are.
    """
    own = picture.trimmed_to_itself()
    if not own.pixels.size:
        return EMPTY
    at = np.clip(np.arange(own.box.width) + own.box.x - box.x, 0, box.width - 1)
    upper, lower, higher, deeper = (line[at] + (box.y - own.box.y) for line in (*old, *new))
    top = int(np.floor(np.min(higher - upper)))
    bottom = int(np.ceil(np.max(deeper - lower))) + own.box.height
    edges_of = np.arange(top, bottom + 1)[:, None] - higher[None, :]
    was, now = lower - upper, np.maximum(deeper - higher, 1e-3)
    kept = np.minimum(border, np.minimum(was, now) / 3)
    inner = np.clip((edges_of - kept) / (now - 2 * kept), 0, 1) * (was - 2 * kept)
    place = upper + np.minimum(edges_of, kept) + inner + np.maximum(edges_of - now + kept, 0)
    out = np.zeros((bottom - top, own.box.width, 4), np.uint8)
    for first in range(0, own.box.width, _STRIP):
        strip = slice(first, first + _STRIP)
        out[:, strip] = _taken(_premultiplied(own.pixels[:, strip]), place[:, strip])
    return Picture(out, (own.box.x, own.box.y + top))


def _taken(source: F32, place: F64) -> U8:
    """Pixels each of which is the mean of what lies between two places of its column, (h + 1, w) of them."""
    sums = np.zeros((len(source) + 1, *source.shape[1:]), np.float32)
    np.cumsum(source, axis=0, out=sums[1:])
    at = np.clip(place, 0, len(source))
    whole = np.minimum(at.astype(np.intp), len(source) - 1)
    part = (at - whole).astype(np.float32)[..., None]
    columns = np.arange(source.shape[1])[None, :]
    found = np.diff(sums[whole, columns] + source[whole, columns] * part, axis=0)
    return as_straight(found / np.maximum(np.diff(place, axis=0), 1e-3).astype(np.float32)[..., None])


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
    pixels = np.zeros((box.height, box.width, 4), np.uint8)
    pixels[..., :3] = np.clip(np.rint(np.asarray(colour)), 0, 255)
    first, share = between(box.height, upper, lower)
    pixels[first : first + len(share), :, 3] = np.rint(share * alpha)
    return Picture(pixels, (box.x, box.y))


def between(height: int, upper: F64, lower: F64) -> tuple[int, F64]:
    """How much of each pixel lies between two lines, (w,) rows of a box so many rows high: the first row of
    which something may, and from there on (h, w) 0..1, as far as something may."""
    first = int(np.clip(np.floor(upper.min(initial=height)), 0, height))
    last = int(np.clip(np.ceil(lower.max(initial=0)), first, height))
    rows = np.arange(first, last)[:, None]
    share = np.minimum(rows + 1, lower)
    share -= np.maximum(rows, upper)
    return first, np.clip(share, 0, 1, out=share)


def stretched(picture: Picture, across: float, down: float, about: tuple[float, float]) -> Picture:
    """A picture made wider or narrower, higher or lower, about a point of the canvas; each pixel the mean of
    what it covers."""
    picture = picture.trimmed_to_itself()
    if not picture.pixels.size:
        return EMPTY
    rows, columns = (
        _Resampling.along(start, count, scale, place)
        for start, count, scale, place in zip(
            picture.offset[::-1], picture.pixels.shape, (down, across), about[::-1], strict=False
        )
    )
    out = np.empty((rows.count, columns.count, 4), np.uint8)
    # A band of rows at a time: what is needed beside the picture stays small.
    step = max(1, _STRIP * 512 // max(1, columns.count))
    for top in range(0, rows.count, step):
        bottom = min(rows.count, top + step)
        first, last = rows.reach(top, bottom)
        band = rows.applied(_premultiplied(picture.pixels[first:last]), top, bottom, first)
        both = columns.applied(band.transpose(1, 0, 2), 0, columns.count, 0).transpose(1, 0, 2)
        out[top:bottom] = as_straight(both)
    return Picture(out, (columns.start, rows.start))


@dataclass(frozen=True, slots=True)
class _Resampling:
    """Lines along an axis, scaled about a place."""

    start: int
    """Where the first of the new lines lies."""
    places: F64
    """Where the edges of the new lines lie among the old ones, which are one apart: (count + 1,)."""
    scale: float

    @classmethod
    def along(cls, start: int, count: int, scale: float, about: float) -> _Resampling:
        """Of `count` lines, the first of which lies at `start`."""
        low, high = about + (start - about) * scale, about + (start + count - about) * scale
        first, last = int(np.floor(low)), max(int(np.floor(low)) + 1, int(np.ceil(high)))
        places = np.clip((np.arange(first, last + 1) - about) / scale + about - start, 0, count)
        return cls(first, places, scale)

    @property
    def count(self) -> int:
        """How many new lines there are."""
        return len(self.places) - 1

    def reach(self, first: int, last: int) -> tuple[int, int]:
        """The old lines that some of the new ones cover: the first, and one past the last."""
        return int(self.places[first]), max(int(self.places[first]) + 1, int(np.ceil(self.places[last])))

    def applied(self, lines: F32, first: int, last: int, origin: int) -> F32:
        """The new lines from `first` to `last`, of old ones along the first axis that begin at `origin`."""
        # The integral of the lines, taken where the edges of the new ones lie.
        sums = np.zeros((len(lines) + 1, *lines.shape[1:]), np.float32)
        np.cumsum(lines, axis=0, out=sums[1:])
        places = self.places[first : last + 1] - origin
        whole = np.clip(np.floor(places).astype(int), 0, len(lines) - 1)
        part = (places - whole).astype(np.float32).reshape(-1, *([1] * (lines.ndim - 1)))
        at = sums[whole] + lines[whole] * part
        found: F32 = np.diff(at, axis=0) * np.float32(self.scale)
        return found


def _premultiplied(straight: U8) -> F32:
    """(h, w, 4) float32 0..255."""
    out = straight.astype(np.float32)
    out[..., :3] *= out[..., 3:] / np.float32(255)
    return out


def as_straight(premultiplied: F32) -> U8:
    """(h, w, 4) float32 0..255, premultiplied, as straight uint8."""
    alpha = premultiplied[..., 3:]
    colour = np.divide(
        premultiplied[..., :3] * 255, alpha, out=np.zeros_like(premultiplied[..., :3]), where=alpha > 0.5
    )
    found: U8 = np.rint(np.clip(np.concatenate((colour, alpha), axis=-1), 0, 255)).astype(np.uint8)
    return found


def is_large(box: Rect) -> bool:
    """Whether something covers so much that nothing is made of it."""
    return box.width * box.height > MOST_PIXELS


def grown(box: Rect, by: int) -> Rect:
    """A box with a border."""
    return Rect(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by)
