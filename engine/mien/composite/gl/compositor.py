"""The compositor on the GPU: frame rows to pixels in a target that persists."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import Literal

import moderngl

from mien.composite.gl.checks import check_frame, check_limits, check_rows
from mien.composite.gl.context import is_software
from mien.composite.gl.counters import Counters
from mien.composite.gl.fetch import Fetch
from mien.composite.gl.functions import Functions
from mien.composite.gl.loop import Loop
from mien.composite.gl.ownership import Ownership
from mien.composite.gl.pages import Pages
from mien.composite.gl.programs import Programs
from mien.composite.gl.quads import Quads
from mien.composite.gl.readback import Readback
from mien.composite.gl.rectangles import as_rectangles
from mien.composite.gl.rows_texture import RowsTexture
from mien.composite.gl.strategy import Block, Strategy
from mien.composite.gl.strategy_selection import named_strategy
from mien.composite.gl.target import Target
from mien.composite.gl.timer import GpuTimer
from mien.composite.plan.planner import Planner
from mien.composite.rows import FrameRows
from mien.types import I32, U8, Size


class Compositor:
    """Draws frame rows with pages held on the GPU. Belongs to the thread that opens it.

    Parameters: `ctx`, current on this thread; `size` of the frame; `page_size` of every atlas page (one
    number for square pages); `page_count`; `max_rows` in a frame; `strategy`, `auto` for what suits the
    renderer (see `strategy_selection`); `offscreens`, the offscreen layers of the frames to come, for their
    sizes and capacities; `damage`, False to draw every frame whole; `page_layers`, most
    pages on the GPU at once, None for all; `pixel_buffers`, whether `begin_read` goes through them, None for
    what suits the renderer: on a GPU.
    The clear colour, rows and result are premultiplied, sRGB-encoded RGBA. Raises ValueError where the
    GPU cannot hold what is asked for.

    A frame loop that never waits: skip the frame while `busy`; `draw`; `begin_read` with the frame's number;
    `take_read` for the newest picture, one or two frames late. Calls that the driver may hold up let other
    Python threads run meanwhile.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        size: Size,
        page_size: int | tuple[int, int],
        page_count: int,
        max_rows: int,
        strategy: Literal["auto", "fetch", "loop"] = "auto",
        *,
        offscreens: Sequence[FrameRows] = (),
        damage: bool = True,
        page_layers: int | None = None,
        pixel_buffers: bool | None = None,
    ) -> None:
        self._ctx = ctx
        self._ownership = Ownership(ctx)
        self.size = Size(*size)
        self.page_size = Size(page_size, page_size) if isinstance(page_size, int) else Size(*page_size)
        self.page_count, self.max_rows = page_count, max_rows
        self.counters = Counters()
        self.timer = GpuTimer(ctx, self.counters, not is_software(ctx))
        self._damage = damage
        sizes = [*(offscreen.size for offscreen in offscreens), self.size]
        capacities = [*(offscreen.capacity for offscreen in offscreens), max_rows]
        largest = Size(max(one.width for one in sizes), max(one.height for one in sizes))
        chosen = named_strategy(ctx, strategy)
        layers = page_count if page_layers is None else min(page_layers, page_count)
        check_limits(ctx, largest, self.page_size, layers, sum(capacities), len(offscreens))
        self._offscreen_sizes = sizes[:-1]
        self._capacities = capacities

        self._functions = Functions(ctx)
        self._owned: list[moderngl.Framebuffer | moderngl.Texture | moderngl.TextureArray] = []
        self.pages = Pages(ctx, self._functions, self.page_size, page_count, layers, self.counters)
        coverage = self.pages.coverage
        self._rows = RowsTexture(ctx, self._functions, self.pages, capacities, self.counters)
        self._target = Target(ctx, self.size, largest)
        self._owned += [self._rows.texture, self.pages.texture]
        self._owned += [self._target.texture, self._target.framebuffer]
        buffered = not is_software(ctx) if pixel_buffers is None else pixel_buffers
        self._readback = Readback(
            self._functions, self._target.framebuffer, self.size, self.counters, buffered
        )
        self._offscreens: moderngl.TextureArray | None = None
        if offscreens:
            # Two more: the filter reads a texel beyond the edge, with a weight of 0.
            extent = Size(max(s.width for s in sizes[:-1]) + 2, max(s.height for s in sizes[:-1]) + 2)
            self._offscreens = ctx.texture_array((*extent, len(offscreens)), 4, dtype="nu2")
            self._owned.append(self._offscreens)
        self.counters.allocations += len(self._owned)
        self._quads = Quads(ctx, self._functions, self.counters)
        self._programs = Programs(ctx, self._functions, self._quads, bool(offscreens), self.counters)
        if chosen == "fetch":
            self._strategy: Strategy = Fetch(ctx, self._programs, self._quads, largest, self.counters)
        else:
            entries = sum(n * Planner(one, None).tile_count for n, one in zip(capacities, sizes, strict=True))
            self._strategy = Loop(
                ctx, self._functions, self._programs, self._quads, largest, entries, self.counters
            )
        self._planners = [Planner(one, coverage) for one in sizes[:-1]]
        self._planners.append(Planner(self.size, coverage, fused=self._strategy.fused))
        self._target.link(self._programs)

    @property
    def picture(self) -> U8:
        """(h, w, 4) uint8: the frame last read by `read` or `take_read`; premultiplied, top row first."""
        return self._readback.picture

    @property
    def strategy(self) -> str:
        """`fetch` or `loop`."""
        return self._strategy.name

    def upload_page(self, index: int, pixels: U8) -> None:
        """Put a page on the GPU. `pixels`: (page height, page width, 4) uint8, premultiplied, y down."""
        self._ownership.check()
        self.pages.put(index, pixels)
        self._forget()

    def warm_up(self, screen: moderngl.Framebuffer | None = None) -> None:
        """Draw once with everything there is, so that nothing is compiled or allocated later.

        `screen`: where `blit_to` will go; its format is a variant of its own to a driver. It is cleared.
        """
        self._ownership.check()
        self._bind()
        self._strategy.warm_up(self._target.framebuffer)
        if self._offscreens is not None:
            self._strategy.layers.use()
            self._functions.copy_to_layer(self._offscreens, 0, [(0, 0, 1, 1)])
        self._readback.warm_up()
        self._forget()
        if screen is not None:
            self.blit_to(screen, (0, 0, 1, 1))
            screen.clear()

    def draw(self, frame: FrameRows) -> bool:
        """Draw what changed since the last frame into the target, which keeps the rest.

        False if the target shows the frame already: then no GL call was made, unless for an offscreen layer
        that changed where the frame does not show it. The driver may hold a frame up that is drawn while the
        compositor is `busy`, and llvmpipe any of many layers; other threads run on. Raises FrameFull,
        PageMissing, ValueError, Closed, ContextLost, WrongThread before any GL call.
        """
        self._ownership.check()
        check_frame(frame, self.size, self._offscreen_sizes, self._capacities)
        self.counters.frames += 1
        if not self._damage:
            for planner in self._planners:
                planner.draw_all()
        self.pages.next_frame()
        drawn = self._draw(frame, self._planners)
        self.counters.unchanged += not drawn
        return drawn

    @property
    def busy(self) -> bool:
        """Whether the GPU has not finished the last frame. Never waits."""
        self._ownership.check()
        return self._readback.busy

    def begin_read(self, tag: int) -> None:
        """Have the frame that was last drawn brought to memory, under this number. Never waits.

        What changed since the last call is read. Without pixel buffers that is copied from the target once
        the renderer has finished: drawn over before, it becomes part of the next reading. With them up to
        three frames are under way; the damage of further ones adds up until there is room.
        """
        self._ownership.check()
        self._readback.begin(tag)

    def take_read(self) -> tuple[int, U8] | None:
        """The number of the newest frame that has arrived since the last call, and `picture`. Never waits.

        None when none has. The picture, (h, w, 4) uint8, is the whole frame and the compositor's own: copy
        it before the next call of anything here. A frame's number may be skipped, for a newer one.
        """
        self._ownership.check()
        return self._readback.take()

    def read(self) -> U8:
        """Bring `picture` up to date and return it: what was drawn since the last read is read back.

        Waits for the GPU. Readings that were begun are given up: this one is newer.
        """
        self._ownership.check()
        return self._readback.update()

    def read_into(self, out: U8) -> None:
        """Copy the last frame drawn into `out`: (h, w, 4) uint8, C-contiguous; premultiplied, top row first.

        Waits for the GPU.
        """
        self._ownership.check()
        self._readback.read_into(out)

    def blit_to(self, target: moderngl.Framebuffer, viewport: tuple[int, int, int, int]) -> None:
        """Show the last frame in `viewport` (left, bottom, width, height) of a framebuffer, scaled to fit.

        `target` may be the screen; it is left bound. What is outside the viewport is left alone.
        """
        self._ownership.check()
        self._target.blit_to(target, viewport)

    def close(self) -> None:
        """Free everything on the GPU. Idempotent. The context stays the caller's."""
        if self._ownership.closed:
            return
        self._ownership.check_thread()
        self._ownership.closed = True
        self._readback.release(self._ownership.alive)
        self.timer.release(self._ownership.alive)
        self._strategy.release()
        self._programs.release()
        self._quads.release()
        for owned in reversed(self._owned):
            owned.release()
        self.counters.freed += len(self._owned)
        self._owned.clear()

    def __enter__(self) -> Compositor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _forget(self) -> None:
        for planner in self._planners:
            planner.forget()

    def _draw(self, frame: FrameRows, planners: Sequence[Planner]) -> bool:
        blocks = self._planned(frame, planners)
        if not any(blocks):
            return False
        self._readback.before_drawing()
        try:
            with self.timer:
                self._render(blocks)
        except BaseException:
            # The target is neither the old frame nor the new one.
            self._forget()
            self._strategy.abandon()
            raise
        last = blocks[-1]
        self._readback.drawn(None if last is None else last.plan.spans)
        return last is not None

    def _render(self, blocks: list[Block | None]) -> None:
        for block in blocks:
            if block is not None:
                self._rows.send(block)
                self._strategy.add(block)
        self._strategy.send()
        self._functions.asked += sum(block.work for block in blocks if block is not None)
        self._bind()
        for k, block in enumerate(blocks):
            if block is None:
                continue
            if k == len(blocks) - 1:
                self._strategy.draw(block, self._target.framebuffer)
            elif self._offscreens is not None:
                self._strategy.draw(block, None)
                self._strategy.layers.use()
                self._functions.copy_to_layer(self._offscreens, k, as_rectangles(block.plan.spans))

    def _planned(self, frame: FrameRows, planners: Sequence[Planner]) -> list[Block | None]:
        """What is to be drawn of each offscreen layer and of the frame. Pure: the GPU is not asked."""
        blocks: list[Block | None] = []
        redrawn: list[I32 | None] = []
        try:
            for k, (planner, part) in enumerate(zip(planners, (*frame.offscreens, frame), strict=True)):
                rows = self.pages.without_missing(part.rows[: part.count])
                plan = planner.plan(part, rows, redrawn, partial(check_rows, k, self.page_count, part.size))
                redrawn.append(None if plan is None else plan.box)
                blocks.append(None if plan is None else Block(rows, self._rows.firsts[k], plan, part.clear))
        except BaseException:
            # Some of the planners took over what will not be drawn.
            self._forget()
            raise
        return blocks

    def _bind(self) -> None:
        self._ctx.disable(moderngl.BLEND | moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        self._programs.use("pages", self.pages.texture)
        self._programs.use("rows", self._rows.texture)
        if self._offscreens is not None:
            self._programs.use("offscreens", self._offscreens)
