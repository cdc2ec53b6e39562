"""What slots show: the drawings that a pose picks, written into their rows when it picks others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Final

import numpy as np

from mien.character import Slot
from mien.composite.drawing_table import SHOWN, DrawingTable, extents_of
from mien.composite.joined_slots import Joins
from mien.composite.rows import FLOATS, SAMPLE_COUNT, SAMPLES, WEIGHTS
from mien.types import F32, F64, I32, MAX_MIXED, Bools, Indices

_FEW: Final = 16
"""So many slots are changed sooner one by one than all at once: the mouths of two, and more."""

_FLOAT: Final = 4
_ALONE: Final = slice(SHOWN.start * _FLOAT, SHOWN.stop * _FLOAT)
_SAMPLES: Final = slice(SAMPLES.start * _FLOAT, SAMPLES.stop * _FLOAT)
_COUNT: Final = Struct("f")
_PICKS: Final = Struct(f"{MAX_MIXED}i")
_WEIGHTS: Final = Struct(f"{MAX_MIXED}f")
"""A slot's part of picks (slots, MAX_MIXED) int32, and of weights float32, which rows have too."""

_WORDS: Final = _PICKS.size // 8
"""Each of the two has so many words of 64 bits for a slot."""


class ShownDrawings:
    """The drawings of some slots, and which of them each shows.

    `pages`: of each slot the page base. `rows`: (slots, FLOATS) float32, a row each: to be written into.
    """

    def __init__(self, slots: Sequence[Slot], pages: Sequence[int], rows: F32) -> None:
        count = len(slots)
        table = DrawingTable(slots, pages)
        self._empty, self._entries = table.empty, table.entries
        self._samples, self._alone, self._boxes = table.samples, table.alone, table.boxes
        self._extents = np.ascontiguousarray(table.extents.T)
        self._joins = Joins(slots)
        self._rows = rows
        self.picked: list[int] = []
        """Slots for which the last `mix` was given other drawings or weights than the one before."""
        self.drawn: Bools = np.zeros(count, np.bool_)
        """(slots,) whether it shows a drawing, which is not in the picture that another shows."""
        self._extent = np.zeros((4, count))
        self.extents: F64 = self._extent.reshape(2, 2, count)
        """(2, 2, slots) of the boxes of what they show, on the canvas: middles, and half the sizes."""
        self._mixed, self._fade = b"", b""
        self._words = np.full(2 * _WORDS * count, -1, np.int64)
        self._anew = (False, False)
        # The same as bytes, to change slots one by one: a call of numpy costs more than one of those.
        self._bytes = rows.reshape(-1).view(np.uint8).data
        self._alone_bytes = [one.tobytes() for one in self._alone]
        self._sample_bytes = [one.tobytes() for one in self._samples]
        self._joined = frozenset(self._joins.concerned.nonzero()[0].tolist())
        self._numbers = [dict(enumerate(numbers)) for numbers in self._entries[:, :-1].tolist()]
        self._box_of: list[list[float]] = self._boxes.tolist()
        self._extent_of: list[list[float]] = table.extents.tolist()
        self._there: list[tuple[int, ...]] = [()] * count
        """Of each slot the drawings of the mix that its row has; nothing: it has none, or it is not known."""

    @property
    def samples(self) -> F32:
        """(drawings, SAMPLE_FLOATS) float32: all that rows of these slots may show."""
        return self._samples[: self._empty]

    def samples_of(self, slots: slice) -> F32:
        """(n, SAMPLE_FLOATS) float32: all that rows of these slots may show."""
        return self._of(slots, [number.values() for number in self._numbers[slots]])

    def samples_picked(self, slots: slice, picks: I32) -> F32:
        """The same of what they show by these (slots, MAX_MIXED) `picks`, joined or not."""
        own = zip(self._numbers[slots], picks.tolist(), strict=True)
        return self._of(slots, [[number.get(pick, self._empty) for pick in some] for number, some in own])

    def _of(self, slots: slice, numbers: Sequence[Iterable[int]]) -> F32:
        found = {number for own in numbers for number in own} | self._joins.drawings(slots)
        return self._samples[sorted(found - {self._empty})]

    @property
    def joined(self) -> Bools:
        """(slots,) which of them show the picture of their whole group."""
        joined: Bools = self._joins.shown >= 0
        return joined

    def since(self) -> tuple[bool, bool]:
        """Whether drawings, or fades, have become others since this was last asked."""
        anew, self._anew = self._anew, (False, False)
        return anew

    def mix(self, picks: I32, weights: F32, fade: F32) -> None:
        """Have rows show these drawings. Parameters as for `SlotRows.update`."""
        mixed, faded = picks.tobytes() + weights.tobytes(), fade.tobytes()
        if mixed == self._mixed and faded == self._fade:
            if self._anew == (False, False):
                self.picked = []
            return
        words = np.frombuffer(mixed, np.int64)
        others = (words != self._words).nonzero()[0].tolist()
        half = len(words) // 2
        self.picked = slots = sorted({at % half // _WORDS for at in others})
        fades = faded != self._fade
        self._mixed, self._words, self._fade = mixed, words, faded
        changed = len(slots) > 0
        if not fades and len(slots) <= _FEW and self._joined.isdisjoint(slots):
            self._pick_each(slots, mixed)
        else:
            concerned = self._joins.update(picks, weights, fade)
            concerned[slots] = True
            which = concerned.nonzero()[0]
            if changed := len(which) > 0:
                self._pick(which, picks[which], weights[which])
        self._anew = (self._anew[0] or changed, self._anew[1] or fades)

    def _pick_each(self, slots: list[int], mixed: bytes) -> None:
        """Have some `slots`, which are in no joined picture, show what picks and weights say, one by one."""
        empty, half = self._empty, len(mixed) // 2
        for s in slots:
            number, at = self._numbers[s].get, s * _PICKS.size
            shares = zip(_PICKS.unpack_from(mixed, at), _WEIGHTS.unpack_from(mixed, half + at), strict=True)
            live = [(n, w) for pick, w in shares if w > 0.0 and (n := number(pick, empty)) != empty]
            if (live and live[0][1] != 1.0) or len(live) > 1:
                self._show_mix(s, tuple(n for n, _ in live), [w for _, w in live])
            else:
                self._show(s, live[0][0] if live else empty)

    def _show(self, slot: int, number: int) -> None:
        """Have a slot show this drawing alone, or the empty one."""
        self._there[slot] = ()
        row = slot * FLOATS * _FLOAT
        self._bytes[row + _ALONE.start : row + _ALONE.stop] = self._alone_bytes[number]
        self._place(slot, 0 if number == self._empty else 1, self._extent_of[number])

    def _show_mix(self, slot: int, numbers: tuple[int, ...], weights: list[float]) -> None:
        """Have a slot show these drawings in these shares."""
        row, rest = slot * FLOATS * _FLOAT, MAX_MIXED - len(numbers)
        _WEIGHTS.pack_into(self._bytes, row + WEIGHTS.start * _FLOAT, *weights, *[0.0] * rest)
        if numbers == self._there[slot]:
            return  # a fade that goes on
        self._there[slot] = numbers
        of = self._sample_bytes
        samples = b"".join([of[n] for n in numbers]) + of[self._empty] * rest
        self._bytes[row + _SAMPLES.start : row + _SAMPLES.stop] = samples
        lefts, tops, rights, bottoms = zip(*(self._box_of[n] for n in numbers), strict=True)
        left, top, right, bottom = min(lefts), min(tops), max(rights), max(bottoms)
        middle = (left + right) * 0.5, (top + bottom) * 0.5
        self._place(slot, len(numbers), [*middle, (right - left) * 0.5, (bottom - top) * 0.5])

    def _place(self, slot: int, count: int, extent: list[float]) -> None:
        """Write how many drawings a slot shows, and the box of what they cover."""
        _COUNT.pack_into(self._bytes, (slot * FLOATS + SAMPLE_COUNT) * _FLOAT, count)
        self.drawn[slot] = count > 0
        self._extent[:, slot] = extent

    def _pick(self, slots: Indices, picks: I32, weights: F32) -> None:
        """Have any `slots` show these (slots, MAX_MIXED), all at once."""
        for slot in slots.tolist():
            self._there[slot] = ()
        index = self._entries[slots[:, None], np.minimum(np.maximum(picks, -1), self._entries.shape[1] - 2)]
        live = (index != self._empty) & (weights > 0.0)
        index = np.where(live, index, self._empty)
        together = self._joins.shown.take(slots)
        first = index[:, 0] = np.where(together >= 0, together, index[:, 0])
        more = live[:, 1:].any(axis=1)
        self.drawn[slots] = (live[:, 0] | more) & ~self._joins.within.take(slots)
        rows = self._rows
        if not more.any() and (live[:, 0] <= (weights[:, 0] == 1.0)).all():
            # One drawing each, or none: that part of a row is there already.
            rows[slots, SAMPLE_COUNT] = live[:, 0]
            rows[slots, SHOWN] = self._alone.take(first, axis=0)
            self._extent[:, slots] = self._extents.take(first, axis=1)
            return
        weights = np.where(live, weights, np.float32(0.0))
        if (live[:, 1:] > live[:, :-1]).any():
            # Live samples first.
            order = np.argsort(~live, axis=1, kind="stable")
            index = np.take_along_axis(index, order, axis=1)
            weights = np.take_along_axis(weights, order, axis=1)
        rows[slots, SAMPLE_COUNT] = live.sum(axis=1)
        rows[slots, WEIGHTS] = weights
        rows[slots, SAMPLES] = self._samples.take(index, axis=0).reshape(len(slots), -1)
        boxes = self._boxes.take(index, axis=0)
        self._extent[:, slots] = extents_of(boxes[:, :, :2].min(axis=1), boxes[:, :, 2:].max(axis=1)).T
