"""The mark of a frame, as rows over everything else: it takes the way that all of a frame takes."""

from __future__ import annotations

import os
from time import perf_counter_ns
from typing import Final

import numpy as np

from mien.character import Drawing, Slot
from mien.composite import FrameRows
from mien.composite.slot_rows import WHITE, SlotRows
from mien.errors import ScriptError
from mien.frame_mark import ACROSS, DOWN, cells_of, mark_of, side_of
from mien.messages import quoted
from mien.types import I32, MAX_MIXED, U8, Bools, Rect, Size

STALLS: Final = "MIEN_STALLS"
"""The environment's variable of stalls to be put in, as `300:40,450:120.5`: while the mark with this number
is drawn the frame's thread is kept busy for so many milliseconds. Only stages with marks look at it."""
_MOST_MS: Final = 60_000
_WIDE: Final = 5
"""Cells of a drawing: two of them are a row of the mark."""
_PATTERNS: Final = 1 << _WIDE
_COLUMNS: Final = 4
"""Drawings side by side on the page."""
_GUTTER: Final = 2
"""Transparent pixels around each: a row shows one and a half of them."""
_PLACES: Final = DOWN * ACROSS // _WIDE
ROWS: Final = _PLACES
"""Of a frame, that a mark takes."""


class Marking:
    """Parameters: `size` of the frame; `page`, the number of the page that `pixels` go to, a square of
    `page_size`. Raises ScriptError where the frame is too small for a mark, or `STALLS` cannot be read."""

    def __init__(self, size: Size, page: int, page_size: int) -> None:
        side = side_of(size)
        if not side:
            raise ScriptError(
                f"marks=True needs frames of 40 x 32 pixels at least, and these are {size.width} x "
                f"{size.height}: leave it out, or open a larger stage."
            )
        self._stalls = _stalls()
        self.number = -1
        """Of the last drawing; -1 before the first."""
        self.pixels: U8 = np.zeros((page_size, page_size, 4), np.uint8)
        """(page_size, page_size, 4) uint8: the drawings."""
        self._slots = SlotRows(
            [Slot("mark", drawings, default=0, joint=0) for drawings in self._drawings(side)],
            page,
        )
        self._world = np.tile(np.eye(2, 3), (_PLACES, 1, 1))
        self._picks: I32 = np.full((_PLACES, MAX_MIXED), -1, np.int32)
        self._weights = np.zeros((_PLACES, MAX_MIXED), np.float32)
        self._weights[:, 0] = 1.0
        self._fade = np.ones(_PLACES, np.float32)

    def add(self, frame: FrameRows, at: int) -> None:
        """Append the rows of the next mark, of a frame that shows sample `at`. Raises FrameFull."""
        self.number += 1
        self._picks[:, 0] = _patterns_of(cells_of(mark_of(self.number, at)))
        self._slots.append(frame, self._world, self._picks, self._weights, self._fade, 1.0, WHITE)
        if self.number in self._stalls:
            _keep_busy(self._stalls[self.number])

    def _drawings(self, side: int) -> list[tuple[Drawing, ...]]:
        """Of each place all patterns, which share what is drawn of them on the page."""
        wide, step = _WIDE * side, (_WIDE * side + 2 * _GUTTER, side + 2 * _GUTTER)
        regions = []
        for pattern in range(_PATTERNS):
            column, row = pattern % _COLUMNS, pattern // _COLUMNS
            x, y = column * step[0] + _GUTTER, row * step[1] + _GUTTER
            regions.append(Rect(x, y, wide, side))
            cells = [255 * (pattern >> (_WIDE - 1 - k) & 1) for k in range(_WIDE)]
            here = self.pixels[y : y + side, x : x + wide]
            here[..., :3] = np.repeat(np.array(cells, np.uint8), side)[None, :, None]
            here[..., 3] = 255
        return [
            tuple(
                Drawing(str(pattern), 0, region, (place % 2 * wide, place // 2 * side))
                for pattern, region in enumerate(regions)
            )
            for place in range(_PLACES)
        ]


def _patterns_of(cells: Bools) -> I32:
    """(_PLACES,) which drawing shows the cells of each place."""
    powers = 1 << np.arange(_WIDE - 1, -1, -1)
    patterns: I32 = (cells.reshape(_PLACES, _WIDE) @ powers).astype(np.int32)
    return patterns


def _stalls() -> dict[int, float]:
    told = os.environ.get(STALLS, "")
    try:
        parts = (part.split(":") for part in told.split(",") if part)
        stalls = {int(number): float(ms) for number, ms in parts}
        if not all(0 <= ms <= _MOST_MS for ms in stalls.values()):
            raise ValueError("a length that is none")
        return stalls
    except ValueError as error:
        raise ScriptError(
            f"the environment's {STALLS} is {quoted(told)}: write it as 300:40,450:120.5, numbers of marks "
            f"and milliseconds up to {_MOST_MS}."
        ) from error


def _keep_busy(ms: float) -> None:
    """As a slow frame does: nothing else of Python runs meanwhile."""
    until = perf_counter_ns() + round(ms * 1e6)
    while perf_counter_ns() < until:
        pass
