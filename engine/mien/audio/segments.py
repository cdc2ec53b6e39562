"""Sound that has come and is not played yet, by position."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final, NamedTuple

import numpy as np

from mien.types import F32

_GONE: Final = 64
"""Segments at the front that may be gone before the lists are cut, so that it costs each little."""


class _Segment(NamedTuple):
    samples: F32
    came: int
    """When, in samples of the session."""


class Segments:
    """Stretches of samples in order of position, never overlapping, never empty.

    However many there are, adding one and reading one take the same time: what comes in order is appended,
    its place is found by halving otherwise, and what has been read is cut off in one go, now and then.
    """

    def __init__(self) -> None:
        self.held = 0
        """Samples held."""
        self._starts: list[int] = []  # position of each segment's first sample
        self._segments: list[_Segment] = []
        self._gone = 0  # of both, at the front

    @property
    def first(self) -> int | None:
        """Position of the first sample held."""
        return self._starts[self._gone] if self._gone < len(self._starts) else None

    def add(self, chunk: F32, at: int, now: int, since: int, capacity: int) -> int:
        """Keep what is new of (n,) float32 that came at time `now` with its first sample at position `at`,
        from position `since` on, and up to `capacity` held samples; how many samples that was."""
        end, left = at + len(chunk), max(at, since)
        # From the last one that begins no later than the chunk: it is the first that may overlap it.
        index = max(self._gone, bisect_right(self._starts, left, self._gone) - 1)
        kept = 0
        while left < end and self.held < capacity:
            known = self._starts[index] if index < len(self._starts) else end
            if known > left:
                right = min(end, known, left + capacity - self.held)
                self._insert(index, left, _Segment(chunk[left - at : right - at], now))
                kept += right - left
                index, left = index + 1, right
            if index < len(self._starts) and self._starts[index] <= left:
                left = max(left, self._starts[index] + len(self._segments[index].samples))
                index += 1
        return kept

    def read(self, position: int, n: int) -> tuple[F32, int]:
        """At most n samples, (m,) float32, from `position`, which is held, and when the first of them came;
        what is before it is gone."""
        start, (samples, came) = self._starts[self._gone], self._segments[self._gone]
        offset = position - start
        out = samples[offset : offset + n]
        self.held -= len(out)
        if offset + len(out) == len(samples):
            self._drop_first()
        else:
            # A view, not a copy: the chunk stays until its last sample is played.
            self._starts[self._gone] = position + len(out)
            self._segments[self._gone] = _Segment(samples[offset + len(out) :], came)
        return out, came

    def drop_before(self, position: int) -> None:
        """Forget all that is before a position."""
        while (first := self.first) is not None and first < position:
            self.read(first, position - first)

    def clear(self) -> None:
        """Drop everything."""
        self._starts.clear()
        self._segments.clear()
        self.held = self._gone = 0

    def _insert(self, index: int, at: int, segment: _Segment) -> None:
        self._starts.insert(index, at)
        self._segments.insert(index, segment)
        self.held += len(segment.samples)

    def _drop_first(self) -> None:
        self._segments[self._gone] = _NOTHING
        self._gone += 1
        if self._gone > _GONE and 2 * self._gone > len(self._starts):
            del self._starts[: self._gone], self._segments[: self._gone]
            self._gone = 0


_NOTHING: Final = _Segment(np.zeros(0, np.float32), 0)
