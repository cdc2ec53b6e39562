"""What `host_state` keeps of a program's GL state while Mien draws."""

from __future__ import annotations

from typing import Any, NamedTuple


class SavedState(NamedTuple):
    """As GL tells it, in its own numbers; what is put back is what was told."""

    program: int
    vertex_array: int
    buffers: list[int]
    framebuffers: tuple[int, int]
    active_texture: int
    textures: list[tuple[int, int, int]]
    """Of each unit: 2D, 2D array, and sampler."""
    pixel_store: list[int]
    switches: list[bool]
    seamless: bool
    blends: list[bool]
    masks: list[tuple[int, ...]]
    factors: list[tuple[int, ...]]
    """Of each draw buffer, or of all: four factors and two equations."""
    scissors: list[bool]
    viewports: Any
    """float32, four of each viewport."""
    boxes: Any
    """int32, four of each scissor box."""
    depth_mask: int
    clear_color: list[float]
    clear_depth: float
    polygon_modes: tuple[int, int]
    restart_index: int
    clip: tuple[int, int]
    feedback: bool
    transfer: list[float]
