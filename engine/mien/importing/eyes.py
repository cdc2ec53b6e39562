"""Lids: drawings of an eye from open to shut, from what a file has and, where it has too little, made up.

A lid comes down as it does in a cartoon: what is white is cut from above along the upper lash line, which
comes down to the lower edge of the eye; irises are clipped to the white. Nothing is painted but where
nothing is under the eye.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mien.art.folder import in_threads
from mien.art.layered.tree import union
from mien.importing.creases import without_crease
from mien.importing.flatten import EMPTY, Picture, over
from mien.importing.lash_lines import ends_steeply, ink, line_of
from mien.importing.lash_wings import beside_line, only
from mien.importing.lid_lines import SHUT, WIDE, Opening
from mien.importing.warping import (
    edges,
    filled,
    grown,
    kept_above,
    kept_below,
    laid_along,
    laid_between,
    moved_columns,
    smoothed,
    stretched,
)
from mien.types import F64, Rect

_SHADE = 150.0
"""How light a shade on a white is at least, 0..255: its outline is darker."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One slot of an eye."""

    role: str
    picture: Picture
    is_clipped: bool = False
    """Whether it shows within the white alone, which is cut."""


def opening_of(pieces: Sequence[Piece], side: str = "left") -> Opening | None:
    """The outline of an eye from its white, or from all of it; None where nothing is drawn. `side`: the
    character's own."""
    pieces = [own for piece in pieces for own in _parted(piece)]
    whites = [piece.picture for piece in pieces if piece.role == "white"]
    wholes = [piece.picture for piece in pieces if piece.role == "eye"]
    balls = [piece.picture for piece in pieces if piece.role in ("iris", "pupil")]
    lashes = [piece.picture for piece in pieces if piece.role == _lash_role(pieces)]
    inside = over(whites or wholes or balls or lashes)
    if inside.is_empty:
        return None
    box = union(piece.picture.box for piece in pieces)
    # Above is room for a lid that is raised, below for lashes that come down to the lower edge.
    above, below = round(0.2 * box.height), round(0.25 * box.height)
    box = grown(Rect(box.x, box.y - above, box.width, above + box.height + below), 2)
    alpha = inside.within(box)[..., 3]
    upper, lower = edges(alpha)
    drawn = np.flatnonzero(~np.isnan(upper))
    if not len(drawn):  # all of it is faint
        return None
    reach = max(1, len(drawn) // 14)
    upper, lower = smoothed(upper, reach), smoothed(lower, reach)
    under = None
    if lashes:
        line = kept_above(over(lashes), box, upper + 0.5 * (lower - upper))
        _, low = edges(line.within(box)[..., 3])
        band = np.clip(smoothed(np.fmax(low - upper, 0.0), reach), 0.0, 0.5 * np.max(lower - upper))
    else:
        line, band, upper, under = line_of(
            inside, box, upper, lower, reach, darkest=_SHADE if whites else 255.0
        )
    ends = int(drawn[0]), int(drawn[-1]) + 1
    is_steep = bool(lashes) and ends_steeply(line, box, upper, ends)
    return Opening(box, upper, lower, band, line, *ends, under, side, not whites, is_steep)


def _lash_role(pieces: Sequence[Piece]) -> str:
    """The role of what has the line of the lashes: lids, where nothing else has."""
    return "lash" if {"lash", "eye"} & {piece.role for piece in pieces} else "lid"


def closing(
    pieces: Sequence[Piece], opening: Opening | None, states: Sequence[str]
) -> list[dict[str, Picture]]:
    """For each piece of an eye, its drawing in each state; an empty picture where it is gone."""
    if opening is None:
        return [{} for _ in pieces]
    parted = [_parted(piece) for piece in pieces]
    pieces = [piece for own in parted for piece in own]
    roles, lash = {piece.role for piece in pieces}, _lash_role(pieces)
    # Beside a white and lashes what is called an eye is neither: a shade, say.
    other = "inside" if {"white", "lash"} <= roles else "eye"
    named = {lash: "lash", "eye": other}
    pieces = [replace(piece, role=named.get(piece.role, piece.role)) for piece in pieces]
    pieces = [_as_lower(piece, opening) for piece in pieces]
    eye = _Eye(opening, not roles & {"lash", "lid", "eye"}, _iris_of(pieces, opening))
    wanted = [(piece, state) for piece in pieces for state in states]
    drawn = iter(in_threads(lambda one: eye.drawn(*one), wanted))
    made = iter([{state: next(drawn) for state in states} for _ in pieces])
    each = ([next(made) for _ in own] for own in parted)
    return [
        {state: over([one[state] for one in own]) if len(own) > 1 else own[0][state] for state in states}
        for own in each
    ]


def _parted(piece: Piece) -> tuple[Piece, ...]:
    """A piece, and before it the crease that is drawn on a whole eye, as what it is."""
    eye, crease = without_crease(piece.picture) if piece.role == "eye" else (piece.picture, EMPTY)
    if crease.is_empty:
        return (piece,)
    return replace(piece, role="lid", picture=crease), replace(piece, picture=eye)


def _as_lower(piece: Piece, opening: Opening) -> Piece:
    """Lashes and lids that lie below the middle of an eye as what they are."""
    if piece.role not in ("lash", "lid") or piece.picture.is_empty:
        return piece
    alpha = piece.picture.within(opening.box)[..., 3].astype(np.float64)
    below = np.arange(opening.box.height)[:, None] > opening.middle
    is_low = float(alpha[below].sum()) > 0.7 * max(1.0, float(alpha.sum()))
    return replace(piece, role=f"{piece.role}_lower") if is_low else piece


_CREASE = 0.6
"""How far the crease of a lid comes down with it, of how far that does."""

_OVERLAP = 2
"""Pixels that what stays of a line goes on under what moves: else a hair of skin is seen between them."""

_IRIS = ("iris", "pupil", "glint")
_SMALLER = 0.9
"""How large irises of a wide eye are that a lid lay over: so their upper edge is seen as well."""

_ROUND = 0.7
"""How wide the upper tenth of an iris is at most, against all of it, where it is drawn whole."""


def _iris_of(pieces: Sequence[Piece], opening: Opening) -> tuple[float, float, float] | None:
    """How large an iris is that is drawn whole when the eye is wide, and the middle that it is so about; None
    for one that is cut off by the lid over it."""
    balls = [piece.picture for piece in pieces if piece.role in ("iris", "pupil")]
    iris = over(balls).trimmed_to_itself()
    if iris.is_empty:
        return None
    drawn = iris.pixels[..., 3] > 128
    tenth = drawn[: max(1, len(drawn) // 10)].any(axis=0).sum()
    if tenth > _ROUND * drawn.any(axis=0).sum():
        return None
    x, y = iris.box.x + iris.box.width / 2, iris.box.y + iris.box.height / 2
    column = int(np.clip(x - opening.box.x, 0, opening.box.width - 1))
    is_free = iris.box.y - opening.box.y >= (opening.upper + opening.band)[column]
    return 1.0 if is_free else _SMALLER, x, y


@dataclass(frozen=True, slots=True, eq=False)
class _Eye:
    """Draws the pieces of one eye."""

    opening: Opening
    is_bare: bool
    """Whether nothing of it has a line of lashes: a shut eye would be bare skin."""
    iris: tuple[float, float, float] | None
    """As of `_iris_of`."""

    def drawn(self, piece: Piece, state: str) -> Picture:
        """A piece in a state."""
        return self._raised(piece) if state == WIDE else self._closing(piece, state)

    def _raised(self, piece: Piece) -> Picture:
        """A piece of an eye whose lid is raised: what is in it is higher by as much, with an iris that is
        smaller, so that there is white all around it."""
        opening, picture = self.opening, piece.picture
        box, raised = opening.box, opening.upper + opening.shift(WIDE)
        if piece.role in _IRIS and self.iris is not None:
            size, *middle = self.iris
            return picture if size == 1.0 else stretched(picture, size, size, (middle[0], middle[1]))
        if piece.role in ("lash", "lid"):
            upper = laid_along(kept_above(picture, box, opening.middle), box, opening.upper, raised)
            return over([self._below(picture, WIDE), upper])
        if piece.role in ("lash_lower", "lid_lower"):
            return picture
        border = float(np.median(opening.band)) if piece.role == "eye" else 0.0
        lower = np.maximum(opening.lower, opening.upper + 1)
        return laid_between(picture, box, (opening.upper, lower), (raised, lower), border)

    def _closing(self, piece: Piece, state: str) -> Picture:
        opening, picture = self.opening, piece.picture
        box, shut = opening.box, state in SHUT
        match piece.role:
            case "lash":
                return self._lashes(picture, state)
            case "lid":
                lower = self._below(picture, state)
                if shut:  # a crease next to the line would be a second one
                    return lower
                down = 0.35 * np.maximum(0.0, opening.shift(state))
                return over([lower, moved_columns(kept_above(picture, box, opening.middle), box, down)])
            case "lid_lower":
                return picture
            case "lash_lower":
                return EMPTY if state == "happy" else picture
            case "eye":
                moved = self._line(opening.lashes, state)
                return moved if shut else over([kept_below(picture, box, opening.cut_whole(state)), moved])
            case "white":
                cut = EMPTY if shut else kept_below(picture, box, opening.cut(state))
                return over([cut, self._line(opening.lashes, state)]) if self.is_bare else cut
        if shut:
            return EMPTY
        if piece.is_clipped:
            return picture
        return kept_below(picture, box, opening.cut(state))

    def _lashes(self, picture: Picture, state: str) -> Picture:
        """The layer of the lashes: their line, and what is drawn beside it."""
        opening = self.opening
        box, upper = opening.box, kept_above(picture, opening.box, opening.middle)
        moved = self._line(upper, state)
        colour = ink(upper.within(box))
        if not opening.redraws(state) or state == "happy" or colour is None:
            return moved if state in SHUT else over([self._below(picture, state), moved])
        beside = beside_line(picture, box, replace(opening, lashes=upper).thick)
        moved = over([moved, *(wing.along(box, opening.centre(state), colour) for wing in beside.wings)])
        if state in SHUT:
            return moved
        loose = only(picture, box, beside.loose)
        below = self._below(only(picture, box, ~beside.loose), state)
        middle = (opening.first + opening.stop) // 2 - 2
        if not below.pixels[:, middle : middle + 5, 3].any():  # an end of the line, and none below the eye
            below = EMPTY
        below = over([below, kept_below(loose, box, opening.middle)])
        if state == "nearly":  # a crease next to the line would be a second one
            return over([below, moved])
        down = np.full(
            box.width, _CREASE * float(np.median(opening.shift(state)[opening.first : opening.stop]))
        )
        crease = moved_columns(kept_above(loose, box, opening.middle), box, down)
        return over([below, crease, moved])

    def _below(self, picture: Picture, state: str) -> Picture:
        """What some draw on the layer of the upper lashes, and lies below the middle of an eye: it stays."""
        lower = kept_below(picture, self.opening.box, self.opening.middle - _OVERLAP)
        lower.pixels[:, ~self.opening.keeps_lower(state)] = 0
        return lower

    def _line(self, lashes: Picture, state: str) -> Picture:
        """A line of lashes in a state: moved as it is, or drawn anew."""
        opening = self.opening
        if opening.redraws(state):
            return replace(opening, lashes=lashes).bow(state)
        return laid_along(lashes, opening.box, opening.upper, opening.at(state))


def skin_patch(opening: Opening, states: Sequence[str], skin: F64) -> dict[str, Picture]:
    """What covers an eye that nothing is drawn under, in the colour of the skin around it, by state."""
    box = opening.box
    inside = np.zeros(box.width, bool)
    inside[opening.first : opening.stop] = True
    made = {}
    for state in states:
        if state == WIDE:
            continue
        line = opening.lower if state in SHUT else opening.at(state)
        made[state] = filled(box, np.where(inside, opening.upper - 1, 0), np.where(inside, line + 1, 0), skin)
    return made


def lid_over(opening: Opening, states: Sequence[str], skin: F64) -> dict[str, Picture]:
    """A lid of skin with a darker edge, which comes down over an eye from beyond its upper edge, by state."""
    reach = max(4, opening.box.height // 5)
    box = grown(opening.box, reach)
    pad = ((reach, reach),)
    upper, lower = (np.pad(line, pad, mode="edge") + reach for line in (opening.upper, opening.lower))
    thick = max(2.0, 0.09 * float(np.max(lower - upper)))
    made = {}
    for state in states:
        line = lower + 2 if state == "closed" else np.pad(opening.at(state), pad, mode="edge") + reach
        lid = filled(box, np.zeros(box.width), lower + 2 if state in SHUT else line, skin)
        made[state] = over([lid, filled(box, line - thick, line, skin * 0.35)])
    return made


def shut_eye(units: Mapping[str, Picture]) -> dict[str, Picture]:
    """Drawings of a slot that shows an eye that the file draws shut, by state."""
    made = dict(units)
    if "closed" not in made and "wink" in made:
        made["closed"] = made.pop("wink")
    made.pop("wink", None)
    return made
