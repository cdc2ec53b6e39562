"""Where each drawing of a character that is made comes from, told in its document."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from mien.art.covers import covers, layers_at_rest
from mien.art.doubts import Doubt
from mien.art.origins import origins_document
from mien.documents.table import MAX_TEXT
from mien.importing.drafts import Draft, Drafts
from mien.importing.flatten import layers_of
from mien.importing.hiding import Hiding
from mien.importing.labels import HIDDEN, MARKS, SHOWN, Label, Labels
from mien.importing.lone import Lone
from mien.importing.mapping import PLAIN
from mien.importing.sides import by_place
from mien.importing.source import Path, path_text
from mien.origin import How, Origin

_MOST_LAYERS: Final = 8
"""Most layers that are named of one drawing."""
_LONGEST: Final = 1000
"""Most characters of a layer's path that are written."""
_LEAST_SURE: Final[tuple[How, ...]] = ("guessed", "kept", "given", "named", "made")
"""Of a drawing of several layers the first of these is said."""


def tell_origins(
    document: dict[str, Any],
    drafts: Drafts,
    labels: Labels,
    is_made: Callable[[Path], bool],
    lone: Sequence[Lone] = (),
    doubts: Mapping[Path, Doubt] = MappingProxyType({}),
) -> tuple[Doubt, ...]:
    """Give the slots of a document their `origins`: what lies over parts of the face. `is_made`: whether a
    layer is none of the art; `lone`: what was found on one side alone; `doubts`: of corrections, by layer."""
    shown: list[tuple[str, Origin]] = []
    layers: dict[str, tuple[str, ...]] = {}
    asked = {one.perhaps for one in lone if one.perhaps}
    for entry, slot in zip(document["slot"], drafts.slots, strict=True):
        hiding = Hiding(drafts.slots, slot, asked)
        beside = [one for one in lone if one.is_beside(slot)]
        alone = next((one for one in beside if one.is_of(slot)), beside[0] if beside else None)
        origins: dict[str, Origin] = {}
        for name, picture in slot.drawings.items():
            if not picture.is_empty:
                origin = _origin(slot, name, labels, is_made, hiding.by(picture))
                if alone is not None:
                    perhaps = path_text(alone.perhaps)[:_LONGEST]
                    origin = replace(origin, missing=alone.role, perhaps=perhaps)
                if doubt := next((doubts[path] for path in picture.layers if path in doubts), None):
                    origin = replace(origin, doubt=doubt.told, undo=doubt.mend[:MAX_TEXT])
                origins[name] = origin
        if origins:
            entry["origins"] = origins_document(origins)
        layers[slot.name] = layers_at_rest(slot.name, origins, slot.default)
        if slot.role in MARKS:  # which are shown by expressions
            shown += [(slot.name, origin) for origin in origins.values()]
        elif (at_rest := origins.get(slot.default)) is not None:
            shown.append((slot.name, at_rest))
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
    known = [_at_its_side(labels.get(path, Label()), slot) for path in layers]
    hows = [_how(label) for label in known]
    first = known[hows.index(how := min(hows, key=_LEAST_SURE.index))]
    taken_for = ", ".join(dict.fromkeys(text for label in known if (text := _words(label))))
    own = tuple(path for path in layers if not is_made(path))
    if not own and how != "guessed":  # made of the picture of all layers, or of all pictures of a set
        return Origin("made", (), "", first.why, under)
    return Origin(how, _texts(own), taken_for, first.why, under)


def _at_its_side(label: Label, slot: Draft) -> Label:
    """A label with the side that its slot has been given, where it says the other one."""
    is_turned = label.side and slot.side and label.side != slot.side
    why = by_place(label.why) if label.how == "named" else label.why
    return replace(label, side=slot.side, why=why) if is_turned else label


def _how(label: Label) -> How:
    is_known = label.role or label.how == "given" or label.state in (HIDDEN, SHOWN)
    return label.how or "kept" if is_known else "kept"


def _words(label: Label) -> str:
    """What a layer is taken for, as a map says it."""
    if not label.role:
        return {HIDDEN: HIDDEN, SHOWN: PLAIN}.get(label.state, "")
    state = label.state.removesuffix("/sil").replace("/", "_")
    return " ".join(word for word in (label.role, label.side, state) if word)


def _texts(paths: Sequence[Path]) -> tuple[str, ...]:
    return tuple(path_text(path)[:_LONGEST] for path in paths[:_MOST_LAYERS])
