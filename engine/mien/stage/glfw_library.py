"""Which library glfw's binding is to load.

Left to itself the binding starts a Python for each library that it finds, one after the other, to ask for its
version: that takes longer than loading it. The wheel brings one along, and what it brings is what is tested.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from mien.environment import Variable

NAMED: Final = "PYGLFW_LIBRARY"
"""The environment variable that names the library to the binding."""
_NAMED: Final = Variable(NAMED)
_KIND: Final = "PYGLFW_LIBRARY_VARIANT"


def brought_along() -> Path | None:
    """The library that the binding's own package brings for this kind of session, where it can be loaded.

    None where it brings none, or another was named to the binding.
    """
    if not sys.platform.startswith("linux") or getattr(sys, "frozen", False):
        return None
    if os.environ.get(NAMED):
        return None
    found = importlib.util.find_spec("glfw")
    if found is None or not found.submodule_search_locations:
        return None
    kind = os.environ.get(_KIND, "").lower()
    if kind not in ("wayland", "x11"):
        kind = "wayland" if os.environ.get("XDG_SESSION_TYPE") == "wayland" else "x11"
    library = Path(found.submodule_search_locations[0], kind, "libglfw.so")
    try:
        ctypes.CDLL(str(library))
    except OSError:
        return None
    return library


@contextmanager
def named() -> Iterator[None]:
    """While the binding is imported it is told of that library."""
    library = brought_along()
    with nullcontext() if library is None else _NAMED.set_to(str(library)):
        yield


class _NotHere:
    """Finds no cffi for one thread, and leaves all else, and all others, to whoever finds it."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, *_: object) -> None:
        """As Python asks for a module. Raises ModuleNotFoundError."""
        if name == "cffi" and threading.get_ident() == self._thread:
            raise ModuleNotFoundError("cffi is left out for now.", name=name)


@contextmanager
def without_cffi() -> Iterator[None]:
    """While this thread imports the binding it finds no cffi. The binding makes a parser of C with it, for a
    tenth of the time in which a window opens, and only for programs that hand it Vulkan's objects: for a
    program of our own."""
    left_out = _NotHere()
    sys.meta_path.insert(0, left_out)
    try:
        yield
    finally:
        sys.meta_path.remove(left_out)
