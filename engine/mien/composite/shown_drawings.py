"""What slots show: the drawings that a pose picks, written into their rows when it picks others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mien.character import Slot
from mien.composite.drawing_table import SHOWN, DrawingTable, any_mixed, extents_of
from mien.composite.joined_slots import Joins
from mien.composite.rows import SAMPLE_COUNT, SAMPLES, WEIGHTS
from mien.types import F32, F64, I32, MAX_MIXED, Bools, Indices

_FEW: Final = 16
"""So many slots are changed sooner one by one than all at once: the mouths of two, and more."""

_NONE: Indices = np.zeros(0, np.intp)


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
        self.picked: Indices = _NONE
        """Slots for which the last `mix` was given other drawings or weights than the one before."""
        self.drawn: Bools = np.zeros(count, np.bool_)
        """(slots,) whether it shows a drawing, which is not in the picture that another shows."""
        self._extent = np.zeros((4, count))
        self.extents: F64 = self._extent.reshape(2, 2, count)
        """(2, 2, slots) of the boxes of what they show, on the canvas: middles, and half the sizes."""
        self._mixed = (b"", b"", b"")
        self._anew = (False, False)
        each = (count, MAX_MIXED)
        self._picks, self._weights = np.full(each, -2, np.int32), np.zeros(each, np.float32)
        # The same as Python's own, to change slots one by one.
        self._joined = frozenset(self._joins.concerned.nonzero()[0].tolist())
        self._numbers = [dict(enumerate(numbers)) for numbers in self._entries[:, :-1].tolist()]
        self._box_of: list[list[float]] = self._boxes.tolist()
        self._there: list[tuple[int, ...]] = [()] * count
        """Of each slot the drawings of the mix that its row has; nothing: it has none, or it is not known."""

    @property
    def samples(self) -> F32:
        """(drawings, SAMPLE_FLOATS) float32: all that rows of these slots may show."""
        return self._samples[: self._empty]

    def since(self) -> tuple[bool, bool]:
        """Whether drawings, or fades, have become others since this was last asked."""
        anew, self._anew = self._anew, (False, False)
        return anew

    def mix(self, picks: I32, weights: F32, fade: F32) -> None:
        """Have rows show these drawings. Parameters as for `SlotRows.update`."""
        before, mixed = self._mixed, (picks.tobytes(), weights.tobytes(), fade.tobytes())
        if mixed == before:
            if self._anew == (False, False):
                self.picked = _NONE
            return
        self._mixed = mixed
        changed = any_mixed(picks != self._picks)
        if mixed[1] != before[1]:
            changed |= any_mixed(weights != self._weights)
            np.copyto(self._weights, weights)
        np.copyto(self._picks, picks)
        self.picked = which = changed.nonzero()[0]
        slots, faded = which.tolist(), mixed[2] != before[2]
        if not faded and len(slots) <= _FEW and self._joined.isdisjoint(slots):
            self._pick_each(which, slots, picks[which].tolist(), weights[which].tolist())
        else:
            which = (changed | self._joins.update(picks, weights, fade)).nonzero()[0]
            if len(which):
                self._pick(which, picks[which], weights[which])
        self._anew = (self._anew[0] or len(which) > 0, self._anew[1] or faded)

    def _pick_each(
        self, which: Indices, slots: list[int], picks: list[list[int]], weights: list[list[float]]
    ) -> None:
        """Have some `slots`, which are in no joined picture, show these, one by one."""
        empty, rows = self._empty, self._rows
        alone, single = list[int](), list[int]()
        for s, own, shares in zip(slots, picks, weights, strict=True):
            number = self._numbers[s].get
            pairs = [(number(pick, empty), w) for pick, w in zip(own, shares, strict=True) if w > 0.0]
            live = [one for one in pairs if one[0] != empty]
            if len(live) > 1 or (live and live[0][1] != 1.0):
                self._pick_mix(s, tuple(one for one, _ in live), [w for _, w in live])
                continue
            self._there[s] = ()
            alone.append(live[0][0] if live else empty)
            single.append(s)
        if not single:
            return
        if len(single) < len(slots):
            which = np.array(single)
        first = np.array(alone)
        rows[which, SHOWN] = self._alone.take(first, axis=0)
        rows[which, SAMPLE_COUNT] = self.drawn[which] = first != empty
        self._extent[:, which] = self._extents.take(first, axis=1)

    def _pick_mix(self, slot: int, numbers: tuple[int, ...], weights: list[float]) -> None:
        """Have a slot show these drawings in these shares."""
        row, rest = self._rows[slot], MAX_MIXED - len(numbers)
        row[WEIGHTS] = weights + [0.0] * rest
        if numbers == self._there[slot]:
            return  # a fade that goes on
        self._there[slot] = numbers
        self.drawn[slot] = True
        row[SAMPLE_COUNT] = len(numbers)
        row[SAMPLES] = self._samples.take(numbers + (self._empty,) * rest, axis=0).ravel()
        lefts, tops, rights, bottoms = zip(*(self._box_of[number] for number in numbers), strict=True)
        left, top, right, bottom = min(lefts), min(tops), max(rights), max(bottoms)
        middle = (left + right) * 0.5, (top + bottom) * 0.5
        self._extent[:, slot] = *middle, (right - left) * 0.5, (bottom - top) * 0.5

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
