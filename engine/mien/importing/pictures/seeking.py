"""A face in one picture, which is compared with no other: two dark places beside each other with skin between
and below them, and a mark on the skin below.

Strict on purpose: a mouth in the wrong place is worse than none. Where it finds nothing, `--map` says where
things are.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.art.layered.shrinking import Shrinking
from mien.importing.pictures.differences import around, components
from mien.importing.pictures.frames import on_canvas
from mien.importing.pictures.places import FacePlaces
from mien.types import F64, U8, Bools, Rect, Size

_SIDE: Final = 360
"""Longest side in pixels of what is looked at."""
_UNITS: Final = tuple(12 * 1.13**step for step in range(18))
"""Distances between eyes that are tried, in those pixels."""
_LEAST: Final = 40.0
"""By how much, of 255 in each channel together, eyes must be further from the skin's colour than what lies
between and below them."""
_MOST: Final = 160.0

Box = tuple[float, float, float, float]
"""How far right and down of the middle between the eyes the middle of a box is, and half its width and
height; in distances between the eyes."""

_EYES: Final[tuple[Box, Box]] = ((-0.5, 0.0, 0.2, 0.17), (0.5, 0.0, 0.2, 0.17))
_SKIN: Final[tuple[Box, ...]] = (
    (0.0, 0.02, 0.12, 0.16),
    (0.0, 0.4, 0.16, 0.12),
    (-0.38, 0.5, 0.16, 0.1),
    (0.38, 0.5, 0.16, 0.1),
)
"""Between the eyes, the nose, and both cheeks."""


def face_in(pixels: U8) -> FacePlaces | None:
    """Where the eyes and the mouth are; None where they are not clearly seen.

    `pixels`: (h, w, 4) uint8 straight.
    """
    shrinking = Shrinking.to(Size(pixels.shape[1], pixels.shape[0]), _SIDE)
    step = 1 / shrinking.scale
    small = on_canvas(*shrinking.pixels(pixels, (0, 0)), shrinking.size)
    skin = _skin(small)
    areas = components(skin)
    if not areas:
        return None
    box = areas[0].box
    colours = small[..., :3].astype(np.float64)
    own = colours[box.y : box.y + box.height, box.x : box.x + box.width][areas[0].mask]
    far: F64 = np.minimum(_MOST, np.abs(colours - np.median(own, axis=0)).sum(axis=-1))
    far[small[..., 3] < 200] = _MOST
    found = _eyes(far)
    if found is None:
        return None
    x, y, unit = found
    mouth = _mouth(far, x, y, unit)
    if mouth is None:
        return None
    wide, high = 0.76 * unit, 0.6 * unit
    eyes = ((x + side * unit / 2 - wide / 2, y - high / 2, wide, high) for side in (-1, 1))
    right, left, lips = (Rect(*(round(value * step) for value in box)) for box in (*eyes, mouth))
    return FacePlaces(right, left, lips)


def _skin(small: U8) -> Bools:
    """What has a colour as skin has, from pale to dark: warm, and neither grey nor glaring."""
    red, green, blue = (small[..., channel].astype(np.int16) for channel in range(3))
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    warm = (red > green + 8) & (green >= blue - 6) & (red - blue > 18) & (red - blue < 120)
    found: Bools = np.asarray(warm & (light > 70) & (small[..., 3] > 200))
    return np.asarray(around(found, 1) > 0.6)


def _eyes(far: F64) -> tuple[float, float, float] | None:
    """The middle between two eyes, and how far they are apart; None where no place stands out."""
    sums = np.pad(far, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    best = (_LEAST, 0.0, 0.0, 0.0)
    for unit in _UNITS:
        edge = round(0.8 * unit)
        if min(far.shape) < 2 * edge + 4:
            break
        one, other = (_mean(sums, box, unit, edge) for box in _EYES)
        skin = np.max([_mean(sums, box, unit, edge) for box in _SKIN], axis=0)
        score = np.minimum(one, other) - skin - 0.5 * np.abs(one - other)
        at = int(score.argmax())
        if score.flat[at] > best[0]:
            y, x = divmod(at, score.shape[1])
            best = float(score.flat[at]), float(x + edge), float(y + edge), unit
    return best[1:] if best[3] else None


def _mean(sums: F64, box: Box, unit: float, edge: int) -> F64:
    """Of a box about each place that is at least `edge` pixels from all sides."""
    left, right = (edge + round((box[0] + side * box[2]) * unit) for side in (-1, 1))
    top, bottom = (edge + round((box[1] + side * box[3]) * unit) for side in (-1, 1))
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    rows, columns = sums.shape[0] - 1 - 2 * edge, sums.shape[1] - 1 - 2 * edge

    def at(row: int, column: int) -> F64:
        return sums[row : row + rows, column : column + columns]

    total: F64 = at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left)
    return total / ((right - left) * (bottom - top))


def _mouth(far: F64, x: float, y: float, unit: float) -> Rect | None:
    """What is marked most on the skin below the middle between the eyes."""
    left, top = round(x - 0.42 * unit), round(y + 0.5 * unit)
    area = far[top : round(y + 1.3 * unit), max(0, left) : round(x + 0.42 * unit)]
    if min(area.shape) < 4:
        return None
    best: tuple[float, Rect] | None = None
    for mark in components(area > 45, 1):
        box = mark.box
        aside = (max(0, left) + box.x + box.width / 2 - x) / unit
        inside = box.x > 0 and box.x + box.width < area.shape[1] and box.y + box.height < area.shape[0]
        if not inside or abs(aside) > 0.16 or box.width < 0.1 * unit:
            continue
        rows, columns = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)
        weight = float(area[rows, columns][mark.mask].sum()) * float(np.exp(-20 * aside * aside))
        if best is None or weight > best[0]:
            by = max(1, round(0.04 * unit))
            moved = Rect(max(0, left) + box.x - by, top + box.y - by, box.width + 2 * by, box.height + 2 * by)
            best = weight, moved
    return None if best is None else best[1]
