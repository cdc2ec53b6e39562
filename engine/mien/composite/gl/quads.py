"""Rectangles for the GPU: one buffer, made once, refilled when something is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import moderngl
import numpy as np
import numpy.typing as npt

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.types import F32, I32

if TYPE_CHECKING:
    from mien.composite.gl.programs import Program

FLOATS: Final = 10
"""Of a corner: x, y and eight numbers."""
_CAPACITY: Final = 8192
"""Rectangles in the buffer: a frame of two characters in which all moves has 600. More are sent in parts."""
_CORNERS = np.array(((0, 1), (2, 1), (0, 3), (2, 3)))
_TRIANGLES = np.array((0, 1, 2, 2, 1, 3), np.uint32)


class Quads:
    """The rectangles of one frame: gathered, then drawn by ranges."""

    def __init__(self, ctx: moderngl.Context, functions: Functions, counters: Counters) -> None:
        self._functions = functions
        self._counters = counters
        self.vertices = ctx.buffer(reserve=_CAPACITY * 4 * 4 * FLOATS, dynamic=True)
        order = np.arange(_CAPACITY, dtype=np.uint32)[:, None] * 4 + _TRIANGLES
        self.indices = ctx.buffer(order.astype(np.uint32))
        counters.allocations += 2
        self._parts: list[F32] = []
        self._count = 0
        self._all: F32 = np.zeros((0, 4, FLOATS), np.float32)
        self._first = self._end = 0

    def add(self, rects: I32, numbers: Sequence[npt.ArrayLike] | I32 = ()) -> int:
        """Add (n, 4) rectangles, each with up to eight numbers: arrays of n, or one (n, 8).

        Returns where they begin.
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
        return begin

    def send(self) -> None:
        """All are added: put them on the GPU, as far as they fit."""
        self._all = np.concatenate(self._parts) if self._parts else self._all[:0]
        self._parts.clear()
        self._count = 0
        self._load(0)

    def abandon(self) -> None:
        """Forget what was added."""
        self._parts.clear()
        self._count = 0

    def draw(self, program: Program, start: int, stop: int) -> None:
        """Draw rectangles start..stop-1 in their order: one call, more only where the buffer is too small."""
        while start < stop:
            if not self._first <= start < self._end:
                self._load(start)
            end = min(stop, self._end)
            program.draw_quads(start - self._first, end - start)
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
