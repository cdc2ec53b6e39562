"""What rows show of the frame, tile by tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.composite.filtering import footprint
from mien.composite.plan.coverage import CELL, Coverage
from mien.composite.plan.silhouettes import (
    HEIGHT,
    HIDES,
    LEFT,
    SOMETHING,
    START,
    TOP,
    WIDTH,
    Silhouettes,
)
from mien.composite.plan.tiles import Tiles
from mien.composite.rows import (
    BLEND,
    BOUNDS,
    EACH_SAMPLE,
    INVERSE_X,
    INVERSE_Y,
    MASK_PAGE,
    MIRROR,
    NO_MASK,
    OPACITY,
    ORIGIN,
    SAMPLE_COUNT,
    SAMPLE_PAGES,
    SAMPLES,
    TINT,
    WEIGHTS,
)
from mien.types import F32, I32, MAX_MIXED, Blend, Bools, Bytes, Indices

_SLACK: Final = 0.05
"""Page pixels by which a tile is taken larger, for what single precision does to coordinates."""


@dataclass(frozen=True, slots=True)
class Shows:
    """Pairs of a row and a tile of which it may show something; by rows, ascending."""

    row: Indices
    """(n,)"""
    tile: Indices
    """(n,)"""
    code: Bytes
    """(n,) SOMETHING or HIDES."""


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Rows with the tiles under their bounds."""

    counts: Indices
    """(rows,) how many tiles each has."""
    row: Indices
    """(pairs,) ascending."""
    tile: Indices
    """(pairs,)"""
    x: F32
    """(pairs,) the centre of the tile."""
    y: F32
    """(pairs,)"""


_NONE: Final = np.zeros(0, np.intp)
_NO_PAIRS: Final = _Pairs(_NONE, _NONE, _NONE, np.zeros(0, np.float32), np.zeros(0, np.float32))


class Footprints:
    """What rows show of the tiles of a block. `coverage`: of the atlas pages, None to leave nothing out."""

    def __init__(self, tiles: Tiles, coverage: Coverage | None) -> None:
        self._tiles = tiles
        self._silhouettes = None if coverage is None else Silhouettes(coverage)
        self._spans: I32 = np.zeros((0, 4), np.int32)
        self._pairs = _NO_PAIRS
        self.forget()

    def forget(self) -> None:
        """Pages have changed: what was found of earlier rows is worth nothing."""
        if self._silhouettes is not None:
            self._silhouettes.forget()
        self._known: F32 = np.zeros((0, 0), np.float32)
        self._numbers: Indices = np.zeros((0, MAX_MIXED), np.intp)

    def of(self, rows: F32) -> Shows:
        """What rows (n, FLOATS) float32 show. It follows from each row alone."""
        pairs = self._pairs_of(self._tiles.spans(rows[:, BOUNDS]))
        most = np.where(may_hide(rows), HIDES, SOMETHING).astype(np.uint8)
        if self._silhouettes is None:
            return Shows(pairs.row, pairs.tile, np.repeat(most, pairs.counts))
        code = self._codes(self._silhouettes, rows, pairs)
        np.minimum(code, np.repeat(most, pairs.counts), out=code)
        through = rows[:, BLEND] == Blend.PASS_THROUGH
        if through.any():
            code |= np.repeat(through.view(np.uint8), pairs.counts)
        self._keep_in_bounds(code, rows, pairs)
        shown = code.nonzero()[0]
        return Shows(pairs.row[shown], pairs.tile[shown], code[shown])

    def _keep_in_bounds(self, code: Bytes, rows: F32, pairs: _Pairs) -> None:
        """A row hides nothing in tiles that its bounds cut, whatever its drawing shows there."""
        over = (code == HIDES).nonzero()[0]
        tile, row = pairs.tile[over], pairs.row[over]
        column, line = self._tiles.column[tile], self._tiles.line[tile]
        left, top, right, bottom = self._tiles.inside(rows[:, BOUNDS]).T
        cut = (column < left[row]) | (column >= right[row]) | (line < top[row]) | (line >= bottom[row])
        code[over[cut]] = SOMETHING

    def _pairs_of(self, spans: I32) -> _Pairs:
        """Every row with the tiles of its span. Kept for frames of the same spans."""
        if not np.array_equal(spans, self._spans):
            counts, tile = self._tiles.within(spans)
            self._spans = spans
            row = np.repeat(np.arange(len(spans)), counts)
            x, y = self._tiles.centre_x[tile], self._tiles.centre_y[tile]
            self._pairs = _Pairs(counts, row, tile, x, y)
        return self._pairs

    def _codes(self, silhouettes: Silhouettes, rows: F32, pairs: _Pairs) -> Bytes:
        """(pairs,) what each row shows of each tile."""
        numbers = self._numbered(silhouettes, rows)
        shown = rows[:, EACH_SAMPLE[0]]
        code = _look_up(silhouettes, numbers[:, 0], rows, shown, pairs.counts, pairs.x, pairs.y)
        samples = rows[:, SAMPLE_COUNT]
        for nth in range(1, int(samples.max(initial=1))):
            live = samples > nth
            which = np.repeat(live, pairs.counts).nonzero()[0]
            shown = rows[live, EACH_SAMPLE[nth]]
            code[which] |= _look_up(
                silhouettes,
                numbers[live, nth],
                rows[live],
                shown,
                pairs.counts[live],
                pairs.x[which],
                pairs.y[which],
            )
        return code

    def _numbered(self, silhouettes: Silhouettes, rows: F32) -> Indices:
        """(n, MAX_MIXED) the silhouettes of the samples of each row. Kept for rows that show the same."""
        to_x, to_y = rows[:, INVERSE_X], rows[:, INVERSE_Y]
        wide = np.abs(np.stack((to_x[:, :2], to_y[:, :2]))).sum(axis=2).max(axis=0)
        pixels = (self._tiles.side - 1) * 0.5 * wide + footprint(to_x, to_y).max(axis=1) * 0.5 + 1.0 + _SLACK
        reach = np.ceil(pixels / CELL).astype(np.float32)
        pages = np.maximum(rows[:, SAMPLE_PAGES], 0.0).astype(np.intp)
        known = np.concatenate((rows[:, SAMPLES], silhouettes.versions[pages], reach[:, None]), axis=1)
        if known.shape != self._known.shape:
            self._known = np.full_like(known, np.nan)
            self._numbers = np.zeros((len(known), MAX_MIXED), np.intp)
        other = (known != self._known).any(axis=1).nonzero()[0]
        if len(other):
            self._known[other] = known[other]
            cells = reach[other]
            for nth, columns in enumerate(EACH_SAMPLE):
                self._numbers[other, nth] = silhouettes.numbers(rows[other][:, columns], cells)
        return self._numbers


def may_hide(rows: F32) -> Bools:
    """Rows of which opaque texels give opaque pixels."""
    one = (rows[:, SAMPLE_COUNT] == 1) & (rows[:, WEIGHTS.start] == 1.0) & (rows[:, OPACITY] == 1.0)
    one &= (rows[:, TINT.stop - 1] == 1.0) & (rows[:, BLEND] == Blend.NORMAL)
    plain: Bools = one & (rows[:, MASK_PAGE] == NO_MASK)
    return plain


def _look_up(
    silhouettes: Silhouettes, numbers: Indices, rows: F32, shown: F32, counts: Indices, x: F32, y: F32
) -> Bytes:
    """(pairs,) the codes at the tiles whose centres are (x, y), of one sample of each row.

    `numbers`: (rows,) its silhouette; `shown`: (rows, SAMPLE_FLOATS); `counts`: (rows,) how many
    tiles it has.
    """
    entry, mirror = silhouettes.table[numbers], shown[:, MIRROR]
    # Frame to cells of the silhouette, as in the shaders: mirrored along u, moved to the page.
    table = np.empty((6, len(rows)), np.float32)
    table[:3] = (rows[:, INVERSE_X] * mirror[:, None]).T
    table[3:] = rows[:, INVERSE_Y].T
    table[2] += shown[:, ORIGIN.start] - entry[:, LEFT]
    table[5] += shown[:, ORIGIN.start + 1] - entry[:, TOP]
    table *= np.float32(1.0 / CELL)
    a, c, tx, b, d, ty = np.repeat(table, counts, axis=1)
    wide, high, start = np.repeat(entry[:, (WIDTH, HEIGHT, START)].T, counts, axis=1)
    across, down = _held(a * x + c * y + tx, wide), _held(b * x + d * y + ty, high)
    found: Bytes = silhouettes.codes.take(start + down * wide + across)
    return found


def _held(cells: F32, size: I32) -> I32:
    """Whole cells, those before the first or after the last of so many held to them."""
    whole: I32 = cells.astype(np.int32)
    np.maximum(whole, 0, out=whole)
    np.minimum(whole, size - 1, out=whole)
    return whole
