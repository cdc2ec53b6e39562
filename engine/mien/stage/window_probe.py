"""Whether glfw, which has crashed where it was begun (Wayland without a seat), takes a process with it.

Asked in a process of its own, as whoever opens a window by Mien has more to lose than that window.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mien.environment import Variable
from mien.errors import RendererUnavailable
from mien.processes import begin_python, end
from mien.stage.glfw_library import brought_along

REMEDY: Final = (
    "see whether another program opens a window here; WAYLAND_DISPLAY unset uses X; `mien render` and "
    "`mien play --headless` need no window"
)
"""What to do about it."""

_CODE: Final = "import glfw; glfw.init() and glfw.terminate()"
_SHORT: Final = "import ctypes, sys; g = ctypes.CDLL(sys.argv[1]); g.glfwInit() and g.glfwTerminate()"
"""The same of a library that is known, in a third of the time."""
_SAFE_PATH: Final = Variable("PYTHONSAFEPATH", over=True)
_ANSWERS_S: Final = 30.0
"""Longest that a display may take; a slow machine takes some seconds for Python itself."""


_begun: list[subprocess.Popen[bytes]] = []
"""The process that tries it, where one was begun ahead of time."""


@contextmanager
def begun() -> Iterator[None]:
    """Have a process try it, whose answer `refuse_crashing` takes where it asks in this block."""
    if not _begun and (process := _asked()) is not None:
        _begun.append(process)
    try:
        yield
    finally:
        while _begun:  # nobody has asked
            left = _begun.pop()
            end(left)


def refuse_crashing(answers_s: float = _ANSWERS_S) -> None:
    """Raise RendererUnavailable where glfw would crash, or wait for ever. What else is wrong it tells itself.

    Does nothing where there is no Python to ask: in packaged programs, and in those that embed one.
    """
    process = _begun.pop() if _begun else _asked()
    if process is None:
        return
    try:
        ended = process.wait(answers_s)
    except BaseException as error:  # or Ctrl-C
        end(process)
        if isinstance(error, subprocess.TimeoutExpired):
            raise _unavailable(f"gave no answer within {answers_s:g} s") from None
        raise
    if ended < 0:
        raise _unavailable(f"crashed ({next((one.name for one in signal.Signals if one == -ended), -ended)})")


def _asked() -> subprocess.Popen[bytes] | None:
    if sys.platform.startswith("linux") and not display():
        return None
    library, quiet = brought_along(), subprocess.DEVNULL
    code = (_CODE,) if library is None else (_SHORT, str(library))
    flags = () if library is None else ("-I", "-S")
    try:
        with safe_path():
            return begin_python(*code, flags=flags, path=library is None, stdin=quiet, stdout=quiet)
    except OSError:  # no process can be had, or no Python
        return None


@contextmanager
def safe_path() -> Iterator[None]:
    """Have Pythons that are started in here import nothing of the folder that the program happens to be in.

    It may be that of a conversation, and hold `json.py`. pyGLFW starts some, too, when it is imported."""
    with _SAFE_PATH.set_to("1"):
        yield


def display() -> str | None:
    """The display that a window would be opened on."""
    return os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")


def _unavailable(how: str) -> RendererUnavailable:
    return RendererUnavailable(f"no window can be opened: glfw {how}; {REMEDY}.")
