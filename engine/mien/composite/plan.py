"""What to draw of a block of rows, as numbers: the one thing that `damage` gives and strategies take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mien.types import F32, I32

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to draw of one block of rows."""

    spans: I32
    """(n, 4) left, top, right, bottom: the damage, in pixels; disjoint, as runs of tiles. First the deep
    tiles, then the shallow ones, in which at most `Planner.shallow` units show, of simple blend modes."""
    deep_spans: int
    """How many of the spans are deep tiles."""
    bare: I32
    """(n, 4): the part of the damage under which nothing opaque lies, to be cleared; deep tiles first."""
    deep_bare: int
    quads: I32
    """(m, 4): what each unit shows within the damage, unit by unit; deep tiles first."""
    deep_quads: int
    units: Indices
    """(m,) the row of each quad's unit."""
    ranks: Indices
    """(m,) how many units are seen below in the same tile: what must be drawn first has less."""
    depths: Indices
    """(m,) how many of the unit's rows show in the quad or below one that does: 1 is the base alone."""
    covers: Bools
    """(m,) whether the quad is one row that hides all below it: what is there need not be read."""
    tiles: I32
    """(k, 4): the damage, tile by tile."""
    seen: npt.NDArray[np.uint8]
    """(units, k) the depth of each unit in each of those tiles; 0: it is not seen."""
    bases: Indices
    """(units,) the row of each unit."""
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
    *,
    bases: Indices,
    bounds: F32,
    changed: Indices | None,
    joined: bool,
) -> Plan:
    """The plan that draws `seen` in `rects`, the damaged parts of `tiles`, ascending, on `line`s of tiles.

    `lowest`: (tiles,) the unit that hides what is below, -1 for none; `deep`: see `Plan.spans`; `bases`,
    `bounds`: row and bounds of each unit; `joined`: the rects are whole tiles, and neighbours drawn as one.
    """
    order = np.argsort(~deep, kind="stable")
    tiles, rects, line, deep = tiles[order], rects[order], line[order], deep[order]
    seen, lowest = seen[:, order], lowest[order]
    unit, nth = seen.nonzero()
    depth = seen[unit, nth].astype(np.intp)
    rank = np.cumsum(seen != 0, axis=0, dtype=np.intp)[unit, nth] - 1
    shallow = (~deep)[nth].astype(np.intp)
    covers = (unit == lowest[nth]) & (depth == 1)
    units = len(seen) + 1
    group = (((shallow * units + unit) * 256 + depth) * 2 + covers) * units + rank
    order = np.argsort(group, kind="stable")
    unit, nth, depth, shallow, group = unit[order], nth[order], depth[order], shallow[order], group[order]
    covers, rank = covers[order], rank[order]
    quads = rects[nth]
    own = bounds[unit].astype(np.int32)
    np.maximum(quads[:, :2], own[:, :2], out=quads[:, :2])
    np.minimum(quads[:, 2:], own[:, 2:], out=quads[:, 2:])
    bare = (lowest < 0).nonzero()[0]
    if joined:
        starts = _runs(tiles[nth], line[nth], group)
        spans = _runs(tiles, line, deep)
        bare_starts = _runs(tiles[bare], line[bare], deep[bare])
    else:
        # Narrower than their tiles, some are beside the unit, and none are joined.
        starts = np.flatnonzero((quads[:, 0] < quads[:, 2]) & (quads[:, 1] < quads[:, 3]))
        quads, unit, depth, shallow = quads[starts], unit[starts], depth[starts], shallow[starts]
        covers, rank = covers[starts], rank[starts]
        starts, spans, bare_starts = np.arange(len(quads)), np.arange(len(tiles)), np.arange(len(bare))
    return Plan(
        spans=_merged(rects, spans),
        deep_spans=int(np.count_nonzero(deep[spans])),
        bare=_merged(rects[bare], bare_starts),
        deep_bare=int(np.count_nonzero(deep[bare][bare_starts])),
        quads=_merged(quads, starts),
        deep_quads=int(np.count_nonzero(shallow[starts] == 0)),
        units=bases[unit[starts]],
        ranks=rank[starts],
        depths=depth[starts],
        covers=covers[starts],
        tiles=rects,
        seen=seen,
        bases=bases,
        changed=changed,
    )


def _runs(tile: Indices, line: Indices, group: Indices | Bools) -> Indices:
    """Where runs of neighbouring tiles in one line, of one group, begin."""
    begins = np.ones(len(tile), np.bool_)
    begins[1:] = (tile[1:] != tile[:-1] + 1) | (line[1:] != line[:-1]) | (group[1:] != group[:-1])
    return begins.nonzero()[0]


def _merged(rects: I32, starts: Indices) -> I32:
    if len(starts) == len(rects):
        return rects
    merged: I32 = rects[starts]
    merged[:-1, 2:] = rects[starts[1:] - 1, 2:]
    merged[-1, 2:] = rects[-1, 2:]
    return merged
