"""Corrections: what somebody says that layers are, as in the `[layers]` of a `--map` file or of
`import.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Final

from mien.documents.toml import read_toml
from mien.errors import FormatError
from mien.importing.labels import HIDDEN, Label
from mien.importing.names import family_of, vocabulary
from mien.importing.source import Path, Source, path_text
from mien.messages import did_you_mean, quoted

_MOST_BYTES: Final = 4 * 1024 * 1024
PLAIN: Final = "plain"
"""Says that a layer has no part to play: it is shown where it is."""


def read_map(path: FilePath) -> dict[str, str]:
    """The `[layers]` of a TOML file: the path of a layer -> what it is. Raises AssetMissing, FormatError."""
    data = read_toml(path, 'write one with [layers] and lines like "Layer 4" = "mouth aa"', _MOST_BYTES)
    for key in data:
        if key != "layers":
            raise FormatError(f"{path}: {quoted(key)} is no key of a map; write everything under [layers].")
    layers = data.get("layers")
    if not isinstance(layers, dict) or not layers:
        raise FormatError(f'{path}: has no [layers]; write lines like "Layer 4" = "mouth aa" under it.')
    for key, value in layers.items():
        if not isinstance(value, str):
            raise FormatError(f"{path}: layers.{quoted(key)} is {quoted(value)}, but must be text; quote it.")
    return layers


def given_labels(
    layers: Mapping[str, str], source: Source, file: str, *, strict: bool = True
) -> dict[Path, Label]:
    """Labels by path, of corrections that stand in `file`.

    `strict`: layers that the source does not have are an error; else they are passed over, as when art has
    changed since. Raises FormatError.
    """
    paths = {path_text(item.path): item.path for item in source.items()}
    found = {}
    for layer, text in layers.items():
        made = _label(text, f"{file}: layers.{quoted(layer)}")
        if layer in paths:
            found[paths[layer]] = made
        elif strict:
            raise FormatError(
                f"{file}: there is no layer {quoted(layer)} in the art; {did_you_mean(layer, paths)}"
            )
    return found


def _label(text: str, place: str) -> Label:
    known = vocabulary()
    role = side = state = ""
    words = text.split()
    if not words:
        raise FormatError(f'{place} is empty; write what it is, as "mouth aa" or "iris left".')
    for word in words:
        if not role and word in (*known.roles, PLAIN, HIDDEN):
            role = word
        elif word in known.sides and not side:
            side = word
        elif role and not state and word in _states(role):
            state = word
        else:
            choices = (
                _states(role) or (*known.roles, PLAIN, HIDDEN) if not role else (*_states(role), *known.sides)
            )
            raise FormatError(
                f"{place} says {quoted(word)}, which is not known; {did_you_mean(word, choices)}"
            )
    if role == HIDDEN:
        return Label("", side, HIDDEN, "given")
    return Label("" if role == PLAIN else role, side, state, "given")


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
