"""Rectangles for the GPU: gathered as values, then in one buffer, made once and refilled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import moderngl
import numpy as np
import numpy.typing as npt

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.composite.gl.vertex_store import VertexStore
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


class Quads(VertexStore):
    """The rectangles of one frame: (n, 4, FLOATS) float32, the `corners` of a `QuadList`."""

    def __init__(self, ctx: moderngl.Context, functions: Functions, counters: Counters) -> None:
        super().__init__(ctx, functions, counters, _CAPACITY, 4 * 4 * FLOATS)
        order = np.arange(_CAPACITY, dtype=np.uint32)[:, None] * 4 + _TRIANGLES
        self.indices = ctx.buffer(order.astype(np.uint32))
        counters.allocations += 1

    def release(self) -> None:
        """Free the buffers."""
        super().release()
        self.indices.release()
        self._counters.freed += 1
