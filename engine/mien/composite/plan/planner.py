"""What of a block of rows must be drawn again, and what of it can be seen: plain arithmetic on tiles.

The frame is cut into square tiles. Per clipping group (a row with those clipped to it) and tile there are
three answers: it shows nothing there, it shows something, or it hides all that is below. They depend on the
row and the tile alone, so that a tile comes out the same, bit by bit, whether it is drawn alone or with all
others.

A plan is made in four steps, each a module and a function of values: `diff` finds the rows that are other,
`classify` what they show of the tiles, `occlude` what is seen and must be drawn again, `emit` how.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from mien.composite.plan.classify import Classified, classify
from mien.composite.plan.coverage import Coverage
from mien.composite.plan.diff import Diff, changed_rows, diff
from mien.composite.plan.emit import FEW, Damage, Plan, emit, narrowed, split_tiles
from mien.composite.plan.footprints import Footprints
from mien.composite.plan.occlude import Seen, occlude
from mien.composite.plan.row_classes import RowClasses
from mien.composite.plan.shown import Shown
from mien.composite.rows import RGBA, FrameRows
from mien.types import F32, I32, Indices, Size

TILE: Final = 32
"""Pixels on a side of a tile on frames up to 1080 lines: at 1280x720, two characters, tiles of 16, 32 and 64
leave 1.9, 2.2 and 2.9 of 3.4 frames of layers, in 1300, 700 and 370 rectangles."""


class Planner:
    """Keeps what a block showed last, and plans what is to be drawn next. Pure: no GL.

    Parameters: `size` of the block in pixels; `coverage` of the atlas pages, None to leave nothing out;
    `tile`, pixels; `fuses`, whether tiles in which little shows are fused.
    """

    def __init__(
        self, size: Size, coverage: Coverage | None, tile: int | None = None, fuses: bool = False
    ) -> None:
        self._fuses = fuses
        self._unsent = False
        self._footprints = Footprints(size, coverage, tile or (TILE if size.height <= 1080 else 2 * TILE))
        self.forget()

    @property
    def tile_count(self) -> int:
        """Tiles of the block."""
        return len(self._footprints.rects)

    def forget(self) -> None:
        """What was kept is worth nothing: the next plan draws everything."""
        self._footprints.forget()
        self._classes = RowClasses()
        self._clear: RGBA | None = None
        self._shown = Shown.nothing(self.tile_count)
        self._deep = np.zeros(self.tile_count, np.bool_)

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
        offscreen layer of the frame the rectangle (4,) within it that has been drawn again, or None.
        """
        everything = self._clear != (*frame.clear,)
        changed = changed_rows(self._shown, rows)
        if changed is not None and not (len(changed) or everything or any(b is not None for b in redrawn)):
            return None
        if check is not None:
            check(rows if changed is None else rows[changed])
        found = diff(self._shown, rows, changed)
        self._clear = (*frame.clear,)
        classified = classify(found, rows, self._footprints, redrawn)
        self._take_over(found, classified, rows)
        seen = occlude(self._shown, found, classified, everything)
        self._shown.depth[:, seen.tiles] = seen.depth
        if not seen.damaged.any():
            self._unsent = True
            return None
        whole = everything or found.gone is not None or classified.renewed is not None
        anew = everything or found.gone is not None or self._unsent
        self._unsent = False
        return self._emitted(seen.only_damaged(), None if whole else found, None if anew else found.changed)

    def _take_over(self, found: Diff, classified: Classified, rows: F32) -> None:
        """Keep what rows show now; what is seen of them is kept once it is known."""
        self._shown = found.before
        self._shown.shows[found.changed] = classified.shows
        self._shown.rows[:] = rows
        self._classes.update(rows, None if found.gone is not None else found.changed)

    def _emitted(self, seen: Seen, found: Diff | None, changed: Indices | None) -> Plan:
        """The plan that draws the damaged tiles `seen`: whole ones, without `found`.

        `changed`: as in `Plan`.
        """
        tiles = seen.tiles
        rects, joined = self._footprints.rects[tiles], len(tiles) > FEW
        split = split_tiles(seen, self._shown, self._classes, self._fuses)
        if found is not None and not joined:
            # Where the tile is drawn in another way than before, all of it is.
            same = split.deep == self._deep[tiles]
            rects[same] = narrowed(rects, seen.redone, found.boxes)[same]
        self._deep[tiles] = split.deep
        damage = Damage(tiles, rects, self._footprints.line[tiles], joined)
        return emit(damage, seen, split, self._shown, self._classes, changed)
