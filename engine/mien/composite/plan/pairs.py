"""Rows with the tiles under them, and what is known of each."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.composite.plan.tiles import Tiles
from mien.types import F32, I32, Bools, Bytes, Indices

_MOST_RESPANNED: Final = 24
"""Rows that come to lie on other tiles, up to which they are laid out anew one by one,"""
_SHARE_RESPANNED: Final = 0.3
"""or this share of all: a row costs the same however many there are, and all anew cost more."""
_NONE: Final = np.zeros(0, np.intp)


class Pairs:
    """Every row with every tile of its span, row after row.

    Each row has room for a column and a line of tiles more than it covers, so that one that comes to lie on
    others moves none of those behind it. What is left over is a pair that is never due.
    """

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles
        self._grid = np.arange(tiles.count).reshape(tiles.down, tiles.across)
        self._spans: I32 = np.zeros((0, 4), np.int32)
        self.codes: Bytes = np.zeros((tiles.count, 0), np.uint8)
        """(tiles, rows) what the row shows of the tile; nothing beside its span."""
        self._used: Indices = _NONE  # (rows,) tiles of each
        self._make_room(_NONE)

    def lay_out(self, spans: I32) -> None:
        """All anew, of these spans (rows, 4); nothing is known of any."""
        self._spans = spans.copy()
        self.codes = np.zeros((self._tiles.count, len(spans)), np.uint8)
        self._used, tile = self._tiles.within(spans)
        self._make_room(_room(spans))
        at = _places(self._begins, self._used)
        self.tile[at] = tile
        self.expiry[at] = -np.inf

    def renumber(self, origin: Indices) -> Bools:
        """Rows come or go: (rows,) the number that each had, ascending; -1: it is new, and has no tiles yet.

        (tiles,) those of which a row showed something that is gone.
        """
        fresh, gone = origin < 0, np.ones(len(self._used), np.bool_)
        kept = (~fresh).nonzero()[0]
        were = origin.take(kept)
        gone[were] = False
        left = np.zeros(self._tiles.count, np.bool_)
        for row in gone.nonzero()[0].tolist():
            left |= self.codes[:, row] != 0
        codes = np.zeros((self._tiles.count, len(origin)), np.uint8)
        for now, then in runs_of(kept, were):
            codes[:, now] = self.codes[:, then]
        self.codes = codes
        self._spans = self._spans.take(origin, axis=0, mode="wrap")
        self._used = self._used.take(origin, mode="wrap")
        room = self._room.take(origin, mode="wrap")
        self._spans[fresh], self._used[fresh], room[fresh] = 0, 0, 0
        self._rearrange(room, origin)
        return left

    def respan(self, spans: I32, which: Indices) -> Bools | None:
        """Lay the rows `which` out by their new spans, keeping what is known of tiles that they keep.

        (tiles,) those that a row showed something of and has no more; None: too many to do that.
        """
        most = max(_MOST_RESPANNED, _SHARE_RESPANNED * len(spans))
        if len(which) > most or len(spans) != len(self._spans):
            return None
        lost = np.zeros(self._tiles.count, np.bool_)
        if not len(which):
            return lost
        new = spans[which]
        wanted = _room(new, spare=0)
        if (wanted > self._room.take(which)).any():
            room = self._room.copy()
            room[which] = np.maximum(room[which], _room(new))
            self._rearrange(room, np.arange(len(room)))
        lines = lost.reshape(self._grid.shape)
        codes = self.codes.reshape(*self._grid.shape, len(spans))
        begins, rooms = self._begins.take(which), self._room.take(which)
        each = (which, self._spans[which], new, wanted, begins, begins + rooms)
        for row, was, now, count, begin, end in zip(*(one.tolist() for one in each), strict=True):
            for left, top, right, bottom in _strips(was, now):
                gone = codes[top:bottom, left:right, row]
                lines[top:bottom, left:right] |= gone != 0
                gone[...] = 0
            own = slice(begin, begin + count)
            self.tile[own] = self._grid[now[1] : now[3], now[0] : now[2]].reshape(-1)
            self.expiry[own] = -np.inf
            self.expiry[begin + count : end] = np.inf
        self._used[which], self._spans[which] = wanted, new
        return lost

    def due(self, travelled: F32) -> Indices:
        """The pairs of rows that have travelled (rows,) too far since they were looked at."""
        due = travelled.repeat(self._room) > self.expiry
        return due.nonzero()[0]

    def learn(self, due: Indices, codes: Bytes, expiry: F32 | np.float32) -> Indices:
        """What the pairs `due` (n,) show now, and until when: (k,) the tiles of those that showed something
        else."""
        tile = self.tile.take(due)
        known, at = self.codes.reshape(-1), tile * self.codes.shape[1] + self.row.take(due)
        self.expiry[due] = expiry
        other = (known.take(at) != codes).nonzero()[0]
        known[at.take(other)] = codes.take(other)
        found: Indices = tile.take(other)
        return found

    def _rearrange(self, room: Indices, origin: Indices) -> None:
        """Rows have other room (rows,). What is known of each goes along: its number was `origin` (rows,)."""
        begins, tile, expiry = self._begins.take(origin, mode="wrap"), self.tile, self.expiry
        self._make_room(room)
        then, now = _places(begins, self._used), _places(self._begins, self._used)
        self.tile[now], self.expiry[now] = tile.take(then), expiry.take(then)

    def _make_room(self, room: Indices) -> None:
        self._room = room
        self._begins = room.cumsum() - room
        self.row: Indices = np.arange(len(room)).repeat(room)
        """(pairs,) ascending."""
        self.tile: Indices = np.zeros(len(self.row), np.intp)
        """(pairs,)"""
        self.expiry: F32 = np.full(len(self.row), np.inf, np.float32)
        """(pairs,) how far the row may have travelled before that may be something else."""


def runs_of(now: Indices, then: Indices) -> list[tuple[slice, slice]]:
    """Numbers and what they were (n,), both ascending, as runs of neighbours that stayed so."""
    if not len(now):
        return []
    ends = [*(((np.diff(now) != 1) | (np.diff(then) != 1)).nonzero()[0] + 1).tolist(), len(now)]
    found, begin = list[tuple[slice, slice]](), 0
    for end in ends:
        first, was = int(now[begin]), int(then[begin])
        found.append((slice(first, first + end - begin), slice(was, was + end - begin)))
        begin = end
    return found


def _room(spans: I32, spare: int = 1) -> Indices:
    """(n,) tiles of spans that are larger by so many columns and lines; of empty ones none."""
    wide, high = (spans[:, 2:] - spans[:, :2]).astype(np.intp).T
    found: Indices = (wide + spare) * (high + spare)
    found *= np.minimum(wide, high) > 0
    return found


def _strips(was: list[int], now: list[int]) -> list[list[int]]:
    """What of a span is no part of another, as rectangles that may overlap."""
    left, top, right, bottom = was
    strips = [
        [left, top, min(now[0], right), bottom],
        [max(now[2], left), top, right, bottom],
        [left, top, right, min(now[1], bottom)],
        [left, max(now[3], top), right, bottom],
    ]
    return [one for one in strips if one[0] < one[2] and one[1] < one[3]]


def _places(begins: Indices, counts: Indices) -> Indices:
    """So many numbers from each beginning on, one after another."""
    ends: Indices = counts.cumsum()
    first: Indices = begins - (ends - counts)
    places = first.repeat(counts)
    places += np.arange(len(places))
    return places
