"""The compositor on the GPU: frame rows to pixels in a target that persists."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

import moderngl
import numpy as np

from mien.composite.gl.programs import FULL, Programs
from mien.composite.gl.strategies import Fetch, Loop, Strategy
from mien.composite.rows import BLEND, BOUNDS, TAP_COUNT, TAPS, VEC4S, WEIGHTS, FrameRows
from mien.errors import Closed, FrameFull, PageMissing, WrongThread
from mien.types import F32, MAX_TAPS, U8, Blend, Size


@dataclass(slots=True)
class Counters:
    """What the compositor has done since it was opened. All only ever grow."""

    frames: int = 0
    draws: int = 0
    """Draw calls."""
    uploads: int = 0
    """Writes to the GPU: one per frame for its rows, one per page."""
    upload_bytes: int = 0
    page_uploads: int = 0
    """Those of them that were pages."""
    page_bytes: int = 0
    compiles: int = 0
    """Programs compiled."""
    allocations: int = 0
    """GL objects made: textures, framebuffers, vertex arrays, programs."""
    misses: int = 0
    """Taps whose page was not on the GPU when they were to be drawn; they show nothing."""


class Compositor:
    """Draws frame rows with pages held on the GPU. Belongs to the thread that opens it.

    Parameters: `ctx`, current on this thread; `size` of the frame; `page_size` of every atlas page (one
    number for square pages); `page_count`; `max_rows` in a frame; `strategy`, `auto` for the fastest that
    the renderer can do (`fetch` where the shader can read its target, else `loop`).
    The clear colour, rows and result are premultiplied, sRGB-encoded RGBA. Raises ValueError where the
    GPU cannot hold what is asked for.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        size: Size,
        page_size: int | tuple[int, int],
        page_count: int,
        max_rows: int,
        strategy: Literal["auto", "fetch", "loop"] = "auto",
    ) -> None:
        self._ctx = ctx
        self._thread = threading.get_ident()
        self._closed = False
        self.size = Size(*size)
        self.page_size = Size(page_size, page_size) if isinstance(page_size, int) else Size(*page_size)
        self.page_count = page_count
        self.max_rows = max_rows
        self.counters = Counters()
        self._resident = np.zeros(page_count, np.bool_)
        _check_limits(ctx, self.size, self.page_size, page_count, max_rows)
        self._owned: list[moderngl.Framebuffer | moderngl.Texture | moderngl.TextureArray] = []
        self._rows = ctx.texture((VEC4S, max_rows), 4, dtype="f4")
        self._pages = ctx.texture_array((*self.page_size, max(1, page_count)), 4)
        self._picture = ctx.texture(self.size, 4)
        self._target = ctx.framebuffer([self._picture])
        self._owned += [self._rows, self._pages, self._picture, self._target]
        self.counters.allocations += 4
        self._rows.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._programs = Programs(ctx, self.counters)
        wanted = Fetch if strategy == "fetch" or (strategy == "auto" and Fetch.available(ctx)) else Loop
        self._strategy: Strategy = wanted(ctx, self._programs, self._target, self.counters)
        self._show = self._programs.link(FULL, "show.frag.glsl", picture=0)

    @property
    def strategy(self) -> str:
        """`fetch` or `loop`."""
        return self._strategy.name

    def upload_page(self, index: int, pixels: U8) -> None:
        """Put a page on the GPU. `pixels`: (page height, page width, 4) uint8, premultiplied, y down."""
        self._check()
        if not 0 <= index < self.page_count:
            raise PageMissing(f"page {index} is not one of the {self.page_count} pages set aside")
        shape = (self.page_size.height, self.page_size.width, 4)
        if pixels.shape != shape or pixels.dtype != np.uint8:
            raise ValueError(f"page {index} must be {shape} uint8, not {pixels.shape} {pixels.dtype}")
        self._resident[index] = True
        self._strategy.forget()
        self._pages.write(np.ascontiguousarray(pixels), viewport=(0, 0, index, *self.page_size, 1))
        self.counters.uploads += 1
        self.counters.upload_bytes += pixels.nbytes
        self.counters.page_uploads += 1
        self.counters.page_bytes += pixels.nbytes

    def warm_up(self, screen: moderngl.Framebuffer | None = None) -> None:
        """Draw once with everything there is, so that nothing is compiled or allocated later.

        `screen`: where `blit_to` will go; its format is a variant of its own to a driver. It is cleared.
        """
        self._check()
        frame = FrameRows(self.max_rows, self.size)
        # A pixel of a row without weight: drivers finish a program when its first pixel is drawn.
        frame.rows[0, BOUNDS] = (0.0, 0.0, 1.0, 1.0)
        frame.rows[0, TAP_COUNT] = 1.0
        self._upload(frame)
        self._bind()
        self._strategy.warm_up()
        self.draw(frame)
        self.read_into(np.empty((self.size.height, self.size.width, 4), np.uint8))
        if screen is not None:
            self.blit_to(screen, (0, 0, 1, 1))
            screen.clear()

    def draw(self, frame: FrameRows) -> None:
        """Draw the frame into the target. Raises FrameFull, PageMissing, ValueError before any GL call."""
        self._check()
        self._check_frame(frame)
        self._upload(frame)
        self._bind()
        self._strategy.draw(frame)
        self.counters.frames += 1

    def read_into(self, out: U8) -> None:
        """Copy the last frame drawn into `out`: (h, w, 4) uint8, C-contiguous; premultiplied, top row first.

        Waits for the GPU.
        """
        self._check()
        shape = (self.size.height, self.size.width, 4)
        if out.shape != shape or out.dtype != np.uint8 or not out.flags.c_contiguous:
            raise ValueError(f"reading needs a contiguous {shape} uint8 array, not {out.shape} {out.dtype}")
        self._target.read_into(out, components=4, alignment=1)

    def blit_to(self, target: moderngl.Framebuffer, viewport: tuple[int, int, int, int]) -> None:
        """Show the last frame in `viewport` (left, bottom, width, height) of a framebuffer, scaled to fit.

        `target` may be the screen; it is left bound. What is outside the viewport is left alone.
        """
        self._check()
        self._draw_shown(target, viewport)

    def close(self) -> None:
        """Free everything on the GPU. Idempotent. The context stays the caller's."""
        if self._closed:
            return
        self._check()
        self._closed = True
        self._strategy.release()
        self._programs.release()
        for owned in reversed(self._owned):
            owned.release()
        self._owned.clear()

    def __enter__(self) -> Compositor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _upload(self, frame: FrameRows) -> None:
        # The one write of a frame. Rows are lines of a float texture: a buffer that shaders may index freely
        # needs GL 4.3, which macOS does not have.
        count = max(1, frame.count)
        block = frame.rows[:count]
        if not self._resident.all():
            block = self._without_missing(block)
        self._rows.write(block, viewport=(0, 0, VEC4S, count))
        self.counters.uploads += 1
        self.counters.upload_bytes += block.nbytes

    def _without_missing(self, block: F32) -> F32:
        """A copy of the rows in which taps on pages that are not here have no weight."""
        taps = block[:, TAPS].reshape(len(block), MAX_TAPS, 8)
        live = np.arange(MAX_TAPS) < block[:, TAP_COUNT, None]
        missing = live & ~self._resident[taps[:, :, 3].astype(np.intp)]
        self.counters.misses += int(np.count_nonzero(missing))
        block = block.copy()
        block[:, WEIGHTS][missing] = 0.0
        return block

    def _bind(self) -> None:
        self._ctx.disable(moderngl.BLEND | moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        self._pages.use(0)
        self._rows.use(1)

    def _draw_shown(self, target: moderngl.Framebuffer, viewport: tuple[int, int, int, int]) -> None:
        target.use()
        self._ctx.viewport = viewport
        self._ctx.disable(moderngl.BLEND | moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        self._picture.use(0)
        self._show.set("viewport", viewport)
        self._show.render(3)

    def _check(self) -> None:
        if self._closed:
            raise Closed("this compositor was closed: open another")
        if threading.get_ident() != self._thread:
            raise WrongThread("a compositor belongs to the thread that opened it: call it from there only")

    def _check_frame(self, frame: FrameRows) -> None:
        if frame.count > self.max_rows:
            raise FrameFull(
                f"{frame.count} rows in a frame and room for {self.max_rows}: open the compositor with more"
            )
        if frame.size != self.size:
            raise ValueError(f"the frame is {tuple(frame.size)} and the compositor {tuple(self.size)}")
        rows = frame.rows[: frame.count]
        pages = rows[:, TAPS.start + 3 : TAPS.stop : 8]
        if pages.size and not (pages.min() >= 0 and pages.max() < self.page_count):
            wrong = pages[(pages < 0) | (pages >= self.page_count)][0]
            raise PageMissing(f"a row names page {wrong:g} and the atlas has {self.page_count} pages")
        if pages.size and not 0 <= rows[:, BLEND].max() < len(Blend):
            raise ValueError(f"a row has the blend code {rows[:, BLEND].max():g}, which is not in Blend")


def _check_limits(ctx: moderngl.Context, size: Size, page: Size, page_count: int, max_rows: int) -> None:
    largest, layers = int(ctx.info["GL_MAX_TEXTURE_SIZE"]), int(ctx.info["GL_MAX_ARRAY_TEXTURE_LAYERS"])
    for what, value, limit in (
        ("frame", max(size), largest),
        ("atlas page", max(page), largest),
        ("most rows of a frame", max_rows, largest),
        ("number of atlas pages", page_count, layers),
    ):
        if value > limit:
            raise ValueError(f"{what}: {value} is more than this renderer's {limit}; make it smaller")
    if min(*size, *page, max_rows) < 1 or page_count < 0:
        raise ValueError(
            f"sizes must be at least 1: frame {tuple(size)}, page {tuple(page)}, rows {max_rows}"
        )
