"""Packed pages as values: where each region lies, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mien.types import U8, Rect

Content = tuple[object, ...]
"""What tells the pixels of a sprite, and the sides at which they are cut, from all others."""


@dataclass(frozen=True, slots=True)
class SpritePlacement:
    """Where a sprite's pixels are on the pages."""

    page: int
    region: Rect
    flip_x: bool
    """The region holds the mirror image of the sprite."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where a region lies with its gutter."""

    page: int
    around: Rect
    """Both of them."""
    region: Rect


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """Packed sprites."""

    placements: tuple[SpritePlacement, ...]
    """One per sprite, in the order given."""
    pages: tuple[U8, ...]
    """(side, side, 4) uint8 each, C-contiguous, read-only; pixels as in the sprites."""
    side: int
    """Side of every page in pixels."""
    regions: int
    """Regions on the pages: sprites without the duplicates."""
    fill: float
    """Share of the pages' pixels that regions and gutters take, 0..1."""
    rooms: Mapping[Content, Room] = field(default_factory=dict)
    """Where each region is, by what it holds."""
    brought: tuple[Room, ...] | None = None
    """Of an atlas that was made of another, by `exchanged`: what was put where nothing was. None: it is all
    new."""
