"""Compositing on the GPU. All of moderngl is in here and in the surfaces."""

from mien.composite.gl.compositor import Compositor, Counters
from mien.composite.gl.context import is_software, open_headless

__all__ = ["Compositor", "Counters", "is_software", "open_headless"]
