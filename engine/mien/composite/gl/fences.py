"""Fences: how far the GPU has come, asked without waiting."""

from __future__ import annotations

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions


class Fence:
    """Behind everything asked of the GPU until now. To be freed once."""

    def __init__(self, functions: Functions, counters: Counters) -> None:
        self._functions, self._counters = functions, counters
        self._fence = functions.fence()
        self._asked = functions.asked
        self._reached = False
        counters.fences += 1

    @property
    def reached(self) -> bool:
        """Whether the GPU has come here. Never waits; asks the driver until it has."""
        if not self._reached:
            self._counters.fence_polls += 1
            self._reached = self._functions.reached(self._fence)
            if self._reached:
                self._functions.done = max(self._functions.done, self._asked)
        return self._reached

    def free(self, alive: bool = True) -> None:
        """Free the GL object; `alive`: the context still is, otherwise the object went with it."""
        if alive:
            self._functions.delete_fence(self._fence)
        self._counters.fences_freed += 1
