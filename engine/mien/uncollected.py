"""The cyclic collector is left out while modules are imported.

What that makes stays, nearly all of it, and the collector would look through it again and again: a tenth to a
fifth of what importing Mien takes.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType


@contextmanager
def uncollected(*, stays: bool = False) -> Iterator[None]:
    """While the block lasts no cycle is sought, on any thread.

    `stays`: what there is at its end is never looked through again, what the program had before included: for
    a program of our own.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if stays:
            gc.freeze()
        if was_enabled:
            gc.enable()


def imported(name: str) -> ModuleType:
    """The module of this name, imported so if it is not there yet. Raises what importing it raises."""
    if name in sys.modules:
        return import_module(name)  # which waits where another thread is at it
    with uncollected():
        return import_module(name)
