"""What a frame takes on the GPU, by its own clock, some frames later and without waiting."""

from __future__ import annotations

import ctypes
from types import TracebackType
from typing import Any, Final

import moderngl

from mien.composite.gl.counters import Counters
from mien.composite.gl.current import loader_of

_TIME_ELAPSED: Final = 0x88BF
_RESULT: Final = 0x8866
_RESULT_AVAILABLE: Final = 0x8867
_RING: Final = 4
"""Queries under way: a GPU is seldom more than two frames behind."""


class GpuTimer:
    """Times what is asked of the GPU inside `with timer:`.

    Parameter: `trusted`. A software renderer's timers say nothing (on llvmpipe 2 ms for 170): then nothing is
    timed. A frame that begins while all queries are under way is not timed either.
    """

    def __init__(self, ctx: moderngl.Context, counters: Counters, trusted: bool) -> None:
        load = loader_of(ctx).load_opengl_function
        u, p = ctypes.c_uint, ctypes.c_void_p

        def function(name: str, *arguments: Any) -> Any:
            return ctypes.PYFUNCTYPE(None, *arguments)(load(name))

        self._begin = function("glBeginQuery", u, u)
        self._end = function("glEndQuery", u)
        self._delete = function("glDeleteQueries", ctypes.c_int, p)
        self._available = function("glGetQueryObjectuiv", u, u, p)
        self._result = function("glGetQueryObjectui64v", u, u, p)
        self._names = (u * _RING)()
        self._counters = counters
        self._trusted = trusted
        if trusted:
            function("glGenQueries", ctypes.c_int, p)(_RING, self._names)
            counters.allocations += _RING
        self._started = self._taken = 0
        self._timing = False

    def __enter__(self) -> GpuTimer:
        if self._trusted and self._started - self._taken < _RING:
            self._begin(_TIME_ELAPSED, self._names[self._started % _RING])
            self._timing = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timing:
            self._end(_TIME_ELAPSED)
            self._started += 1
            self._timing = False

    def take(self) -> float | None:
        """Milliseconds of the newest frame finished since the last call; None if none is. Never waits."""
        newest = None
        while self._taken < self._started:
            name = self._names[self._taken % _RING]
            ready, elapsed = ctypes.c_uint(), ctypes.c_uint64()
            self._available(name, _RESULT_AVAILABLE, ctypes.byref(ready))
            if not ready.value:
                break
            self._result(name, _RESULT, ctypes.byref(elapsed))
            newest = elapsed.value / 1e6
            self._taken += 1
        return newest

    def release(self, alive: bool) -> None:
        """Free the queries. `alive`: whether the context still is; otherwise they went with it."""
        if self._trusted:
            if alive:
                self._delete(_RING, self._names)
            self._counters.freed += _RING
            self._trusted = False
            self._started = self._taken
