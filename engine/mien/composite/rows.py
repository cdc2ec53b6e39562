"""Frame rows: what is drawn in one frame, as one block of floats that shaders read as it is.

A row is 14 vec4 of float32, bottom row first. It is the only thing that crosses to the GPU in a frame.

| vec4 | contents |
|---|---|
| 0 | bounds on the frame: left, top, right, bottom; whole pixels, inside the frame, never empty |
| 1 | inverse affine, frame to canvas, x: a, c, tx; then the opacity |
| 2 | inverse affine, y: b, d, ty; then the blend code (`mien.types.Blend`) |
| 3 | tint: straight red, green, blue, alpha |
| 4 | clipped rows that follow this one; 1 if this row is itself clipped; live taps (1..4); 0 |
| 5 | weights of the four taps |
| 6, 8, 10, 12 | tap: mirror (1 or -1), u0, v0, page. u = mirror * x + u0, v = y + v0, in page pixels |
| 7, 9, 11, 13 | where the tap exists on its page: left, top, right, bottom, MARGIN past its region |

A tap fades out over the last pixel inside those limits and is transparent beyond them. A region has two
pixels of gutter on its page, so filtering inside the limits never reads a neighbour. Art that ends inside
its canvas has a transparent gutter and is not touched by the fade; art that the canvas cut has its edge
repeated there, and the fade keeps that edge smooth.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.errors import FrameFull
from mien.types import F32, Size

VEC4S: Final = 14
"""vec4s in a row."""
FLOATS: Final = 4 * VEC4S
"""Floats in a row."""

BOUNDS: Final = slice(0, 4)
INVERSE_X: Final = slice(4, 7)
OPACITY: Final = 7
INVERSE_Y: Final = slice(8, 11)
BLEND: Final = 11
TINT: Final = slice(12, 16)
FOLLOWERS: Final = 16
CLIPPED: Final = 17
TAP_COUNT: Final = 18
WEIGHTS: Final = slice(20, 24)
TAPS: Final = slice(24, 56)

MARGIN: Final = 1.5
"""Pixels that a tap reaches past its region: as far as a filter of two texels stays in the gutter."""

RGBA = tuple[float, float, float, float]

_UNSIZED: Final = Size(1, 1)


class FrameRows:
    """The rows of one frame. Allocated once, refilled every frame.

    Parameters: `capacity`, most rows ever; `size` of the frame in pixels; `clear`, the premultiplied RGBA
    that the frame starts with.
    """

    __slots__ = ("clear", "count", "fixed", "hidden_total", "rows", "size")

    def __init__(self, capacity: int, size: Size = _UNSIZED, clear: RGBA = (0.0, 0.0, 0.0, 0.0)) -> None:
        if capacity < 1:
            raise ValueError(f"a frame needs room for at least one row: capacity {capacity}")
        self.rows: F32 = np.zeros((capacity, FLOATS), np.float32)
        """(capacity, FLOATS) float32; the first `count` are drawn, bottom to top."""
        self.count = 0
        """Rows in use. May be set back to keep the rows below it and refill the rest."""
        self.fixed = 0
        """Rows at the bottom that stay as they are, so that a renderer may keep what they look like. It must
        not be more than `count`, nor end within a clip group. Changing them is right, only slower."""
        self.size = Size(*size)
        self.clear = clear
        self.hidden_total = 0
        """Layers hidden because their affine was NaN or infinite, since the beginning."""

    @property
    def capacity(self) -> int:
        """Most rows the block holds."""
        return len(self.rows)

    def reset(self) -> None:
        """Forget all rows."""
        self.count = self.fixed = 0

    def claim(self, count: int) -> F32:
        """The next `count` rows, (count, FLOATS) float32, for the caller to fill. Raises FrameFull."""
        start, end = self.count, self.count + count
        if end > self.rows.shape[0]:
            raise FrameFull(
                f"the frame has room for {self.rows.shape[0]} rows and {end} are needed: "
                f"open it with a capacity of at least {end}, or show fewer characters"
            )
        self.count = end
        return self.rows[start:end]
