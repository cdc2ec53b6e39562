"""Left and right of a face: both eyes on one layer are parted, and sides are set by place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace as changed
from typing import Final

import numpy as np

from mien.importing.drafts import Draft, Drafts
from mien.importing.flatten import Picture
from mien.importing.labels import Labels
from mien.importing.mapping import GIVEN_BY
from mien.importing.names import EYE_ROLES
from mien.importing.source import path_text
from mien.messages import quoted
from mien.origin import named_layers
from mien.types import F64, Rect

_PAIRED = (*EYE_ROLES, "brow")
OTHER_SIDE: Final = {"left": "right", "right": "left"}
TURNED: Final = "by its name, and its side by its place"
"""Why what a name says to lie at the other side is taken for what it is."""
_LEAST_OF_EYES: Final = 0.2
"""Share of what is drawn of eyes that lies at each side of the nose at least."""


def set_sides(drafts: Drafts, labels: Labels) -> list[str]:
    """Give every drawing of an eye and every brow its side, the character's own, and part those that show
    both. A name that says otherwise than its place is put right. Returns remarks."""
    paired = [slot for slot in drafts.slots if slot.role in _PAIRED]
    if not paired:
        return []
    eyes = [slot for slot in paired if slot.role != "brow"] or paired
    named = {slot: slot.side for slot in paired}
    for slot in _mirrored(paired):
        slot.side = OTHER_SIDE[slot.side]
    nose = _nose([slot for slot in eyes if slot.default] or eyes)
    if nose is not None:
        for slot in paired:
            if slot.side and not _is_said(slot, labels):
                slot.side = _side_at(slot.box, nose) or slot.side
    turned = [slot for slot, side in named.items() if side and slot.side != side]
    for slot in turned:
        slot.why = TURNED if slot.how == "named" else slot.why
    remarks = _told([slot for slot in turned if not slot.why.startswith(GIVEN_BY)])  # that is a doubt
    if all(not slot.side for slot in eyes) and _is_one(eyes):
        drafts.is_one_eyed = True
        for slot in paired:
            slot.side = slot.side or "left"
        return [*remarks, "one eye was found; both lids of the character are its"]
    middle = _middle(eyes)
    for slot in [slot for slot in paired if not slot.side]:
        _part(drafts, slot, middle)
    _in_order(drafts)
    return remarks


def _is_said(slot: Draft, labels: Labels) -> bool:
    """Whether somebody says on which side a slot is, or a folder of it."""
    outer = (labels.get(path[:count]) for path in slot.paths for count in range(1, len(path) + 1))
    return any(one is not None and one.how == "given" and one.side for one in outer)


def _told(slots: Sequence[Draft]) -> list[str]:
    """Remarks on brows, and on pieces of eyes, whose names say the other side: of both sides, or of one."""
    pairs, alone = list[Draft](), list[Draft]()
    for is_brow in (False, True):
        own = [slot for slot in slots if (slot.role == "brow") is is_brow]
        (pairs if len({slot.side for slot in own}) > 1 else alone).extend(own)
    remarks = [
        f"{quoted(path_text(path))} is named {OTHER_SIDE[slot.side]} and lies on the {slot.side}; taken for "
        f"the {slot.side} {slot.role.replace('_', ' ')}"
        for slot in alone
        for path in slot.paths
    ]
    if layers := tuple(dict.fromkeys(path_text(path) for slot in pairs for path in slot.paths)):
        told = f"left and right of {named_layers(layers)} are named as the viewer sees them"
        remarks.append(f"{told}; taken the other way round")
    return remarks


def _nose(slots: Sequence[Draft]) -> int | None:
    """The column between two eyes, whatever they are called; None where there is no gap, or nothing like as
    much at both sides of it."""
    left, _, ink = _ink(slots)
    gap = _gap(ink)
    if gap is None:
        return None
    share = ink[: round(gap)].sum() / max(1.0, ink.sum())
    return round(left + gap) if _LEAST_OF_EYES < share < 1 - _LEAST_OF_EYES else None


def _mirrored(slots: Sequence[Draft]) -> list[Draft]:
    """Those with a side that is the viewer's: brows and eyes each by themselves, where they show both. What
    somebody says counts as said, but where there is nothing else to tell by."""
    sided = [slot for slot in slots if slot.side]
    named = [slot for slot in sided if slot.how != "given"]
    sided = sided if _is_mirrored(named) is None else named
    whole, found = _is_mirrored(sided), []
    for is_brow in (False, True):
        own = [slot for slot in sided if (slot.role == "brow") is is_brow]
        apart = _is_mirrored(own)
        found += own if (whole if apart is None else apart) else []
    return found


def _is_mirrored(slots: Sequence[Draft]) -> bool | None:
    """Whether what is called left lies left of what is called right: a character's own left is at the
    right. None where one of both is not there."""
    places: dict[str, list[float]] = {"left": [], "right": []}
    for slot in slots:
        places[slot.side].append(slot.box.x + slot.box.width / 2)
    if not places["left"] or not places["right"]:
        return None
    width = max(slot.box.width for slot in slots)
    return float(np.mean(places["left"])) < float(np.mean(places["right"])) - 0.25 * width


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
    gap = _gap(ink)
    return left + ((right - left) / 2 if gap is None else gap)


def _gap(ink: F64) -> float | None:
    """The middle of the gap over the nose, in columns of what is drawn of eyes; None for none."""
    width = len(ink)
    first, last = int(width * 0.25), max(int(width * 0.25) + 1, int(width * 0.75))
    gap = ink[first:last] <= 0.02 * ink.max()
    if not gap.any():
        return None
    runs = np.flatnonzero(np.diff(np.concatenate(([0], gap.astype(int), [0]))))
    starts, ends = runs[::2], runs[1::2]
    best = int(np.argmax(ends - starts))  # the widest
    return float(first + (starts[best] + ends[best]) / 2)


def _side_at(box: Rect, cut: int) -> str:
    """The side of a column on which a box lies; empty for both."""
    share = 0.04 * box.width
    if box.x >= cut - share:
        return "left"
    return "right" if box.x + box.width <= cut + share else ""


def _part(drafts: Drafts, slot: Draft, middle: float) -> None:
    """Give a slot its side, or make two of it."""
    cut = round(middle)
    if side := _side_at(slot.box, cut):
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
