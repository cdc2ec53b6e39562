"""What cannot be drawn is refused here, before any GL call."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np

from mien.composite.rows import BLEND, BOUNDS, IDENTITY, MASK_PAGE, NO_MASK, TAP_COUNT, TAPS, FrameRows
from mien.errors import FrameFull, PageMissing, RendererUnavailable
from mien.types import F32, MAX_TAPS, Blend, Size

_PAGES = np.arange(TAPS.start + 3, TAPS.stop, 8)


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


def check_limits(
    ctx: moderngl.Context, size: Size, page: Size, page_count: int, max_rows: int, surface_count: int
) -> None:
    """Raises ValueError when the renderer cannot hold what is asked for; RendererUnavailable as above."""
    check_renderer(ctx)
    largest, layers = int(ctx.info["GL_MAX_TEXTURE_SIZE"]), int(ctx.info["GL_MAX_ARRAY_TEXTURE_LAYERS"])
    for what, value, limit, remedy in (
        ("a frame's side", max(size) + (2 if surface_count else 0), largest, "draw a smaller frame"),
        ("an atlas page's side", max(page), largest, "draw a smaller frame, or split its largest drawing"),
        ("the most rows of a frame", max_rows, largest, "open it for fewer rows"),
        ("the number of atlas pages", page_count, layers, "draw a smaller frame, or set a page budget"),
        ("the number of surfaces", surface_count, layers, "merge groups of the art"),
    ):
        if value > limit:
            raise ValueError(f"{what}: {value} is more than this renderer's {limit}; {remedy}")
    if min(*size, *page, max_rows) < 1 or page_count < 0:
        raise ValueError(
            f"sizes must be at least 1: frame {tuple(size)}, page {tuple(page)}, rows {max_rows}"
        )


def check_frame(frame: FrameRows, size: Size, surfaces: Sequence[Size], capacities: Sequence[int]) -> None:
    """Raises FrameFull or ValueError for a frame that the compositor was not opened for."""
    if frame.size != size:
        raise ValueError(f"the frame is {tuple(frame.size)} and the compositor {tuple(size)}")
    if [surface.size for surface in frame.surfaces] != list(surfaces):
        raise ValueError(
            f"the frame has surfaces of {[tuple(s.size) for s in frame.surfaces]} and the compositor was "
            f"opened for {[tuple(s) for s in surfaces]}: open it with surfaces=frame.surfaces"
        )
    for block, capacity in zip((*frame.surfaces, frame), capacities, strict=True):
        if block.count > capacity:
            raise FrameFull(
                f"{block.count} rows in a frame and room for {capacity}: open the compositor with more"
            )


def check_rows(surface_count: int, page_count: int, size: Size, rows: F32) -> None:
    """Raises PageMissing or ValueError for rows that a block of this size cannot show.

    `surface_count`: those that it may tap.
    """
    if not len(rows):
        return
    if not np.isfinite(rows).all():
        broken = int(rows[np.argmin(np.isfinite(rows).all(axis=1)), IDENTITY])
        raise ValueError(f"the row of identity {broken} holds NaN or infinity: leave such rows out")
    bounds, taps = rows[:, BOUNDS], rows[:, TAP_COUNT]
    if (bounds[:, :2] < 0).any() or (bounds[:, 2:] > size).any() or taps.min() < 0 or taps.max() > MAX_TAPS:
        raise ValueError(f"a row has bounds outside {tuple(size)}, or not 0 to {MAX_TAPS} taps")
    masks = rows[:, MASK_PAGE]
    pages = rows[:, _PAGES]
    low = min(pages.min(), np.where(masks == NO_MASK, 0.0, masks).min())
    high = max(pages.max(), masks.max())
    # The pages of taps that are not live are zeros, and an atlas without pages has one that is empty.
    if high >= max(1, page_count):
        raise PageMissing(f"a row names page {high:g} and the atlas has {page_count} pages")
    if low < -surface_count:
        raise PageMissing(
            f"a row names surface {-1 - low:g}, and {surface_count} surfaces come before what it is drawn on"
        )
    if not 0 <= rows[:, BLEND].max() < len(Blend):
        raise ValueError(f"a row has the blend code {rows[:, BLEND].max():g}, which is not in Blend")
