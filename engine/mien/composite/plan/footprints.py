"""What rows show of the frame, tile by tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from mien.composite.filtering import MINIFIED, footprint
from mien.composite.plan.bends import Bends
from mien.composite.plan.coverage import CELL, Coverage
from mien.composite.plan.pairs import Pairs
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
    SAMPLES,
    TINT,
    WEIGHTS,
)
from mien.types import F32, F64, I32, MAX_MIXED, Blend, Bools, Bytes, Indices

_SLACK: Final = 0.05
"""Page pixels by which a tile is taken larger, for what single precision does to coordinates."""
_UNSURE: Final = np.float32(1.0 / 64.0)
"""Cells by which a tile's centre is taken nearer to the next, for the same reason."""
_FAR: Final = 1024.0
"""Cells after which a row's travel is counted from 0 again, before single precision tells on it."""
_ONE_TEXEL: Final = (MINIFIED - 1e-3) ** 2
"""Squared page pixels to a pixel of the frame up to which a footprint is one texel for sure."""

_SPAN, _INSIDE = slice(0, 4), slice(4, 8)
_LIVE, _MOST, _THROUGH, _FACTS = range(8, 12)
"""Columns of a row's facts, and how many there are: its span and the tiles inside its bounds, its live
samples, the most that it may say of a tile, and whether it is pass-through."""

_HIDING: Final = [SAMPLE_COUNT, WEIGHTS.start, OPACITY, TINT.stop - 1, BLEND, MASK_PAGE]
_HIDES_AS: Final = np.array((1.0, 1.0, 1.0, 1.0, Blend.NORMAL, NO_MASK), np.float32)

_Value = TypeVar("_Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Shows:
    """Pairs of a row and a tile, and what the row shows of it; by rows, ascending."""

    row: Indices
    """(n,)"""
    tile: Indices
    """(n,)"""
    code: Bytes
    """(n,) NOTHING, SOMETHING or HIDES."""
    fresh: Bools | None = None
    """(tiles,) those of which a row shows something else than the row of its number did in the frame before;
    None: maybe all."""


class Footprints:
    """What rows show of the tiles of a block. `coverage`: of the atlas pages, None to leave nothing out.

    It follows from each row alone. A tile is looked at again when the row has moved so far that it may show
    something else there: of 26 000 pairs of two characters in conversation at 1920x1080 some hundred do from
    a frame to the next, and some two thousand are looked at.
    """

    def __init__(self, tiles: Tiles, coverage: Coverage | None) -> None:
        self._tiles = tiles
        self._coverage = coverage
        self._bends: Bends | None = None
        self._silhouettes = None if coverage is None else Silhouettes(coverage)
        self.looked = 0
        """Pairs of a row and a tile that were looked at so far."""
        self.forget()

    def forget(self) -> None:
        """Pages have changed: what was found of earlier rows is worth nothing."""
        if self._silhouettes is not None:
            self._silhouettes.forget()
        self._pairs = Pairs(self._tiles)
        self._facts: I32 = np.full((0, _FACTS), -1, np.int32)
        self._begin(0)

    def of(self, rows: F32, bends: Bends | None = None) -> Shows:
        """What rows (n, FLOATS) float32 show. `bends`: of the same rows, None where there are no warps."""
        self._bends = bends
        if len(rows) != len(self._facts):
            self._begin(len(rows))
        pairs, silhouettes = self._pairs, self._silhouettes
        facts = self._facts_of(rows)
        spans = facts[:, _SPAN]
        respanned = (spans != self._facts[:, _SPAN]).any(axis=1).nonzero()[0]
        stale = (facts != self._facts).any(axis=1)
        self._facts = facts
        if silhouettes is None:
            pairs.lay_out(spans)
            return Shows(pairs.row, pairs.tile, np.repeat(facts[:, _MOST].astype(np.uint8), pairs.counts))
        inverse = rows[:, INVERSE_X.start : INVERSE_Y.stop + 1].reshape(len(rows), 2, 4)[:, :, :3]
        stale |= self._numbered(silhouettes, rows, inverse)
        self._travelled += self._moved(spans, inverse)
        stale |= ~(self._travelled < _FAR)
        self._travelled[stale] = 0.0
        fresh = pairs.respan(spans, respanned)
        if fresh is None:
            pairs.lay_out(spans)
            pairs.codes, pairs.expiry = self._look(silhouettes, rows, None)
            return Shows(pairs.row, pairs.tile, pairs.codes)
        due = pairs.due(np.where(stale, np.inf, self._travelled))
        codes, expiry = self._look(silhouettes, rows, due)
        other = (codes != pairs.codes.take(due)).nonzero()[0]
        if len(other):
            fresh[pairs.tile.take(due.take(other))] = True
            pairs.codes[due] = codes
        pairs.expiry[due] = expiry
        return Shows(pairs.row, pairs.tile, pairs.codes, fresh)

    def _begin(self, rows: int) -> None:
        """For so many rows, of which nothing is known."""
        self._facts = np.full((rows, _FACTS), -1, np.int32)
        self._samples: F32 = np.full((rows, SAMPLES.stop - SAMPLES.start), np.nan, np.float32)
        self._reach: F32 = np.zeros(rows, np.float32)
        self._learnt = -1
        self._numbers: Indices = np.zeros((rows, MAX_MIXED), np.intp)
        self._inverse: F32 = np.zeros((rows, 2, 3), np.float32)
        self._travelled: F64 = np.zeros(rows)

    def _facts_of(self, rows: F32) -> I32:
        """(n, _FACTS) what, with where it lies, decides what a row shows of a tile, beside its drawings."""
        bounds: I32 = rows[:, BOUNDS].astype(np.int32)
        facts = np.empty((len(rows), _FACTS), np.int32)
        facts[:, _SPAN] = self._tiles.spans(bounds)
        facts[:, _INSIDE] = self._tiles.inside(bounds)
        facts[:, _LIVE] = rows[:, SAMPLE_COUNT]
        facts[:, _MOST] = may_hide(rows) * np.uint8(HIDES - SOMETHING) + np.uint8(SOMETHING)
        facts[:, _THROUGH] = rows[:, BLEND] == Blend.PASS_THROUGH
        return facts

    def _numbered(self, silhouettes: Silhouettes, rows: F32, inverse: F32) -> Bools:
        """Learn the silhouettes of the samples of each row; (n,) whether any is another than before."""
        linear = inverse[:, :, :2]
        wide = np.abs(linear).sum(axis=2).max(axis=1).astype(np.float64)
        if self._bends is not None:
            wide *= self._bends.stretch
        texels: F64 | float = 1.0
        if not (linear * linear).sum(axis=2).max(initial=0.0) < _ONE_TEXEL:
            texels = footprint(inverse[:, 0], inverse[:, 1]).max(axis=1)
        pixels = (self._tiles.side - 1) * 0.5 * wide + texels * 0.5 + 1.0 + _SLACK
        reach = np.ceil(pixels / CELL).astype(np.float32)
        samples = rows[:, SAMPLES]
        other: Bools = (samples != self._samples).any(axis=1) | (reach != self._reach)
        if silhouettes.changes != self._learnt:
            self._learnt = silhouettes.changes
            other[:] = True
        which = other.nonzero()[0]
        if len(which):
            self._samples[which], self._reach[which] = samples[which], reach[which]
            for nth, columns in enumerate(EACH_SAMPLE):
                self._numbers[which, nth] = silhouettes.numbers(rows[which, columns], reach[which])
        return other

    def _moved(self, spans: I32, inverse: F32) -> F32:
        """(n,) cells by which the centre of a tile of each row's span has moved on its page, at most."""
        moves = inverse - self._inverse
        self._inverse = inverse.copy()
        ends = spans * np.float32(self._tiles.side * 0.5)
        middle, half = (ends[:, None, 2:] + ends[:, None, :2]), (ends[:, None, 2:] - ends[:, None, :2])
        linear = moves[:, :, :2]
        if self._bends is not None:
            half = half + self._bends.shift[:, None, None]
        far = np.abs((linear * middle).sum(axis=2) + moves[:, :, 2]) + (np.abs(linear) * half).sum(axis=2)
        if self._bends is not None:
            far = far + np.abs(inverse[:, :, :2]).sum(axis=2) * self._bends.moved[:, None]
        cells: F32 = far.max(axis=1) * np.float32(1.0 / CELL)
        return cells

    def _look(self, silhouettes: Silhouettes, rows: F32, which: Indices | None) -> tuple[Bytes, F32]:
        """The codes of the pairs `which`, None: of all; and how far their rows may travel until then."""
        pairs, facts = self._pairs, self._facts
        tile = pairs.tile if which is None else pairs.tile[which]
        row = pairs.row if which is None else pairs.row[which]
        # What is the same for a row is repeated where all are wanted: a tenth of the time of looking it up.
        spread = _Spread(row, pairs.counts if which is None else None)
        self.looked += len(tile)
        x, y = self._tiles.centre_x[tile], self._tiles.centre_y[tile]
        if self._bends is not None:
            self._bends.bend(row, tile, x, y)
        numbers, live = self._numbers, facts[:, _LIVE]
        code, room = _look_up(silhouettes, numbers[:, 0], rows, EACH_SAMPLE[0], spread, x, y)
        for nth in range(1, int(live.max(initial=1))):
            some = (live > nth)[row].nonzero()[0]
            columns, of = EACH_SAMPLE[nth], _Spread(row[some], None)
            codes, rooms = _look_up(silhouettes, numbers[:, nth], rows, columns, of, x[some], y[some])
            code[some] |= codes
            room[some] = np.minimum(room[some], rooms)
        np.minimum(code, spread(facts[:, _MOST].astype(np.uint8)), out=code)
        through = facts[:, _THROUGH].astype(np.uint8)
        if through.any():
            code |= spread(through)
        self._keep_in_bounds(code, row, tile)
        room += spread(self._travelled.astype(np.float32))
        return code, room

    def _keep_in_bounds(self, code: Bytes, row: Indices, tile: Indices) -> None:
        """A row hides nothing in tiles that its bounds cut, whatever its drawing shows there."""
        over = (code == HIDES).nonzero()[0]
        tile, row = tile[over], row[over]
        column, line = self._tiles.column[tile], self._tiles.line[tile]
        left, top, right, bottom = self._facts[:, _INSIDE].T
        cut = (column < left[row]) | (column >= right[row]) | (line < top[row]) | (line >= bottom[row])
        code[over[cut]] = SOMETHING


class _Spread:
    """Values of rows (..., rows) to pairs (..., pairs). `counts`: of all of them; None: of these `row`."""

    def __init__(self, row: Indices, counts: Indices | None) -> None:
        self._row, self._counts = row, counts

    def __call__(self, values: npt.NDArray[_Value]) -> npt.NDArray[_Value]:
        """The same type."""
        if self._counts is None:
            return values.take(self._row, axis=-1)
        return np.repeat(values, self._counts, axis=-1)


def may_hide(rows: F32) -> Bools:
    """Rows of which opaque texels give opaque pixels."""
    plain: Bools = (rows[:, _HIDING] == _HIDES_AS).all(axis=1)
    return plain


def _look_up(
    silhouettes: Silhouettes, numbers: Indices, rows: F32, sample: slice, spread: _Spread, x: F32, y: F32
) -> tuple[Bytes, F32]:
    """(pairs,) the codes at the tiles whose centres are (x, y), of one sample of each row; and how many cells
    those may move until it can be another.

    `numbers`: (rows,) its silhouette; `sample`: its columns.
    """
    entry, shown = silhouettes.table[numbers], rows[:, sample]
    # Frame to cells of the silhouette, as in the shaders: mirrored along u, moved to the page.
    table = np.empty((6, len(rows)), np.float32)
    table[:3] = (rows[:, INVERSE_X] * shown[:, MIRROR, None]).T
    table[3:] = rows[:, INVERSE_Y].T
    table[2] += shown[:, ORIGIN.start] - entry[:, LEFT]
    table[5] += shown[:, ORIGIN.start + 1] - entry[:, TOP]
    table *= np.float32(1.0 / CELL)
    a, c, across, b, d, down = spread(table)
    wide, high, start = spread(entry[:, (WIDTH, HEIGHT, START)].T)
    a *= x
    c *= y
    b *= x
    d *= y
    across += a
    across += c
    down += b
    down += d
    column, room = _held(across, wide, a)
    line, other = _held(down, high, b)
    np.minimum(room, other, out=room)
    line *= wide
    line += column
    line += start
    room += silhouettes.room.take(line)
    return silhouettes.codes.take(line), room


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
