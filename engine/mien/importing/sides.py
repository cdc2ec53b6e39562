"""Left and right of a face: both eyes on one layer are parted, and sides are set by place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace as changed
from typing import Final

import numpy as np

from mien.importing.drafts import Draft, Drafts, known_by
from mien.importing.flatten import Picture
from mien.importing.labels import Label, Labels
from mien.importing.names import EYE_ROLES
from mien.importing.seen import covered, middle
from mien.importing.source import Path, path_text
from mien.messages import quoted
from mien.origin import named_layers
from mien.types import F64, Rect

_PAIRED = (*EYE_ROLES, "brow")
OTHER_SIDE: Final = {"left": "right", "right": "left"}
_ON_WHITE: Final = 0.85
"""Share of an iris that lies on its white at least."""
_NARROW: Final = 0.8
"""How wide it is at most, in widths of that."""
_LEAST_OF_EYES: Final = 0.2
"""Share of what is drawn of eyes that lies at each side of the nose at least."""

_APART: Final = 0.08
"""How wide the gap between two eyes or brows on one layer is at least, of the width of both."""
_OF_EACH: Final = 0.3
"""Share of what is drawn of both that each is at least."""


def set_sides(drafts: Drafts, labels: Labels) -> list[str]:
    """Give every drawing of an eye and every brow its side, the character's own, and part those that show
    both. What a name says wrongly is put right, by its pair or by the nose; what somebody says stays. Returns
    remarks."""
    paired = list(drafts.of(*_PAIRED, shown=False))
    if not paired:
        return []
    free = {slot for slot in paired if slot.how == "named" and slot.side and not _is_said(slot, labels)}
    viewers, alone = _wrong(paired, free, nose(drafts))
    for slot in (*viewers, *alone):
        slot.side, slot.why = OTHER_SIDE[slot.side], by_place(slot.why)
    remarks = _told(viewers, alone, labels)
    eyes = _eyes(paired)
    if all(not slot.side for slot in eyes) and _is_one(eyes):
        drafts.is_one_eyed = True
        for slot in paired:
            slot.side = slot.side or "left"
        return [*remarks, "one eye was found; both lids of the character are its"]
    between = _middle(eyes)
    for slot in [slot for slot in paired if not slot.side]:
        _part(drafts, slot, between)
    _in_order(drafts)
    return remarks


def irises_on_whites(drafts: Drafts, labels: dict[Path, Label]) -> None:
    """What is called an eye, lies on a white of its own and is smaller, is an iris, where that eye has none.
    Sides are known."""
    for side in OTHER_SIDE:
        own = [slot for slot in drafts.of(*EYE_ROLES, side=side) if not slot.lid_state]
        whites, eyes = ([slot for slot in own if slot.role == role] for role in ("white", "eye"))
        if len(whites) != 1 or len(eyes) != 1 or any(slot.role in ("iris", "pupil") for slot in own):
            continue
        eye, white = eyes[0], whites[0]
        if not (eye.paths and eye.shown and white.shown and eye.how == "named"):
            continue
        box, ground = (slot.shown.trimmed_to_itself().box for slot in (eye, white) if slot.shown)
        is_on = drafts.slots.index(eye) > drafts.slots.index(white) and covered(box, ground) > _ON_WHITE
        if is_on and box.width < _NARROW * ground.width:
            eye.role, eye.why = "iris", f"{known_by('named', eye.why)}, on a white"
            for path in eye.paths:
                labels[path] = changed(labels[path], role="iris", why=eye.why)


def by_place(why: str) -> str:
    """Why what a name says to lie at the other side is taken for what it is. `why`: `Label.why`."""
    return f"{known_by('named', why)}, and its side by its place"


def nose(drafts: Drafts) -> int | None:
    """The column between two eyes, whatever they are called; None where there is no gap that is wider than
    others, or nothing like as much at both sides of it."""
    eyes = _eyes(list(drafts.of(*_PAIRED, shown=False)))
    if not eyes:
        return None
    left, _, ink = _ink(eyes)
    gaps = _gaps(ink)
    if not gaps or any(width > 0.5 * gaps[0][0] for width, _ in gaps[1:]):
        return None
    cut = round(gaps[0][1])
    share = ink[:cut].sum() / max(1.0, ink.sum())
    return left + cut if _LEAST_OF_EYES < share < 1 - _LEAST_OF_EYES else None


def side_at(box: Rect, cut: int) -> str:
    """The side of a column on which a box lies; empty for both."""
    share = 0.04 * box.width
    if box.x >= cut - share:
        return "left"
    return "right" if box.x + box.width <= cut + share else ""


def is_on_both_sides(slot: Draft) -> bool:
    """Whether what it shows is drawn in two parts that are much alike in size, with a gap between them."""
    if slot.shown is None or slot.shown.is_empty:
        return False
    ink = slot.shown.pixels[..., 3].sum(axis=0, dtype=np.float64)
    gaps = _gaps(ink)
    if not gaps or gaps[0][0] < _APART * len(ink):
        return False
    share = ink[: round(gaps[0][1])].sum() / max(1.0, ink.sum())
    return bool(_OF_EACH < share < 1 - _OF_EACH)


def _eyes(paired: Sequence[Draft]) -> Sequence[Draft]:
    """Of eyes and brows what shows where the nose is."""
    eyes = [slot for slot in paired if slot.role != "brow"] or paired
    return [slot for slot in eyes if slot.default] or eyes


def _is_said(slot: Draft, labels: Labels) -> bool:
    """Whether somebody says on which side a slot is, or a folder of it."""
    outer = (labels.get(path[:count]) for path in slot.paths for count in range(1, len(path) + 1))
    return any(one is not None and one.how == "given" and one.side for one in outer)


def _wrong(paired: Sequence[Draft], free: set[Draft], cut: int | None) -> tuple[list[Draft], list[Draft]]:
    """Those whose names say the other side, of which nobody else says one (`free`): by their pairs, which are
    named as the viewer sees them; and by the nose, where none of their role and state is called otherwise."""
    kinds: dict[tuple[str, str], list[Draft]] = {}
    for slot in (slot for slot in paired if slot.side):
        kinds.setdefault((slot.role, slot.lid_state), []).append(slot)
    viewers, alone = list[Draft](), list[Draft]()
    for slots in kinds.values():
        own = [slot for slot in slots if slot in free]
        if len({slot.side for slot in slots}) > 1:
            pairs = _pairs(own)
            mirrored = [slot for pair in pairs if _is_mirrored(*pair) for slot in pair]
            viewers += own if len(mirrored) == 2 * len(pairs) > 0 else mirrored
        elif cut is not None:
            alone += [slot for slot in own if side_at(slot.box, cut) == OTHER_SIDE[slot.side]]
    return viewers, alone


def _pairs(slots: Sequence[Draft]) -> list[tuple[Draft, Draft]]:
    """Left ones, each with a right one, that are more like each other in height and size than like others."""
    lefts, rights = ([slot for slot in slots if slot.side == side] for side in ("left", "right"))
    if not lefts or not rights:
        return []
    left, right = (
        np.array([(middle(box)[1], box.width, box.height) for box in (slot.box for slot in own)])
        for own in (lefts, rights)
    )
    unlike = sum(np.abs(np.subtract.outer(left[:, k], right[:, k])) for k in range(3))
    to_right, to_left = np.argmin(unlike, axis=1), np.argmin(unlike, axis=0)
    return [
        (slot, rights[k]) for i, (slot, k) in enumerate(zip(lefts, to_right, strict=True)) if to_left[k] == i
    ]


def _is_mirrored(left: Draft, right: Draft) -> bool:
    """Whether what is called left lies left of what is called right: a character's own left is at the
    right."""
    one, other = left.box, right.box
    return middle(one)[0] < middle(other)[0] - 0.25 * max(one.width, other.width)


def _told(viewers: Sequence[Draft], alone: Sequence[Draft], labels: Labels) -> list[str]:
    """Remarks on what is named as the viewer sees it, and on what lies at the other side of the nose."""
    remarks = list[str]()
    for slot in alone:
        for path in slot.paths:
            said = "named {}" if labels.get(path, Label()).reading.side else "{} by its folder's name"
            remarks.append(
                f"{quoted(path_text(path))} is {said.format(OTHER_SIDE[slot.side])} and lies on the "
                f"{slot.side}; taken for the {slot.side} {slot.role.replace('_', ' ')}"
            )
    if layers := tuple(dict.fromkeys(path_text(path) for slot in viewers for path in slot.paths)):
        told = f"left and right of {named_layers(layers)} are named as the viewer sees them"
        remarks.append(f"{told}; taken the other way round")
    return remarks


def _is_one(slots: Sequence[Draft]) -> bool:
    """Whether what is drawn of eyes is one, as of somebody seen from the side or with hair over the other."""
    left, right, ink = _ink(slots)
    height = max(slot.box.height for slot in slots)
    return bool(ink.min() > 0.01 * ink.max()) and right - left < 2.4 * height


def _ink(slots: Iterable[Draft]) -> tuple[int, int, F64]:
    """From where to where drawings reach, and how much is drawn in each column."""
    slots = list(slots)
    left = min(slot.box.x for slot in slots)
    right = max(slot.box.x + slot.box.width for slot in slots)
    ink = np.zeros(right - left)
    for slot in slots:
        for picture in slot.drawings.values():
            at = picture.offset[0] - left
            ink[at : at + picture.box.width] += picture.pixels[..., 3].sum(axis=0)
    return left, right, ink


def _middle(slots: Iterable[Draft]) -> float:
    """The column between two eyes, from all that is drawn of them."""
    slots = list(slots)
    sides = {side: [s.box for s in slots if s.side == side] for side in ("left", "right")}
    if sides["left"] and sides["right"]:
        inner = max(box.x + box.width for box in sides["right"])
        return (inner + min(box.x for box in sides["left"])) / 2
    left, right, ink = _ink(slots)
    gaps = _gaps(ink)
    return left + (gaps[0][1] if gaps else (right - left) / 2)


def _gaps(ink: F64) -> list[tuple[int, float]]:
    """The gaps that may be over the nose, in columns of what is drawn of eyes: how wide each is and its
    middle, the widest first."""
    width = len(ink)
    first, last = int(width * 0.25), max(int(width * 0.25) + 1, int(width * 0.75))
    gap = ink[first:last] <= 0.02 * ink.max()
    runs = np.flatnonzero(np.diff(np.concatenate(([0], gap.astype(int), [0])))) + first
    gaps = [(int(end - start), float(start + end) / 2) for start, end in runs.reshape(-1, 2)]
    return sorted(gaps, key=lambda one: -one[0])


def _part(drafts: Drafts, slot: Draft, between: float) -> None:
    """Give a slot its side, or make two of it."""
    cut = round(between)
    if side := side_at(slot.box, cut):
        slot.side = side
        return
    at = drafts.slots.index(slot)
    halves = []
    for side in ("right", "left"):
        drawings = {
            name: half
            for name, picture in slot.drawings.items()
            if not (half := _half(picture, cut, side)).is_empty
        }
        default = slot.default if slot.default in drawings else next(iter(drawings), "")
        if drawings:
            halves.append(changed(slot, side=side, drawings=drawings, default=slot.default and default))
    drafts.slots[at : at + 1] = halves


def _half(picture: Picture, cut: int, side: str) -> Picture:
    """What of a picture lies on the character's own right, which is left of the cut, or on its left."""
    x, y = picture.offset
    at = min(max(cut - x, 0), picture.box.width)
    if side == "right":
        return changed(picture, pixels=picture.pixels[:, :at])
    return changed(picture, pixels=picture.pixels[:, at:], offset=(x + at, y))


def _in_order(drafts: Drafts) -> None:
    """In each run of eyes' slots those of the right eye come first: what is clipped lies on its own base."""
    slots = drafts.slots
    start = 0
    while start < len(slots):
        if slots[start].role not in EYE_ROLES:
            start += 1
            continue
        end = start
        while end < len(slots) and slots[end].role in EYE_ROLES and slots[end].group is slots[start].group:
            end += 1
        slots[start:end] = sorted(slots[start:end], key=lambda slot: slot.side != "right")
        start = max(end, start + 1)
