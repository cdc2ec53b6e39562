"""What to draw of a block of rows, as numbers: the one thing that `damage` gives and strategies take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.plan.fused_tiles import NO_FUSED, FusedTiles, are_exact
from mien.composite.plan.row_classes import RowClasses
from mien.types import F32, I32, Bools, Bytes, Indices

_Units = tuple[I32, Indices, Indices, Indices]
"""`Plan.quads`, the units themselves, `Plan.ranks`, `Plan.depths`."""
_NO_RECTS: Final = np.zeros((0, 4), np.int32)
_NONE: Final = np.zeros(0, np.intp)
_NO_UNITS: Final[_Units] = (_NO_RECTS, _NONE, _NONE, _NONE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to draw of one block of rows."""

    spans: I32
    """(n, 4) left, top, right, bottom: the damage, in pixels; disjoint, as runs of tiles. First the deep
    tiles, drawn unit by unit, then those of `fused`."""
    deep_spans: int
    """How many of the spans are deep tiles."""
    fused: FusedTiles
    bare: I32
    """(n, 4): the part of the deep tiles under which nothing opaque lies, to be cleared."""
    quads: I32
    """(m, 4): what each unit shows within the deep tiles."""
    units: Indices
    """(m,) the row of each quad's unit."""
    ranks: Indices
    """(m,) how many units are seen below in the same tile: what must be drawn first has less."""
    depths: Indices
    """(m,) how many of the unit's rows show in the quad or below one that does: 1 is the base alone."""
    tiles: I32
    """(k, 4): the damage, tile by tile."""
    seen: Bytes
    """(units, k) the depth of each unit in each of those tiles; 0: it is not seen."""
    bases: Indices
    """(units,) the row of each unit."""
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
        """The same by tiles: their rectangles (k, 4), how many units each shows (k,), and the units' rows."""
        _, unit = self.seen.T.nonzero()
        return self.tiles, np.count_nonzero(self.seen, axis=0), self.bases[unit]


def lay_out(
    tiles: Indices,
    rects: I32,
    line: Indices,
    seen: Bytes,
    lowest: Indices,
    deep: Bools,
    parts: I32,
    *,
    bases: Indices,
    bounds: F32,
    classes: RowClasses,
    changed: Indices | None,
    joined: bool,
) -> Plan:
    """The plan that draws `seen` in `rects`, the damaged parts of `tiles`, ascending, on `line`s of tiles.

    `lowest`: (tiles,) the unit that hides what is below, -1 for none; `deep`: see `Plan.spans`; `parts`: of
    the tiles that are not, see `FusedTiles`; `bases`, `bounds`: row and bounds of each unit; `joined`: the
    rects are whole tiles, and neighbours drawn as one.
    """
    fused, spans, bare, units = NO_FUSED, [], _NO_RECTS, _NO_UNITS
    deep_spans = 0
    if deep.any():
        few = deep.nonzero()[0]
        own = (tiles[few], rects[few], line[few])
        units = _unit_by_unit(*own, seen[:, few], bounds, joined)
        spans.append(_spans(*own, joined))
        deep_spans = len(spans[0])
        over = few[lowest[few] < 0]
        bare = _spans(tiles[over], rects[over], line[over], joined)
    if len(parts):
        rest = (~deep).nonzero()[0]
        own = (tiles[rest], rects[rest], line[rest])
        starts = _runs(own[0], own[2], parts) if joined else np.arange(len(rest))
        shown = parts[starts]
        fused = FusedTiles(_merged(own[1], starts), shown, are_exact(shown, classes))
        spans.append(_spans(*own, joined))
    quads, unit, ranks, depths = units
    return Plan(
        spans=np.concatenate(spans) if len(spans) > 1 else spans[0],
        deep_spans=deep_spans,
        fused=fused,
        bare=bare,
        quads=quads,
        units=bases[unit],
        ranks=ranks,
        depths=depths,
        tiles=rects,
        seen=seen,
        bases=bases,
        classes=classes,
        changed=changed,
    )


def _unit_by_unit(
    tiles: Indices, rects: I32, line: Indices, seen: Bytes, bounds: F32, joined: bool
) -> _Units:
    """What each unit shows in deep tiles, in the order of the units."""
    unit, nth = seen.nonzero()
    depth = seen[unit, nth].astype(np.intp)
    rank = np.cumsum(seen != 0, axis=0, dtype=np.intp)[unit, nth] - 1
    quads = rects[nth]
    own = bounds[unit].astype(np.int32)
    np.maximum(quads[:, :2], own[:, :2], out=quads[:, :2])
    np.minimum(quads[:, 2:], own[:, 2:], out=quads[:, 2:])
    if joined:
        starts = _runs(tiles[nth], line[nth], np.stack((unit, depth, rank), axis=1))
    else:
        # Narrower than their tiles, some are beside the unit, and none are joined.
        starts = np.flatnonzero((quads[:, 0] < quads[:, 2]) & (quads[:, 1] < quads[:, 3]))
        quads = quads[starts]
    merged = _merged(quads, starts) if joined else quads
    return merged, unit[starts], rank[starts], depth[starts]


def _spans(tiles: Indices, rects: I32, line: Indices, joined: bool) -> I32:
    return _merged(rects, _runs(tiles, line)) if joined else rects


def _runs(tile: Indices, line: Indices, like: Indices | I32 | None = None) -> Indices:
    """Where runs of neighbouring tiles in one line, alike in `like` (n, anything), begin."""
    begins = np.ones(len(tile), np.bool_)
    begins[1:] = (tile[1:] != tile[:-1] + 1) | (line[1:] != line[:-1])
    if like is not None:
        begins[1:] |= (like[1:] != like[:-1]).any(axis=1)
    return begins.nonzero()[0]


def _merged(rects: I32, starts: Indices) -> I32:
    """Of each run from its first rectangle's top left to its last one's bottom right."""
    if len(starts) == len(rects):
        return rects
    merged: I32 = rects[starts]
    merged[:-1, 2:] = rects[starts[1:] - 1, 2:]
    merged[-1, 2:] = rects[-1, 2:]
    return merged
