"""What rows show of their pages, tile by tile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from mien.composite.coverage import Coverage
from mien.composite.rows import (
    BLEND,
    BOUNDS,
    INVERSE_X,
    INVERSE_Y,
    MASK,
    MASK_PAGE,
    NO_MASK,
    OPACITY,
    TAP_COUNT,
    TAPS,
    TINT,
    WEIGHTS,
)
from mien.types import F32, F64, I32, MAX_TAPS, Blend, Size

HIDES: Final = 2
"""A row that hides what is below it, where 1 is one that shows something and 0 one that shows nothing."""

_SLACK: Final = 1e-3
"""Page pixels by which a footprint is taken larger, for what single precision does to coordinates."""
_MOST_MINIFIED: Final = 8.0
"""Page pixels: the filter's largest radius."""
_INVERSE: Final = [*range(INVERSE_X.start, INVERSE_X.stop), *range(INVERSE_Y.start, INVERSE_Y.stop)]

Box = tuple[F64, F64, F64, F64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


class Footprints:
    """The tiles of a block, and what of the atlas rows put on them. Parameters as for `Planner`."""

    def __init__(self, size: Size, coverage: Coverage | None, tile: int) -> None:
        self._coverage = coverage
        self._tile = tile
        self._across, down = -(-size.width // tile), -(-size.height // tile)
        self.line, column = np.divmod(np.arange(self._across * down), self._across)
        low = np.stack((column, self.line), axis=1) * tile
        self.rects: I32 = np.concatenate((low, np.minimum(low + tile, size)), axis=1).astype(np.int32)
        """(tiles, 4) left, top, right, bottom; line by line."""

    def shows(self, rows: F32) -> npt.NDArray[np.uint8]:
        """(rows, tiles) 0, 1 or HIDES. `rows`: (n, FLOATS) float32."""
        out = np.zeros((len(rows), len(self.rects)), np.uint8)
        row, tile, part = self._pairs(rows)
        if not len(row):
            return out
        through = rows[:, BLEND] == Blend.PASS_THROUGH
        if self._coverage is None:
            out[row, tile] = 1
            return out
        inverse = rows[:, _INVERSE].astype(np.float64)
        answer = through[row].astype(np.uint8)
        for tap in range(min(MAX_TAPS, int(rows[:, TAP_COUNT].max()))):
            live = (rows[:, TAP_COUNT] > tap)[row].nonzero()[0]
            row_, part_ = row[live], part[live]
            first = TAPS.start + 8 * tap
            taps = rows[:, first : first + 8].astype(np.float64)
            box, inner = _box(inverse[row_], taps[row_], part_)
            page = taps[:, 3].astype(np.int32)[row_]
            atlas = np.maximum(page, 0)
            seen = (page < 0) | ~self._coverage.transparent(atlas, *box)
            seen &= (box[2] > box[0]) & (box[3] > box[1])
            answer[live] |= seen
            if tap == 0:
                hides = (seen & inner & (page >= 0) & self._may_hide(rows)[row_]).nonzero()[0]
                hides = hides[(part_[hides] == self.rects[tile[live[hides]]]).all(axis=1)]
                hides = hides[self._coverage.opaque(atlas[hides], *(side[hides] for side in box))]
                answer[live[hides]] = HIDES
        out[row, tile] = answer
        return out

    def renewed(self, rows: F32, redrawn: Sequence[I32 | None]) -> Bools:
        """(rows, tiles) where a row shows a part of a surface that has been drawn again, as for `Planner`."""
        out = np.zeros((len(rows), len(self.rects)), np.bool_)
        for surface, renewed in enumerate(redrawn):
            if renewed is None:
                continue
            for first in (*range(TAPS.start, TAPS.stop, 8), MASK.start):
                showing = (rows[:, first + 3] == -1 - surface).nonzero()[0]
                tapped = rows[showing]
                row, tile, part = self._pairs(tapped)
                inverse = tapped[:, _INVERSE].astype(np.float64)[row]
                box, _ = _box(inverse, tapped[:, first : first + 8].astype(np.float64)[row], part)
                hit = (box[0] < renewed[2]) & (box[2] > renewed[0])
                hit &= (box[1] < renewed[3]) & (box[3] > renewed[1])
                out[showing[row[hit]], tile[hit]] = True
        return out

    def _pairs(self, rows: F32) -> tuple[Indices, Indices, I32]:
        """Every pair of a row and a tile within its bounds: row, tile, and the part of the tile (n, 4)."""
        bounds = rows[:, BOUNDS].astype(np.int32)
        low = bounds[:, :2] // self._tile
        high = -(-bounds[:, 2:] // self._tile)
        across = np.maximum(high[:, 0] - low[:, 0], 0)
        count = across * np.maximum(high[:, 1] - low[:, 1], 0)
        row = np.repeat(np.arange(len(rows)), count)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        line, column = np.divmod(nth, across[row])
        tile = (low[:, 1] * self._across + low[:, 0])[row] + line * self._across + column
        part = self.rects[tile]
        own = bounds[row]
        np.maximum(part[:, :2], own[:, :2], out=part[:, :2])
        np.minimum(part[:, 2:], own[:, 2:], out=part[:, 2:])
        return row, tile, part

    @staticmethod
    def _may_hide(rows: F32) -> Bools:
        """Rows of which opaque texels give opaque pixels."""
        one = (rows[:, TAP_COUNT] == 1) & (rows[:, WEIGHTS.start] == 1.0) & (rows[:, OPACITY] == 1.0)
        one &= (rows[:, TINT.stop - 1] == 1.0) & (rows[:, BLEND] == Blend.NORMAL)
        plain: Bools = one & (rows[:, MASK_PAGE] == NO_MASK)
        return plain


def _box(inverse: F64, tap: F64, part: I32) -> tuple[Box, Bools]:
    """The page pixels that the pixels of `part` read through a tap, ends exclusive, empty beside the tap;
    and whether all of them are where the tap does not fade. All of one length n; `inverse` (n, 6)."""
    mirror, u0, v0, _, left, top, right, bottom = tap.T
    ia, ic, itx, ib, id_, ity = inverse.T
    x0, y0, x1, y1 = part.T
    half_x, half_y = (x1 - x0 - 1) * 0.5, (y1 - y0 - 1) * 0.5
    middle_x, middle_y = (x0 + x1) * 0.5, (y0 + y1) * 0.5
    u = mirror * (ia * middle_x + ic * middle_y + itx) + u0
    v = ib * middle_x + id_ * middle_y + ity + v0
    ia, ic, ib, id_ = np.abs(ia), np.abs(ic), np.abs(ib), np.abs(id_)
    reach_u, reach_v = ia * half_x + ic * half_y, ib * half_x + id_ * half_y
    low_u, high_u, low_v, high_v = u - reach_u, u + reach_u, v - reach_v, v + reach_v
    radius_u = np.clip(np.hypot(ia, ic), 1.0, _MOST_MINIFIED) + _SLACK
    radius_v = np.clip(np.hypot(ib, id_), 1.0, _MOST_MINIFIED) + _SLACK
    inner = (low_u - radius_u >= left) & (low_v - radius_v >= top)
    inner &= (high_u + radius_u <= right) & (high_v + radius_v <= bottom)
    box = (
        np.maximum(low_u - radius_u, left) - 0.5,
        np.maximum(low_v - radius_v, top) - 0.5,
        np.minimum(high_u + radius_u, right) + 0.5,
        np.minimum(high_v + radius_v, bottom) + 0.5,
    )
    beside = (high_u + radius_u <= left) | (low_u - radius_u >= right)
    beside |= (high_v + radius_v <= top) | (low_v - radius_v >= bottom)
    box[2][beside] = box[0][beside]
    return box, inner
