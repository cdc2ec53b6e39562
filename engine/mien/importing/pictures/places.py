"""Which of the places where faces differ are the eyes, and which is the mouth.

Irises and lids differ most between faces, in two places beside each other; the mouth is what differs below
and between them, seen along the line through both, since heads are tilted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import hypot

import numpy as np

from mien.art.layered.tree import overlap, union
from mien.importing.pictures.differences import Component, around, box_of_mask, components, dense, grown_mask
from mien.importing.pictures.plates import skin_distance
from mien.types import F64, I32, U8, Bools, Rect


@dataclass(frozen=True, slots=True)
class FacePlaces:
    """Boxes on the canvas; empty for what was not found."""

    right: Rect
    """The eye at the viewer's left."""
    left: Rect
    mouth: Rect

    @property
    def eyes(self) -> tuple[Rect, ...]:
        """The eyes that were found."""
        return tuple(box for box in (self.right, self.left) if box.width)


NOWHERE = Rect(0, 0, 0, 0)

_LARGEST = 0.8
"""How wide or high a mouth is at most, in distances between the eyes."""

_STRAY = 0.02
"""Of the largest thing that differs, how much another has at most that is none of the face, where no eyes are
found with all: large pictures differ in a few pixels anywhere;"""
_LARGER = 1.6
"""and by how much what is left is smaller than what differs of a face mostly is."""

_ABOVE = 0.15
"""How far above what differs in most faces a mouth reaches in any."""

_ASIDE = 0.3
"""How far from the middle between the eyes a mouth is at most, in those: what differs further
out is half an eye, below brows that were taken for eyes."""


def find_places(votes: I32, count: int) -> FacePlaces:
    """The eyes and the mouth from how many of `count` pictures differ from the plain one, pixel by pixel:
    (h, w)."""
    pair = _eyes(votes, count)
    if pair is None:
        return FacePlaces(NOWHERE, NOWHERE, _only_mouth(votes))
    right, left = pair
    mouth = mouth_below(votes, right, left)
    return FacePlaces(right, left, mouth)


def pair_in(mask: Bools) -> tuple[Rect, Rect] | None:
    """Two things alike beside each other in a mask: the one at the viewer's left first. One that is as wide
    as two is parted in its middle."""
    found = components(mask, 2)
    pair = _best_pair(found, mask.astype(np.int32))
    if pair is not None:
        return pair
    box = union(one.box for one in found if one.count > 0.2 * found[0].count) if found else NOWHERE
    if box.width > 2.2 * box.height:
        half = box.width // 2
        return Rect(box.x, box.y, half, box.height), Rect(box.x + half, box.y, box.width - half, box.height)
    return None


def eyes_above(pixels: U8, mouth: Rect) -> tuple[Rect, Rect] | None:
    """Two things alike beside each other above a mouth, in one picture whose faces differ in no eye."""
    wide = max(mouth.width, 8)
    area = overlap(
        Rect(round(_x(mouth) - 2 * wide), mouth.y - 3 * wide, 4 * wide, round(2.8 * wide)),
        Rect(0, 0, pixels.shape[1], pixels.shape[0]),
    )
    if area.width < 16 or area.height < 8:
        return None
    part = pixels[area.y : area.y + area.height, area.x : area.x + area.width]
    drawn = (skin_distance(part) > 90) & (part[..., 3] > 128)
    best: tuple[float, Rect, Rect] | None = None
    small = [c for c in components(drawn, 2) if 0 < c.box.x < area.width - c.box.width - 2 and c.box.y]
    small = [c for c in small if c.box.width < 0.36 * area.width]
    for one, other in combinations([c for c in small if c.box.height < 0.4 * area.height][:24], 2):
        right, left = sorted((one.box, other.box), key=_x)
        if left.x < right.x + 1.5 * right.width:
            continue
        across = _x(left) - _x(right)
        centred = abs(area.x + (_x(left) + _x(right)) / 2 - _x(mouth)) < 0.2 * across
        level = abs(_y(left) - _y(right)) < 0.2 * across
        alike = min(one.count, other.count) > 0.6 * max(one.count, other.count)
        score = (
            sum(min(1.0, box.height / box.width) for box in (right, left)) * (one.count + other.count) ** 0.5
        )
        if centred and level and alike and (best is None or score > best[0]):
            best = score, right, left
    if best is None:
        return None
    return _moved(best[1], area), _moved(best[2], area)


def _moved(box: Rect, area: Rect) -> Rect:
    """A box in an area as one on the canvas, with a border that lashes need."""
    by = max(2, round(0.25 * max(box.width, box.height)))
    return Rect(area.x + box.x - by, area.y + box.y - by, box.width + 2 * by, box.height + 2 * by)


def _eyes(votes: I32, count: int) -> tuple[Rect, Rect] | None:
    """The two places where most differs, as eyes are beside each other, as boxes of an eye's size."""
    often = dense(votes >= max(1, round(0.1 * count)))
    pair = _eyes_in(votes, box_of_mask(often))
    if pair is None:
        parts = components(often)
        face = union(one.box for one in parts if one.count > _STRAY * parts[0].count)
        pair = _eyes_in(votes, face, _LARGER)
    return pair


def _eyes_in(votes: I32, face: Rect, larger: float = 1.0) -> tuple[Rect, Rect] | None:
    """The same of a face in a box, looked for as in one so many times as large."""
    if min(face.width, face.height) < 16:
        return None
    size = larger * max(face.width, 0.8 * face.height)
    density = around(_inside(votes, face).astype(np.float64), max(1, round(size / 11)))
    peaks = _peaks(density, round(0.2 * size))
    best: tuple[float, tuple[int, int], tuple[int, int]] | None = None
    for one, other in combinations(peaks, 2):
        right, left = sorted((one, other))
        across, down = left[0] - right[0], left[1] - right[1]
        score = min(density[right[1], right[0]], density[left[1], left[0]])
        fits = 0.22 * size < across and abs(down) < 0.6 * across
        if fits and (best is None or score > best[0]):
            best = float(score), right, left
    if best is None:
        return None
    _, right, left = best
    unit = hypot(left[0] - right[0], left[1] - right[1])
    return _eye_box(right, face, unit), _eye_box(left, face, unit)


def _peaks(density: F64, apart: int) -> list[tuple[int, int]]:
    """(x, y) of the strongest places, at least so far from each other."""
    left = density.copy()
    found: list[tuple[int, int]] = []
    while len(found) < 6 and left.max() > 0.25 * density.max():
        y, x = divmod(int(left.argmax()), left.shape[1])
        found.append((x, y))
        left[max(0, y - apart) : y + apart + 1, max(0, x - apart) : x + apart + 1] = 0
    return found


def _eye_box(middle: tuple[int, int], face: Rect, unit: float) -> Rect:
    """What an eye covers, a little below the middle of what differs there: brows differ too."""
    wide, high = round(0.62 * unit), round(0.5 * unit)
    x, y = face.x + middle[0], face.y + middle[1] + 0.1 * unit
    return Rect(round(x - wide / 2), round(y - high / 2), wide, high)


def _best_pair(found: Sequence[Component], votes: I32) -> tuple[Rect, Rect] | None:
    best: tuple[float, Rect, Rect] | None = None
    for one, other in combinations(found, 2):
        right, left = sorted((one.box, other.box), key=_x)
        across, down = _x(left) - _x(right), _y(left) - _y(right)
        wide, high = max(right.width, left.width), max(right.height, left.height)
        alike = min(one.count, other.count) > 0.3 * max(one.count, other.count)
        if not alike or abs(down) > 0.55 * across or left.x < right.x + 0.8 * right.width:
            continue
        if across > 6 * wide or high > 1.4 * across or wide > across:
            continue
        score = float(_inside(votes, right).sum() + _inside(votes, left).sum())
        if best is None or score > best[0]:
            best = score, right, left
    return None if best is None else (best[1], best[2])


def mouth_below(votes: I32, right: Rect, left: Rect) -> Rect:
    """What differs below and between two eyes; empty where nothing does about the middle."""
    across = np.asarray((_x(left) - _x(right), _y(left) - _y(right)))
    unit = float(np.hypot(*across))
    along = across / unit
    down = np.asarray((-along[1], along[0]))
    middle = np.asarray((_x(left) + _x(right), _y(left) + _y(right))) / 2
    reach = round(1.6 * unit)
    area = overlap(
        Rect(round(middle[0]) - reach, round(middle[1]) - reach, 2 * reach, 2 * reach),
        Rect(0, 0, votes.shape[1], votes.shape[0]),
    )
    rows, columns = np.mgrid[area.y : area.y + area.height, area.x : area.x + area.width]
    u = ((columns - middle[0]) * along[0] + (rows - middle[1]) * along[1]) / unit
    v = ((columns - middle[0]) * down[0] + (rows - middle[1]) * down[1]) / unit
    within = (np.abs(u) < 0.48) & (v > 0.36) & (v < 1.4)
    mass = _inside(votes, area) * within
    for least in (max(2, int(votes.max()) // 6), 1):
        found = [c for c in components(grown_mask(mass >= least, 1), 2) if c.count > 12]
        if found:
            break
    else:
        return NOWHERE

    def weight(one: Component) -> float:
        box = one.box
        rows_of, columns_of = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)
        middle_u, middle_v = float(u[rows_of, columns_of].mean()), float(v[rows_of, columns_of].mean())
        low = float(np.clip((middle_v - 0.3) / 0.25, 0.05, 1))  # what is higher is the nose
        return float(mass[rows_of, columns_of][one.mask].sum()) * float(np.exp(-8 * middle_u**2)) * low

    main = max(found, key=weight)
    near = [
        c
        for c in found
        if _gap(c.box, main.box) < 0.1 * unit
        and weight(c) > 0.04 * weight(main)
        and _y(c.box) > main.box.y - 0.05 * unit
    ]
    box = union(c.box for c in near)
    # What one face alone changes is the rest of an open mouth, where it is not too large for that.
    others = components(grown_mask(mass > 0, 1), 2)
    rest = (c.box for c in others if all(overlap(c.box, box)[2:]))
    highest = box.y - _ABOVE * unit  # what reaches further up is a blush that runs into it
    rest = (one for one in rest if one.y > highest and max(one.width, one.height) < _LARGEST * unit)
    box = union((box, *rest))
    aside = (area.x + _x(box) - middle[0]) * along[0] + (area.y + _y(box) - middle[1]) * along[1]
    if abs(aside) > _ASIDE * unit:
        return NOWHERE
    edge = round(0.05 * unit)
    return overlap(
        Rect(area.x + box.x - edge, area.y + box.y - edge, box.width + 2 * edge, box.height + 2 * edge),
        Rect(0, 0, votes.shape[1], votes.shape[0]),
    )


def _only_mouth(votes: I32) -> Rect:
    """What differs most, where nothing tells of eyes: a mouth, if it is small."""
    found = components(votes > 0)
    if not found:
        return NOWHERE
    box = found[0].box
    return box if box.width < 0.3 * votes.shape[1] and box.height < 0.2 * votes.shape[0] else NOWHERE


def _gap(one: Rect, other: Rect) -> float:
    across = max(one.x, other.x) - min(one.x + one.width, other.x + other.width)
    down = max(one.y, other.y) - min(one.y + one.height, other.y + other.height)
    return float(max(across, down, 0))


def _inside(votes: I32, box: Rect) -> I32:
    return votes[box.y : box.y + box.height, box.x : box.x + box.width]


def _x(box: Rect) -> float:
    return box.x + box.width / 2


def _y(box: Rect) -> float:
    return box.y + box.height / 2


def mask_of(box: Rect, shape: tuple[int, int]) -> Bools:
    """(h, w) set in a box."""
    mask = np.zeros(shape, bool)
    mask[max(0, box.y) : box.y + box.height, max(0, box.x) : box.x + box.width] = True
    return mask
