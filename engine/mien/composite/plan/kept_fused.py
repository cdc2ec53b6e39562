"""Fused tiles kept from frame to frame: only those in which something else is seen are fused anew."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.composite.plan.fuse import NO_FUSED, FusedTiles, fuse
from mien.composite.plan.occlude import Groups, Seen
from mien.composite.plan.row_classes import RowClasses
from mien.types import Bools, Indices

_NONE: Final = np.zeros(0, np.bool_)


class KeptFused:
    """The fused tiles of a block, of at most so many parts in one go."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.anew = 0
        """Tiles that were fused so far."""
        self.forget()

    def forget(self) -> None:
        """Rows have other numbers: what is kept is worth nothing."""
        self._fused = NO_FUSED
        self._known = self._beyond = _NONE

    def drop(self, fresh: Bools) -> None:
        """(tiles,) in those others are seen than before, or otherwise."""
        if len(self._known):
            self._known = self._known & ~fresh

    def of(self, wanted: Bools, seen: Seen, classes: RowClasses, groups: Groups) -> tuple[FusedTiles, Bools]:
        """The tiles `wanted` (tiles,), bare ones too; and (tiles,) which cannot be fused."""
        if not len(self._known):
            self._known = self._beyond = np.zeros_like(wanted)
        keep = self._known & wanted
        anew = wanted & ~keep
        self.anew += int(np.count_nonzero(anew))
        shown = seen.of(anew)
        fused, beyond = fuse(shown, classes, groups, len(wanted), self._most)
        self._beyond = (self._beyond & keep) | beyond
        fused = _with_bare(fused, anew & ~beyond, shown.tiles)
        if keep.any():
            kept = _of(self._fused, keep[self._fused.tiles].nonzero()[0])
            fused = _joined(fused, kept) if len(fused.tiles) else kept
        self._fused, self._known = fused, wanted
        return fused, self._beyond


def _with_bare(fused: FusedTiles, wanted: Bools, filled: Indices) -> FusedTiles:
    """With the tiles in which nothing is seen, which show the clear colour. `filled`: the others."""
    empty = wanted.copy()
    empty[filled] = False
    which = empty.nonzero()[0]
    if not len(which):
        return fused
    bare = FusedTiles(
        which,
        np.full((len(which), fused.parts.shape[1]), -1, np.int32),
        np.zeros(len(which), np.intp),
        np.zeros(len(which), np.bool_),
        np.ones(len(which), np.bool_),
    )
    return _joined(bare, fused)


def _of(fused: FusedTiles, which: Indices) -> FusedTiles:
    """Some of them (n,), in their order."""
    if len(which) == len(fused.tiles):
        return fused
    return FusedTiles(
        fused.tiles.take(which),
        fused.parts.take(which, axis=0),
        fused.stages.take(which),
        fused.several.take(which),
        fused.exact.take(which),
    )


def _joined(first: FusedTiles, then: FusedTiles) -> FusedTiles:
    return FusedTiles(
        np.concatenate((first.tiles, then.tiles)),
        np.concatenate((first.parts, then.parts)),
        np.concatenate((first.stages, then.stages)),
        np.concatenate((first.several, then.several)),
        np.concatenate((first.exact, then.exact)),
    )
