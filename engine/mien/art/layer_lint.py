"""Remarks about masks and groups that hide all, or change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mien.character import Character, Drawing, Group, Slot
from mien.messages import quoted
from mien.types import U8, Blend, Rect, Size


def lint_layers(character: Character, pages: Sequence[U8]) -> Iterator[str]:
    """One sentence per warning, naming what it is about."""
    yield from _clipped(character.slots)
    for slot in character.slots:
        if slot.mask is not None:
            yield from _mask(f"slot {quoted(slot.name)}", slot.mask, slot.drawings, pages, None)
    for group in character.groups:
        slots = character.slots[group.first : group.stop]
        if group.mask is not None:
            drawings = [drawing for slot in slots for drawing in slot.drawings]
            yield from _mask(f"group {quoted(group.name)}", group.mask, drawings, pages, character.canvas)
        if group.opacity <= 0.0:
            yield f"group {quoted(group.name)}: has opacity 0, so nothing of it is ever seen; raise it."
        elif _changes_nothing(group, slots, character):
            what = "give it an opacity, a blend, a mask or a clip, or take it out"
            yield f"group {quoted(group.name)}: looks the same as its slots without it; {what}."


def _clipped(slots: Sequence[Slot]) -> Iterator[str]:
    """Slots that are clipped to one that no drawing of theirs overlaps, at rest: they are never seen."""
    base: Slot | None = None
    for slot in slots:
        if not slot.clip:
            base = slot
            continue
        if base is None:
            continue
        boxes = [_box(drawing) for drawing in base.drawings if drawing.region.width > 1]
        own = [_box(drawing) for drawing in slot.drawings if drawing.region.width > 1]
        if boxes and own and all(_common(a, b) is None for a in own for b in boxes):
            yield (
                f"slot {quoted(slot.name)} is clipped to {quoted(base.name)}, which it does not meet, so it "
                "is never seen; move it over that slot, or take its clip out."
            )


def _mask(
    owner: str, mask: Drawing, drawings: Sequence[Drawing], pages: Sequence[U8], canvas: Size | None
) -> Iterator[str]:
    """`canvas`: of a mask under which slots move, so that what it covers at rest says little."""
    cover = _alpha(mask, pages)
    if not cover.any():
        yield f"{owner}: its mask hides everything, so it is never seen; lighten the mask, or take it out."
        return
    solid = bool((cover == 255).all())
    if canvas is not None:
        solid = solid and _common(_box(mask), Rect(0, 0, *canvas)) == (0, 0, *canvas)
    touches = False
    for drawing in drawings:
        box, common = _box(drawing), _common(_box(drawing), _box(mask))
        alpha = _alpha(drawing, pages)
        solid = solid and (canvas is not None or common == box or not alpha.any())
        if common is not None and not touches:
            both = _part(alpha, box, common) & _part(cover, _box(mask), common)
            touches = canvas is not None or bool(both.any())
    if not touches:
        yield f"{owner}: its mask covers nothing that it shows, so it is never seen; move the mask."
    elif solid:
        yield f"{owner}: its mask is opaque all over and hides nothing; take it out, or save it in grey."


def _changes_nothing(group: Group, slots: Sequence[Slot], character: Character) -> bool:
    """Whether the same would be drawn without the group."""
    if group.opacity < 1.0 or group.mask is not None or group.clip or group.blend != Blend.NORMAL:
        return False
    above = [slot.clip for slot in character.slots[group.stop : group.stop + 1]]
    above += [other.clip for other in character.groups if other.first == group.stop]
    if any(above) and not group.pass_through:
        return False  # the whole group may be what that is clipped to
    inner = [
        other.blend
        for other in character.groups
        if other is not group and group.first <= other.first and other.stop <= group.stop
    ]
    blends = [*(slot.blend for slot in slots), *inner]
    return group.pass_through or all(blend == Blend.NORMAL for blend in blends)


def _alpha(drawing: Drawing, pages: Sequence[U8]) -> U8:
    x, y, width, height = drawing.region
    alpha = pages[drawing.page][y : y + height, x : x + width, 3]
    return np.ascontiguousarray(alpha[:, ::-1]) if drawing.flip_x else alpha


def _box(drawing: Drawing) -> Rect:
    return Rect(*drawing.offset, drawing.region.width, drawing.region.height)


def _common(a: Rect, b: Rect) -> Rect | None:
    """What two rectangles share; None when they are apart."""
    left, top = max(a.x, b.x), max(a.y, b.y)
    right, bottom = min(a.x + a.width, b.x + b.width), min(a.y + a.height, b.y + b.height)
    return Rect(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _part(alpha: U8, box: Rect, part: Rect) -> U8:
    """The pixels of a part, as 0 and 1: whether anything is there."""
    left, top = part.x - box.x, part.y - box.y
    return (alpha[top : top + part.height, left : left + part.width] > 0).view(np.uint8)
