"""Last step of a plan: what is drawn, as numbers that strategies take.

Damaged tiles are of two sorts: fused ones, in which little shows, and deep ones, drawn group by group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.plan.fused_tiles import NO_FUSED, FusedTiles, are_exact, fuse
from mien.composite.plan.occlude import Seen
from mien.composite.plan.row_classes import RowClasses
from mien.composite.plan.shown import Shown
from mien.composite.rows import BOUNDS
from mien.types import F32, I32, Bools, Bytes, Indices

FEW: Final = 64
"""Tiles up to which drawing one by one is cheaper than joining them."""

_NO_RECTS: Final = np.zeros((0, 4), np.int32)
_NONE: Final = np.zeros(0, np.intp)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to draw of one block of rows."""

    spans: I32
    """(n, 4) left, top, right, bottom: the damage, in pixels; disjoint, as runs of tiles. First the deep
    tiles, drawn group by group, then those of `fused`."""
    deep_spans: int
    """How many of the spans are deep tiles."""
    fused: FusedTiles
    bare: I32
    """(n, 4): the part of the deep tiles under which nothing opaque lies, to be cleared."""
    quads: I32
    """(m, 4): what each clipping group shows within the deep tiles."""
    groups: Indices
    """(m,) the base row of each quad's group."""
    ranks: Indices
    """(m,) how many groups are seen below in the same tile: what must be drawn first has less."""
    depths: Indices
    """(m,) how many of the group's rows show in the quad or below one that does: 1 is the base alone."""
    tiles: I32
    """(k, 4): the damage, tile by tile."""
    seen: Bytes
    """(groups, k) the depth of each group in each of those tiles; 0: it is not seen."""
    bases: Indices
    """(groups,) the base row of each group."""
    classes: RowClasses
    """Of the rows."""
    changed: Indices | None
    """Rows that differ from those last planned, ascending; None if all are to be taken as new."""

    @property
    def box(self) -> I32:
        """(4,) the rectangle around all damage."""
        spans = self.spans
        return np.concatenate((spans[:, :2].min(axis=0), spans[:, 2:].max(axis=0)))

    def lists(self) -> tuple[I32, Indices, Indices]:
        """The same by tiles: rectangles (k, 4), how many groups each shows (k,), and their base rows."""
        _, group = self.seen.T.nonzero()
        return self.tiles, np.count_nonzero(self.seen, axis=0), self.bases[group]


@dataclass(frozen=True, slots=True)
class Damage:
    """Tiles that are drawn again."""

    tiles: Indices
    """(k,) which, ascending."""
    rects: I32
    """(k, 4) what of them is drawn."""
    line: Indices
    """(k,) the line of tiles that each is on."""
    joined: bool
    """The rects are whole tiles, and neighbours are drawn as one."""

    def some(self, which: Indices) -> Damage:
        """Some of them."""
        return Damage(self.tiles[which], self.rects[which], self.line[which], self.joined)

    def spans(self) -> I32:
        """(n, 4) the rectangles, neighbours joined."""
        return _merged(self.rects, self.runs()) if self.joined else self.rects

    def runs(self, like: Indices | I32 | None = None) -> Indices:
        """Where runs of neighbouring tiles in one line, alike in `like` (k, anything), begin."""
        begins = np.ones(len(self.tiles), np.bool_)
        begins[1:] = (self.tiles[1:] != self.tiles[:-1] + 1) | (self.line[1:] != self.line[:-1])
        if like is not None:
            begins[1:] |= (like[1:] != like[:-1]).any(axis=1)
        return begins.nonzero()[0]


@dataclass(frozen=True, slots=True)
class Split:
    """Which tiles are deep, and what the others are made of."""

    deep: Bools
    """(k,) must be drawn group by group."""
    parts: I32
    """(fused tiles, MOST_PARTS) see `FusedTiles`."""


def split_tiles(seen: Seen, shown: Shown, classes: RowClasses, fuses: bool) -> Split:
    """Which of the tiles can be fused; none unless `fuses`."""
    if not fuses:
        return Split(np.ones(len(seen.tiles), np.bool_), NO_FUSED.parts)
    shows = seen.depth != 0
    if len(seen.depth) < len(shown.rows):
        shows = shows[shown.groups.of] & (shown.shows[:, seen.tiles] != 0)
    return Split(*fuse(shows, classes))


def narrowed(rects: I32, redone: Bools, boxes: I32) -> I32:
    """Of each tile (k, 4) what lies around the boxes (n, 4) of what is done again in it, `redone` (n, k)."""
    sides = boxes[:, :, None]
    low = np.where(redone[:, None], sides[:, :2], np.int32(1 << 30)).min(axis=0).T
    high = np.where(redone[:, None], sides[:, 2:], np.int32(0)).max(axis=0).T
    return np.concatenate((np.maximum(rects[:, :2], low), np.minimum(rects[:, 2:], high)), axis=1)


def emit(
    damage: Damage, seen: Seen, split: Split, shown: Shown, classes: RowClasses, changed: Indices | None
) -> Plan:
    """The plan that draws what is `seen` in the `damage`, tile for tile; `changed`: as in `Plan`."""
    fused, spans, bare, quads = NO_FUSED, [], _NO_RECTS, _NO_QUADS
    deep = split.deep.nonzero()[0]
    if len(deep):
        own = damage.some(deep)
        quads = _group_by_group(own, seen.depth[:, deep], shown.rows[shown.groups.bases, BOUNDS])
        spans.append(own.spans())
        bare = damage.some(deep[seen.lowest[deep] < 0]).spans()
    deep_spans = len(spans[0]) if spans else 0
    if len(split.parts):
        own = damage.some((~split.deep).nonzero()[0])
        starts = own.runs(split.parts) if own.joined else np.arange(len(own.tiles))
        parts = split.parts[starts]
        fused = FusedTiles(_merged(own.rects, starts), parts, are_exact(parts, classes))
        spans.append(own.spans())
    return Plan(
        spans=np.concatenate(spans) if len(spans) > 1 else spans[0],
        deep_spans=deep_spans,
        fused=fused,
        bare=bare,
        quads=quads.rects,
        groups=shown.groups.bases[quads.groups],
        ranks=quads.ranks,
        depths=quads.depths,
        tiles=damage.rects,
        seen=seen.depth,
        bases=shown.groups.bases,
        classes=classes,
        changed=changed,
    )


@dataclass(frozen=True, slots=True)
class _Quads:
    """`Plan.quads`, their groups, `Plan.ranks` and `Plan.depths`."""

    rects: I32
    groups: Indices
    ranks: Indices
    depths: Indices


_NO_QUADS: Final = _Quads(_NO_RECTS, _NONE, _NONE, _NONE)


def _group_by_group(damage: Damage, seen: Bytes, bounds: F32) -> _Quads:
    """What each group shows in deep tiles, in the order of the groups. `bounds`: (groups, 4) of the bases."""
    group, nth = seen.nonzero()
    depth = seen[group, nth].astype(np.intp)
    rank = np.cumsum(seen != 0, axis=0, dtype=np.intp)[group, nth] - 1
    parts = damage.some(nth)
    quads, own = parts.rects, bounds[group].astype(np.int32)
    np.maximum(quads[:, :2], own[:, :2], out=quads[:, :2])
    np.minimum(quads[:, 2:], own[:, 2:], out=quads[:, 2:])
    if damage.joined:
        starts = parts.runs(np.stack((group, depth, rank), axis=1))
        quads = _merged(quads, starts)
    else:
        # Narrower than their tiles, some are beside the group, and none are joined.
        starts = np.flatnonzero((quads[:, 0] < quads[:, 2]) & (quads[:, 1] < quads[:, 3]))
        quads = quads[starts]
    return _Quads(quads, group[starts], rank[starts], depth[starts])


def _merged(rects: I32, starts: Indices) -> I32:
    """Of each run from its first rectangle's top left to its last one's bottom right."""
    if len(starts) == len(rects):
        return rects
    merged: I32 = rects[starts]
    merged[:-1, 2:] = rects[starts[1:] - 1, 2:]
    merged[-1, 2:] = rects[-1, 2:]
    return merged
