"""What slots show: the drawings that a pose picks, written into their rows when it picks others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.character import Slot
from mien.composite.drawing_table import SHOWN, DrawingTable, any_mixed, extents_of
from mien.composite.joined_slots import Joins
from mien.composite.rows import SAMPLE_COUNT, SAMPLES, WEIGHTS
from mien.types import F32, F64, I32, MAX_MIXED, Bools, Indices

_WHOLLY = np.array((1.0,) + (0.0,) * (MAX_MIXED - 1), np.float32)
"""The weights of a slot that shows one drawing."""

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
        self._live = np.zeros(each, np.bool_)  # of those that do not show one drawing wholly
        self._sorted = np.zeros(count, np.bool_)  # live samples stand in another order than in the pose
        self._wholly = np.zeros(count, np.bool_)  # shows one drawing wholly, whatever others show

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
        if mixed[1:] != before[1:] or not self._swap(picks):
            self._mix(picks, weights, fade, before)

    def _swap(self, picks: I32) -> bool:
        """The usual change, in few calls: slots that show one drawing wholly show another. False: another."""
        which = any_mixed(picks != self._picks).nonzero()[0]
        if not self._wholly.take(which).all():
            return False
        first = self._numbers(which, picks[which, 0])
        live = first != self._empty
        rows = self._rows
        rows[which, SHOWN] = self._alone.take(first, axis=0)
        rows[which, SAMPLE_COUNT] = self.drawn[which] = live
        self._extent[:, which] = self._extents.take(first, axis=1)
        np.copyto(self._picks, picks)
        self.picked, self._anew = which, (True, self._anew[1])
        return True

    def _mix(self, picks: I32, weights: F32, fade: F32, before: tuple[bytes, bytes, bytes]) -> None:
        """Any change."""
        mixed = self._mixed
        other = picked = any_mixed(picks != self._picks)
        if mixed[1] != before[1]:
            picked = picked | any_mixed(weights != self._weights)
            other = other | any_mixed((weights > 0.0) != (self._weights > 0.0))
            other |= picked & (self._sorted | self._wholly)
        self.picked = picked.nonzero()[0]
        if mixed[2] != before[2] or (picked & self._joins.concerned).any():
            other = other | self._joins.update(picks, weights, fade)
        # A fade that goes on: the same drawings with other weights.
        fading = (picked & ~other).nonzero()[0]
        if len(fading):
            self._weights[fading] = shares = weights[fading]
            self._rows[fading, WEIGHTS] = np.where(self._live[fading], shares, 0.0)
        which = other.nonzero()[0]
        if len(which):
            self._pick(which, picks[which], weights[which])
        self._anew = (self._anew[0] or len(which) > 0, self._anew[1] or mixed[2] != before[2])

    def _pick(self, slots: Indices, picks: I32, weights: F32) -> None:
        """Have these `slots` show these (slots, MAX_MIXED)."""
        self._picks[slots], self._weights[slots] = picks, weights
        self._wholly[slots] = (weights == _WHOLLY).all(axis=1) & ~self._joins.concerned.take(slots)
        numbers = self._numbers(slots[:, None], picks)
        self._live[slots] = live = (numbers != self._empty) & (weights > 0.0)
        index = np.where(live, numbers, self._empty)
        together = self._joins.shown.take(slots)
        first = index[:, 0] = np.where(together >= 0, together, index[:, 0])
        more = live[:, 1:].any(axis=1)
        self._sorted[slots] = False
        self.drawn[slots] = (live[:, 0] | more) & ~self._joins.within.take(slots)
        rows = self._rows
        if not more.any() and (live[:, 0] <= (weights[:, 0] == 1.0)).all():
            # One drawing each, or none: that part of a row is there already.
            rows[slots, SAMPLE_COUNT] = live[:, 0]
            rows[slots, SHOWN] = self._alone.take(first, axis=0)
            self._extent[:, slots] = self._extents.take(first, axis=1)
            return
        weights = np.where(live, weights, np.float32(0.0))
        gaps = (live[:, 1:] > live[:, :-1]).any(axis=1)
        if gaps.any():
            # Live samples first.
            order = np.argsort(~live, axis=1, kind="stable")
            index = np.take_along_axis(index, order, axis=1)
            weights = np.take_along_axis(weights, order, axis=1)
            self._sorted[slots] = gaps
        rows[slots, SAMPLE_COUNT] = live.sum(axis=1)
        rows[slots, WEIGHTS] = weights
        rows[slots, SAMPLES] = self._samples.take(index, axis=0).reshape(len(slots), -1)
        boxes = self._boxes.take(index, axis=0)
        self._extent[:, slots] = extents_of(boxes[:, :, :2].min(axis=1), boxes[:, :, 2:].max(axis=1)).T

    def _numbers(self, slots: Indices, picks: I32) -> Indices:
        """The numbers of the drawings that these slots pick; both broadcast against each other."""
        numbers: Indices = self._entries[slots, np.minimum(np.maximum(picks, -1), self._entries.shape[1] - 2)]
        return numbers
