"""A buffer of vertices, made once and refilled every frame, in parts where it is too small for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.types import F32


class VertexStore:
    """The shapes of one frame, on the GPU as far as they fit.

    Parameters: `capacity`, shapes in the buffer; `size`, bytes of each.
    """

    def __init__(
        self, ctx: moderngl.Context, functions: Functions, counters: Counters, capacity: int, size: int
    ) -> None:
        self._functions = functions
        self._counters = counters
        self._capacity = capacity
        self.vertices = ctx.buffer(reserve=capacity * size, dynamic=True)
        counters.allocations += 1
        self._all: F32 = np.zeros((0, 0), np.float32)
        self._first = self._end = 0

    def send(self, shapes: F32) -> None:
        """Put these, (n, ...) float32, on the GPU in the place of all others; not again what is there."""
        if self._first == 0 < self._end and shapes.shape == self._all.shape and (shapes == self._all).all():
            return
        self._all = shapes
        self._load(0)

    def loaded(self, which: range) -> Iterable[tuple[int, int]]:
        """Where in the buffer they are, in their order: first and count, once, more often only where the
        buffer is too small; each part is there until the next is asked for."""
        if self._first <= which.start < which.stop <= self._end:
            return ((which.start - self._first, which.stop - which.start),)
        return self._in_parts(which)

    def _in_parts(self, which: range) -> Iterator[tuple[int, int]]:
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
        part = self._all[first : first + self._capacity]
        self._first = self._end = first  # until it is written
        if len(part):
            self._functions.write_buffer(self.vertices, part)
            self._counters.uploaded(part.nbytes)
        self._end = first + len(part)
