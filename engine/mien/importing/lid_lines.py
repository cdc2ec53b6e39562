"""Where the upper edge of an eye lies in each state of its lid, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.importing.flatten import Picture
from mien.importing.lash_lines import bow, measured
from mien.importing.warping import seen, smoothed
from mien.types import F64, Bools, Rect

CLOSING: Final = {"three_quarter": 0.23, "half": 0.44, "nearly": 0.78, "closed": 1.0}
"""How far a lid has come down, 0..1, by state: as the bundled Wren's, which are arches up to the half."""

SHUT: Final = ("closed", "happy")
"""States in which nothing of what is in an eye is seen."""

REDRAWN: Final = ("nearly", *SHUT)
"""States in which the line of the lashes is drawn anew, in one bow: what is drawn above an open eye has
corners that no bow downwards has."""

SLANTED: Final = ("stern", "sorry")
"""States in which a lid leans, down to the nose or away from it."""

WIDE: Final = "wide"
"""The state in which a lid is raised."""

MADE: Final = (WIDE, *CLOSING, *SLANTED, "happy")

_RAISED: Final = 0.17
_RAISED_WHOLE: Final = 0.11
"""How far a lid is raised in the middle of a wide eye, of the eye's height; of an eye of one piece, whose
iris is made as much higher."""

_ENDS: Final = 0.2
"""How far the ends of a shut line come down, of how far they are above where its middle is."""

_DEPTH: Final = 0.16
"""How much lower the middle of a shut line is than its ends at least, of its width: a flatter one looks
asleep on its feet."""

_DEEPEST: Final = 0.25
"""The same at most: that of an eye as round as a ball would be a hook."""

_SHUT_THICK: Final = 0.7
"""How thick the line of a shut eye is, against that above an open one, which has the shade of a lid in it,"""
_THIN: Final = 4.0
"""and so many pixels at least, where that is so thick."""

_LEAN: Final = 0.6
_LEAN_END: Final = 0.45
"""How far a lid that leans comes down towards the corner to which it does, of an eye's height; and how much
of that its very end does: one that stayed would turn up again there."""

_HINGE: Final = 0.12
"""Where it stays, of the eye's width from the other corner: beyond, it rises a little."""

_BEYOND: Final = 0.12
"""How far a line that is drawn anew goes on beyond the eye, of its width, where its lashes do."""

_ABOVE: Final = 0.1
"""How far above the lower edge of an eye it meets its upper one in the middle, of its height."""


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
    is_whole: bool = True
    """Whether the eye is of one piece."""
    is_steep: bool = False
    """Whether the line of the lashes, on a layer of its own, goes down steeply at a corner."""

    @property
    def height(self) -> float:
        """Of the eye where it is highest, in pixels."""
        return float(np.max(self.lower - self.upper))

    @property
    def middle(self) -> F64:
        """(w,) rows halfway between both edges: what lies below is part of the lower ones."""
        return self.upper + 0.5 * (self.lower - self.upper)

    def redraws(self, state: str) -> bool:
        """Whether the line of the lashes is drawn anew in a state: wherever it comes down, if it is steep at
        a corner. Moved column by column, it would stand up there as a knob."""
        return state in REDRAWN or (self.is_steep and state in CLOSING)

    def keeps_lower(self, state: str) -> Bools:
        """(w,): in which columns what is drawn below the middle stays. Where a lid comes down onto a corner,
        it is the end of the upper lashes."""
        if state in SLANTED:
            return self._low(state) < 0.75
        return np.abs(self._share - 0.5) < (0.3 if self.redraws(state) else 1.0)

    def at(self, state: str) -> F64:
        """Where the upper edge is in a state."""
        if state == "happy":
            return self._happy()
        if self.redraws(state):
            return (1 - CLOSING[state]) * self._open() + CLOSING[state] * self._shut()
        return self.upper + self.shift(state)

    def shift(self, state: str) -> F64:
        """How far down the upper edge has come where it keeps its shape, (w,) pixels: nowhere by steps, so
        that what is drawn along it can be moved with it."""
        share = self._share
        if state == WIDE:
            raised = _RAISED_WHOLE if self.is_whole else _RAISED
            return -raised * self.height * _bowed(share, 1.0)
        reach = max(1, (self.stop - self.first) // 16)
        if state in CLOSING:
            # Its arch becomes flatter; lashes that end above the corners come down to those.
            down = self._way() * self._arch() + np.interp(share, (0, 1), self._hang()) * (1 - self._arch())
            return smoothed(CLOSING[state] * down, reach)
        low = self._low(state)
        towards = 1 - (1 - _LEAN_END) * np.clip(2 * low - 1, 0.0, 1.0) ** 2
        down = _LEAN * self.height * (low - _HINGE) * np.where(low < 0.5, _bowed(share, 0.7), towards)
        return smoothed(down, reach)

    def cut(self, state: str) -> F64:
        """Down to where what is in an eye is cut off under the line of its lid, which covers the cut."""
        if self.redraws(state):
            return self.centre(state)
        return self.at(state) + 0.5 * self.band

    def cut_whole(self, state: str) -> F64:
        """As `cut`, of an eye of one piece: without what of its own line would be left at the corners."""
        low = self.cut(state)
        return low if self.under is None else np.maximum(low, self.under)

    def bow(self, state: str) -> Picture:
        """The line of the lashes in a state in which it is drawn anew."""
        drawn = self.thick
        thick = max(min(drawn, _THIN), _SHUT_THICK * drawn) if state in SHUT else drawn
        return bow(self.lashes, self.box, self.centre(state), thick, self._ends())

    @property
    def thick(self) -> float:
        """How thick the line of the lashes is in the middle, in pixels."""
        return measured(self.lashes, self.box, self.upper, (self.first, self.stop))[1]

    def centre(self, state: str) -> F64:
        """The middle of the line of the lashes where it is drawn anew; its ends lie in the corners."""
        below, _ = measured(self.lashes, self.box, self.upper, (self.first, self.stop))
        share = 1.0 if state == "happy" else _bowed(self._along(*self._ends()), 1.0)
        return self.at(state) + below * share

    @property
    def _share(self) -> F64:
        """(w,) places from the first column to the last, 0..1; beyond them as at them."""
        return self._along(self.first, self.stop)

    def _along(self, first: int, stop: int) -> F64:
        return np.clip((np.arange(len(self.upper)) - first + 0.5) / (stop - first), 0.0, 1.0)

    def _low(self, state: str) -> F64:
        """(w,): how near to the corner that a lid leans to, 0..1."""
        is_first_low = (self.side == "left") == (state == "stern")
        return 1 - self._share if is_first_low else self._share

    def _arch(self) -> F64:
        """(w,): the shape of the upper edge, 0 at the corners and 1 where it is highest."""
        ends = self.upper[[self.first, self.stop - 1]]
        high = np.maximum(0.0, np.interp(self._share, (0, 1), ends) - self.upper)
        most = float(np.max(high[self.first : self.stop]))
        if most < 0.1 * self.height:  # flat above: no arch
            return _bowed(self._share, 1.0)
        found: F64 = np.minimum(1.0, high / most)
        return found

    def _hang(self) -> tuple[float, float]:
        """How far the ends of the line, at the first column and at the last, come down with a lid: as far as
        lashes end above the corners of the eye, and the higher of two corners lies above the other."""
        pixels = self.lashes.within(self.box)[..., 3] > 128
        corners = self.upper[[self.first, self.stop - 1]]
        first, stop = self._ends()

        def above(corner: float, columns: slice) -> float:
            rows = np.flatnonzero(pixels[:, columns].any(axis=1))
            lashes = corner - float(rows.mean()) if len(rows) else 0.0
            return max(0.0, lashes, min(float(corners.max()) - corner, 0.3 * self.height))

        left, right = slice(first, first + 3), slice(max(0, stop - 3), stop)
        return above(float(corners[0]), left), above(float(corners[1]), right)

    def _ends(self) -> tuple[int, int]:
        """The columns of a line that is drawn anew: those of the lashes, but for tips far beyond the eye."""
        alpha = self.lashes.within(self.box)[..., 3]
        columns = np.flatnonzero(seen(alpha).any(axis=0)) if alpha.any() else np.empty(0, int)
        if not len(columns):
            return self.first, self.stop
        beyond = round(_BEYOND * (self.stop - self.first))
        first = min(self.first, max(int(columns[0]), self.first - beyond))
        return first, max(self.stop, min(int(columns[-1]) + 1, self.stop + beyond))

    def _way(self) -> float:
        """How far the middle of a lid has to go until it is shut, in pixels."""
        inner = np.abs(self._share - 0.5) < 0.26
        return max(0.0, float(np.max((self._shut() - self.upper)[inner])))

    def _open(self) -> F64:
        """The upper edge of the open eye, in one bow from corner to corner."""
        along = self._along(*self._ends())
        ends = np.interp(along, (0, 1), (self.upper[self.first], self.upper[self.stop - 1]))
        bow = _bowed(along, 0.7)
        bows = np.stack((bow, bow * (along - 0.5)), axis=1)
        span = slice(self.first, self.stop)
        fitted, *_rest = np.linalg.lstsq(bows[span], (ends - self.upper)[span], rcond=None)
        found: F64 = ends - bows @ fitted
        return found

    def _shut(self) -> F64:
        """A lid that is shut: one bow from corner to corner, in the middle a little above the lower edge."""
        span, along = slice(self.first, self.stop), self._along(*self._ends())
        way = np.maximum(0.0, self.lower - self.upper - self.band)
        ends = np.interp(along, (0, 1), self._level())
        lowest = float(np.max((self.lower - self.band - ends)[span])) - _ABOVE * float(np.max(way))
        bow = _bowed(along, 0.8)
        shut = ends + max(0.0, lowest) * bow
        bottom = float(np.max(shut[span]))
        shut += _ENDS * (1 - bow) * np.maximum(0.0, bottom - ends)
        depth = bottom - float(np.mean(shut[[self.first, self.stop - 1]]))
        found: F64 = shut - max(0.0, 0.7 * _DEPTH * (self.stop - self.first) - depth) * (1 - bow)
        deepest = _DEEPEST * (self.stop - self.first)
        return found if depth <= deepest else bottom - (bottom - found) * deepest / depth

    def _level(self) -> tuple[float, float]:
        """Where the corners are of an eye that is shut: as high as those of the open one, and turned as
        far as the middle of that. A corner that is drawn down along the nose would make an angry eye."""
        span = slice(self.first, self.stop)
        places = np.arange(self.first, self.stop)
        weights = np.maximum(self.lower - self.upper, 1e-3)[span] ** 2  # corners are thin, and hardly count
        apart = places - np.average(places, weights=weights)
        slope = np.sum(weights * apart * self.middle[span]) / max(1e-9, float(np.sum(weights * apart**2)))
        fall = slope * (len(places) - 1) / 2
        mean = (self.upper[self.first] + self.upper[self.stop - 1]) / 2
        return float(mean - fall), float(mean + fall)

    def _happy(self) -> F64:
        """Where it is in a shut eye that smiles: the lower edge turned over."""
        span = slice(self.first, self.stop)
        columns = np.arange(self.first, self.stop)
        low = self.lower[span]
        chord = np.interp(columns, [columns[0], columns[-1]], [low[0], low[-1]])
        bulge = max(float(np.max(low - chord)), 0.28 * self.height, _DEPTH * (self.stop - self.first))
        middle = float(np.max(low)) - 0.15 * self.height - float(np.median(self.band[span]))
        found: F64 = middle - 0.9 * bulge * _bowed(self._along(*self._ends()), 0.9)
        return found


def _bowed(along: F64, power: float) -> F64:
    """0 at both ends of 0..1, 1 in the middle."""
    found: F64 = (4 * along * (1 - along)) ** power
    return found
