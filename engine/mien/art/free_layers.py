"""Layers that play no part in a character, and that may be the brows that it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from mien.art.phrases import lines_of
from mien.character import Character, Slot
from mien.origin import BY_FOLDER, named_layers
from mien.types import Rect

_AROUND: Final = ("face", "head", "body")
"""What layers are taken for by the name of their folder alone, which says little of a small one."""
_MOST: Final = 2
"""Most layers that are named: one of each side."""
_ABOVE: Final = 0.7
"""How far above the eyes brows lie at most, in widths of both eyes together."""
_WIDE: Final = 1.3
"""How wide they are at most, in these."""
_HIGH: Final = 0.4
"""How high."""


def mend_of_brows(character: Character, never_shown: Sequence[Slot], asked: Iterable[str]) -> str:
    """What to do where no brows were found. `never_shown`: slots that the art hides and no expression shows;
    `asked`: layers of which something else is asked already."""
    layers = tuple(layer for layer in _free_layers(character, never_shown) if layer not in {*asked})
    if not layers:
        return "draw them on layers called `brow left` and `brow right` and save"
    are = "is a brow" if len(layers) == 1 else "are brows"
    return f"if {named_layers(layers)} {are}: {lines_of(dict.fromkeys(layers, 'brow'))}"


def _free_layers(character: Character, never_shown: Sequence[Slot]) -> tuple[str, ...]:
    """One or two: of those that lie where brows do what the art hides, else the topmost that it shows; else
    whatever it hides. Where no eyes are known what it hides, else the topmost that it shows."""
    eyes = _eyes(character)
    shown = [slot for slot in reversed(character.slots) if slot.default >= 0]
    if eyes is None:
        return tuple(_kept(never_shown))[:_MOST] or tuple(_kept(shown))[:1]
    for slots in (never_shown, shown):
        if there := tuple(_kept(slot for slot in slots if _is_above(slot, eyes))):
            return there[:_MOST]
    return tuple(_kept(never_shown))[:_MOST]


def _kept(slots: Iterable[Slot]) -> Iterator[str]:
    """Layers of slots that play no part that is known."""
    found: dict[str, None] = {}
    for slot in slots:
        for one in slot.origins.values():
            by_folder = one.how == "named" and one.why == BY_FOLDER and one.taken_for in _AROUND
            if (one.how == "kept" or by_folder) and not one.doubt:
                found |= dict.fromkeys(one.layers)
    yield from found


def _eyes(character: Character) -> Rect | None:
    """Where its eyes are, as they are at rest; None where it has none."""
    slots = [character.slots[s] for s in (*character.lids.left, *character.lids.right)]
    boxes = [box for slot in slots if slot.default >= 0 and (box := _box(slot)).width > 1]
    if not boxes:
        return None
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Rect(left, top, right - left, bottom - top)


def _is_above(slot: Slot, eyes: Rect) -> bool:
    """Whether a slot lies where brows do, and is no larger than these are."""
    box = _box(slot)
    x, y = box.x + box.width / 2, box.y + box.height / 2
    is_small = box.width <= _WIDE * eyes.width and box.height <= _HIGH * eyes.width
    above = eyes.y + eyes.height / 2 - y
    return is_small and eyes.x <= x <= eyes.x + eyes.width and 0 <= above <= _ABOVE * eyes.width


def _box(slot: Slot) -> Rect:
    """What its drawing at rest covers of the canvas, or its first one."""
    drawing = slot.drawings[max(0, slot.default)]
    return Rect(*drawing.offset, drawing.region.width, drawing.region.height)
