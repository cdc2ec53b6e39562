"""The compositor on the GPU: frame rows to pixels in a target that persists."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

import moderngl

from mien.arguments import refuse
from mien.composite.gl.checks import count_of, framebuffer_name, over_of, size_of, viewport_of
from mien.composite.gl.context import free_dropped, is_software
from mien.composite.gl.counters import Counters
from mien.composite.gl.options import CompositorOptions
from mien.composite.gl.ownership import Ownership
from mien.composite.gl.planning import Planning
from mien.composite.gl.rectangles import as_rectangles
from mien.composite.gl.resources import Resources
from mien.composite.gl.sizes import Sizes
from mien.composite.gl.strategy import Block
from mien.composite.gl.strategy_selection import named_strategy
from mien.composite.rows import FrameRows
from mien.types import F32, U8, Size


class Compositor:
    """Draws frame rows with pages held on the GPU. Belongs to the thread that opens it.

    Its calls make the context current for as long as they last, or, of a window's context, look whether it
    is; and they leave the context, its state and what was current before as they found them.

    Parameters: `ctx`, of `open_headless`, or of a program's window, current on this thread; `size` of the
    frame; `page_size` of every atlas page (one number for square pages); `page_count`; `max_rows` in a frame;
    `offscreens` and `warp_cells`, as of the frames to come; `options`, how it draws. The clear colour, rows
    and result are premultiplied, sRGB-encoded RGBA. Raises ValueError where the GPU cannot hold what is asked
    for, OutOfGpuMemory where it has no room left, ContextNotCurrent.

    A frame loop that never waits: skip the frame while `busy`; `draw`; `begin_read` with the frame's number;
    `take_read` for the newest picture, one or two frames late. Calls that wait let other threads run.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        size: Size,
        page_size: int | tuple[int, int],
        page_count: int,
        max_rows: int,
        *,
        offscreens: Sequence[FrameRows] = (),
        warp_cells: int = 0,
        options: CompositorOptions | None = None,
    ) -> None:
        options = options or CompositorOptions()
        self._ownership = Ownership(ctx, private=options.private)
        self._ctx = ctx = self._ownership.ctx
        self.size = size = size_of("size", size)
        sides = page_size if isinstance(page_size, Sequence) else (page_size, page_size)
        self.page_size = size_of("page_size", sides)
        self.page_count = page_count = count_of("page_count", page_count)
        self.max_rows = max_rows = count_of("max_rows", max_rows)
        self.counters = Counters()
        self._damage, self._scales, self._scale = options.damage, options.scales, 1.0
        sizes = [*(offscreen.size for offscreen in offscreens), self.size]
        capacities = [*(offscreen.capacity for offscreen in offscreens), max_rows]
        with self._ownership:
            gl = self._gl = Resources(
                self._ownership,
                Sizes(size, self.page_size, page_count, capacities, sizes[:-1], options.scales, warp_cells),
                self.counters,
                named_strategy(ctx, options.strategy),
                page_count if options.page_layers is None else min(options.page_layers, page_count),
                buffered=not is_software(ctx) if options.pixel_buffers is None else options.pixel_buffers,
                meanwhile=options.meanwhile,
                later=options.later,
            )
        self.pages, self.timer = gl.pages, gl.timer
        self._planning = Planning(sizes, capacities, gl.rows.firsts, gl.pages, gl.strategy, warp_cells)
        self.foresee = self._planning.foresee
        """Works out what plans need of samples (n, SAMPLE_FLOATS), as in rows, before they are shown."""

    @property
    def picture(self) -> U8:
        """(h, w, 4) uint8: the frame last read by `read` or `take_read`; premultiplied, top row first."""
        return self._gl.readback.picture

    @property
    def strategy(self) -> str:
        """`fetch` or `loop`."""
        return self._gl.strategy.name

    @property
    def scale(self) -> float:
        """Of the frame's width and height, at which frames are drawn; one of `CompositorOptions.scales`.

        Below 1 fewer pixels are drawn, and filtered up where the picture is shown or read; `texture` is the
        frame at 1 alone. Offscreen layers keep their size. The first frame of another scale is whole.
        """
        return self._scale

    @scale.setter
    def scale(self, scale: float) -> None:
        if scale not in self._scales:
            refuse("scale", scale, f"one of {', '.join(f'{one:g}' for one in self._scales)}")
        if scale != self._scale:
            self._scale = scale
            self.counters.scale_changes += 1
            self._planning.draw_frame()

    def upload_page(self, index: int, pixels: U8) -> None:
        """Put a page on the GPU. `pixels`: (page height, page width, 4) uint8, premultiplied, y down."""
        with self._ownership:
            self.pages.put(index, pixels)
            self._planning.forget()
            self._gl.errors.after_allocating(f"atlas page {index}")

    def warm_up(self, screen: moderngl.Framebuffer | None = None, samples: F32 | None = None) -> None:
        """Draw once with all there is: nothing is compiled or allocated later.

        `screen`: where `blit_to` will go; its format is a variant of its own to a driver. It is cleared.
        `samples`: as for `foresee`.
        """
        with self._ownership:
            self._gl.warm_up(screen)
            self._planning.forget()
            if samples is not None:
                self.foresee(samples)
            self._gl.errors.after_allocating("drawing its first frame")

    def warm_up_for(self, frame: FrameRows) -> None:
        """Link and finish the few programs with which the next call of `draw` can draw this frame: it can be
        seen before `warm_up`. Raises as `draw`, and RendererUnavailable."""
        self._planning.check(frame)
        with self._ownership:
            blocks = [block for block in self._planning.blocks(frame, self._scale) if block is not None]
            self._planning.draw_all()
            self._gl.warm_up_for(blocks)

    def draw(self, frame: FrameRows) -> bool:
        """Draw what changed since the last frame into the target, which keeps the rest.

        False if the target shows the frame already: then no GL call was made, unless for an offscreen layer
        that changed where the frame does not show it. The driver may hold a frame up that is drawn while the
        compositor is `busy`, and llvmpipe any of many layers; other threads run on. Raises FrameFull,
        PageMissing, ValueError, Closed, ContextLost, WrongThread before any GL call.
        """
        self._ownership.check()
        self._planning.check(frame)
        self.counters.frames += 1
        if not self._damage:
            self._planning.draw_all()
        self.pages.next_frame()
        drawn = self._draw(frame)
        self.counters.unchanged += not drawn
        return drawn

    @property
    def busy(self) -> bool:
        """Whether the GPU has not finished the last frame. Never waits."""
        with self._ownership:
            return self._gl.readback.busy

    def begin_read(self, tag: int, *, merge: bool = True) -> None:
        """Have the frame that was last drawn brought to memory, under this number. Never waits.

        What changed since the last call is read. Without pixel buffers it is copied from the target once that
        is finished: drawn over before, it becomes part of the next reading. With them up to three are under
        way; the damage of further ones adds up. `merge=False`: none is left out, `draw` waits instead; to be
        taken before the next is begun.
        """
        with self._ownership:
            self._gl.readback.begin(tag, merge)

    def take_read(self, *, wait: bool = False) -> tuple[int, U8] | None:
        """The number of the newest frame that has arrived since the last call, and `picture`; or None.

        Never waits, or with `wait` for what was begun. The picture, (h, w, 4) uint8, is the whole frame and
        the compositor's own: copy it before the next call of anything. Numbers may be skipped for newer ones.
        """
        with self._ownership:
            taken = self._gl.readback.take(wait)
            if taken is not None:
                self._gl.errors.after_frame()
            return taken

    def read(self) -> U8:
        """Bring `picture` up to date and return it. Waits for the GPU; gives up readings that were begun."""
        with self._ownership:
            picture = self._gl.readback.update()
            self._gl.errors.after_frame()
            return picture

    def read_into(self, out: U8) -> None:
        """Copy the last frame drawn into `out`: (h, w, 4) uint8, C-contiguous; premultiplied, top row first.
        Waits for the GPU."""
        with self._ownership:
            self._gl.readback.read_into(out)
            self._gl.errors.after_frame()

    def read_to(self, out: U8 | None) -> None:
        """Have `read` and `take_read` fill `out`, as of `read_into`, whole, and give it, from now on; None:
        an array of the compositor's own again. Raises ValueError."""
        self._ownership.check()
        self._gl.readback.read_to(out)

    def blit_to(
        self, target: moderngl.Framebuffer | int, viewport: tuple[int, int, int, int], *, over: bool = True
    ) -> None:
        """Show the last frame in `viewport` (left, bottom, width, height) of a framebuffer, scaled to fit.

        `target`: one of the program's, the screen, or its GL name; its first attachment is drawn to. `over`:
        blended over what is there, where the frame is transparent; False: it takes its place. What is outside
        the viewport is left alone. Raises ScriptError where an argument can be none.
        """
        name, viewport, over = framebuffer_name(target), viewport_of(viewport), over_of(over)
        with self._ownership:
            self._ownership.only_first_buffer()
            self._gl.target.blit_to(name, viewport, over=over)

    @property
    def texture(self) -> moderngl.Texture:
        """The last frame drawn, for programs that draw in the same context: to be read, never written.

        Of the frame's size, RGBA at 8 bits, premultiplied, sRGB-encoded; its first row (v = 0) is the top."""
        self._ownership.check()
        return self._ownership.wrap(self._gl.target.texture)

    def current(self) -> Ownership:
        """`with compositor.current():` keeps its context current over several calls, which then cost less.

        Your own GL calls in there are made in the compositor's context. At the end all is given back.
        """
        return self._ownership

    def close(self) -> None:
        """Free everything on the GPU. Idempotent. The context stays the caller's.

        Raises WrongThread and ContextNotCurrent, and is open still; then call it from where it was opened.
        """
        if self._ownership.closed:
            return
        self._ownership.check_thread()
        if self._ownership.alive:
            with self._ownership:
                self._gl.close()
                self._ownership.closed = True
        else:
            self.abandon()

    def abandon(self) -> None:
        """Forget everything on the GPU without a GL call, on any thread: the context is gone, or cannot be
        reached. Idempotent."""
        if not self._ownership.closed:
            self._gl.abandon()
            self._ownership.closed = True

    def __enter__(self) -> Compositor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _draw(self, frame: FrameRows) -> bool:
        blocks = self._planning.blocks(frame, self._scale)
        if not any(blocks):
            return False
        last = blocks[-1]
        try:
            with self._ownership:
                self._gl.readback.before_drawing()
                if not self._gl.readback.busy:
                    # The driver has done all that it was asked: asking it costs nothing.
                    self._gl.errors.after_frame()
                with self.timer:
                    self._render([block for block in blocks if block is not None], frame)
                self._gl.readback.drawn([] if last is None else self._gl.drawn(last.plan, last.scale))
                free_dropped(self._ctx)
        except BaseException:
            # The target is neither the old frame nor the new one.
            self._planning.forget()
            raise
        return last is not None

    def _render(self, blocks: Sequence[Block], frame: FrameRows) -> None:
        strategy = self._gl.strategy
        prepared = strategy.prepare(blocks)
        for block in blocks:
            self._gl.rows.send(block)
        self._gl.rows.send_warps(frame.warps)
        strategy.upload(prepared)
        self._gl.functions.asked += sum(block.work for block in blocks)
        self._gl.bind()
        layers = self._gl.offscreens
        for block, draws in zip(blocks, prepared.blocks, strict=True):
            strategy.draw(draws, self._gl.framebuffer(block.scale))
            if block.offscreen is not None and layers is not None:
                strategy.layers.use()
                self._gl.functions.copy_to_layer(layers, block.offscreen, as_rectangles(block.plan.spans))
