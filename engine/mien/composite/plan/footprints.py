"""What rows show of the frame, tile by tile."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final, NamedTuple

import numpy as np

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

_CORNERS: Final = np.array(((0, 2, 0, 2), (1, 1, 3, 3)))
"""Of a span, which are the x and the y of its corners."""

_HIDING: Final = [SAMPLE_COUNT, WEIGHTS.start, OPACITY, TINT.stop - 1, BLEND, MASK_PAGE]
_HIDES_AS: Final = np.array((1.0, 1.0, 1.0, 1.0, Blend.NORMAL, NO_MASK), np.float32)


class _Known(NamedTuple):
    """What is kept of rows from frame to frame."""

    ends: I32
    """(rows, 2, 4) as in `Tiles.spans`: the tiles of its span, and those inside its bounds."""
    live: Indices
    """(rows,) its samples,"""
    most: Bytes
    """(rows,) the most that it may say of a tile,"""
    through: Bytes
    """(rows,) SOMETHING where it is pass-through, which it says at least."""
    corners: F32
    """(rows, 2, 4) x, then y of the corners of its span, in pixels."""
    samples: F32
    """(rows, floats)"""
    reach: F32
    """(rows,) cells that a tile may need to each side of the cell of its centre."""
    numbers: Indices
    """(rows, MAX_MIXED) of the silhouettes of its samples, for that reach."""
    inverse: F32
    """(rows, 2, 3)"""
    travelled: F64
    """(rows,) cells, since it was last looked at as a whole."""

    @classmethod
    def nothing(cls, rows: int) -> _Known:
        """Of so many."""
        return cls(
            np.full((rows, 2, 4), -1, np.int32),
            np.zeros(rows, np.intp),
            np.zeros(rows, np.uint8),
            np.zeros(rows, np.uint8),
            np.zeros((rows, 2, 4), np.float32),
            np.zeros((rows, SAMPLES.stop - SAMPLES.start), np.float32),
            np.full(rows, np.nan, np.float32),
            np.zeros((rows, MAX_MIXED), np.intp),
            np.zeros((rows, 2, 3), np.float32),
            np.zeros(rows),
        )

    def of(self, origin: Indices) -> _Known:
        """Of rows with other numbers: (rows now,) those that they had; -1: nothing is known of it."""
        known = _Known._make(one.take(origin, axis=0, mode="wrap") for one in self)
        known.ends[origin < 0], known.reach[origin < 0] = -1, np.nan
        return known


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
        self._known, self._learnt = _Known.nothing(0), -1

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
        if origin is not None and len(self._known.ends):
            # Of a new row anything will do but for what says that nothing is known.
            self._known, left = self._known.of(origin), self._pairs.renumber(origin)
        elif len(rows) != len(self._known.ends):
            self._known, self._learnt = _Known.nothing(len(rows)), -1
            still = False
        pairs, silhouettes, known = self._pairs, self._silhouettes, self._known
        ends = self._tiles.spans(rows[:, BOUNDS].astype(np.int32))
        # Four answers are looked at as one number, which is quicker than `any` of each.
        others = (ends != known.ends).reshape(-1, 8).view(np.uint32) != 0
        respanned, stale = others[:, 0].nonzero()[0], others[:, 0] | others[:, 1]
        spans = ends[:, 0]
        known.ends[:] = ends
        looks = None if still else self._looks(rows)
        if silhouettes is None:
            pairs.lay_out(spans)
            due = pairs.due(np.full(len(rows), np.inf, np.float32))
            pairs.learn(due, known.most.take(pairs.row.take(due)), np.float32(np.inf))
            return Shows(pairs.codes)
        if len(respanned):
            corners = spans.take(respanned, axis=0).take(_CORNERS, axis=1) * np.float32(self._tiles.side)
            known.corners[respanned] = corners
        inverse = rows[:, INVERSE_X.start : INVERSE_Y.stop + 1].reshape(len(rows), 2, 4)[:, :, :3]
        stale |= self._numbered(silhouettes, rows, inverse, looks)
        went = self._went(inverse, stale)
        fresh = pairs.respan(spans, respanned)
        if fresh is None:
            pairs.lay_out(spans)
        due = pairs.due(np.where(stale, np.float32(np.inf), went))
        codes, rooms = self._look(silhouettes, rows, inverse, due)
        rooms += went.take(pairs.row.take(due))
        other = pairs.learn(due, codes, rooms)
        if fresh is None:
            return Shows(pairs.codes)
        fresh[other] = True
        if left is not None:
            fresh |= left
        return Shows(pairs.codes, fresh)

    def _looks(self, rows: F32) -> Bools:
        """Learn what, beside its drawings and with where it lies, decides what each row shows of a tile; (n,)
        whether that is another than before."""
        known = self._known
        live = rows[:, SAMPLE_COUNT].astype(np.intp)
        most = may_hide(rows) * np.uint8(HIDES - SOMETHING) + np.uint8(SOMETHING)
        through = (rows[:, BLEND] == Blend.PASS_THROUGH) * np.uint8(SOMETHING)
        other: Bools = (live != known.live) | (most != known.most) | (through != known.through)
        known.live[:], known.most[:], known.through[:] = live, most, through
        return other

    def _numbered(self, silhouettes: Silhouettes, rows: F32, inverse: F32, looks: Bools | None) -> Bools:
        """Learn the silhouettes of the samples of each row; (n,) whether any is another than before, or it
        `looks` (n,) otherwise; None: rows differ in where they lie alone."""
        known = self._known
        linear = np.abs(inverse[:, :, :2])
        both = linear[:, :, 0] + linear[:, :, 1]
        wide = np.maximum(both[:, 0], both[:, 1])
        if self._bends is not None:
            wide = wide * self._bends.stretch
        texels: F64 | float = 1.0
        narrow = wide.max(initial=0.0) ** 2 < _ONE_TEXEL or (linear * linear).sum(axis=2).max() < _ONE_TEXEL
        if not narrow:
            texels = footprint(inverse[:, 0], inverse[:, 1]).max(axis=1)
        pixels = wide * ((self._tiles.side - 1) * 0.5) + (texels * 0.5 + 1.0 + _SLACK)
        reach = np.maximum(np.ceil(pixels * (1.0 / CELL)), self._least).astype(np.float32)
        other: Bools = reach != known.reach
        if looks is not None:
            other |= looks | (rows[:, SAMPLES] != known.samples).any(axis=1)
        if silhouettes.changes != self._learnt:
            self._learnt = silhouettes.changes
            other[:] = True
        which = other.nonzero()[0]
        if len(which):
            own, wide_as = rows.take(which, axis=0), reach.take(which)
            known.samples[which], known.reach[which] = own[:, SAMPLES], wide_as
            # Others are not looked up, and differ when they are.
            most = max(1, int(known.live.take(which).max()))
            for nth, columns in enumerate(EACH_SAMPLE[:most]):
                known.numbers[which, nth] = silhouettes.numbers(own[:, columns], wide_as)
        return other

    def _went(self, inverse: F32, stale: Bools) -> F32:
        """(n,) cells by which the centre of a tile of each row's span has moved on its page, at most, since
        it was last looked at as a whole; those that are `stale` will be now, and such as went far."""
        known = self._known
        moves = inverse - known.inverse
        # Rows last: along a short axis numpy takes several times as long.
        by, corners = moves.transpose(1, 2, 0)[:, :, None], known.corners.transpose(1, 2, 0)
        far = by[:, 0] * corners[0]
        far += by[:, 1] * corners[1]
        far += by[:, 2]
        cells = np.abs(far, out=far).reshape(8, len(moves)).max(axis=0) * np.float32(1.0 / CELL)
        if self._bends is not None:
            # First the warp moved what lies at a centre, then all of it went with the row.
            by_move = np.abs(moves[:, :, :2]).sum(axis=2) * self._bends.shift[:, None]
            by_warp = np.abs(known.inverse[:, :, :2]).sum(axis=2) * self._bends.moved[:, None]
            cells = cells + ((by_move + by_warp).max(axis=1) * (1.0 / CELL)).astype(np.float32)
        known.inverse[...] = inverse
        travelled = known.travelled
        travelled += cells
        if not travelled.max(initial=0.0) < _FAR:
            stale |= ~(travelled < _FAR)
        travelled[stale] = 0.0
        return travelled.astype(np.float32)

    def _look(self, silhouettes: Silhouettes, rows: F32, inverse: F32, which: Indices) -> tuple[Bytes, F32]:
        """The codes of the pairs `which`, and how far their rows may go until they may be others."""
        known, tiles, live = self._known, self._tiles, self._known.live
        tile, row = self._pairs.tile.take(which), self._pairs.row.take(which)
        self.looked += len(tile)
        centre = tiles.centre.take(tile, axis=1)
        if self._bends is not None:
            self._bends.bend(row, tile, *centre)
        numbers = known.numbers
        code, room = look_up(silhouettes, numbers[:, 0], inverse, rows[:, EACH_SAMPLE[0]], row, centre)
        for nth in range(1, int(live.max(initial=1))):
            some = (live > nth).take(row).nonzero()[0]
            of, at = row.take(some), centre.take(some, axis=1)
            codes, rooms = look_up(silhouettes, numbers[:, nth], inverse, rows[:, EACH_SAMPLE[nth]], of, at)
            code[some] |= codes
            room[some] = np.minimum(room[some], rooms)
        np.minimum(code, known.most.take(row), out=code)
        if known.through.any():
            code |= known.through.take(row)
        # A row hides nothing in tiles that its bounds cut, whatever its drawing shows there.
        over = (code == HIDES).nonzero()[0]
        place, inside = (
            tiles.place.take(tile.take(over), axis=0),
            known.ends[:, 1].take(row.take(over), axis=0),
        )
        cut = (place < inside[:, :2]) | (place >= inside[:, 2:])
        code[over[cut[:, 0] | cut[:, 1]]] = SOMETHING
        return code, room


def may_hide(rows: F32) -> Bools:
    """Rows of which opaque texels give opaque pixels."""
    plain: Bools = (rows[:, _HIDING] == _HIDES_AS).all(axis=1)
    return plain
