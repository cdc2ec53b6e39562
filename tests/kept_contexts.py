"""GL contexts and linked programs that stages of one process of tests hand on to one another.

A stage that opens links some sixty programs, and its driver makes machine code of each that it draws with:
more than half of what opening one and its first frame take. What is linked is the same each time.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import moderngl
import pytest

from mien.composite.gl import context as contexts
from mien.composite.gl import ownership, programs
from mien.composite.gl.current import loader_of
from mien.stage import base, picture

_SETTINGS = ("GALLIUM", "GLCONTEXT", "LIBGL", "LP_", "MESA")
"""Beginnings of environment variables that a driver goes by when a context is opened."""


class _Kept:
    """A context, the second one over it that compositors make their objects with, and its programs."""

    def __init__(self, ctx: moderngl.Context, settings: object) -> None:
        self.ctx, self.settings = ctx, settings
        self.second: moderngl.Context | None = None
        self.rest: moderngl.Framebuffer | None = None
        """Bound while nobody draws: moderngl binds again what it bound last, also when that is deleted."""
        self.programs: dict[object, tuple[moderngl.Program, list[tuple[moderngl.Uniform, bytes]]]] = {}
        """With their uniforms, and what is in these to begin with."""
        self.compositors = 0
        """Open in it: one alone may use its programs, whose uniforms it sets."""
        self.release: Callable[[], None] = ctx.release


class _Pool:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: list[_Kept] = []
        self._lent: dict[int, _Kept] = {}

    def open(self) -> moderngl.Context:
        """In the place of `open_headless`."""
        settings = sorted(pair for pair in os.environ.items() if pair[0].startswith(_SETTINGS))
        with self._lock:
            found = next((one for one in self._free if one.settings == settings), None)
            if found is not None:
                self._free.remove(found)
        if found is None:
            found = _Kept(contexts.open_headless(), settings)
            found.ctx.release = lambda: self._give_back(found)
        else:  # what is asked whenever one is opened
            contexts.about_to_open()
            contexts.check_to_draw()
        self._lent[id(found.ctx)] = found
        return found.ctx

    def _give_back(self, one: _Kept) -> None:
        if self._lent.pop(id(one.ctx), None) is None:
            return
        if one.compositors:  # it was left behind, with all that it has in the context
            one.ctx.release = one.release
            one.release()
            return
        loader = loader_of(one.ctx)
        if loader.is_current:
            loader.make_none_current()
        with self._lock:
            self._free.append(one)

    def second(self, ctx: moderngl.Context) -> moderngl.Context:
        """In the place of `second_context`."""
        one = self._lent.get(id(ctx))
        if one is None or one.compositors:
            return contexts.second_context(ctx)
        if one.second is None:
            one.second = contexts.second_context(ctx)
        return one.second

    def of(self, second: moderngl.Context) -> _Kept | None:
        """Whose second context it is."""
        return next((one for one in list(self._lent.values()) if one.second is second), None)


_POOL = _Pool()


class _Programs(programs.Programs):
    """Programs that the compositor before has left linked."""

    def __init__(self, ctx: moderngl.Context, *given: Any, **named: Any) -> None:
        self._kept = _POOL.of(ctx)
        if self._kept is not None:
            self._kept.compositors += 1
        super().__init__(ctx, *given, **named)

    def _made(self, vertex: str, fragment: str, macros: Mapping[str, str | int]) -> moderngl.Program:
        if self._kept is None:
            return super()._made(vertex, fragment, macros)
        key = (vertex, fragment, tuple(sorted(macros.items())))
        if key in self._kept.programs:
            found, uniforms = self._kept.programs[key]
            for uniform, data in uniforms:
                uniform.write(data)
            return found
        found = super()._made(vertex, fragment, macros)
        found.release = lambda: None
        members = [found[name] for name in found]
        uniforms = [(one, bytes(one.read())) for one in members if isinstance(one, moderngl.Uniform)]
        self._kept.programs[key] = found, uniforms
        return found

    def release(self) -> None:
        super().release()
        if (kept := self._kept) is not None:
            self._kept = None
            kept.compositors -= 1
            if kept.rest is None:
                assert kept.second is not None
                kept.rest = kept.second.simple_framebuffer((1, 1))
            kept.rest.use()


def open_kept() -> moderngl.Context:
    """A context whose compositors, one after another, have programs linked once. The caller releases it."""
    return _POOL.open()


@contextmanager
def handed_on() -> Iterator[None]:
    """While the block lasts stages that are closed leave their contexts to those that are opened."""
    from mien.composite.gl import resources

    with pytest.MonkeyPatch.context() as patch:
        for module in (base, picture):
            patch.setattr(module, "open_headless", _POOL.open)
        patch.setattr(ownership, "second_context", _POOL.second)
        patch.setattr(resources, "Programs", _Programs)
        yield
