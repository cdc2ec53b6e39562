"""A layer without a part to play that lies where the mouth is, and may be a mouth that was made up."""

from __future__ import annotations

from typing import Final

from mien.art.layered.tree import union
from mien.importing.drafts import Draft, Drafts
from mien.importing.lone import Lone, is_free
from mien.importing.mouths import MadeMouth
from mien.importing.seen import middle
from mien.types import Rect

_ASIDE: Final = 0.3
"""How far beside the mouth its middle may lie, in widths of the mouth."""
_ABOVE: Final = 0.5
"""The same for above and below."""
_WIDTHS: Final = (0.4, 1.8)
"""How wide it may be."""
_HIGHEST: Final = 1.5
"""How high it may be."""


def lone_mouths(drafts: Drafts, mouth: MadeMouth) -> list[Lone]:
    """A shut mouth that was made up, where something that the art shows may be it; an open one, where
    something that it hides may be. `joining.join_mouth` has made `mouth`."""
    made = {name for name, _ in mouth.made}
    box = union(mouth.drawings[name].box for name in {*mouth.names.values()})
    free = [slot for slot in drafts.slots if is_free(slot) and _is_like(slot.box, box)]
    shown, hidden = (next((s for s in free[::-1] if s.hidden is kind), None) for kind in (False, True))
    found = []
    if "made_sil" in made and shown is not None:
        found.append(_lone("shut mouth", shown))
    if "made_aa" in made and hidden is not None:
        found.append(_lone("open mouth", hidden))
    return found


def _lone(part: str, perhaps: Draft) -> Lone:
    return Lone(part, "", (), perhaps.paths[0], perhaps.hidden)


def _is_like(box: Rect, mouth: Rect) -> bool:
    """Whether a layer lies where the mouth does and is about as large."""
    (x, y), (middle_x, middle_y), width = middle(box), middle(mouth), mouth.width
    is_near = abs(x - middle_x) < _ASIDE * width and abs(y - middle_y) < _ABOVE * width
    return is_near and _WIDTHS[0] < box.width / width < _WIDTHS[1] and box.height < _HIGHEST * width
