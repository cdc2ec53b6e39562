"""What a sample of each row shows of tiles: one look at its silhouette where each tile's centre lies."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.composite.plan.coverage import CELL
from mien.composite.plan.silhouettes import LEFT, START, TOP, WIDTH, Silhouettes
from mien.composite.rows import MIRROR, ORIGIN
from mien.types import F32, I32, Bytes, Indices

_UNSURE: Final = np.float32(1.0 / 64.0)
"""Cells by which a tile's centre is taken nearer to the next, for what single precision does to places."""


def look_up(
    silhouettes: Silhouettes, numbers: Indices, inverse: F32, sample: F32, row: Indices, centre: F32
) -> tuple[Bytes, F32]:
    """(pairs,) the codes at tiles with these centres (2, pairs), of one sample of each row; and how many
    cells those may move until it can be another.

    `row`: (pairs,) of which row each is; `numbers`: (rows,) its silhouette; `inverse`: (rows, 2, 3), frame to
    canvas; `sample`: (rows, floats).
    """
    entry = silhouettes.table.take(numbers, axis=0)
    # Frame to cells of the silhouette, as in the shaders: mirrored along u, moved to the page.
    table = np.empty((3, 2, len(numbers)), np.float32)
    table[:] = inverse.transpose(2, 1, 0)
    table[:, 0] *= sample[:, MIRROR]
    table[2] += (sample[:, ORIGIN] - entry[:, LEFT : TOP + 1]).T
    table *= np.float32(1.0 / CELL)
    by_x, by_y, cells = table.take(row, axis=-1)
    by_x *= centre[0]
    by_y *= centre[1]
    cells += by_x
    cells += by_y
    found = entry[:, WIDTH : START + 1].T.take(row, axis=-1)
    (column, line), room = _held(cells, found[:2], by_x)
    line *= found[0]
    line += column
    line += found[2]
    near = np.minimum(room[0], room[1])
    near += silhouettes.room.take(line)
    return silhouettes.codes.take(line), near


def _held(cells: F32, size: I32, out: F32) -> tuple[I32, F32]:
    """Whole cells, those before the first or after the last of so many held to them; and how far each place
    is from the next whole one, in `out`."""
    whole: I32 = cells.astype(np.int32)
    np.subtract(cells, whole, out=out)
    np.abs(out, out=out)
    np.subtract(1.0 - _UNSURE, out, out=cells)
    out -= _UNSURE
    np.minimum(out, cells, out=out)
    np.maximum(whole, 0, out=whole)
    np.minimum(whole, size - 1, out=whole)
    return whole, out
