"""Tiles that a program blends in its registers and writes once: what a plan says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.plan.row_classes import HARD, PAGED, SIMPLE, SMALL, RowClasses
from mien.types import I32, MAX_MIXED, Bools, Indices

MOST_PARTS: Final = 8
"""Most samples that are blended in one go. Tiles of more are drawn in several."""
MOST_TWISTED: Final = 7
"""The same where rows are bent within the tile: each part is handed over with two numbers more."""

USED: Final = 15
"""Of the kind of a go: how many parts it has."""
IS_EXACT: Final = 0 << 4
"""It is all of its tile, and every row in it is upright and moved by whole pixels;"""
IS_OTHER: Final = 1 << 4
"""or that is not so;"""
IS_SIMPLE: Final = 2 << 4
"""or not, and each of its parts is a row of its own that is SIMPLE."""
STAGE: Final = 1 << 6
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


def by_kinds(fused: FusedTiles) -> FusedTiles:
    """Ascending by their kinds."""
    kinds = fused.kinds
    # Sixteen bits are sorted in a third of the time.
    small = kinds.max(initial=0) < 1 << 16
    order = (kinds.astype(np.uint16) if small else kinds).argsort(kind="stable")
    return FusedTiles(fused.tiles.take(order), fused.parts.take(order, axis=0), kinds.take(order))


def without(fused: FusedTiles, tiles: Bools) -> FusedTiles:
    """All goes but those of `tiles` (tiles,)."""
    kept = (~tiles.take(fused.tiles)).nonzero()[0]
    several = int(np.searchsorted(kept, fused.several))
    return FusedTiles(fused.tiles.take(kept), fused.parts.take(kept, axis=0), fused.kinds.take(kept), several)
