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


class Footprints:
    """What rows show of the tiles of a block. `coverage`: of the atlas pages, None to leave nothing out."""

    def __init__(self, tiles: Tiles, coverage: Coverage | None) -> None:
        self._tiles = tiles
        self._silhouettes = None if coverage is None else Silhouettes(coverage)
        self._spans: I32 = np.zeros((0, 4), np.int32)
        self._pairs: tuple[Indices, Indices] = (np.zeros(0, np.intp), np.zeros(0, np.intp))
        self.forget()

    def forget(self) -> None:
        """Pages have changed: what was found of earlier rows is worth nothing."""
        if self._silhouettes is not None:
            self._silhouettes.forget()
        self._known: F32 = np.zeros((0, 0), np.float32)
        self._numbers: Indices = np.zeros((0, MAX_MIXED), np.intp)

    def of(self, rows: F32) -> Shows:
        """What rows (n, FLOATS) float32 show. It follows from each row alone."""
        spans = self._tiles.spans(rows[:, BOUNDS])
        row, tile = self._pairs_of(spans)
        through = rows[:, BLEND] == Blend.PASS_THROUGH
        if self._silhouettes is None:
            return Shows(row, tile, np.where(may_hide(rows), HIDES, SOMETHING).astype(np.uint8)[row])
        code = self._codes(self._silhouettes, rows, row, tile)
        np.minimum(code, np.where(may_hide(rows), HIDES, SOMETHING).astype(np.uint8)[row], out=code)
        if through.any():
            code |= through.view(np.uint8)[row]
        shown = code.nonzero()[0]
        return Shows(row[shown], tile[shown], code[shown])

    def _pairs_of(self, spans: I32) -> tuple[Indices, Indices]:
        """Every pair of a row and a tile of its span. Kept: from frame to frame few spans change."""
        if not np.array_equal(spans, self._spans):
            self._spans = spans
            self._pairs = self._tiles.within(spans)
        return self._pairs

    def _codes(self, silhouettes: Silhouettes, rows: F32, row: Indices, tile: Indices) -> Bytes:
        """(pairs,) what each row shows of each tile."""
        numbers = self._numbered(silhouettes, rows)
        x, y = self._tiles.centre_x[tile], self._tiles.centre_y[tile]
        code = _look_up(silhouettes, numbers[:, 0], rows, EACH_SAMPLE[0], row, x, y)
        counts = rows[:, SAMPLE_COUNT]
        for nth in range(1, int(counts.max(initial=1))):
            live = (counts > nth)[row].nonzero()[0]
            code[live] |= _look_up(
                silhouettes, numbers[:, nth], rows, EACH_SAMPLE[nth], row[live], x[live], y[live]
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
    silhouettes: Silhouettes, numbers: Indices, rows: F32, columns: slice, row: Indices, x: F32, y: F32
) -> Bytes:
    """(pairs,) the codes at the tiles whose centres are (x, y), of one sample of each row.

    `numbers`: (rows,) its silhouette; `row`: (pairs,).
    """
    shown, entry = rows[:, columns], silhouettes.table[numbers]
    mirror, size = shown[:, MIRROR], np.float32(1.0 / CELL)
    # Frame to cells of the silhouette, as in the shaders: mirrored along u, moved to the page.
    table = np.empty((6, len(rows)), np.float32)
    table[:3] = (rows[:, INVERSE_X] * mirror[:, None]).T
    table[3:] = rows[:, INVERSE_Y].T
    table[2] += shown[:, ORIGIN.start] - entry[:, LEFT]
    table[5] += shown[:, ORIGIN.start + 1] - entry[:, TOP]
    a, c, tx, b, d, ty = (table * size)[:, row]
    wide, last, start = entry[:, WIDTH], entry[:, (WIDTH, HEIGHT)] - 1, entry[:, START]
    across = np.clip((a * x + c * y + tx).astype(np.int32), 0, last[row, 0])
    down = np.clip((b * x + d * y + ty).astype(np.int32), 0, last[row, 1])
    found: Bytes = silhouettes.codes[start[row] + down * wide[row] + across]
    return found
