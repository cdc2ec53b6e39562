"""What stands in for a drawing whose page is not on the GPU yet: what its slot showed before."""

from __future__ import annotations

import numpy as np

from mien.types import I32, MAX_MIXED, Bools, Pose


class StandIns:
    """Keeps the drawings of one character that were shown last.

    Parameters: `table`, the page of each drawing of each slot, as in `PageNeeds`.
    """

    def __init__(self, table: I32) -> None:
        count = len(table)
        self._table = table
        self._slots = np.arange(count)[:, None]
        self._picks = np.full((count, MAX_MIXED), -1, np.int32)
        self._weights = np.zeros((count, MAX_MIXED), np.float32)
        self._since = np.full(count, -1)
        self.missing: frozenset[int] = frozenset()
        """Pages that the last pose asked for and that were not here."""
        self.begun = 0
        """Slots that began to show an older drawing with the last pose: misses, each counted once."""
        self.ended: list[int] = []
        """For how many samples they had, of those that the last pose put right."""

    def pages_of(self, pose: Pose) -> frozenset[int]:
        """The pages that a pose shows."""
        live = (pose.picks >= 0) & (pose.weights > 0.0)
        return frozenset(self._table[self._slots, np.where(live, pose.picks, -1)][live].tolist())

    def settle(self, pose: Pose, here: Bools, at: int) -> None:
        """Put what can be shown in the place of what cannot, in the pose of sample `at`.

        `here`: (pages,) bool. A slot that lacks any of the drawings it is to mix keeps all that it showed.
        """
        live = (pose.picks >= 0) & (pose.weights > 0.0)
        pages = self._table[self._slots, np.where(live, pose.picks, -1)]
        absent = live & ~here[pages]
        lacking = absent.any(axis=1)
        since = self._since
        self.begun, self.ended = 0, []
        if lacking.any():
            self.missing = frozenset(pages[absent].tolist())
            pose.picks[lacking] = self._picks[lacking]
            pose.weights[lacking] = self._weights[lacking]
            fresh = lacking & (since < 0)
            since[fresh] = at
            self.begun = int(np.count_nonzero(fresh))
        else:
            self.missing = frozenset()
        right = (since >= 0) & ~lacking
        if right.any():
            self.ended = (at - since[right]).tolist()
            since[right] = -1
        np.copyto(self._picks, pose.picks)
        np.copyto(self._weights, pose.weights)
