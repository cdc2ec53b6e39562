"""Packed pages as values: where each region lies, and what it holds. And as a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mien.art.meshes import Box
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


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Pictures at a scale, on pages: those of a manifest in its order, behind them those of its joins."""

    placements: tuple[SpritePlacement, ...]
    offsets: tuple[tuple[int, int], ...]
    """Where the top left of each lies on the scaled canvas."""
    bounds: tuple[Box, ...]
    """Where each of the manifest's lies on the canvas before it is scaled."""
    pages: tuple[U8, ...]
    """(side, side, 4) uint8 each, premultiplied, y down, C-contiguous, read-only."""
    warnings: tuple[str, ...] = ()
    """About their files."""
    rooms: Mapping[Content, Room] | None = None
    """Where each region is, by what it holds; None where they were packed elsewhere, or earlier."""
    brought: tuple[Room, ...] | None = None
    """As of `Atlas`."""

    @property
    def atlas(self) -> Atlas | None:
        """How they were packed, as far as it is known."""
        if self.rooms is None or not self.pages:
            return None
        return atlas_with(self.placements, self.pages, self.rooms, self.brought)

    def document(self) -> dict[str, Any]:
        """All but the pages, as JSON has it."""
        return {
            "placements": [[one.page, *one.region, int(one.flip_x)] for one in self.placements],
            "offsets": self.offsets,
            "bounds": self.bounds,
            "warnings": self.warnings,
        }


def atlas_with(
    placements: tuple[SpritePlacement, ...],
    pages: tuple[U8, ...],
    rooms: Mapping[Content, Room],
    brought: tuple[Room, ...] | None = None,
) -> Atlas:
    """An atlas of these; `brought` as in `Atlas`."""
    side = len(pages[0]) if pages else 0
    used = sum(room.around.width * room.around.height for room in rooms.values())
    fill = used / (len(pages) * side**2) if pages else 0.0
    return Atlas(placements, pages, side, len(rooms), fill, rooms, brought)


def packed_of(document: Any, pages: Sequence[U8]) -> Packed:
    """What such a document says of these pages. Raises ValueError where it cannot be so; for one that is no
    such document at all also KeyError and TypeError."""
    placements = []
    for page, x, y, width, height, flip in document["placements"]:
        side = pages[page].shape[0] if 0 <= page < len(pages) else 0
        if min(x, y, width, height) < 0 or max(x + width, y + height) > side:
            raise ValueError(f"page {page} has no place at {x}, {y} for {width} x {height} pixels")
        placements.append(SpritePlacement(page, Rect(x, y, width, height), bool(flip)))
    return Packed(
        tuple(placements),
        tuple((int(x), int(y)) for x, y in document["offsets"]),
        tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in document["bounds"]),
        tuple(pages),
        tuple(map(str, document["warnings"])),
    )
