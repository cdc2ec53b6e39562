"""Where a character's head is on its canvas: found from what its face draws, whatever its build."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mien.character import Character

_BESIDE: Final = 0.35
_ABOVE: Final = 0.95
_BELOW: Final = 0.18
"""Margins around the face, in parts of its longer side: hair and ears above and beside, a chin below."""


def head_of(character: Character) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in canvas pixels, y down; may reach beyond the canvas.

    Around every drawing of the mouth, the lids, the irises and the brows, and around the eye line: no
    expression and no viseme shows a part of the face outside.
    """
    x, y = character.eye_line
    lefts: list[float] = [x]
    tops: list[float] = [y]
    rights: list[float] = [x]
    bottoms: list[float] = [y]
    for slot in _face(character):
        for drawing in character.slots[slot].drawings:
            if drawing.region.width > 1 or drawing.region.height > 1:  # an empty drawing is one pixel
                at_x, at_y = drawing.offset
                lefts.append(at_x)
                tops.append(at_y)
                rights.append(at_x + drawing.region.width)
                bottoms.append(at_y + drawing.region.height)
    left, top, right, bottom = min(lefts), min(tops), max(rights), max(bottoms)
    side = max(right - left, bottom - top, 1.0)
    return left - _BESIDE * side, top - _ABOVE * side, right + _BESIDE * side, bottom + _BELOW * side


def _face(character: Character) -> Iterable[int]:
    yield character.mouth.slot
    yield from (*character.lids.left, *character.lids.right)
    moving = (*character.gaze.irises, *character.gaze.glints)
    for index, slot in enumerate(character.slots):
        if slot.joint in moving or "brow" in slot.name.lower():
            yield index
