"""Tiles that a program blends in its registers and writes once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.plan.occlude import Groups, Seen
from mien.composite.plan.row_classes import BENT, EXACT, HARD, PAGED, SIMPLE, SMALL, RowClasses
from mien.types import I32, MAX_MIXED, Bools, Indices

MOST_PARTS: Final = 8
"""Most samples that are blended in one go. Tiles of more are drawn in several."""
MOST_BENT: Final = 7
"""The same where rows may be bent, since each part is handed over with two numbers more."""

USED: Final = 15
"""Of the kind of a go: how many parts it has."""
IS_EXACT: Final = 0 << 4
"""It is all of its tile, and every row in it is upright and moved by whole pixels;"""
IS_OTHER: Final = 1 << 4
"""or that is not so;"""
IS_SIMPLE: Final = 2 << 4
"""or not, and each of its parts is a row of its own that is SIMPLE."""
IS_BENT: Final = 1 << 6
"""A row in it is bent."""
STAGE: Final = 1 << 7
"""Times its stage. 0: it begins the tile; 1, 2...: it goes on over what the one before drew."""


@dataclass(frozen=True, slots=True)
class FusedTiles:
    """Goes in which tiles are blended in registers; ascending by their kinds."""

    tiles: Indices
    """(n,) of which tile; one of several goes is there as often as there are goes."""
    parts: I32
    """(n, MOST_PARTS) samples of rows, bottom first: MAX_MIXED * row + nth; -1: no more."""
    kinds: Indices
    """(n,) sums of the above."""
    several: int = 0
    """How many of them, the first, are of tiles that take several; the others ascend on their own."""


NO_FUSED: Final = FusedTiles(np.zeros(0, np.intp), np.zeros((0, MOST_PARTS), np.int32), np.zeros(0, np.intp))


def are_plain(classes: RowClasses) -> Bools:
    """(rows,) which rows can be parts of fused tiles."""
    plain: Bools = (classes.bits & (PAGED | HARD | SMALL)) == PAGED
    return plain


def are_simple(parts: I32, bits: Indices) -> Bools:
    """(n,) whether each of the `parts` (n, MOST_PARTS) of a go is a row of its own that is SIMPLE. `bits`: of
    the rows, as in `RowClasses`."""
    simple = np.ones(len(bits) + 1, np.bool_)  # the last is of parts that are none
    simple[:-1] = (bits & SIMPLE) != 0
    return np.asarray(simple[parts // MAX_MIXED].all(axis=1), np.bool_)


def fuse(
    seen: Seen, classes: RowClasses, groups: Groups, at_once: int = MOST_PARTS
) -> tuple[FusedTiles, FusedTiles, Indices]:
    """How the tiles of plain rows in `seen` are fused: those that take one go, those that take several, and
    the numbers of those that cannot be.

    A clipping group is never divided: one of more than `at_once` samples cannot be fused.
    """
    if not len(seen.tile):
        return NO_FUSED, NO_FUSED, NO_FUSED.tiles
    tile, row, starts = seen.tile, seen.row, seen.starts
    ids, alike = tile[starts], np.bitwise_and.reduceat(classes.bits[row], starts)
    bent = np.bitwise_or.reduceat(classes.bits[row], starts) & BENT
    samples = classes.samples[row]
    nth: Indices | int = 0
    if samples.max() > 1:
        ends = np.cumsum(samples)
        row = np.repeat(row, samples)
        nth = np.arange(len(row)) - np.repeat(ends - samples, samples)
        starts = (ends - samples)[starts]
    part = (MAX_MIXED * row + nth).astype(np.int32)
    count = np.diff(starts, append=len(row))
    place = np.arange(len(row)) - np.repeat(starts, count)
    parts = np.full((len(ids), max(MOST_PARTS, int(count.max()))), -1, np.int32)
    parts[np.repeat(np.arange(len(ids)), count), place] = part
    kinds = np.minimum(count, MOST_PARTS) + np.where(alike & SIMPLE, IS_SIMPLE, IS_OTHER)
    kinds -= np.where(alike & EXACT, kinds & ~USED, 0)
    kinds += bent * (IS_BENT // BENT)
    few = count <= at_once
    if few.all():
        return FusedTiles(ids, parts, kinds), NO_FUSED, NO_FUSED.tiles
    many = ~few
    more, refused = _staged(ids[many], parts[many], count[many], groups, classes.bits, at_once)
    return FusedTiles(ids[few], parts[few, :MOST_PARTS], kinds[few]), more, refused


def _staged(
    ids: Indices, parts: I32, count: Indices, groups: Groups, bits: Indices, at_once: int
) -> tuple[FusedTiles, Indices]:
    """Tiles of many parts (k, most), of which `count` (k,) are any, in several goes; those that cannot be."""
    most = parts.shape[1]
    row = np.maximum(parts, 0) // MAX_MIXED
    base = (parts >= 0) & ~groups.clipped[row] & (parts % MAX_MIXED == 0)
    # Where a go may end: before a base, or at the end of all.
    ends = np.zeros((len(ids), most + 1), np.intp)
    ends[:, :most] = np.where(base, np.arange(most), 0)
    ends[np.arange(len(ids)), count] = count
    np.maximum.accumulate(ends, axis=1, out=ends)
    found: list[tuple[Indices, I32, Indices]] = []
    begin, live, refused = np.zeros(len(ids), np.intp), np.arange(len(ids)), np.zeros(len(ids), np.bool_)
    stage = 0
    while len(live):
        stop = ends[live, np.minimum(begin[live] + at_once, count[live])]
        refused[live[stop <= begin[live]]] = True
        live, stop = live[stop > begin[live]], stop[stop > begin[live]]
        at = begin[live, None] + np.arange(MOST_PARTS)
        some = np.where(at < stop[:, None], parts[live[:, None], np.minimum(at, most - 1)], -1)
        bent = np.append(bits & BENT, 0).take(some // MAX_MIXED, mode="wrap").max(axis=1)
        first = are_simple(some, bits) if stage == 0 else np.zeros(len(live), np.bool_)
        kind = np.where(first, IS_SIMPLE, IS_OTHER) + STAGE * stage + bent * (IS_BENT // BENT)
        found.append((live, some, kind + (stop - begin[live])))
        begin[live] = stop
        live, stage = live[stop < count[live]], stage + 1
    nth, goes, kinds = (np.concatenate([one[k] for one in found]) for k in range(3))
    kept = ~refused[nth]
    return by_kinds(FusedTiles(ids[nth[kept]], goes[kept], kinds[kept])), ids[refused]


def by_kinds(fused: FusedTiles) -> FusedTiles:
    """Ascending by their kinds."""
    kinds = fused.kinds
    # Sixteen bits are sorted in a third of the time.
    small = kinds.max(initial=0) < 1 << 16
    order = np.argsort(kinds.astype(np.uint16) if small else kinds, kind="stable")
    return FusedTiles(fused.tiles.take(order), fused.parts.take(order, axis=0), kinds.take(order))
