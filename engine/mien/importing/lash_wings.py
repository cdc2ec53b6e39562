"""What the layer of the lashes has beside the line of a lid: lashes that stand off it, a crease of the lid, a
line below the eye."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.importing.flatten import Picture
from mien.importing.pictures.differences import Component, around, components, grown_mask
from mien.importing.warping import seen
from mien.types import F64, Bools, Rect

_THIN: Final = 0.7
"""How thin, of the line of a lid, a lash is at most where it leaves that."""

_LONG: Final = 0.7
"""How long, of how thick that line is, a lash is at least."""

_DOWN: Final = 0.3
"""How far down, of its length, a lash goes at most: what goes down further is the tapered end of the line."""

_UP: Final = 0.7
"""How far up, of its length, one goes at least that does not go out of the eye."""

_APART: Final = 0.6
"""How far apart, of their length, the tips of two lashes are at least."""

_WIDE: Final = 0.5
"""How wide a lash is at its foot at most, of how thick the line is."""

_POINTS: Final = 48
"""Dots that a lash is drawn with."""


@dataclass(frozen=True, slots=True)
class Wing:
    """A lash that stands off the line: (x, y) in pixels of the box that it was looked for in."""

    foot: tuple[float, float]
    middle: tuple[float, float]
    tip: tuple[float, float]
    wide: float
    """How wide it is at its foot."""

    def along(self, box: Rect, centre: F64, colour: F64) -> Picture:
        """The same on a line that lies elsewhere, along `centre`, (w,) rows of the box: of one colour, and
        tapered from its foot, which is a little further within the line than it was, to its tip."""
        columns = np.arange(len(centre))
        x, y = self.foot
        inwards = x + float(np.sign(len(centre) / 2 - x)) * 2 * self.wide
        foot = inwards, float(np.interp(inwards, columns, centre))
        down = float(np.interp(x, columns, centre)) - y
        middle, tip = ((place[0], place[1] + down) for place in (self.middle, self.tip))
        return _spike(box, np.asarray((foot, middle, tip)), self.wide, colour)


def _spike(box: Rect, through: F64, wide: float, colour: F64) -> Picture:
    """A curve through three points, (x, y) in pixels of a box, so wide at the first one and tapered to the
    last one."""
    foot, middle, tip = through
    share = np.linspace(0.0, 1.0, _POINTS)[:, None]
    bend = 2 * middle - 0.5 * (foot + tip)
    points = (1 - share) ** 2 * foot + 2 * share * (1 - share) * bend + share**2 * tip
    radius = 0.5 * wide * np.minimum(1 - share[:, 0], 0.5 + 3 * share[:, 0]) + 0.4
    low, high = np.floor(points.min(axis=0) - wide) - 1, np.ceil(points.max(axis=0) + wide) + 1
    own = Rect(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
    rows, columns = np.mgrid[: own.height, : own.width] + 0.5
    inside = np.zeros(rows.shape)
    for (x, y), r in zip(points - low, radius, strict=True):
        np.maximum(inside, np.clip(r + 0.5 - np.hypot(columns - x, rows - y), 0.0, 1.0), out=inside)
    pixels = np.zeros((own.height, own.width, 4), np.uint8)
    pixels[..., :3] = np.rint(colour)
    pixels[..., 3] = np.rint(255 * inside)
    return Picture(pixels, (box.x + own.x, box.y + own.y))


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What is drawn beside the line of a lid."""

    wings: tuple[Wing, ...]
    loose: Bools
    """(h, w) of the box: what does not hang together with the line."""


def beside_line(lashes: Picture, box: Rect, thick: float) -> Beside:
    """What is beside a line that is `thick` pixels thick; nothing where that is hardly to be told."""
    drawn = seen(lashes.within(box)[..., 3])
    reach = max(1, int(_THIN * thick - 1) // 2)
    line, loose = np.zeros_like(drawn), np.zeros_like(drawn)
    thickest = grown_mask(np.asarray(around(drawn, reach) > 1 - 1e-6), reach) & drawn
    for part in components(thickest, cell=1)[:1]:
        line = whole_mask(part, drawn.shape)
    if line.sum() < 0.5 * drawn.sum():
        return Beside((), loose)
    near, beyond = grown_mask(line, 2), ~grown_mask(line, round(_LONG * thick))
    wings = []
    for part in components(drawn & ~line, cell=1):
        mask = whole_mask(part, drawn.shape)
        feet = np.argwhere(mask & near)
        if not len(feet):
            loose |= mask
        elif (mask & beyond).any():
            wings += _wings(
                np.argwhere(mask).astype(np.float64) + 0.5, feet.mean(axis=0) + 0.5, thick, box.width / 2
            )
    return Beside(tuple(wings), grown_mask(loose, 1) & ~line)


def whole_mask(part: Component, shape: tuple[int, ...]) -> Bools:
    """(h, w) of this shape: a part of a mask in all of that."""
    mask = np.zeros(shape, bool)
    box = part.box
    mask[box.y : box.y + box.height, box.x : box.x + box.width] = part.mask
    return mask


def _wings(places: F64, foot: F64, thick: float, inside: float) -> list[Wing]:
    """The lashes of what hangs together outside of a line, and has its foot there: (n, 2) rows and columns of
    its pixels, one lash for each of its tips. `inside`: a column within the eye, which none points to."""
    apart = np.hypot(*(places - foot).T)
    tips: list[F64] = []
    for place in np.argsort(-apart):
        tip, long = places[place], float(apart[place])
        if long < _LONG * thick:
            break
        is_end = apart[np.abs(places - tip).max(axis=1) < 4].max() <= long
        if is_end and all(np.hypot(*(tip - other)) > _APART * long for other in tips):
            tips.append(tip)
    wide = 2 * len(places) / max(1.0, sum(float(np.hypot(*(tip - foot))) for tip in tips))
    found = []
    for tip in tips:
        (down, right), long = tip - foot, float(np.hypot(*(tip - foot)))
        if down <= _DOWN * long and (right * (foot[1] - inside) > 0 or down < -_UP * long):
            near = places[np.hypot(*(places - (foot + tip) / 2).T) < 0.25 * thick]
            middle = near.mean(axis=0) if len(near) else (foot + tip) / 2
            ends = [(float(x), float(y)) for y, x in (foot, middle, tip)]
            found.append(Wing(ends[0], ends[1], ends[2], min(wide, _WIDE * thick)))
    return found


def only(picture: Picture, box: Rect, mask: Bools) -> Picture:
    """What a picture shows where a mask of a box is set."""
    pixels = picture.within(box)
    pixels[~mask] = 0
    return Picture(pixels, (box.x, box.y))
