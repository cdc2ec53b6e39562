"""Whether a window can be opened, asked in a process of its own: without a seat glfw has crashed."""

from __future__ import annotations

import os
import sys
from typing import Final

from mien.cli.doctor.apart import apart
from mien.cli.doctor.finding import Finding, State
from mien.errors import RendererUnavailable

_REMEDY: Final = (
    "see whether another program opens a window here; WAYLAND_DISPLAY unset uses X; `mien render` and "
    "`mien play --headless` need no window"
)


def examine_window() -> Finding:
    """What doctor says of it."""
    if sys.platform.startswith("linux") and not _display():
        return Finding(
            "window",
            "note",
            "no display",
            "`mien play` needs a desktop session or Xvfb; `mien render` does not",
        )
    return _tried("note")


def refuse_crashing() -> None:
    """Raise RendererUnavailable where glfw would take this process with it; what else is wrong it tells."""
    if sys.platform.startswith("linux") and not _display():
        return
    found = _tried("wrong")
    if found.state == "wrong":
        raise RendererUnavailable(f"no window can be opened: glfw {found.found}; {found.remedy}.")


def _tried(state_of_a_crash: State) -> Finding:
    return next(apart("window", "window", state_of_a_crash, _REMEDY))


def _display() -> str | None:
    return os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
