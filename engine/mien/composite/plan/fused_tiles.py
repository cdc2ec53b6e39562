"""Tiles in which little shows: what a program can blend in its registers and write once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.plan.row_classes import EXACT, HARD, PAGED, SMALL, RowClasses
from mien.types import I32, MAX_MIXED, Bools

MOST_PARTS: Final = 8
"""Most samples in a fused tile. Deeper tiles are rare."""


@dataclass(frozen=True, slots=True)
class FusedTiles:
    """Rectangles blended in registers and written once."""

    rects: I32
    """(n, 4) left, top, right, bottom, in pixels."""
    parts: I32
    """(n, MOST_PARTS) samples of rows, bottom first: MAX_MIXED * row + nth; -1: no more."""
    exact: Bools
    """(n,) whether every row of it is upright and moved by whole pixels."""


NO_FUSED: Final = FusedTiles(
    np.zeros((0, 4), np.int32), np.zeros((0, MOST_PARTS), np.int32), np.zeros(0, np.bool_)
)


def fuse(shows: Bools, classes: RowClasses) -> tuple[Bools, I32]:
    """Which tiles are too deep to be fused (tiles,), and the parts (n, MOST_PARTS) of the n that are not.

    `shows`: (rows, tiles) what is to be seen.
    """
    plain = (classes.bits & (PAGED | HARD | SMALL)) == PAGED
    cost = np.where(plain, classes.samples, MOST_PARTS + 1).astype(np.float32)
    deep: Bools = cost @ shows.astype(np.float32) > MOST_PARTS
    tile, row = (shows[:, ~deep] if deep.any() else shows).T.nonzero()
    samples = classes.samples[row]
    nth = np.zeros(len(row), np.intp)
    if len(row) and samples.max() > 1:
        tile, row = np.repeat(tile, samples), np.repeat(row, samples)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(samples) - samples, samples)
    parts = np.full((len(deep) - np.count_nonzero(deep), MOST_PARTS), -1, np.int32)
    place = np.arange(len(tile)) - np.searchsorted(tile, tile)
    parts[tile, place] = MAX_MIXED * row + nth
    return deep, parts


def are_exact(parts: I32, classes: RowClasses) -> Bools:
    """(n,) see `FusedTiles.exact`. `parts`: (n, MOST_PARTS)."""
    # One more for -1, which counts from the end.
    exact = np.append((classes.bits & EXACT) != 0, True)
    found: Bools = np.logical_and.reduce(exact[parts // MAX_MIXED], axis=1)
    return found
