"""Folders that hold a face of one mood, hidden beside the plain one: `Angry` with brows and a mouth in it.

What lies in them is taken for the brows, the mouth, the eyes and the marks of that mood; all else in them
stays hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mien.art.doubts import Doubt
from mien.art.layered.tree import overlap, union
from mien.art.phrases import lines_of
from mien.importing.labels import BY_BOTH, HIDDEN, MARKS, OPEN, Label, Labels, state_of
from mien.importing.names import MOUTH_MOODS, family_of, lid_state, mood_of, mouth_shape, vocabulary
from mien.importing.seen import area
from mien.importing.source import Item, Path, Source, path_text
from mien.messages import quoted
from mien.types import Rect

_FACE: Final = ("mouth", "eye", "brow")
_AROUND: Final = ("", "face", "head", "tear")
"""Roles of folders that may hold a face: a sad one may be called `crying`."""
_FIGURE: Final = ("body", "clothes", "arm", "leg")
"""Roles of what is in no face."""
_HELD: Final = {mood: mood for mood in ("thinking", "embarrassed", "relaxed")}
_SHUT: Final = {"happy": "happy", "sad": "sad", "angry": "stern", **_HELD}
"""Moods -> the state of eyes that are drawn flat. Those of other moods have none: they stay hidden."""
_OPEN: Final = {"happy": "glad", "sad": "sorry", "angry": "stern", "surprised": "wide", **_HELD}
"""The same of eyes that are drawn open."""
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
    families: set[str] = field(default_factory=set)
    """What of a face it has."""
    folders: dict[str, Path] = field(default_factory=dict)
    """Moods -> their folders."""
    variants: set[Path] = field(default_factory=set)
    """Folders of parts that say themselves what they show."""

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

    def is_face(self, item: Item) -> bool:
        """Whether it is a folder that holds a face where the plain one is, and nobody says what it is."""
        label = self.labels[item.path]
        is_known = label.how == "given" or label.state == HIDDEN
        if not item.is_folder or is_known or label.role not in _AROUND:
            return False
        box, plain = union(one.box for one in self.parts(item.children)), self.face
        least = min(area(box), area(plain))
        is_there = least > 0 and area(overlap(box, plain)) >= _ON_IT * least
        return is_there and _WIDTHS[0] < box.width / plain.width < _WIDTHS[1]

    def is_given(self, item: Item) -> bool:
        """Whether somebody says what something in a folder is."""
        return any(self.labels[one.path].how == "given" for one in item.pictures())

    def is_other(self, item: Item) -> bool:
        """Whether a folder is called plain, or holds more than a face: another figure, or another pose."""
        roles = {self.labels[one.path].role for one in item.pictures()}
        return lid_state(self.labels[item.path].reading) == "open" or not roles.isdisjoint(_FIGURE)

    def says_states(self, item: Item) -> bool:
        """Whether parts of a face in a folder say themselves what they show: `mouth smile`, `brow angry`."""
        labels = [self.labels[one.path] for one in self.parts(item.children)]
        return all(state_of(label.reading, label.role) for label in labels)


@dataclass(frozen=True, slots=True)
class Opened:
    """A source in which such folders are shown, and all in them is hidden one by one."""

    source: Source
    labels: Mapping[Path, Label]
    """What lies in them is taken for."""
    strange: tuple[Path, ...] = ()
    """Folders that hold such a face, and whose names say no mood."""


def open_mood_folders(source: Source, labels: Labels) -> Opened:
    """Open the folder of each mood, and those in which something is that somebody has said is another drawing
    of a part. What somebody has said stays."""
    plain = _Plain(labels, Rect(0, 0, 0, 0), 0)
    shown = list(plain.parts(_shown(source.root)))
    plain.face, plain.families = union(one.box for one in shown), {*map(plain.family, shown)}
    plain.high = union(one.box for one in shown if plain.family(one) == "eye").height
    faces = list(_hidden_faces(source.root, True, plain))
    moods = {item.path: mood_of(labels[item.path].reading) for item in faces}
    # Of several of one mood that which is called nothing but that.
    for item in sorted(faces, key=lambda one: _nearness(labels[one.path], moods[one.path])):
        if moods[item.path]:
            plain.folders.setdefault(moods[item.path], item.path)
    plain.variants = {item.path for item in faces if not moods[item.path] and plain.says_states(item)}
    found: dict[Path, Label] = {}
    root = tuple(_opened(item, True, plain, found) for item in source.root)
    unknown = (item for item in faces if not moods[item.path] and item.path not in plain.variants)
    strange = tuple(item.path for item in unknown if not (plain.is_given(item) or plain.is_other(item)))
    return Opened(replace(source, root=root), found, strange)


def _nearness(label: Label, mood: str) -> tuple[bool, bool]:
    """How far the name of a folder is from that of its mood; less is nearer."""
    return label.reading.words != (mood,), len(label.reading.words) > 1


def _hidden_faces(items: Iterable[Item], shown: bool, plain: _Plain) -> Iterator[Item]:
    """Folders of faces that are hidden, the outermost."""
    for item in items:
        is_shown = shown and item.visible and any(True for _ in _shown((item,)))
        if not is_shown and plain.is_face(item) and (_one_mood(item, plain) or not _has_faces(item, plain)):
            yield item
        else:
            yield from _hidden_faces(item.children, is_shown, plain)


def _one_mood(item: Item, plain: _Plain) -> bool:
    return bool(mood_of(plain.labels[item.path].reading))


def _has_faces(item: Item, plain: _Plain) -> bool:
    """Whether folders in it are faces: it holds them all."""
    return any(plain.is_face(child) or _has_faces(child, plain) for child in item.children)


def _shown(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if item.visible:
            yield from _shown(item.children) if item.is_folder else (item,)


def _opened(item: Item, shown: bool, plain: _Plain, found: dict[Path, Label]) -> Item:
    """A thing in which such folders are opened. `shown`: whether what it lies in is shown."""
    shown = shown and item.visible
    if mood := next((mood for mood, path in plain.folders.items() if path == item.path), ""):
        face = _Face(plain, mood, list(plain.parts(item.children)), found)
        return replace(item, visible=True, children=tuple(map(face.hidden, item.children)))
    if item.path in plain.variants:
        return _each_hidden(item, plain)
    label = plain.labels[item.path]
    if not shown and label.how == "given" and not label.shown and label.role:
        return replace(item, visible=False)
    children = tuple(_opened(child, shown, plain, found) for child in item.children)
    pairs = list(zip(children, item.children, strict=True))
    if all(one is other for one, other in pairs):
        return item
    if shown:
        return replace(item, children=children)
    # What was hidden with the folder is hidden by itself; of parts that say nothing more none is a drawing.
    for part in plain.parts(other for one, other in pairs if one is other and not plain.is_face(other)):
        own_label = plain.labels[part.path]
        if own_label.how != "given" and not state_of(own_label.reading, own_label.role):
            found[part.path] = replace(own_label, state=HIDDEN)
    own = tuple(one if one is not other else replace(one, visible=False) for one, other in pairs)
    return replace(item, visible=True, children=own)


def _each_hidden(item: Item, plain: _Plain) -> Item:
    """A folder, shown, and each part of a face in it hidden by itself."""
    if not item.is_folder or plain.family(item) or not any(True for _ in plain.parts(item.children)):
        return replace(item, visible=False)
    return replace(item, visible=True, children=tuple(_each_hidden(one, plain) for one in item.children))


class _Face:
    """The face of a mood. Parameters: `plain`; `mood`; `parts`, its pictures; `found`, to which the labels of
    what lies in its folder are added."""

    def __init__(self, plain: _Plain, mood: str, parts: Sequence[Item], found: dict[Path, Label]) -> None:
        self._plain, self._mood, self._found = plain, mood, found
        eyes = [one for one in parts if plain.family(one) == "eye"]
        self._is_flat = union(one.box for one in eyes).height < _FLAT * plain.high
        self._has_open = any(self._lids(one) not in _BLINKS for one in eyes)
        self._shapes = {self._shape(one) for one in parts if plain.labels[one.path].role == "mouth"}
        self._shown = {self._kind(one) for one in parts if one.visible}

    def hidden(self, item: Item) -> Item:
        """Something in its folder, hidden one by one and labelled."""
        family = self._plain.family(item)
        is_folder = item.is_folder and family != "eye"
        if is_folder and self._plain.is_face(item) and mood_of(self._plain.labels[item.path].reading):
            return replace(item, visible=False)  # that of another mood
        if is_folder and any(True for _ in self._plain.parts(item.children)):
            return replace(item, visible=True, children=tuple(map(self.hidden, item.children)))
        label = self._plain.labels[item.path]
        if label.how != "given" and label.state != HIDDEN and (family or label.role in MARKS):
            own = replace(label, mood=self._mood)
            if family:
                # It is no variant of another one, and does not stand in for what the plain face lacks.
                is_other = not item.visible and not item.is_folder and self._kind(item) in self._shown
                is_mine = not is_other and (family == "brow" or family in self._plain.families)
                state = self._state(item, family) if is_mine else HIDDEN
                own = replace(own, state=state, how="named", why=BY_BOTH)
            self._found[item.path] = own
        return replace(item, visible=False)

    def _state(self, item: Item, family: str) -> str:
        if family == "brow":
            return self._mood
        if family == "eye":
            if self._lids(item) in _BLINKS and self._has_open:
                return HIDDEN
            return (_SHUT if self._is_flat else _OPEN).get(self._mood, HIDDEN)
        shape = self._shape(item)
        said = mouth_shape(self._plain.labels[item.path].reading)
        if "/" in said:  # `smile_aa`, wherever it lies
            return said
        if self._plain.labels[item.path].role != "mouth":  # teeth and a tongue are in an open one
            shape = next((one for one in self._shapes if one != "sil"), "sil")
        return f"{self._mood}/{'sil' if len(self._shapes) < 2 else shape}"

    def _kind(self, item: Item) -> tuple[str, str, str]:
        """Of two that are alike in this one is a variant of the other."""
        label = self._plain.labels[item.path]
        shape = self._shape(item) if label.role == "mouth" else self._lids(item)
        return label.role, label.side, shape

    def _lids(self, item: Item) -> str:
        """How open the name of an eye says that it is, but for a mood."""
        state = lid_state(self._plain.labels[item.path].reading)
        return state if state in (*OPEN, *_BLINKS) else ""

    def _shape(self, item: Item) -> str:
        """What the name of a mouth says that it speaks: `sil` where it says nothing, or a mood."""
        shape = mouth_shape(self._plain.labels[item.path].reading).rpartition("/")[2]
        return shape if shape and shape not in MOUTH_MOODS else "sil"


def strange_face(folder: Path) -> Doubt:
    """What to tell of such a folder whose name says no mood."""
    layer, moods = quoted(path_text(folder)), [*vocabulary().moods]
    told = f"{layer} holds a face, and its name says no known mood: it is one gesture, over the plain face"
    named = f"{', '.join(moods[:-1])} or {moods[-1]}"
    line = lines_of({f"{path_text(folder)}/LAYER": "mouth smile"})
    return Doubt(told, f"call it {named} and save, or write what lies in it, as {line}")
