"""Folders that hold a face of one mood, hidden beside the plain one: `Angry` with brows and a mouth in it.

What lies in them is taken for the brows, the mouth, the eyes and the marks of that mood; all else in them
stays hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mien.art.layered.tree import overlap, union
from mien.importing.labels import BY_BOTH, HIDDEN, MARKS, OPEN, Label, Labels
from mien.importing.names import MOUTH_MOODS, family_of, lid_state, mood_of, mouth_shape
from mien.importing.seen import area
from mien.importing.source import Item, Path, Source
from mien.types import Rect

_FACE: Final = ("mouth", "eye", "brow")
_AROUND: Final = ("", "face", "head", "tear")
"""Roles of folders that may hold a face: a sad one may be called `crying`."""
_MOUTHS: Final = {"happy": "smile", "sad": "frown", "angry": "frown", "surprised": "surprised"}
"""Moods -> the mouth of each."""
_SHUT: Final = {"happy": "happy", "sad": "sad", "angry": "stern"}
"""Moods -> the state of eyes that are drawn flat."""
_OPEN: Final = {"sad": "sorry", "angry": "stern", "surprised": "wide"}
"""The same of eyes that are drawn open. Open ones that are happy have no state: they stay hidden."""
_BLINKS: Final = ("closed", "nearly", "half", "three_quarter", "wink")
"""States of eyes that are hidden beside an open one: the plain eyes blink for all moods."""
_FLAT: Final = 0.6
"""How high flat eyes are at most, in heights of the plain ones."""
_ON_IT: Final = 0.3
"""How much of the smaller one of two faces lies on the other at least, of their eyes, brows and mouths."""
_WIDTHS: Final = (0.12, 1.8)
"""How wide those are, in widths of the plain ones: a pursed mouth alone is an eighth of a face."""


@dataclass(slots=True)
class _Plain:
    """The plain face."""

    labels: Labels
    face: Rect
    """Where its eyes, brows and mouth are."""
    high: int
    """How high its eyes are."""
    mouths: dict[str, str] = field(default_factory=_MOUTHS.copy)
    """Moods -> what their mouths say."""

    def family(self, item: Item) -> str:
        """The part of a face that something is; "" for none."""
        family = family_of(self.labels[item.path].role)
        return family if family in _FACE else ""

    def parts(self, items: Iterable[Item]) -> Iterator[Item]:
        """Pictures of a face, in folders as well."""
        for item in items:
            if item.is_folder:
                yield from self.parts(item.children)
            elif self.family(item):
                yield item

    def mood(self, item: Item) -> str:
        """The mood of a folder that holds a face where the plain one is; "" for none."""
        label = self.labels[item.path]
        is_known = label.how == "given" or label.state == HIDDEN
        if (
            not item.is_folder
            or is_known
            or label.role not in _AROUND
            or not (mood := mood_of(label.reading))
        ):
            return ""
        box, plain = union(one.box for one in self.parts(item.children)), self.face
        least = min(area(box), area(plain))
        is_there = least > 0 and area(overlap(box, plain)) >= _ON_IT * least
        return mood if is_there and _WIDTHS[0] < box.width / plain.width < _WIDTHS[1] else ""


def open_mood_folders(source: Source, labels: Labels) -> tuple[Source, Mapping[Path, Label]]:
    """The same source, in which such folders are shown and all in them is hidden one by one, and the labels
    of what lies in them. What somebody has said stays."""
    plain = _Plain(labels, Rect(0, 0, 0, 0), 0)
    shown = list(plain.parts(_shown(source.root)))
    plain.face = union(one.box for one in shown)
    plain.high = union(one.box for one in shown if plain.family(one) == "eye").height
    folders = [item for item in source.items() if plain.mood(item)]
    inside = {one.path for folder in folders for one in folder.pictures()}
    others = (one for one in source.items() if one.path not in inside and plain.family(one) == "mouth")
    taken = {mouth_shape(labels[one.path].reading).split("/")[0] for one in others}
    for folder in folders:  # of two that frown, each in its own way
        mood, own = plain.mood(folder), [plain.family(one) for one in plain.parts(folder.children)]
        if "mouth" in own:
            if _MOUTHS[mood] in taken:
                plain.mouths[mood] = mood
            taken.add(plain.mouths[mood])
    found: dict[Path, Label] = {}
    root = tuple(_opened(item, True, plain, found) for item in source.root)
    return (replace(source, root=root) if found else source), found


def _shown(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if item.visible:
            yield from _shown(item.children) if item.is_folder else (item,)


def _opened(item: Item, shown: bool, plain: _Plain, found: dict[Path, Label]) -> Item:
    """A thing in which such folders are opened. `shown`: whether what it lies in is shown."""
    shown = shown and item.visible
    if not shown and (mood := plain.mood(item)):
        face = _Face(plain, mood, list(plain.parts(item.children)), found)
        return face.hidden(item)
    children = tuple(_opened(child, shown, plain, found) for child in item.children)
    pairs = list(zip(children, item.children, strict=True))
    if all(one is other for one, other in pairs):
        return item
    if shown:
        return replace(item, children=children)
    # What was hidden with the folder is hidden by itself.
    own = tuple(one if one is not other else replace(one, visible=False) for one, other in pairs)
    return replace(item, visible=True, children=own)


class _Face:
    """The face of a mood. Parameters: `plain`; `mood`; `parts`, its pictures; `found`, to which the labels of
    what lies in its folder are added."""

    def __init__(self, plain: _Plain, mood: str, parts: Sequence[Item], found: dict[Path, Label]) -> None:
        self._plain, self._mood, self._found = plain, mood, found
        eyes = [one for one in parts if plain.family(one) == "eye"]
        self._is_flat = union(one.box for one in eyes).height < _FLAT * plain.high
        self._has_open = any(self._lids(one) not in _BLINKS for one in eyes)
        self._shapes = {self._shape(one) for one in parts if plain.labels[one.path].role == "mouth"}

    def hidden(self, item: Item) -> Item:
        """Something in its folder, hidden one by one and labelled."""
        family = self._plain.family(item)
        is_folder = item.is_folder and family != "eye"
        if is_folder and any(True for _ in self._plain.parts(item.children)):
            return replace(item, visible=True, children=tuple(map(self.hidden, item.children)))
        label = self._plain.labels[item.path]
        if label.how != "given" and label.state != HIDDEN and (family or label.role in MARKS):
            own = replace(label, mood=self._mood)
            if family:
                own = replace(own, state=self._state(item, family), how="named", why=BY_BOTH)
            self._found[item.path] = own
        return replace(item, visible=False)

    def _state(self, item: Item, family: str) -> str:
        if family == "brow":
            return self._mood
        if family == "eye":
            if self._lids(item) in _BLINKS and self._has_open:
                return HIDDEN
            return (_SHUT if self._is_flat else _OPEN).get(self._mood, HIDDEN)
        own, shape = self._plain.mouths[self._mood], self._shape(item)
        if self._plain.labels[item.path].role != "mouth":  # teeth and a tongue are in an open one
            shape = next((one for one in self._shapes if one != "sil"), "sil")
        is_rest = len(self._shapes) < 2 or shape == "sil"
        if is_rest:
            return own if own in MOUTH_MOODS else f"{own}/sil"
        return f"{own}/{shape}"

    def _lids(self, item: Item) -> str:
        """How open the name of an eye says that it is, but for a mood."""
        state = lid_state(self._plain.labels[item.path].reading)
        return state if state in (*OPEN, *_BLINKS) else ""

    def _shape(self, item: Item) -> str:
        """What the name of a mouth says that it speaks: `sil` where it says nothing, or a mood."""
        shape = mouth_shape(self._plain.labels[item.path].reading).rpartition("/")[2]
        return shape if shape and shape not in MOUTH_MOODS else "sil"
