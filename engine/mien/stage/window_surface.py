"""The window itself: its context, where the frame lies in it, what is drawn over it, and its size."""

from __future__ import annotations

import weakref
from abc import abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, Final, cast

import moderngl

from mien.arguments import text_of
from mien.composite.gl import Compositor, context_over
from mien.composite.gl.current import Current
from mien.composite.gl.host_state import HostState
from mien.drawing_threads import drawing_threads
from mien.errors import RendererUnavailable
from mien.messages import printable
from mien.observe import ClockJumps
from mien.observe.stops import Stops
from mien.shader_cache import shader_cache
from mien.stage import window_ahead
from mien.stage.art import clear_of
from mien.stage.base import BaseStage
from mien.stage.beside import Beside
from mien.stage.companion import Companion, seen_box, why_no_companion
from mien.stage.curtain import Curtain, Loading
from mien.stage.fit import Fit
from mien.stage.glfw_window import Loader, errors_asked, glfw, window_of
from mien.stage.governor import Level
from mien.stage.overlay import Overlay
from mien.stage.presenting import Presenter
from mien.stage.show import Show
from mien.stage.window_input import WindowInput
from mien.switching import quick_switches
from mien.threads import check_to_draw
from mien.types import Size

_BEFORE: Final = -1
"""The sample before the first."""
_LONGEST_TITLE: Final = 200
"""Characters of a window's title."""
_LEAST_BESIDE: Final = 640
"""Points that a companion is high while an overlay stands beside it: nobody can drag its edges."""


class Surface(WindowInput, BaseStage):
    """What of a window is glfw's and GL's."""

    _state: HostState | None = None
    _windowed: tuple[int, int, int, int] | None = None
    """Where it was, and how large, before it was full screen."""
    _beside: Beside
    _companion: Companion | None = None
    _called: str | None = None
    """What is shown, by name, where that has changed."""
    plain_because: str | None = None
    """Why it is a window as others, in a sentence, although a companion was wanted."""
    _presenter: Presenter
    _shown: Fit | None = None
    """Where the frame that is on the screen lies; None: it is to be brought there anew."""

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
            with drawing_threads(), shader_cache():
                self._handle = self._open_window(opened)
                self._beside = Beside(self._handle, 0 if self._companion is None else _LEAST_BESIDE)
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

    def _open_window(self, opened: ExitStack) -> Any:
        if not self.options.companion:
            ahead = window_ahead.taken(self.size, self._title, opened)
            return opened.enter_context(window_of(self.size, self._title)) if ahead is None else ahead
        tried = ExitStack()
        handle = tried.enter_context(window_of(self.size, self._title, companion=True))
        self.plain_because = why_no_companion(handle) or None
        if self.plain_because is None:
            opened.enter_context(tried)
            self._companion = Companion(handle)
            return handle
        tried.close()
        return opened.enter_context(window_of(self.size, self._title))

    def _open_show(
        self, opened: ExitStack, make: Callable[[], Show]
    ) -> tuple[Show, moderngl.Context, moderngl.Framebuffer | None]:
        """The window says that something goes on while a thread loads the characters."""
        with Loading(make) as loading:
            context, screen = self._open_context(opened)
            assert screen is not None
            curtain = Curtain(self._handle, screen, clear_of(self.options.background))
            self._meanwhile, self._at_first = curtain.go_on, partial(self._show_first, curtain)
            curtain.show_until(lambda: loading.is_over)
            return loading.result(), context, screen

    def _show_first(self, curtain: Curtain, compositor: Compositor) -> None:
        """Show who is there, as soon as that can be drawn: what is left takes a driver as long again. It is
        no frame: nothing counts it, or remembers it."""
        self._compositor = compositor
        show = self._show
        # The compositor's programs keep the curtain: it must not keep a window that is dropped.
        dropped = weakref.ref(self)

        def brought() -> None:
            if (stage := dropped()) is not None:
                with compositor.current():
                    stage._show_frame(changed=True)

        rows = show.player.tick(_BEFORE, show.script.view(_BEFORE))
        compositor.warm_up_for(rows)
        compositor.draw(rows)
        if self._companion is not None:
            self._companion.stand_in_the_corner(seen_box(compositor, self.size))
        curtain.open(brought)

    def _find_screen(self, jumps: ClockJumps, stops: Stops | None) -> Presenter:
        """Who brings frames to the screen, whose refresh is looked for while the first picture stands."""
        self._presenter = Presenter(
            self._clock,
            self.fps,
            stops,
            partial(glfw.swap_buffers, self._handle),
            partial(self._show_frame, changed=True),
            jumps=jumps,
            because="a software renderer's swaps wait for no screen" if self.is_software else "",
        )
        with self._compositor.current():
            self._presenter.find()
        return self._presenter

    def _rehearse(self) -> None:
        """Draw some frames that nothing counts, where software draws: the first of all is drawn whole and
        takes several intervals, and the best level that leaves room is found."""
        if self._governing is None or not self.is_software:
            return
        try:
            with self._show.unmarked(), self._compositor.current(), quick_switches():
                self._draw_as(self._governing.rehearse(self._rehearsed))
        except BaseException:
            self.close()
            raise

    def _rehearsed(self, level: Level) -> int:
        """Show a frame at a level; how long that took, in ns."""
        self._draw_as(level)
        begun_ns = self._clock.now_ns()
        self._draw(max(self._audio.position(), self._show.player.floor))
        self._show_frame(changed=True)
        glfw.swap_buffers(self._handle)
        return self._clock.now_ns() - begun_ns

    @property
    def paced_by(self) -> str:
        """By what frames go, in words: the screen's refresh as it was measured, or the clock, and why."""
        return self._presenter.paced_by

    @property
    def _title(self) -> str:
        title = self.options.title if self._called is None else self._called
        return f"{printable(title, _LONGEST_TITLE)} - Mien" if title else "Mien"

    @property
    def clipboard(self) -> str:
        """The desktop's clipboard as text, "" where there is none; to be set."""
        self._check()
        self._check_owner("clipboard")
        with errors_asked():
            found: Any = glfw.get_clipboard_string(cast(Any, None))
        return found.decode(errors="replace") if found else ""

    @clipboard.setter
    def clipboard(self, text: str) -> None:
        self._check()
        self._check_owner("clipboard")
        with errors_asked():
            glfw.set_clipboard_string(cast(Any, None), text_of("clipboard", text, "a text"))

    @property
    def _pixels(self) -> Size:
        """Of the framebuffer; each 0 of a window that is minimised."""
        return Size(*glfw.get_framebuffer_size(self._handle))

    @property
    def _fit(self) -> Fit:
        taken, stands = self._beside.taken(self._listener), self._companion is not None
        return Fit.of(self.size, self._pixels, taken, stands=stands)

    def _show_frame(self, *, changed: bool) -> bool:
        """Bring the last frame to the back buffer, where the screen shows another; whether it was.

        The context is current.
        """
        fit, overlay = self._fit, self._listener
        # What is on the screen stays there: nothing to do when the frame is the same and has its place.
        if not fit.width or not (changed or overlay is not None or fit != self._shown):
            return False
        pixels = self._pixels
        if self._is_backed:
            self._context.screen.clear(color=clear_of(None))
        elif (fit.width, fit.height) != pixels:
            self._context.screen.clear()
        self._compositor.blit_to(self._context.screen, fit[:4], over=self._is_backed)
        self._shown = fit
        if overlay is not None:
            self._draw_over(overlay, pixels)
            self._shown = None  # once it is hidden, the picture alone is to be shown
        return True

    @property
    def _is_backed(self) -> bool:
        """Whether a transparent stage is shown in a window that is not: before the plain stage, then."""
        background = self.options.background
        return self._companion is None and isinstance(background, tuple) and background[3] < 1

    def _draw_over(self, overlay: Overlay, pixels: Size) -> None:
        """Have the overlay drawn. The compositor's own objects remember what is bound: it stays so."""
        state = self._saver()
        saved = state.save()
        try:
            # The frame is done: what the overlay asks of the stage may be done at once.
            with self._told.busy.set_aside():
                overlay.draw(self._context.screen, pixels, glfw.get_window_content_scale(self._handle)[0])
        finally:
            state.put_back(saved)

    def _exchange(self, before: Overlay | None, overlay: Overlay | None) -> None:
        """One overlay is closed, and what takes the other long is made."""
        if before is not None:
            self._close_overlay(before)
        if overlay is None:
            return
        with self._compositor.current():
            state = self._saver()
            saved = state.save()
            try:
                overlay.get_ready(
                    self._context.screen, self._pixels, glfw.get_window_content_scale(self._handle)[0]
                )
            finally:
                state.put_back(saved)

    def _close_overlay(self, overlay: Overlay) -> None:
        with self._compositor.current():
            state = self._saver()
            saved = state.save()
            try:
                overlay.close()
            finally:
                state.put_back(state.without_deleted(saved))

    def _saver(self) -> HostState:
        if self._state is None:
            self._state = HostState(Loader(self._handle))
        return self._state

    def _on_damaged(self, _handle: Any) -> None:
        self._shown = None
        self._held_up()

    @abstractmethod
    def _held_up(self) -> None:
        """The desktop may keep the window from its frames just now, as while it is dragged."""

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
