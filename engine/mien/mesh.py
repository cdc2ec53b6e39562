"""Meshes: grids that bend slots, as values. See `mien.character`, whose part they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mien.types import Size


@dataclass(frozen=True, slots=True)
class Ball:
    """A mesh's depth as on a ball that faces the viewer: 1 in the middle, 0 at the rim, below 0 beyond it."""

    centre: tuple[float, float]
    """Canvas pixels."""
    radius: tuple[float, float]
    """Canvas pixels, along x and y."""
    move: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Channel -> canvas pixels (x, y) per unit that a place of depth 1 moves."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of what hangs, on the one above it: a pendulum."""

    period_s: float
    """Seconds that it takes to swing to and fro."""
    damping: float
    """0..1: of what would keep it from swinging past."""
    swing: float
    """Degrees that it bends against the one above, while it is behind by a whole turn of the head."""


@dataclass(frozen=True, slots=True)
class Hang:
    """A chain of equally long segments from where it is fastened to its tip."""

    root: tuple[float, float]
    """Canvas pixels: what is above stays."""
    tip: tuple[float, float]
    """Canvas pixels: what is further goes with it."""
    width: float
    """Canvas pixels to each side of the line between them within which it takes all along; fading out over as
    many again. 0: everything."""
    gravity: float
    """0..1: how much of what its joint turns it stays upright."""
    segments: tuple[Segment, ...]
    """From the root on."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """A grid that bends some slots. What is at one of its points moves by the sum of what ball, rows, columns
    and hangs say of it; in between by what lies between."""

    name: str
    slots: tuple[int, ...]
    """Indices of the slots that it bends as one, ascending; a slot has one mesh."""
    joint: int
    """Index of the joint that the grid moves with."""
    grid: Size
    """Points along x and y, at least 2 each."""
    box: tuple[float, float, float, float]
    """Canvas pixels: left, top, right and bottom of the grid. What is beyond moves as its edge."""
    ball: Ball | None = None
    rows: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    """Channel -> canvas pixels (x, y) per unit, evenly spaced from the top of the box to its bottom."""
    columns: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    """The same from its left to its right."""
    hangs: tuple[Hang, ...] = ()
