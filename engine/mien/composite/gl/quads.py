"""Rectangles for the GPU: gathered as values, then in one buffer, made once and refilled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import moderngl
import numpy as np
import numpy.typing as npt

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.types import F32, I32

FLOATS: Final = 10
"""Of a corner: x, y and eight numbers."""
_CAPACITY: Final = 8192
"""Rectangles in the buffer: a frame of two characters in which all moves has 600. More are sent in parts."""
_CORNERS = np.array(((0, 1), (2, 1), (0, 3), (2, 3)))
_TRIANGLES = np.array((0, 1, 2, 2, 1, 3), np.uint32)
_NONE: Final = np.zeros((0, 4, FLOATS), np.float32)


class QuadList:
    """Rectangles while they are gathered."""

    def __init__(self) -> None:
        self._parts: list[F32] = []
        self._count = 0

    def add(self, rects: I32, numbers: Sequence[npt.ArrayLike] | npt.NDArray[np.integer] = ()) -> range:
        """Add (n, 4) rectangles, each with up to eight numbers: arrays of n, or one (n, 8).

        Returns which they are.
        """
        part = np.zeros((len(rects), 4, FLOATS), np.float32)
        part[:, :, :2] = rects[:, _CORNERS]
        if isinstance(numbers, np.ndarray):
            part[:, :, 2:] = numbers[:, None]
        else:
            for place, number in enumerate(numbers, start=2):
                part[:, :, place] = np.asarray(number)[:, None]
        self._parts.append(part)
        begin = self._count
        self._count += len(part)
        return range(begin, self._count)

    def corners(self) -> F32:
        """(n, 4, FLOATS) float32: all that were added."""
        return np.concatenate(self._parts) if self._parts else _NONE


class Quads:
    """The rectangles of one frame, on the GPU as far as they fit."""

    def __init__(self, ctx: moderngl.Context, functions: Functions, counters: Counters) -> None:
        self._functions = functions
        self._counters = counters
        self.vertices = ctx.buffer(reserve=_CAPACITY * 4 * 4 * FLOATS, dynamic=True)
        order = np.arange(_CAPACITY, dtype=np.uint32)[:, None] * 4 + _TRIANGLES
        self.indices = ctx.buffer(order.astype(np.uint32))
        counters.allocations += 2
        self._all: F32 = _NONE
        self._first = self._end = 0

    def send(self, corners: F32) -> None:
        """Put these rectangles on the GPU in the place of all others. `corners`: of a `QuadList`."""
        self._all = corners
        self._load(0)

    def loaded(self, which: range) -> Iterator[tuple[int, int]]:
        """Where in the buffer they are, in their order: first and count, once, more often only where the
        buffer is too small; each part is there until the next is asked for."""
        start = which.start
        while start < which.stop:
            if not self._first <= start < self._end:
                self._load(start)
            end = min(which.stop, self._end)
            yield start - self._first, end - start
            start = end

    def release(self) -> None:
        """Free the buffers."""
        self.vertices.release()
        self.indices.release()
        self._counters.freed += 2

    def _load(self, first: int) -> None:
        part = self._all[first : first + _CAPACITY]
        self._first, self._end = first, first + len(part)
        if len(part):
            self._functions.write_buffer(self.vertices, part)
            self._counters.uploaded(part.nbytes)
