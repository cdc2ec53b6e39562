"""Compositing on the GPU. All of moderngl is in here and in the surfaces."""

from mien.composite.gl.compositor import Compositor
from mien.composite.gl.context import attach, context_over, free_dropped, is_software, open_headless
from mien.composite.gl.counters import Counters
from mien.composite.gl.options import CompositorOptions
from mien.composite.gl.strategy_selection import choose_strategy

__all__ = [
    "Compositor",
    "CompositorOptions",
    "Counters",
    "attach",
    "choose_strategy",
    "context_over",
    "free_dropped",
    "is_software",
    "open_headless",
]
