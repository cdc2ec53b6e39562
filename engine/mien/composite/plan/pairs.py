"""Rows with the tiles under them, and what is known of each."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.composite.plan.tiles import Tiles
from mien.types import F32, I32, Bools, Bytes, Indices

_MOST_RECUT: Final = 48
"""Rows that cover or fill other tiles, up to which they are laid out anew one by one."""
_NONE: Final = np.zeros(0, np.intp)

_STRIPS: Final = 8
"""In which tiles are that are other ones, of a row: one for each side of its span, and of what it fills."""

_Rectangle = list[int]
"""Left, top, right, bottom, in tiles."""


class Pairs:
    """Every row with every tile of its window, row after row.

    A window is what a row covers, its span, and, once it has come to lie on other tiles, a column and a line
    from where it came: what goes to and fro is laid out once. Each has room for one of each more than its
    span, so that it moves none of those behind it. What is beside the span is a pair that is never due.
    """

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles
        self._grid = np.arange(tiles.count).reshape(tiles.down, tiles.across)
        self._ends: I32 = np.zeros((0, 2, 4), np.int32)
        self.codes: Bytes = np.zeros((tiles.count, 0), np.uint8)
        """(tiles, rows) what the row shows of the tile; nothing beside its span."""
        self._windows: I32 = np.zeros((0, 4), np.int32)
        self._make_room(_NONE)

    def lay_out(self, ends: I32) -> None:
        """All anew, of rows with these `ends` (rows, 2, 4), as in `Tiles.spans`; nothing is known of any."""
        self._ends = ends.copy()
        self._windows = ends[:, 0].copy()
        self._windows[_room(self._windows) == 0] = 0
        self.codes = np.zeros((self._tiles.count, len(ends)), np.uint8)
        used, tile = self._tiles.within(self._windows)
        self._make_room(_room(self._windows, spare=1))
        at = _places(self._begins, used)
        self.tile[at] = tile
        self.expiry[at] = -np.inf

    def renumber(self, origin: Indices) -> Bools:
        """Rows come or go: (rows,) the number that each had, ascending; -1: it is new, and has no tiles yet.

        (tiles,) those of which a row showed something that is gone.
        """
        fresh, gone = origin < 0, np.ones(len(self._ends), np.bool_)
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
        self._ends = self._ends.take(origin, axis=0, mode="wrap")
        self._windows = self._windows.take(origin, axis=0, mode="wrap")
        room = self._room.take(origin, mode="wrap")
        self._ends[fresh], self._windows[fresh], room[fresh] = 0, 0, 0
        self._rearrange(room, origin)
        return left

    def recut(self, ends: I32, which: Indices) -> Bools | None:
        """The rows `which` cover other tiles than they did, or fill others, by the `ends` (rows, 2, 4) of
        all. Those of which that may say something else are due; what is known of the others stays.

        (tiles,) those that a row showed something of and covers no more; None: too many to do that.
        """
        if len(which) > _MOST_RECUT or len(ends) != len(self._ends):
            return None
        lost = np.zeros(self._tiles.count, np.bool_)
        if not len(which):
            return lost
        were, new = self._ends.take(which, axis=0), ends.take(which, axis=0)
        self._ends[which] = new
        windows = self._windows.take(which, axis=0)
        fits = (new[:, 0, :2] >= windows[:, :2]) & (new[:, 0, 2:] <= windows[:, 2:])
        for k in (~(fits[:, 0] & fits[:, 1])).nonzero()[0].tolist():
            windows[k] = self._moved(int(which[k]), were[k, 0].tolist(), new[k, 0].tolist(), lost)
        count, tile = self._tiles.within(_others(were, new, windows).reshape(-1, 4))
        nth = np.repeat(np.arange(len(count)) // _STRIPS, count)
        place = self._tiles.place.take(tile, axis=0)
        wide = windows[:, 2] - windows[:, 0]
        first = self._begins.take(which) - windows[:, 1] * wide - windows[:, 0]
        span = new[:, 0].take(nth, axis=0)
        covers = (place >= span[:, :2]) & (place < span[:, 2:])
        covered = covers[:, 0] & covers[:, 1]
        pair = first.take(nth) + place[:, 1] * wide.take(nth) + place[:, 0]
        self.expiry[pair] = np.where(covered, np.float32(-np.inf), np.float32(np.inf))
        gone = (~covered).nonzero()[0]
        if len(gone):
            tile, known = tile.take(gone), self.codes.reshape(-1)
            at = tile * len(ends) + which.take(nth.take(gone))
            lost[tile[known.take(at) != 0]] = True
            known[at] = 0
        return lost

    def due(self, travelled: F32) -> Indices:
        """The pairs of rows that have travelled (rows,) too far since they were looked at."""
        due = np.repeat(travelled, self._room) > self.expiry
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

    def _moved(self, row: int, was: _Rectangle, now: _Rectangle, lost: Bools) -> _Rectangle:
        """A row that covered `was` has left its window. Another around `now`, which takes over what is known
        of the tiles of both; those in which it shows nothing any more are marked in `lost` (tiles,)."""
        old: _Rectangle = self._windows[row].tolist()
        if now[0] >= now[2] or now[1] >= now[3]:
            return old
        window, room = [*now], int(self._room[row])
        sides = (self._tiles.across, self._tiles.down)
        for axis in (0, 1):
            wider = [*window]
            if was[axis] < now[axis]:
                wider[axis] -= 1
            else:
                wider[axis + 2] = min(wider[axis + 2] + 1, sides[axis])
            window = wider if _size(wider) <= max(room, _size(now)) else window
        size = _size(window)
        if size > room:
            grown = self._room.copy()
            grown[row] = _size([now[0], now[1], now[2] + 1, now[3] + 1])
            self._rearrange(grown, np.arange(len(grown)))
        left, top, right, bottom = both = _common(old, window)
        known = self._block(row, old)[top - old[1] : bottom - old[1], left - old[0] : right - old[0]].copy()
        codes = self.codes.reshape(*self._grid.shape, -1)[:, :, row]
        beside = codes.copy()
        beside[top:bottom, left:right] = 0
        lost |= beside.reshape(-1) != 0
        codes[beside != 0] = 0
        begin = int(self._begins[row])
        self._windows[row] = window
        self.tile[begin : begin + size] = self._grid[window[1] : window[3], window[0] : window[2]].reshape(-1)
        self.expiry[begin : begin + int(self._room[row])] = np.inf
        if both[0] < both[2] and both[1] < both[3]:
            self._block(row, window)[
                top - window[1] : bottom - window[1], left - window[0] : right - window[0]
            ] = known
        return window

    def _block(self, row: int, window: _Rectangle) -> F32:
        """(lines, columns) of the window of a row: a view."""
        begin, wide, high = int(self._begins[row]), window[2] - window[0], window[3] - window[1]
        return self.expiry[begin : begin + wide * high].reshape(high, wide)

    def _rearrange(self, room: Indices, origin: Indices) -> None:
        """Rows have other room (rows,). What is known of each goes along: its number was `origin` (rows,)."""
        begins, tile, expiry = self._begins.take(origin, mode="wrap"), self.tile, self.expiry
        self._make_room(room)
        used = _room(self._windows)
        then, now = _places(begins, used), _places(self._begins, used)
        self.tile[now], self.expiry[now] = tile.take(then), expiry.take(then)

    def _make_room(self, room: Indices) -> None:
        self._room = room
        self._begins = np.cumsum(room) - room
        self.row: Indices = np.repeat(np.arange(len(room)), room)
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


def _room(windows: I32, spare: int = 0) -> Indices:
    """(n,) tiles of windows that are larger by so many columns and lines; of empty ones none."""
    sides = windows[:, 2:] - windows[:, :2]
    found: Indices = (sides + spare).prod(axis=1, dtype=np.intp)
    found[(sides <= 0).any(axis=1)] = 0
    return found


def _size(window: _Rectangle) -> int:
    return (window[2] - window[0]) * (window[3] - window[1])


def _common(one: _Rectangle, other: _Rectangle) -> _Rectangle:
    """What two have in common; of no width or height if that is nothing."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    return [left, top, max(left, min(one[2], other[2])), max(top, min(one[3], other[3]))]


def _others(were: I32, new: I32, windows: I32) -> I32:
    """(n, 2, 4, 4) strips of their windows (n, 4) in which lie all tiles that are in one of two rectangles
    and not in the other, of each of `were` and `new` (n, 2, 4): left, top, right, bottom. They may overlap."""
    low, high = np.minimum(were, new), np.maximum(were, new)
    strips = np.empty((len(were), 2, 4, 4), np.int32)
    strips[..., :2], strips[..., 2:] = low[:, :, None, :2], high[:, :, None, 2:]
    for side in (0, 1):
        strips[:, :, side, side + 2] = high[:, :, side]
        strips[:, :, side + 2, side] = low[:, :, side + 2]
    np.maximum(strips[..., :2], windows[:, None, None, :2], out=strips[..., :2])
    np.minimum(strips[..., 2:], windows[:, None, None, 2:], out=strips[..., 2:])
    return strips


def _places(begins: Indices, counts: Indices) -> Indices:
    """So many numbers from each beginning on, one after another."""
    ends = np.cumsum(counts)
    places: Indices = np.repeat(begins - (ends - counts), counts)
    places += np.arange(len(places))
    return places
