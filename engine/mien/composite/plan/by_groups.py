"""Tiles that are drawn group by group: what no program blends in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.plan.occlude import Groups, begins
from mien.composite.plan.seen import Seen
from mien.composite.plan.tiles import Tiles, around
from mien.composite.rows import BOUNDS
from mien.types import F32, I32, Bools, Indices


@dataclass(frozen=True, slots=True)
class GroupQuads:
    """What each clipping group shows within some tiles."""

    rects: I32
    """(n, 4) left, top, right, bottom, in pixels."""
    groups: Indices
    """(n,) the base row of each one's group."""
    ranks: Indices
    """(n,) how many groups are seen below in the same tile: what must be drawn first has less."""
    depths: Indices
    """(n,) how many of the group's rows show there or below one that does: 1 is the base alone."""


_NONE: Final = np.zeros(0, np.intp)
NO_QUADS: Final = GroupQuads(np.zeros((0, 4), np.int32), _NONE, _NONE, _NONE)


def group_by_group(seen: Seen, rows: F32, groups: Groups, tiles: Tiles, bent: Bools) -> GroupQuads:
    """What is drawn of the groups in `seen`. `rows`: (n, FLOATS); `bent`: (n,) whose rectangles are of one
    tile each."""
    if not len(seen.tile):
        return NO_QUADS
    base = groups.base[seen.row]
    first = begins(seen.tile * len(rows) + base)
    last = np.append(first[1:], len(base)) - 1
    tile, group = seen.tile[first], base[first]
    depth = seen.row[last] - group + 1
    starts = begins(tile)
    rank = np.arange(len(tile)) - np.repeat(starts, np.diff(starts, append=len(tile)))
    # Neighbours in a line of which all is alike are drawn as one.
    order = np.lexsort((tile, group))
    tile, group, depth, rank = tile[order], group[order], depth[order], rank[order]
    bounds = rows[group, BOUNDS].astype(np.int32)
    rects = tiles.rects[tile]
    rects = np.concatenate(
        (np.maximum(rects[:, :2], bounds[:, :2]), np.minimum(rects[:, 2:], bounds[:, 2:])), axis=1
    )
    alike: tuple[Indices, ...] = (group, depth, rank)
    if bent.any():
        apart = np.zeros(len(rows), np.bool_)
        apart[groups.base[bent]] = True
        alike = (*alike, np.where(apart[group], tile, -1))
    runs = tiles.runs(tile, np.stack(alike, axis=1))
    return GroupQuads(around(rects, runs), group[runs], rank[runs], depth[runs])
