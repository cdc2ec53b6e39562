"""Slots that are drawn as one: which of them show the picture of their whole group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.character import Slot
from mien.types import F32, I32, Bools, Indices


class Joins:
    """Which slots show the picture of their whole group, and which are in such a picture."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        bases = [s for s, slot in enumerate(slots) if slot.joined is not None]
        first = sum(len(slot.drawings) for slot in slots)
        self._bases = np.array(bases, np.intp)
        self._drawing = first + np.arange(len(bases))
        self._members = np.array([s + n for s in bases for n in range(1, slots[s].joins + 1)], np.intp)
        counts = np.array([slots[s].joins for s in bases], np.intp)
        self._starts = np.cumsum(counts) - counts
        self._counts = counts
        self._on = np.zeros(len(bases), np.bool_)
        self.concerned: Bools = np.zeros(len(slots), np.bool_)
        """(slots,) whether it is ever one that shows such a picture, or is in one."""
        self.concerned[self._bases] = self.concerned[self._members] = True
        self.shown: Indices = np.full(len(slots), -1)
        """(slots,) the number of the joined drawing that each shows, -1: its own."""
        self.within: Bools = np.zeros(len(slots), np.bool_)
        """(slots,) whether it is in the picture that another shows."""

    def drawings(self, slots: slice) -> set[int]:
        """The numbers of the joined drawings that these slots may show."""
        own = (self._bases >= slots.start) & (self._bases < slots.stop)
        return set(self._drawing[own].tolist())

    def update(self, picks: I32, weights: F32, fade: F32) -> Bools:
        """Learn what the slots are to show, as in `SlotRows.update`; (slots,) those that change with it."""
        changed = np.zeros(len(self.shown), np.bool_)
        if not len(self._bases):
            return changed
        whole = (picks[:, 0] == 0) & (weights[:, 0] == 1.0)
        members = (whole & (fade == 1.0))[self._members]
        on = whole[self._bases] & np.logical_and.reduceat(members, self._starts)
        other = on != self._on
        if other.any():
            self._on = on
            within = np.repeat(on, self._counts)
            self.shown[self._bases] = np.where(on, self._drawing, -1)
            self.within[self._members] = within
            changed[self._bases[other]] = True
            changed[self._members[np.repeat(other, self._counts)]] = True
        return changed
