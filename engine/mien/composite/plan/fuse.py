"""How tiles are divided into goes, each blended in the registers of a program and written once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from mien.composite.plan.fused_tiles import (
    IS_OTHER,
    IS_SIMPLE,
    MOST_PARTS,
    NO_FUSED,
    STAGE,
    USED,
    FusedTiles,
)
from mien.composite.plan.occlude import Groups
from mien.composite.plan.row_classes import EXACT, SIMPLE, RowClasses
from mien.composite.plan.seen import Seen
from mien.types import I32, MAX_MIXED, Indices


def fuse(seen: Seen, classes: RowClasses, groups: Groups) -> tuple[FusedTiles, FusedTiles, Indices]:
    """How the tiles of plain rows in `seen` are fused: those that take one go, those that take several, and
    the numbers of those that cannot be.

    A clipping group is never divided: one of more than MOST_PARTS samples cannot be fused.
    """
    if not len(seen.tile):
        return NO_FUSED, NO_FUSED, NO_FUSED.tiles
    tile, row, starts = seen.tile, seen.row, seen.starts
    ids, alike = tile[starts], np.bitwise_and.reduceat(classes.bits[row], starts)
    samples = classes.samples[row]
    nth: Indices | int = 0
    if samples.max() > 1:
        ends = samples.cumsum()
        row = row.repeat(samples)
        nth = np.arange(len(row)) - (ends - samples).repeat(samples)
        starts = (ends - samples)[starts]
    part = (MAX_MIXED * row + nth).astype(np.int32)
    count = np.empty_like(starts)
    count[:-1], count[-1] = starts[1:], len(row)
    count -= starts
    place = np.arange(len(row)) - starts.repeat(count)
    parts = np.full((len(ids), max(MOST_PARTS, int(count.max()))), -1, np.int32)
    parts[np.arange(len(ids)).repeat(count), place] = part
    kinds = np.minimum(count, MOST_PARTS) + np.where(alike & SIMPLE, IS_SIMPLE, IS_OTHER)
    kinds -= np.where(alike & EXACT, kinds & ~USED, 0)
    few = count <= MOST_PARTS
    if few.all():
        return FusedTiles(ids, parts, kinds), NO_FUSED, NO_FUSED.tiles
    many = ~few
    more, refused = _staged(ids[many], parts[many], count[many], groups, classes.bits)
    return FusedTiles(ids[few], parts[few, :MOST_PARTS], kinds[few]), more, refused


def _staged(
    ids: Indices, parts: I32, count: Indices, groups: Groups, bits: Indices
) -> tuple[FusedTiles, Indices]:
    """Tiles of many parts (k, most), of which `count` (k,) are any, in several goes; those that cannot be.

    One by one: in motion there are a handful, and calls on arrays took twice as long.
    """
    clipped, every = groups.clipped.tolist(), bits.tolist()
    found, refused = list[_Go](), list[int]()
    for tile, own, number in zip(ids.tolist(), parts.tolist(), count.tolist(), strict=True):
        bases = [k for k in range(number) if own[k] % MAX_MIXED == 0 and not clipped[own[k] // MAX_MIXED]]
        goes = _goes(tile, own[:number], bases, every)
        found += goes
        if not goes:
            refused.append(tile)
    found.sort(key=itemgetter(0))
    padded = [[*go.parts, *[-1] * (MOST_PARTS - len(go.parts))] for go in found]
    fused = FusedTiles(
        np.array([go.tile for go in found], np.intp),
        np.array(padded, np.int32).reshape(-1, MOST_PARTS),
        np.array([go.kind for go in found], np.intp),
    )
    return fused, np.array(refused, np.intp)


class _Go(NamedTuple):
    kind: int
    tile: int
    parts: list[int]


def _goes(tile: int, parts: list[int], bases: Sequence[int], bits: Sequence[int]) -> list[_Go]:
    """A tile in several goes, each of whole groups; none where a group is of too many parts."""
    goes, begin = list[_Go](), 0
    # Where a go may end: before a base, or at the end of all.
    ends = [*bases, len(parts)]
    while begin < len(parts):
        stop = ends[bisect_right(ends, begin + MOST_PARTS) - 1]
        if stop <= begin:
            return []
        some = parts[begin:stop]
        alike = SIMPLE
        for part in some:
            alike &= bits[part // MAX_MIXED]
        kind = IS_SIMPLE if alike and not goes else IS_OTHER
        goes.append(_Go(kind + STAGE * len(goes) + len(some), tile, some))
        begin = stop
    return goes
