"""Frame rows: what is drawn in one frame, as one block of floats that shaders read as it is.

A row is 16 vec4 of float32, bottom row first. It is the only thing that crosses to the GPU in a frame. `ROW`
is the layout and stands nowhere else: the columns below and the accessors of the shaders (see
`composite/gl/generated_source.py`) follow from it.

A page of 0 or more is an atlas page. Page -1 - k is the picture of the frame's offscreen layer k: see
`FrameRows`.

The identity of a row is a number that grows from row to row within a frame. Rows of the same number in
successive frames are compared, so that only what differs is drawn again; it changes no pixel.

Beyond its bounds a row has nothing to show: they are no crop. Those of a clipped row may end where its base
has nothing to show. Who moves or bends a base widens them as well.

A sample fades out over the last pixel inside its limits and is transparent beyond them. A region has two
pixels of gutter on its page, so filtering inside the limits never reads a neighbour. Art that ends inside
its canvas has a transparent gutter and is not touched by the fade; art that the canvas cut has its edge
repeated there, and the fade keeps that edge smooth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mien.arguments import is_number, refuse, sides_of, whole_of
from mien.composite.warps import NO_WARPS, Warps
from mien.errors import FrameFull
from mien.types import F32, MAX_MIXED, Indices, Rect, Size

SAMPLE: Final = np.dtype(
    [
        ("mirror", np.float32),  # 1 or -1
        ("origin", np.float32, 2),  # u = mirror * x + origin[0], v = y + origin[1], in page pixels
        ("page", np.float32),
        (
            "limits",
            np.float32,
            4,
        ),  # where it exists on its page: left, top, right, bottom; MARGIN past its region
    ]
)
"""One drawing that a row shows: where it lies on its page."""

ROW: Final = np.dtype(
    [
        (
            "bounds",
            np.float32,
            4,
        ),  # on the frame: left, top, right, bottom; whole, inside the frame, not empty
        ("inverse_x", np.float32, 3),  # frame to canvas, x: a, c, tx
        ("opacity", np.float32),  # 0..1
        ("inverse_y", np.float32, 3),  # frame to canvas, y: b, d, ty
        ("blend", np.float32),  # a code of `mien.types.Blend`
        ("tint", np.float32, 4),  # straight red, green, blue, alpha
        ("clipped_rows", np.float32),  # how many clipped rows come after this one
        ("clipped", np.float32),  # 1 for a row that is itself clipped
        ("sample_count", np.float32),  # live samples, 1..MAX_MIXED
        ("identity", np.float32),
        ("weights", np.float32, MAX_MIXED),  # of the samples
        ("samples", SAMPLE, MAX_MIXED),
        # The content is multiplied with its alpha, which is 0 beyond its limits. What its mirror is more than
        # 1 or less than -1 is the number of the warp that bends the row, see `WARP`.
        ("mask", SAMPLE),
    ]
)
"""A row, field by field. No field lies across two vec4."""

_FLOAT: Final = np.dtype(np.float32).itemsize


def _columns(layout: np.dtype[np.void], name: str) -> slice:
    """The floats of a field."""
    field, offset = layout.fields[name][:2] if layout.fields else (layout, 0)
    return slice(offset // _FLOAT, (offset + field.itemsize) // _FLOAT)


FLOATS: Final = ROW.itemsize // _FLOAT
"""Floats in a row."""
VEC4S: Final = FLOATS // 4
"""vec4s in a row."""

BOUNDS: Final = _columns(ROW, "bounds")
INVERSE_X: Final = _columns(ROW, "inverse_x")
OPACITY: Final = _columns(ROW, "opacity").start
INVERSE_Y: Final = _columns(ROW, "inverse_y")
BLEND: Final = _columns(ROW, "blend").start
TINT: Final = _columns(ROW, "tint")
CLIPPED_ROWS: Final = _columns(ROW, "clipped_rows").start
CLIPPED: Final = _columns(ROW, "clipped").start
SAMPLE_COUNT: Final = _columns(ROW, "sample_count").start
IDENTITY: Final = _columns(ROW, "identity").start
WEIGHTS: Final = _columns(ROW, "weights")
SAMPLES: Final = _columns(ROW, "samples")
MASK: Final = _columns(ROW, "mask")

SAMPLE_FLOATS: Final = SAMPLE.itemsize // _FLOAT
"""Floats in a sample. Of those, counted from its beginning:"""
MIRROR: Final = _columns(SAMPLE, "mirror").start
ORIGIN: Final = _columns(SAMPLE, "origin")
PAGE: Final = _columns(SAMPLE, "page").start
LIMITS: Final = _columns(SAMPLE, "limits")

EACH_SAMPLE: Final = tuple(
    slice(start, start + SAMPLE_FLOATS) for start in range(SAMPLES.start, SAMPLES.stop, SAMPLE_FLOATS)
)
"""The columns of the first sample, of the second..."""
SAMPLE_PAGES: Final = [sample.start + PAGE for sample in EACH_SAMPLE]
MASK_PAGE: Final = MASK.start + PAGE
WARP: Final = MASK.start + MIRROR
"""Which of the frame's `warps` bends the row, counted from 1, and one more; also the mask's mirror: below 0
for a mirrored mask, and 0 without mask and warp. It has no column of its own, so that rows stay what they
were."""

NO_MASK: Final = -1000000.0
"""In the place of a mask's page: the row has no mask."""

MARGIN: Final = 1.5
"""Pixels that a sample reaches past its region: as far as a filter of two texels stays in the gutter."""

RGBA = tuple[float, float, float, float]
TRANSPARENT: Final[RGBA] = (0.0, 0.0, 0.0, 0.0)

_UNSIZED: Final = Size(1, 1)
_MOST_ROWS: Final = 1 << 22
"""A GiB of them."""
_MOST_SIDE: Final = 1 << 20


class FrameRows:
    """The rows of one frame. Allocated once, refilled every frame.

    Parameters: `capacity`, most rows ever; `size` of the frame in pixels; `clear`, the premultiplied RGBA
    that the frame starts with.

    A frame may have offscreen layers: further blocks of rows, each with its own size, composited over its
    own clear colour before anything that shows them. A sample of page -1 - k is of the picture of layer k,
    whose top left is (0, 0); a layer may show only layers before it. That is how groups are drawn: isolated
    groups are an offscreen layer shown by one row, which has the group's opacity, blend mode, mask and clip;
    a pass-through group is a layer that holds its backdrop and its rows, shown with `Blend.PASS_THROUGH`.
    """

    __slots__ = (
        "_kept",
        "_kept_identity",
        "_next",
        "clear",
        "count",
        "hidden_total",
        "offscreens",
        "rows",
        "size",
        "warp_cells",
        "warps",
    )

    def __init__(self, capacity: int, size: Size = _UNSIZED, clear: RGBA = TRANSPARENT) -> None:
        capacity = whole_of("capacity", capacity, 1, _MOST_ROWS, f"room for 1 to {_MOST_ROWS} rows")
        self.size = sides_of("size", size, 0, _MOST_SIDE, f"width and height, each up to {_MOST_SIDE} pixels")
        if not isinstance(clear, Sequence) or len(clear) != 4 or not all(map(is_number, clear)):
            refuse("clear", clear, "red, green, blue and alpha")
        self.rows: F32 = np.zeros((capacity, FLOATS), np.float32)
        """(capacity, FLOATS) float32; the first `count` are drawn, bottom to top."""
        self.rows[:, MASK_PAGE] = NO_MASK
        self.count = 0
        """Rows in use."""
        self.clear = clear
        self.offscreens: tuple[FrameRows, ...] = ()
        """Blocks that samples of negative pages show, each after those that it shows itself. Set before the
        frame's compositor is opened: how many there are, their sizes and capacities stay."""
        self.warps: Warps = NO_WARPS
        """What bends rows of this frame and of its offscreen layers: those whose `WARP` says so."""
        self.warp_cells = 0
        """Most cells that `warps` will ever have. Set before the frame's compositor is opened."""
        self.hidden_total = 0
        """Layers hidden because their affine was NaN or infinite, since the beginning."""
        self._next = self._kept = self._kept_identity = 0

    @property
    def capacity(self) -> int:
        """Most rows the block holds."""
        return len(self.rows)

    def reset(self) -> None:
        """Forget all rows, those of the offscreen layers too, and the warps."""
        self.count = self._next = self._kept = self._kept_identity = 0
        self.warps = NO_WARPS
        for offscreen in self.offscreens:
            offscreen.reset()

    def keep(self) -> None:
        """`rewind` will come back to here: the rows so far stay, frame after frame."""
        self._kept, self._kept_identity = self.count, self._next

    def rewind(self) -> None:
        """Forget the rows above those that were kept, those of the offscreen layers, and the warps."""
        self.count, self._next = self._kept, self._kept_identity
        self.warps = NO_WARPS
        for offscreen in self.offscreens:
            offscreen.rewind()

    def identities(self, count: int) -> int:
        """The first of `count` successive identities, for rows of which some may then be left out."""
        first = self._next
        self._next += count
        return first

    def add_offscreen(self, capacity: int, size: Size) -> int:
        """Give the frame one more offscreen layer, transparent, and return its number."""
        self.offscreens = (*self.offscreens, FrameRows(capacity, size))
        return len(self.offscreens) - 1

    def add_warps(self, warps: Warps) -> int:
        """Have further warps; how many there were."""
        before = self.warps
        if not before.count:
            self.warps = warps
            return 0
        cells = np.concatenate((before.cells, warps.cells), axis=1)
        self.warps = Warps.of(warps.side, np.concatenate((before.spans, warps.spans)), cells)
        return before.count

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


def warp_numbers(rows: F32) -> Indices:
    """(n,) which warp bends each row (n, FLOATS), counted from 1; 0: none."""
    numbers: Indices = np.abs(rows[:, WARP]).astype(np.intp)
    return np.maximum(numbers - 1, 0, out=numbers)


def sample_values(
    page: float, origin: tuple[float, float], region: Rect, mirror: float = 1.0
) -> tuple[float, ...]:
    """The SAMPLE_FLOATS of a sample of this region of a page, as they stand in a row."""
    limits = (
        region.x - MARGIN,
        region.y - MARGIN,
        region.x + region.width + MARGIN,
        region.y + region.height + MARGIN,
    )
    packed = np.array((mirror, origin, page, limits), SAMPLE)
    values: tuple[float, ...] = tuple(packed[None].view(np.float32).tolist())
    return values


def offscreen_page(number: int) -> int:
    """The page by which a sample names an offscreen layer."""
    return -1 - number
