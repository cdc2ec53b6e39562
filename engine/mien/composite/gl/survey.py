"""What each EGL device gives: for `mien doctor`, and for people who wonder why another one was taken."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import moderngl

from mien.composite.gl.context import REQUIRED, wrapped
from mien.composite.gl.current import loader_of
from mien.composite.gl.egl import devices
from mien.composite.gl.egl_context import EglContext
from mien.composite.gl.forked import about_to_open
from mien.errors import RendererUnavailable
from mien.threads import check_to_draw


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A device, and what came of opening it."""

    index: int
    """Its place in EGL's order, which GLCONTEXT_DEVICE_INDEX counts; -1: EGL cannot list devices here."""
    name: str
    """For people: `device 0 (/dev/dri/renderD128)`."""
    path: str
    """The file by which it is opened; empty where EGL does not say."""
    software: bool
    """Draws on the processor."""
    renderer: str = ""
    """GL_RENDERER; empty for one that was refused."""
    version: str = ""
    """GL_VERSION, likewise."""
    refused: str = ""
    """Why it cannot be used; empty for one that can."""


def survey() -> tuple[Surveyed, ...]:
    """Each EGL device, opened and released, in the order in which `open_headless` tries them.

    Empty on systems where contexts are not made through EGL. Raises RendererUnavailable without a libEGL.
    """
    if not sys.platform.startswith("linux"):
        return ()
    about_to_open()
    check_to_draw()
    found = []
    for device in sorted(devices(), key=lambda one: one.software):
        known = (device.index, str(device), device.path, device.software)
        try:
            loader = EglContext(device, REQUIRED)
            try:
                with loader:
                    info = wrapped(loader, standalone=True).info
            finally:
                loader.release()
        except RendererUnavailable as error:
            found.append(Surveyed(*known, refused=str(error)))
        else:
            found.append(Surveyed(*known, str(info["GL_RENDERER"]), str(info["GL_VERSION"])))
    return tuple(found)


def device_index(ctx: moderngl.Context) -> int | None:
    """The index of the EGL device that a context of `open_headless` draws with; None for any other."""
    loader = loader_of(ctx)
    return loader.device.index if isinstance(loader, EglContext) else None
