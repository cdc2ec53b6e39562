"""Where two pictures differ, and what of that belongs together."""

from __future__ import annotations

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
    # Faces of one figure mostly differ in a small place.
    box = box_of_mask(_words(one) != _words(other))
    if not box.width:
        return out
    across = slice(box.x, box.x + box.width)
    rows = max(1, (1 << 19) // box.width)
    for top in range(box.y, box.y + box.height, rows):
        band = slice(top, min(top + rows, box.y + box.height)), across
        a, b = premultiply(one[band]), premultiply(other[band])
        each = np.maximum(a, b) - np.minimum(a, b)
        # Four planes one after the other: a maximum along an axis of four takes five times as long.
        two = np.maximum(each[..., :2], each[..., 2:])
        np.maximum(two[..., 0], two[..., 1], out=out[band])
    return out


def _words(pixels: U8) -> NDArray[np.uint32]:
    """(h, w) of (h, w, 4) uint8: each pixel as one number."""
    found: NDArray[np.uint32] = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
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
    return np.asarray(around(mask, by) > 0.5 / (2 * by + 1) ** 2) if by > 0 else mask


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
    for members in _touching(cells):
        rows, columns = zip(*members, strict=True)
        top, left = min(rows), min(columns)
        own = np.zeros((max(rows) - top + 1, max(columns) - left + 1), bool)
        own[np.asarray(rows) - top, np.asarray(columns) - left] = True
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


def _touching(cells: Bools) -> list[list[tuple[int, int]]]:
    """Groups of set cells that touch each other, at corners too: (row, column) of each."""
    left = {(int(row), int(column)) for row, column in np.argwhere(cells)}
    groups = []
    while left:
        start = left.pop()
        group, edge = [start], [start]
        while edge:
            row, column = edge.pop()
            for near in _NEAR:
                other = row + near[0], column + near[1]
                if other in left:
                    left.remove(other)
                    group.append(other)
                    edge.append(other)
        groups.append(group)
    return groups


_NEAR = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0)]
