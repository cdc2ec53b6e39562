"""Tiles that a program blends in its registers and writes once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.plan.occlude import Groups, Seen
from mien.composite.plan.row_classes import EXACT, HARD, PAGED, SMALL, RowClasses
from mien.types import I32, MAX_MIXED, Bools, Indices

MOST_PARTS: Final = 8
"""Most samples that are blended in one go. Tiles of more are drawn in several."""
MOST_BENT: Final = 7
"""The same where rows may be bent, since each part is handed over with two numbers more."""
_BYTES: Final = np.uint64(0x0101010101010101)
"""Times eight bytes, the highest byte is the sum of them."""


@dataclass(frozen=True, slots=True)
class FusedTiles:
    """Tiles blended in registers, in one go or in several."""

    tiles: Indices
    """(n,) which; one of several goes as often as there are goes."""
    parts: I32
    """(n, MOST_PARTS) samples of rows, bottom first: MAX_MIXED * row + nth; -1: no more."""
    stages: Indices
    """(n,) 0: begins the tile; 1, 2...: goes on over what the one before drew; in each tile ascending."""
    several: Bools
    """(n,) whether its tile takes several goes."""
    exact: Bools
    """(n,) whether it is all of its tile, and every row in it is upright and moved by whole pixels."""

    @property
    def used(self) -> Indices:
        """(n,) how many parts each has: bytes of 0 and 1, added up as one word."""
        live = (self.parts >= 0).view(np.uint64)[:, 0]
        return (live * _BYTES >> np.uint64(56)).astype(np.intp)


NO_FUSED: Final = FusedTiles(
    np.zeros(0, np.intp),
    np.zeros((0, MOST_PARTS), np.int32),
    np.zeros(0, np.intp),
    np.zeros(0, np.bool_),
    np.zeros(0, np.bool_),
)


def are_plain(classes: RowClasses) -> Bools:
    """(rows,) which rows can be parts of fused tiles."""
    plain: Bools = (classes.bits & (PAGED | HARD | SMALL)) == PAGED
    return plain


def fuse(
    seen: Seen, classes: RowClasses, groups: Groups, tiles: int, most: int = MOST_PARTS
) -> tuple[FusedTiles, Bools]:
    """How the tiles of plain rows in `seen` are fused; and which of all (tiles,) cannot be.

    A clipping group is never divided: one of more than `most` samples cannot be fused.
    """
    beyond = np.zeros(tiles, np.bool_)
    if not len(seen.tile):
        return NO_FUSED, beyond
    tile, row, starts = seen.tile, seen.row, seen.starts
    samples = classes.samples[row]
    nth: Indices | int = 0
    if samples.max() > 1:
        ends = np.cumsum(samples)
        tile, row = np.repeat(tile, samples), np.repeat(row, samples)
        nth = np.arange(len(row)) - np.repeat(ends - samples, samples)
        starts = (ends - samples)[starts]
    part = (MAX_MIXED * row + nth).astype(np.int32)
    ids = seen.tiles
    count = np.diff(starts, append=len(tile))
    place = np.arange(len(tile)) - np.repeat(starts, count)
    parts = np.full((len(ids), int(count.max())), -1, np.int32)
    parts[np.repeat(np.arange(len(ids)), count), place] = part
    exact = np.logical_and.reduceat(((classes.bits & EXACT) != 0)[seen.row], seen.starts)
    few = count <= most
    if few.all():
        return _stage(ids, parts, 0, exact), beyond
    many = ~few
    stages = [_stage(ids[few], parts[few, :MOST_PARTS], 0, exact[few])]
    more, refused = _staged(ids[many], parts[many], count[many], groups, most)
    beyond[refused] = True
    return _joined([*stages, *more]), beyond


def _staged(
    ids: Indices, parts: I32, count: Indices, groups: Groups, at_once: int
) -> tuple[list[FusedTiles], Indices]:
    """Tiles of many parts (k, most), of which `count` (k,) are any, in several goes; those that cannot be."""
    most = parts.shape[1]
    row = np.maximum(parts, 0) // MAX_MIXED
    base = (parts >= 0) & ~groups.clipped[row] & (parts % MAX_MIXED == 0)
    # Where a go may end: before a base, or at the end of all.
    ends = np.zeros((len(ids), most + 1), np.intp)
    ends[:, :most] = np.where(base, np.arange(most), 0)
    ends[np.arange(len(ids)), count] = count
    np.maximum.accumulate(ends, axis=1, out=ends)
    found: list[FusedTiles] = []
    begin, live, refused = np.zeros(len(ids), np.intp), np.arange(len(ids)), np.zeros(len(ids), np.bool_)
    stage = 0
    while len(live):
        stop = ends[live, np.minimum(begin[live] + at_once, count[live])]
        refused[live[stop <= begin[live]]] = True
        live, stop = live[stop > begin[live]], stop[stop > begin[live]]
        at = begin[live, None] + np.arange(MOST_PARTS)
        some = np.where(at < stop[:, None], parts[live[:, None], np.minimum(at, most - 1)], -1)
        found.append(_stage(live, some, stage, np.zeros(len(live), np.bool_), several=True))
        begin[live] = stop
        live, stage = live[stop < count[live]], stage + 1
    kept = [~refused[one.tiles] for one in found]
    return [
        FusedTiles(
            ids[one.tiles[some]], one.parts[some], one.stages[some], one.several[some], one.exact[some]
        )
        for one, some in zip(found, kept, strict=True)
    ], ids[refused]


def _stage(ids: Indices, parts: I32, stage: int, exact: Bools, *, several: bool = False) -> FusedTiles:
    wide = parts[:, :MOST_PARTS]
    if wide.shape[1] < MOST_PARTS:
        wide = np.full((len(parts), MOST_PARTS), -1, np.int32)
        wide[:, : parts.shape[1]] = parts
    return FusedTiles(ids, wide, np.full(len(ids), stage), np.full(len(ids), several), exact)


def _joined(stages: list[FusedTiles]) -> FusedTiles:
    if len(stages) == 1:
        return stages[0]
    return FusedTiles(
        np.concatenate([one.tiles for one in stages]),
        np.concatenate([one.parts for one in stages]),
        np.concatenate([one.stages for one in stages]),
        np.concatenate([one.several for one in stages]),
        np.concatenate([one.exact for one in stages]),
    )
