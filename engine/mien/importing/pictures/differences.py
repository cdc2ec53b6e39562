"""Where two pictures differ, and what of that belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.art.png import premultiply
from mien.types import F64, U8, Bools, Rect

DIFFERS = 26
"""Pixels are different that are further apart than this, of 255: what lossy formats change is less."""

POSE = 0.3
"""Of the figure, how much another picture must change to be another pose, and not another face."""

_CELLS = 256
"""Cells along the longer side in which components are looked for."""

_AT_ONCE = 1 << 19
"""Pixels that are compared at once."""

_FEW = 24
"""Pixels that are no component but dirt."""


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """Pixels that belong together."""

    box: Rect
    count: int
    """How many there are."""
    mask: Bools
    """(h, w) of the box."""


def apart(one: U8, other: U8) -> U8:
    """How far two pictures of one size are apart, pixel by pixel: (h, w) uint8, the largest of the four
    channels, premultiplied."""
    out = np.zeros(one.shape[:2], np.uint8)
    # Faces of one figure mostly differ in a small place, and not in all of it.
    words, others = words_of(one), words_of(other)
    places = np.flatnonzero(words != others)
    for first in range(0, len(places), _AT_ONCE):
        some = places[first : first + _AT_ONCE]
        a, b = (premultiply(of.ravel()[some].view(np.uint8).reshape(1, -1, 4)) for of in (words, others))
        each = np.maximum(a, b) - np.minimum(a, b)
        # Four planes one after the other: a maximum along an axis of four takes five times as long.
        two = np.maximum(each[0, :, :2], each[0, :, 2:])
        out.ravel()[some] = np.maximum(two[:, 0], two[:, 1])
    return out


def words_of(pixels: U8) -> NDArray[np.uint32]:
    """(h, w) of (h, w, 4) uint8: each pixel as one number."""
    found: NDArray[np.uint32] = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    return found


def within(pixels: U8, mask: Bools) -> U8:
    """What of a picture, (h, w, 4) uint8, is set in a mask, (h, w); all else is clear."""
    found: U8 = np.where(mask, words_of(pixels), np.uint32(0)).view(np.uint8).reshape(pixels.shape)
    return found


def differing(one: U8, other: U8, least: int = DIFFERS) -> Bools:
    """Where two pictures of one size differ, without single pixels: (h, w)."""
    return dense(apart(one, other) > least)


def dense(mask: Bools) -> Bools:
    """A mask without what has hardly anything around it, and with its pinholes closed."""
    padded = np.pad(mask, 1).view(np.uint8)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    count = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    found: Bools = mask & (count > 3)
    return found


def around(mask: Bools | F64, reach: int) -> F64:
    """The mean of a square of 2 * `reach` + 1 about every pixel; beyond the edges is nothing."""
    size = 2 * reach + 1
    padded = np.pad(np.asarray(mask, np.float64), ((reach + 1, reach), (reach + 1, reach)))
    sums = padded.cumsum(axis=0).cumsum(axis=1)
    found: F64 = (
        sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    ) / size**2
    return found


def grown_mask(mask: Bools, by: int) -> Bools:
    """A mask and all that is at most so far from it, across, down or both."""
    if by < 1:
        return mask
    grown = np.pad(np.asarray(mask, bool), by)
    for _ in range(2):  # down, then across
        reach = 1  # of so many rows each holds what is set, twice as many each time
        while reach < 2 * by + 1:
            more = min(reach, 2 * by + 1 - reach)
            grown = grown[:-more] | grown[more:]
            reach += more
        grown = grown.T
    return np.ascontiguousarray(grown)


def box_of_mask(mask: Bools) -> Rect:
    """The box around what is set; empty where nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return Rect(0, 0, 0, 0)
    return Rect(
        int(columns[0]),
        int(rows[0]),
        int(columns[-1] - columns[0]) + 1,
        int(rows[-1] - rows[0]) + 1,
    )


def components(mask: Bools, cell: int = 0) -> list[Component]:
    """What of a mask belongs together: what lies in cells that touch. `cell`: their size in pixels; 0 for a
    part of the mask's size. Largest first."""
    height, width = mask.shape
    cell = cell or max(2, max(height, width) // _CELLS)
    padded = np.pad(mask, ((0, -height % cell), (0, -width % cell)))
    rows_of, columns_of = padded.shape[0] // cell, padded.shape[1] // cell
    cells: Bools = np.asarray(padded.reshape(rows_of, cell, columns_of, cell).any(axis=(1, 3)))
    found = []
    for top, left, own in _touching(cells):
        area = own.repeat(cell, axis=0).repeat(cell, axis=1)
        y, x = top * cell, left * cell
        inside = mask[y : y + area.shape[0], x : x + area.shape[1]]
        inside = inside & area[: inside.shape[0], : inside.shape[1]]
        count = int(inside.sum())
        if count >= _FEW:
            tight = box_of_mask(inside)
            down = slice(tight.y, tight.y + tight.height)
            across = slice(tight.x, tight.x + tight.width)
            box = Rect(x + tight.x, y + tight.y, tight.width, tight.height)
            found.append(Component(box, count, inside[down, across]))
    return sorted(found, key=lambda component: -component.count)


def _touching(cells: Bools) -> Iterator[tuple[int, int, Bools]]:
    """Groups of set cells that touch each other, at corners too: the top row, the left column, and which
    cells of their box they are."""
    # From one set cell to before the next clear one, in rows that end with a clear one.
    width = cells.shape[1] + 1
    flat = np.pad(cells, ((0, 0), (0, 1))).ravel().view(np.int8)
    ends = np.flatnonzero(np.diff(flat, prepend=np.int8(0))).tolist()
    runs = list(zip(ends[::2], ends[1::2], strict=True))
    parent = list(range(len(runs)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = at = parent[parent[at]]
        return at

    above = 0
    for at, (start, end) in enumerate(runs):
        while runs[above][1] < start - width:
            above += 1
        near = above
        while near < at and runs[near][0] <= end - width:
            one, other = sorted((root(at), root(near)))
            parent[other] = one
            near += 1
    members: dict[int, list[tuple[int, int, int]]] = {}
    for at, (start, end) in enumerate(runs):
        row = start // width
        members.setdefault(root(at), []).append((row, start - row * width, end - row * width))
    for own in members.values():
        top, left = own[0][0], min(start for _, start, _ in own)
        mask = np.zeros((own[-1][0] - top + 1, max(end for *_, end in own) - left), bool)
        for row, start, end in own:
            mask[row - top, start - left : end - left] = True
        yield top, left, mask
