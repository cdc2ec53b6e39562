"""Third step of a plan: which tiles show something else than they did.

Rows are known by their identity, so that one row more or less makes no other row new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.plan.occlude import Groups
from mien.composite.plan.seen import SeenTiles
from mien.composite.plan.tiles import Tiles
from mien.composite.rows import (
    BLEND,
    CLIPPED,
    EACH_SAMPLE,
    FLOATS,
    IDENTITY,
    INVERSE_X,
    INVERSE_Y,
    MASK,
    MASK_PAGE,
    MIRROR,
    OPACITY,
    ORIGIN,
    PAGE,
    SAMPLE_PAGES,
    offscreen_page,
)
from mien.types import F32, I32, Bools, Indices

_PAGES: Final = [*SAMPLE_PAGES, MASK_PAGE]
_NAMED: Final = slice(CLIPPED, IDENTITY + 1, IDENTITY - CLIPPED)
"""By what rows are known."""
_NOT_PLACE: Final = np.isin(np.arange(FLOATS), [OPACITY, *range(BLEND, FLOATS)]).view(np.uint64)
"""Of the floats of a row, eight at a time, a byte each: those that say more than where it lies."""
_REACH: Final = 1.6
"""Pixels of an offscreen layer that a filter reads around a place, and what single precision does to it."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How the rows of a block differ from those of last time."""

    groups: Groups
    """Of these rows."""
    origin: Indices | None
    """(n,) the number that each had last time, ascending; -1: it is new, or is clipped to another. None: they
    are those of last time, one by one."""
    rows: Bools
    """(n,) which are new or differ."""
    otherwise: Bools
    """(n,) which of those differ in more than in where they lie."""
    still: bool
    """None does."""

    def and_rows(self, changed: Bools) -> Changes:
        """These rows (n,) are others too: what bends them is."""
        return Changes(self.groups, self.origin, self.rows | changed, self.otherwise, self.still)


class Shown:
    """What a block showed last."""

    def __init__(self) -> None:
        self.rows: F32 = np.zeros((0, FLOATS), np.float32)
        """(rows, FLOATS) float32."""

    def compared(self, rows: F32, groups: Groups) -> Changes:
        """How these rows (n, FLOATS) differ. `groups`: of the rows of last time."""
        then, origin = self.rows, None
        differs = rows != then if len(rows) == len(then) else None
        if differs is None or differs[:, _NAMED].any():
            then_groups, groups = groups, Groups.of(rows)
            origin = self._origins(rows, then_groups, groups)
            if not len(then):
                return Changes(groups, origin, origin < 0, origin < 0, still=False)
            differs = rows != then.take(origin, axis=0, mode="wrap")
        # Eight floats at a time: `any` of each row takes several times as long.
        eights = differs.view(np.uint64)
        others = eights & _NOT_PLACE
        still = not others.any()
        if still:
            otherwise: Bools = np.zeros(len(rows), np.bool_)
        else:
            otherwise = np.bitwise_or.reduce(others, axis=1) != 0
        changed: Bools = otherwise | ((eights[:, 0] | eights[:, 1]) != 0)
        if origin is not None:
            changed |= origin < 0
            otherwise |= origin < 0
            still = still and not otherwise.any()
        return Changes(groups, origin, changed, otherwise, still)

    def _origins(self, rows: F32, then: Groups, now: Groups) -> Indices:
        """The origin of these rows. `then`, `now`: the groups of the rows of last time, and of these."""
        if not len(self.rows):
            return np.full(len(rows), -1)
        names, wanted = _names(self.rows), _names(rows)
        where = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
        known = (names[where] == wanted) & (then.clipped[where] == now.clipped)
        known &= np.where(known, where, -1)[now.base] == then.base[where]
        return np.where(known, where, -1)

    def take_over(self, rows: F32) -> None:
        """These (n, FLOATS) are shown now."""
        if self.rows.shape == rows.shape:
            np.copyto(self.rows, rows)
        else:
            self.rows = rows.copy()


def renewed(rows: F32, tiles_seen: SeenTiles, redrawn: Sequence[I32 | None], tiles: Tiles) -> Bools:
    """(tiles,) where a part of an offscreen layer is seen that has been drawn again.

    `redrawn`: of each layer the rectangle (4,) that has been, or None.
    """
    found = np.zeros(tiles.count, np.bool_)
    shows = np.asarray((rows[:, _PAGES] < 0.0).any(axis=1))
    if not any(box is not None for box in redrawn) or not shows.any():
        return found
    seen = tiles_seen.of(tiles_seen.where(shows))
    half = tiles.side / 2
    for offscreen, box in enumerate(redrawn):
        if box is None:
            continue
        for columns in (*EACH_SAMPLE, MASK):
            shows = rows[:, columns.start + PAGE] == offscreen_page(offscreen)
            which = shows[seen.row].nonzero()[0]
            if not len(which):
                continue
            row, tile = rows[seen.row[which]], seen.tile[which]
            x, y, shown = tiles.centre_x[tile], tiles.centre_y[tile], row[:, columns]
            hit = np.ones(len(which), np.bool_)
            for axis, (inverse, flip) in enumerate(((INVERSE_X, shown[:, MIRROR]), (INVERSE_Y, 1.0))):
                by_x, by_y, move = row[:, inverse].T
                at = flip * (by_x * x + by_y * y + move) + shown[:, ORIGIN.start + axis]
                reach = (np.abs(by_x) + np.abs(by_y)) * (half + 0.5) + _REACH
                hit &= (at + reach > box[axis]) & (at - reach < box[axis + 2])
            found[tile[hit]] = True
    return found


def _names(rows: F32) -> F32:
    """(n,) what rows are known by, ascending; rows without identities of their own by their place."""
    names = rows[:, IDENTITY]
    if (names[1:] > names[:-1]).all():
        return names
    return np.arange(len(rows), dtype=np.float32)
