"""What every thing of a source is taken for: by its name, or as it was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from mien.art.layered.tree import overlap
from mien.importing.names import (
    EYE_ROLES,
    HAIR_ROLES,
    Reading,
    family_of,
    lid_state,
    mood_of,
    mouth_shape,
    read_name,
)
from mien.importing.source import Item, Path, Source
from mien.origin import BY_FOLDER

How = Literal["named", "guessed", "given", ""]
"""How it is known: by its name or a folder's; by place and shape; because somebody, or the file, says so; not
at all."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a picture or folder is taken for."""

    role: str = ""
    """A key of `[roles]`; empty where it is not known."""
    side: str = ""
    """`left`, `right`, or empty: neither, both, or not known."""
    state: str = ""
    """Of an eye how open it is, of a mouth what it says, of brows an emotion: the keys of the vocabulary."""
    how: How = ""
    reading: Reading = field(default_factory=Reading)
    """What the name says."""
    own: bool = False
    """Its own name says the role, and not that of a folder."""
    why: str = ""
    """For what was guessed: from what; for what was given: by whom; for what its own name does not say: by
    which."""
    shown: bool = False
    """Somebody says what it is, so it is shown also where the file hides it."""
    mood: str = ""
    """The mood of the hidden face that it is of; its state is as that says, whatever its name does."""

    @property
    def says_state(self) -> bool:
        """Whether its state counts, and not what its name says of one."""
        return self.how == "given" or bool(self.mood)


_MOST_HIGH: Final = 4.0
"""How high parts of an eye are at most, in heights of its iris."""

BY_BOTH: Final = "by its name and that of its folder"
"""Why it is taken for what both of them say."""

HIDDEN: Final = "hidden"
"""The state of what is kept and not shown."""

SHOWN: Final = "shown"
"""The state of what is shown as it is, as somebody said, and plays no part."""

OPEN: Final = ("", "open")
"""States in which an eye is as it mostly is."""

MARKS: Final = ("blush", "tear", "sweat", "anger")
"""Roles of what an expression shows."""

ASIDE: Final = "by its name, which says that it is no part of the figure"
"""Why what is called a note, a sketch or a guide is not shown."""

Labels = Mapping[Path, Label]


def label(source: Source, given: Mapping[Path, Label]) -> dict[Path, Label]:
    """A label for everything in a source. `given`: those that are known; what lies in a folder of these
    follows."""
    found = dict.fromkeys(_asides(source, given), Label(state=HIDDEN, how="named", own=True, why=ASIDE))
    for item in source.root:
        _label(item, Label(), given, found)
    _beside_irises(source.root, found, given)
    return found


def as_labelled(source: Source, labels: Labels) -> Source:
    """The same, in which nothing shows that labels say is kept and not shown, and all shows that they say is
    shown. Of a hidden folder in which such a thing lies the rest stays hidden."""
    return replace(source, root=tuple(_as_labelled(item, labels) for item in source.root))


def _as_labelled(item: Item, labels: Labels) -> Item:
    state = labels[item.path].state
    if state == HIDDEN:
        return replace(item, visible=False)
    children = tuple(_as_labelled(child, labels) for child in item.children)
    visible = item.visible or labels[item.path].shown
    if not visible and any(_shows(child, labels) for child in children):
        visible = True
        children = tuple(
            child if _shows(child, labels) else replace(child, visible=False) for child in children
        )
    is_same = all(one is other for one, other in zip(children, item.children, strict=True))
    return item if is_same and visible == item.visible else replace(item, visible=visible, children=children)


def _shows(item: Item, labels: Labels) -> bool:
    """Whether something in it, or itself, is to be shown as somebody said."""
    own = labels[item.path].shown
    return item.visible and (own or any(_shows(child, labels) for child in item.children))


def _asides(source: Source, given: Mapping[Path, Label]) -> list[Path]:
    """What its name says is no part of the figure; nothing, where too little of one would be left: of a file
    called `sketch` that is all of it."""
    asides: list[Item] = []
    others: list[Item] = []

    def sort(items: Sequence[Item], shown: bool) -> None:
        for item in items:
            # What was guessed of one that is shown makes no note of the others.
            is_given = item.path in given and given[item.path].how != "guessed"
            if not is_given and read_name(item.name).aside:
                asides.append(item)
                continue
            if shown and item.visible:
                others.append(item)
            sort(item.children, shown and item.visible)

    def is_part(item: Item) -> bool:
        role = (given.get(item.path) or read_name(item.name)).role
        return role not in ("", "background") or any(map(is_part, item.children))

    sort(source.root, True)
    is_left = any(not item.is_folder for item in others)
    if not is_left or (any(map(is_part, asides)) and not any(map(is_part, others))):
        return []
    return [item.path for item in asides]


def _beside_irises(items: Sequence[Item], found: dict[Path, Label], given: Mapping[Path, Label]) -> None:
    """Read what lies over or under an iris in one folder with it as in a folder of eyes: `white_left`; a
    shine also over an eye of one layer."""
    irises = [item for item in items if found[item.path].role in ("iris", "pupil")]
    eyes = [item for item in items if found[item.path].role == "eye"]
    for item in items:
        own = found[item.path]
        is_known = item.path in given or own.reading.role or own.state == HIDDEN
        if not is_known and (irises or eyes):
            reading = read_name(item.name, "eye")
            is_on = any(_meet(item, iris) for iris in irises)
            is_on |= reading.role == "glint" and _is_in(item, eyes)
            if reading.role in EYE_ROLES and is_on:
                found[item.path] = _by_name(reading, Label("eye"))
        _beside_irises(item.children, found, given)


def _meet(one: Item, iris: Item) -> bool:
    """Whether something lies over an iris, or it over that, and is not much higher, as an outline of a face
    is."""
    shared = overlap(one.box, iris.box)
    smaller = min(one.box.width * one.box.height, iris.box.width * iris.box.height)
    return (
        shared.width * shared.height >= 0.5 * smaller > 0 and one.box.height <= _MOST_HIGH * iris.box.height
    )


def _is_in(item: Item, eyes: Sequence[Item]) -> bool:
    """Whether something lies in an eye, or in all of several, and is smaller, as the shine of hair above them
    is not."""
    lower = [eye for eye in eyes if item.box.height < eye.box.height]
    one = any(_meet(item, eye) for eye in lower)
    return one or (len(lower) > 1 and all(all(overlap(item.box, eye.box)[2:]) for eye in lower))


def _label(item: Item, outer: Label, given: Mapping[Path, Label], found: dict[Path, Label]) -> None:
    reading = read_name(item.name, outer.role)
    own = given.get(item.path)
    aside = found.get(item.path) or (outer if outer.why == ASIDE else None)
    if own is not None:
        made = replace(own, reading=reading, own=True)
    elif aside is not None:
        made = replace(aside, reading=reading)
    else:
        made = _by_name(reading, outer)
    found[item.path] = made
    for child in item.children:
        _label(child, made, given, found)


def _by_name(reading: Reading, outer: Label) -> Label:
    if reading.flips:
        return Label("", "", HIDDEN, "named", reading, True, "PSDTool shows it where the figure is mirrored")
    role, how = reading.role or outer.role, outer.how
    if reading.role:
        how = "named"
    if role == "clothes" and outer.role in (*HAIR_ROLES, "head", "face", "hat"):
        role = "hat"  # a ribbon in the hair
    if role == "eye" and outer.role == "brow":
        role = "brow"
    side = reading.side or (outer.side if family_of(role) == family_of(outer.role) or not outer.role else "")
    inherits = family_of(role) == family_of(outer.role)
    own = state_of(reading, role)
    # What a folder hides is hidden; what shows in one that somebody shows is for each to say.
    state = own or (outer.state if inherits and outer.state != SHOWN else "")
    why = "" if reading.role or not inherits or outer.why == BY_BOTH else outer.why
    if role and not reading.role and how == "named":
        why = BY_BOTH if own or reading.side else why or BY_FOLDER
    return Label(role, side, state, how, reading, bool(reading.role), why)


def state_of(reading: Reading, role: str) -> str:
    """What a name says of how a part is: of an eye how open, of a mouth its shape, of brows an emotion."""
    match family_of(role):
        case "eye":
            return lid_state(reading)
        case "mouth":
            return mouth_shape(reading)
        case "brow":
            return mood_of(reading)
    return ""
