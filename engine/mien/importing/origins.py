"""Where each drawing of a character that is made comes from, told in its document."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from mien.art.covers import Cover, covers, layers_at_rest
from mien.art.layered.tree import overlap
from mien.art.origins import origins_document
from mien.importing.drafts import Draft, Drafts
from mien.importing.flatten import Picture, layers_of
from mien.importing.labels import HIDDEN, MARKS, SHOWN, Label, Labels
from mien.importing.lone import Lone
from mien.importing.mapping import PLAIN
from mien.importing.names import family_of
from mien.importing.source import Path, path_text
from mien.origin import How, Origin
from mien.types import U8, Blend, Bools, Rect

_MOST_LAYERS: Final = 8
"""Most layers that are named of one drawing."""
_LONGEST: Final = 1000
"""Most characters of a layer's path that are written."""
_LEAST_SURE: Final[tuple[How, ...]] = ("guessed", "kept", "given", "named", "made")
"""Of a drawing of several layers the first of these is said."""
_FACIAL: Final = ("mouth", "eye", "brow", "shut")
_SOLID: Final = 200
"""Alpha, 0..255, from which a layer hides what is below."""
_MOSTLY: Final = 0.6
"""Share of a drawing that others hide from which that is told."""
_AS_GOOD_AS_ALL: Final = 0.95
"""The same of brows: fringes lay over 54 to 89 % of those that were tried, and what is left is seen to
move."""


def tell_origins(
    document: dict[str, Any],
    drafts: Drafts,
    labels: Labels,
    is_made: Callable[[Path], bool],
    lone: Sequence[Lone] = (),
) -> tuple[Cover, ...]:
    """Give the slots of a document their `origins`: what lies over parts of the face. `is_made`: whether a
    layer is none of the art; `lone`: what was found on one side alone."""
    shown: list[tuple[str, Origin]] = []
    layers: dict[str, tuple[str, ...]] = {}
    for entry, slot in zip(document["slot"], drafts.slots, strict=True):
        hiding = _Hiding(drafts.slots, slot)
        beside = [one for one in lone if one.is_beside(slot)]
        alone = next((one for one in beside if one.is_of(slot)), beside[0] if beside else None)
        origins: dict[str, Origin] = {}
        for name, picture in slot.drawings.items():
            if not picture.is_empty:
                origin = _origin(slot, name, labels, is_made, hiding.most_of(picture))
                if alone is not None:
                    perhaps = path_text(alone.perhaps)[:_LONGEST]
                    origin = replace(origin, missing=alone.role, perhaps=perhaps)
                origins[name] = origin
        if origins:
            entry["origins"] = origins_document(origins)
        layers[slot.name] = layers_at_rest(slot.name, origins, slot.default)
        if slot.default or slot.role in MARKS:
            shown += [(slot.name, origin) for origin in origins.values()]
    return covers(shown, layers)


def drawn_by_hand(document: dict[str, Any], files: Container[str]) -> None:
    """Say of drawings that somebody has drawn, `parts/slot/drawing.png`, that they are that."""
    own = Origin("given", why="drawn by hand in the character's folder")
    for entry in document["slot"]:
        drawn = [name for name in entry["drawings"] if f"parts/{entry['name']}/{name}.png" in files]
        if drawn:
            kept = [
                {**row, "drawings": left}
                for row in entry.get("origins", ())
                if (left := [name for name in row["drawings"] if name not in drawn])
            ]
            entry["origins"] = [*kept, *origins_document(dict.fromkeys(drawn, own))]


def _origin(slot: Draft, drawing: str, labels: Labels, is_made: Callable[[Path], bool], under: str) -> Origin:
    layers = slot.drawings[drawing].layers
    if not layers:
        shown = slot.made_of or slot.paths or layers_of(slot.drawings.values())
        of = tuple(path for path in shown if not is_made(path))
        return Origin("made", _texts(of), "", slot.made, under)
    known = [labels.get(path, Label()) for path in layers]
    hows = [_how(label) for label in known]
    first = known[hows.index(how := min(hows, key=_LEAST_SURE.index))]
    taken_for = ", ".join(dict.fromkeys(text for label in known if (text := _words(label))))
    own = tuple(path for path in layers if not is_made(path))
    if not own and how != "guessed":  # made of the picture of all layers, or of all pictures of a set
        return Origin("made", (), "", first.why, under)
    return Origin(how, _texts(own), taken_for, first.why, under)


def _how(label: Label) -> How:
    is_known = label.role or label.how == "given" or label.state in (HIDDEN, SHOWN)
    return label.how or "kept" if is_known else "kept"


def _words(label: Label) -> str:
    """What a layer is taken for, as a map says it."""
    if not label.role:
        return {HIDDEN: HIDDEN, SHOWN: PLAIN}.get(label.state, "")
    return " ".join(word for word in (label.role, label.side, label.state) if word)


def _texts(paths: Sequence[Path]) -> tuple[str, ...]:
    return tuple(path_text(path)[:_LONGEST] for path in paths[:_MOST_LAYERS])


class _Hiding:
    """What lies over a slot of the face, at rest. Of other slots it tells nothing: hair lies over heads.

    Parameters: all `slots`, bottom to top; `slot`, one of them.
    """

    def __init__(self, slots: Sequence[Draft], slot: Draft) -> None:
        self._above: list[tuple[str, Picture]] = []
        self._least = _AS_GOOD_AS_ALL if slot.role == "brow" else _MOSTLY
        if family_of(slot.role) in _FACIAL or slot.role in MARKS:
            above = slots[slots.index(slot) + 1 :]
            self._above = [(one.name, one.drawings[one.default]) for one in above if _hides(one, slot)]

    def most_of(self, picture: Picture) -> str:
        """The slot that hides most of a drawing, where they hide it; else empty."""
        box = picture.box
        found = {name: part for name, one in self._above if (part := _solid(one, box)) is not None}
        drawn = picture.pixels[..., 3] > 40
        if not found or not drawn.any():
            return ""
        hidden = np.logical_or.reduce(list(found.values()))
        if float(hidden[drawn].mean()) < self._least:
            return ""
        return max(found, key=lambda name: float(found[name][drawn].mean()))


def _hides(slot: Draft, below: Draft) -> bool:
    """Whether a slot above another one may hide it: none of the face does, but a white its own iris."""
    is_white = slot.role == "white" and slot.side == below.side and below.role in ("iris", "pupil")
    is_over = slot.default in slot.drawings and not slot.clip
    is_over &= is_white or family_of(slot.role) not in _FACIAL
    return is_over and slot.blend == Blend.NORMAL and slot.opacity > 0.9


def _solid(picture: Picture, box: Rect) -> Bools | None:
    """Where a picture is solid in a box; None where it does not reach."""
    shared = overlap(picture.box, box)
    if not (shared.width and shared.height):
        return None
    inside: U8 = picture.within(box)
    return inside[..., 3] >= _SOLID
