"""Sound that has come and is not played yet, by position."""

from __future__ import annotations

from mien.types import F32


class Segments:
    """Stretches of samples in order of position, never overlapping, never empty."""

    def __init__(self) -> None:
        self.held = 0
        """Samples held."""
        self._segments: list[tuple[int, F32, int]] = []  # (start, samples, time of arrival)

    @property
    def first(self) -> int | None:
        """Position of the first sample held."""
        return self._segments[0][0] if self._segments else None

    def add(self, chunk: F32, at: int, now: int, since: int, capacity: int) -> int:
        """Keep what is new of (n,) float32 that came at time `now` with its first sample at position `at`,
        from position `since` on, and up to `capacity` held samples; how many samples that was."""
        end = at + len(chunk)
        cuts = [(max(at, since), end)]
        for known, samples, _ in self._segments:
            if known >= end:
                break
            left, right = cuts[-1]
            if known + len(samples) > left:
                cuts[-1:] = [(left, min(known, right)), (max(left, known + len(samples)), right)]
        kept = 0
        for left, right in cuts:
            right = min(right, left + capacity - self.held)
            if right > left:
                self._insert(left, chunk[left - at : right - at], now)
                kept += right - left
        return kept

    def read(self, position: int, n: int) -> tuple[F32, int]:
        """At most n samples, (m,) float32, from `position`, which is held, and when the first of them came;
        what is before it is gone."""
        start, samples, came = self._segments[0]
        offset = position - start
        out = samples[offset : offset + n]
        self.held -= len(out)
        if offset + len(out) == len(samples):
            del self._segments[0]
        else:
            # A view, not a copy: the chunk stays until its last sample is played.
            self._segments[0] = (position + len(out), samples[offset + len(out) :], came)
        return out, came

    def clear(self) -> None:
        """Drop everything."""
        self._segments.clear()
        self.held = 0

    def _insert(self, at: int, samples: F32, now: int) -> None:
        self.held += len(samples)
        index = len(self._segments)
        while index and self._segments[index - 1][0] > at:
            index -= 1
        self._segments.insert(index, (at, samples, now))
