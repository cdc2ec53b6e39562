"""What warps do to the rows of a block: where the tiles under them would lie, and how far that moves.

The tiles of a block with warps are the cells of its warps, so that a row has one map in each.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.composite.cell_corners import cell_middles
from mien.composite.plan.tiles import Tiles
from mien.composite.rows import BOUNDS, warp_numbers
from mien.composite.warps import Warps
from mien.types import F32, F64, I32, MAX_MIXED, Bools, Indices

_STEPS = 32.0
"""In which it is told how much rows are stretched: with each a tile reaches further, and is looked at anew.
"""

_NUMBERS = 8
"""Of a cell."""
_ANYWHERE = 1e9
"""Pixels by which what lies at a centre may have moved, where nothing is known of it. Not infinitely many:
of a row that shows one place of its drawing everywhere, they are none."""


_NONE: Final = np.zeros(0, np.intp)


class Bends:
    """The warps of a block's rows, kept from frame to frame."""

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles
        self.forget()

    def forget(self) -> None:
        """What was known is worth nothing."""
        self._warps: Warps | None = None
        self._centres: F32 = np.zeros((0, 2), np.float32)
        self._some = self._begins = self._tile = np.zeros(0, np.intp)
        self._twisted: Bools = np.zeros(0, np.bool_)
        self._some_twisted = False
        # (tiles,) where there may be any of those; None: anywhere.
        self._where: Bools | None = None
        # Where the cells of each begin, where their centres would lie, and the values below by warps.
        self._first: list[int] = []
        self._lies: F32 = np.zeros((0, 2), np.float32)
        self._shift: F64 = np.zeros(1)
        self._stretch: F64 = np.ones(1)
        self.numbers: Indices = np.zeros(0, np.intp)
        """(rows,) the warp of each row, counted from 1; 0: none."""
        self.changed: Bools = np.zeros(0, np.bool_)
        """(rows,) whether it is another than last time, or otherwise."""
        self.moved: F64 = np.zeros(0)
        """(rows,) pixels by which what lies at a tile's centre has moved since last time, at most."""
        self.shift: F64 = np.zeros(0)
        """(rows,) pixels by which a centre lies elsewhere than it would, at most."""
        self.stretch: F64 = np.zeros(0)
        """(rows,) how much larger a tile becomes, at most; 1 for rows without a warp."""

    def update(self, rows: F32, warps: Warps, origin: Indices | None = None) -> Bends:
        """These, of rows (n, FLOATS) and the warps of their frame. `origin`: (n,) the number that each had
        last time, -1: it is new; None: its own."""
        numbers = warp_numbers(rows)
        if numbers.max(initial=0) > warps.count:
            raise ValueError(f"a row is bent by warp {numbers.max()}, and the frame has {warps.count}")
        changed, moved = np.zeros(warps.count + 1, np.bool_), np.zeros(warps.count + 1)
        if warps is not self._warps:
            self._learn(warps, changed, moved)
        self._where = self._may_be_twisted(rows, numbers, warps) if self._some_twisted else None
        other = np.ones(len(rows), np.bool_)
        if origin is not None and len(self.numbers):
            other = (numbers != self.numbers.take(origin, mode="wrap")) | (origin < 0)
        elif len(numbers) == len(self.numbers):
            other = numbers != self.numbers
        self.changed = changed[numbers] | (other & (numbers > 0))
        self.moved = np.where(other, _ANYWHERE, moved[numbers])
        self.shift, self.stretch = self._shift[numbers], self._stretch[numbers]
        self.numbers = numbers
        return self

    def bend(self, row: Indices, tile: Indices, x: F32, y: F32) -> None:
        """Where the centres of tiles would lie by the warps of rows, in the place of x and y. All (n,)."""
        some = (self.numbers[row] > 0).nonzero()[0]
        if self._warps is None or not len(some):
            return
        at = tile[some]
        found = self._warps.at(self.numbers[row[some]], self._tiles.column[at], self._tiles.line[at])
        a, c, tx, _, b, d, ty, _ = self._warps.table[found].reshape(-1, 8).T
        centre_x, centre_y = x[some], y[some]
        x[some], y[some] = a * centre_x + c * centre_y + tx, b * centre_x + d * centre_y + ty

    def twisted(self, tiles: Indices, parts: I32) -> Indices:
        """Which goes show a row that is bent within the tile, not by one map; ascending.

        Of goes of these `tiles` (n,) and `parts` (n, most), as in `FusedTiles`.
        """
        if self._warps is None or not self._some_twisted:
            return _NONE
        some = np.arange(len(tiles)) if self._where is None else self._where.take(tiles).nonzero()[0]
        numbers = np.append(self.numbers, 0).take(parts[some] // MAX_MIXED, mode="wrap")
        nth, _ = which = numbers.nonzero()
        tile = tiles[some[nth]]
        cells = self._warps.at(numbers[which], self._tiles.column[tile], self._tiles.line[tile])
        found = np.zeros(len(some), np.bool_)
        found[nth[self._twisted[cells - self._warps.count]]] = True
        which_twisted: Indices = some[found]
        return which_twisted

    def _may_be_twisted(self, rows: F32, numbers: Indices, warps: Warps) -> Bools | None:
        """(tiles,) where cells are twisted; None where rows lie beyond their warps, whose edge goes on."""
        which = numbers.nonzero()[0]
        ends = warps.spans[numbers[which] - 1] * np.float32(warps.side)
        bounds = rows[which, BOUNDS]
        if (bounds[:, :2] < ends[:, :2]).any() or (bounds[:, 2:] > ends[:, 2:]).any():
            return None
        where = np.zeros(self._tiles.count, np.bool_)
        where[self._tile[self._twisted]] = True
        return where

    def _learn(self, warps: Warps, changed: Bools, moved: F64) -> None:
        """Others come. `changed`, `moved`: (warps + 1,), of no warp and of each whether it is other, and how
        far centres moved; to be written into."""
        then, lay, first = self._warps, self._lies, self._first
        self._warps = warps
        same = then is not None and np.array_equal(then.spans, warps.spans)
        if not same:
            self._lay_out(warps)
        cells, some = _cells(warps), self._some
        self._lies = lies = self._seen(cells)
        self._shift, self._stretch = np.zeros(warps.count + 1), np.ones(warps.count + 1)
        if len(cells):
            self._shift[some] = self._most(np.abs(lies - self._centres))
            wide = np.abs(cells).reshape(-1, 4) @ np.array((1.0, 1.0, 0.0, warps.side / 2), np.float32)
            self._stretch[some] = np.ceil(self._most(wide) * _STEPS) / _STEPS
        self._some_twisted = bool(cells[:, :, 3].any())
        if self._some_twisted:
            self._twisted = np.asarray(cells[:, :, 3].any(axis=1), np.bool_)
        if then is None or then.count != warps.count:
            changed[1:], moved[1:] = True, _ANYWHERE
        elif same and len(cells):
            differs = (cells != _cells(then)).reshape(-1)
            changed[some] = np.logical_or.reduceat(differs, self._begins * _NUMBERS)
            moved[some] = self._most(np.abs(lies - lay))
        elif not same:
            sizes = warps.sizes.tolist()
            for k, (begin, before, size) in enumerate(zip(self._first, first, sizes, strict=True)):
                if (warps.spans[k] != then.spans[k]).any():
                    changed[k + 1], moved[k + 1] = True, _ANYWHERE
                elif size:
                    changed[k + 1] = not np.array_equal(warps.cells(k), then.cells(k))
                    apart = lies[begin : begin + size] - lay[before : before + size]
                    moved[k + 1] = np.abs(apart).max()

    def _lay_out(self, warps: Warps) -> None:
        """Where the centres of the cells of these spans are, and where those of each warp begin."""
        sizes, first = warps.sizes, warps.starts - warps.count
        self._some, self._begins, self._first = sizes.nonzero()[0] + 1, first[sizes > 0], first.tolist()
        middles = cell_middles(warps.spans, warps.side)
        self._centres = middles.view(np.float64).reshape(-1, 2).astype(np.float32)
        column, line = (self._centres.T // self._tiles.side).astype(np.intp)
        column, line = np.clip(column, 0, self._tiles.across - 1), np.clip(line, 0, self._tiles.down - 1)
        self._tile = line * self._tiles.across + column

    def _seen(self, cells: F32) -> F32:
        """(n, 2) where the centres of cells (n, 2, 4) would lie."""
        seen: F32 = cells[:, :, 0] * self._centres[:, :1]
        seen += cells[:, :, 1] * self._centres[:, 1:]
        seen += cells[:, :, 2]
        return seen

    def _most(self, values: F32) -> F32:
        """(warps with cells,) the largest of the values, two a cell, of each."""
        # Flat: along an axis of two numpy takes ten times as long.
        most: F32 = np.maximum.reduceat(values.reshape(-1), self._begins * 2)
        return most


def _cells(warps: Warps) -> F32:
    return warps.table[warps.count :]
