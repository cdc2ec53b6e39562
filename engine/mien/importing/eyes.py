"""Lids: drawings of an eye from open to shut, from what a file has and, where it has too little, made up.

A lid comes down as it does in a cartoon: what is white is cut from above along the upper lash line, which
comes down to the lower edge of the eye; irises are clipped to the white. Nothing is painted but where
nothing is under the eye.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mien.art.folder import in_threads
from mien.art.layered.tree import union
from mien.importing.flatten import EMPTY, Picture, over
from mien.importing.lash_lines import line_of
from mien.importing.warping import (
    edges,
    filled,
    grown,
    kept_above,
    kept_below,
    laid_along,
    moved_columns,
    smoothed,
)
from mien.types import F64, Rect

CLOSING = {"three_quarter": 0.23, "half": 0.44, "nearly": 0.78, "closed": 1.0}
"""How far a lid has come down, 0..1, by state: as the bundled Wren's, which are arches up to the half."""

SHUT = ("closed", "happy")
"""States in which nothing of what is in an eye is seen."""

SLANTED = ("stern", "sorry")
"""States in which a lid leans, down to the nose or away from it."""

MADE = (*CLOSING, *SLANTED, "happy")

_ENDS = 0.35
"""How far the ends of an upper line come down, of how far they are above where its middle is when shut."""

_LEAN = 0.6
"""How much lower a lid that leans is at one corner than at the other, of an eye's height."""

_BEYOND = 0.16
"""How far above an eye the higher end of it lies, of the eye's height."""

_LOWEST = 0.8
"""How far it comes down at most, of what there is of an eye in a column."""

_RAISED = 0.1
"""How far above the lower edge of an eye it meets its upper one in the middle, of its height."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One slot of an eye."""

    role: str
    picture: Picture
    is_clipped: bool = False
    """Whether it shows within the white alone, which is cut."""


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """The eye's outline: rows of `box` by column."""

    box: Rect
    upper: F64
    lower: F64
    band: F64
    """How thick the line of the lashes is that is part of the eye's own picture."""
    lashes: Picture
    """That line."""
    first: int
    stop: int
    """Its columns."""
    under: F64 | None = None
    """Where that line ends below at the corners, where it is steep; None: nowhere of note."""
    side: str = "left"
    """The character's own: the nose is at the first column of its left eye, and at the last of its right."""

    def at(self, state: str) -> F64:
        """Where the upper edge is in a state."""
        if state == "happy":
            return self.happy()
        return self.slanted(state) if state in SLANTED else self.line(CLOSING[state])

    def line(self, closing: float) -> F64:
        """Where the upper edge is when the lid has come down so far: shut, in one bow from corner to corner,
        in the middle a little above the lower edge. Its ends come down as well, or lids that are half shut
        would be straight lines."""
        span = slice(self.first, self.stop)
        way = self.lower - self.upper - self.band
        share = (np.arange(len(way)) - self.first + 0.5) / (self.stop - self.first)
        ends = np.interp(share, (0, 1), (self.upper[self.first], self.upper[self.stop - 1]))
        lowest = float(np.max((self.lower - self.band - ends)[span])) - _RAISED * max(0.0, float(np.max(way)))
        bow = np.clip(4 * share * (1 - share), 0.0, 1.0) ** 0.8
        shut = ends + max(0.0, lowest) * bow
        bottom = float(np.max(shut[span]))
        shut += _ENDS * (1 - bow) * np.maximum(0.0, bottom - ends)
        found: F64 = self.upper + closing * np.maximum(0.0, shut - self.upper)
        return found

    def cut(self, line: F64) -> F64:
        """Down to where an eye is cut off under a lid at that line: without what of its own line would be
        left at the corners."""
        low = line + 0.5 * self.band
        return low if self.under is None else np.maximum(low, self.under)

    def slanted(self, state: str) -> F64:
        """Where it is in an eye whose lid leans: straight from high at one corner to low at the other."""
        high = float(np.max(self.lower - self.upper))
        share = (np.arange(len(self.upper)) - self.first + 0.5) / (self.stop - self.first)
        to_nose = 1 - share if self.side == "left" else share
        fall = _LEAN * (to_nose if state == "stern" else 1 - to_nose)
        lid = float(np.min(self.upper[self.first : self.stop])) + high * (fall - _BEYOND)
        above, soft = self.upper - lid, 0.16 * high
        lean = lid + (above + np.sqrt(above**2 + soft**2)) / 2
        found: F64 = np.minimum(
            lean, self.upper + _LOWEST * np.maximum(0.0, self.lower - self.upper - self.band)
        )
        return found

    def happy(self) -> F64:
        """Where it is in a shut eye that smiles: the lower edge turned over."""
        span = slice(self.first, self.stop)
        columns = np.arange(self.first, self.stop)
        low = self.lower[span]
        chord = np.interp(columns, [columns[0], columns[-1]], [low[0], low[-1]])
        height = float(np.max(self.lower[span] - self.upper[span]))
        bulge = max(float(np.max(low - chord)), 0.28 * height)
        share = np.sin(np.pi * (columns - self.first + 0.5) / len(columns))
        line = self.upper.copy()
        middle = float(np.max(low)) - 0.15 * height
        line[span] = middle - 0.9 * bulge * share - self.band[span]
        line[: self.first], line[self.stop :] = line[self.first], line[self.stop - 1]
        return line


def opening_of(pieces: Sequence[Piece], side: str = "left") -> Opening | None:
    """The outline of an eye from its white, or from all of it; None where nothing is drawn. `side`: the
    character's own."""
    whites = [piece.picture for piece in pieces if piece.role == "white"]
    wholes = [piece.picture for piece in pieces if piece.role == "eye"]
    balls = [piece.picture for piece in pieces if piece.role in ("iris", "pupil")]
    lashes = [piece.picture for piece in pieces if piece.role == _lash_role(pieces)]
    inside = over(whites or wholes or balls or lashes)
    if inside.is_empty:
        return None
    box = union(piece.picture.box for piece in pieces)
    # Below is room for lashes that come down to the lower edge.
    box = grown(Rect(box.x, box.y, box.width, box.height + round(0.25 * box.height)), 2)
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
        line, band, upper, under = line_of(inside, box, upper, lower, reach)
    return Opening(box, upper, lower, band, line, int(drawn[0]), int(drawn[-1]) + 1, under, side)


def _lash_role(pieces: Sequence[Piece]) -> str:
    """The role of what has the line of the lashes: lids, where nothing else has."""
    return "lash" if {"lash", "eye"} & {piece.role for piece in pieces} else "lid"


def closing(
    pieces: Sequence[Piece], opening: Opening | None, states: Sequence[str]
) -> list[dict[str, Picture]]:
    """For each piece of an eye, its drawing in each state; an empty picture where it is gone."""
    if opening is None:
        return [{} for _ in pieces]
    roles, lash = {piece.role for piece in pieces}, _lash_role(pieces)
    pieces = [Piece("lash", piece.picture) if piece.role == lash else piece for piece in pieces]
    is_bare = not roles & {"lash", "lid", "eye"}
    wanted = [(piece, state) for piece in pieces for state in states]
    drawn = iter(in_threads(lambda one: _piece(one[0], opening, one[1], is_bare), wanted))
    return [{state: next(drawn) for state in states} for _ in pieces]


def _piece(piece: Piece, opening: Opening, state: str, is_bare: bool) -> Picture:
    box, picture = opening.box, piece.picture
    shut = 1.0 if state in SHUT else CLOSING.get(state, _LEAN / 2)
    line = opening.at(state)
    match piece.role:
        case "lash":
            # Some draw the lower lashes on the same layer: they stay.
            middle = opening.upper + 0.5 * (opening.lower - opening.upper)
            # They go on beyond the white, the edge of which is steep at its ends.
            fall = smoothed(line - opening.upper, box.width // 10)
            moved = laid_along(kept_above(picture, box, middle), box, opening.upper, opening.upper + fall)
            return moved if shut >= 1.0 else over([kept_below(picture, box, middle), moved])
        case "lid":
            # Lower ones stay.
            down = 0.35 * shut * float(np.max(opening.lower - opening.upper))
            middle = opening.upper + 0.5 * (opening.lower - opening.upper)
            upper = moved_columns(kept_above(picture, box, middle), box, np.full(box.width, down))
            return over([kept_below(picture, box, middle), upper])
        case "lash_lower":
            return EMPTY if state == "happy" else picture
        case "eye":
            moved = laid_along(opening.lashes, box, opening.upper, line)
            if shut >= 1.0:
                return moved
            return over([kept_below(picture, box, opening.cut(line)), moved])
        case "white":
            cut = EMPTY if shut >= 1.0 else kept_below(picture, box, line + 0.5 * opening.band)
            # Where nothing else has a line, a shut eye would be bare skin.
            return over([cut, laid_along(opening.lashes, box, opening.upper, line)]) if is_bare else cut
    if shut >= 1.0:
        return EMPTY
    if piece.is_clipped:
        return picture
    return kept_below(picture, box, line + 0.5 * opening.band)


def skin_patch(opening: Opening, states: Sequence[str], skin: F64) -> dict[str, Picture]:
    """What covers an eye that nothing is drawn under, in the colour of the skin around it, by state."""
    box = opening.box
    inside = np.zeros(box.width, bool)
    inside[opening.first : opening.stop] = True
    made = {}
    for state in states:
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
