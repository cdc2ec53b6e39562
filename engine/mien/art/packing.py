"""Placing rectangles on square pages: integers in, integers out. No pixel, name or file is known here.

A skyline packer: each page keeps the outline of what has been placed, and a rectangle goes where its
bottom edge ends highest up. Rectangles are taken tallest first, so the result depends only on the sizes
and their order, never on a hash or a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Placement(NamedTuple):
    """Where a rectangle went: page, and its top left there."""

    page: int
    x: int
    y: int


class Skyline:
    """The lower outline of one page: segments (x, y, width) from left to right, without holes."""

    def __init__(self, side: int) -> None:
        self._side = side
        self._segments: list[tuple[int, int, int]] = [(0, 0, side)]

    def place(self, width: int, height: int) -> tuple[int, int] | None:
        """Take room for a rectangle; its top left, or None when it does not fit."""
        best: tuple[int, int, int] | None = None
        for i, (x, _, _) in enumerate(self._segments):
            if x + width > self._side:
                break
            y = self._rest(i, width)
            # Lowest bottom edge first, then leftmost.
            if y + height <= self._side and (best is None or y < best[1]):
                best = (i, y, x)
        if best is None:
            return None
        i, y, x = best
        self._cover(i, x, y + height, width)
        return x, y

    def _rest(self, first: int, width: int) -> int:
        """The y at which a rectangle of this width rests when it starts at segment `first`."""
        top = 0
        for _, y, span in self._segments[first:]:
            top = max(top, y)
            width -= span
            if width <= 0:
                break
        return top

    def _cover(self, first: int, x: int, y: int, width: int) -> None:
        """Raise the outline to y over [x, x + width), merging equal neighbours."""
        end = x + width
        kept = self._segments[:first]
        kept.append((x, y, width))
        for sx, sy, span in self._segments[first:]:
            if sx + span > end:
                left = max(sx, end)
                kept.append((left, sy, sx + span - left))
        merged = [kept[0]]
        for sx, sy, span in kept[1:]:
            px, py, width_before = merged[-1]
            if py == sy:
                merged[-1] = (px, py, width_before + span)
            else:
                merged.append((sx, sy, span))
        self._segments = merged


def pack(sizes: Sequence[tuple[int, int]], side: int, ranks: Sequence[int] = ()) -> list[Placement]:
    """Place rectangles (width, height), each 1..side, on as many side x side pages as it takes.

    `ranks`: one for each; those of a lower rank are placed first, and so share the first pages. Returns one
    placement per size, in the order given. Raises ValueError for a size out of range.
    """
    for width, height in sizes:
        if not (1 <= width <= side and 1 <= height <= side):
            raise ValueError(f"a rectangle of {width} x {height} does not fit on a page of {side} x {side}")
    ranks = ranks or [0] * len(sizes)
    order = sorted(range(len(sizes)), key=lambda i: (ranks[i], -sizes[i][1], -sizes[i][0], i))
    placements = [Placement(0, 0, 0)] * len(sizes)
    pages: list[Skyline] = []
    for i in order:
        width, height = sizes[i]
        for page, skyline in enumerate(pages):
            found = skyline.place(width, height)
            if found is not None:
                placements[i] = Placement(page, *found)
                break
        else:
            skyline = Skyline(side)
            found = skyline.place(width, height)
            assert found is not None  # an empty page takes any size that was checked above
            pages.append(skyline)
            placements[i] = Placement(len(pages) - 1, *found)
    return placements
