"""The lids of a set of pictures: as it has them, as one of its faces has its eyes shut, else made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from mien.art.folder import in_threads
from mien.importing.flatten import Picture, over
from mien.importing.labels import Label
from mien.importing.pictures.differences import components, grown_mask, within
from mien.importing.pictures.faces import BEFORE_LIDS, Faces
from mien.importing.pictures.frames import Frame, read_ahead
from mien.importing.pictures.lifting_eyes import lids, lift_eye, look, place_about
from mien.importing.pictures.places import FacePlaces, mask_of
from mien.importing.pictures.plates import cut, skin_distance
from mien.importing.pictures.rows import DIFFERS, MADE
from mien.importing.pictures.speaking import Mouths
from mien.importing.pictures.work import Work, grown_box
from mien.types import F64, U8, Bools, Rect

_DRAWN: Final = 60.0
"""Distance from the skin's colour, of 255 in each channel together, from which a pixel is drawn on it."""
_LEFT: Final = 0.45
"""Of what is drawn of an open eye, how much a shut one has at most;"""
_LEAST: Final = 0.04
"""and at least: a line."""
_ABOUT: Final = 0.3
"""How far a shut eye reaches beyond the box of the open one, in its sides."""
_CREASE: Final = 0.08
"""Of the larger eye, how much the crease of a lid has at most, which lies above the eye."""


def add_lids(work: Work, places: FacePlaces, faces: Faces, mouths: Mouths) -> None:
    """Add shut eyes that lie over every face: as the set or one of its faces has them, else made of the plain
    ones. A face whose own eyes are both shut does not blink: they would show below a lid that comes."""
    for expression, frame in _firsts(work):
        pixels, mask = frame.read(), work.differs[frame.name]
        if len(places.eyes) == 2 and all(
            _line(work.pixels, pixels, mask, box) is not None for box in places.eyes
        ):
            faces.of(expression).is_shut = True
    _add_lids(work, places, faces, mouths)


def _firsts(work: Work) -> list[tuple[str, Frame]]:
    """Each face that differs from the plain one and is no other pose, with its mouth shut."""
    firsts = ((name, frame) for name in work.frames.expressions for frame in work.frames.of(name)[:1])
    return [(name, frame) for name, frame in firsts if frame.name in work.differs]


def _add_lids(work: Work, places: FacePlaces, faces: Faces, mouths: Mouths) -> None:
    shut = [f for f in work.frames.frames if f.shut and f.name in work.differs]
    found = None
    if shut:
        frame = min(shut, key=lambda f: (f.mouth, f.expression != work.plain.expression))
        found = frame, work.differs[frame.name]
    elif "eye" not in work.why:  # the pictures themselves say where the eyes are: they lie alike
        found = _shut_in(work, places)
    if found is not None:
        frame, mask = found
        pixels = within(frame.read(), grown_mask(mask & ~mouths.area, 2))
        for side, part in _parted(pixels, places):
            label = Label("eye", side, "closed", "given", why=f"as {frame.name} has them")
            work.add((frame.name, f"eyes {side}".strip()), "eyes", part, label)
        faces.has_lids = True
        return
    _made_lids(work, places, faces, mouths.skin())


def _parted(pixels: U8, places: FacePlaces) -> list[tuple[str, Picture]]:
    """Pictures of shut eyes by the character's own side; as one where one eye was found."""
    whole = Picture(pixels, (0, 0))
    if len(places.eyes) < 2:
        return [("", whole)]
    right, left = places.right, places.left
    middle = round((right.x + right.width + left.x) / 2)
    return [
        ("right", Picture(pixels[:, :middle], (0, 0))),
        ("left", Picture(pixels[:, middle:], (middle, 0))),
    ]


def _made_lids(work: Work, places: FacePlaces, faces: Faces, skin: F64 | None) -> None:
    """Layers for each eye from open to shut, with skin that covers it in every face; and over them what a
    face has there beside its eyes, as a lowered brow."""
    fronts: dict[Frame, list[Picture]] = {}
    boxes = {"right": places.right, "left": places.left}
    abouts = {side: place_about(box, work.frames.canvas) for side, box in boxes.items() if box.width}
    found = _parts_of_faces(work, abouts)
    for side, place in abouts.items():
        box, parts = boxes[side], found[side]
        looked = in_threads(lambda part: look(part, place, box, skin), parts.values())  # noqa: B023
        eyes = {frame: eye for frame, eye in zip(parts, looked, strict=True) if eye is not None}
        lifted = lift_eye(work.pixels, box, skin, [*eyes.values()])
        if lifted is None:
            continue
        for state, picture in lids(lifted, side).items():
            label = Label("eye", side, state, "given", why=work.why.get("eye", DIFFERS))
            work.add((MADE, f"eye {side}", state), f"eye {side}", picture, label)
            faces.has_lids = True
        cover = (lifted.plate.pixels[..., 3] > 128) & (lifted.front.pixels[..., 3] < 128)
        for frame, eye in eyes.items():
            if (before := eye.before(parts[frame], cover)) is not None:
                fronts.setdefault(frame, []).append(Picture(before, (place.x, place.y)))
    for frame, pictures in fronts.items():
        label = Label(how="given", why="by the set of pictures")
        work.add((frame.name, BEFORE_LIDS), frame.expression, over(pictures), label)


def _parts_of_faces(work: Work, places: Mapping[str, Rect]) -> dict[str, dict[Frame, U8]]:
    """For each place, what lies there in each face that differs there from the plain one."""
    changed = {
        frame: [name for name, place in places.items() if cut(work.differs[frame.name], place).any()]
        for _, frame in _firsts(work)
    }
    found: dict[str, dict[Frame, U8]] = {name: {} for name in places}
    for frame, pixels in read_ahead([frame for frame, names in changed.items() if names]):
        for name in changed[frame]:
            found[name][frame] = cut(pixels, places[name]).copy()
    return found


def _shut_in(work: Work, places: FacePlaces) -> tuple[Frame, Bools] | None:
    """A face whose eyes are shut, in lines whose middle hangs, with where it differs at the eyes from the
    plain one, (h, w); None where both eyes are shut in none."""
    if len(places.eyes) < 2:
        return None
    for _, frame in _firsts(work):
        pixels, mask = frame.read(), work.differs[frame.name]
        if all(_is_shut(work.pixels, pixels, mask, box) for box in places.eyes):
            return frame, _at_eyes(mask, places)
    return None


def _is_shut(plain: U8, face: U8, mask: Bools, box: Rect) -> bool:
    """Whether an eye that is open in the plain picture is one line in a face, whose middle hangs."""
    now = _line(plain, face, mask, box)
    if now is None:
        return False
    rows, columns = np.nonzero(now)
    ends = np.percentile(columns, (20, 40, 60, 80))
    middle = rows[(columns > ends[1]) & (columns < ends[2])]
    outer = rows[(columns < ends[0]) | (columns > ends[3])]
    return len(middle) > 0 and len(outer) > 0 and float(middle.mean()) > float(outer.mean())


def _line(plain: U8, face: U8, mask: Bools, box: Rect) -> Bools | None:
    """What is drawn in a face where the plain picture has an open eye, (h, w) of the box; None where that is
    more than a line."""
    changed = cut(mask, box).astype(bool)
    was, now = (changed & (skin_distance(cut(pixels, box)) > _DRAWN) for pixels in (plain, face))
    is_line = _LEAST * was.sum() < now.sum() < _LEFT * was.sum() and was.sum() >= 0.2 * was.size
    return now if is_line else None


def _at_eyes(mask: Bools, places: FacePlaces) -> Bools:
    """What of a mask belongs to the eyes: brows and tears that differ as well do not."""
    near = np.zeros_like(mask)
    inside = np.zeros_like(mask)
    for box in places.eyes:
        near |= mask_of(grown_box(box, _ABOUT), mask.shape)
        inside |= mask_of(box, mask.shape)
    found = np.zeros_like(mask)
    parts = components(mask, 2)
    for one in parts:
        area = slice(one.box.y, one.box.y + one.box.height), slice(one.box.x, one.box.x + one.box.width)
        is_crease = one.count < _CREASE * parts[0].count and not (one.mask & ~near[area]).any()
        if is_crease or (one.mask & inside[area]).sum() > 0.5 * one.count:
            found[area] |= one.mask
    return np.asarray(found & near)
