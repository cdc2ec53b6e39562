"""Pictures packed on their pages, and as a document that says where each lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mien.art.atlas import SpritePlacement
from mien.art.meshes import Box
from mien.types import U8, Rect


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

    def document(self) -> dict[str, Any]:
        """All but the pages, as JSON has it."""
        return {
            "placements": [[one.page, *one.region, int(one.flip_x)] for one in self.placements],
            "offsets": self.offsets,
            "bounds": self.bounds,
            "warnings": self.warnings,
        }


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
