"""Second step of a plan: which rows are seen in each tile.

What shows nothing there, and what something opaque hides, is left out: adding a transparent source and
drawing under an opaque one change no bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.plan.footprints import Shows
from mien.composite.plan.silhouettes import HIDES
from mien.composite.rows import CLIPPED
from mien.types import F32, Bools, Bytes, Indices

_MOST_RUNS: Final = 48
"""Runs of tiles up to which others are put in the places of what they show, instead of sorting all."""


@dataclass(frozen=True, slots=True)
class Groups:
    """The clipping groups of a block: each a base row with the rows clipped to it, bottom to top."""

    base: Indices
    """(rows,) the row that each is clipped to; its own number where it is not clipped."""
    clipped: Bools
    """(rows,) whether it is."""

    @classmethod
    def of(cls, rows: F32) -> Groups:
        """Of (n, FLOATS) rows. Raises ValueError where the first row is clipped."""
        clipped = rows[:, CLIPPED] != 0.0
        if len(rows) and clipped[0]:
            raise ValueError("row 0 is clipped to a row below it, and there is none")
        base = np.maximum.accumulate(np.where(clipped, 0, np.arange(len(rows))))
        return cls(base, clipped)


@dataclass(frozen=True, slots=True)
class Seen:
    """Pairs of a tile and a row that is seen there: by tiles, ascending; in a tile bottom to top."""

    tile: Indices
    """(n,)"""
    row: Indices
    """(n,)"""
    hidden: Bools
    """(tiles,) whether something opaque lies over all that is below."""

    @property
    def starts(self) -> Indices:
        """(k,) the first pair of each tile in which anything is seen."""
        return begins(self.tile)

    def of(self, which: Bools) -> Seen:
        """In those tiles alone: (tiles,)."""
        kept = which.take(self.tile).nonzero()[0]
        if len(kept) == len(self.tile):
            return self
        return Seen(self.tile.take(kept), self.row.take(kept), self.hidden)

    def renumbered(self, now: Indices) -> Seen:
        """With the rows' numbers as they are now: (rows then,); of those that are gone any."""
        return Seen(self.tile, now.take(self.row), self.hidden)

    def but(self, which: Bools, others: Seen) -> Seen:
        """With `others` in the place of what is seen in those tiles: (tiles,)."""
        fresh = which.nonzero()[0]
        runs = begins(fresh - np.arange(len(fresh)))
        if len(runs) > _MOST_RUNS:
            kept = (~which.take(self.tile)).nonzero()[0]
            tiles = np.concatenate((self.tile.take(kept), others.tile))
            rows = np.concatenate((self.row.take(kept), others.row))
            return _by_tiles(tiles, rows, np.where(which, others.hidden, self.hidden))
        first, last = fresh[runs], fresh[np.append(runs[1:], len(fresh)) - 1]
        ends = [
            np.stack((one.tile.searchsorted(first), one.tile.searchsorted(last, "right")), axis=1).tolist()
            for one in (self, others)
        ]
        tile, row, at = list[Indices](), list[Indices](), 0
        for (begin, end), (own, stop) in zip(*ends, strict=True):
            tile += (self.tile[at:begin], others.tile[own:stop])
            row += (self.row[at:begin], others.row[own:stop])
            at = end
        return Seen(
            np.concatenate((*tile, self.tile[at:])),
            np.concatenate((*row, self.row[at:])),
            np.where(which, others.hidden, self.hidden),
        )


_NONE: Final = np.zeros(0, np.intp)


def nothing_seen(tiles: int) -> Seen:
    """Of so many tiles."""
    return Seen(_NONE, _NONE, np.zeros(tiles, np.bool_))


def occlude(shows: Shows, groups: Groups, tiles: int) -> Seen:
    """What is seen of rows that show this; `tiles`: how many there are."""
    shown = shows.code.nonzero()[0]
    return _occluded(shows.row.take(shown), shows.tile.take(shown), shows.code.take(shown), groups, tiles)


def occlude_within(which: Bools, shows: Shows, groups: Groups) -> Seen:
    """As `occlude`, in those tiles alone: (tiles,)."""
    shown = (which.view(np.uint8).take(shows.tile) & shows.code.astype(np.bool_)).nonzero()[0]
    return _occluded(
        shows.row.take(shown), shows.tile.take(shown), shows.code.take(shown), groups, len(which)
    )


def _occluded(row: Indices, tile: Indices, code: Bytes, groups: Groups, tiles: int) -> Seen:
    over = (code == HIDES).nonzero()[0]
    over = over[~groups.clipped[row[over]]]
    hidden = np.zeros(tiles, np.bool_)
    hidden[tile[over]] = True
    # Of several in one tile the last is kept: the uppermost.
    lowest = np.zeros(tiles, np.intp)
    lowest[tile[over]] = row[over]
    seen = row >= lowest[tile]
    clipped = groups.clipped[row].nonzero()[0]
    if len(clipped):
        # What is clipped shows nothing where its base does not. The pairs ascend by rows, in a row by tiles.
        pairs = row * tiles + tile
        wanted = groups.base[row[clipped]] * tiles + tile[clipped]
        seen[clipped] &= pairs[np.searchsorted(pairs[:-1], wanted)] == wanted
    kept = seen.nonzero()[0]
    return _by_tiles(tile.take(kept), row.take(kept), hidden)


def _by_tiles(tile: Indices, row: Indices, hidden: Bools) -> Seen:
    """Pairs of which those of one tile have ascending rows."""
    order = np.argsort(tile.astype(np.uint16), kind="stable")
    return Seen(tile.take(order), row.take(order), hidden)


def begins(numbers: Indices) -> Indices:
    """Where runs of equal numbers begin."""
    first = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return first.nonzero()[0]
