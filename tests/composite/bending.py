"""Warps for rows that have none."""

from __future__ import annotations

import numpy as np

from mien.composite import FrameRows
from mien.composite.rows import BOUNDS, CLIPPED, WARP
from mien.composite.warps import Warps, cell_side, fitted
from mien.types import F32, F64, Size


def waves(rng: np.random.Generator, count: int, most: float) -> F64:
    """Of each of so many warps how it moves what it bends: (count, 2, 4) amplitude, speeds and phase."""
    found = rng.uniform(-1.0, 1.0, (count, 2, 4))
    found[:, :, 0] *= most
    found[:, :, 1:3] *= 0.08
    found[:, :, 3] *= np.pi
    return found


def warps_of(size: Size, moves: F64, spans: list[tuple[int, int, int, int]] | None = None) -> Warps:
    """Warps (count, 2, 4) as in `waves`, of the cells `spans`, None: of all of the frame's."""
    side = cell_side(size)
    across, down = -(-size.width // side), -(-size.height // side)
    spans = spans or [(0, 0, across, down)] * len(moves)
    cells = [_cells(side, move, span) for move, span in zip(moves, spans, strict=True)]
    return Warps.of(side, np.array(spans, np.int32).reshape(-1, 4), np.concatenate(cells, axis=1))


def bend(frame: FrameRows, warps: Warps, numbers: list[int]) -> None:
    """Have the frame's rows bent by these warps (0: none): they may then show something anywhere on it. So
    may what is clipped to them, whose bounds end where those of its base ended."""
    frame.warps = warps
    frame.warp_cells = len(warps.table)
    base_bends = False
    for row, number in zip(frame.rows[: frame.count], numbers, strict=True):
        if not row[CLIPPED]:
            base_bends = number > 0
        if number:
            row[WARP] = (row[WARP] or 1.0) * (1 + number)
        if number or base_bends:
            row[BOUNDS] = (0, 0, *frame.size)


def _cells(side: int, move: F64, span: tuple[int, int, int, int]) -> F32:
    left, top, right, bottom = span
    line, column = np.mgrid[top:bottom, left:right].reshape(2, -1)

    def seen(x: F64, y: F64) -> tuple[F64, F64]:
        by = [amp * np.sin(u * x + v * y + phase) for amp, u, v, phase in move]
        return x + by[0], y + by[1]

    corners = [seen((column + i) * side, (line + j) * side) for j in (0, 1) for i in (0, 1)]
    middles = np.stack(((column + 0.5) * side, (line + 0.5) * side)).astype(np.float32)
    return fitted(np.array(corners, np.float32).transpose(1, 0, 2), middles, side)
