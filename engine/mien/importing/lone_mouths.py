"""Where a mouth may be that was made up: on a layer without a part to play, or on one that has another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mien.art.doubts import Doubt
from mien.art.layered.tree import union
from mien.importing.drafts import Draft, Drafts
from mien.importing.flatten import Picture, over
from mien.importing.lone import Lone, is_free
from mien.importing.mouths import MadeMouth
from mien.importing.names import mouth_shape, read_name
from mien.importing.seen import middle
from mien.importing.source import path_text
from mien.messages import quoted
from mien.types import Rect

_ASIDE: Final = 0.3
"""How far beside the mouth its middle may lie, in widths of the mouth."""
_ABOVE: Final = 0.5
"""The same for above and below."""
_WIDTHS: Final = (0.4, 1.8)
"""How wide it may be."""
_HIGHEST: Final = 1.5
"""How high it may be."""
_MOODS: Final = {"smile": "smiling mouth", "frown": "frowning mouth"}
"""Moods of mouths -> such a mouth in plain words, as of `MOUTHS`."""
_SOLID: Final = 200
"""Alpha, 0..255, of what is drawn below."""
_LEAST: Final = 20
"""How many pixels of it there are at least."""
_COLOURS: Final = 14
"""How far they differ at least where a mouth is drawn: the standard deviation of a channel, 0..255."""


def lone_mouths(drafts: Drafts, mouth: MadeMouth) -> list[Lone]:
    """A shut mouth that was made up, where something that the art shows may be it; an open one, where
    something that it hides may be, or one of a mood that this is called by. `join_mouth` has made
    `mouth`."""
    made = {name for name, _ in mouth.made}
    box = union(mouth.drawings[name].box for name in {*mouth.names.values()})
    free = [slot for slot in drafts.slots if is_free(slot) and _is_like(slot.box, box)]
    shown, hidden = (next((s for s in free[::-1] if s.hidden is kind), None) for kind in (False, True))
    found = []
    if "made_sil" in made and shown is not None:
        found.append(_lone("shut mouth", shown))
    mood = _MOODS.get(_mood_of(hidden), "") if hidden is not None else ""
    if hidden is not None and (mood or "made_aa" in made):
        found.append(_lone(mood or "open mouth", hidden))
    return found


def _mood_of(slot: Draft) -> str:
    """The mood that a layer is called by, as `smile`; "" for none."""
    return mouth_shape(read_name(slot.paths[0][-1]))


def mouth_below(drafts: Drafts) -> Draft | None:
    """What lies under the mouths and has a shut mouth drawn on it: where they are there is more than one
    colour. None for nothing, and where a shut mouth has a layer of its own."""
    own = [slot for slot in drafts.slots if slot.role == "mouth"]
    if not own or any(not slot.lid_state or slot.lid_state in ("sil", "PP") for slot in own):
        return None
    box = own[0].box
    below = [slot for slot in drafts.slots[: drafts.slots.index(own[0])] if slot.shown and slot.box.width]
    parts = [Picture(slot.shown.within(box), (box.x, box.y)) for slot in below if slot.shown]
    if not _has_lines(parts):
        return None
    # What it is drawn on is alone without it, or has more than one colour itself.
    alone = [slot for k, slot in enumerate(below) if not _has_lines([*parts[:k], *parts[k + 1 :]])]
    lined = [slot for slot, part in zip(below, parts, strict=True) if _has_lines([part])]
    return next(iter([*alone[::-1], *lined[::-1], below[-1]]))


def painted_on(slot: Draft) -> Doubt:
    """What to tell of a layer that has a shut mouth drawn on it."""
    layer = quoted(path_text(slot.paths[0]))
    told = f"the shut mouth is painted on {layer}, so it is the same in all moods"
    return Doubt(told, f"move the mouth from {layer} to a layer called 'mouth closed' and save")


def _has_lines(parts: Sequence[Picture]) -> bool:
    pixels = over(parts).pixels.astype(float)
    drawn = pixels[pixels[..., 3] > _SOLID]
    return len(drawn) > _LEAST and float(drawn[:, :3].std(axis=0).max()) > _COLOURS


def _lone(part: str, perhaps: Draft) -> Lone:
    return Lone(part, "", (), perhaps.paths[0], perhaps.hidden)


def _is_like(box: Rect, mouth: Rect) -> bool:
    """Whether a layer lies where the mouth does and is about as large."""
    (x, y), (middle_x, middle_y), width = middle(box), middle(mouth), mouth.width
    is_near = abs(x - middle_x) < _ASIDE * width and abs(y - middle_y) < _ABOVE * width
    return is_near and _WIDTHS[0] < box.width / width < _WIDTHS[1] and box.height < _HIGHEST * width
