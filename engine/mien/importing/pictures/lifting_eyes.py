"""An eye taken off the skin by its dark lines: lashes and iris, and what they enclose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.art.layered.tree import overlap
from mien.importing.flatten import Picture, over
from mien.importing.lash_lines import line_of
from mien.importing.lid_lines import MADE, REDRAWN, SHUT, WIDE, Opening
from mien.importing.pictures.differences import around, components, grown_mask
from mien.importing.pictures.plates import Lifted, cut, filled
from mien.importing.warping import edges, kept_above, kept_below, laid_along, laid_between, smoothed
from mien.types import F64, U8, Bools, Rect

_TIP = 0.25
"""How long tips of lashes are at most, of an eye's width."""

_SIDE = 3
"""Columns at the temple in which hair is looked for."""

_MOSTLY = 0.6
"""Share of those that is no skin where hair is."""

_LIKE_HAIR = 110.0
"""Distance from the colour of hair up to which it may be that, shaded or lit; as `_LIKE_SKIN`."""

_LIKE_SKIN = 75.0
"""Distance from the skin's colour, of 255 in each channel together, up to which it may be shaded skin."""

_PLAIN = 40.0
"""The same up to which pixels have one colour."""
_FEW = 20
"""So many pixels tell no colour."""


def lift_eye(pixels: U8, box: Rect, skin: F64 | None, side: str) -> Lifted | None:
    """The eye in a box, whatever hangs into its corners; None where nothing there is dark.

    `pixels`: the whole picture, (h, w, 4) uint8 straight. `skin`: the colour of the face, (3,), 0..255; None
    where it is not known. `side`: the character's own.
    """
    margin = max(3, round(0.14 * box.width))
    place = overlap(
        Rect(box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin),
        Rect(0, 0, pixels.shape[1], pixels.shape[0]),
    )
    if place.width < 8 or place.height < 6:
        return None
    part, skin = cut(pixels, place), _skin_at(pixels, box, skin)
    inside = _enclosed(part, place, box, side)
    if inside is None:
        return None
    colours = part[..., :3].astype(np.float64)
    far = np.zeros(part.shape[:2]) if skin is None else np.abs(colours - skin).sum(axis=-1)
    inside = _out_to_skin(inside, far > _LIKE_SKIN)
    inside = _down_to_skin(inside, far > 0.6 * _LIKE_SKIN)
    hole = grown_mask(inside, max(1, round(0.03 * box.width))) & ~_hair(part, inside, far, side)
    if not hole.any():
        return None
    plate, ink = part.copy(), part.copy()
    unknown = grown_mask(hole, 1) | (part[..., 3] < 200) | (far > _LIKE_SKIN)
    if unknown.mean() > 0.97:
        return None
    plate[..., :3] = np.rint(filled(colours, unknown))
    plate[..., 3] = np.rint(255 * np.clip(around(grown_mask(hole, 1), 1), 0, 1))
    ink[..., 3] = np.where(hole, part[..., 3], 0)
    return Lifted(Picture(plate, (place.x, place.y)), Picture(ink, (place.x, place.y)))


def _skin_at(pixels: U8, box: Rect, skin: F64 | None) -> F64 | None:
    """The colour of the skin at an eye: that below it where it is plain and another than that of the face, as
    beside a muzzle; not hair, which is darker."""
    below = Rect(box.x + box.width // 5, box.y + box.height, 3 * box.width // 5, max(2, box.height // 4))
    part = cut(pixels, overlap(below, Rect(0, 0, pixels.shape[1], pixels.shape[0])))
    own = part[part[..., 3] > 200][:, :3].astype(np.float64)
    if skin is None or len(own) < _FEW:
        return skin
    found: F64 = np.median(own, axis=0)
    is_plain = float((np.abs(own - found).sum(axis=-1) < _PLAIN).mean()) > 0.6
    is_other = float(np.abs(found - skin).sum()) > _LIKE_SKIN and found.sum() > 0.7 * skin.sum()
    return found if is_plain and is_other else skin


def _hair(part: U8, inside: Bools, far: F64, side: str) -> Bools:
    """Hair that hangs before an eye at the temple, (h, w): what has the colour of most of that side, and
    leads to it. `inside`: the eye. `far`: how far from the skin's colour each pixel is, of 255 in each
    channel together."""
    outer = slice(-_SIDE, None) if side == "left" else slice(_SIDE)
    at_side = np.zeros(far.shape, bool)
    at_side[:, outer] = (far > _LIKE_SKIN)[:, outer] & (part[..., 3] > 128)[:, outer]
    found = np.zeros(far.shape, bool)
    if at_side[:, outer].mean() < _MOSTLY:
        return found
    colours = part[..., :3].astype(np.float64)
    like = (np.abs(colours - np.median(colours[at_side], axis=0)).sum(axis=-1) < _LIKE_HAIR) & (
        part[..., 3] > 128
    )
    for one in components(like):
        area = slice(one.box.y, one.box.y + one.box.height), slice(one.box.x, one.box.x + one.box.width)
        if (at_side[area] & one.mask).any():
            found[area] |= one.mask
    middle = far.shape[1] // 2
    if (found & inside)[:, slice(middle) if side == "left" else slice(middle, None)].any():  # lashes as well
        return np.zeros(far.shape, bool)
    return ~grown_mask(~grown_mask(found, 4), 3)  # with lines between locks, and its outline


def _enclosed(part: U8, place: Rect, box: Rect, side: str) -> Bools | None:
    """What the dark lines in the middle of a box enclose: (h, w) of the part."""
    rows, columns = np.mgrid[0 : place.height, 0 : place.width]
    x = (columns + place.x - box.x - box.width / 2) / (0.5 * box.width)
    y = (rows + place.y - box.y - box.height / 2) / (0.5 * box.height)
    within = x * x + y * y <= 1
    light = part[..., :3].astype(np.float64) @ (0.299, 0.587, 0.114)
    light[part[..., 3] < 128] = 255
    low, high = np.percentile(light[within], (3, 85))
    if high - low < 40:
        return None
    dark = within & (light < low + 0.22 * (high - low))
    dark &= around(dark, 1) > 0.45  # hairs are thin, and lead away from the eye
    found = components(dark, 2)
    if not found:
        return None
    kept = np.zeros_like(dark)
    middle = np.exp(-2.5 * (x * x + y * y))

    def weight(index: int) -> float:
        at = found[index].box
        area = (slice(at.y, at.y + at.height), slice(at.x, at.x + at.width))
        return float(middle[area][found[index].mask].sum())

    weights = [weight(i) for i in range(len(found))]
    for one, own in zip(found, weights, strict=True):
        at = one.box
        is_low = at.y + at.height > 0.35 * place.height  # brows lie above
        if own > 0.12 * max(weights) and is_low:
            kept[at.y : at.y + at.height, at.x : at.x + at.width] |= one.mask
    if not kept.any():
        return None
    kept = _to_nose(kept, within & (light < low + 0.42 * (high - low)), side)
    dark = light < low + 0.42 * (high - low)
    return hull(_to_tip(_to_tip(kept, dark, box.width, 1), dark, box.width, -1))


def _to_nose(kept: Bools, dark: Bools, side: str) -> Bools:
    """A line with what of it is less dark and goes on to the nose, as where light falls on it; what goes on
    to the temple may be hair."""
    rows, columns = (np.flatnonzero(kept.any(axis=axis)) for axis in (1, 0))
    middle = (columns[0] + columns[-1]) // 2
    more = dark & ~kept
    more[: rows[0]] = more[rows[-1] + 1 :] = False
    more[:, slice(middle, None) if side == "left" else slice(middle)] = False
    near, out = grown_mask(kept, 2), kept.copy()
    for one in components(more, 2):
        area = slice(one.box.y, one.box.y + one.box.height), slice(one.box.x, one.box.x + one.box.width)
        if (one.mask & near[area]).any():
            out[area] |= one.mask
    return out


def _out_to_skin(inside: Bools, drawn: Bools) -> Bools:
    """An area with all that is drawn together with it, where skin is all around that: no hair, no glasses."""
    out = inside.copy()
    height, width = drawn.shape
    for one in components(drawn, 1):
        box = one.box
        area = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)
        is_free = box.x and box.y and box.x + box.width < width and box.y + box.height < height
        if (one.mask & inside[area]).any():
            if not is_free:
                return inside
            out[area] |= one.mask
    return hull(out)


def _to_tip(kept: Bools, dark: Bools, width: int, step: int) -> Bools:
    """A line with its end beyond where it was looked for, column by column to the one side (`step`): as far
    as it grows thinner, as tips of lashes do; where it grows thicker it meets hair or glasses."""
    out = kept.copy()
    columns = np.flatnonzero(kept.any(axis=0))
    at = int(columns[-1 if step > 0 else 0])
    rows = np.flatnonzero(kept[:, at])
    # Where it was looked for may cut it: as thick as it is somewhat further in.
    inner = columns[np.abs(columns - at) <= 0.06 * width]
    thick = 2 + int(kept[:, inner].sum(axis=0).max())
    for column in range(at + step, at + step * round(_TIP * width), step):
        if not 0 <= column < dark.shape[1]:
            break
        ends = np.flatnonzero(np.diff(dark[:, column], prepend=False, append=False))
        shared = np.minimum(ends[1::2], rows[-1] + 2) - np.maximum(ends[::2], rows[0] - 1)
        if not len(shared) or shared.max() <= 0:
            break
        best = 2 * int(shared.argmax())
        if ends[best + 1] - ends[best] > thick:
            break
        rows = np.arange(ends[best], ends[best + 1])
        thick = min(thick, 2 + len(rows))
        out[rows, column] = True
    return out


def _down_to_skin(inside: Bools, drawn: Bools) -> Bools:
    """An area with what is drawn right below its middle: light irises end in no dark line."""
    out = inside.copy()
    columns = np.flatnonzero(inside.any(axis=0))
    # Of some eyes the lashes alone are dark, and the area is no higher than those.
    rows = np.count_nonzero(inside.any(axis=1))
    most = round(max(0.35 * rows, 0.6 * np.count_nonzero(inside.any(axis=0))))
    for column in columns[len(columns) // 6 : -(len(columns) // 6) or None]:
        low = int(np.flatnonzero(inside[:, column])[-1])
        run = drawn[low : low + most, column]
        end = int((~run).argmax()) if not run.all() else len(run)
        if end < len(run):  # hair goes on and on
            out[low : low + end, column] = True
    return hull(out)


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
    return made


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
