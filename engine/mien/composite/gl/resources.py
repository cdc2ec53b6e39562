"""The GL objects of a compositor: made together, the driver asked whether it had room, freed together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import moderngl

from mien.composite.gl.checks import check_limits
from mien.composite.gl.context import free_dropped, is_software
from mien.composite.gl.counters import Counters
from mien.composite.gl.driver_errors import DriverErrors
from mien.composite.gl.fetch import Fetch
from mien.composite.gl.functions import Functions
from mien.composite.gl.loop import Loop
from mien.composite.gl.ownership import Ownership
from mien.composite.gl.page_layout import PageLayout
from mien.composite.gl.pages import Pages
from mien.composite.gl.points import Points
from mien.composite.gl.programs import Programs
from mien.composite.gl.quads import Quads
from mien.composite.gl.readback import Readback
from mien.composite.gl.rectangles import Rectangle, around_all, covering_tiles, touched
from mien.composite.gl.rows_texture import RowsTexture, lines_of
from mien.composite.gl.sizes import Sizes
from mien.composite.gl.smaller import Smaller
from mien.composite.gl.strategy import Block, Strategy
from mien.composite.gl.strategy_selection import StrategyName
from mien.composite.gl.target import Target
from mien.composite.gl.timer import GpuTimer
from mien.composite.plan.planner import Plan
from mien.composite.rows import VEC4S
from mien.types import Bools

_Owned = moderngl.Framebuffer | moderngl.Texture | moderngl.TextureArray


class Resources:
    """Everything that a compositor has on the GPU. Its context is current in every call.

    Parameters: `layers`, most pages on the GPU at once; `buffered`, whether pictures are read back through
    pixel buffers; `meanwhile` and `later` as in `CompositorOptions`. Raises ValueError, OutOfGpuMemory or
    RendererUnavailable, having freed what was made.
    """

    def __init__(
        self,
        ownership: Ownership,
        sizes: Sizes,
        counters: Counters,
        strategy: StrategyName,
        layers: int,
        *,
        buffered: bool,
        meanwhile: Callable[[], object] | None = None,
        later: bool = False,
    ) -> None:
        self._counters, self._meanwhile, self._later = counters, meanwhile, later
        self._drawn: Bools | None = None
        self._ctx = ownership.ctx
        rows, groups = lines_of(sizes.capacities, sizes.warp_cells), len(sizes.offscreens)
        check_limits(self._ctx, sizes.largest, sizes.page, layers, rows, groups)
        self.errors = DriverErrors(self._ctx, shared=ownership.shared)
        self.errors.forget()
        # Freed in the opposite order, also when the driver has no room for one of them.
        with ExitStack() as opened:
            in_strips = strategy == "fetch" and is_software(self._ctx)
            self._allocate(opened, sizes, max(1, layers), buffered, in_strips=in_strips)
            self._link(opened, sizes, strategy)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Free all of it. Idempotent."""
        self.functions.use_nothing()
        self._opened.close()
        free_dropped(self._ctx)

    def bind(self) -> None:
        """Have what programs sample on their units, and the blend unit off."""
        self._ctx.disable(moderngl.BLEND | moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        self._ctx.enable(moderngl.PROGRAM_POINT_SIZE)
        self.programs.use("pages", self.pages.texture)
        self.programs.use("rows", self.rows.texture)
        if self.offscreens is not None:
            self.programs.use("offscreens", self.offscreens)

    def framebuffer(self, scale: float) -> moderngl.Framebuffer:
        """What a frame of this scale is drawn into."""
        if self.smaller is None or scale == 1.0:
            return self.target.framebuffer
        return self.smaller.framebuffer(scale)

    def warm_up(self, screen: moderngl.Framebuffer | None) -> None:
        """Link and finish every program, with all that is read back, and shown on the screen, which is
        cleared. Raises RendererUnavailable."""
        self.bind()
        self.programs.finish()
        self.strategy.warm_up(self.target.framebuffer)
        if self.offscreens is not None:
            self.strategy.layers.use()
            self.functions.copy_to_layer(self.offscreens, 0, [(0, 0, 1, 1)])
        self.readback.warm_up()
        if screen is not None:
            for over in (True, False):
                self.target.blit_to(screen.glo, (0, 0, 1, 1), over=over)
            self.functions.clear()

    def warm_up_for(self, blocks: Sequence[Block]) -> None:
        """Link and finish the few programs that draw this next. Raises RendererUnavailable."""
        self.bind()
        self.strategy.few = True
        prepared = self.strategy.prepare(blocks)
        self.programs.finish(prepared.programs)
        self.strategy.warm_up(self.target.framebuffer, prepared)

    def drawn(self, plan: Plan, scale: float) -> list[Rectangle]:
        """A frame was drawn at this scale: what of it is new, as few rectangles."""
        self.strategy.few = False
        if self._drawn is None or plan.where.tobytes() != self._drawn.tobytes():
            self._drawn = plan.where
            self._pixels = plan.grid.pixels(plan.damage)
            self._covering = covering_tiles(plan.grid, plan.where)
        self._counters.pixels += self._pixels
        rects = self._covering
        if self.smaller is not None:
            # Joined before they are made wider: runs that overlap join to nothing but one around all.
            rects = rects if scale == 1.0 else touched(rects, scale, self.target.size)
            self.smaller.drawn(scale, around_all(rects))
            self.target.shown = self.target.texture if scale == 1.0 else self.smaller.texture(scale)
        return rects

    def abandon(self) -> None:
        """The context is gone, and the objects with it: forget them, without a GL call. Idempotent.

        Their names may be those of other objects in the context that is current now.
        """
        self._opened.pop_all()
        self.readback.release(alive=False)
        self.timer.release(alive=False)
        self._counters.freed = self._counters.allocations

    def _allocate(
        self, opened: ExitStack, sizes: Sizes, layers: int, buffered: bool, *, in_strips: bool
    ) -> None:
        ctx, counters = self._ctx, self._counters
        self.functions = Functions(ctx)
        self.timer = GpuTimer(ctx, counters, not is_software(ctx))
        opened.callback(lambda: self.timer.release(alive=True))
        wide, high = sizes.page
        what = f"{layers} atlas pages of {wide}x{high}, {4 * layers * wide * high / 1e6:.0f} MB"
        self.layout = self._layout_of(sizes, layers, in_strips)
        texture = ctx.texture_array((*self.layout.size, layers * self.layout.per_page), 4)
        self._own(opened, what, texture)
        self.pages = Pages(texture, self.functions, sizes.page, sizes.pages, layers, counters, self.layout)
        self.rows = RowsTexture(ctx, self.functions, self.pages, sizes.capacities, counters, sizes.warp_cells)
        self._own(opened, f"{sum(sizes.capacities)} rows", self.rows.texture)
        wide, high = sizes.frame
        self.target = Target(ctx, self.functions, sizes.frame, sizes.viewport)
        self._own(opened, f"a frame of {wide}x{high}", self.target.texture, self.target.framebuffer)
        self.smaller: Smaller | None = None
        if min(sizes.scales) < 1.0:
            self.smaller = self._smaller(sizes)
            opened.callback(self.smaller.release)
            self.errors.after_allocating("frames that are drawn smaller")
        self.offscreens: moderngl.TextureArray | None = None
        if sizes.offscreens:
            # Two more: the filter reads a texel beyond the edge, with a weight of 0.
            wide, high = (max(one[axis] for one in sizes.offscreens) + 2 for axis in (0, 1))
            self.offscreens = ctx.texture_array((wide, high, len(sizes.offscreens)), 4, dtype="nu2")
            self._own(opened, f"{len(sizes.offscreens)} groups of {wide}x{high}", self.offscreens)
        target = self.target.framebuffer
        self.readback = Readback(self.functions, target, sizes.frame, counters, buffered, self.smaller)
        opened.callback(lambda: self.readback.release(alive=True))
        self.errors.after_allocating("the pictures that are read back")

    def _link(self, opened: ExitStack, sizes: Sizes, strategy: StrategyName) -> None:
        ctx, counters = self._ctx, self._counters
        self.quads = Quads(ctx, self.functions, counters)
        opened.callback(self.quads.release)
        self.points = Points(ctx, self.functions, counters)
        opened.callback(self.points.release)
        macros = {**self.layout.macros, **({} if self.offscreens is None else {"OFFSCREENS": 1})}
        if sizes.cell is not None:
            macros |= {"WARPS": 1, "CELL": sizes.cell, "ROW_VEC4S": VEC4S}
        shapes = (self.quads, self.points)
        self.programs = Programs(
            ctx, self.functions, *shapes, counters, macros, self._meanwhile, later=self._later
        )
        self.programs.told["warps_line"] = self.rows.warps_line
        opened.callback(self.programs.release)
        self.strategy: Strategy = (
            Fetch(ctx, self.programs, self.quads, self.points, sizes, counters)
            if strategy == "fetch"
            else Loop(ctx, self.functions, self.programs, self.quads, self.points, sizes, counters)
        )
        opened.callback(self.strategy.release)
        self.target.link(self.programs)
        if self.smaller is not None:
            self.smaller.link(self.programs)
        self.errors.after_allocating("what layers add up in")

    def _smaller(self, sizes: Sizes) -> Smaller:
        return Smaller(
            self._ctx,
            self.functions,
            sizes.frame,
            sizes.viewport,
            [scale for scale in sizes.scales if scale < 1.0],
            self.target.framebuffer,
            self._counters,
            software=is_software(self._ctx),
        )

    def _layout_of(self, sizes: Sizes, layers: int, in_strips: bool) -> PageLayout:
        """In strips where they are wanted and the renderer has room for as many layers."""
        info = self._ctx.info
        strips = PageLayout(sizes.page, in_strips=True)
        fits = strips.fits(layers, int(info["GL_MAX_TEXTURE_SIZE"]), int(info["GL_MAX_ARRAY_TEXTURE_LAYERS"]))
        return strips if in_strips and fits else PageLayout(sizes.page, in_strips=False)

    def _own(self, opened: ExitStack, what: str, *made: _Owned) -> None:
        """Count what was made, have it freed at the end, and ask whether there was room for it."""
        for one in made:
            self._counters.allocations += 1
            opened.callback(self._free, one)
        self.errors.after_allocating(what)

    def _free(self, one: _Owned) -> None:
        one.release()
        self._counters.freed += 1
