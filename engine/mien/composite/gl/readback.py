"""From the target to memory: only what was drawn since the last time."""

from __future__ import annotations

from typing import Final

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.composite.gl.rectangles import Rectangle, as_rectangles, fewer
from mien.types import I32, U8, Size

_MOST_UNREAD: Final = 256
"""Rectangles remembered until somebody reads; a window never does."""


class Readback:
    """The picture of a target of this size."""

    def __init__(
        self, functions: Functions, target: moderngl.Framebuffer, size: Size, counters: Counters
    ) -> None:
        self._functions, self._target, self._size, self._counters = functions, target, size, counters
        self._unread: list[Rectangle] = []
        self.picture: U8 = np.zeros((size.height, size.width, 4), np.uint8)
        """(h, w, 4) uint8, as of the last `update`."""

    def drawn(self, spans: I32) -> None:
        """These rectangles (n, 4) of the target are new."""
        self._counters.pixels += int(((spans[:, 2] - spans[:, 0]) * (spans[:, 3] - spans[:, 1])).sum())
        self._unread += as_rectangles(spans)
        if len(self._unread) > _MOST_UNREAD:
            self._unread = fewer(self._unread)

    def update(self) -> U8:
        """Bring `picture` up to date and return it. Waits for the GPU if anything was drawn."""
        if self._unread:
            self._read(self.picture, fewer(self._unread))
            self._unread = []
        return self.picture

    def read_into(self, out: U8) -> None:
        """The whole target. Waits for the GPU. Raises ValueError for another shape, type or layout."""
        if out.shape != self.picture.shape or out.dtype != np.uint8 or not out.flags.c_contiguous:
            raise ValueError(
                f"reading needs a contiguous {self.picture.shape} uint8 array, not {out.shape} {out.dtype}"
            )
        self._read(out, [(0, 0, *self._size)])

    def _read(self, out: U8, rects: list[Rectangle]) -> None:
        self._target.use()
        self._functions.read(out, rects)
        self._counters.reads += len(rects)
        self._counters.read_bytes += 4 * sum(
            (right - left) * (bottom - top) for left, top, right, bottom in rects
        )
