"""Whose a compositor is: of one thread, and of a GL context, current while a call of it lasts."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Any

import moderngl

from mien.composite.gl.context import second_context
from mien.composite.gl.current import Current, loader_of
from mien.composite.gl.egl_context import EglContext
from mien.composite.gl.forked import check_not_forked
from mien.composite.gl.host_state import HostState
from mien.errors import Closed, ContextLost, ContextNotCurrent, WrongThread


class Ownership:
    """A compositor's hold on a context. `with ownership:` is entered by each of its calls, which may nest.

    On the way in the thread is checked, the context made current (one that Mien or moderngl made without a
    window) or found to be so (a window's), and the program's GL state saved and replaced. On the way out all
    that is put back, and what was current before is current again.

    Parameters: `ctx`; `private`: nobody else draws in it, so that no state needs saving.
    Raises ContextNotCurrent, ContextLost.
    """

    def __init__(self, ctx: moderngl.Context, *, private: bool) -> None:
        self._theirs = ctx
        self._alive = type(ctx.mglo)
        self._thread = threading.get_ident()
        self._loader: Any = loader_of(ctx)
        self._makes = isinstance(self._loader, EglContext) or bool(getattr(self._loader, "standalone", False))
        self._depth = 0
        self._entered = False
        self._before: Current | None = None
        self._state: HostState | None = None
        self._saved: Any = None
        self._handle: tuple[str, int] | None = None
        self.closed = False
        self.ctx: moderngl.Context
        """Another moderngl context over the same, that the compositor makes its objects with: moderngl
        remembers of each what is bound, also when that has been deleted."""
        self._switch()
        try:
            self._handle = Current.of_thread().handle
            if private:
                self.ctx = second_context(ctx)
            else:
                self._state = HostState(self._loader)
                saved = self._state.save()
                try:
                    self._state.set_ours(saved)
                    self.ctx = second_context(ctx)
                finally:
                    self._state.put_back(saved)
        finally:
            self._switch_back()

    @property
    def alive(self) -> bool:
        """Whether the context still is: moderngl swaps what it wraps when one is released."""
        return type(self._theirs.mglo) is self._alive

    @property
    def shared(self) -> bool:
        """Whether somebody else may draw in the context, too."""
        return self._state is not None

    def only_first_buffer(self) -> None:
        """Let drawing change only the first attachment of a framebuffer of the program's."""
        if self._state is not None:
            self._state.only_first_buffer()

    def wrap(self, texture: moderngl.Texture) -> moderngl.Texture:
        """The texture as one of the program's moderngl context."""
        return self._theirs.external_texture(
            texture.glo, texture.size, texture.components, texture.samples, texture.dtype
        )

    def check(self) -> None:
        """Raises Closed, WrongThread or ContextLost."""
        if self.closed:
            raise Closed("this compositor was closed: open another.")
        self.check_thread()
        if not self.alive:
            raise ContextLost(
                "the GL context that this stage or compositor draws in was released: close it, and open "
                "another in a context that is there."
            )

    def check_thread(self) -> None:
        """Raises WrongThread; and ContextLost in a process that was forked off the one it was opened in."""
        check_not_forked()
        if threading.get_ident() != self._thread:
            raise WrongThread("a compositor belongs to the thread that opened it: call it from there only.")

    def __enter__(self) -> Ownership:
        if self._depth == 0:
            self.check()
            self._switch()
            if self._state is not None:
                self._saved = self._state.save()
                self._state.set_ours(self._saved)
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            try:
                if self._state is not None:
                    # A program that reads our texture leaves it bound, and closing deletes it.
                    saved = self._state.without_deleted(self._saved) if self.closed else self._saved
                    self._state.put_back(saved)
            finally:
                self._switch_back()

    def _switch(self) -> None:
        """Have the context current. Raises ContextNotCurrent, ContextLost."""
        before = Current.of_thread()
        if not self._makes:
            if before.handle is None and not sys.platform.startswith("linux"):
                return  # nothing here can tell what is current
            if before.handle is None or self._handle not in (None, before.handle):
                other = "another one is" if before.handle else "none is"
                raise ContextNotCurrent(
                    f"the GL context that this compositor was opened in is not current on this thread "
                    f"({other}): make it current before calls of Mien, as before your own GL calls."
                )
            return
        if self._handle is not None and before.handle == self._handle:
            return
        try:
            if isinstance(self._loader, EglContext):
                if before.glx is not None:
                    before.step_aside()
                self._loader.make_current()
            else:
                before.step_aside()
                self._loader.__enter__()
                self._entered = True
                if self._handle not in (None, Current.of_thread().handle):
                    raise ContextLost(
                        "the GL context of this stage or compositor could not be made current: close it, and "
                        "open another."
                    )
        except BaseException:
            self._leave()
            before.come_back()
            raise
        self._before = before

    def _switch_back(self) -> None:
        before, self._before = self._before, None
        self._leave()
        if before is not None:
            before.come_back()

    def _leave(self) -> None:
        """A window's library, or moderngl, is told that it is over."""
        if self._entered:
            self._entered = False
            self._loader.__exit__(None, None, None)
