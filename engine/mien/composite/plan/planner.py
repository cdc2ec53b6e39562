"""What of a block of rows must be drawn again, and what of it can be seen: plain arithmetic on tiles.

The block is cut into square tiles. Of a row and a tile there are three answers: it shows nothing there, it
shows something, or it hides all that is below. They follow from the row and the tile alone, so that a tile
comes out the same, bit by bit, whether it is drawn alone or with all others.

A plan is made in four steps, each a module and functions of values: `footprints` says what rows show of the
tiles, `occlude` which of them are seen, `diff` where that is something else than last time, and `fuse` and
`by_groups` how it is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from mien.composite.plan.bends import Bends
from mien.composite.plan.by_groups import NO_QUADS, GroupQuads, group_by_group
from mien.composite.plan.coverage import Coverage
from mien.composite.plan.diff import Changes, Shown, renewed
from mien.composite.plan.footprints import Footprints
from mien.composite.plan.fused_tiles import MOST_TWISTED, NO_FUSED, USED, FusedTiles, are_plain, without
from mien.composite.plan.kept_fused import KeptFused
from mien.composite.plan.occlude import Groups, occlude
from mien.composite.plan.row_classes import BENT, RowClasses
from mien.composite.plan.seen import Seen, SeenTiles
from mien.composite.plan.tiles import KeptRuns, Tiles
from mien.composite.rows import RGBA, FrameRows
from mien.composite.warps import NO_WARPS, Warps
from mien.types import F32, I32, Bools, Indices, Size

Drawn = Literal["fused", "groups", "lists"]
"""How a strategy draws a block: tiles in one go where it can, group by group, or from lists of rows."""

TILE: Final[dict[Drawn, int]] = {"fused": 16, "groups": 32, "lists": 64}
"""Pixels on a side of a tile. Of two characters at 1280x720 tiles of 8, 16, 32 and 64 pixels leave 1.1, 1.4,
2.3 and 3.9 frames of layers, in 6900, 1800, 500 and 150 tiles. Rectangles cost more the more there are; on a
GPU a layer costs less than its tile in Python."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to draw of one block of rows."""

    grid: Tiles
    """The tiles of the block."""
    damage: Indices
    """(k,) which of them are drawn again, ascending."""
    where: Bools
    """(tiles,) the same as a mask."""
    all_seen: SeenTiles
    """What is seen in all tiles."""
    groups: Groups
    """Of the rows."""
    classes: RowClasses
    """Of the rows."""
    fused: FusedTiles
    twisted: Indices
    """Which of those show a row that is bent within the tile, not by one map; ascending."""
    quads: GroupQuads
    """What is drawn group by group, in the tiles that are not fused."""
    bare: I32
    """(n, 4) those of these tiles under which nothing opaque lies, to be cleared; as runs, disjoint."""
    summed: I32
    """(n, 4) the tiles that add up before they are rounded to 8 bits: those that are not fused, and those of
    several goes."""
    changed: Indices | None
    """Rows that differ from those last planned, ascending; None if all are to be taken as new."""

    @property
    def spans(self) -> I32:
        """(n, 4) the damage as rectangles: disjoint, as runs of tiles."""
        return self.grid.joined(self.where)

    @property
    def box(self) -> I32:
        """(4,) the rectangle around all damage."""
        spans = self.spans
        return np.concatenate((spans[:, :2].min(axis=0), spans[:, 2:].max(axis=0)))

    @property
    def seen(self) -> Seen:
        """What is seen in the damage."""
        return self.all_seen.of(self.where)

    @property
    def work(self) -> int:
        """Pixels times the layers seen in them, and once more for writing them."""
        return self.grid.side * self.grid.side * (self.all_seen.count(self.damage) + len(self.damage))

    def lists(self, listed: Bools | None = None) -> tuple[I32, Indices, Indices]:
        """By tiles: rectangles (k, 4), how many groups each shows (k,), and their base rows.

        `listed`: (tiles,) which of the damage, None for all.
        """
        where, damage = self.where, self.damage
        if listed is not None:
            where, damage = where & listed, damage[listed[damage]]
        seen = self.all_seen.of(where)
        bases = ~self.groups.clipped[seen.row]
        counts = np.bincount(seen.tile[bases], minlength=self.grid.count)[damage]
        return self.grid.rects[damage], counts, seen.row[bases]


class Planner:
    """Keeps what a block showed last, and plans what is to be drawn next. Pure: no GL.

    Parameters: `size` of the block in pixels; `coverage` of the atlas pages, None to leave nothing out;
    `drawn`, how its strategy draws it; `side` of a tile in pixels: of warps, their cells.
    """

    def __init__(
        self,
        size: Size,
        coverage: Coverage | None,
        drawn: Drawn = "groups",
        side: int | None = None,
    ) -> None:
        self._drawn = drawn
        # Lists are for what a strategy does not fuse; one that fuses nothing has no wish for its tiles.
        self._fuses = drawn == "fused" or (drawn == "lists" and side is not None)
        self._unsent = False
        large = size.height > 1440 and drawn != "lists"
        self.tiles: Final = Tiles(size, side or TILE[drawn] * (2 if large else 1))
        self._footprints = Footprints(self.tiles, coverage)
        self._bends = Bends(self.tiles)
        self._kept_fused = KeptFused(self.tiles.count)
        self._adding, self._bare = KeptRuns(self.tiles), KeptRuns(self.tiles)
        self.anew = 0
        """Plans of which nothing could be kept, so far."""
        self.forget()

    def forget(self) -> None:
        """What was kept is worth nothing: the next plan draws everything."""
        self._footprints.forget()
        self._bends.forget()
        self._classes = RowClasses()
        self._clear: RGBA | None = None
        self._shown = Shown()
        self._groups = Groups.of(self._shown.rows)
        self._seen = SeenTiles.nothing(0, self.tiles.count)
        self._kept_fused.forget()

    def share(self, other: Planner) -> None:
        """Know of drawings what another block's planner does; see `Footprints.share`."""
        self._footprints.share(other._footprints)

    def foresee(self, samples: F32) -> None:
        """These samples (n, SAMPLE_FLOATS) may be shown: what a plan needs of each is worked out now."""
        self._footprints.foresee(samples)

    def counts(self) -> tuple[int, int]:
        """Pairs of a row and a tile looked at, and tiles fused, since the beginning."""
        return self._footprints.looked, self._kept_fused.anew

    def draw_all(self) -> None:
        """The next plan draws everything, changed or not."""
        self._clear = None

    def plan(
        self,
        frame: FrameRows,
        rows: F32,
        redrawn: Sequence[I32 | None] = (),
        check: Callable[[F32], None] | None = None,
        warps: Warps = NO_WARPS,
    ) -> Plan | None:
        """What must be drawn so that the block shows these rows; None if nothing.

        `check` is called with those that differ, or all, before anything is taken over, and may raise.
        `rows`: (n, FLOATS) float32, the frame's or a copy with missing pages taken out. `redrawn`: for each
        offscreen layer of the frame the rectangle (4,) within it that has been drawn again, or None.
        `warps`: of the frame that the rows are of, whose cells the tiles are.
        """
        everything = self._clear != (*frame.clear,)
        changes = self._shown.compared(rows, self._groups)
        same, which = changes.origin is None, changes.rows.nonzero()[0]
        again = any(box is not None for box in redrawn)
        if check is not None and len(which):
            check(rows if 2 * len(which) > len(rows) else rows.take(which, axis=0))
        bends: Bends | None = None
        if warps.count or (len(self._bends.numbers) and self._bends.numbers.any()):
            bends = self._bends.update(rows, warps, changes.origin)
            changes = changes.and_rows(bends.changed)
            which = changes.rows.nonzero()[0]
        if same and not (len(which) or everything or again):
            return None
        damaged = self._look(rows, changes, bends)
        if again:
            damaged |= renewed(rows, self._seen, redrawn, self.tiles)
        self._clear = (*frame.clear,)
        if everything:
            damaged[:] = True
        if not damaged.any():
            self._unsent = True
            return None
        anew = everything or self._unsent or not same
        self._unsent = False
        return self._planned(rows, damaged, None if anew else which, bends)

    def _look(self, rows: F32, changes: Changes, bends: Bends | None) -> Bools:
        """Learn what is seen, and which tiles are not to be drawn as last time: (tiles,) the damage."""
        then, origin, groups = len(self._shown.rows), changes.origin, changes.groups
        self._groups = groups
        classes = self._classes.update(rows, changes.otherwise, origin)
        shows = self._footprints.of(rows, origin, still=changes.still, bends=bends)
        fresh = shows.fresh
        lost = None if origin is None else self._renumber(origin, then)
        if fresh is None:
            self.anew += 1
            self._kept_fused.forget()
            which = np.arange(self.tiles.count)
        else:
            which = fresh.nonzero()[0]
        others = which
        if len(which):
            seen, hidden = occlude(shows.codes.take(which, axis=0), groups)
            self._seen, others = self._seen.but(which, seen, hidden)
            self._kept_fused.drop(others)
        damaged = self._seen.where(changes.rows)
        damaged[others] = True
        if lost is not None:
            self._kept_fused.drop(lost.nonzero()[0])
            damaged |= lost
        self._shown.take_over(rows)
        if classes.other.any():
            self._kept_fused.drop(self._seen.where(classes.other).nonzero()[0])
        if classes.simpler.any():
            self._kept_fused.look_again(classes.bits)
        return damaged

    def _renumber(self, origin: Indices, then: int) -> Bools:
        """Rows have come or gone, of `then` rows: what is kept names the others by their numbers of now.

        (tiles,) where any was seen that is gone.
        """
        kept = (origin >= 0).nonzero()[0]
        now = np.zeros(then, np.intp)
        now[origin[kept]] = kept
        self._seen, lost = self._seen.renumbered(origin)
        self._kept_fused.renumber(now)
        return lost

    def _planned(self, rows: F32, damaged: Bools, changed: Indices | None, bends: Bends | None) -> Plan:
        tiles, seen = self.tiles, self._seen
        twisted = _NONE
        fused, deep = NO_FUSED, damaged if self._drawn == "groups" else np.zeros(len(damaged), np.bool_)
        if self._fuses:
            plain = are_plain(self._classes)
            if not plain.all():
                deep = seen.where(~plain) & damaged
            fused, beyond = self._kept_fused.of(damaged & ~deep, seen, self._classes, self._groups)
            deep |= beyond
            if bends is not None:
                twisted = bends.twisted(fused.tiles, fused.parts)
                wide = twisted[(fused.kinds.take(twisted) & USED) > MOST_TWISTED]
                if self._drawn == "fused" and len(wide):
                    # A tile that no program has room for.
                    refused = np.zeros_like(deep)
                    refused[fused.tiles.take(wide)] = True
                    fused, deep = without(fused, refused), deep | refused
                    twisted = bends.twisted(fused.tiles, fused.parts)
        quads, bare, summed = NO_QUADS, _NO_RECTS, _NO_RECTS
        if self._drawn == "lists":
            deep = np.zeros_like(damaged)  # what is not fused has lists
        some_deep = bool(deep.any())
        if some_deep:
            bent = (self._classes.bits & BENT) != 0
            quads = group_by_group(seen.of(deep), rows, self._groups, tiles, bent)
            bare = self._bare.of(deep & ~seen.hidden)
        if some_deep or (self._drawn == "fused" and fused.several):
            several = deep.copy()
            several[fused.tiles[: fused.several]] = True
            summed = self._adding.of(several)
        return Plan(
            grid=tiles,
            damage=damaged.nonzero()[0],
            where=damaged,
            all_seen=seen,
            groups=self._groups,
            classes=self._classes,
            fused=fused,
            twisted=twisted,
            quads=quads,
            bare=bare,
            summed=summed,
            changed=changed,
        )


_NONE: Final = np.zeros(0, np.intp)
_NO_RECTS: Final = np.zeros((0, 4), np.int32)
