"""A stage in a desktop window, paced by the sound that is heard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final, Unpack, cast
from weakref import WeakMethod

import moderngl
import numpy as np

from mien.clock import SAMPLE_RATE
from mien.composite.gl import context_over, free_dropped
from mien.composite.gl.current import Current
from mien.composite.gl.drawing_threads import drawing_threads
from mien.errors import RendererUnavailable, WrongThread
from mien.messages import printable
from mien.observe import FrameRecord
from mien.shader_cache import shader_cache
from mien.stage.base import TAIL_S, BaseStage, Quiet
from mien.stage.glfw_window import Loader, errors_asked, glfw, window_of
from mien.stage.options import Cast, StageKeywords, StageOptions
from mien.stage.pacing import Due, Pacer, Playhead
from mien.switching import quick_switches
from mien.threads import check_to_draw
from mien.types import U8, Size

_LONGEST_TITLE: Final = 200
"""Characters of a window's title."""


class Window(BaseStage):
    """A window with a stage in it. Use `mien.open_window`. Its thread is the main one: glfw belongs to it.

    Keys: Esc or Q closes, F is full screen, Space interrupts the speaker. Raises RendererUnavailable when no
    window or no GL 3.3 can be had.
    """

    _moves = False

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise WrongThread(
                "a window belongs to the main thread, as its library asks: open it there, or draw on this "
                "one with mien.open_stage or mien.open_live."
            )
        self._windowed: tuple[int, int, int, int] | None = None
        self._shown: tuple[int, int, int, int] | None = None
        super().__init__(*arguments, **keywords)
        self._pacer = Pacer(self._clock, self.fps, self._stops)
        self._playhead = Playhead(self.fps.interval_ns)
        self._running = False
        self._governing = self._governor()
        self._first = 0
        glfw.set_key_callback(self._handle, _weakly(self._on_key))
        glfw.set_window_refresh_callback(self._handle, _weakly(self._on_damaged))

    @property
    def is_open(self) -> bool:
        """Nobody has closed it, neither by its button, by Esc, nor by `close`."""
        return self._open and not glfw.window_should_close(self._handle)

    def frame(self) -> bool:
        """Show the next frame when it is due, after a look at what the user did. False once closed.

        The schedule is absolute: frame k is due k / fps after the first. A frame that is not begun within its
        interval is left out, whole, and counted, and the next one shown instead; after `rest` it begins anew.
        """
        self._check()
        self._check_owner("frame")
        if not self.is_open:
            return False
        with self._told.busied(), quick_switches():
            self._start()
            self._present(self._due())
        return True

    def run(self, tail_s: float = TAIL_S, seconds: float | None = None) -> None:
        """Show frames until every queued turn has been heard, and `tail_s` seconds more, or it is closed.

        `seconds`: no longer than that.
        """
        self._check()
        self._check_owner("run")
        quiet = Quiet(self.fps, tail_s, seconds)
        self.rest()
        try:
            with self._told.busied(), quick_switches():
                self._start()
                while self.is_open:
                    due = self._due()
                    if quiet.over(due.index, quiet=self._quiet):
                        break
                    self._present(due)
        finally:
            self.rest()

    def rest(self) -> None:
        """No frames are wanted for a while: those due meanwhile are not missed. Sound goes on. Idempotent."""
        self._check_owner("rest")
        with self._told.busied():
            if self._running:
                self._running = False
                # What was due and not shown after the last frame was left out, too.
                self.ledger.expect(self._first + self._pacer.over)

    def screenshot(self) -> U8:
        """The last frame as (h, w, 4) uint8 RGBA, top row first."""
        self._check()
        self._check_owner("screenshot")
        picture = np.empty((self.size.height, self.size.width, 4), np.uint8)
        with self._told.busied():
            self._compositor.read_into(picture)
        return picture

    def _start(self) -> None:
        if not self._running:
            self._running = True
            self._pacer.start()
            self._meter.restart(self._pacer.start_ns)
            self._first = self.ledger.frames_expected

    def _due(self) -> Due:
        """The frame that is due now."""
        return self._pacer.next()

    def _present(self, due: Due) -> None:
        with errors_asked():
            glfw.poll_events()
        begun_ns = self._clock.now_ns()
        meter = self._meter
        meter.begin()
        self._audio.catch_up()
        at = self._playhead.at(self._audio.position(), self._audio.known, self._show.script.sealed)
        with self._compositor.current():
            changed = self._draw(at)
            viewport = self._fitted(self.size)
            # What is on the screen stays there: nothing to do when the frame is the same and has its place.
            if changed or viewport != self._shown:
                self._blit(viewport)
                meter.drawn()
                glfw.swap_buffers(self._handle)
            free_dropped(self._context)
        meter.swapped()
        self._playhead.took(self._clock.now_ns() - begun_ns)
        skew_ms = (at - self._audio.position()) * 1000 / SAMPLE_RATE
        meter.level = self._level
        record = meter.end(self._first + due.index, at, skew_ms=skew_ms, scheduled_ns=due.scheduled_ns)
        self._govern(record, due.skipped)

    def _govern(self, record: FrameRecord, left_out: int) -> None:
        """Have the next frame drawn as follows from what this one took.

        Swapping a window's buffers waits for the screen on a GPU, which has a timer. In software it draws.
        """
        if self._governing is not None:
            drawn_ms = record.swap_ms if self.is_software else record.frame_gpu_ms or 0.0
            took_ns = round((record.frame_cpu_ms + drawn_ms) * 1e6)
            self._draw_as(self._governing.took(self._clock.now_ns(), took_ns, left_out))

    def _next_at(self) -> int:
        return max(0, self._show.script.sealed + 1)

    def _ending(self) -> None:
        self.rest()

    def _open_context(self, opened: ExitStack) -> tuple[moderngl.Context, moderngl.Framebuffer | None]:
        if self.options.context is not None:
            raise RendererUnavailable(
                "a window has a context of its own: leave context= out, or open a stage with mien.open_stage."
            )
        check_to_draw()
        before = Current.of_thread()
        # With another context current a window library may fail to make its own, and end the process.
        before.step_aside()
        try:
            title = (
                f"{printable(self.options.title, _LONGEST_TITLE)} - Mien" if self.options.title else "Mien"
            )
            with drawing_threads(), shader_cache():
                self._handle = opened.enter_context(window_of(self.size, title))
            loader = Loader(self._handle)
            loader.__enter__()
            try:
                glfw.swap_interval(1)
                context = context_over(loader)
            finally:
                loader.__exit__()
        finally:
            before.come_back()
        opened.callback(context.release)
        return context, context.screen

    def _fitted(self, size: Size) -> tuple[int, int, int, int]:
        """Where the frame goes in the window: as large as fits, centred, its shape kept."""
        width, height = glfw.get_framebuffer_size(self._handle)
        scale = min(width / size.width, height / size.height)
        fitted_width, fitted_height = max(1, round(size.width * scale)), max(1, round(size.height * scale))
        return ((width - fitted_width) // 2, (height - fitted_height) // 2, fitted_width, fitted_height)

    def _blit(self, viewport: tuple[int, int, int, int]) -> None:
        """Bring the frame to the window's back buffer, with nothing around it."""
        if viewport[2:] != glfw.get_framebuffer_size(self._handle):
            self._context.screen.clear()
        self._compositor.blit_to(self._context.screen, viewport, over=False)
        self._shown = viewport

    def _on_key(self, handle: Any, key: int, _code: int, action: int, _mods: int) -> None:
        if action != glfw.PRESS:
            return
        if key in (glfw.KEY_ESCAPE, glfw.KEY_Q):
            glfw.set_window_should_close(handle, True)
        elif key == glfw.KEY_SPACE:
            self.interrupt()
        elif key == glfw.KEY_F:
            self._toggle_full_screen()

    def _on_damaged(self, _handle: Any) -> None:
        """The desktop has lost what the window showed."""
        self._shown = None

    def _toggle_full_screen(self) -> None:
        if self._windowed is not None:
            x, y, width, height = self._windowed
            glfw.set_window_monitor(self._handle, cast(Any, None), x, y, width, height, glfw.DONT_CARE)
            self._windowed = None
            return
        monitor = glfw.get_primary_monitor()
        if not monitor:
            return
        self._windowed = (*glfw.get_window_pos(self._handle), *glfw.get_window_size(self._handle))
        mode = glfw.get_video_mode(monitor)
        glfw.set_window_monitor(
            self._handle, monitor, 0, 0, mode.size.width, mode.size.height, mode.refresh_rate
        )


def open_window(cast: Cast, options: StageOptions | None = None, **keywords: Unpack[StageKeywords]) -> Window:
    """A window with a stage in it, ready. Keywords as of `mien.open_stage`, and its `title`."""
    return Window(cast, options, **keywords)


def _weakly(method: Callable[..., None]) -> Callable[..., None]:
    """The method, for a library that keeps it: it does not keep the window."""
    held = WeakMethod(method)

    def call(*arguments: Any) -> None:
        if (bound := held()) is not None:
            bound(*arguments)

    return call
