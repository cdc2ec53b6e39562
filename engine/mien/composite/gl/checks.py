"""What cannot be drawn is refused here, before any GL call."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from operator import itemgetter

import moderngl
import numpy as np

from mien.arguments import refuse, sides_of, whole_of
from mien.composite.rows import (
    BLEND,
    BOUNDS,
    IDENTITY,
    MASK_PAGE,
    NO_MASK,
    SAMPLE_COUNT,
    SAMPLE_PAGES,
    WARP,
    FrameRows,
)
from mien.composite.warps import Warps, cell_side
from mien.errors import FrameFull, PageMissing, RendererUnavailable
from mien.types import F32, MAX_MIXED, Blend, Size

_SAMPLE_PAGES_OF, _PAGES_OF = itemgetter(*SAMPLE_PAGES), itemgetter(*SAMPLE_PAGES, MASK_PAGE)
_MOST_NAME = 2**32 - 1
_MOST_PIXELS = 1 << 20


def check_renderer(ctx: moderngl.Context) -> None:
    """Raises RendererUnavailable for OpenGL ES, or an OpenGL older than 3.3."""
    version = str(ctx.info["GL_VERSION"])
    if version.startswith("OpenGL ES"):
        raise RendererUnavailable(
            f"this GL context is {version}, and Mien needs desktop OpenGL 3.3: ask your window library for "
            "an OpenGL context, not for OpenGL ES (in EGL: eglBindAPI with EGL_OPENGL_API)"
        )
    if ctx.version_code < 330:
        raise RendererUnavailable(
            f"this GL context is OpenGL {version}, and Mien needs 3.3: ask for a core context of 3.3, or "
            "update the GL driver"
        )


def size_of(name: str, size: object) -> Size:
    """Width and height in pixels; how large they may be is asked later. Raises ScriptError, a ValueError."""
    return sides_of(name, size, -_MOST_PIXELS, _MOST_PIXELS, "width and height, whole numbers of pixels")


def count_of(name: str, count: object) -> int:
    """How many of something, as far as that can be. Raises ScriptError, a ValueError."""
    return whole_of(name, count, -_MOST_NAME, _MOST_NAME, "a whole number")


def check_limits(
    ctx: moderngl.Context, size: Size, page: Size, page_count: int, max_rows: int, offscreen_count: int
) -> None:
    """Raises ValueError when the renderer cannot hold what is asked for; RendererUnavailable as above."""
    check_renderer(ctx)
    largest, layers = int(ctx.info["GL_MAX_TEXTURE_SIZE"]), int(ctx.info["GL_MAX_ARRAY_TEXTURE_LAYERS"])
    for what, value, limit, remedy in (
        ("a frame's side", max(size) + (2 if offscreen_count else 0), largest, "draw a smaller frame"),
        ("an atlas page's side", max(page), largest, "draw a smaller frame, or split its largest drawing"),
        ("the most rows of a frame", max_rows, largest, "open it for fewer rows"),
        ("the number of atlas pages", page_count, layers, "draw a smaller frame, or set a page budget"),
        ("the number of offscreen layers", offscreen_count, layers, "merge groups of the art"),
    ):
        if value > limit:
            raise ValueError(f"{what}: {value} is more than this renderer's {limit}; {remedy}")
    if min(*size, *page, max_rows) < 1 or page_count < 0:
        raise ValueError(
            f"sizes must be at least 1: frame {tuple(size)}, page {tuple(page)}, rows {max_rows}"
        )


def check_frame(frame: FrameRows, size: Size, offscreens: Sequence[Size], capacities: Sequence[int]) -> None:
    """Raises FrameFull or ValueError for a frame that the compositor was not opened for."""
    if frame.size != size:
        raise ValueError(f"the frame is {tuple(frame.size)} and the compositor {tuple(size)}")
    if [offscreen.size for offscreen in frame.offscreens] != list(offscreens):
        raise ValueError(
            f"the frame has offscreen layers of {[tuple(s.size) for s in frame.offscreens]} and the "
            f"compositor was opened for {[tuple(s) for s in offscreens]}: "
            "open it with offscreens=frame.offscreens"
        )
    for block, capacity in zip((*frame.offscreens, frame), capacities, strict=True):
        if block.count > capacity:
            raise FrameFull(
                f"{block.count} rows in a frame and room for {capacity}: open the compositor with more"
            )


def check_warps(warps: Warps, room: int, size: Size) -> None:
    """Raises FrameFull or ValueError for warps that a compositor of this frame size was not opened for."""
    if not warps.count:
        return
    if len(warps.table) > room:
        raise FrameFull(
            f"{len(warps.table)} cells of warps in a frame and room for {room}: open the compositor with "
            "warp_cells=frame.warp_cells"
        )
    if warps.side != cell_side(size):
        raise ValueError(
            f"the cells of warps are of {warps.side} pixels, and in a frame of {tuple(size)} they must be of "
            f"{cell_side(size)}: make them by warps.cell_side"
        )


def check_rows(offscreen_count: int, page_count: int, size: Size, rows: F32, warps: int = 0) -> None:
    """Raises PageMissing or ValueError for rows that a block of this size cannot show.

    `offscreen_count`: those that it may sample; `warps`: how many the frame has.
    """
    if not len(rows):
        return
    least, most = rows.min(axis=0).tolist(), rows.max(axis=0).tolist()
    # The sum of a NaN, or of an infinity, is none or the other: no float32 else is so large.
    if not isfinite(sum(least) + sum(most)):
        broken = int(rows[np.argmin(np.isfinite(rows).all(axis=1)), IDENTITY])
        raise ValueError(f"the row of identity {broken} holds NaN or infinity: leave such rows out")
    left, top, right, bottom = BOUNDS.start, BOUNDS.start + 1, BOUNDS.start + 2, BOUNDS.start + 3
    width, height = size
    if (
        min(least[left], least[top]) < 0
        or most[right] > width
        or most[bottom] > height
        or least[SAMPLE_COUNT] < 0
        or most[SAMPLE_COUNT] > MAX_MIXED
    ):
        raise ValueError(f"a row has bounds outside {tuple(size)}, or not 0 to {MAX_MIXED} samples")
    lowest, highest = min(_SAMPLE_PAGES_OF(least)), max(_PAGES_OF(most))
    if least[MASK_PAGE] != NO_MASK or most[MASK_PAGE] != NO_MASK:
        masks = rows[:, MASK_PAGE]
        lowest = min(lowest, float(np.where(masks == NO_MASK, 0.0, masks).min()))
    # The pages of samples that are not live are zeros, and an atlas without pages has one that is empty.
    if highest >= max(1, page_count):
        raise PageMissing(f"a row names page {highest:g} and the atlas has {page_count} pages")
    if lowest < -offscreen_count:
        raise PageMissing(
            f"a row names offscreen layer {-1 - lowest:g}, and {offscreen_count} offscreen layers come "
            "before what it is drawn on"
        )
    warp = max(-least[WARP], most[WARP]) - 1
    if warp > warps:
        raise ValueError(f"a row is bent by warp {warp:g}, and the frame has {warps}")
    if not 0 <= most[BLEND] < len(Blend):
        raise ValueError(f"a row has the blend code {most[BLEND]:g}, which is not in Blend")


def framebuffer_name(framebuffer: object) -> int:
    """The GL name of what is to be drawn to. Raises ScriptError."""
    name = framebuffer.glo if isinstance(framebuffer, moderngl.Framebuffer) else framebuffer
    wanted = "a moderngl Framebuffer, or its GL name, 0 for a window's"
    return whole_of("the framebuffer to draw to", name, 0, _MOST_NAME, wanted)


def over_of(over: object) -> bool:
    """Whether a picture is blended over what is there. Raises ScriptError."""
    if not isinstance(over, bool | np.bool_):
        refuse("over", over, "True to blend over what is there, or False to take its place")
    return bool(over)


def viewport_of(viewport: object) -> tuple[int, int, int, int]:
    """(left, bottom, width, height) in pixels. Raises ScriptError."""
    wanted = f"left, bottom, width and height in pixels, up to {_MOST_PIXELS}, the last two 0 or more"
    if isinstance(viewport, str) or not isinstance(viewport, Sequence) or len(viewport) != 4:
        refuse("viewport", viewport, wanted)
    left, bottom, width, height = (
        whole_of("viewport", side, least, _MOST_PIXELS, wanted)
        for side, least in zip(viewport, (-_MOST_PIXELS, -_MOST_PIXELS, 0, 0), strict=True)
    )
    return left, bottom, width, height
