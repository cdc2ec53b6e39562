"""An eye taken off the skin by its dark lines: lashes and iris, and what they enclose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.art.layered.tree import overlap
from mien.importing.flatten import Picture, over
from mien.importing.lash_lines import line_of
from mien.importing.lid_lines import MADE, REDRAWN, SHUT, WIDE, Opening
from mien.importing.pictures.about_eyes import before, reached, skin_about
from mien.importing.pictures.differences import around, components, dense, grown_mask
from mien.importing.pictures.plates import Lifted, cut, filled
from mien.importing.warping import edges, kept_above, kept_below, laid_along, laid_between, smoothed
from mien.types import F64, U8, Bools, Rect, Size

_ABOUT = 0.35
"""How much of what is about an eye is looked at, of its width on each side."""

_TIP = 0.2
"""How long tips of lashes are at most, of an eye's width."""

_SPIKE = 0.15
"""The same of those that stand up, of its height."""

_REACH_LIGHT = 1.2
"""How far from its middle light parts still belong to an eye, in halves of its box, unless they lie low:
higher up they are the rim of glasses, or hair."""

_CREASE = 0.05
"""Of an eye, how much a crease of its lid is at most, or a lash."""

_HIGH = 0.45
"""How far above the middle that of anything in it is at most, in halves of its box."""

_REACH = 1.5
"""How far an eye reaches with its lashes, in halves of its box from its middle."""

_EDGE = 0.05
"""How near to an eye all of that lies which is left out of what is drawn over its lids, of its width: where a
lash touches a rim it cannot be told from that."""

_REACH_OTHER = 1.15
"""How far what is covered of the eye in another face reaches, as `_REACH`."""

_CELLS = 160
"""Cells along a side in which parts of an eye are looked for."""

_FEW = 20
"""So many pixels tell no colour."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What an eye and what is about it are in part of a picture: (h, w) each."""

    ground: Bools
    """Skin."""
    front: Bools
    """What lies before the eye."""
    inside: Bools
    """What its dark lines enclose."""
    hole: Bools
    """All of it, with a border;"""
    near: Bools
    """and what of that is within reach of the middle: further off it may be a brow that touches a rim."""

    def before(self, part: U8, cover: Bools) -> U8 | None:
        """What leads from elsewhere over the lids of another face, as a lowered brow does: the part with all
        else clear, (h, w, 4) uint8; None where nothing does. `cover`: what the lids cover."""
        drawn = dense(~self.ground & ~self.hole)
        found = reached(drawn & ~grown_mask(cover, 1), drawn, None, 0.0) & cover
        clear = found & ~grown_mask(self.hole, round(_EDGE * float(self.inside.any(axis=0).sum())))
        found = reached(clear, found, None, 0.0)
        if not found.any():
            return None
        out = part.copy()
        out[..., 3] = np.rint(part[..., 3] * around(grown_mask(found, 1), 1) * ~self.hole)
        return out


def place_about(box: Rect, canvas: Size) -> Rect:
    """What is looked at of a picture about an eye in a box."""
    by = max(4, round(_ABOUT * box.width))
    about = Rect(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by)
    return overlap(about, Rect(0, 0, *canvas))


def look(part: U8, place: Rect, box: Rect, skin: F64 | None) -> Looked | None:
    """The eye in a box; None where nothing there is dark. `part`: (h, w, 4) uint8 straight, what of a picture
    lies in a place about the box. `skin`: as of `lift_eye`."""
    if place.width < 8 or place.height < 6:
        return None
    rows, columns = np.mgrid[0 : place.height, 0 : place.width]
    x = (columns + place.x - box.x - box.width / 2) / (0.5 * box.width)
    y = (rows + place.y - box.y - box.height / 2) / (0.5 * box.height)
    far = np.hypot(x, y)
    ground = skin_about(part, far, skin)
    if ground is None:
        return None
    front = before(part, ground, far)
    inside, eye = _parts(part, ~ground & ~front & (far < _REACH), far, y)
    if not inside.any():
        return None
    hole = grown_mask(inside | eye, _border(box))
    return Looked(ground, front, inside, hole, hole & (far < _REACH_OTHER))


def _border(box: Rect) -> int:
    """How far an eye in a box is covered beyond itself, in pixels."""
    return max(1, round(0.022 * box.width))


def lift_eye(pixels: U8, box: Rect, skin: F64 | None, others: Sequence[Looked] = ()) -> Lifted | None:
    """The eye in a box, whatever hangs into its corners; None where nothing there is dark.

    `pixels`: the whole picture, (h, w, 4) uint8 straight. `skin`: the colour of the face, (3,), 0..255; None
    where it is not known. `others`: the same eye in other pictures, which the
    skin covers as well.
    """
    place = place_about(box, Size(pixels.shape[1], pixels.shape[0]))
    part = cut(pixels, place)
    own = look(part, place, box, skin)
    if own is None:
        return None
    known = ~grown_mask(~own.ground | own.hole, 1)
    if known.sum() < _FEW:
        return None
    # What is drawn here beside the eye stays.
    wider = np.logical_or.reduce([np.zeros_like(own.hole), *(other.near for other in others)])
    wider = grown_mask(wider, _border(box)) & ~grown_mask(~own.ground & ~own.hole, 1)
    hole = own.hole | wider
    inside = grown_mask(own.inside, _border(box))
    colours = part[..., :3].astype(np.float64)
    plate, ink = part.copy(), part.copy()
    plate[..., :3] = np.rint(filled(colours, ~known))
    plate[..., 3] = np.rint(255 * np.clip(around(grown_mask(hole, 1), 1), 0, 1))
    # What is behind a lock of hair is as the eye beside it.
    ink[..., :3] = np.rint(filled(colours, grown_mask(own.front, 1) | ~inside))
    ink[..., 3] = np.where(inside, 255, 0)
    before_it = part.copy()
    before_it[..., 3] = np.rint(255 * around(own.front, 1))
    corner = place.x, place.y
    return Lifted(Picture(plate, corner), Picture(ink, corner), Picture(before_it, corner))


def _parts(part: U8, drawn: Bools, far: F64, down: F64) -> tuple[Bools, Bools]:
    """What the dark lines of an eye enclose, and all that hangs together with it: (h, w) each, nothing set
    where there is no eye. `drawn`: what is neither skin nor before it; `down`: (h, w) how far below the
    middle each pixel is, as `far`."""
    nothing = np.zeros_like(drawn)
    light = part[..., :3].astype(np.float64) @ (0.299, 0.587, 0.114)
    within = drawn & (far <= 1)
    if not within.any():
        return nothing, nothing
    low = float(np.percentile(light[within], 3))
    high = float(np.percentile(np.where(drawn, light, 255.0)[far <= 1], 85))
    found = components(within, max(1, len(down) // _CELLS))
    if high - low < 40 or not found:
        return nothing, nothing
    middle = np.exp(-2.5 * far**2)
    areas = [(slice(c.box.y, c.box.y + c.box.height), slice(c.box.x, c.box.x + c.box.width)) for c in found]
    weights = [float(middle[area][c.mask].sum()) for area, c in zip(areas, found, strict=True)]
    kept = nothing.copy()
    for one, area, own in zip(found, areas, weights, strict=True):
        is_low = float(down[area][one.mask].mean()) > -_HIGH  # brows and rims of glasses lie above
        if own > 0.06 * max(weights) and is_low:
            kept[area] |= one.mask
    if not kept.any():
        return nothing, nothing
    is_dark = light < low + 0.42 * (high - low)
    line = kept & is_dark & (around(is_dark, 1) > 0.45)
    if not line.any():
        return nothing, nothing
    rows, columns = np.flatnonzero(line.any(axis=1)), np.flatnonzero(line.any(axis=0))
    near = drawn & grown_mask(kept, round(_TIP * len(columns)))
    near[: max(0, rows[0] - round(_SPIKE * len(rows)))] = False
    light_too = near & ((far < _REACH_LIGHT) | (down > 0.5))
    light_too[: rows[0]] = False
    eye = _with_creases(reached(kept, (near & is_dark) | light_too, None, 0.0), drawn)
    near[: rows[0]] = near[rows[-1] + 1 :] = False
    line = reached(line, near & is_dark, None, 0.0)
    inside = hull(line)
    # Light irises end in no dark line.
    columns, rows = np.flatnonzero(line.any(axis=0)), np.flatnonzero(line.any(axis=1))
    under = eye.copy()
    under[: (rows[0] + rows[-1]) // 2] = False
    under[:, : columns[0]] = under[:, columns[-1] + 1 :] = False
    return hull(inside | under), eye


def _with_creases(eye: Bools, drawn: Bools) -> Bools:
    """An eye with all of the thin lines that lead on from it, of which only a part is near."""
    out = eye.copy()
    rest = reached(eye, drawn, None, 0.0) & ~eye
    for one in components(rest, 1):
        area = slice(one.box.y, one.box.y + one.box.height), slice(one.box.x, one.box.x + one.box.width)
        if one.count < _CREASE * eye.sum():
            out[area] |= one.mask
    return out


def hull(mask: Bools) -> Bools:
    """The smallest area without dents around what is set."""
    points = []
    for row in np.flatnonzero(mask.any(axis=1)):
        columns = np.flatnonzero(mask[row])
        points += [(int(columns[0]), int(row)), (int(columns[-1]), int(row))]
    points = sorted(set(points))
    if len(points) < 3:
        return mask
    lower, upper = _chain(points), _chain(points[::-1])
    corners = lower[:-1] + upper[:-1]
    rows, columns = np.mgrid[0 : mask.shape[0], 0 : mask.shape[1]]
    inside = np.ones(mask.shape, bool)
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        side: F64 = (bx - ax) * (rows - ay) - (by - ay) * (columns - ax)
        inside &= side >= -1e-9
    return inside | mask


def _chain(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """One side of the hull of sorted points."""
    chain: list[tuple[int, int]] = []
    for point in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def lids(lifted: Lifted, side: str) -> dict[str, Picture]:
    """What lies over an eye when its lid has come down: skin above a line, and the line of its lashes; by
    state. `side`: the character's own."""
    ink = lifted.ink
    box = Rect(ink.box.x, ink.box.y, ink.box.width, ink.box.height + round(0.25 * ink.box.height))
    columns = np.flatnonzero((ink.pixels[..., 3] > 128).any(axis=0))
    if len(columns) < 6:
        return {}
    upper, lower = edges(ink.within(box)[..., 3])
    reach = max(1, len(columns) // 8)
    upper, lower = smoothed(upper, reach), _even(smoothed(lower, reach), columns)
    lashes, band, upper, _ = line_of(ink, box, upper, lower, reach, is_alone=False)
    opening = Opening(box, upper, lower, band, lashes, int(columns[0]), int(columns[-1]) + 1, None, side)
    raised = upper + opening.shift(WIDE), lower
    # It covers the eye that it is made of, with no skin between them, nor any above it.
    eye = kept_below(ink, box, upper - 1)
    made = {WIDE: laid_between(eye, box, (upper, lower), raised, float(np.median(band)))}
    for state in (state for state in MADE if state != WIDE):
        skin = lifted.plate if state in SHUT else kept_above(lifted.plate, box, opening.cut(state))
        is_redrawn = state in REDRAWN
        moved = opening.bow(state) if is_redrawn else laid_along(lashes, box, upper, opening.at(state))
        made[state] = over([skin, moved])
    return {state: _behind(lid, lifted.front) for state, lid in made.items()}


def _behind(lid: Picture, front: Picture) -> Picture:
    """A lid without what of it lies behind something."""
    pixels = lid.pixels.copy()
    hidden = front.within(lid.box)[..., 3].astype(np.uint16)
    pixels[..., 3] = (pixels[..., 3] * (255 - hidden) + 127) // 255
    return Picture(pixels, lid.offset)


def _even(line: F64, columns: NDArray[np.intp]) -> F64:
    """The parabola nearest to a line in these columns: a shut lid lies in one bow, whatever the lower edge of
    what was lifted is like."""
    if len(columns) < 8:
        return line
    inner = columns[len(columns) // 10 : -(len(columns) // 10) or None]
    curve = np.polyfit(inner, line[inner], 2)
    curve[0] = min(curve[0], 0.0)  # the middle hangs lower than the ends, y being down
    base = line[inner] - curve[0] * inner.astype(np.float64) ** 2
    straight = np.polyfit(inner, base, 1)
    at = np.arange(len(line), dtype=np.float64)
    found: F64 = curve[0] * at**2 + straight[0] * at + straight[1]
    return found
