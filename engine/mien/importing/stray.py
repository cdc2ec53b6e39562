"""Stray dots on layers of a face, far from what these show: moods and lids that were made of them would be
stretched over the canvas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from typing import Final

import numpy as np

from mien.art.doubts import Doubt
from mien.importing.drafts import Drafts
from mien.importing.flatten import Picture
from mien.importing.names import family_of
from mien.importing.pictures.differences import grown_mask
from mien.importing.source import path_text
from mien.messages import quoted
from mien.types import U8, Bools, Rect, Size

_CELLS: Final = 128
"""Squares that the longer side of a canvas is looked at in."""
_FAR: Final = 0.1
"""How far from all else a dot lies at least, in longer sides of the canvas."""
_TIMES: Final = 2
"""The same, in longer sides of what lies there."""
_DOT: Final = 0.01
"""How large one is at most, in longer sides of the canvas: a click with a brush."""
_INK: Final = 0.25
"""How much is drawn of it at most, of all the rest: the second mouth of two is no dot."""
_MOST: Final = 8
"""More things than these are no dots, but how it is drawn."""


def leave_out_strays(drafts: Drafts, canvas: Size, scale: float) -> None:
    """Take stray dots off eyes, brows and mouths, and tell it of each layer. `scale`: as of `Source`."""
    for slot in drafts.slots:
        if family_of(slot.role) not in ("eye", "brow", "mouth"):
            continue
        for name, picture in slot.drawings.items():
            if not (dots := _strays(picture, max(canvas))):
                continue
            slot.drawings[name] = _without(picture, dots).trimmed(canvas)
            at = [f"({round(dot.x / scale)}, {round(dot.y / scale)})" for dot in dots]
            what, them = ("a stray dot", "the dot") if len(at) == 1 else ("stray dots", "the dots")
            where = " and ".join(filter(None, (", ".join(at[:-1]), at[-1])))
            told = f"{quoted(path_text(slot.paths[0]))} has {what}, at {where}, left out here"
            drafts.doubt(slot.paths, Doubt(told, f"erase {them} and save"))


def _without(picture: Picture, dots: list[Rect]) -> Picture:
    pixels, (left, top) = picture.pixels.copy(), picture.offset
    for dot in dots:
        x, y = dot.x - left, dot.y - top
        pixels[y : y + dot.height, x : x + dot.width] = 0
    return replace(picture, pixels=pixels)


def _strays(picture: Picture, longest: int) -> list[Rect]:
    """Where dots lie on the canvas, from left to right; none where all that is drawn lies together."""
    if max(picture.box.width, picture.box.height) < _FAR * longest:
        return []
    step = ceil(longest / _CELLS)
    alpha = picture.pixels[..., 3]
    boxes = [_box(alpha, part, step) for part in _parts(alpha, step, ceil(_FAR * longest / step))]
    dots = [box for box in boxes if max(box.width, box.height) <= _DOT * longest]
    others = [box for box in boxes if box not in dots]
    if not (dots and others):
        return []
    ink = {dot: int(alpha[_slices(dot)].sum()) for dot in dots}
    most = _INK * (int(alpha.sum()) - sum(ink.values()))
    found = [dot for dot in dots if ink[dot] <= most and all(_is_far(dot, one) for one in others)]
    left, top = picture.offset
    return sorted(dot._replace(x=dot.x + left, y=dot.y + top) for dot in found)


def _parts(alpha: U8, step: int, reach: int) -> Iterator[Bools]:
    """What lies apart, by so many squares of so many pixels or more: which squares it is in, each. Nothing
    where there is too much of it."""
    down, across = (np.arange(0, side, step) for side in alpha.shape)
    left = np.maximum.reduceat(np.maximum.reduceat(alpha, down, axis=0), across, axis=1) > 0
    found: list[Bools] = []
    while left.any() and len(found) <= _MOST:
        part = np.zeros_like(left)
        part[tuple(np.argwhere(left)[0])] = True
        while (more := grown_mask(part, reach) & left).sum() > part.sum():
            part = more
        found.append(part)
        left &= ~part
    if len(found) <= _MOST:
        yield from found


def _box(alpha: U8, part: Bools, step: int) -> Rect:
    """The pixels that are drawn in some squares, from the corner of the picture."""
    rows, columns = (np.flatnonzero(part.any(axis=axis)) * step for axis in (1, 0))
    x, y = int(columns[0]), int(rows[0])
    inside = alpha[y : int(rows[-1]) + step, x : int(columns[-1]) + step]
    down, across = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return Rect(
        x + int(across[0]),
        y + int(down[0]),
        int(across[-1] - across[0]) + 1,
        int(down[-1] - down[0]) + 1,
    )


def _slices(box: Rect) -> tuple[slice, slice]:
    return slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)


def _is_far(dot: Rect, other: Rect) -> bool:
    """Whether a dot lies far from something, for how large that is."""
    across = max(other.x - dot.x - dot.width, dot.x - other.x - other.width)
    down = max(other.y - dot.y - dot.height, dot.y - other.y - other.height)
    return max(across, down) >= _TIMES * max(other.width, other.height)
