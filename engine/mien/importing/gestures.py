"""Gestures that show what a file hides: one for each drawing, and one for each costume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mien.importing.drafts import Draft, Drafts
from mien.importing.labels import ASIDE
from mien.importing.names import family_of


def dress(drafts: Drafts) -> None:
    """Of layers of several costumes (PNGTuberORA's `c1_`, `c2_`) show those of the first alone."""
    worn = _worn(drafts)
    for slot in drafts.slots:
        if _is_clothing(slot) and slot.costume != worn and not slot.hidden:
            slot.drawings = {"on": slot.drawings[slot.default]}
            slot.default, slot.hidden = "", True


def gestures_of(drafts: Drafts, expressions: Mapping[str, Any]) -> dict[str, Any]:
    """A gesture for each costume but the first, and for each other drawing that the file hides and no
    expression shows, but for notes and their like."""
    used = {name for face in expressions.values() for name in face.get("slots", {})}
    worn = _worn(drafts)
    found: dict[str, Any] = {}
    for slot in drafts.slots:
        if _is_clothing(slot):
            if slot.costume != worn:
                found.setdefault(f"costume_{slot.costume}", {"slots": {}})["slots"][slot.name] = "on"
            continue
        is_asked = slot.hidden and not slot.default and slot.name not in used and slot.why != ASIDE
        for drawing in slot.drawings if is_asked else ():
            name = slot.name if len(slot.drawings) == 1 else f"{slot.name}.{drawing}"[:64].rstrip(".")
            found[name] = {"slots": {slot.name: drawing}}
    first = {slot.name: "" for slot in drafts.slots if _is_clothing(slot) and slot.costume == worn}
    for name, gesture in found.items():
        if name.startswith("costume_"):
            gesture["slots"] |= first
    return found


def _is_clothing(slot: Draft) -> bool:
    """Whether a slot belongs to a costume; faces do not change with those."""
    return bool(slot.costume) and family_of(slot.role) not in ("eye", "mouth", "brow", "shut")


def _worn(drafts: Drafts) -> str:
    """The number of the first costume, where there is more than one or it is shown; empty for none."""
    numbers = sorted({slot.costume for slot in drafts.slots if _is_clothing(slot)})
    shown = any(
        _is_clothing(slot) and slot.costume == numbers[0] and not slot.hidden for slot in drafts.slots
    )
    return numbers[0] if numbers and shown else ""
