"""Compositing on the GPU. All of moderngl is in here and in the surfaces."""

from mien.composite.gl.compositor import Compositor
from mien.composite.gl.context import is_software, open_headless
from mien.composite.gl.counters import Counters

__all__ = ["Compositor", "Counters", "is_software", "open_headless"]
