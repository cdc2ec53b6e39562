"""What of a block of rows must be drawn again, and what of it can be seen: plain arithmetic on tiles.

The frame is cut into square tiles. Per unit (a row with those clipped to it) and tile there are three
answers: it shows nothing there, it shows something, or it hides all that is below. They depend on the row
and the tile alone, so a tile comes out the same, bit by bit, whether it is drawn alone or with all others.

A unit that shows nothing, and one that is hidden, is left out: adding a transparent source and drawing
under an opaque one change no bit. A tile is drawn again when the units seen in it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from mien.composite.plan.coverage import Coverage
from mien.composite.plan.emit import Plan, lay_out
from mien.composite.plan.footprints import HIDES, Footprints
from mien.composite.plan.fused_tiles import NO_FUSED, fuse
from mien.composite.plan.row_classes import RowClasses
from mien.composite.rows import BOUNDS, CLIPPED, FLOATS, IDENTITY, RGBA, FrameRows
from mien.types import F32, I32, Bools, Bytes, Indices, Size

TILE: Final = 32
"""Pixels on a side of a tile on frames up to 1080 lines: at 1280x720, two characters, tiles of 16, 32 and 64
leave 1.9, 2.2 and 2.9 of 3.4 frames of layers, in 1300, 700 and 370 rectangles."""

_FEW: Final = 64
"""Tiles or rectangles up to which drawing one by one is cheaper than joining them."""
_WHICH: Final = [CLIPPED, IDENTITY]


class Planner:
    """Keeps what a block showed last, and plans what is to be drawn next. Pure: no GL.

    Parameters: `size` of the block in pixels; `coverage` of the atlas pages, None to leave nothing out;
    `tile`, pixels; `fused`, whether tiles are drawn as fused where they can.
    """

    def __init__(
        self, size: Size, coverage: Coverage | None, tile: int | None = None, fused: bool = False
    ) -> None:
        self._fused = fused
        self._unsent = False
        self._footprints = Footprints(size, coverage, tile or (TILE if size.height <= 1080 else 2 * TILE))
        self._rects = self._footprints.rects
        self._line = self._footprints.line
        self.forget()

    @property
    def tile_count(self) -> int:
        """Tiles of the block."""
        return len(self._rects)

    def forget(self) -> None:
        """What was kept is worth nothing: the next plan draws everything."""
        self._footprints.forget()
        self._classes = RowClasses()
        self._clear: RGBA | None = None
        self._rows: F32 = np.zeros((0, FLOATS), np.float32)
        self._shows: Bytes = np.zeros((0, len(self._rects)), np.uint8)
        self._depth: Bytes = np.zeros((0, len(self._rects)), np.uint8)
        self._deep = np.zeros(len(self._rects), np.bool_)
        self._set_units(self._rows)

    def draw_all(self) -> None:
        """The next plan draws everything, changed or not."""
        self._clear = None

    def plan(
        self,
        frame: FrameRows,
        rows: F32,
        redrawn: Sequence[I32 | None] = (),
        check: Callable[[F32], None] | None = None,
    ) -> Plan | None:
        """What must be drawn so that the block shows these rows; None if nothing.

        `check` is called with those that differ before anything is taken over, and may raise.
        `rows`: (n, FLOATS) float32, the frame's or a copy with missing pages taken out. `redrawn`: for each
        offscreen of the frame the rectangle (4,) within it that has been drawn again, or None.
        """
        everything = self._clear != (*frame.clear,)
        stale = any(box is not None for box in redrawn)
        touched = np.zeros(len(self._rects), np.bool_)
        anew = len(rows) != len(self._rows)
        if not anew:
            differs = rows != self._rows
            changed = differs.any(axis=1).nonzero()[0]
            if not (len(changed) or stale or everything):
                return None
            anew = bool(differs[:, _WHICH].any())
        if check is not None:
            check(rows if anew else rows[changed])
        if anew:
            changed = self._realigned(rows, touched)
        self._clear = (*frame.clear,)
        before = self._shows[changed]
        after = self._footprints.shows(rows[changed])
        self._shows[changed] = after
        bases = self._bases[self._unit_of[changed]]
        boxes = _around(self._rows[bases, BOUNDS], rows[bases, BOUNDS])
        self._rows[:] = rows
        self._classes.update(rows, None if anew else changed)
        # A changed row counts wherever it is drawn, also where it shows nothing between others of its unit:
        # it may need another program, which rounds otherwise.
        either = before | after
        units, nth = self._unit_of[changed], self._nth[changed]
        drawn = touched.copy() if anew else None
        touched |= either.any(axis=0)
        touched |= (self._depth[units] > nth).any(axis=0)
        renewed = None
        if stale:
            renewed = self._footprints.renewed(rows, redrawn)
            touched |= renewed.any(axis=0)
        if everything:
            touched[:] = True
            drawn = touched
        tiles = touched.nonzero()[0]
        old = self._depth[units][:, tiles]
        new, lowest = self._depths(tiles)
        self._depth[:, tiles] = new
        redone = np.maximum(old, new[units]) > nth
        damaged = redone.any(axis=0)
        if drawn is not None:
            damaged |= drawn[tiles]
        if renewed is not None:
            damaged |= (renewed[:, tiles] & (new[self._unit_of] != 0)).any(axis=0)
        if not damaged.any():
            self._unsent = True
            return None
        if not damaged.all():
            tiles, new, lowest = tiles[damaged], new[:, damaged], lowest[damaged]
        rects = self._rects[tiles]
        deep, parts = self._fuse(tiles, new)
        if drawn is None and renewed is None and len(tiles) <= _FEW:
            # Where the tile is drawn in another way than before, all of it is.
            same = deep == self._deep[tiles]
            rects[same] = _narrowed(rects, redone[:, damaged], boxes)[same]
        self._deep[tiles] = deep
        sent = None if anew or everything or self._unsent else changed
        self._unsent = False
        return lay_out(
            tiles,
            rects,
            self._line[tiles],
            new,
            lowest,
            deep,
            parts,
            bases=self._bases,
            bounds=self._rows[self._bases, BOUNDS],
            classes=self._classes,
            changed=sent,
            joined=len(tiles) > _FEW,
        )

    def _set_units(self, rows: F32) -> None:
        bases = (rows[:, CLIPPED] == 0.0).nonzero()[0]
        if len(rows) and not (len(bases) and bases[0] == 0):
            raise ValueError("row 0 is clipped to a row below it, and there is none")
        self._bases = bases
        self._unit_of = np.repeat(np.arange(len(bases)), np.diff(bases, append=len(rows)))
        nth = np.arange(len(rows)) - bases[self._unit_of]
        self._nth = nth.astype(np.uint8)[:, None]
        # The first clipped row of every unit that has one, then the second...
        self._clipped = [(nth == n).nonzero()[0] for n in range(1, int(nth.max(initial=0)) + 1)]
        self._order = np.arange(len(bases))[:, None]

    def _realigned(self, rows: F32, touched: Bools) -> Indices:
        """Bring what is kept in line with other rows than last time: those that are new or differ.

        What went, and what came below or above others, marks the tiles that showed it in `touched`.
        """
        old, new_names, old_names = self._rows, rows[:, IDENTITY], self._rows[:, IDENTITY]
        where = np.full(len(rows), -1)
        if (np.diff(new_names) > 0).all() and (np.diff(old_names) > 0).all():
            found = np.searchsorted(old_names, new_names)
            found[found == len(old)] = 0
            if len(old):
                same = old_names[found] == new_names
                same &= rows[:, CLIPPED] == old[found, CLIPPED]
                where[same] = found[same]
        else:  # rows without identities of their own: by their place
            common = min(len(rows), len(old))
            same = (rows[:common, CLIPPED] == old[:common, CLIPPED]).nonzero()[0]
            where[same] = same
        gone = np.ones(len(old), np.bool_)
        gone[where[where >= 0]] = False
        touched |= ((self._shows[gone] != 0) & (self._depth[self._unit_of[gone]] != 0)).any(axis=0)
        known = (where >= 0).nonzero()[0]
        # Clipped rows that now follow another base: both units are drawn again.
        shows = np.zeros((len(rows), len(self._rects)), np.uint8)
        shows[known] = self._shows[where[known]]
        old_bases, old_unit_of, old_depth = self._bases, self._unit_of, self._depth
        self._set_units(rows)
        unit = where[self._bases]
        depth = np.zeros((len(self._bases), len(self._rects)), np.uint8)
        depth[unit >= 0] = old_depth[old_unit_of[unit[unit >= 0]]]
        before = np.zeros_like(rows)
        before[known] = old[where[known]]
        differs = (rows != before).any(axis=1)
        differs[where < 0] = True
        moved = (unit >= 0)[self._unit_of]
        base_then = np.full(len(rows), -1)
        base_then[known] = old_bases[old_unit_of[where[known]]]
        differs |= ~moved | (base_then != unit[self._unit_of])
        self._shows, self._depth, self._rows = shows, depth, before
        changed: Indices = differs.nonzero()[0]
        return changed

    def _depths(self, tiles: Indices) -> tuple[Bytes, Indices]:
        """(units, tiles) how many rows of each unit show, 0 for units that are not seen; and the unit that
        hides all below it in each tile, -1 where none does."""
        shows = self._shows[:, tiles]
        bases = shows[self._bases] if len(self._bases) < len(shows) else shows
        if not len(bases):
            return np.zeros((0, len(tiles)), np.uint8), np.full(len(tiles), -1)
        hides = bases == HIDES
        lowest = np.where(hides.any(axis=0), len(bases) - 1 - hides[::-1].argmax(axis=0), -1)
        seen = (bases != 0) & (self._order >= lowest)
        if len(self._bases) == len(shows):
            return seen.view(np.uint8), lowest
        depth = seen.view(np.uint8).copy()
        if len(tiles) <= _FEW:
            depth *= np.maximum.reduceat((shows != 0) * self._nth, self._bases, axis=0) + np.uint8(1)
            return depth, lowest
        for nth, clipped in enumerate(self._clipped, start=2):
            units = self._unit_of[clipped]
            depth[units] = np.where((shows[clipped] != 0) & seen[units], np.uint8(nth), depth[units])
        return depth, lowest

    def _fuse(self, tiles: Indices, seen: Bytes) -> tuple[Bools, I32]:
        """(tiles,) whether what is seen must be drawn unit by unit, and what the others are made of."""
        if not self._fused:
            return np.ones(len(tiles), np.bool_), NO_FUSED.parts
        shows = seen != 0
        if len(seen) < len(self._rows):
            shows = shows[self._unit_of] & (self._shows[:, tiles] != 0)
        return fuse(shows, self._classes)


def _around(before: F32, after: F32) -> I32:
    """(n, 4) the rectangles around both of two lists of them; where one is empty, the other."""
    low, high = np.minimum(before[:, :2], after[:, :2]), np.maximum(before[:, 2:], after[:, 2:])
    boxes = np.concatenate((low, high), axis=1).astype(np.int32)
    new = before[:, 2] <= before[:, 0]
    boxes[new] = after[new]
    gone = after[:, 2] <= after[:, 0]
    boxes[gone] = before[gone]
    return boxes


def _narrowed(tiles: I32, redone: Bools, boxes: I32) -> I32:
    """Of each tile what lies around the boxes (n, 4) of what is done again in it, `redone` (n, tiles)."""
    sides = boxes[:, :, None]
    low = np.where(redone[:, None], sides[:, :2], np.int32(1 << 30)).min(axis=0).T
    high = np.where(redone[:, None], sides[:, 2:], np.int32(0)).max(axis=0).T
    return np.concatenate((np.maximum(tiles[:, :2], low), np.minimum(tiles[:, 2:], high)), axis=1)
