"""Stray dots on layers of a face, far from what these show: moods and lids that were made of them would be
stretched over the canvas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from typing import Final

import numpy as np

from mien.art.doubts import Doubt
from mien.art.layered.tree import overlap
from mien.importing.drafts import Draft, Drafts
from mien.importing.flatten import Picture
from mien.importing.names import EYE_ROLES, family_of
from mien.importing.pictures.differences import grown_mask
from mien.importing.source import Item, Source, path_text
from mien.origin import named_layers
from mien.types import U8, Bools, Rect

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


def leave_out_strays(drafts: Drafts, source: Source) -> None:
    """Take stray dots off eyes, brows and mouths, and tell it of each layer."""
    eyes: dict[int, list[Rect]] = {}
    found: list[tuple[Draft, str, list[Rect]]] = []
    for slot in drafts.slots:
        if family_of(slot.role) not in ("eye", "brow", "mouth") or slot.role == "glint":
            continue
        for name, picture in slot.drawings.items():
            if dots := _strays(picture, max(source.canvas)):
                found.append((slot, name, dots))
                picture = _without(picture, dots).trimmed(source.canvas)
            if slot.role in EYE_ROLES:
                eyes.setdefault(id(slot), []).append(picture.box)
    for slot, name, dots in found:
        others = [box for of, boxes in eyes.items() if of != id(slot) for box in boxes]
        if slot.role in EYE_ROLES:  # what lies in an eye is of that
            dots = [dot for dot in dots if not any(all(overlap(dot, box)[2:]) for box in others)]
        if dots:
            drafts.doubt(slot.paths, _doubt(slot, name, dots, source))
            slot.drawings[name] = _without(slot.drawings[name], dots).trimmed(source.canvas)


def _doubt(slot: Draft, name: str, dots: list[Rect], source: Source) -> Doubt:
    (item,) = (item for item in source.items() if item.path == slot.paths[0])
    layers = [one.path for one in _shown(item) if any(_is_on(one, dot) for dot in dots)] or [item.path]
    at = [f"({round(dot.x / source.scale)}, {round(dot.y / source.scale)})" for dot in dots]
    what, them = ("a stray dot", "the dot") if len(at) == 1 else ("stray dots", "the dots")
    has = "has" if len(layers) == 1 else "have"
    where = " and ".join(filter(None, (", ".join(at[:-1]), at[-1])))
    told = f"{named_layers(tuple(map(path_text, layers)))} {has} {what}, at {where}, left out here"
    return Doubt(told, f"erase {them} and save")


def _shown(item: Item) -> Iterator[Item]:
    """The picture itself, or those that a folder shows."""
    if not item.is_folder:
        yield item
    for child in item.children:
        yield from _shown(child) if child.visible else ()


def _is_on(item: Item, dot: Rect) -> bool:
    return item.pixels is not None and bool(Picture(item.pixels(), item.box[:2]).within(dot)[..., 3].any())


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
