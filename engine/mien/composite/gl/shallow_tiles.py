"""Tiles of few samples, which a GPU too blends in registers: rows are read once a tile, not once a pixel.

A program that walks a list of rows reads each anew for every pixel: 13 reads of it and of its entry, beside
the four texels. Here the corner of a point reads the rows and hands them over; a pixel reads texels alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.gl.points import FLOATS, points_of
from mien.composite.plan.fused_tiles import USED
from mien.composite.plan.planner import Plan
from mien.types import F32, Bools, Indices

SIZES: Final = (1, 2, 3, 5, 7)
"""Parts of tiles with a program of their own: of the widest, 28 of the 31 varyings that some drivers have."""
SIDE: Final = 32
"""Pixels on a side of a tile, twice that above 1440 lines. Of two characters at 1280x720 79 % of what is
drawn lies in tiles of few parts; of tiles of 64 pixels it is 54 %, of twice as much."""
_VARYINGS_A_PART: Final = 16
"""Numbers that are handed over for each part; two more where rows may be bent."""


@dataclass(frozen=True, slots=True)
class ShallowTiles:
    """The damage of a plan, parted."""

    points: F32
    """(n, FLOATS) as in `Points`: tiles of few parts, and those that show nothing; by variant."""
    variants: Indices
    """(n,) which of SIZES has room for their parts; ascending."""
    deep: Bools
    """(tiles,) the others."""


def sizes_of(info: Mapping[str, object], *, bent: bool = False) -> tuple[int, ...]:
    """Those of SIZES that a renderer has room for; none where its points are smaller than a tile.

    `bent`: rows may be.
    """
    widest = info.get("GL_POINT_SIZE_RANGE", (1.0, 1.0))
    if not isinstance(widest, tuple) or widest[1] < 2 * SIDE:
        return ()
    limits = ("GL_MAX_FRAGMENT_INPUT_COMPONENTS", "GL_MAX_VERTEX_OUTPUT_COMPONENTS")
    room = min(int(str(info.get(limit, 60))) for limit in limits)
    # Those of two parts are one vector, and of one as well.
    return tuple(size for size in SIZES if _VARYINGS_A_PART * size + 4 * bent * -(-size // 2) <= room)


def shallow_tiles(plan: Plan, first: int, sizes: tuple[int, ...]) -> ShallowTiles:
    """The tiles that programs of these sizes can draw, of those that the plan has fused. `first`: the line of
    the rows texture of row 0."""
    if not sizes:
        return ShallowTiles(np.zeros((0, FLOATS), np.float32), np.zeros(0, np.intp), plan.where)
    fused = plan.fused
    used = fused.kinds[fused.several :] & USED
    few = (used <= sizes[-1]).nonzero()[0]
    fitting = np.searchsorted(sizes, used.take(few))
    order = np.argsort(fitting.astype(np.uint8), kind="stable")
    few = few.take(order) + fused.several
    tiles, parts = fused.tiles.take(few), fused.parts.take(few, axis=0)
    deep = plan.where.copy()
    deep[tiles] = False
    points = points_of(plan.grid, tiles, parts, first)
    return ShallowTiles(points, fitting.take(order), deep)
