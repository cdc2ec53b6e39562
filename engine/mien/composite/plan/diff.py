"""Third step of a plan: which tiles show something else than they did.

Rows are known by their identity, so that one row more or less makes no other row new.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from mien.composite.plan.occlude import Groups, Seen
from mien.composite.plan.tiles import Tiles
from mien.composite.rows import (
    CLIPPED,
    EACH_SAMPLE,
    FLOATS,
    IDENTITY,
    INVERSE_X,
    INVERSE_Y,
    MASK,
    MASK_PAGE,
    MIRROR,
    ORIGIN,
    PAGE,
    SAMPLE_PAGES,
    offscreen_page,
)
from mien.types import F32, I32, Bools, Indices

_Digests = npt.NDArray[np.uint64]
_PAGES: Final = [*SAMPLE_PAGES, MASK_PAGE]
_REACH: Final = 1.6
"""Pixels of an offscreen layer that a filter reads around a place, and what single precision does to it."""


class Shown:
    """What a block showed last."""

    def __init__(self, tiles: int) -> None:
        self.rows: F32 = np.zeros((0, FLOATS), np.float32)
        """(rows, FLOATS) float32."""
        self._digests: _Digests = np.zeros(tiles, np.uint64)
        self._hashes: _Digests = np.zeros(0, np.uint64)

    def are_same(self, rows: F32) -> bool:
        """Whether these rows (n, FLOATS) are those of last time, one by one, each maybe changed."""
        then = self.rows
        return len(rows) == len(then) and all(
            bool((rows[:, column] == then[:, column]).all()) for column in (CLIPPED, IDENTITY)
        )

    def origins(self, rows: F32, then: Groups, now: Groups) -> Indices:
        """(n,) the number that each of these rows (n, FLOATS) had last time, ascending; -1: it is new, or is
        clipped to another. `then`, `now`: the groups of the rows of last time, and of these."""
        if not len(self.rows):
            return np.full(len(rows), -1)
        names, wanted = _names(self.rows), _names(rows)
        where = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
        known = (names[where] == wanted) & (then.clipped[where] == now.clipped)
        known &= np.where(known, where, -1)[now.base] == then.base[where]
        return np.where(known, where, -1)

    def changed(self, rows: F32, origins: Indices | None) -> Bools:
        """(n,) which of these rows (n, FLOATS) are new, or other than last time. `origins`: as above; None:
        they are those of last time, one by one."""
        if origins is None:
            differs: Bools = (rows != self.rows).any(axis=1)
            return differs
        if not len(self.rows):
            return np.ones(len(rows), np.bool_)
        changed: Bools = (origins < 0) | (rows != self.rows.take(origins, axis=0, mode="wrap")).any(axis=1)
        return changed

    def learn(self, rows: F32, groups: Groups) -> None:
        """Other rows (n, FLOATS) come, or others are clipped to others."""
        names = _names(rows)
        mixed = names.astype(np.uint64) << np.uint64(32) | names[groups.base].astype(np.uint64)
        # Of which row it is, and of what clips it: a number that is the sum of no others.
        self._hashes = _scattered(mixed + np.uint64(1))

    def take_over(self, rows: F32, changed: Bools, seen: Seen, again: tuple[Bools, Seen] | None) -> Bools:
        """Keep what is shown now. (tiles,) where a row that changed is seen, or others than last time are.

        `again`: the tiles (tiles,) in which others may be, and what is seen there; None: in none.
        """
        damaged = np.zeros(len(self._digests), np.bool_)
        if again is not None:
            which = again[0].nonzero()[0]
            now = self._digested(again[1])[which]
            damaged[which] = now != self._digests[which]
            self._digests[which] = now
        damaged[seen.tile.take(changed[seen.row].nonzero()[0])] = True
        if self.rows.shape == rows.shape:
            np.copyto(self.rows, rows)
        else:
            self.rows = rows.copy()
        return damaged

    def _digested(self, seen: Seen) -> _Digests:
        """(tiles,) a number for what is seen in each."""
        digests = np.zeros_like(self._digests)
        if len(seen.starts):
            digests[seen.tiles] = np.add.reduceat(self._hashes.take(seen.row), seen.starts)
        return digests


def renewed(rows: F32, seen: Seen, redrawn: Sequence[I32 | None], tiles: Tiles) -> Bools:
    """(tiles,) where a part of an offscreen layer is seen that has been drawn again.

    `redrawn`: of each layer the rectangle (4,) that has been, or None.
    """
    found = np.zeros(tiles.count, np.bool_)
    if not any(box is not None for box in redrawn) or not (rows[:, _PAGES] < 0.0).any():
        return found
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


def _scattered(numbers: _Digests) -> _Digests:
    """Numbers far apart for numbers close together: the finaliser of splitmix64 (Steele et al., 2014)."""
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: _Digests = mixed ^ (mixed >> np.uint64(31))
    return found
