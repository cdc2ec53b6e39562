"""Folders that a character needs no picture of its own for: what a folder asks for is given to what lies in
it, or what lies in it is made one picture.

A group that is drawn by itself takes an offscreen picture in every frame. Most folders of art ask for one
only in name: a single layer in a folder that multiplies is a layer that multiplies. What cannot be taken
apart without the picture at rest changing stays a group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from mien.art.layered.tree import Mask, overlap
from mien.importing.drafts import Draft, Drafts, GroupDraft
from mien.importing.flatten import Picture, layers_of, masked, shares, together
from mien.importing.names import family_of
from mien.importing.source import Item
from mien.types import F32, U8, Blend, Rect, Size

_LEAST: Final = 0.5 / 255
"""What is less of the full range is not seen."""
_MOVES: Final = frozenset(("eye", "mouth", "brow", "shut"))
"""Families of what shows another drawing now and then, or moves by itself."""

Family = tuple[Draft, list[Draft]]
"""What is not clipped, and what is clipped to it."""


def dissolve(drafts: Drafts, canvas: Size) -> None:
    """Take away the groups that can be, inner ones first. Slots hang on their joints already. What was done
    is added to `Draft.done`."""
    for group in _inner_first(drafts):
        _Folder(drafts, group, canvas).dissolve()


def _inner_first(drafts: Drafts) -> list[GroupDraft]:
    depths: dict[int, tuple[int, GroupDraft]] = {}
    for slot in drafts.slots:
        around = list(_around(slot))
        for depth, group in enumerate(reversed(around)):
            depths[id(group)] = depth, group
    return [group for _, group in sorted(depths.values(), key=lambda found: -found[0])]


def _around(slot: Draft) -> Iterator[GroupDraft]:
    group = slot.group
    while group is not None:
        yield group
        group = group.parent


class _Folder:
    """One group, and what lies in it: slots alone, or else nothing is done."""

    def __init__(self, drafts: Drafts, group: GroupDraft, canvas: Size) -> None:
        self._drafts = drafts
        self._group = group
        self._canvas = canvas
        places = [k for k, slot in enumerate(drafts.slots) if group in _around(slot)]
        self._first, self._stop = places[0], places[-1] + 1
        self._has_inner = any(drafts.slots[k].group is not group for k in places)

    def dissolve(self) -> None:
        """Do what can be done."""
        if self._has_inner:
            return
        if self._is_apart():
            self._give()
            return
        joined = self._joined()
        if joined is not None:
            self._drafts.slots[self._first : self._stop] = joined
            self._stop = self._first + len(joined)
            if self._is_apart():
                self._give()

    @property
    def _slots(self) -> list[Draft]:
        return self._drafts.slots[self._first : self._stop]

    def _is_base(self) -> bool:
        """Whether what lies above is clipped to all of it."""
        rest = self._drafts.slots[self._stop :]
        if not rest:
            return False
        outer: Draft | GroupDraft = rest[0]
        for group in _around(rest[0]):
            if group is self._group.parent:
                break
            outer = group
        return outer.clip

    def _is_plain(self) -> bool:
        group = self._group
        return group.blend == Blend.NORMAL and group.opacity >= 1.0 and group.mask is None

    def _is_apart(self) -> bool:
        """Whether what the group asks for can be asked of each thing in it."""
        slots, group = self._slots, self._group
        families = _families(slots)
        if slots[0].clip or (self._is_base() and len(families) > 1):
            return False
        if group.mask is not None and len({slot.joint for slot in slots}) > 1:
            return False  # it stays where it is while they move
        if group.clip and any(clipped for _, clipped in families):
            return False
        if not self._is_plain() and not self._lie_apart(families):
            return False
        return group.pass_through or all(self._mixes_alone(families, k) for k in range(1, len(families)))

    def _lie_apart(self, families: Sequence[Family]) -> bool:
        """Whether no two that are shown share a pixel for which it matters."""
        group = self._group
        soft = group.blend == Blend.NORMAL
        bases = [base for base, _ in families]
        for k, upper in enumerate(bases):
            for lower in bases[:k]:
                if not soft and (upper.hidden or lower.hidden):
                    continue  # a second blush over the first: it is a little stronger
                here = overlap(upper.box, lower.box)
                if not (here.width and here.height):
                    continue
                shared = _alpha(upper, here) * _alpha(lower, here)
                if soft:
                    shared *= 1.0 - shares(group.mask, here) * group.opacity
                if float(shared.max()) > _LEAST:
                    return False
        return True

    def _mixes_alone(self, families: Sequence[Family], k: int) -> bool:
        """Whether one blends with nothing but opaque things in the group, or with nothing in it at all."""
        base = families[k][0]
        if base.blend == Blend.NORMAL:
            return True
        below = [lower for lower, _ in families[:k]]
        if not any(_share_pixels(base, lower) for lower in below):
            return True
        if not self._is_plain():
            return False
        clear = np.ones((base.box.height, base.box.width), np.float32)
        for lower in below:
            if lower.default and lower.blend == Blend.NORMAL:
                clear *= 1.0 - _alpha(lower, base.box, shown=True)
        return float((clear * _alpha(base, base.box)).max()) <= _LEAST

    def _give(self) -> None:
        """Give what the group asks for to what lies in it, and take it away."""
        group = self._group
        families = _families(self._slots)
        said = _said(group)
        for k, (base, clipped) in enumerate(families):
            below = [lower for lower, _ in families[:k]]
            if not group.pass_through and not any(_share_pixels(base, lower) for lower in below):
                base.blend = Blend.NORMAL  # it blends with nothing
            if group.blend != Blend.NORMAL:
                base.blend = group.blend
            base.opacity *= group.opacity
            base.clip = base.clip or group.clip
            if group.mask is not None:
                base.drawings = {
                    name: _cut(picture, group.mask, self._canvas) for name, picture in base.drawings.items()
                }
            for slot in (base, *clipped):
                slot.group = group.parent
                if said and slot is base:
                    _tell(slot, f"{said} of folder {group.name!r} is its own")

    def _joined(self) -> list[Draft] | None:
        """The slots of the group with the lower ones of those that are shown, which move alike, as one
        picture; None where that helps nothing."""
        slots = self._slots
        shown = [slot for slot in slots if not slot.hidden]
        families = _families(slots)
        wanted = len(shown)
        if self._is_plain() and not self._is_base() and not self._group.clip:
            # As far as what mixes with something that is not opaque.
            mixing = [k for k in range(1, len(families)) if not self._mixes_alone(families, k)]
            above = families[mixing[-1]] if mixing else None
            wanted = slots.index((above[1] or [above[0]])[-1]) + 1 if above is not None else 0
        part = slots[:wanted]
        if len(part) < 2 or any(slot.hidden for slot in part) or not _move_alike(part):
            return None
        if slots[wanted : wanted + 1] and slots[wanted].clip:
            return None
        if self._group.pass_through and any(slot.blend != Blend.NORMAL for slot in part):
            return None
        items = [
            Item(s.name, (s.name,), True, s.box, _pixels_of(s), (), s.blend, s.opacity, None, s.clip)
            for s in part
        ]
        picture = together(items).trimmed(self._canvas)
        if picture.is_empty:
            return None
        main = max(part, key=lambda slot: float(_alpha(slot, slot.box).sum()))
        for slot in part:
            others = ", ".join(f"{other.name!r}" for other in part if other is not slot)
            _tell(main, f"one picture with {others}" if slot is main else "")
        main.paths = tuple(path for slot in part for path in slot.paths)
        layers = layers_of(slot.drawings["main"] for slot in part)
        main.drawings, main.default = {"main": replace(picture, layers=layers)}, "main"
        main.blend, main.opacity, main.clip = Blend.NORMAL, 1.0, False
        return [main, *slots[wanted:]]


def _pixels_of(slot: Draft) -> Callable[[], U8]:
    pixels = slot.drawings["main"].pixels
    return lambda: pixels


def _move_alike(slots: Sequence[Draft]) -> bool:
    """Whether all of them show one thing always, and move in the same way."""
    first = slots[0]
    return all(
        set(slot.drawings) == {"main"}
        and slot.default == "main"
        and slot.joint == first.joint
        and slot.costume == first.costume
        and family_of(slot.role) not in _MOVES
        for slot in slots
    )


def _families(slots: Sequence[Draft]) -> list[Family]:
    found: list[Family] = []
    for slot in slots:
        if slot.clip and found:
            found[-1][1].append(slot)
        else:
            found.append((slot, []))
    return found


def _share_pixels(one: Draft, other: Draft) -> bool:
    here = overlap(one.box, other.box)
    if not (here.width and here.height):
        return False
    return float((_alpha(one, here) * _alpha(other, here)).max()) > _LEAST


def _alpha(slot: Draft, box: Rect, *, shown: bool = False) -> F32:
    """How much of a box any of a slot's drawings covers, or the one that is shown: (h, w) float32 0..1."""
    found: F32 = np.zeros((box.height, box.width), np.float32)
    for name, picture in slot.drawings.items():
        if not shown or name == slot.default:
            np.maximum(found, picture.within(box)[..., 3] * np.float32(slot.opacity / 255), out=found)
    return found


def _cut(picture: Picture, mask: Mask, canvas: Size) -> Picture:
    """A drawing as a mask shows it; one clear pixel where that is nothing."""
    cut = replace(picture, pixels=masked(picture.pixels, picture.offset, mask)).trimmed(canvas)
    return Picture(np.zeros((1, 1, 4), np.uint8), picture.offset) if cut.is_empty else cut


def _said(group: GroupDraft) -> str:
    """What a group asks for, in words."""
    asks = [group.blend.label] if group.blend != Blend.NORMAL else []
    asks += [f"{group.opacity:.0%} opacity"] if group.opacity < 1.0 else []
    asks += ["the mask"] if group.mask is not None else []
    asks += ["the clipping"] if group.clip else []
    return " and ".join(asks)


def _tell(slot: Draft, what: str) -> None:
    if what:
        slot.done = f"{slot.done}; {what}" if slot.done else what
