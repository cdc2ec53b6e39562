"""A face in one picture, which is compared with no other: two dark places beside each other with skin between
and below them, and a mark on the skin below.

Strict on purpose: a mouth in the wrong place is worse than none. Where it finds nothing, `--map` says where
things are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Final, NamedTuple

import numpy as np

from mien.art.layered.shrinking import Shrinking
from mien.art.layered.tree import overlap
from mien.importing.pictures.differences import around, components
from mien.importing.pictures.frames import on_canvas
from mien.importing.pictures.places import FacePlaces, eyes_above
from mien.types import F64, U8, Bools, Rect, Size

_SIDE: Final = 360
"""Longest side in pixels of what is looked at."""
_UNITS: Final = tuple(12 * 1.13**step for step in range(18))
"""Distances between eyes that are tried, in those pixels."""
_LEAST: Final = 40.0
"""By how much, of 255 in each channel together, eyes must be further from the skin's colour than what lies
between and below them."""
_LEAST_ELSEWHERE: Final = 60.0
"""The same on what has another colour than skin,"""
_ASIDE: Final = 0.08
"""where the mouth lies no further from the middle, in distances between the eyes,"""
_FLAT: Final = 1.7
"""and is at least so many times as wide as high."""
_GROUNDS: Final = 6
"""Colours that are tried beside skin,"""
_PLAIN: Final = 0.02
"""and the least share of the picture that each has."""
_MOST: Final = 160.0
_SHARED: Final = 0.3
"""How much of where faces differ most an eye that is seen there covers at least."""

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
    found: _Face | None = None
    for ground in _grounds(small):
        one = _on(small, ground)
        if one is not None and (found is None or one.score > found.score):
            found = one
        if found is not None and ground.is_skin:
            break
    if found is None:
        return None
    wide, high = 0.76 * found.unit, 0.6 * found.unit
    eyes = ((found.x + side * found.unit / 2 - wide / 2, found.y - high / 2, wide, high) for side in (-1, 1))
    right, left, lips = (Rect(*(round(value * step) for value in box)) for box in (*eyes, found.mouth))
    return FacePlaces(right, left, lips)


def eyes_as_seen(pixels: U8, face: FacePlaces | None, places: FacePlaces) -> FacePlaces:
    """Places with the eyes where one picture shows them, if that is about there: what differs between faces
    are lids and brows more than eyes, and lies higher.

    `pixels`: (h, w, 4) uint8 straight. `face`: what `face_in` finds there.
    """
    if len(places.eyes) < 2 or not places.mouth.width:
        return places
    if face is not None and overlap(face.mouth, places.mouth).width and _are_there(face.eyes, places.eyes):
        return FacePlaces(face.right, face.left, places.mouth)
    pair = eyes_above(pixels, places.mouth)
    if pair is not None and _are_there(pair, places.eyes):
        return FacePlaces(*pair, places.mouth)
    return places


def _are_there(seen: Sequence[Rect], places: Sequence[Rect]) -> bool:
    """Whether eyes lie on others, and are about as large."""
    for one, other in zip(seen, places, strict=True):
        shared = overlap(one, other)
        is_there = shared.width * shared.height > _SHARED * other.width * other.height
        if not (is_there and 0.5 * other.width < one.width < 1.6 * other.width):
            return False
    return True


class _Ground(NamedTuple):
    """What a face may be drawn on."""

    colour: F64
    """(3,) 0..255."""
    is_skin: bool
    """It has a colour as skin has; others are held to more."""


class _Face(NamedTuple):
    """A face on a ground."""

    score: float
    x: float
    y: float
    """The middle between the eyes."""
    unit: float
    """How far these are apart."""
    mouth: Rect


def _grounds(small: U8) -> Iterator[_Ground]:
    """The colour of the largest area like skin, then those that most of a picture has: people of comics are
    blue and pink."""
    colours = small[..., :3].astype(np.float64)
    areas = components(_skin(small))
    if areas:
        box = areas[0].box
        own = colours[box.y : box.y + box.height, box.x : box.x + box.width][areas[0].mask]
        yield _Ground(np.median(own, axis=0), True)
    opaque = small[..., 3] > 200
    coarse = (small[..., :3] >> 5).astype(np.intp) @ (64, 8, 1)
    counts = np.bincount(coarse[opaque], minlength=512)
    for kind in np.argsort(-counts)[:_GROUNDS]:
        if counts[kind] > _PLAIN * opaque.sum():
            yield _Ground(np.median(colours[opaque & (coarse == kind)], axis=0), False)


def _on(small: U8, ground: _Ground) -> _Face | None:
    """The face on a ground; None where it is not clearly seen."""
    far: F64 = np.minimum(_MOST, np.abs(small[..., :3].astype(np.float64) - ground.colour).sum(axis=-1))
    far[small[..., 3] < 200] = _MOST
    found = _eyes(far, _LEAST if ground.is_skin else _LEAST_ELSEWHERE)
    if found is None:
        return None
    score, x, y, unit = found
    mouth = _mouth(far, x, y, unit)
    if mouth is None:
        return None
    if not ground.is_skin:
        aside = abs(mouth.x + mouth.width / 2 - x) / unit
        if aside > _ASIDE or mouth.width < _FLAT * mouth.height:
            return None
    return _Face(score, x, y, unit, mouth)


def _skin(small: U8) -> Bools:
    """What has a colour as skin has, from pale to dark: warm, and neither grey nor glaring."""
    red, green, blue = (small[..., channel].astype(np.int16) for channel in range(3))
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    warm = (red > green + 8) & (green >= blue - 6) & (red - blue > 18) & (red - blue < 120)
    found: Bools = np.asarray(warm & (light > 70) & (small[..., 3] > 200))
    return np.asarray(around(found, 1) > 0.6)


def _eyes(far: F64, least: float) -> tuple[float, float, float, float] | None:
    """By how much two eyes stand out, more than `least`, the middle between them, and how far they are apart;
    None where no place does."""
    sums = np.pad(far, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    best = (least, 0.0, 0.0, 0.0)
    for unit in _UNITS:
        edge = round(0.8 * unit)
        if min(far.shape) < 2 * edge + 4:
            break
        one, other = (_mean(sums, box, unit, edge) for box in _EYES)
        skin = reduce(np.maximum, (_mean(sums, box, unit, edge) for box in _SKIN))
        score = np.minimum(one, other) - skin - 0.5 * np.abs(one - other)
        at = int(score.argmax())
        if score.flat[at] > best[0]:
            y, x = divmod(at, score.shape[1])
            best = float(score.flat[at]), float(x + edge), float(y + edge), unit
    return best if best[3] else None


def _mean(sums: F64, box: Box, unit: float, edge: int) -> F64:
    """Of a box about each place that is at least `edge` pixels from all sides."""
    left, right = (edge + round((box[0] + side * box[2]) * unit) for side in (-1, 1))
    top, bottom = (edge + round((box[1] + side * box[3]) * unit) for side in (-1, 1))
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    rows, columns = sums.shape[0] - 1 - 2 * edge, sums.shape[1] - 1 - 2 * edge

    def at(row: int, column: int) -> F64:
        return sums[row : row + rows, column : column + columns]

    total: F64 = at(bottom, right) - at(top, right)
    total -= at(bottom, left)
    total += at(top, left)
    total /= (right - left) * (bottom - top)
    return total


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
