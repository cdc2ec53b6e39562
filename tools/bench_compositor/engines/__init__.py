"""The engines. Each module imports its library when its engine is made, and not before."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from bench_compositor.timeline import Timeline
from mien.types import U8


class Engine(Protocol):
    """Draws frames of a timeline. Made once per scenario; everything slow happens when it is made."""

    note: str
    """What it does differently from the others, or which settings it found to be the faster; may be empty."""

    def draw(self, k: int) -> U8:
        """Frame `k`: (h, w, 4) uint8 premultiplied RGBA, in memory that the engine owns until the next."""
        ...


ENGINES = {
    "pillow": ("pillow_cached", "Pillow, L1 cache", ""),
    "opencv": ("opencv", "OpenCV", "opencv-python-headless"),
    "pygame": ("pygame_ce", "pygame-ce", "pygame-ce"),
    "skia": ("skia_raster", "Skia raster", "skia-python"),
    "blend2d": ("blend2d_raster", "Blend2D", "blend2d-python"),
    "naive-gl": ("naive_gl", "GL, a draw per layer", ""),
    "mien-full": ("mien_gl", "Mien without damage", ""),
    "mien": ("mien_gl", "Mien", ""),
    "mien-coarse": ("mien_gl", "Mien, held to 1/2 pixel", ""),
}
"""Key: (module, name in tables, package to install beside Mien's own)."""


class EngineMissing(Exception):
    """The library of an engine cannot be imported; the message says what to install."""


def make(key: str, timeline: Timeline) -> Engine:
    """Make an engine. Raises EngineMissing."""
    module, name, package = ENGINES[key]
    try:
        found = import_module(f"bench_compositor.engines.{module}")
    except ImportError as error:
        raise EngineMissing(f"{name} is left out ({error}): pip install {package or 'mien'}") from error
    if key == "mien-full":
        return cast(Engine, found.make(timeline, damage=False))
    if key == "mien-coarse":
        if timeline.held is None:
            raise EngineMissing(f"{name} is left out: joints are held in real frames only")
        return cast(Engine, found.make(timeline.held))
    return cast(Engine, found.make(timeline))
