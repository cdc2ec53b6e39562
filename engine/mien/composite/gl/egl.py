"""EGL through ctypes: the library's functions, and the devices that it can draw with."""

from __future__ import annotations

import ctypes
import ctypes.util
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from mien.errors import RendererUnavailable

OPENGL_API: Final = 0x30A2
OPENGL_ES_API: Final = 0x30A0
DRAW: Final = 0x3059
READ: Final = 0x305A
EXTENSIONS: Final = 0x3055
_DRM_DEVICE_FILE: Final = 0x3233
_DRM_RENDER_NODE_FILE: Final = 0x3377

_ERRORS: Final = {
    0x3001: "EGL_NOT_INITIALIZED",
    0x3002: "EGL_BAD_ACCESS",
    0x3003: "EGL_BAD_ALLOC",
    0x3004: "EGL_BAD_ATTRIBUTE",
    0x3005: "EGL_BAD_CONFIG",
    0x3006: "EGL_BAD_CONTEXT",
    0x3008: "EGL_BAD_DISPLAY",
    0x3009: "EGL_BAD_MATCH",
    0x300D: "EGL_BAD_SURFACE",
    0x300E: "EGL_CONTEXT_LOST",
}


class Egl:
    """The library's functions. Calls hold the GIL: none of them waits for the GPU."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("EGL") or "libEGL.so.1"
        try:
            self._library = ctypes.PyDLL(name)
        except OSError as error:
            raise RendererUnavailable(
                f"there is no libEGL here ({error}): install a GPU driver, or Mesa's software renderer "
                "(Debian, Ubuntu: apt install libegl1 libgl1 libgl1-mesa-dri)"
            ) from error
        i, u, p = ctypes.c_int, ctypes.c_uint, ctypes.c_void_p
        ints, pointers = ctypes.POINTER(i), ctypes.POINTER(p)
        self.error = self._function("eglGetError", i)
        self.proc_address = self._function("eglGetProcAddress", p, ctypes.c_char_p)
        self.bind_api = self._function("eglBindAPI", u, u)
        self.query_api = self._function("eglQueryAPI", u)
        self.current_context = self._function("eglGetCurrentContext", p)
        self.current_display = self._function("eglGetCurrentDisplay", p)
        self.current_surface = self._function("eglGetCurrentSurface", p, i)
        self.make_current = self._function("eglMakeCurrent", u, p, p, p, p)
        self.initialize = self._function("eglInitialize", u, p, ints, ints)
        self.get_display = self._function("eglGetDisplay", p, p)
        self.query_string = self._function("eglQueryString", ctypes.c_char_p, p, i)
        self.choose_config = self._function("eglChooseConfig", u, p, ints, pointers, i, ints)
        self.create_context = self._function("eglCreateContext", p, p, p, p, ints)
        self.destroy_context = self._function("eglDestroyContext", u, p, p)
        self.platform_display = self._extension("eglGetPlatformDisplayEXT", p, u, p, ints)
        self.query_devices = self._extension("eglQueryDevicesEXT", u, i, pointers, ints)
        self.device_string = self._extension("eglQueryDeviceStringEXT", ctypes.c_char_p, p, i)
        names = self.query_string(None, EXTENSIONS) or b""
        self.extensions: Final = frozenset(names.decode("ascii", "replace").split())

    @property
    def reason(self) -> str:
        """The last error's name, for people."""
        code = self.error()
        return _ERRORS.get(code, f"error 0x{code:04x}")

    def _function(self, name: str, result: Any, *arguments: Any) -> Any:
        function = getattr(self._library, name)
        function.restype, function.argtypes = result, arguments
        return function

    def _extension(self, name: str, result: Any, *arguments: Any) -> Any:
        address = self.proc_address(name.encode())
        return ctypes.PYFUNCTYPE(result, *arguments)(address) if address else None


@cache
def egl() -> Egl:
    """The library, loaded once: a constant of the process. Raises RendererUnavailable."""
    return Egl()


@dataclass(frozen=True, slots=True)
class Device:
    """Something that EGL can draw with."""

    index: int
    """Its place in EGL's order: what GLCONTEXT_DEVICE_INDEX counts. -1: the display without devices."""
    handle: int | None
    """EGLDeviceEXT."""
    path: str
    """The file by which it is opened, as /dev/dri/renderD128; empty where EGL does not say."""
    software: bool
    """Mesa's renderer on the processor."""

    def __str__(self) -> str:
        kind = "software" if self.software else (self.path or "GPU")
        return f"device {self.index} ({kind})" if self.index >= 0 else "the surfaceless display"


def devices() -> tuple[Device, ...]:
    """All devices in EGL's order; where EGL cannot list them, one that stands for its own choice."""
    library = egl()
    count = ctypes.c_int()
    if library.query_devices is None or not library.query_devices(0, None, ctypes.byref(count)):
        return (Device(-1, None, "", software=False),)
    handles = (ctypes.c_void_p * count.value)()
    library.query_devices(count.value, handles, ctypes.byref(count))
    return tuple(_described(library, index, handles[index]) for index in range(count.value))


def _described(library: Egl, index: int, handle: int | None) -> Device:
    def text(name: int) -> str:
        found = library.device_string(handle, name) if library.device_string else None
        return found.decode("utf-8", "replace") if found else ""

    extensions = text(EXTENSIONS).split()
    path = ""
    if "EGL_EXT_device_drm_render_node" in extensions:
        path = text(_DRM_RENDER_NODE_FILE)
    if not path and "EGL_EXT_device_drm" in extensions:
        path = text(_DRM_DEVICE_FILE)
    return Device(index, handle, path, "EGL_MESA_device_software" in extensions)
