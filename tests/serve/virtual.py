"""A loop whose time moves only when all that is left to do is to wait."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: what is waited for has come."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("it would wait for ever")
        self.now_s += timeout
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """Begins at 0 s."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now_s


def run(main: Coroutine[Any, Any, _T]) -> tuple[_T, float]:
    """What it gives, and how long it took, in virtual seconds."""
    loop = Loop()
    try:
        return loop.run_until_complete(main), loop.time()
    finally:
        loop.close()
