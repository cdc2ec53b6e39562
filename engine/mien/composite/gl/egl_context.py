"""A GL context without a window, made through EGL.

moderngl's own EGL backend takes one device, the first, and neither looks whether its context became current
nor asks to be told of resets. Here the device is given, a context says why it was refused, and what was
current before is made current again.
"""

from __future__ import annotations

import ctypes
from typing import Final

from mien.composite.gl.current import Current
from mien.composite.gl.egl import EXTENSIONS, OPENGL_API, Device, egl
from mien.drawing_threads import drawing_threads
from mien.errors import ContextLost, RendererUnavailable
from mien.shader_cache import shader_cache

_NONE: Final = 0x3038
_PLATFORM_DEVICE: Final = 0x313F
_PLATFORM_SURFACELESS: Final = 0x31DD
_RENDERABLE_TYPE: Final = 0x3040
_SURFACE_TYPE: Final = 0x3033
_OPENGL_BIT: Final = 0x0008
_MAJOR_VERSION: Final = 0x3098
_MINOR_VERSION: Final = 0x30FB
_PROFILE_MASK: Final = 0x30FD
_CORE_PROFILE_BIT: Final = 0x0001
_RESET_NOTIFICATION: Final = 0x31BD
_LOSE_CONTEXT_ON_RESET: Final = 0x31BF


class EglContext:
    """A GL core context without a surface: what `moderngl.create_context(context=...)` takes as its loader.

    Parameters: `device` to draw with; `version`, the least GL version, as (3, 3). Not current until `enter`.
    Raises RendererUnavailable with the reason. A reset of the GPU loses the context, and is told of, where
    the driver can.
    """

    standalone = True

    def __init__(self, device: Device, version: tuple[int, int]) -> None:
        self.device = device
        self._egl = egl()
        with drawing_threads(), shader_cache():
            self._display = self._open_display()
            before = self._egl.query_api()
            try:
                if not self._egl.bind_api(OPENGL_API):
                    raise RendererUnavailable(f"{device} has no desktop OpenGL ({self._egl.reason})")
                self._handle: int | None = self._create(version)
            finally:
                self._egl.bind_api(before)
        self._before: list[Current] = []
        self.refused: tuple[str, ...] = ()
        """Devices that were tried before this one, and why they were passed over."""

    @property
    def is_current(self) -> bool:
        """Whether this context is the current one of this thread."""
        return self._handle is not None and self._egl.current_context() == self._handle

    def make_current(self) -> None:
        """Make it the current one of this thread, and look whether it is. Raises ContextLost."""
        if self._handle is None:
            raise ContextLost("this GL context was released: open another.")
        self._egl.bind_api(OPENGL_API)
        done = self._egl.make_current(self._display, None, None, self._handle)
        if not done or not self.is_current:
            raise ContextLost(
                f"the GL context on {self.device} could not be made current ({self._egl.reason}): it is "
                "current on another thread, or the driver lost it; open another on this thread."
            )

    def make_none_current(self) -> None:
        """Leave this thread without a context of EGL."""
        self._egl.make_current(self._display, None, None, None)

    def load_opengl_function(self, name: str) -> int:
        """The address of a GL function, 0 for one that is not there. moderngl asks for it."""
        return self._egl.proc_address(name.encode()) or 0

    def release(self) -> None:
        """Destroy it. Idempotent."""
        if self._handle is not None:
            if self.is_current:
                self.make_none_current()
            self._egl.destroy_context(self._display, self._handle)
            self._handle = None

    def __enter__(self) -> None:
        """Make it current until `__exit__`, whatever was before: moderngl's `with context:` comes here."""
        before = Current.of_thread()
        before.step_aside()
        try:
            self.make_current()
        except BaseException:
            before.come_back()
            raise
        self._before.append(before)

    def __exit__(self, *exception: object) -> None:
        """Give back what was current before."""
        self._before.pop().come_back()

    def _open_display(self) -> int:
        library, device = self._egl, self.device
        display: int | None = None
        if device.index >= 0:
            display = library.platform_display(_PLATFORM_DEVICE, device.handle, None)
        elif library.platform_display and "EGL_MESA_platform_surfaceless" in library.extensions:
            display = library.platform_display(_PLATFORM_SURFACELESS, None, None)
        else:
            display = library.get_display(None)
        if not display:
            raise RendererUnavailable(f"{device} has no display ({library.reason})")
        major, minor = ctypes.c_int(), ctypes.c_int()
        if not library.initialize(display, ctypes.byref(major), ctypes.byref(minor)):
            raise RendererUnavailable(f"{device} cannot be opened ({library.reason})")
        self._version = major.value, minor.value
        found = (library.query_string(display, EXTENSIONS) or b"").decode("ascii", "replace").split()
        self._extensions = frozenset(found)
        if "EGL_KHR_surfaceless_context" not in self._extensions:
            raise RendererUnavailable(f"{device} draws only into windows (no EGL_KHR_surfaceless_context)")
        return display

    def _create(self, version: tuple[int, int]) -> int:
        wanted = (ctypes.c_int * 5)(_SURFACE_TYPE, 0, _RENDERABLE_TYPE, _OPENGL_BIT, _NONE)
        config, count = (ctypes.c_void_p * 1)(), ctypes.c_int()
        chosen = self._egl.choose_config(self._display, wanted, config, 1, ctypes.byref(count))
        if not (chosen and count.value) and "EGL_KHR_no_config_context" not in self._extensions:
            raise RendererUnavailable(f"{self.device} has no configuration for OpenGL ({self._egl.reason})")
        core = [_MAJOR_VERSION, version[0], _MINOR_VERSION, version[1], _PROFILE_MASK, _CORE_PROFILE_BIT]
        attempts = [core]
        if self._version >= (1, 5) or "EGL_EXT_create_context_robustness" in self._extensions:
            attempts.insert(0, [*core, _RESET_NOTIFICATION, _LOSE_CONTEXT_ON_RESET])
        for numbers in attempts:
            attributes = (ctypes.c_int * (len(numbers) + 1))(*numbers, _NONE)
            handle: int | None = self._egl.create_context(self._display, config[0], None, attributes)
            if handle:
                return handle
        raise RendererUnavailable(
            f"{self.device} has no OpenGL {version[0]}.{version[1]} core ({self._egl.reason})"
        )
