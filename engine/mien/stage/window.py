"""A surface that is a desktop window, paced by the sound that is heard."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, cast

import glfw
import moderngl
import numpy as np

from mien.audio import AudioSession
from mien.clock import SAMPLE_RATE, FrameRate, RealClock
from mien.composite.gl import Compositor, is_software
from mien.errors import RendererUnavailable
from mien.observe import Ledger
from mien.stage.meter import FrameMeter
from mien.stage.pacing import Pacer, Playhead
from mien.stage.ready import make_ready
from mien.stage.show import Show
from mien.stage.switching import quick_switches
from mien.types import U8, Size


class Window:
    """A window with a show in it. One thread, the main one: glfw and GL objects belong to it.

    Parameters: `show`, with `audio` in live mode; `fps`, the rate of the absolute schedule; `ledger`
    with realtime=True. Keys: Esc or Q closes, F is full screen, Space interrupts the speaker.
    Raises RendererUnavailable when no window or no GL 3.3 can be had.
    """

    def __init__(
        self, show: Show, audio: AudioSession, *, fps: FrameRate, title: str, ledger: Ledger
    ) -> None:
        self._show = show
        self._audio = audio
        self._ledger = ledger
        self._clock = RealClock()
        self._pacer = Pacer(self._clock, fps)
        self._playhead = Playhead(1_000_000_000 // fps)
        self._windowed: tuple[int, int, int, int] | None = None
        self._shown: tuple[int, int, int, int] | None = None
        self._handle = _open_window(show.player.frame.size, f"{title} - Mien")
        try:
            glfw.make_context_current(self._handle)
            glfw.swap_interval(1)
            try:
                self._context = moderngl.create_context(require=330)
            except Exception as error:  # moderngl raises bare Exception
                raise RendererUnavailable(
                    f"the window has no OpenGL 3.3 ({error}); update the GPU driver."
                ) from error
            self._context.gc_mode = "context_gc"
            self._compositor: Compositor = make_ready(self._context, show, self._context.screen)
        except BaseException:
            self._destroy()
            raise
        glfw.set_key_callback(self._handle, self._on_key)
        glfw.set_window_refresh_callback(self._handle, self._on_damaged)
        self._open = True

    @property
    def renderer(self) -> str:
        """The GL renderer's name."""
        return str(self._context.info["GL_RENDERER"])

    @property
    def is_software(self) -> bool:
        """Whether the renderer runs on the CPU, where large windows cost frames."""
        return is_software(self._context)

    def run(self, keep_going: Callable[[float], bool]) -> None:
        """Show frames until `keep_going(seconds shown)` is false or the window is closed.

        The schedule is absolute: frame k is due at start + k / fps. A frame that is not begun within its
        interval is dropped, counted, and the next one shown instead; time never stretches.
        """
        with quick_switches():
            self._run(keep_going)

    def _run(self, keep_going: Callable[[float], bool]) -> None:
        meter = FrameMeter(self._ledger, self._show, self._compositor)
        self._pacer.start()
        meter.restart(self._pacer.start_ns)
        while not glfw.window_should_close(self._handle):
            if not keep_going((self._clock.now_ns() - self._pacer.start_ns) / 1e9):
                return
            due = self._pacer.next()
            glfw.poll_events()
            begun_ns = self._clock.now_ns()
            meter.begin()
            at = self._playhead.at(self._audio.position(), self._audio.known, self._show.script.sealed)
            rows = self._show.tick(at)
            meter.built()
            changed = self._compositor.draw(rows)
            viewport = self._fitted(rows.size)
            # What is on the screen stays there: nothing to do when the frame is the same and has its place.
            if changed or viewport != self._shown:
                self._present(viewport)
                meter.drawn()
                glfw.swap_buffers(self._handle)
            meter.swapped()
            self._playhead.took(self._clock.now_ns() - begun_ns)
            skew_ms = (at - self._audio.position()) * 1000 / SAMPLE_RATE
            meter.end(due.index, at, skew_ms=skew_ms, scheduled_ns=due.scheduled_ns)
            self._context.gc()

    def screenshot(self) -> U8:
        """The last frame as (h, w, 4) uint8 RGBA, top row first."""
        size = self._show.player.frame.size
        picture = np.empty((size.height, size.width, 4), np.uint8)
        self._compositor.read_into(picture)
        return picture

    def close(self) -> None:
        """Free the GL objects and close the window. Idempotent."""
        if self._open:
            self._open = False
            self._compositor.close()
            self._context.release()
            self._destroy()

    def __enter__(self) -> Window:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _destroy(self) -> None:
        glfw.destroy_window(self._handle)
        glfw.terminate()

    def _fitted(self, size: Size) -> tuple[int, int, int, int]:
        """Where the frame goes in the window: as large as fits, centred, its shape kept."""
        width, height = glfw.get_framebuffer_size(self._handle)
        scale = min(width / size.width, height / size.height)
        fitted_width, fitted_height = max(1, round(size.width * scale)), max(1, round(size.height * scale))
        return ((width - fitted_width) // 2, (height - fitted_height) // 2, fitted_width, fitted_height)

    def _present(self, viewport: tuple[int, int, int, int]) -> None:
        """Bring the frame to the window's back buffer, with nothing around it."""
        if viewport[2:] != glfw.get_framebuffer_size(self._handle):
            self._context.screen.clear()
        self._compositor.blit_to(self._context.screen, viewport)
        self._shown = viewport

    def _on_key(self, handle: Any, key: int, _code: int, action: int, _mods: int) -> None:
        if action != glfw.PRESS:
            return
        if key in (glfw.KEY_ESCAPE, glfw.KEY_Q):
            glfw.set_window_should_close(handle, True)
        elif key == glfw.KEY_SPACE:
            self._show.session.interrupt()
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


def _open_window(size: Size, title: str) -> Any:
    # The binding's default is a warning on stderr for each error; here they are asked for and explained.
    cast(Any, glfw).ERROR_REPORTING = False
    if not glfw.init():
        raise RendererUnavailable(
            f"no window can be opened ({_glfw_error()}); run it in a desktop session, "
            "or use `mien render`, which needs no display."
        )
    glfw.window_hint(glfw.CONTEXT_VERSION_MAJOR, 3)
    glfw.window_hint(glfw.CONTEXT_VERSION_MINOR, 3)
    glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
    glfw.window_hint(glfw.OPENGL_FORWARD_COMPAT, True)
    glfw.window_hint(glfw.DEPTH_BITS, 0)
    handle = glfw.create_window(size.width, size.height, title, None, None)
    if not handle:
        reason = _glfw_error()
        glfw.terminate()
        raise RendererUnavailable(
            f"no window with OpenGL 3.3 can be opened ({reason}); update the GPU driver, "
            "or use `mien render`."
        )
    return handle


def _glfw_error() -> str:
    code, text = cast(Any, glfw).get_error()
    return text.decode(errors="replace") if text else f"glfw error {code}"
