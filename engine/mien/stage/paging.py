"""Looking at the atlas: its pages, what is on them, and which are on the GPU."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.arguments import refuse, whole_of
from mien.composite.gl import Compositor
from mien.errors import ScriptError
from mien.stage.shown import AtlasPage, Residency
from mien.stage.talking import Talking
from mien.types import U8, Size

_LARGEST: Final = 16_384
_MOST: Final = 1_000_000


class Paging(Talking):
    """The part of a stage on which atlas pages are looked at. On the stage's own thread."""

    _compositor: Compositor

    def atlas_pages(self) -> tuple[AtlasPage, ...]:
        """Every page in use, by number, the background's first. Raises WrongThread."""
        self._check()
        self._check_owner("atlas_pages")
        show, here = self._show, self._compositor.pages.here
        size, changes = Size(show.page_size, show.page_size), self._compositor.pages.changes
        bytes_each = 4 * size.width * size.height
        on: dict[int, tuple[str, list[str]]] = {number: ("", []) for number in show.background_pages}
        for actor in show.player.actors:
            for slot in actor.character.slots:
                joined = (slot.joined,) if slot.joined is not None else ()
                for drawing in (*slot.drawings, *joined):
                    of = on.setdefault(actor.page_base + drawing.page, (actor.key, []))[1]
                    of.append(f"{slot.name}/{drawing.name}")
        return tuple(
            AtlasPage(number, size, bytes_each, key, tuple(names), bool(here[number]), changes[number])
            for number, (key, names) in sorted(on.items())
        )

    def page_picture(self, number: int, size: int = 256, *, part: tuple[int, int] = (0, 1)) -> U8 | None:
        """A page as a picture: (h, w, 4) uint8 RGBA, premultiplied, top row first, no side over `size`
        pixels.

        The caller's own. Read from the GPU, which takes milliseconds there and a tenth of a second in
        software: for a thumbnail that is made once. `part`: (k, n), of n parts, from the top, only the k-th,
        k from 0: for who makes it over several frames; 64 parts take 1 ms each. None for a page that is not
        resident. Raises ScriptError for a number that is no page's, WrongThread.
        """
        size = whole_of("size", size, 1, _LARGEST, f"pixels, 1 to {_LARGEST}")
        number = whole_of("number", number, 0, _MOST, "that of a page, as atlas_pages() lists them")
        if number not in (known := [page.number for page in self.atlas_pages()]):
            raise ScriptError(f"{number} is no page; give one of {known[0]} to {known[-1]}.")
        nth, parts = _part(part)
        wide, high = self._show.page_size, self._show.page_size
        by = -(-max(wide, high) // size)
        rows = -(-high // by)
        first, end = (min(high, by * (rows * k // parts)) for k in (nth, nth + 1))
        if first == end:
            return np.zeros((0, -(-wide // by), 4), np.uint8)
        with self._told.busied(), self._compositor.current():
            pixels = self._compositor.pages.read(number, first, end)
        return None if pixels is None else _smaller(pixels, by)

    def residency(self) -> Residency:
        """How many pages and bytes there are, how many are on the GPU, and how they came and went. Raises
        WrongThread."""
        pages, counters = self.atlas_pages(), self._compositor.counters
        return Residency(
            pages=len(pages),
            resident=sum(page.resident for page in pages),
            bytes=sum(page.bytes for page in pages),
            resident_bytes=sum(page.bytes for page in pages if page.resident),
            budget=self._show.page_budget,
            uploads=counters.page_uploads,
            evictions=counters.evictions,
        )


def _part(part: object) -> tuple[int, int]:
    if not isinstance(part, tuple) or len(part) != 2:
        refuse("part", part, "(which, of how many), as (0, 32)")
    parts = whole_of("part", part[1], 1, _LARGEST, f"of 1 to {_LARGEST} parts")
    return whole_of("part", part[0], 0, parts - 1, f"0 to {parts - 1} of {parts} parts"), parts


def _smaller(pixels: U8, by: int) -> U8:
    """Each pixel the mean of a square of so many by as many."""
    if by == 1:
        return pixels.copy()
    high, wide = pixels.shape[:2]
    over = ((0, -high % by), (0, -wide % by), (0, 0))
    padded = np.pad(pixels, over) if high % by or wide % by else pixels
    # Line by line first: what lies together is added together.
    lines = np.zeros((padded.shape[0] // by, *padded.shape[1:]), np.uint32)
    for dy in range(by):
        lines += padded[dy::by]
    total = np.zeros((len(lines), lines.shape[1] // by, 4), np.uint32)
    for dx in range(by):
        total += lines[:, dx::by]
    small: U8 = ((total + by * by // 2) // (by * by)).astype(np.uint8)
    return small
