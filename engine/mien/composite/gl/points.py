"""Square tiles for the GPU: a point each, in one buffer, made once and refilled.

A point of a tile's size is one primitive of one corner. Of a rectangle the processor shades four corners, and
what lies on the diagonal between its two triangles twice: at 16 pixels 25 % of the time of a tile.
"""

from __future__ import annotations

from typing import Final

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.composite.gl.vertex_store import VertexStore
from mien.composite.plan.tiles import Tiles
from mien.types import F32, I32, MAX_MIXED, Indices

FLOATS: Final = 10
"""Of a point: x and y of its centre, and eight numbers."""
_CAPACITY: Final = 1 << 14
"""Points in the buffer. More are sent in parts."""
NO_POINTS: Final = np.zeros((0, FLOATS), np.float32)


def points_of(grid: Tiles, tiles: Indices, parts: I32, first: int) -> F32:
    """(n, FLOATS) of these `tiles` (n,) of a block, of these `parts` (n, 8) as in `FusedTiles`; `first`: the
    line of the rows texture of its row 0."""
    points = np.empty((len(tiles), FLOATS), np.float32)
    points[:, :2] = grid.centre.take(tiles, axis=1).T
    points[:, 2:] = parts + (parts >= 0) * (MAX_MIXED * first) if first else parts
    return points


class Points(VertexStore):
    """The points of one frame: (n, FLOATS) float32."""

    def __init__(self, ctx: moderngl.Context, functions: Functions, counters: Counters) -> None:
        super().__init__(ctx, functions, counters, _CAPACITY, 4 * FLOATS)
