"""Pictures of a whole face each, one for each of talking and blinking: what changes with a blink becomes eyes
of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import floor

import numpy as np

from mien.art.layered.tree import union
from mien.importing.flatten import Picture
from mien.importing.models.parts import ALWAYS, OPEN, SHUT, SILENT, SPEAKING, Model, Part
from mien.importing.names import family_of, read_name
from mien.importing.pictures.differences import box_of_mask, differing, grown_mask
from mien.importing.pictures.plates import filled
from mien.types import U8, Blend, Bools, Rect, Size

_SOLID = 250
"""Alpha from which nothing shows through."""

_MOST_PIXELS = 12 << 20
"""Of what faces cover together: what is compared takes dozens of bytes a pixel."""

_MOST_HIGH = 0.4
"""How high eyes are at most, of all that is shown."""

_MOSTLY = 0.9
"""How much of the eyes' place is solid where a face is drawn around them."""


def with_own_eyes(model: Model) -> Model:
    """A model whose pictures show lids and mouth in one, with eyes of their own and mouths without those;
    any other one as it is. Raises ImageRejected, FormatError."""
    shown = [p for p in model.parts if p.visible and (not p.costumes or 0 in p.costumes)]
    faces = {(p.talk, p.blink): p for p in shown if p.talk and p.blink}
    silent, shut = faces.get((SILENT, OPEN)), faces.get((SILENT, SHUT))
    changing = [p for p in shown if p.talk or p.blink]
    if silent is None or shut is None or len(changing) != len(faces) or not _are_plain(changing, model):
        return model
    speaking = faces.get((SPEAKING, OPEN))
    left = floor(min(p.corner[0] for p in model.parts))
    top = floor(min(p.corner[1] for p in model.parts))

    def picture(part: Part) -> Picture:
        at = round(part.corner[0] - left), round(part.corner[1] - top)
        return Picture(part.pixels(), at)

    pictures = {p.key: picture(p) for p in (silent, shut, speaking) if p is not None}
    box = union(p.box for p in pictures.values())
    if box.width * box.height > min(_MOST_PIXELS, 2 * max(p.pixels[..., 0].size for p in pictures.values())):
        return model  # they lie apart, or are too large to be compared
    mask = differing(pictures[silent.key].within(box), pictures[shut.key].within(box))
    mask = grown_mask(mask, max(1, box.width // 150))
    eyes = box_of_mask(mask)
    high = max(p.corner[1] + p.size.height for p in shown) - min(p.corner[1] for p in shown)
    if not eyes.width or eyes.height > _MOST_HIGH * high:  # as in a picture that is drawn anew
        return model
    changed: dict[str, tuple[Part, ...]] = {}
    lids = pictures[shut.key].within(box)
    for part in (silent, speaking):
        if part is not None:
            bare = _without(pictures[part.key], lids, mask, box)
            changed[part.key] = (replace(part, blink=ALWAYS, pixels=_given(bare)),)
    at = Rect(box.x + eyes.x, box.y + eyes.y, eyes.width, eyes.height)
    corner = float(at.x + left), float(at.y + top)
    depth = max(p.depth for p in (silent, speaking) if p is not None)
    within = mask[eyes.y : eyes.y + eyes.height, eyes.x : eyes.x + eyes.width]
    changed[shut.key] = ()
    made = []
    for part, blink, name in ((silent, OPEN, "eyes"), (shut, SHUT, "eyes shut")):
        own = pictures[part.key].within(at)
        own[~within] = 0
        eye = Part(
            f"{part.key} {name}", f"{part.name} {name}", silent.key, corner, Size(eyes.width, eyes.height),
            silent.pivot, _given(own), depth, ALWAYS, blink, silent.costumes,
        )  # fmt: skip
        made.append(eye)
    parts = [new for part in model.parts for new in changed.get(part.key, (part,))]
    return replace(model, parts=(*parts, *made))


def _given(pixels: U8) -> Callable[[], U8]:
    return lambda: pixels


def _are_plain(parts: Iterable[Part], model: Model) -> bool:
    """Whether nothing but pixels counts in them, and no name says that they are eyes or hair."""
    clips = {part.key for part in model.parts if part.clips}
    return all(
        part.opacity >= 1
        and part.blend == Blend.NORMAL
        and not part.clips
        and part.parent not in clips
        and family_of(read_name(part.name).role) not in ("eye", "brow", "hair")
        for part in parts
    )


def _without(picture: Picture, lids: U8, mask: Bools, box: Rect) -> U8:
    """A picture without its eyes: skin of the colour around them where the face is solid, so that nothing
    shows through a seam, and clear elsewhere."""
    whole = picture.within(box)
    solid = (whole[..., 3] >= _SOLID) & (lids[..., 3] >= _SOLID)
    if solid[mask].mean() > _MOSTLY:
        whole[..., :3] = np.where(mask[..., None], _skin(whole, mask), whole[..., :3])
    else:
        whole[mask] = 0
    own = picture.box
    found: U8 = whole[own.y - box.y :, own.x - box.x :][: own.height, : own.width]
    return found


def _skin(pixels: U8, unknown: Bools) -> U8:
    """(h, w, 3): colours, with those that are unknown made of what lies around them."""
    place = box_of_mask(unknown)
    margin = max(2, place.width // 20)
    rows = slice(max(0, place.y - margin), place.y + place.height + margin)
    columns = slice(max(0, place.x - margin), place.x + place.width + margin)
    out = pixels[..., :3].copy()
    colours = filled(pixels[rows, columns, :3].astype(np.float64), unknown[rows, columns])
    out[rows, columns] = np.rint(np.clip(colours, 0, 255))
    return out
