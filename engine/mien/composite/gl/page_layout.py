"""How the pixels of atlas pages lie in memory.

A GPU lays a texture out by itself. On a processor a line of a page of 2048 pixels is 8 KiB, and the lines
that a tile of 16 pixels reads lie in as many places of memory: it waits for each, since nothing foresees the
next. Pages are therefore cut into bands of 64 lines, and these into strips of 16 pixels, a cache line, which
lie line below line: the processor sees a run and fetches ahead. Of a real frame at 1280x720 that takes a
seventh of all processor time away, at 1920x1080 a sixth. Strips of 4, 8 or 32 pixels give less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from mien.types import U8, Rect, Size

BAND: Final = 64
"""Lines of a band: a strip of it is a page of memory."""
STRIP: Final = 16
"""Pixels across a strip: 64 bytes."""


class PageLayout:
    """Where the pixels of pages of a size are in a texture array.

    `in_strips`: as above; otherwise as in the page.
    """

    def __init__(self, page: Size, *, in_strips: bool) -> None:
        self._in_strips = in_strips
        self._strips = -(-page.width // STRIP)
        # With a line more than the page has: what a filter reads above a page or below is transparent.
        self.per_page: Final = -(-(page.height + 1) // BAND) if in_strips else 1
        """Layers of the array that a page takes."""
        self.size: Final = Size(STRIP, BAND * self._strips) if in_strips else page
        """Of a layer."""
        self._nothing = np.zeros((self.size.height if in_strips else 0, STRIP, 4), np.uint8)
        """Of a layer."""
        self.macros: Final[Mapping[str, str | int]] = (
            {"BANDS": self.per_page, "PAGE": f"ivec2({page.width}, {page.height})"} if in_strips else {}
        )
        """What shaders are to know of it."""

    def fits(self, pages: int, side: int, layers: int) -> bool:
        """Whether so many pages fit where textures have at most this side, and arrays as many layers."""
        return max(self.size) <= side and self.per_page * pages <= layers

    def empty(self, place: int) -> Iterator[tuple[int, int, U8]]:
        """As `parts`: what is to be written before a page, on the place of page number `place`."""
        if self._in_strips:
            last = (place + 1) * self.per_page - 1
            yield last, 0, self._nothing

    def parts(self, place: int, first: int, lines: U8) -> Iterator[tuple[int, int, U8]]:
        """Lines (n, page width, 4) of a page from its line `first` on, as the array has them.

        `place`: of the page among those on the GPU. Gives the layer, its line, and lines (m, size.width, 4).
        """
        if not self._in_strips:
            yield place, first, lines
            return
        over = self._strips * STRIP - lines.shape[1]
        if over:
            lines = np.pad(lines, ((0, 0), (0, over), (0, 0)))
        for start in range(first - first % BAND, first + len(lines), BAND):
            part = lines[max(0, start - first) : start + BAND - first]
            layer, line = place * self.per_page + start // BAND, max(0, first - start)
            if len(part) == BAND and not part.view(np.uint32).any():
                yield layer, 0, self._nothing  # as at the foot of most pages
                continue
            strips = part.reshape(len(part), self._strips, STRIP, 4).transpose(1, 0, 2, 3)
            if len(part) == BAND:
                yield layer, 0, np.ascontiguousarray(strips).reshape(-1, STRIP, 4)
            else:
                for nth, strip in enumerate(strips):
                    yield layer, nth * BAND + line, np.ascontiguousarray(strip)

    def part(self, place: int, part: Rect, page: U8) -> Iterator[tuple[int, int, U8]]:
        """A part of a page as `parts` gives it, with as much of the page (height, width, 4) around it as is
        written in one go."""
        top, bottom = part.y, part.y + part.height
        if not self._in_strips:
            yield place, top, page[top:bottom]
            return
        first, last = part.x // STRIP, -(-(part.x + part.width) // STRIP)
        for start in range(top - top % BAND, bottom, BAND):
            lines = page[start : start + BAND, first * STRIP : last * STRIP]
            lacking = (BAND - lines.shape[0], (last - first) * STRIP - lines.shape[1])
            lines = np.pad(lines, ((0, lacking[0]), (0, lacking[1]), (0, 0)))
            strips = lines.reshape(BAND, last - first, STRIP, 4).transpose(1, 0, 2, 3)
            layer = place * self.per_page + start // BAND
            yield layer, first * BAND, np.ascontiguousarray(strips).reshape(-1, STRIP, 4)

    def holding(self, first: int, end: int) -> tuple[range, tuple[int, int] | None]:
        """Which of a page's layers, and which lines of these (None: all), hold its lines from `first` to
        before `end`."""
        if not self._in_strips:
            return range(1), (first, end)
        return range(first // BAND, -(-end // BAND)), None

    def lines(self, layers: U8, first: int, end: int, width: int) -> U8:
        """A page's lines, (end - first, width, 4), from what `holding` names of the array."""
        if not self._in_strips:
            alone: U8 = layers[0]
            return alone
        bands = layers.reshape(len(layers), self._strips, BAND, STRIP, 4).transpose(0, 2, 1, 3, 4)
        lines: U8 = bands.reshape(len(layers) * BAND, -1, 4)
        return lines[first % BAND : first % BAND + end - first, :width]
