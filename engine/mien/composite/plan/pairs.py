"""Rows with the tiles under them, and what is known of each: laid out row after row."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.composite.plan.tiles import Tiles
from mien.types import F32, F64, I32, Bools, Bytes, Indices

_MOST_RESPANNED: Final = 24
"""Rows that come to lie on other tiles, up to which they are laid out anew one by one."""
_NONE: Final = np.zeros(0, np.intp)


class Pairs:
    """Every row with every tile of its span."""

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles
        self._spans: I32 = np.zeros((0, 4), np.int32)
        self.counts: Indices = _NONE
        """(rows,) how many tiles each has."""
        self.row: Indices = _NONE
        """(pairs,) ascending."""
        self.tile: Indices = _NONE
        """(pairs,)"""
        self.codes: Bytes = np.zeros(0, np.uint8)
        """(pairs,) what the row shows of the tile."""
        self.expiry: F32 = np.zeros(0, np.float32)
        """(pairs,) how far the row may have travelled before that may be something else."""

    def lay_out(self, spans: I32) -> None:
        """All anew, of these spans (rows, 4); nothing is known of any."""
        self._spans = spans
        self.counts, self.tile = self._tiles.within(spans)
        self.row = np.repeat(np.arange(len(spans)), self.counts)
        self.codes = np.zeros(len(self.tile), np.uint8)
        self.expiry = np.full(len(self.tile), -np.inf, np.float32)

    def renumber(self, origin: Indices) -> Bools:
        """Rows come or go: (rows,) the number that each had, ascending; -1: it is new, and has no tiles yet.

        (tiles,) those of which a row showed something that is gone.
        """
        left = np.zeros(self._tiles.count, np.bool_)
        stay = np.zeros(len(self.counts), np.bool_)
        fresh = origin < 0
        stay[origin[~fresh]] = True
        gone = (~stay).nonzero()[0]
        if len(gone):
            ends, counts, kept = np.cumsum(self.counts).tolist(), self.counts.tolist(), 0
            between: list[slice] = []
            for row in gone.tolist():
                begin, end = ends[row] - counts[row], ends[row]
                left[self.tile[begin:end][self.codes[begin:end] != 0]] = True
                between.append(slice(kept, begin))
                kept = end
            between.append(slice(kept, None))
            self.tile = np.concatenate([self.tile[part] for part in between])
            self.codes = np.concatenate([self.codes[part] for part in between])
            self.expiry = np.concatenate([self.expiry[part] for part in between])
        self.counts = self.counts.take(origin, mode="wrap")
        self._spans = self._spans.take(origin, axis=0, mode="wrap")
        self.counts[fresh] = 0
        self._spans[fresh] = 0
        self.row = np.repeat(np.arange(len(origin)), self.counts)
        return left

    def respan(self, spans: I32, which: Indices) -> Bools | None:
        """Lay the rows `which` out by their new spans, keeping what is known of tiles that they keep.

        (tiles,) those that a row showed something of and has no more; None: too many to do that.
        """
        if len(which) > _MOST_RESPANNED or len(spans) != len(self._spans):
            return None
        left = np.zeros(self._tiles.count, np.bool_)
        if not len(which):
            return left
        counts, tile = self._tiles.within(spans[which])
        ends = np.cumsum(self.counts).tolist()
        old, new, at = self._spans[which].tolist(), spans[which].tolist(), 0
        kept = 0
        codes, tiles, expiry = [], [], []
        for row, was, is_, count in zip(which.tolist(), old, new, counts.tolist(), strict=True):
            begin, end = ends[row] - int(self.counts[row]), ends[row]
            codes += [self.codes[kept:begin], self._carried(was, is_, self.codes[begin:end])]
            left[self.tile[begin:end][self.codes[begin:end] != 0]] = True
            tiles += [self.tile[kept:begin], tile[at : at + count]]
            expiry += [self.expiry[kept:begin], np.full(count, -np.inf, np.float32)]
            kept, at = end, at + count
        self.codes = np.concatenate((*codes, self.codes[kept:]))
        self.tile = np.concatenate((*tiles, self.tile[kept:]))
        self.expiry = np.concatenate((*expiry, self.expiry[kept:]))
        self.counts[which] = counts
        self.row = np.repeat(np.arange(len(spans)), self.counts)
        self._spans = spans
        return left

    def due(self, travelled: F64) -> Indices:
        """The pairs of rows that have travelled (rows,) too far since they were looked at."""
        due = np.repeat(travelled.astype(np.float32), self.counts) > self.expiry
        return due.nonzero()[0]

    @staticmethod
    def _carried(was: list[int], now: list[int], codes: Bytes) -> Bytes:
        """The codes of a span, one of tiles that both have taken out of those of the span before."""
        own = np.zeros((max(0, now[3] - now[1]), max(0, now[2] - now[0])), np.uint8)
        before = codes.reshape(max(0, was[3] - was[1]), max(0, was[2] - was[0]))
        left, top, right, bottom = (
            max(was[0], now[0]),
            max(was[1], now[1]),
            min(was[2], now[2]),
            min(was[3], now[3]),
        )
        if left < right and top < bottom:
            both = before[top - was[1] : bottom - was[1], left - was[0] : right - was[0]]
            own[top - now[1] : bottom - now[1], left - now[0] : right - now[0]] = both
            both[...] = 0
        return own.reshape(-1)
