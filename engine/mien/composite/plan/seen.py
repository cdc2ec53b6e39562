"""What is seen in the tiles of a block: kept as bits, listed where somebody walks it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien.composite.plan.occlude import begins
from mien.composite.plan.pairs import runs_of
from mien.types import Bools, Indices

_Words = npt.NDArray[np.uint64]
_WORD = 64


@dataclass(frozen=True, slots=True)
class Seen:
    """Pairs of a tile and a row that is seen there: by tiles, ascending; in a tile bottom to top."""

    tile: Indices
    """(n,)"""
    row: Indices
    """(n,)"""

    @property
    def starts(self) -> Indices:
        """(k,) the first pair of each tile in which anything is seen."""
        return begins(self.tile)

    def of(self, which: Bools) -> Seen:
        """In those tiles alone: (tiles,)."""
        kept = which.take(self.tile).nonzero()[0]
        return Seen(self.tile.take(kept), self.row.take(kept))


@dataclass(frozen=True, slots=True)
class SeenTiles:
    """Which rows are seen in each tile: 98 rows and 3600 tiles in 58 kB."""

    rows: int
    """How many there are."""
    bits: _Words
    """(words, tiles) uint64: bit r % 64 of word r // 64 says whether row r is seen."""
    hidden: Bools
    """(tiles,) whether something opaque lies over all that is below."""

    @classmethod
    def nothing(cls, rows: int, tiles: int) -> SeenTiles:
        """In so many tiles."""
        return cls(rows, np.zeros((-(-rows // _WORD), tiles), np.uint64), np.zeros(tiles, np.bool_))

    def of(self, which: Bools) -> Seen:
        """What is seen in the tiles `which` (tiles,), as a list."""
        tiles = which.nonzero()[0]
        seen = _unpacked(self.bits.take(tiles, axis=1), self.rows)
        # Of two axes `nonzero` takes six times as long.
        at, row = np.divmod(seen.reshape(-1).nonzero()[0], max(1, self.rows))
        return Seen(tiles.take(at), row)

    def count(self, tiles: Indices) -> int:
        """How many rows are seen in these tiles (n,), all of them together."""
        return int(np.bitwise_count(self.bits.take(tiles, axis=1)).sum())

    def where(self, rows: Bools) -> Bools:
        """(tiles,) in which any of the `rows` (rows,) is seen."""
        wanted = self.bits & _packed(rows[None])
        found: Bools = np.bitwise_or.reduce(wanted, axis=0) != 0
        return found

    def but(self, tiles: Indices, seen: Bools, hidden: Bools) -> tuple[SeenTiles, Indices]:
        """With what is `seen` (n, rows) and `hidden` (n,) in these tiles (n,); and in which of them that is
        something else."""
        bits, over, new = self.bits.copy(), self.hidden.copy(), _packed(seen)
        other = (self.bits.take(tiles, axis=1) != new).any(axis=0)
        bits[:, tiles], over[tiles] = new, hidden
        return SeenTiles(self.rows, bits, over), tiles[other]

    def renumbered(self, origin: Indices) -> tuple[SeenTiles, Bools]:
        """With the rows' numbers as they are now: (rows now,) the number that each had, ascending; -1: it is
        new, and seen nowhere yet. And (tiles,) where any was seen that is gone."""
        gone, kept = np.ones(self.rows, np.bool_), (origin >= 0).nonzero()[0]
        were = origin.take(kept)
        gone[were] = False
        then = _unpacked(self.bits, self.rows)
        now = np.zeros((len(self.hidden), len(origin)), np.bool_)
        for into, of in runs_of(kept, were):
            now[:, into] = then[:, of]
        return SeenTiles(len(origin), _packed(now), self.hidden), self.where(gone)


def _packed(seen: Bools) -> _Words:
    """(words, n) of (n, rows)."""
    packed = np.packbits(seen, axis=1, bitorder="little")
    words = np.zeros((len(seen), 8 * -(-seen.shape[1] // _WORD)), np.uint8)
    words[:, : packed.shape[1]] = packed
    return words.view(np.uint64).T


def _unpacked(bits: _Words, rows: int) -> Bools:
    """(n, rows) of (words, n)."""
    flat = np.ascontiguousarray(bits.T).view(np.uint8)
    return np.unpackbits(flat, axis=1, count=rows, bitorder="little").view(np.bool_)
