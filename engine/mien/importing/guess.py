"""What layers are by place and shape, where names say nothing: a mouth, eyes, brows.

A face is looked for as it is drawn: two things alike beside each other on skin, one thing below and between
them, above the chin. What lies where the mouth is, hidden or not, is another mouth; what lies where eyes are,
is hidden and flatter, shows them shut. What somebody says of one layer changes
nothing about the others, unless it lies elsewhere than what was guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mien.art.layered.tree import overlap, union
from mien.importing.guess_eyes import ON_IT, FoundEyes, Pair, brows_of, eyes_of, pairs_of
from mien.importing.guess_mouth import FoundMouth, how_likely, mouth_on
from mien.importing.guess_skin import Skin, skin_under
from mien.importing.labels import HIDDEN, Label, Labels
from mien.importing.names import family_of, read_name, vocabulary
from mien.importing.seen import Seen, area, covered, shape
from mien.importing.source import Item, Path, Source
from mien.types import Rect

_MOST_CANDIDATES: Final = 120
_SURE: Final = 0.3
"""How likely something must be to be taken for an eye or a mouth without a doubt, 0..1."""
UNSURE: Final = "unsure"
_FACE: Final = ("eye", "brow", "mouth")
"""Families of roles that are guessed."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A part of a face that was guessed."""

    part: str
    """`eyes`, `brows` or `mouth`."""
    paths: tuple[Path, ...]
    """The layers that are taken for it."""
    unsure: bool
    others: tuple[tuple[Path, ...], ...] = ()
    """What may be it instead, the likeliest first: the layers of each."""


@dataclass(slots=True)
class Guesses:
    """What was guessed of a source."""

    given: Mapping[Path, Label]
    """The layers that somebody has corrected."""
    labels: dict[Path, Label] = field(default_factory=dict)
    parts: list[Guess] = field(default_factory=list)

    def say(self, thing: Seen, role: str, why: str, side: str = "", state: str = "") -> None:
        """Something is taken for something."""
        self.labels[thing.item.path] = Label(role, side, state, "guessed", why=why)


def guess(source: Source, labels: Labels, given: Mapping[Path, Label]) -> Guesses:
    """Labels for layers that names say nothing of, where eyes, brows or a mouth are missing. `given`: the
    layers that somebody has corrected."""
    said = {path: label for path, label in given.items() if family_of(label.role) in _FACE}
    found = _guess(source, _without(labels, said), given)
    rivals = _rivals(source, said, found)
    if rivals:
        said = {path: label for path, label in said.items() if path not in rivals}
        found = _guess(source, _without(labels, said), given)
    for path in [path for path in found.labels if _is_in(path, said)]:
        del found.labels[path]
    parts = (
        replace(part, paths=tuple(path for path in part.paths if path in found.labels))
        for part in found.parts
    )
    found.parts = [part for part in parts if part.paths]
    return found


def _unsaid(others: Iterable[tuple[Path, ...]], said: Mapping[Path, Label]) -> tuple[tuple[Path, ...], ...]:
    """What may be a part instead, without what somebody has said: that is settled."""
    return tuple(paths for paths in others if not any(_is_in(path, said) for path in paths))


def _without(labels: Labels, said: Mapping[Path, Label]) -> dict[Path, Label]:
    """Labels as if nothing were known of what somebody said, nor of what lies in it and follows."""
    return {
        path: replace(label, role="", side="", state="", how="")
        if label.how == "given" and _is_in(path, said)
        else label
        for path, label in labels.items()
    }


def _is_in(path: Path, said: Mapping[Path, Label]) -> bool:
    return any(path[:count] in said for count in range(1, len(path) + 1))


def _rivals(source: Source, said: Mapping[Path, Label], found: Guesses) -> set[Path]:
    """What somebody says is a part of a face, and does not lie on what was guessed to be it: that guess was
    wrong, or there was none. What shows a state, or is hidden, is another drawing of it."""
    items = {item.path: item for item in source.items()}
    rivals = set()
    for path, label in said.items():
        family = family_of(label.role)
        own = [other for other, guessed in found.labels.items() if family_of(guessed.role) == family]
        if own and (
            label.state or not items[path].visible or any(_is_in(other, {path: label}) for other in own)
        ):
            continue
        box = items[path].box
        boxes = [] if family == "mouth" else [items[other].box for other in own]
        if not any(max(covered(box, other), covered(other, box)) > ON_IT for other in boxes):
            rivals.add(path)
    return rivals


def _guess(source: Source, labels: Labels, given: Mapping[Path, Label]) -> Guesses:
    found = Guesses(given)
    items = [
        item
        for item in _things(source.root, labels)
        if item.box.width > 1 and item.box.height > 1 and labels[item.path].state != HIDDEN
    ]
    families = {family_of(label.role) for label in labels.values()}
    if {"eye", "brow", "mouth"} <= families or not items:
        return found
    figure = union(item.box for item in items)
    things = [Seen(item, at) for at, item in enumerate(items)]
    small = [
        thing
        for thing in things
        if _is_unknown(labels[thing.item.path]) and _is_small(thing.item.box, figure)
    ][-_MOST_CANDIDATES:]
    mouth = _named(items, labels, "mouth")
    eyes = _named_eyes(items, labels, things)
    if eyes is not None:  # other layers have names, too: those without may be brows
        pairs = pairs_of([one for one in small if _is_nameless(one.item.name)], figure)
    else:
        pairs = pairs_of(small, figure)
        eyes = eyes_of(pairs, [thing for thing in things if thing.item.visible], small, mouth)
        if eyes is None:
            return found
        _say_eyes(eyes, small, found)
    if "brow" not in families:
        _say_brows(brows_of(pairs, eyes), found)
    if mouth is None:
        left = [thing for thing in small if thing.item.path not in found.labels]
        if (of := mouth_on(eyes.skin, left)) is not None:
            _say_mouth(of, left, eyes.skin, found)
    return found


def _things(items: Sequence[Item], labels: Labels, shown: bool = True) -> Iterator[Item]:
    """Pictures, and folders of few and small ones that have no names: those may be one thing. Bottom to
    top."""
    for item in items:
        if item.is_folder and not _is_one(item, labels):
            yield from _things(item.children, labels, shown and item.visible)
        else:
            yield replace(item, visible=shown and item.visible)


def _is_one(item: Item, labels: Labels) -> bool:
    known = any(labels[child.path].own for child in item.children)
    return bool(item.children) and len(item.children) <= 6 and not known and _all_near(item)


def _all_near(item: Item) -> bool:
    """Whether all children of a folder lie over one another."""
    return all(area(overlap(child.box, item.box)) > 0.3 * area(item.box) for child in item.children)


def _named(items: Sequence[Item], labels: Labels, family: str, side: str | None = None) -> Rect | None:
    """What all layers of a family, and a side, cover; None for none."""
    own = [item for item in items if family_of(labels[item.path].role) == family]
    box = union(item.box for item in own if side is None or labels[item.path].side == side)
    return box if box.width else None


def _named_eyes(items: Sequence[Item], labels: Labels, things: Sequence[Seen]) -> FoundEyes | None:
    """Eyes that are named, and the skin below them; None where none are."""
    box = _named(items, labels, "eye")
    if box is None:
        return None
    lowest = min(at for at, item in enumerate(items) if family_of(labels[item.path].role) == "eye")
    one, other = (_named(items, labels, "eye", side) for side in ("left", "right"))
    if one is not None and other is not None:
        right, left = (one, other) if one.x < other.x else (other, one)
    else:
        wide = max(1, round(0.38 * box.width))
        right = Rect(box.x, box.y, wide, box.height)
        left = Rect(box.x + box.width - wide, box.y, wide, box.height)
    skin = skin_under(right, left, lowest, [thing for thing in things if thing.item.visible])
    return FoundEyes(right, left, skin, (), 1.0, ())


def _is_unknown(label: Label) -> bool:
    """Whether nobody says what a layer is, or only on what it lies."""
    return label.how != "given" and label.role in ("", "face", "head")


def _is_nameless(name: str) -> bool:
    """Whether nobody has named a layer: it is called as programs call a new one, or a number, or nothing."""
    words = [word for word in read_name(name).words if not word.isdigit()]
    return not words or " ".join(words) in vocabulary().nameless


def _is_small(box: Rect, figure: Rect) -> bool:
    return (
        box.width < 0.9 * figure.width  # both eyes of a small figure with a large head
        and box.height < 0.3 * figure.height
        and box.y < figure.y + 0.7 * figure.height
    )


def _say_eyes(eyes: FoundEyes, small: Sequence[Seen], found: Guesses) -> None:
    others = _unsaid((tuple(thing.item.path for thing in pair.things) for pair in eyes.others), found.given)
    unsure = eyes.how_likely < _SURE or eyes.skin.on is None or bool(others)
    for thing, role, side in eyes.pieces:
        why = "a pair beside each other" if role == "eye" else "on an eye"
        found.say(thing, role, _told(why, unsure), side)
    found.parts.append(Guess("eyes", tuple(thing.item.path for thing, _, _ in eyes.pieces), unsure, others))
    for thing in small:
        if thing.item.visible or thing.item.path in found.labels:
            continue
        for side, box in (("right", eyes.right), ("left", eyes.left)):
            if covered(thing.box, box) > 0.7 and thing.box.height < 0.6 * box.height:
                found.say(thing, "eye", f"flat, and where the {side} eye is", side, "closed")
        wide = thing.box.width > 0.75 * eyes.box.width and covered(thing.box, eyes.box) > 0.7
        if wide and thing.box.height < 0.7 * eyes.box.height:
            found.say(thing, "eye", "flat, and where the eyes are", "", "closed")


def _say_brows(brows: Pair | None, found: Guesses) -> None:
    if brows is not None:
        for thing, side in brows.sides:
            found.say(thing, "brow", "a flat pair above the eyes", side)
        found.parts.append(Guess("brows", tuple(thing.item.path for thing in brows.things), False))


def _say_mouth(of: FoundMouth, small: Sequence[Seen], skin: Skin, found: Guesses) -> None:
    """The mouth, and all that lies there."""
    others = _unsaid(((thing.item.path,) for thing in of.others), found.given)
    unsure = of.how_likely < _SURE or skin.on is None or bool(others)
    own = []
    box = of.mouth.box
    for thing in small:
        if thing is of.mouth or _is_there(thing, box, skin):
            state = "aa" if thing is not of.mouth and shape(thing.box) > 0.5 else ""
            found.say(thing, "mouth", _told("below and between the eyes", unsure), "", state)
            own.append(thing.item.path)
    found.parts.append(Guess("mouth", tuple(own), unsure, others))


def _is_there(thing: Seen, mouth: Rect, skin: Skin) -> bool:
    """Whether something is another mouth, or a piece of the one that is shown."""
    if thing.item.visible:
        on_it = covered(thing.box, mouth) > 0.5 and covered(mouth, thing.box) > 0.15
        return on_it and thing.at > skin.lies_below
    return max(covered(thing.box, mouth), covered(mouth, thing.box)) > 0.5 and how_likely(thing, skin) > 0


def _told(why: str, unsure: bool) -> str:
    return f"{why}; {UNSURE}" if unsure else why
