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
        self._centres: F32 = np.zeros((2, 0), np.float32)
        self._some = self._begins = self._tile = np.zeros(0, np.intp)
        # By warp, and column or line of tiles: what to add up for the number of its cell there.
        self._by_column = self._by_line = np.zeros((0, 0), np.intp)
        self._twisted: Bools = np.zeros(0, np.bool_)
        self._some_twisted = False
        # (tiles,) where there may be any of those; None: anywhere.
        self._where: Bools | None = None
        # Where the centres of cells would lie, and the values below by warps.
        self._lies: F32 = np.zeros((2, 0), np.float32)
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
        numbers = self.numbers.take(row)
        some = numbers.nonzero()[0]
        if self._warps is None or not len(some):
            return
        found = self._cells_at(numbers.take(some), tile.take(some))
        a, c, tx, _, b, d, ty, _ = self._warps.cells.take(found, axis=1)
        centre_x, centre_y = x.take(some), y.take(some)
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
        found = np.zeros(len(some), np.bool_)
        found[nth[self._twisted[self._cells_at(numbers[which], tile)]]] = True
        which_twisted: Indices = some[found]
        return which_twisted

    def _cells_at(self, numbers: Indices, tiles: Indices) -> Indices:
        """(n,) the cells that warps `numbers`, counted from 1, are as in these tiles."""
        column, line = self._tiles.column.take(tiles), self._tiles.line.take(tiles)
        found: Indices = self._by_column[numbers - 1, column]
        found += self._by_line[numbers - 1, line]
        return found

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
        then, lay = self._warps, self._lies
        self._warps = warps
        same = then is not None and (
            then.spans is warps.spans or then.spans.tobytes() == warps.spans.tobytes()
        )
        first = np.zeros(0, np.intp) if then is None else then.starts
        if not same:
            self._lay_out(warps)
        cells, some = warps.cells.reshape(2, 4, -1), self._some
        self._lies = lies = self._seen(cells)
        self._shift, self._stretch = np.zeros(warps.count + 1), np.ones(warps.count + 1)
        twists = cells[:, 3]
        self._some_twisted = bool(twists.any())
        if len(some):
            self._shift[some] = self._most(lies - self._centres)
            wide = np.abs(cells[:, :2]).sum(axis=1)
            if self._some_twisted:
                self._twisted = np.asarray(twists.any(axis=0), np.bool_)
                wide += np.abs(twists) * np.float32(warps.side / 2)
            self._stretch[some] = np.ceil(self._most(wide) * _STEPS) / _STEPS
        if then is None or then.count != warps.count:
            changed[1:], moved[1:] = True, _ANYWHERE
        elif same and len(some):
            differs = (cells != then.cells.reshape(2, 4, -1)).reshape(8, -1).any(axis=0)
            changed[some] = np.logical_or.reduceat(differs, self._begins)
            moved[some] = self._most(lies - lay)
        elif not same:
            others = (warps.spans != then.spans).any(axis=1)
            changed[1:], moved[1:] = others, others * _ANYWHERE
            for k in (~others & (warps.sizes > 0)).nonzero()[0].tolist():
                size = int(warps.sizes[k])
                now = slice(warps.starts[k], warps.starts[k] + size)
                before = slice(first[k], first[k] + size)
                changed[k + 1] = not np.array_equal(warps.cells[:, now], then.cells[:, before])
                moved[k + 1] = np.abs(lies[:, now] - lay[:, before]).max()

    def _lay_out(self, warps: Warps) -> None:
        """Where the centres of the cells of these spans are, and where those of each warp begin."""
        tiles, sizes = self._tiles, warps.sizes
        self._some, self._begins = sizes.nonzero()[0] + 1, warps.starts[sizes > 0]
        self._by_column, self._by_line = warps.at(tiles.across, tiles.down)
        self._centres = cell_middles(warps.spans, warps.side)
        column, line = (self._centres // tiles.side).astype(np.intp)
        column, line = np.clip(column, 0, tiles.across - 1), np.clip(line, 0, tiles.down - 1)
        self._tile = line * tiles.across + column

    def _seen(self, cells: F32) -> F32:
        """(2, n) where the centres of cells (2, 4, n) would lie."""
        seen: F32 = cells[:, 0] * self._centres[0]
        seen += cells[:, 1] * self._centres[1]
        seen += cells[:, 2]
        return seen

    def _most(self, values: F32) -> F32:
        """(warps with cells,) the largest of the values (2, cells) of each, without their signs."""
        by_axis = np.maximum.reduceat(np.abs(values, out=values), self._begins, axis=1)
        most: F32 = np.maximum(by_axis[0], by_axis[1])
        return most
