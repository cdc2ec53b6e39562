"""Folders that hold a face of one mood, hidden beside the plain one: `Angry` with brows and a mouth in it.

What lies in them is taken for the brows, the mouth and the eyes of that mood; all else in them stays hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mien.art.layered.tree import union
from mien.importing.labels import BY_BOTH, HIDDEN, OPEN, Label, Labels
from mien.importing.names import family_of, lid_state, mood_of, mouth_shape
from mien.importing.source import Item, Path, Source

_FACE: Final = ("mouth", "eye", "brow")
_AROUND: Final = ("", "face", "head")
"""Roles of folders that may hold a face."""
_MOUTHS: Final = {"happy": "smile", "sad": "frown", "angry": "frown", "surprised": "surprised"}
"""Moods -> the mouth of each."""
_SHUT: Final = {"happy": "happy", "sad": "sad", "angry": "stern"}
"""Moods -> the state of eyes that are drawn flat."""
_OPEN: Final = {"sad": "sorry", "angry": "stern", "surprised": "wide"}
"""The same of eyes that are drawn open. Open ones that are happy have no state: they stay hidden."""
_FLAT: Final = 0.6
"""How high flat eyes are at most, in heights of the plain ones."""


@dataclass(slots=True)
class _Folders:
    """What is found of them."""

    labels: Labels
    high: int
    """How high the plain eyes are."""
    mouths: dict[str, str]
    """Moods -> what their mouths say."""
    found: dict[Path, Label] = field(default_factory=dict)


def open_mood_folders(source: Source, labels: Labels) -> tuple[Source, Mapping[Path, Label]]:
    """The same source, in which such folders are shown and all in them is hidden one by one, and the labels
    of what lies in them. What somebody has said stays."""
    eyes = [one for one in _shown(source.root) if family_of(labels[one.path].role) == "eye"]
    moods = {mood for item in source.items() if (mood := _mood(item, labels)) and _has_mouth(item, labels)}
    mouths = dict(_MOUTHS)
    if {"sad", "angry"} <= moods:  # two that frown, each in its own way
        mouths["angry"] = "angry"
    folders = _Folders(labels, union(one.box for one in eyes).height, mouths)
    root = tuple(_opened(item, True, folders) for item in source.root)
    return (replace(source, root=root) if folders.found else source), folders.found


def _shown(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if item.visible:
            yield from _shown(item.children) if item.is_folder else (item,)


def _mood(item: Item, labels: Labels) -> str:
    """The mood of a folder that holds a face of one; "" for none."""
    label = labels[item.path]
    if not item.is_folder or label.role not in _AROUND or label.how == "given" or label.state == HIDDEN:
        return ""
    has_face = any(family_of(labels[path].role) in _FACE for path in _paths(item.children))
    return mood_of(label.reading) if has_face else ""


def _has_mouth(item: Item, labels: Labels) -> bool:
    return any(family_of(labels[path].role) == "mouth" for path in _paths(item.children))


def _paths(items: Sequence[Item]) -> Iterator[Path]:
    for item in items:
        yield item.path
        yield from _paths(item.children)


def _opened(item: Item, shown: bool, folders: _Folders) -> Item:
    """A thing in which such folders are opened. `shown`: whether what it lies in is shown."""
    shown = shown and item.visible
    mood = "" if shown else _mood(item, folders.labels)
    if mood:
        eyes = [one for one in item.pictures() if family_of(folders.labels[one.path].role) == "eye"]
        is_flat = union(one.box for one in eyes).height < _FLAT * folders.high
        return _hidden(item, mood, is_flat, folders)
    children = tuple(_opened(child, shown, folders) for child in item.children)
    if all(one is other for one, other in zip(children, item.children, strict=True)):
        return item
    if item.visible:
        return replace(item, children=children)
    # What was hidden with the folder is hidden by itself.
    pairs = zip(children, item.children, strict=True)
    own = (one if one is not other else replace(one, visible=False) for one, other in pairs)
    return replace(item, visible=True, children=tuple(own))


def _hidden(item: Item, mood: str, is_flat: bool, folders: _Folders) -> Item:
    """A folder, shown, and all in it hidden one by one and labelled."""
    label = folders.labels[item.path]
    family = family_of(label.role)
    is_one = not item.is_folder or family == "eye" or (family == "mouth" and not _shapes(item, folders))
    if not is_one and any(family_of(folders.labels[path].role) in _FACE for path in _paths(item.children)):
        children = tuple(_hidden(child, mood, is_flat, folders) for child in item.children)
        return replace(item, visible=True, children=children)
    if family in _FACE and label.how != "given" and label.state != HIDDEN:
        state = _state(label, family, mood, is_flat, folders)
        folders.found[item.path] = replace(label, state=state, how="named", why=BY_BOTH)
    return replace(item, visible=False)


def _shapes(item: Item, folders: _Folders) -> bool:
    """Whether mouths in a folder say what they speak."""
    return any(mouth_shape(folders.labels[child.path].reading) for child in item.children)


def _state(label: Label, family: str, mood: str, is_flat: bool, folders: _Folders) -> str:
    if family == "brow":
        return mood
    if family == "eye":
        # A closed eye beside an open one of a mood is for its blink, for which the plain one is there.
        is_open = lid_state(label.reading) in OPEN
        return ((_SHUT if is_flat else _OPEN).get(mood, HIDDEN)) if is_open else HIDDEN
    shape = mouth_shape(label.reading)
    own = folders.mouths[mood]
    is_mood = own in _MOUTHS.values()
    if "/" in shape or shape in _MOUTHS.values():
        shape = shape.rpartition("/")[2] if "/" in shape else ""
    return own if is_mood and shape in ("", "sil") else f"{own}/{shape or 'sil'}"
