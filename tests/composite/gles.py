"""An OpenGL ES context, current on this thread: what a host on another system might hand over."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

_NONE, _OPENGL_ES_API = 0x3038, 0x30A0
_SURFACE_TYPE, _PBUFFER_BIT, _RENDERABLE_TYPE, _ES3_BIT = 0x3033, 0x0001, 0x3040, 0x0040
_CONTEXT_MAJOR, _CONTEXT_MINOR = 0x3098, 0x30FB
_PLATFORM_SURFACELESS = 0x31DD


class NoGles(Exception):
    """This machine makes none."""


@contextmanager
def gles_context() -> Iterator[None]:
    """Raises NoGles."""
    egl = ctypes.CDLL("libEGL.so.1")
    for name in ("eglGetPlatformDisplay", "eglCreateContext"):
        getattr(egl, name).restype = ctypes.c_void_p
    p, i = ctypes.c_void_p, ctypes.c_int

    def attributes(*values: int) -> ctypes.Array[ctypes.c_int]:
        return (i * (len(values) + 1))(*values, _NONE)

    display = p(egl.eglGetPlatformDisplay(_PLATFORM_SURFACELESS, None, None))
    if not egl.eglInitialize(display, None, None) or not egl.eglBindAPI(_OPENGL_ES_API):
        raise NoGles("EGL gives no display without a surface")
    config, count = p(), i()
    wanted = attributes(_SURFACE_TYPE, _PBUFFER_BIT, _RENDERABLE_TYPE, _ES3_BIT)
    egl.eglChooseConfig(display, wanted, ctypes.byref(config), 1, ctypes.byref(count))
    context = p(egl.eglCreateContext(display, config, None, attributes(_CONTEXT_MAJOR, 3, _CONTEXT_MINOR, 1)))
    if not count.value or not context or not egl.eglMakeCurrent(display, None, None, context):
        raise NoGles("EGL makes no context of OpenGL ES 3.1")
    try:
        yield
    finally:
        egl.eglMakeCurrent(display, None, None, None)
        egl.eglDestroyContext(display, context)
        egl.eglBindAPI(0x30A2)
