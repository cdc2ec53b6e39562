"""Corrections that are followed and that may not be meant: each is told, with what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Final

from mien.art.doubts import Doubt
from mien.art.layered.tree import union
from mien.art.phrases import plain_lines
from mien.importing.document import toml_string
from mien.importing.drafts import DoubtsOf, Draft, Drafts
from mien.importing.labels import SHOWN, Label, Labels, label
from mien.importing.mapping import GIVEN_BY, given_labels
from mien.importing.names import EYE_ROLES
from mien.importing.odd_layers import odd_layers
from mien.importing.odd_parts import odd_parts
from mien.importing.seen import area, covered
from mien.importing.sides import OTHER_SIDE, nose, side_at
from mien.importing.source import Path, Source, hidden_in, path_text
from mien.messages import quoted
from mien.origin import named_layers

_INSIDE: Final = 0.8
"""Share of a layer that lies in an eye which is in it."""
_MOST: Final = 0.6
"""How large a brow or a mouth is at most, in squares as wide as both eyes together."""
_OUT: Final = "take that line out of the map and of import.toml, which keeps it, and import again"
"""How to take a correction back."""


def doubts(drafts: Drafts, labels: Labels) -> dict[Path, Doubt]:
    """Of each layer the first that is told of it; before lids are made, when sides are known."""
    found: dict[Path, Doubt] = {}
    of_place = (*_over_lids(drafts, labels), *_misplaced(drafts), *_swapped(drafts, labels))
    for paths, doubt in (
        *of_place,
        *_second_mouths(drafts),
        *_second_brows(drafts),
        *odd_parts(drafts, labels),
        *odd_layers(drafts),
        *_sides_alone(drafts, labels),
    ):
        for path in paths:
            found.setdefault(path, doubt)
    return found


def _over_lids(drafts: Drafts, labels: Labels) -> DoubtsOf:
    """What is to be shown as it is, and lies in an eye."""
    for side in ("left", "right"):
        eye = [slot for slot in drafts.of("white", "eye", side=side) if not slot.lid_state]
        if not eye:
            continue
        box, lowest = union(slot.box for slot in eye), drafts.slots.index(eye[0])
        for slot in drafts.slots[lowest + 1 :]:
            of = labels[slot.paths[0]] if len(slot.paths) == 1 else Label()
            if of.state != SHOWN or slot.clip or covered(slot.box, box) < _INSIDE:
                continue
            layer, role = path_text(slot.paths[0]), of.reading.role
            line = f'{toml_string(layer)} = "{role if role in EYE_ROLES else "iris"} {side}"'
            told = f'{quoted(layer)} is given as "plain" and lies in the {side} eye, above its lids'
            yield slot.paths, Doubt(told, f"write {line}")


def _misplaced(drafts: Drafts) -> DoubtsOf:
    """What somebody says is a mouth or a brow, and lies where none is, or is too large for it."""
    eyes = union(slot.box for slot in drafts.of(*EYE_ROLES) if not slot.lid_state)
    if not eyes.width:
        return
    for slot in drafts.of("mouth", "brow"):
        if slot.how != "given" or not slot.paths:
            continue
        if area(slot.box) > _MOST * eyes.width**2 and not drafts.is_one_eyed:
            what = "is too large for one"
        elif slot.role == "mouth" and slot.box.y + slot.box.height <= eyes.y:
            what = "lies above the eyes"
        elif slot.role == "brow" and slot.box.y >= eyes.y + eyes.height:
            what = "lies below the eyes"
        else:
            continue
        told = f"{quoted(path_text(slot.paths[0]))} is given as a {slot.role} and {what}"
        yield slot.paths, Doubt(told, f"if it is none, {_OUT}")


def _swapped(drafts: Drafts, labels: Labels) -> DoubtsOf:
    """What somebody says is of one side, and lies at the other of the nose; it may be taken the other way
    round."""
    cut = nose(drafts)
    wrong: dict[Path, tuple[Draft, str]] = {}
    for slot in drafts.of(*EYE_ROLES, "brow", shown=False):
        place = side_at(slot.box, cut) if cut is not None and slot.why.startswith(GIVEN_BY) else ""
        if place:
            wrong |= {p: (slot, place) for p in slot.paths if labels[p].side == OTHER_SIDE[place]}
    if not wrong:
        return
    layers = named_layers(tuple(map(path_text, wrong)))
    sides = " and ".join(dict.fromkeys(OTHER_SIDE[place] for _, place in wrong.values()))
    are, lie = ("is", "lies") if len(wrong) == 1 else ("are", "lie")
    told = f"{layers} {are} given as {sides} and {lie} at the character's other side"
    lines = {path_text(path): _words(slot, place) for path, (slot, place) in wrong.items()}
    yield tuple(wrong), Doubt(told, f"write {plain_lines(lines)}")


def _words(slot: Draft, side: str) -> str:
    """What a layer is, as a map says it."""
    return " ".join(word for word in (slot.role, side, slot.lid_state) if word)


def _second_mouths(drafts: Drafts) -> DoubtsOf:
    """What somebody says is a mouth that is there already: one of the two is shown."""
    before: list[Draft] = []
    given_last = sorted(drafts.of("mouth", shown=False), key=lambda slot: slot.how == "given")
    for slot in (slot for slot in given_last if slot.lid_state and slot.paths):
        other = next((one for one in before if one.lid_state == slot.lid_state), None)
        if other is not None and slot.how == "given":
            layer, known = (quoted(path_text(one.paths[0])) for one in (slot, other))
            what = f"mouth {slot.lid_state.replace('/', ' ')}"
            told = f"{layer} is given as {what}, and {known} is that as well"
            yield (
                (*slot.paths, *other.paths),
                Doubt(told, f"one of them is shown. If {layer} is none, {_OUT}"),
            )
        before.append(slot)


def _second_brows(drafts: Drafts) -> DoubtsOf:
    """What somebody says is a brow, beside one that is called that: both are shown."""
    for slot in drafts.of("brow"):
        if slot.how == "given" and slot.paths and slot.side:
            own = [one for one in drafts.of("brow", side=slot.side) if one.lid_state == slot.lid_state]
            other = next((one for one in own if one.how == "named" and one.paths), None)
            if other is not None:
                layer, known = (quoted(path_text(one.paths[0])) for one in (slot, other))
                told = f"{layer} is given as brow {slot.side}, and {known} is that by its name"
                yield slot.paths, Doubt(told, f"if {layer} is none, {_OUT}")


def _sides_alone(drafts: Drafts, labels: Labels) -> DoubtsOf:
    """Pictures of which somebody says on which side they are, and not what: of a folder that is for all in
    it to take up."""
    for slot in drafts.slots:
        of = labels[slot.paths[0]] if len(slot.paths) == 1 else Label()
        if of.how == "given" and of.own and of.side and not (of.role or of.state):
            layer = path_text(slot.paths[0])
            told = f'{quoted(layer)} is given as "{of.side}" and no part of the face'
            yield slot.paths, Doubt(told, f'write which, as {toml_string(layer)} = "brow {of.side}"')


def overruled(layers: Mapping[str, str], hidden: tuple[str, ...], source: Source, file: str) -> Iterator[str]:
    """Of corrections that stand in `file` and were kept, those of layers that the art hid then and shows now,
    and whose names say something else: a sentence each. `hidden`: what it hid."""
    given = given_labels(layers, source, file, strict=False)
    known, hidden_now = label(source, {}), hidden_in(source)
    for path, own in given.items():
        layer, named = path_text(path), known[path]
        is_same = own.role == named.role and own.side in ("", named.side) and own.state == named.state
        if layer in hidden and path not in hidden_now and named.role and not is_same:
            yield (
                f"{FilePath(file).name}: the art shows {quoted(layer)} itself now, and "
                f"{toml_string(layer)} = {toml_string(layers[layer])} still counts; if the art is "
                "right, take that line out and import again"
            )


def hidden_of(given: Mapping[Path, Label], source: Source) -> tuple[str, ...]:
    """Of layers that somebody has corrected those that the art hides."""
    hidden = hidden_in(source)
    return tuple(path_text(path) for path in given if path in hidden)
