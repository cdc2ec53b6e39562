"""Pictures and masks of layered art on atlas pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.art.packing import pack
from mien.art.png import premultiply
from mien.errors import AtlasFull
from mien.types import U8, Rect, Size

GUTTER = 2
"""Empty pixels around each region, so that a filter in it never reads a neighbour."""

MAX_PAGE_BYTES = 2 * 1024**3
"""Most memory that the pages may take."""

_SMALL_PAGE = 512


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a picture is on the pages."""

    page: int
    region: Rect


class PageBook:
    """Collects pictures, then packs them all at once.

    The side of the pages is that of the largest picture with its gutter, so every picture fits.
    """

    def __init__(self) -> None:
        self._pictures: list[U8] = []

    @property
    def pixels(self) -> int:
        """How many pixels the pictures have together."""
        return sum(picture.shape[0] * picture.shape[1] for picture in self._pictures)

    def add_picture(self, straight: U8) -> int:
        """A picture, (h, w, 4) uint8 RGBA with straight alpha, h and w at least 1. Returns its number.

        It is not copied before `pack`.
        """
        self._pictures.append(straight)
        return len(self._pictures) - 1

    def add_mask(self, mask: U8) -> int:
        """A mask, (h, w) uint8, h and w at least 1. It lives in the alpha. Returns its number."""
        self._pictures.append(mask)
        return len(self._pictures) - 1

    def pack(self) -> tuple[list[Placement], list[U8]]:
        """Where each picture went, and the pages: (h, w, 4) uint8 premultiplied, at least one, all of a size.

        Raises AtlasFull when they would take more than MAX_PAGE_BYTES.
        """
        sizes = [(p.shape[1] + 2 * GUTTER, p.shape[0] + 2 * GUTTER) for p in self._pictures]
        side = max([_SMALL_PAGE, *(max(size) for size in sizes)])
        placed = pack(sizes, side)
        page = _used(sizes, [(p.x, p.y) for p in placed])
        count = 1 + max((p.page for p in placed), default=0)
        if count * page.width * page.height * 4 > MAX_PAGE_BYTES:
            raise AtlasFull(
                f"the layers need {count} pages of {page.width} x {page.height} pixels, more than "
                f"{MAX_PAGE_BYTES >> 20} MiB; export the file smaller or merge layers."
            )
        pages = [np.zeros((page.height, page.width, 4), np.uint8) for _ in range(count)]
        placements = []
        for picture, (number, x, y) in zip(self._pictures, placed, strict=True):
            height, width = picture.shape[:2]
            region = Rect(x + GUTTER, y + GUTTER, width, height)
            drawn = premultiply(picture) if picture.ndim == 3 else picture[..., None]
            pages[number][region.y : region.y + height, region.x : region.x + width] = drawn
            placements.append(Placement(number, region))
        return placements, pages


def _used(sizes: Sequence[tuple[int, int]], places: Sequence[tuple[int, int]]) -> Size:
    """How much of the square pages is in use."""
    reach = [(x + width, y + height) for (width, height), (x, y) in zip(sizes, places, strict=True)]
    return Size(max((x for x, _ in reach), default=1), max((y for _, y in reach), default=1))
