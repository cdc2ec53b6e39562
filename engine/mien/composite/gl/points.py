"""Square tiles for the GPU: a point each, in one buffer, made once and refilled.

A point of a tile's size is one primitive of one corner. Of a rectangle the processor shades four corners, and
what lies on the diagonal between its two triangles twice: at 16 pixels 25 % of the time of a tile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.types import F32

FLOATS: Final = 10
"""Of a point: x and y of its centre, and eight numbers."""
_CAPACITY: Final = 1 << 14
"""Points in the buffer. More are sent in parts."""
NO_POINTS: Final = np.zeros((0, FLOATS), np.float32)


class Points:
    """The points of one frame, on the GPU as far as they fit."""

    def __init__(self, ctx: moderngl.Context, functions: Functions, counters: Counters) -> None:
        self._functions = functions
        self._counters = counters
        self.vertices = ctx.buffer(reserve=_CAPACITY * 4 * FLOATS, dynamic=True)
        counters.allocations += 1
        self._all: F32 = NO_POINTS
        self._first = self._end = 0

    def send(self, points: F32) -> None:
        """Put these, (n, FLOATS) float32, on the GPU in the place of all others."""
        if points.shape == self._all.shape and self._first == 0 and np.array_equal(points, self._all):
            return  # the same tiles of the same rows: of a frame in which all moves most often
        self._all = points
        self._load(0)

    def loaded(self, which: range) -> Iterator[tuple[int, int]]:
        """Where in the buffer they are: as `Quads.loaded`."""
        start = which.start
        while start < which.stop:
            if not self._first <= start < self._end:
                self._load(start)
            end = min(which.stop, self._end)
            yield start - self._first, end - start
            start = end

    def release(self) -> None:
        """Free the buffer."""
        self.vertices.release()
        self._counters.freed += 1

    def _load(self, first: int) -> None:
        part = self._all[first : first + _CAPACITY]
        self._first, self._end = first, first + len(part)
        if len(part):
            self._functions.write_buffer(self.vertices, part)
            self._counters.uploaded(part.nbytes)
