"""What rows show of their pages, tile by tile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mien.bounded_cache import BoundedCache
from mien.composite.filtering import footprint
from mien.composite.plan.coverage import Coverage
from mien.composite.rows import (
    BLEND,
    BOUNDS,
    CLIPPED_ROWS,
    EACH_SAMPLE,
    FLOATS,
    IDENTITY,
    INVERSE_X,
    INVERSE_Y,
    LIMITS,
    MASK,
    MASK_PAGE,
    MIRROR,
    NO_MASK,
    OPACITY,
    ORIGIN,
    PAGE,
    SAMPLE_COUNT,
    SAMPLE_PAGES,
    TINT,
    WEIGHTS,
    offscreen_page,
)
from mien.types import F32, F64, I32, MAX_MIXED, Blend, Bools, Bytes, Indices, Size

HIDES: Final = 2
"""A row that hides what is below it, where 1 is one that shows something and 0 one that shows nothing."""

_SLACK: Final = 1e-3
"""Page pixels by which a footprint is taken larger, for what single precision does to coordinates."""
_INVERSE: Final = [*range(INVERSE_X.start, INVERSE_X.stop), *range(INVERSE_Y.start, INVERSE_Y.stop)]

_FEW: Final = 24
"""Rows up to which looking each up is cheaper than working all out: 5 us against 200."""
_MOST_FOUND: Final = 4096
"""Answers kept; of a 1080p frame 2 kB each."""
_NO_MATTER: Final = [IDENTITY, CLIPPED_ROWS, *range(FLOATS)[TINT]]
_PAGES: Final = [*SAMPLE_PAGES, MASK_PAGE]
_IF_ONE: Final = [OPACITY, TINT.stop - 1]
"""What matters of these is whether they are 1."""


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
        self._found: BoundedCache[bytes, Bytes] = BoundedCache(_MOST_FOUND)
        self._sides = np.ascontiguousarray(self.rects.T)

    def forget(self) -> None:
        """Pages have changed: what was found of earlier rows is worth nothing."""
        self._found.clear()

    def shows(self, rows: F32) -> Bytes:
        """(rows, tiles) 0, 1 or HIDES. `rows`: (n, FLOATS) float32."""
        if len(rows) > _FEW:
            return self._shows(rows)
        # Faces at rest take the same few places over and over: mouths, lids, looks.
        asked = rows.copy()
        asked[:, _NO_MATTER] = 0.0
        asked[:, _IF_ONE] = rows[:, _IF_ONE] == 1.0
        # A weight is 0 while its page is not there, of which nothing may be known yet.
        asked[:, WEIGHTS] = (rows[:, WEIGHTS] > 0.0) * 1.0 + (rows[:, WEIGHTS] == 1.0)
        keys = [row.tobytes() for row in asked]
        found = [self._found.get(key) for key in keys]
        if any(one is None for one in found):
            found = [self._found.put(key, one) for key, one in zip(keys, self._shows(rows), strict=True)]
        return np.array(found, np.uint8).reshape(len(rows), len(self.rects))

    def _shows(self, rows: F32) -> Bytes:
        out = np.zeros((len(rows), len(self.rects)), np.uint8)
        row, tile, part = self._pairs(rows)
        if not len(row):
            return out
        through = rows[:, BLEND] == Blend.PASS_THROUGH
        if self._coverage is None:
            out[row, tile] = np.where(self._may_hide(rows), HIDES, 1)[row]
            return out
        maps = _Maps(rows)
        may_hide = self._may_hide(rows)
        answer = through[row].astype(np.uint8)
        counts = rows[:, SAMPLE_COUNT]
        for sample in range(min(MAX_MIXED, int(counts.max()))):
            row_, tile_, part_, live = row, tile, part, None
            if not (counts > sample).all():
                live = (counts > sample)[row].nonzero()[0]
                row_, tile_, part_ = row[live], tile[live], part[:, live]
            low, high, inner = maps.box(rows[:, EACH_SAMPLE[sample]], row_, part_)
            page = rows[:, SAMPLE_PAGES[sample]].astype(np.int32)[row_]
            shows, opaque = self._coverage.look_up(np.maximum(page, 0), low, high)
            shows |= page < 0
            shows &= high[0] > low[0]
            code = shows.astype(np.uint8)
            if sample == 0:
                hides = opaque & shows & inner & may_hide[row_] & (page >= 0)
                hides &= (part_ == self._sides[:, tile_]).all(axis=0)
                code[hides] = HIDES
            if live is None:
                answer |= code
            else:
                answer[live] |= code
        out[row, tile] = answer
        return out

    def renewed(self, rows: F32, redrawn: Sequence[I32 | None]) -> Bools:
        """(rows, tiles) where a row shows a part of an offscreen layer that has been drawn again.

        `redrawn`: as for `Planner.plan`.
        """
        out = np.zeros((len(rows), len(self.rects)), np.bool_)
        if not (rows[:, _PAGES] < 0.0).any():
            return out
        for offscreen, renewed in enumerate(redrawn):
            if renewed is None:
                continue
            for columns in (*EACH_SAMPLE, MASK):
                showing = (rows[:, columns.start + PAGE] == offscreen_page(offscreen)).nonzero()[0]
                if not len(showing):
                    continue
                sampled = rows[showing]
                row, tile, part = self._pairs(sampled)
                low, high, _ = _Maps(sampled).box(sampled[:, columns], row, part)
                hit = ((renewed[2:] > low.T) & (renewed[:2] < high.T)).all(axis=1)
                out[showing[row[hit]], tile[hit]] = True
        return out

    def _pairs(self, rows: F32) -> tuple[Indices, Indices, I32]:
        """Every pair of a row and a tile within its bounds: row, tile, and the part of the tile (4, n)."""
        bounds = rows[:, BOUNDS].astype(np.int32)
        low = bounds[:, :2] // self._tile
        high = -(-bounds[:, 2:] // self._tile)
        across = np.maximum(high[:, 0] - low[:, 0], 0)
        count = across * np.maximum(high[:, 1] - low[:, 1], 0)
        row = np.repeat(np.arange(len(rows)), count)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        line, column = np.divmod(nth, across[row])
        tile = (low[:, 1] * self._across + low[:, 0])[row] + line * self._across + column
        part = self._sides[:, tile]
        own = bounds.T[:, row]
        np.maximum(part[:2], own[:2], out=part[:2])
        np.minimum(part[2:], own[2:], out=part[2:])
        return row, tile, part

    @staticmethod
    def _may_hide(rows: F32) -> Bools:
        """Rows of which opaque texels give opaque pixels."""
        one = (rows[:, SAMPLE_COUNT] == 1) & (rows[:, WEIGHTS.start] == 1.0) & (rows[:, OPACITY] == 1.0)
        one &= (rows[:, TINT.stop - 1] == 1.0) & (rows[:, BLEND] == Blend.NORMAL)
        plain: Bools = one & (rows[:, MASK_PAGE] == NO_MASK)
        return plain


class _Maps:
    """The maps of rows from frame to canvas, and how far their filters reach. First axis: u, v."""

    def __init__(self, rows: F32) -> None:
        inverse = rows[:, _INVERSE].T.astype(np.float64).reshape(2, 3, -1)
        self._by_x, self._by_y, self._move = inverse[:, 0], inverse[:, 1], inverse[:, 2]
        self._extent_x, self._extent_y = np.abs(self._by_x), np.abs(self._by_y)
        width = footprint(rows[:, INVERSE_X], rows[:, INVERSE_Y]).T
        self._radius = (width + 1.0) * 0.5 + _SLACK

    def box(self, samples: F32, row: Indices, part: I32) -> tuple[F64, F64, Bools]:
        """The page pixels that the pixels of `part` read through the samples of rows `row`.

        `samples`: (rows, SAMPLE_FLOATS); `row`: (n,); `part`: (4, n). Left and top, right and bottom (2, n),
        ends exclusive, none beside the sample; and whether all of them are where the sample does not fade.
        """
        wide = samples.T.astype(np.float64)
        flip = np.stack((wide[MIRROR], np.ones(len(samples))))
        table = np.concatenate(
            (
                self._by_x * flip * 0.5,
                self._by_y * flip * 0.5,
                self._move * flip + wide[ORIGIN],
                self._extent_x * 0.5,
                self._extent_y * 0.5,
                self._radius - (self._extent_x + self._extent_y) * 0.5,
                wide[LIMITS],
            )
        )[:, row].reshape(8, 2, -1)
        by_x, by_y, move, extent_x, extent_y, radius, least, most = table
        left, top, right, bottom = part
        centre = by_x * (left + right) + by_y * (top + bottom) + move
        reach = extent_x * (right - left) + extent_y * (bottom - top) + radius
        low, high = centre - reach, centre + reach
        within = (low >= least) & (high <= most)
        beside = (high <= least) | (low >= most)
        low = np.maximum(low, least) - 0.5
        high = np.minimum(high, most) + 0.5
        high[:, beside[0] | beside[1]] = -np.inf
        inner: Bools = within[0] & within[1]
        return low, high, inner
