"""Eyes and brows by place and shape: two things alike beside each other on skin, darker than it, and what
lies on them; two flat ones above."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from mien.art.layered.tree import overlap, union
from mien.importing.guess_skin import Skin, skin_under
from mien.importing.seen import Seen, are_alike, area, covered, middle, shape
from mien.types import Rect

_NO_SKIN: Final = 0.35
"""How likely a pair is a pair of eyes where no skin is seen below it, against one with skin."""
_PIECE: Final = 0.95
"""How wide and high a piece of an eye is at most, in distances between the eyes."""
_BROW_LOW: Final = 0.35
"""How far down over an eye a brow comes at most, of the eye's height."""
_NEARLY: Final = 0.6
"""How likely what may be eyes as well is at least, in shares of the likeliest."""
_ON_FACE: Final = 0.5
"""How much of each lies on the face at least: ears lie beside it."""
ON_IT: Final = 0.2
"""How much of one of two things the other covers where they are of one part of a face."""
_DARK: Final = 130
"""How light lashes are at most in the mean, 0..255."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two things alike beside each other, on two layers or on one."""

    things: tuple[Seen, ...]
    """Two, the one at the viewer's left first, or one that is both."""
    right: Rect
    """The one at the viewer's left, the character's own right."""
    left: Rect

    @property
    def at(self) -> int:
        """The place in the order of the lower one."""
        return min(thing.at for thing in self.things)

    @property
    def sides(self) -> Iterator[tuple[Seen, str]]:
        """Each thing with the side that it is; empty for both."""
        yield from zip(self.things, ("right", "left") if len(self.things) == 2 else ("",), strict=True)


@dataclass(frozen=True, slots=True, eq=False)
class FoundEyes:
    """What may be the eyes."""

    right: Rect
    left: Rect
    skin: Skin
    pieces: tuple[tuple[Seen, str, str], ...]
    """Bottom to top: what shows, its role and its side."""
    how_likely: float
    others: tuple[Pair, ...]
    """What is nearly as likely."""

    @property
    def box(self) -> Rect:
        """Around both."""
        return union((self.right, self.left))


def pairs_of(things: Sequence[Seen], figure: Rect) -> list[Pair]:
    """Whatever may be two eyes or two brows."""
    shown = [thing for thing in things if thing.item.visible]
    found = [
        Pair((thing,), *thing.halves)
        for thing in shown
        if thing.halves is not None and _are_apart(*thing.halves, figure)
    ]
    whole = [thing for thing in shown if thing.halves is None]
    for one, other in combinations(whole, 2):
        a, b = (one, other) if one.box.x < other.box.x else (other, one)
        if are_alike(a.box, b.box) and _are_apart(a.box, b.box, figure):
            found.append(Pair((a, b), a.box, b.box))
    return found


def _are_apart(a: Rect, b: Rect, figure: Rect) -> bool:
    gap, wide = b.x - a.x - a.width, min(a.width, b.width)
    return 0.1 * wide < gap < 3.5 * wide and wide < 0.3 * figure.width


def eyes_of(
    pairs: Sequence[Pair], things: Sequence[Seen], small: Sequence[Seen], mouth: Rect | None
) -> FoundEyes | None:
    """The likeliest eyes of pairs, above a mouth where one is known. `things`: all, bottom to top; `small`:
    those that may be pieces of an eye."""
    rated = []
    for pair in pairs:
        if not _may_be_eyes(pair) or (mouth is not None and pair.right.y > mouth.y):
            continue
        skin = skin_under(pair.right, pair.left, pair.at, things)
        if (likelihood := _how_likely(pair, skin)) > 0:
            rated.append((likelihood, pair, skin))
    rated.sort(key=lambda one: -one[0])
    if not rated:
        return None
    best, pair, skin = rated[0]
    right, left, own = _whole(pair, small, skin.unit)
    pieces = sorted(own, key=lambda one: one[0].at)
    if own[0][0].at > pieces[0][0].at:  # the skin is below all of them
        skin = skin_under(right, left, pieces[0][0].at, things)
    others = tuple(
        other
        for likelihood, other, _ in rated[1:]
        if likelihood > _NEARLY * best and _is_rival(other, right, left, skin)
    )
    return FoundEyes(right, left, skin, tuple(_roles(pieces, right, left)), best, others)


def _is_rival(pair: Pair, right: Rect, left: Rect, skin: Skin) -> bool:
    """Whether a pair may be the eyes in place of those that were found: both lie elsewhere, on the same
    face."""
    both = pair.right, pair.left
    if any(max(covered(box, eye), covered(eye, box)) > ON_IT for box in both for eye in (right, left)):
        return False  # a piece of them, or around them
    is_on_face = skin.on is None or all(skin.on.covers(box) > _ON_FACE for box in both)
    return is_on_face and not _is_brow(pair, right, left)


def brows_of(pairs: Sequence[Pair], eyes: FoundEyes) -> Pair | None:
    """The likeliest brows above eyes."""
    own = {thing.item.path for thing, _, _ in eyes.pieces}
    fits = [
        pair
        for pair in pairs
        if not own & {thing.item.path for thing in pair.things}
        and _is_brow(pair, eyes.right, eyes.left)
        and all(thing.at > eyes.skin.lies_below for thing in pair.things)
    ]
    colour = eyes.skin.colour
    return max(
        fits, key=lambda pair: sum(t.contrast(colour) for t in pair.things) / len(pair.things), default=None
    )


def _is_brow(pair: Pair, right: Rect, left: Rect) -> bool:
    """Whether a pair lies above eyes, is flatter than these, and about as far apart."""
    for one, eye in ((pair.right, right), (pair.left, left)):
        above = eye.y - 1.5 * eye.height < one.y and one.y + one.height < eye.y + _BROW_LOW * eye.height
        near = abs(middle(one)[0] - middle(eye)[0]) < 0.6 * eye.width
        if not (above and near and shape(one) < max(0.5, 0.9 * shape(eye)) and one.width < 1.7 * eye.width):
            return False
    return True


def _may_be_eyes(pair: Pair) -> bool:
    right, left = pair.right, pair.left
    wide, high = right.width + left.width, right.height + left.height
    return 0.08 * wide < high < 2.2 * wide and wide < 2 * _PIECE * (middle(left)[0] - middle(right)[0])


def _how_likely(pair: Pair, skin: Skin) -> float:
    """How likely a pair is a pair of eyes on skin, 0..1."""
    right, left = pair.right, pair.left
    wide, high = (right.width + left.width) / 2, (right.height + left.height) / 2
    contrast = min(thing.contrast(skin.colour) for thing in pair.things)
    spread = min(thing.spread for thing in pair.things)
    likely = min(1.0, contrast / 250) * (0.6 + 0.4 * min(1.0, spread / 50))
    likely *= min(1.0, high / wide / 0.5) * min(1.0, wide / (0.4 * skin.unit))
    if skin.on is None:
        return _NO_SKIN * likely
    inside = min(skin.on.covers(box) for box in (right, left))
    likely *= min(1.0, max(0.1, inside / 0.7))
    face = skin.on.box
    aside = abs(skin.centre - middle(face)[0]) / face.width
    return likely * (1.0 if aside < 0.25 else 0.4)


def _whole(pair: Pair, small: Sequence[Seen], unit: float) -> tuple[Rect, Rect, list[tuple[Seen, str]]]:
    """Both eyes with all that lies on them: whites, irises, lashes; the box of each, and what shows there
    with its side."""
    own = list(pair.sides)
    right, left = pair.right, pair.left
    for _ in range(2):  # a lash lies on a white that lies on an iris
        for thing in small:
            if not thing.item.visible or any(thing is other for other, _ in own):
                continue
            boxes = thing.halves
            if boxes is not None and all(
                _is_piece(thing, box, eye, unit) for box, eye in zip(boxes, (right, left), strict=True)
            ):
                right, left = union((right, boxes[0])), union((left, boxes[1]))
                own.append((thing, ""))
            elif boxes is None and _is_piece(thing, thing.box, right, unit):
                right = union((right, thing.box))
                own.append((thing, "right"))
            elif boxes is None and _is_piece(thing, thing.box, left, unit):
                left = union((left, thing.box))
                own.append((thing, "left"))
    return right, left, own


def _is_piece(thing: Seen, box: Rect, eye: Rect, unit: float) -> bool:
    """Whether a thing, of which so much is at one side, lies on an eye."""
    if max(box.width, box.height) > _PIECE * unit:
        return False
    # A brow that comes down over an eye is no piece of it.
    smaller = box if area(box) < area(eye) else eye
    shared = covered(smaller, eye if smaller is box else box)
    if thing.light < _DARK:  # lashes with a crease of the lid above reach further down
        return shared > 0.55 or (shared > _BROW_LOW and _reaches_down(box, eye))
    return shared > 0.55 or (shared > _BROW_LOW and thing.is_pale and _reaches_down(eye, box))


def _reaches_down(upper: Rect, lower: Rect) -> bool:
    """Whether one of two that begins above the other comes down further than a brow does."""
    return upper.y < lower.y and upper.y + upper.height > lower.y + _BROW_LOW * lower.height


def _roles(pieces: Sequence[tuple[Seen, str]], right: Rect, left: Rect) -> Iterator[tuple[Seen, str, str]]:
    """What each piece of an eye is, by its colour and how much of the eye it takes."""
    whites = [thing for thing, _ in pieces if thing.is_pale and not _is_tiny(thing, right, left)]
    for thing, side in pieces:
        box, eye = _beside(thing, side, right, left)
        several = sum(other in (side, "") or not side for _, other in pieces) > 1
        flat = box.height < 0.66 * eye.height and box.width > 0.6 * eye.width
        if not several:
            role = "eye"
        elif thing in whites:
            role = "white"
        elif thing.is_pale:
            role = "glint"
        elif thing.light < _DARK and _is_line_around(thing, box, whites):
            role = "lash" if box.y < eye.y + 0.3 * eye.height else "lash_lower"
        elif flat and thing.light < _DARK:
            role = "lash" if middle(box)[1] < middle(eye)[1] + 0.1 * eye.height else "lash_lower"
        elif box.width < 0.8 * eye.width:
            role = "iris"
        else:
            role = "eye"
        yield thing, role, side


def _is_line_around(thing: Seen, box: Rect, whites: Sequence[Seen]) -> bool:
    """Whether a thing, which lies in `box` at one side, is a line along the edge of a white there: as wide as
    most of that, and not in its middle."""
    own = [one for white in whites for one in white.halves or (white.box,) if area(overlap(one, box))]
    middles = [Rect(b.x + b.width // 4, b.y + b.height // 4, b.width // 2, b.height // 2) for b in own]
    return any(box.width > 0.6 * one.width for one in own) and all(thing.covers(b) < 0.2 for b in middles)


def _beside(thing: Seen, side: str, right: Rect, left: Rect) -> tuple[Rect, Rect]:
    """The box of a thing, or of its half, and that of the eye that it lies on."""
    if thing.halves is not None:
        return thing.halves[0], right
    return thing.box, left if side == "left" else right


def _is_tiny(thing: Seen, right: Rect, left: Rect) -> bool:
    box, eye = _beside(thing, "right", right, left)
    return area(box) < 0.25 * area(eye)
