"""Whether a window can be opened, asked in a process of its own: without a seat glfw has crashed."""

from __future__ import annotations

import sys

from mien.cli.doctor.apart import apart
from mien.cli.doctor.finding import Finding
from mien.stage.window_probe import REMEDY, display


def examine_window() -> Finding:
    """What doctor says of it."""
    if sys.platform.startswith("linux") and not display():
        return Finding(
            "window",
            "note",
            "no display",
            "`mien play` needs a desktop session or Xvfb; `mien render` does not",
        )
    return next(apart("window", "window", "note", REMEDY))
