"""A set of whole pictures as layers: the plain figure without its mouth, what faces change, mouths, lids."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from mien.art.layered.tree import overlap, union
from mien.errors import FormatError
from mien.importing.artwork import Artwork
from mien.importing.flatten import Picture
from mien.importing.labels import Label
from mien.importing.pictures.differences import (
    POSE,
    box_of_mask,
    components,
    dense,
    differing,
    grown_mask,
    within,
)
from mien.importing.pictures.faces import Faces
from mien.importing.pictures.frames import NEUTRAL, Frame, FrameSet, read_ahead
from mien.importing.pictures.places import (
    NOWHERE,
    FacePlaces,
    eyes_above,
    find_places,
    mask_of,
    mouth_below,
    pair_in,
)
from mien.importing.pictures.plates import cut
from mien.importing.pictures.posed import add_posed
from mien.importing.pictures.rows import DIFFERS
from mien.importing.pictures.seeking import eyes_as_seen
from mien.importing.pictures.shut_eyes import add_lids
from mien.importing.pictures.speaking import Mouths
from mien.importing.pictures.work import Work, grown_box
from mien.importing.source import Source
from mien.messages import printable
from mien.types import Bools, Rect, Size

_ABOUT_FACE: Final = 0.6
"""Least share of what differs that lies about the eyes and the mouth, where faces alone differ: 0.7 to 1 in
packs that were at hand, least where brows move, and less than a third in one whose heads move."""
_PLAIN = Label(how="given", why="by the set of pictures")
BY_BOXES: Final = "given by [boxes]"
_LOOKED_FOR: Final = "by its place: a face in the plain picture"

Boxes = Mapping[str, Rect]
"""`mouth`, `eye_left`, `eye_right`: where somebody says that they are, in pixels of the file."""
NO_BOXES: Final[Boxes] = MappingProxyType({})


def take_apart(frames: FrameSet, boxes: Boxes = NO_BOXES) -> Artwork:
    """The layers of a set, with what they are, and its faces."""
    plain = plain_frame(frames)
    pixels = plain.read()
    work = Work(frames, plain, pixels, np.zeros(pixels.shape[:2], np.int32))
    work.warnings += frames.warnings
    _compare(work)
    places = _given(boxes, frames, _places(work, boxes))
    work.why |= {name.partition("_")[0]: BY_BOXES for name in boxes}
    work.unsure -= {name.partition("_")[0] for name in boxes}
    if work.unsure:
        work.warnings.append(_doubt(work, places))
    faces = Faces(work.poses, {}, unsure=work.unsure, plain=plain.name)
    mouths = Mouths(work, places.mouth)
    work.add((plain.name,), plain.name, mouths.bare(), _PLAIN, visible=True)
    _overlays(work, mouths, faces)
    mouths.add(faces)
    add_posed(work, faces)
    add_lids(work, places, faces, mouths)
    source = Source(frames.canvas, tuple(work.items), tuple(work.warnings), frames.scale)
    return Artwork(source, work.given, faces)


def _doubt(work: Work, places: FacePlaces) -> str:
    """What was guessed, where it was found in pixels of the plain picture, and what to do."""
    what = " and ".join(part for part in ("eyes", "mouth") if part.removesuffix("s") in work.unsure)
    named = {"eye_right": places.right, "eye_left": places.left, "mouth": places.mouth}
    (x, y), scale = work.plain.corner, work.frames.scale
    found = []
    for name, box in named.items():
        if box.width and name.partition("_")[0] in work.unsure:
            left, top, *size = (round(value / scale) for value in box)
            found.append(f"{name} = {[left - x, top - y, *size]}")
    return (
        f"{what}: guessed from where the pictures differ; look at the sheet, and if lids or mouths lie wrong "
        f"there, mend the numbers (left, top, width, height in {printable(work.plain.name)}) of "
        f"{', '.join(found)} under [boxes] in a file for `mien import --map`"
    )


def _given(boxes: Boxes, frames: FrameSet, found: FacePlaces) -> FacePlaces:
    """Places with those that somebody said. Raises FormatError for one beyond the picture."""
    x, y = plain_frame(frames).corner
    moved = {name: Rect(box.x + x, box.y + y, *box[2:]) for name, box in boxes.items()}
    scaled = scaled_boxes(moved, frames.canvas, frames.scale)
    return FacePlaces(
        scaled.get("eye_right", found.right),
        scaled.get("eye_left", found.left),
        scaled.get("mouth", found.mouth),
    )


def scaled_boxes(boxes: Boxes, canvas: Size, scale: float) -> dict[str, Rect]:
    """Boxes in pixels of the file on a canvas of so many pixels for each of those. Raises FormatError for one
    that reaches beyond it."""
    scaled = {name: Rect(*(round(value * scale) for value in box)) for name, box in boxes.items()}
    for name, box in scaled.items():
        inside = overlap(box, Rect(0, 0, *canvas))
        if (inside.width, inside.height) != (box.width, box.height):
            raise FormatError(f"boxes.{name} reaches beyond the plain picture; write where it is on it.")
    return scaled


def plain_frame(frames: FrameSet) -> Frame:
    """The picture of the plain face: neutral, else the first, with the mouth and eyes as they mostly are."""
    for name in (NEUTRAL, *frames.expressions):
        own = frames.of(name)
        if own:
            return own[0]
    return frames.frames[0]


def _compare(work: Work) -> None:
    """Find where each picture differs from the plain one, and which are other poses."""
    figure = max(1, int((work.pixels[..., 3] > 8).sum()))
    others = [frame for frame in work.frames.frames if frame is not work.plain]
    for frame, pixels in read_ahead(others):
        first = work.frames.of(frame.expression, shut=frame.shut)[0]
        if first.name in work.poses:  # neither speaks nor blinks
            work.poses.add(frame.name)
            continue
        mask = differing(work.pixels, pixels)
        if mask.sum() > POSE * figure:
            work.poses.add(frame.name)
            continue
        work.differs[frame.name] = mask
        if frame.mouth == 0.0 and not frame.shut and mask.any():
            work.votes += mask
            work.count += 1


def _places(work: Work, boxes: Boxes) -> FacePlaces:
    """Where the eyes and the mouth are: from pictures that the set has for them, else from all faces.
    `boxes`: of what nobody need look for, nothing is said."""
    mouth = right = left = NOWHERE
    shut = [f for f in work.frames.frames if f.shut and f.name in work.differs]
    wide = [f for f in work.frames.of(work.plain.expression) if f.mouth > 0 and f.name in work.differs]
    if wide:
        mouth = _main_box(work.differs[wide[-1].name])
    if shut:
        mask = work.differs[shut[0].name].copy()
        if shut[0].mouth > 0 and mouth.width:
            mask &= ~mask_of(mouth, mask.shape)
        right, left = pair_in(mask) or (_main_box(mask), NOWHERE)
    moved = False
    if not (mouth.width and right.width) and work.count:
        found = _by_differences(work, FacePlaces(right, left, mouth))
        moved = found is None
        found = found or FacePlaces(NOWHERE, NOWHERE, NOWHERE)
        mouth = mouth if mouth.width else found.mouth
        right, left = (right, left) if right.width else (found.right, found.left)
    if mouth.width and not right.width and (pair := eyes_above(work.pixels, mouth)) is not None:
        right, left = pair
        work.why["eye"] = _LOOKED_FOR
    found = FacePlaces(right, left, mouth)
    if found.mouth.width or (work.count and not moved):
        return found
    face = work.face
    work.why = dict.fromkeys(("eye", "mouth"), _LOOKED_FOR)
    of_boxes = {name.partition("_")[0] for name in boxes}
    sought = [what for what, name in (("eyes", "eye"), ("mouth", "mouth")) if name not in of_boxes]
    if sought and (face is not None or moved or work.poses):
        was = "was" if sought == ["mouth"] else "were"
        came = "looked for in the plain one" if face is not None else "not found"
        what, where = " and ".join(sought), "it is" if sought == ["mouth"] else "they are"
        work.warnings.append(
            f"the pictures cannot be compared, as more than faces changes: {what} {was} {came}; "
            f"{boxes_asked(where)}"
        )
    return face or found


def _by_differences(work: Work, known: FacePlaces) -> FacePlaces | None:
    """The eyes and the mouth from where faces differ; None where more than faces does. `known`: what the set
    has pictures for."""
    if len(known.eyes) == 2:
        return FacePlaces(known.right, known.left, mouth_below(work.votes, known.right, known.left))
    found = find_places(work.votes, work.count)
    is_face = bool(known.mouth.width or known.right.width) or _is_face_alone(work, found)
    below = _below_seen(work)
    if below is not None and (not is_face or not found.mouth.width or _are_brows(found, below)):
        return below
    if not is_face:
        return None
    seen_too = eyes_as_seen(work.pixels, work.face, found)
    if seen_too is found and not (known.mouth.width or known.right.width):
        boxes = {"eye": found.right, "mouth": found.mouth}
        work.unsure |= {what for what, box in boxes.items() if box.width}
        work.why |= dict.fromkeys(work.unsure, DIFFERS)
    return seen_too


def _below_seen(work: Work) -> FacePlaces | None:
    """The eyes that the plain picture shows, and what differs below them, if that is where it shows a mouth:
    in many sets brows differ most, and would be taken for the eyes."""
    seen = work.face
    if seen is None:
        return None
    found = FacePlaces(seen.right, seen.left, mouth_below(work.votes, seen.right, seen.left))
    is_there = overlap(found.mouth, seen.mouth).width > 0
    return found if is_there and _is_face_alone(work, found) else None


def _are_brows(found: FacePlaces, seen: FacePlaces) -> bool:
    """Whether what was found lies all above the middle of the eyes that are seen."""
    pairs = zip((found.right, found.left), (seen.right, seen.left), strict=True)
    return all(one.y + one.height < other.y + other.height / 2 for one, other in pairs)


def boxes_asked(where: str) -> str:
    """What to do where eyes and a mouth were guessed, in a sentence's end; `where` "they are", or "it is"."""
    return f"look at the sheet of `mien import`, and say where {where} under [boxes] in a file for its --map"


def _is_face_alone(work: Work, places: FacePlaces) -> bool:
    """Whether most of what differs lies about the eyes and the mouth: where heads move, outlines differ as
    much, and what is taken for an eye may be hair."""
    mouth, right, left = places.mouth, places.right, places.left
    unit = left.x + left.width / 2 - right.x - right.width / 2
    if left.width and max(mouth.width, 1.2 * mouth.height) > 0.9 * unit:
        return False
    shape = work.pixels.shape[:2]
    near = np.zeros(shape, bool)
    for box in places.eyes:
        near |= mask_of(grown_box(box, 0.5), shape)
    if mouth.width:
        near |= mask_of(grown_box(mouth, 0.3), shape)
    return float(work.votes[near].sum()) > _ABOUT_FACE * float(work.votes.sum())


def _main_box(mask: Bools) -> Rect:
    """The box around most of what is set."""
    found = components(mask)
    return union(one.box for one in found if one.count > 0.15 * found[0].count) if found else NOWHERE


def _overlays(work: Work, mouths: Mouths, faces: Faces) -> None:
    """A layer for what each face changes beside the mouth; the whole picture for another pose."""
    for expression in work.frames.expressions:
        frame = work.frames.of(expression)[:1]
        if not frame or frame[0] is work.plain:
            continue
        path, face = (frame[0].name,), faces.of(expression)
        if frame[0].name in work.poses:
            face.is_pose = True
            work.add(path, expression, Picture(frame[0].read(), (0, 0)), _PLAIN)
            continue
        mask = work.differs[frame[0].name]
        if mouths.found:
            mask = mask & ~mouths.area
        mask = dense(mask)
        if not mask.any():
            continue
        box = grown_box(box_of_mask(mask), 0.0, 3)
        pixels = within(cut(frame[0].read(), box), grown_mask(cut(mask, box).astype(bool), 2))
        picture = Picture(pixels, (box.x, box.y)).trimmed(work.frames.canvas)
        if not picture.is_empty:
            face.shows = True
            work.add(path, expression, picture, _PLAIN)
