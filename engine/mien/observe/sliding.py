"""The share of frames dropped in a sliding second."""

from __future__ import annotations

from mien.observe.histogram import Histogram


class SlidingShare:
    """Percent of the last `window` frames of the schedule that were dropped, after every one of them.

    Counted from when a whole window has passed; before that, `worst` is the share of what there was.
    """

    def __init__(self, window: int) -> None:
        self._dropped = bytearray(max(1, window))
        self._seen = 0
        self._now = 0
        self._percent = Histogram()

    def add(self, dropped: int) -> None:
        """A frame was shown, behind so many that were dropped."""
        if dropped:
            self.drop(dropped)
        self._step(0)

    def drop(self, dropped: int) -> None:
        """So many frames were dropped."""
        # A long standstill drops whole windows: once one is full of drops, all further ones read 100 %.
        whole = max(0, dropped - len(self._dropped))
        for _ in range(dropped - whole):
            self._step(1)
        if whole:
            self._percent.add(100.0, whole)

    def totals(self) -> dict[str, float]:
        """Average, p95 and worst, in percent."""
        percent, size = self._percent, len(self._dropped)
        if not percent.count:
            share = 100.0 * self._now / max(1, min(self._seen, size))
            return {"average": round(share, 3), "p95": round(share, 3), "worst": round(share, 3)}
        return {
            "average": round(percent.mean, 3),
            "p95": round(percent.quantile(0.95), 3),
            "worst": round(percent.max, 3),
        }

    def _step(self, dropped: int) -> None:
        index = self._seen % len(self._dropped)
        self._now += dropped - self._dropped[index]
        self._dropped[index] = dropped
        self._seen += 1
        if self._seen >= len(self._dropped):
            self._percent.add(100.0 * self._now / len(self._dropped))
