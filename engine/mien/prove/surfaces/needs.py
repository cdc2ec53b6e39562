"""Programs that surfaces are shown and looked at with: whether they are there is known at once."""

from __future__ import annotations

import shutil
from typing import Final

from mien.errors import SurfaceMissing

_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def xvfb() -> str:
    """The X server in which a window is looked at. Raises SurfaceMissing."""
    program = shutil.which("Xvfb")
    if program is None:
        raise SurfaceMissing("there is no Xvfb: install it (`apt install xvfb`), or prove another surface.")
    return program


def chromium() -> str:
    """The browser that shows a page. Raises SurfaceMissing."""
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if program is None:
        raise SurfaceMissing("there is no Chromium: install it, or prove another surface.")
    return program
