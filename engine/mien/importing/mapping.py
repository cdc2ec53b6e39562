"""Corrections: what somebody says that layers are, as in the `[layers]` of a `--map` file or of
`import.toml`."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any, Final

from mien.documents.toml import read_toml
from mien.errors import FormatError
from mien.importing.labels import HIDDEN, MARKS, OPEN, SHOWN, Label, state_of
from mien.importing.names import ASIDE, family_of, read_name, vocabulary
from mien.importing.source import Path, Source, path_text
from mien.messages import did_you_mean, listed, nearest, quoted, suggestion
from mien.types import Rect

_MOST_BYTES: Final = 4 * 1024 * 1024
PLAIN: Final = "plain"
"""Says that a layer has no part to play: it is shown where it is, also where the file hides it."""

GIVEN_BY: Final = "given by"
"""How `Label.why` of a correction begins."""

_WORDS: Final = "docs/import.md has all, under Words of a correction"

BOXES: Final = ("mouth", "eye_left", "eye_right")
"""What a box may be said of, in the plain picture of a set of whole ones."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """What somebody says of art."""

    layers: Mapping[str, str] = field(default_factory=dict)
    """The path of a layer -> what it is."""
    boxes: Mapping[str, Rect] = field(default_factory=dict)
    """One of `BOXES` -> where it is, in pixels of the file."""

    def over(self, others: Corrections) -> Corrections:
        """Both, these counting more."""
        return Corrections({**others.layers, **self.layers}, {**others.boxes, **self.boxes})


def read_map(path: FilePath) -> Corrections:
    """The `[layers]` and `[boxes]` of a TOML file. Raises AssetMissing, FormatError."""
    data = read_toml(path, 'write one with [layers] and lines like "Layer 4" = "mouth aa"', _MOST_BYTES)
    for key in data:
        if key not in ("layers", "boxes"):
            raise FormatError(
                f"{path}: {quoted(key)} is no key of a map; write everything under [layers] or [boxes]."
            )
    found = corrections_of(data, path)
    if not found.layers and not found.boxes:
        what = f"[{next(iter(data))}] is empty" if data else "has no [layers]"
        raise FormatError(f'{path}: {what}; write lines like "Layer 4" = "mouth aa" under [layers].')
    return found


def corrections_of(data: Mapping[str, Any], path: FilePath) -> Corrections:
    """The corrections in a document. Raises FormatError."""
    layers, boxes = data.get("layers", {}), data.get("boxes", {})
    for name, table in (("layers", layers), ("boxes", boxes)):
        if not isinstance(table, dict):
            raise FormatError(f"{path}: {name} must be a table; write [{name}] and lines under it.")
    for key, value in layers.items():
        if not isinstance(value, str):
            raise FormatError(f"{path}: layers.{quoted(key)} is {quoted(value)}, but must be text; quote it.")
    return Corrections(layers, {key: _box(key, value, path) for key, value in boxes.items()})


def _box(key: str, value: Any, path: FilePath) -> Rect:
    if key not in BOXES:
        raise FormatError(f"{path}: boxes.{quoted(key)} is not known; {did_you_mean(key, BOXES)}")
    are_numbers = isinstance(value, list) and len(value) == 4 and all(type(number) is int for number in value)
    if not are_numbers or not all(0 <= number <= 8192 for number in value) or min(value[2:]) < 4:
        raise FormatError(
            f"{path}: boxes.{key} is {quoted(value)}, but must be four whole numbers, 0 to 8192: left, top, "
            "width and height in pixels of the plain picture, the last two at least 4."
        )
    return Rect(*value)


def given_labels(
    layers: Mapping[str, str], source: Source, file: str, *, strict: bool = True
) -> dict[Path, Label]:
    """Labels by path, of corrections that stand in `file`.

    `strict`: it is a file of somebody's, and layers that the source does not have are an error; else it is
    what an import has kept, and they are passed over, as when art has changed since. Raises FormatError.
    """
    by = f"{GIVEN_BY} {'--map' if strict else FilePath(file).name}"
    paths = {path_text(item.path): item.path for item in source.items()}
    found = {}
    for layer, text in layers.items():
        made = replace(_label(text, f"{file}: layers.{quoted(layer)}"), why=by)
        if layer in paths:
            found[paths[layer]] = made
        elif strict:
            raise FormatError(f"{file}: there is no layer {quoted(layer)} in the art; {_meant(layer, paths)}")
    return found


def strays(layers: Mapping[str, str], source: Source, file: str) -> list[str]:
    """Of corrections that stand in `file` and were kept, those of layers that the art does not have: a
    sentence each."""
    paths = {path_text(item.path): item.path for item in source.items()}
    return [
        f"{file}: there is no layer {quoted(layer)} in the art, so its line does nothing; "
        f"{_meant(layer, paths)}"
        for layer in layers
        if layer not in paths
    ]


def _meant(layer: str, paths: Mapping[str, Path]) -> str:
    """The remedy for a layer that is not there: the one that is called so in a folder, or nearly so."""
    within = [text for text in paths if text.casefold().endswith(f"/{layer.casefold()}")]
    if len(within) > 1:
        return f"{len(within)} in folders are called so; name one with its folders: {listed(within, layer)}."
    names: dict[str, str] = {}
    for text, path in paths.items():
        names.setdefault(path[-1], text)
    close = within[0] if within else nearest(layer, paths) or names.get(nearest(layer, names) or "")
    return suggestion(close, did_you_mean(layer, paths))


def _label(text: str, place: str) -> Label:
    known = vocabulary()
    role = side = state = ""
    words = _words(text, known.roles)
    if not words:
        raise FormatError(f'{place} is empty; write what it is, as "mouth aa" or "iris left".')
    for word in words:
        if not role and word in (*known.roles, PLAIN, HIDDEN):
            role = word
        elif role and word.isdecimal():
            continue  # `mayu 2`: a number says nothing
        elif word in known.sides and not side:
            side = word
        elif role and not state and word in _states(role):
            state = word
        elif named := _as_layers(word, role, side, state):
            role, side, state = named
        elif role == "mouth" and not state and word in known.moods:
            state = f"{word}/sil"
        else:
            choices = (
                _states(role) or (*known.roles, PLAIN, HIDDEN) if not role else (*_states(role), *known.sides)
            )
            meant = did_you_mean(word, choices, f"known: {listed(choices, word)}; {_WORDS}.")
            raise FormatError(f"{place} says {quoted(word)}, which is not known; {meant}")
    if role in (HIDDEN, *ASIDE):
        return Label("", side, HIDDEN, "given")
    if role == PLAIN:
        return Label("", side, SHOWN, "given", shown=True)
    # A state has its time, and a brow or a mouth may be one drawing of several.
    shown = state in OPEN and family_of(role) not in ("mouth", "brow") and role not in MARKS
    return Label(role, side, state, "given", shown=shown)


def _as_layers(word: str, role: str, side: str, state: str) -> tuple[str, str, str] | None:
    """Role, side and state with what a word says as a layer's name, `mayu_R` or `kuchi_a`; None where it says
    nothing, what is said already, or a part of it is not known, but for numbers and marks."""
    reading = read_name(word, role)
    part = reading.role or role
    own = state_of(reading, part)
    names = _names_of(family_of(part))
    is_known = all((one.isdecimal() and part) or _is_known(one, names) for one in reading.words)
    is_other = bool(reading.role and role) and (reading.role == role or family_of(reading.role) != role)
    if is_other or not is_known or (reading.side and side) or (own and state):
        return None
    found = part, reading.side or side, own or state
    return None if found == (role, side, state) else found


def _is_known(word: str, names: frozenset[str]) -> bool:
    """Whether a word is one of these names or, as in Japanese, is made of such."""
    if word in names or word.isascii():
        return word in names
    parts, ends = [one for one in names if not one.isascii()], {0}
    for start in range(len(word)):
        ends |= {start + len(one) for one in parts if start in ends and word.startswith(one, start)}
    return len(word) in ends


@lru_cache
def _names_of(family: str) -> frozenset[str]:
    """All that says something in names of layers of a family of roles."""
    known = vocabulary()
    states = {"eye": known.lids, "mouth": known.mouth, "brow": known.moods}.get(family, {})
    tables = (known.roles, *known.within.values(), known.sides, states)
    names = (name for table in tables for names in table.values() for name in names)
    words = (word for name in names for word in (*name.words, name.joined, name.part))
    return frozenset(filter(None, words))


def _words(text: str, roles: Container[str]) -> list[str]:
    """Words, of which two that are a role together (hair back) are one, as it is called (hair_back)."""
    words, found = text.split(), list[str]()
    while words:
        taken = 2 if "_".join(words[:2]) in roles else 1
        found.append("_".join(words[:taken]))
        del words[:taken]
    return found


def _states(role: str) -> tuple[str, ...]:
    """What may be said of a role beside its side."""
    known = vocabulary()
    match family_of(role):
        case "eye":
            return tuple(known.lids)
        case "mouth":
            return tuple(known.mouth)
        case "brow":
            return tuple(known.moods)
    return ()
