"""Whose a compositor is: of one thread, and of a context that can go away."""

from __future__ import annotations

import threading

import moderngl

from mien.errors import Closed, ContextLost, WrongThread


class Ownership:
    """To the thread that makes it and to this context, until `closed`."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._alive = type(ctx.mglo)
        self._thread = threading.get_ident()
        self.closed = False

    @property
    def alive(self) -> bool:
        """Whether the context still is: moderngl swaps what it wraps when one is released."""
        return type(self._ctx.mglo) is self._alive

    def check(self) -> None:
        """Raises Closed, WrongThread or ContextLost."""
        if self.closed:
            raise Closed("this compositor was closed: open another")
        self.check_thread()
        if not self.alive:
            raise ContextLost(
                "the GL context of this compositor is gone: open a context and a compositor anew"
            )

    def check_thread(self) -> None:
        """Raises WrongThread."""
        if threading.get_ident() != self._thread:
            raise WrongThread("a compositor belongs to the thread that opened it: call it from there only")
