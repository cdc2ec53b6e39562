"""What is drawn on skin, lifted off it: the skin without it, and the drawing without the skin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.art.layered.tree import overlap
from mien.importing.flatten import EMPTY, Picture
from mien.importing.pictures.differences import around, components, grown_mask
from mien.types import F64, U8, Bools, Rect

_DRAWN = 30.0
"""Distance from the skin's colour, of 255 in each channel together, from which a pixel is drawn on it."""

_SAME = 9.0
"""The same up to which a pixel is as the skin below it: nobody sees it."""


_RELAXED = 12
"""How often each pixel of a hole becomes the mean of its neighbours, at each size of the picture."""

_FAINT = 0.3
"""How far from the skin's colour a crease is at most, in distances of what of a mouth is furthest."""


@dataclass(frozen=True, slots=True, eq=False)
class Lifted:
    """Part of a picture taken apart."""

    plate: Picture
    """The skin, as it might be without the drawing: covers all of the drawing, opaque where that is."""
    ink: Picture
    """The drawing. Over the plate it looks as the picture did."""
    front: Picture = EMPTY
    """What lies before both, as hair and the rims of glasses do."""


def lift(pixels: U8, box: Rect, differs: Bools | None, changing: Bools | None = None) -> Lifted | None:
    """Take what is drawn in a box off its skin; None where there is nothing.

    `pixels`: the whole picture. `differs`: (h, w) of the picture, what is part of the drawing in any case,
    as it differs between pictures. `changing`: (h, w), what differs in any picture of a set: what lies all
    above that, as a nose does, stays on the skin.
    """
    margin = max(4, round(0.14 * max(box.width, box.height)))
    around_it = overlap(
        Rect(box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin),
        Rect(0, 0, pixels.shape[1], pixels.shape[0]),
    )
    part = cut(pixels, around_it)
    sure = None if differs is None else cut(differs, around_it).astype(bool)
    distance = skin_distance(part)
    drawn = _drawn(part, sure, margin, distance)
    if changing is not None:
        drawn = _without_nose(drawn, cut(changing, around_it).astype(bool))
    crease = _creases(drawn, distance)
    hole = grown_mask(drawn & ~crease, max(1, margin // 6)) & ~grown_mask(crease, 1)
    if not hole.any():
        return None
    plate = part.copy()
    plate[..., :3] = np.rint(filled(part[..., :3].astype(np.float64), hole | (part[..., 3] < 200)))
    soft = np.clip(1.5 * around(hole, 1), 0.0, 1.0)
    skin = plate.copy()
    skin[..., 3] = np.where(hole | (soft > 0), part[..., 3], 0)
    ink = part.copy()
    # What is as the skin is no part of it: it would be in the way where the drawing is bent.
    other = np.abs(part[..., :3].astype(np.float64) - plate[..., :3]).sum(axis=-1) > _SAME
    ink[..., 3] = np.where(hole & grown_mask(other, 1), part[..., 3], 0)
    corner = around_it.x, around_it.y
    return Lifted(Picture(skin, corner), Picture(ink, corner))


def cut(array: U8 | Bools, box: Rect) -> U8:
    """What of an array (h, w, ...) lies in a box that is within it."""
    return array[box.y : box.y + box.height, box.x : box.x + box.width]  # type: ignore[return-value]


def _drawn(part: U8, sure: Bools | None, margin: int, distance: F64) -> Bools:
    """What of a part of a picture is no skin: what is certain, and what lies on skin inside the margin.
    `distance`: from its skin."""
    drawn = (distance > _DRAWN) & (part[..., 3] > 128)
    inner = np.zeros_like(drawn)
    inner[margin // 2 : -(margin // 2) or None, margin // 2 : -(margin // 2) or None] = True
    kept = np.zeros_like(drawn) if sure is None else sure.copy()
    height, width = drawn.shape
    for one in components(drawn, 2):
        box = one.box
        at_edge = (
            box.x <= 1 or box.y <= 1 or box.x + box.width >= width - 1 or box.y + box.height >= height - 1
        )
        rows, columns = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)
        own = one.mask
        if at_edge:  # hair, an outline of the face: only what is in the middle is the drawing's
            own = own & inner[rows, columns]
            if sure is not None:
                own = own & grown_mask(sure, margin)[rows, columns]
        kept[rows, columns] |= own
    return kept


def _without_nose(drawn: Bools, changing: Bools) -> Bools:
    """What of a drawing does not lie all above what changes of it."""
    top = int(np.argmax((drawn & changing).any(axis=1)))  # the first row where nothing does
    out = np.zeros_like(drawn)
    for one in components(drawn, 2):
        box = one.box
        if box.y + box.height > top:
            out[box.y : box.y + box.height, box.x : box.x + box.width] |= one.mask
    return out


def _creases(drawn: Bools, distance: F64) -> Bools:
    """What of a drawing is faint and lies below the most of it: the shade of a lip, a crease of the chin. It
    stays on the skin: in a mouth that is made of this one it would be pulled about."""
    found = np.zeros_like(drawn)
    if not drawn.any():
        return found
    strong = distance > _FAINT * np.percentile(distance[drawn], 90)
    main = next(iter(components(drawn & strong, 1)), None)
    if main is not None:
        below = slice(main.box.y + main.box.height + 1, None)
        found[below] = (drawn & ~strong)[below]
    return found


def skin_distance(part: U8) -> F64:
    """How far each pixel is from the skin of a part of a picture, which may grow darker to one side: (h, w),
    of 255 in each channel together."""
    colours = part[..., :3].astype(np.float64)
    opaque = part[..., 3] > 200
    if not opaque.any():
        return np.zeros(part.shape[:2])
    light = colours @ (0.299, 0.587, 0.114)
    bright = opaque & (light >= np.percentile(light[opaque], 45))
    skin = np.median(colours[bright], axis=0)
    height, width = part.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width]
    terms = np.stack((np.ones(height * width), rows.ravel() / height, columns.ravel() / width), axis=1)
    near = opaque & (np.abs(colours - skin).sum(axis=-1) < 90)
    for _ in range(2):
        if near.sum() < 12:
            break
        chosen = near.ravel()
        fitted, *_rest = np.linalg.lstsq(terms[chosen], colours.reshape(-1, 3)[chosen], rcond=None)
        model = (terms @ fitted).reshape(height, width, 3)
        near = opaque & (np.abs(colours - model).sum(axis=-1) < 42)
        skin = model
    found: F64 = np.where(opaque, np.abs(colours - skin).sum(axis=-1), 0.0)
    return found


def filled(colours: F64, hole: Bools) -> F64:
    """Colours, (h, w, 3) float, with a hole in them filled from all around it, smoothly."""
    if not hole.any() or hole.all():
        return colours
    return np.where(
        hole[..., None], _pyramid(colours * ~hole[..., None], (~hole).astype(np.float64)), colours
    )


def _pyramid(sums: F64, weight: F64) -> F64:
    """Weighted colours with every pixel without weight filled from coarser versions of the picture."""
    height, width = weight.shape
    own = np.divide(sums, weight[..., None], out=np.zeros_like(sums), where=weight[..., None] > 0)
    if (weight > 0).all() or max(height, width) == 1:
        return own
    pad = ((0, height % 2), (0, width % 2))
    padded, weights = np.pad(sums, (*pad, (0, 0))), np.pad(weight, pad)
    half = padded.reshape(padded.shape[0] // 2, 2, -1, 2, 3).sum(axis=(1, 3))
    halved = weights.reshape(weights.shape[0] // 2, 2, -1, 2).sum(axis=(1, 3))
    scale = np.maximum(1.0, halved)
    coarse = _pyramid(half / scale[..., None], halved / scale)
    wide = coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    known = weight[..., None] > 0
    out = np.where(known, own, wide)
    for _ in range(_RELAXED):  # at each size, so that no edges of coarse pixels are left
        padded = np.pad(out, ((1, 1), (1, 1), (0, 0)), mode="edge")
        mean = (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4
        out = np.where(known, own, mean)
    return out
