"""Brows that expressions move under what lies above them, as a fringe, and that are seen at rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from typing import Any, Final

from mien.art.doubts import Doubt
from mien.importing.drafts import Draft, Drafts
from mien.importing.flatten import Picture
from mien.importing.hiding import Hiding
from mien.importing.source import Path, path_text
from mien.messages import quoted
from mien.origin import named_layers

_LEAST: Final = 0.5
"""Share of a brow that is seen of it at least."""
_LESS: Final = 0.2
"""How much less of it is seen than at rest, of all of it."""
_AT_REST: Final = 0.4
"""How much of it may be hidden at rest: of brows under a fringe more is, and that is meant."""


def raised_brows(
    drafts: Drafts, joints: Mapping[str, Any], expressions: Mapping[str, Any], doubted: Set[Path]
) -> Iterator[tuple[Path, Doubt]]:
    """What is told of brows that so are hardly seen in some expressions, of each of their layers. `joints`,
    `expressions`: as the document of the character has them; `doubted`: layers of which something else is
    told."""
    for slot in drafts.of("brow"):
        joint = joints.get(slot.joint, {})
        is_told = not doubted.isdisjoint(slot.paths)
        if not is_told and slot.shown is not None and slot.joint == f"brow_{slot.side}":
            hiding = Hiding(drafts.slots, slot)
            hidden, _ = hiding.share(slot.shown)
            found: dict[str, tuple[float, str]] = {}
            for name, entry in expressions.items():
                if slot.name not in entry.get("slots", {}):  # where it shows another drawing
                    found[name] = hiding.share(_moved(slot.shown, joint, entry.get("channels", {})))
            under = {
                name: over
                for name, (share, over) in found.items()
                if hidden <= _AT_REST and 1 - share < _LEAST and share - hidden >= _LESS
            }
            if under and slot.paths:
                yield from dict.fromkeys(
                    slot.paths, _doubt(drafts, slot, under, 1 - max(found[name][0] for name in under))
                ).items()


def _doubt(drafts: Drafts, slot: Draft, under: Mapping[str, str], seen: float) -> Doubt:
    """`under`: expression -> the slot that hides the brow there."""
    over = next(iter(under.values()))
    paths = next((one.paths for one in drafts.slots if one.name == over), ())
    covers = named_layers(tuple(map(path_text, paths)) or (over,))
    layer, others = quoted(path_text(slot.paths[0])), [*under]
    names = f"{', '.join(others[:-1])} and {others[-1]}" if len(others) > 1 else others[0]
    where = "the expression" if len(others) == 1 else "the expressions"
    told = f"{layer} goes under {covers} in {where} {names}, where {seen:.0%} of it is seen"
    return Doubt(told, f"draw the brow lower, or put {covers} below it in the art, and save")


def _moved(picture: Picture, joint: Mapping[str, Any], channels: Mapping[str, float]) -> Picture:
    """A drawing where an expression moves it; it turns about its own middle, which hardly matters here."""
    moves = [(vector, channels.get(channel, 0.0)) for channel, vector in joint.get("move", {}).items()]
    x, y = (round(sum(vector[k] * value for vector, value in moves)) for k in (0, 1))
    return replace(picture, offset=(picture.offset[0] + x, picture.offset[1] + y))
