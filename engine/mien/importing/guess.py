"""What layers are by place and shape, where names say nothing: a mouth, eyes, brows, a head.

A face is looked for as it is drawn: two things alike beside each other, one thing below and between them.
What lies where the mouth is, hidden or not, is another mouth; what lies where eyes are, and is flatter,
shows them shut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mien.art.layered.tree import overlap, union
from mien.importing.labels import HIDDEN, Label, Labels
from mien.importing.names import family_of
from mien.importing.source import Item, Path, Source
from mien.types import Rect

_MOST_CANDIDATES = 120


@dataclass(slots=True)
class _Found:
    labels: dict[Path, Label] = field(default_factory=dict)

    def say(self, item: Item, role: str, why: str, side: str = "", state: str = "") -> None:
        self.labels[item.path] = Label(role, side, state, "guessed", why=why)


def guess(source: Source, labels: Labels) -> dict[Path, Label]:
    """Labels for layers that names say nothing of, where eyes or a mouth are missing."""
    things = [
        item
        for item in _things(source.root, labels, True)
        if item.box.width > 1 and item.box.height > 1 and labels[item.path].state != HIDDEN
    ]
    families = {family_of(label.role) for label in labels.values()}
    found = _Found()
    if {"eye", "mouth"} <= families or not things:
        return found.labels
    unknown = [item for item in things if labels[item.path].role in ("", "face", "head")]
    figure = union(item.box for item in things)
    small = [item for item in unknown if _is_small(item.box, figure)][:_MOST_CANDIDATES]
    eyes = _known(things, labels, "eye")
    if eyes is None:
        eyes = _eyes(small, figure, _known(things, labels, "mouth"), found)
    mouth = _known(things, labels, "mouth")
    if mouth is None:
        _mouth([item for item in small if item.path not in found.labels], eyes, figure, found)
    return found.labels


def _things(items: Sequence[Item], labels: Labels, shown: bool) -> Iterator[Item]:
    """Pictures, and folders of few and small ones that have no names: those may be one thing."""
    for item in items:
        if item.is_folder and not _is_one(item, labels):
            yield from _things(item.children, labels, shown and item.visible)
        else:
            yield item


def _is_one(item: Item, labels: Labels) -> bool:
    known = any(labels[child.path].own for child in item.children)
    return bool(item.children) and len(item.children) <= 6 and not known and _all_near(item)


def _all_near(item: Item) -> bool:
    """Whether all children of a folder lie over one another."""
    return all(
        overlap(child.box, item.box).width * overlap(child.box, item.box).height
        > 0.3 * item.box.width * item.box.height
        for child in item.children
    )


def _known(things: Sequence[Item], labels: Labels, family: str) -> Rect | None:
    box = union(item.box for item in things if family_of(labels[item.path].role) == family)
    return box if box.width else None


def _is_small(box: Rect, figure: Rect) -> bool:
    return (
        box.width < 0.6 * figure.width
        and box.height < 0.3 * figure.height
        and box.y < figure.y + 0.7 * figure.height
    )


def _eyes(small: Sequence[Item], figure: Rect, mouth: Rect | None, found: _Found) -> Rect | None:
    """Find two things alike beside each other, above a mouth where one is known; or one that is two wide."""
    pairs = sorted(_pairs(small, figure, mouth), key=lambda pair: pair[0].box.y)
    if not pairs:
        return None
    tall = max(pairs, key=lambda pair: _area(pair[0].box) * min(1.0, _shape(pair[0].box)))
    right, left = tall
    box = union((right.box, left.box))
    found.say(right, "eye", "a pair beside each other", "right")
    found.say(left, "eye", "a pair beside each other", "left")
    for one, other in pairs:
        if one.path in found.labels or other.path in found.labels:
            continue
        above = box.y - 1.2 * box.height < one.box.y < box.y + 0.3 * box.height
        if above and _shape(one.box) < _shape(right.box) and one.visible:
            found.say(one, "brow", "a flat pair above the eyes", "right")
            found.say(other, "brow", "a flat pair above the eyes", "left")
            break
    for item in small:
        if item.path not in found.labels:
            _over_eye(item, right.box, left.box, found)
    return box


def _over_eye(item: Item, right: Rect, left: Rect, found: _Found) -> None:
    """Say that something that lies on an eye is it shut, where it is flat, or a piece of it."""
    for side, box in (("right", right), ("left", left)):
        if _covered(item.box, box) > 0.7:
            if not item.visible:
                if item.box.height < 0.6 * box.height:
                    found.say(item, "eye", f"flat, and where the {side} eye is", side, "closed")
            else:
                found.say(item, "iris" if item.box.width < 0.7 * box.width else "eye", "on an eye", side)
    both = union((right, left))
    wide = item.box.width > 0.75 * both.width and _covered(item.box, both) > 0.7
    if wide and not item.visible and item.box.height < 0.7 * both.height:
        found.say(item, "eye", "flat, and where the eyes are", "", "closed")


def _pairs(small: Sequence[Item], figure: Rect, mouth: Rect | None) -> Iterator[tuple[Item, Item]]:
    """(the one at the left, its twin) that may be eyes or brows."""
    for i, one in enumerate(small):
        for other in small[i + 1 :]:
            a, b = (one, other) if one.box.x < other.box.x else (other, one)
            if not (a.visible and b.visible) or not _alike(a.box, b.box):
                continue
            gap = b.box.x - a.box.x - a.box.width
            if not 0.1 * a.box.width < gap < 3.5 * a.box.width or a.box.width > 0.25 * figure.width:
                continue
            if mouth is not None and a.box.y + a.box.height > mouth.y + 0.5 * mouth.height:
                continue
            yield a, b


def _alike(a: Rect, b: Rect) -> bool:
    high, wide = max(a.height, b.height), max(a.width, b.width)
    level = abs(a.y + a.height / 2 - b.y - b.height / 2) < 0.5 * high
    return level and min(a.height, b.height) > 0.6 * high and min(a.width, b.width) > 0.55 * wide


def _mouth(small: Sequence[Item], eyes: Rect | None, figure: Rect, found: _Found) -> None:
    """Find what lies below and between the eyes; all that lies there are mouths."""
    if eyes is not None:
        centre, spread = eyes.x + eyes.width / 2, eyes.width
        top, bottom = eyes.y + 0.9 * eyes.height, eyes.y + eyes.height + 0.95 * spread
        likely = [
            item
            for item in small
            if abs(_middle(item.box)[0] - centre) < 0.22 * spread
            and top < _middle(item.box)[1] < bottom
            and 0.06 * spread < item.box.width < 0.85 * spread
        ]
    else:
        return
    wide = [item for item in likely if item.box.width > 0.12 * spread]
    lower = max(
        wide, key=lambda item: (item.visible, _middle(item.box)[1] * 1.0 + 0.4 * item.box.width), default=None
    )
    if lower is None:
        return
    for item in small:
        if item is lower or (_covered(item.box, lower.box) > 0.5 and _covered(lower.box, item.box) > 0.15):
            state = "aa" if item.box.height > 0.5 * item.box.width else ""
            found.say(item, "mouth", "below and between the eyes", "", state if item is not lower else "")


def _middle(box: Rect) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


def _area(box: Rect) -> float:
    return float(box.width * box.height)


def _shape(box: Rect) -> float:
    return box.height / max(1, box.width)


def _covered(box: Rect, by: Rect) -> float:
    """How much of a box another one covers, 0..1."""
    return _area(overlap(box, by)) / max(1.0, _area(box))
