"""Fused tiles kept from frame to frame: only those in which something else is seen are fused anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mien.composite.plan.fuse import fuse
from mien.composite.plan.fused_tiles import (
    IS_OTHER,
    IS_SIMPLE,
    MOST_PARTS,
    NO_FUSED,
    STAGE,
    USED,
    FusedTiles,
    are_simple,
    by_kinds,
)
from mien.composite.plan.occlude import Groups
from mien.composite.plan.row_classes import RowClasses
from mien.composite.plan.seen import SeenTiles
from mien.types import I32, MAX_MIXED, Bools, Bytes, Indices


class KeptFused:
    """The fused tiles of a block of so many."""

    def __init__(self, tiles: int) -> None:
        self.anew = 0
        """Tiles that were fused so far."""
        self._known: Bools = np.zeros(tiles, np.bool_)
        # Of those: which cannot be fused, and which take one go, with their parts and kinds. A tile in which
        # nothing is seen has a go without parts, which shows the clear colour.
        self._beyond: Bools = np.zeros(tiles, np.bool_)
        self._once: Bools = np.zeros(tiles, np.bool_)
        self._parts: I32 = np.full((tiles, MOST_PARTS), -1, np.int32)
        self._kinds: Bytes = np.zeros(tiles, np.uint8)
        self._several = NO_FUSED

    def forget(self) -> None:
        """Rows have other numbers: what is kept is worth nothing."""
        self._known[:] = False
        self._parts[:] = -1
        self._several = NO_FUSED

    def renumber(self, now: Indices) -> None:
        """The rows have other numbers: (rows then,); of those that are gone any, their tiles are dropped."""
        parts = np.full(MAX_MIXED * len(now) + 1, -1, np.int32)
        parts[:-1].reshape(-1, MAX_MIXED)[:] = MAX_MIXED * now[:, None] + np.arange(MAX_MIXED)
        self._parts = parts.take(self._parts, mode="wrap")
        self._several = replace(self._several, parts=parts.take(self._several.parts, mode="wrap"))

    def drop(self, tiles: Indices) -> None:
        """In these (n,) others are seen than before, or otherwise."""
        self._known[tiles] = False

    def look_again(self, bits: Indices) -> None:
        """Rows have become simple or are so no more: `bits` (rows,) as in `RowClasses`."""
        simple = np.where(are_simple(self._parts, bits), np.uint8(IS_SIMPLE), np.uint8(IS_OTHER))
        self._kinds = np.where(self._kinds < IS_OTHER, self._kinds, (self._kinds & np.uint8(USED)) + simple)
        several = self._several
        simple = np.where(are_simple(several.parts, bits), IS_SIMPLE, IS_OTHER)
        kinds = np.where(several.kinds < STAGE, (several.kinds & USED) + simple, several.kinds)
        self._several = by_kinds(replace(several, kinds=kinds))

    def of(
        self, wanted: Bools, seen: SeenTiles, classes: RowClasses, groups: Groups
    ) -> tuple[FusedTiles, Bools]:
        """The tiles `wanted` (tiles,), bare ones too; and (tiles,) which of them cannot be fused."""
        anew = wanted & ~self._known
        which = anew.nonzero()[0]
        if len(which):
            self.anew += len(which)
            self._learn(anew, which, *fuse(seen.of(anew), classes, groups))
        once = (wanted & self._once).nonzero()[0]
        own = self._kinds.take(once)
        order = own.argsort(kind="stable")
        tiles, kinds = once.take(order), own.take(order).astype(np.intp)
        parts = self._parts.take(tiles, axis=0)
        several = self._several
        if len(several.tiles):
            several = _of(several, wanted.take(several.tiles))
            tiles = np.concatenate((several.tiles, tiles))
            parts, kinds = np.concatenate((several.parts, parts)), np.concatenate((several.kinds, kinds))
        return FusedTiles(tiles, parts, kinds, len(several.tiles)), self._beyond & wanted

    def _learn(
        self, anew: Bools, which: Indices, once: FusedTiles, several: FusedTiles, beyond: Indices
    ) -> None:
        """How the tiles `anew` (tiles,), by number `which`, are fused."""
        self._known |= anew
        self._beyond[which] = False
        self._once[which] = True
        for refused in (beyond, several.tiles):
            self._once[refused] = False
        self._beyond[beyond] = True
        self._parts[which] = -1
        self._kinds[which] = 0
        self._parts[once.tiles] = once.parts
        self._kinds[once.tiles] = once.kinds
        kept = ~anew.take(self._several.tiles)
        if len(several.tiles) or not kept.all():
            old = _of(self._several, kept)
            self._several = by_kinds(
                FusedTiles(
                    np.concatenate((old.tiles, several.tiles)),
                    np.concatenate((old.parts, several.parts)),
                    np.concatenate((old.kinds, several.kinds)),
                )
            )


def _of(fused: FusedTiles, kept: Bools) -> FusedTiles:
    """Those `kept` (n,) of them, in their order."""
    which = kept.nonzero()[0]
    if len(which) == len(kept):
        return fused
    return FusedTiles(fused.tiles.take(which), fused.parts.take(which, axis=0), fused.kinds.take(which))
