"""What rows show of the frame, tile by tile."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt

from mien.composite.filtering import MINIFIED, footprint
from mien.composite.plan.bends import Bends
from mien.composite.plan.coverage import CELL, Coverage
from mien.composite.plan.lookups import look_up
from mien.composite.plan.pairs import Pairs
from mien.composite.plan.silhouettes import HIDES, SOMETHING, Silhouettes
from mien.composite.plan.tiles import Tiles
from mien.composite.rows import (
    BLEND,
    BOUNDS,
    EACH_SAMPLE,
    INVERSE_X,
    INVERSE_Y,
    MASK_PAGE,
    NO_MASK,
    OPACITY,
    SAMPLE_COUNT,
    SAMPLES,
    TINT,
    WEIGHTS,
)
from mien.types import F32, F64, I32, MAX_MIXED, Blend, Bools, Bytes, Indices

_SLACK: Final = 0.05
"""Page pixels by which a tile is taken larger, for what single precision does to coordinates."""
_FAR: Final = 1024.0
"""Cells after which a row's travel is counted from 0 again, before single precision tells on it."""
_ONE_TEXEL: Final = (MINIFIED - 1e-3) ** 2
"""Squared page pixels to a pixel of the frame up to which a footprint is one texel for sure."""

_SPAN, _INSIDE, _ENDS = slice(0, 4), slice(4, 8), slice(0, 8)
_LIVE, _MOST, _THROUGH, _FACTS = range(8, 12)
"""Columns of a row's facts, and how many there are: its span and the tiles inside its bounds, its live
samples, the most that it may say of a tile, and whether it is pass-through."""

_KNOWN: Final = np.dtype(
    [
        ("facts", np.int32, _FACTS),
        ("corners", np.float32, (3, 4)),  # x, y and 1 of the corners of its span, in pixels
        ("samples", np.float32, SAMPLES.stop - SAMPLES.start),
        ("reach", np.float32),  # cells that a tile may need to each side of the cell of its centre
        ("numbers", np.intp, MAX_MIXED),  # of the silhouettes of its samples, for that reach
        ("inverse", np.float32, (2, 3)),
        ("travelled", np.float64),  # cells, since it was last looked at as a whole
    ]
)
"""What is kept of a row from frame to frame."""
_CORNERS: Final = np.array(((0, 2, 0, 2), (1, 1, 3, 3)))
"""Of a span, which are the x and the y of its corners."""

_HIDING: Final = [SAMPLE_COUNT, WEIGHTS.start, OPACITY, TINT.stop - 1, BLEND, MASK_PAGE]
_HIDES_AS: Final = np.array((1.0, 1.0, 1.0, 1.0, Blend.NORMAL, NO_MASK), np.float32)


@dataclass(frozen=True, slots=True)
class Shows:
    """What rows show of tiles."""

    codes: Bytes
    """(tiles, rows) NOTHING, SOMETHING or HIDES; until the next time."""
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
        # Of what is as large as on its page. What is larger reaches less far, and is looked up as if it did:
        # who grows needs no silhouettes of its own.
        self._least = ceil(((tiles.side - 1) * 0.5 + 1.5 + _SLACK) / CELL)
        self.looked = 0
        """Pairs of a row and a tile that were looked at so far."""
        self.forget()

    def forget(self) -> None:
        """Pages have changed: what was found of earlier rows is worth nothing."""
        if self._silhouettes is not None:
            self._silhouettes.forget()
        self._pairs = Pairs(self._tiles)
        self._begin(0)

    def share(self, other: Footprints) -> None:
        """Have the silhouettes of another block with tiles of the same size: what is foreseen of one is known
        to both, and both are to forget together."""
        self._silhouettes = other._silhouettes

    def foresee(self, samples: F32) -> None:
        """Work out now what is looked up when samples (n, SAMPLE_FLOATS) are first shown, at about the size
        that they have on their pages: upright, or turned or smaller a little."""
        if self._silhouettes is not None:
            for reach in (self._least, self._least + 1):
                self._silhouettes.numbers(samples, np.full(len(samples), reach, np.float32))

    def of(
        self,
        rows: F32,
        origin: Indices | None = None,
        *,
        still: bool = False,
        bends: Bends | None = None,
    ) -> Shows:
        """What rows (n, FLOATS) float32 show. `origin`: (n,) the number that each had last time, ascending,
        -1 for one that is new; None: its own. `still`: they differ in where they lie alone.
        `bends`: of the same rows; None where there are no warps."""
        self._bends = bends
        left: Bools | None = None
        if origin is not None and len(self._facts):
            left = self._renumber(origin)
        elif len(rows) != len(self._facts):
            self._begin(len(rows))
            still = False
        pairs, silhouettes = self._pairs, self._silhouettes
        facts = self._facts_of(rows, still)
        differs = facts != self._facts
        respanned = differs[:, _SPAN].any(axis=1).nonzero()[0]
        self._facts[...] = facts
        spans = facts[:, _SPAN]
        if silhouettes is None:
            pairs.lay_out(spans)
            due = pairs.due(np.full(len(rows), np.inf))
            pairs.learn(due, facts[:, _MOST].astype(np.uint8).take(pairs.row.take(due)), np.float32(np.inf))
            return Shows(pairs.codes)
        inverse = rows[:, INVERSE_X.start : INVERSE_Y.stop + 1].reshape(len(rows), 2, 4)[:, :, :3]
        stale = self._numbered(silhouettes, rows, inverse, still)
        stale |= differs.any(axis=1)
        if len(respanned):
            self._corners[respanned, :2] = spans[respanned][:, _CORNERS] * np.float32(self._tiles.side)
        self._travelled += self._moved(inverse)
        stale |= ~(self._travelled < _FAR)
        self._travelled[stale] = 0.0
        fresh = pairs.respan(spans, respanned)
        if fresh is None:
            pairs.lay_out(spans)
        due = pairs.due(np.where(stale, np.inf, self._travelled))
        other = pairs.learn(due, *self._look(silhouettes, rows, inverse, due))
        if fresh is None:
            return Shows(pairs.codes)
        fresh[other] = True
        if left is not None:
            fresh |= left
        return Shows(pairs.codes, fresh)

    def _renumber(self, origin: Indices) -> Bools:
        """What is known goes along with the rows, as in `Pairs.renumber`."""
        known = self._known.take(origin, mode="wrap")
        # Of a new row anything will do but for its facts: others than it has, so that it is looked at.
        known["facts"][origin < 0] = -1
        self._keep(known)
        return self._pairs.renumber(origin)

    def _begin(self, rows: int) -> None:
        """For so many rows, of which nothing is known."""
        known = np.zeros(rows, _KNOWN)
        known["facts"], known["samples"], known["corners"] = -1, np.nan, 1.0
        self._learnt = -1
        self._keep(known)

    def _keep(self, known: npt.NDArray[np.void]) -> None:
        """(rows,) of _KNOWN."""
        self._known = known
        self._facts: I32 = known["facts"]
        self._corners: F32 = known["corners"]
        self._samples: F32 = known["samples"]
        self._reach: F32 = known["reach"]
        self._numbers: Indices = known["numbers"]
        self._inverse: F32 = known["inverse"]
        self._travelled: F64 = known["travelled"]

    def _facts_of(self, rows: F32, still: bool) -> I32:
        """(n, _FACTS) what, with where it lies, decides what a row shows of a tile, beside its drawings."""
        facts = self._facts.copy()
        ends = self._tiles.spans(rows[:, BOUNDS].astype(np.int32))
        facts[:, _ENDS] = ends.reshape(len(rows), 8)
        if not still:
            facts[:, _LIVE] = rows[:, SAMPLE_COUNT]
            facts[:, _MOST] = may_hide(rows) * np.uint8(HIDES - SOMETHING) + np.uint8(SOMETHING)
            facts[:, _THROUGH] = rows[:, BLEND] == Blend.PASS_THROUGH
        return facts

    def _numbered(self, silhouettes: Silhouettes, rows: F32, inverse: F32, still: bool) -> Bools:
        """Learn the silhouettes of the samples of each row; (n,) whether any is another than before."""
        linear = np.abs(inverse[:, :, :2])
        wide = (linear[:, :, 0] + linear[:, :, 1]).max(axis=1)
        if self._bends is not None:
            wide = wide * self._bends.stretch
        texels: F64 | float = 1.0
        narrow = wide.max(initial=0.0) ** 2 < _ONE_TEXEL or (linear * linear).sum(axis=2).max() < _ONE_TEXEL
        if not narrow:
            texels = footprint(inverse[:, 0], inverse[:, 1]).max(axis=1)
        pixels = wide * ((self._tiles.side - 1) * 0.5) + (texels * 0.5 + 1.0 + _SLACK)
        reach = np.maximum(np.ceil(pixels * (1.0 / CELL)), self._least).astype(np.float32)
        other: Bools = reach != self._reach
        if not still:
            other |= (rows[:, SAMPLES] != self._samples).any(axis=1)
        if silhouettes.changes != self._learnt:
            self._learnt = silhouettes.changes
            other[:] = True
        which = other.nonzero()[0]
        if len(which):
            self._samples[which], self._reach[which] = rows[which, SAMPLES], reach[which]
            for nth, columns in enumerate(EACH_SAMPLE):
                self._numbers[which, nth] = silhouettes.numbers(rows[which, columns], reach[which])
        return other

    def _moved(self, inverse: F32) -> F32:
        """(n,) cells by which the centre of a tile of each row's span has moved on its page, at most."""
        moves = inverse - self._inverse
        far = np.abs(np.matmul(moves, self._corners))
        cells: F32 = far.reshape(len(far), 8).max(axis=1) * np.float32(1.0 / CELL)
        if self._bends is not None:
            # First the warp moved what lies at a centre, then all of it went with the row.
            by_move = np.abs(moves[:, :, :2]).sum(axis=2) * self._bends.shift[:, None]
            by_warp = np.abs(self._inverse[:, :, :2]).sum(axis=2) * self._bends.moved[:, None]
            cells = cells + ((by_move + by_warp).max(axis=1) * (1.0 / CELL)).astype(np.float32)
        self._inverse[...] = inverse
        return cells

    def _look(self, silhouettes: Silhouettes, rows: F32, inverse: F32, which: Indices) -> tuple[Bytes, F32]:
        """The codes of the pairs `which`, and how far their rows may travel until they may be others."""
        facts = self._facts
        tile, row = self._pairs.tile.take(which), self._pairs.row.take(which)
        self.looked += len(tile)
        centre = self._tiles.centre.take(tile, axis=1)
        if self._bends is not None:
            self._bends.bend(row, tile, *centre)
        numbers, live = self._numbers, facts[:, _LIVE]
        code, room = look_up(silhouettes, numbers[:, 0], inverse, rows[:, EACH_SAMPLE[0]], row, centre)
        for nth in range(1, int(live.max(initial=1))):
            some = (live > nth).take(row).nonzero()[0]
            of, at = row.take(some), centre.take(some, axis=1)
            codes, rooms = look_up(silhouettes, numbers[:, nth], inverse, rows[:, EACH_SAMPLE[nth]], of, at)
            code[some] |= codes
            room[some] = np.minimum(room[some], rooms)
        np.minimum(code, facts[:, _MOST].astype(np.uint8).take(row), out=code)
        through = facts[:, _THROUGH].astype(np.uint8)
        if through.any():
            code |= through.take(row)
        self._keep_in_bounds(code, row, tile)
        room += self._travelled.astype(np.float32).take(row)
        return code, room

    def _keep_in_bounds(self, code: Bytes, row: Indices, tile: Indices) -> None:
        """A row hides nothing in tiles that its bounds cut, whatever its drawing shows there."""
        over = (code == HIDES).nonzero()[0]
        place = self._tiles.place.take(tile.take(over), axis=0)
        inside = self._facts[:, _INSIDE].take(row.take(over), axis=0)
        cut = (place < inside[:, :2]) | (place >= inside[:, 2:])
        code[over[cut.any(axis=1)]] = SOMETHING


def may_hide(rows: F32) -> Bools:
    """Rows of which opaque texels give opaque pixels."""
    plain: Bools = (rows[:, _HIDING] == _HIDES_AS).all(axis=1)
    return plain
