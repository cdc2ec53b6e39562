"""Frame rows: what is drawn in one frame, as one block of floats that shaders read as it is.

A row is 16 vec4 of float32, bottom row first. It is the only thing that crosses to the GPU in a frame.

| vec4 | contents |
|---|---|
| 0 | bounds on the frame: left, top, right, bottom; whole pixels, inside the frame, never empty |
| 1 | inverse affine, frame to canvas, x: a, c, tx; then the opacity |
| 2 | inverse affine, y: b, d, ty; then the blend code (`mien.types.Blend`) |
| 3 | tint: straight red, green, blue, alpha |
| 4 | clipped rows that follow this one; 1 if this row is itself clipped; live taps (1..4); identity |
| 5 | weights of the four taps |
| 6, 8, 10, 12 | tap: mirror (1 or -1), u0, v0, page. u = mirror * x + u0, v = y + v0, in page pixels |
| 7, 9, 11, 13 | where the tap exists on its page: left, top, right, bottom, MARGIN past its region |
| 14 | mask: mirror, u0, v0, page; the content is multiplied with its alpha. Page NO_MASK: none |
| 15 | where the mask exists on its page, as for taps; beyond it the mask is 0 |

A page of 0 or more is an atlas page. Page -1 - k is the picture of the frame's surface k: see `FrameRows`.

The identity of a row is a number that grows from row to row within a frame. Rows of the same number in
successive frames are compared, so that only what differs is drawn again; it changes no pixel.

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

VEC4S: Final = 16
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
IDENTITY: Final = 19
MASK: Final = slice(56, 64)
MASK_PAGE: Final = 59
NO_MASK: Final = -1000000.0
"""In the place of a mask's page: the row has no mask."""

MARGIN: Final = 1.5
"""Pixels that a tap reaches past its region: as far as a filter of two texels stays in the gutter."""

RGBA = tuple[float, float, float, float]

_UNSIZED: Final = Size(1, 1)


class FrameRows:
    """The rows of one frame. Allocated once, refilled every frame.

    Parameters: `capacity`, most rows ever; `size` of the frame in pixels; `clear`, the premultiplied RGBA
    that the frame starts with.

    A frame may have surfaces: further blocks of rows, each with its own size, composited over its own clear
    colour before anything that shows them. A tap on page -1 - k samples the picture of surface k, whose
    top left is (0, 0); a surface may tap only surfaces before it. That is how groups are drawn: isolated
    groups are a surface shown by one row, which has the group's opacity, blend mode, mask and clip; a
    pass-through group is a surface that holds its backdrop and its rows, shown with `Blend.PASS_THROUGH`.
    """

    __slots__ = (
        "_kept",
        "_kept_identity",
        "_next",
        "clear",
        "count",
        "hidden_total",
        "rows",
        "size",
        "surfaces",
    )

    def __init__(self, capacity: int, size: Size = _UNSIZED, clear: RGBA = (0.0, 0.0, 0.0, 0.0)) -> None:
        if capacity < 1:
            raise ValueError(f"a frame needs room for at least one row: capacity {capacity}")
        self.rows: F32 = np.zeros((capacity, FLOATS), np.float32)
        """(capacity, FLOATS) float32; the first `count` are drawn, bottom to top."""
        self.rows[:, MASK_PAGE] = NO_MASK
        self.count = 0
        """Rows in use."""
        self.size = Size(*size)
        self.clear = clear
        self.surfaces: tuple[FrameRows, ...] = ()
        """Blocks that taps on negative pages show, each after those that it taps. Set before the frame's
        compositor is opened: how many there are, their sizes and capacities stay."""
        self.hidden_total = 0
        """Layers hidden because their affine was NaN or infinite, since the beginning."""
        self._next = self._kept = self._kept_identity = 0

    @property
    def capacity(self) -> int:
        """Most rows the block holds."""
        return len(self.rows)

    def reset(self) -> None:
        """Forget all rows, those of the surfaces too."""
        self.count = self._next = self._kept = self._kept_identity = 0
        for surface in self.surfaces:
            surface.reset()

    def keep(self) -> None:
        """`rewind` will come back to here: the rows so far stay, frame after frame."""
        self._kept, self._kept_identity = self.count, self._next

    def rewind(self) -> None:
        """Forget the rows above those that were kept, and those of the surfaces."""
        self.count, self._next = self._kept, self._kept_identity
        for surface in self.surfaces:
            surface.rewind()

    def identities(self, count: int) -> int:
        """The first of `count` successive identities, for rows of which some may then be left out."""
        first = self._next
        self._next += count
        return first

    def add_surface(self, capacity: int, size: Size) -> int:
        """Give the frame one more surface, transparent, and return its number."""
        self.surfaces = (*self.surfaces, FrameRows(capacity, size))
        return len(self.surfaces) - 1

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
