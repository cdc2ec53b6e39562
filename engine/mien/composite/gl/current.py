"""Which GL context is current on a thread, EGL's or GLX's, and giving it back after ours was.

A thread has one current context whatever made it: where libglvnd dispatches, EGL refuses to make one current
while one of GLX is, and the other way round. So the host's steps aside for the time that ours is current.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

import moderngl

from mien.composite.gl.egl import DRAW, OPENGL_API, OPENGL_ES_API, READ, Egl, egl
from mien.errors import ContextLost, RendererUnavailable

_NOLOAD: Final = 4
"""RTLD_NOLOAD: a library only if the process has it already."""
_LAZY: Final = 1
"""RTLD_LAZY."""
_GLX_NAMES: Final = ("libGLX.so.0", "libGL.so.1")
_DISPATCH: Final = "libGLdispatch.so.0"
"""Through which libglvnd's EGL and GLX make contexts current."""


class _Glx:
    """GLX, where the process has loaded it: only then can one of its contexts be current."""

    def __init__(self, name: str) -> None:
        library = ctypes.PyDLL(name, mode=_NOLOAD)
        p, i, x = ctypes.c_void_p, ctypes.c_int, ctypes.c_ulong

        def function(name: str, result: Any, *arguments: Any) -> Any:
            found = getattr(library, name)
            found.restype, found.argtypes = result, arguments
            return found

        self.context = function("glXGetCurrentContext", p)
        self.display = function("glXGetCurrentDisplay", p)
        self.draw = function("glXGetCurrentDrawable", x)
        self.read = function("glXGetCurrentReadDrawable", x)
        self.make_current = function("glXMakeContextCurrent", i, p, x, x, p)


class _GlxOfProcess:
    """GLX, looked for until the process has it. The loader looks through files for a name that it does not
    have, some 50 us each time: ask only where a context may be current (see `_is_bare`)."""

    def __init__(self) -> None:
        self._found: _Glx | None = None
        self._dlopen = ctypes.PyDLL(None).dlopen
        self._dlopen.restype, self._dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)

    def get(self) -> _Glx | None:
        """None where the process has not loaded it."""
        for name in _GLX_NAMES if self._found is None else ():
            if self._dlopen(name.encode(), _NOLOAD | _LAZY):
                with suppress(OSError, AttributeError):
                    self._found = _Glx(name)
                    break
        return self._found


@cache
def _state_of_thread() -> Callable[[], int | None] | None:
    """What libglvnd keeps of the calling thread: nothing while no context is current there, made by EGL or
    by GLX. None where it does not dispatch: Mesa may be built without it, and then its EGL and GLX know
    nothing of each other."""
    if not sys.platform.startswith("linux") or _egl() is None:
        return None
    try:
        state: Any = ctypes.PyDLL(_DISPATCH, mode=_NOLOAD).__glDispatchGetCurrentThreadState
    except (OSError, AttributeError):
        return None
    state.restype, state.argtypes = ctypes.c_void_p, ()
    return cast("Callable[[], int | None]", state)


def _is_bare() -> bool:
    """Whether it is known, at the cost of one call, that no context is current on this thread."""
    state = _state_of_thread()
    return state is not None and state() is None


@cache
def _glx_of_process() -> _GlxOfProcess | None:
    return _GlxOfProcess() if sys.platform.startswith("linux") else None


def _glx() -> _Glx | None:
    process = _glx_of_process()
    return None if process is None else process.get()


def _egl() -> Egl | None:
    try:
        return egl()
    except RendererUnavailable:
        return None


@dataclass(frozen=True, slots=True)
class Current:
    """The current contexts of a thread at one time; all handles as integers, None or 0 for none."""

    api: int
    """What eglBindAPI was last told."""
    egl: tuple[tuple[int, int, int | None, int | None, int], ...]
    """(client API, display, surface drawn to, surface read from, context) of each EGL context."""
    glx: tuple[int, int, int, int] | None
    """Display, drawable drawn to, drawable read from, and context."""

    @classmethod
    def of_thread(cls) -> Current:
        """Of the calling thread, as it is now. Changes nothing."""
        api = OPENGL_API
        found: list[tuple[int, int, int | None, int | None, int]] = []
        library = _egl()
        if library is not None:
            api = library.query_api()
            if _is_bare():
                return cls(api, (), None)
            for one in dict.fromkeys((api, OPENGL_API, OPENGL_ES_API)):
                if one != api and not library.bind_api(one):
                    continue
                if context := library.current_context():
                    surfaces = library.current_surface(DRAW), library.current_surface(READ)
                    held = (one, library.current_display(), *surfaces, context)
                    # Some drivers have one current context for all client APIs.
                    if all(context != other[-1] for other in found):
                        found.append(held)
            library.bind_api(api)
        # Where libglvnd dispatches, a thread that has a context of EGL has none of GLX.
        glx = None if found and _state_of_thread() is not None else _glx()
        held_by_glx = None
        if glx is not None and (context := glx.context()):
            held_by_glx = (glx.display(), glx.draw(), glx.read(), context)
        return cls(api, tuple(found), held_by_glx)

    @property
    def handle(self) -> tuple[str, int] | None:
        """What tells this context from others: by whom it was made, and its handle. None: none is current."""
        if self.glx is not None:
            return "GLX", self.glx[-1]
        return ("EGL", self.egl[0][-1]) if self.egl else None

    def step_aside(self) -> None:
        """Make room: none is current until `come_back`, or until another is made so."""
        library = _egl()
        if library is not None:
            for api, display, *_ in self.egl:
                library.bind_api(api)
                library.make_current(display, None, None, None)
            library.bind_api(self.api)
        if self.glx is not None:
            glx = _glx()
            assert glx is not None
            glx.make_current(self.glx[0], 0, 0, None)

    def come_back(self) -> None:
        """Make current again what was, in the place of whatever is now. Raises ContextLost."""
        library = _egl()
        if library is not None:
            display = library.current_display()
            if display and not self.egl:
                library.make_current(display, None, None, None)
            for api, display, draw, read, context in self.egl:
                library.bind_api(api)
                if library.current_context() != context and not library.make_current(
                    display, draw, read, context
                ):
                    raise ContextLost(
                        f"the program's own GL context could not be made current again ({library.reason}): "
                        "its window or surface is gone; open another."
                    )
            library.bind_api(self.api)
        if self.glx is not None:
            glx = _glx()
            assert glx is not None
            if glx.context() != self.glx[-1] and not glx.make_current(*self.glx):
                raise ContextLost(
                    "the program's own GLX context could not be made current again: open another."
                )


def loader_of(ctx: moderngl.Context) -> Any:
    """What a moderngl context loads GL functions with: has `load_opengl_function(name) -> address`.

    Raises ContextLost for a context that was released: moderngl swaps what it wraps then.
    """
    if isinstance(ctx.mglo, moderngl.InvalidObject):
        raise ContextLost("the GL context given was released: give one that is there.")
    return ctx.mglo._context
