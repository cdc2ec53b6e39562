"""Corrections that are followed and that may not be meant: each is told, with what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Final

from mien.art.layered.tree import union
from mien.importing.document import toml_string
from mien.importing.drafts import Drafts
from mien.importing.labels import SHOWN, Label, Labels, label
from mien.importing.mapping import given_labels
from mien.importing.names import EYE_ROLES
from mien.importing.seen import covered
from mien.importing.source import Path, Source, hidden_in, path_text
from mien.messages import quoted

_INSIDE: Final = 0.8
"""Share of a layer that lies in an eye which is in it."""


def doubts(drafts: Drafts, labels: Labels) -> list[str]:
    """A line each; before lids are made, when sides are known."""
    return [*_over_lids(drafts, labels), *_above_eyes(drafts)]


def _over_lids(drafts: Drafts, labels: Labels) -> Iterator[str]:
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
            yield (
                f'{quoted(layer)} is given as "plain" and lies in the {side} eye, above its lids; '
                f"write {line}"
            )


def _above_eyes(drafts: Drafts) -> Iterator[str]:
    """What somebody says is a mouth, and lies above the eyes."""
    eyes = [slot for slot in drafts.of(*EYE_ROLES) if not slot.lid_state]
    if not eyes:
        return
    top = min(slot.box.y for slot in eyes)
    for slot in drafts.of("mouth"):
        if slot.how == "given" and slot.paths and slot.box.y + slot.box.height <= top:
            layer = quoted(path_text(slot.paths[0]))
            yield f"{layer} is given as a mouth and lies above the eyes; if it is none, take that line out"


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
