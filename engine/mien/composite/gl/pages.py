"""Atlas pages on the GPU, as layers of one texture array: which are here, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.functions import Functions
from mien.composite.gl.page_layout import PageLayout
from mien.composite.gl.page_reading import read_layers
from mien.composite.plan.coverage import Coverage
from mien.composite.rows import MASK_PAGE, NO_MASK, SAMPLE_COUNT, SAMPLE_PAGES, WEIGHTS
from mien.errors import PageMissing
from mien.types import F32, MAX_MIXED, U8, Bools, Rect, Size

_PAGE_COLUMNS = [*SAMPLE_PAGES, MASK_PAGE]


class Pages:
    """Pages 0..count-1, none of them here at first, at most `layers` of them at once.

    `texture`: an array with room for that many, in this `layout`. A page is put on the GPU whole by `put`, or
    line by line: `begin`, `write`, `finish`. Where there is no layer left, the page that has not been shown
    for longest makes room; one that the last frame showed never.
    """

    def __init__(
        self,
        texture: moderngl.TextureArray,
        functions: Functions,
        size: Size,
        count: int,
        layers: int,
        counters: Counters,
        layout: PageLayout,
    ) -> None:
        self._functions = functions
        self._layout = layout
        self.size, self.count, self.layers = size, count, max(1, layers)
        self.texture = texture
        self.coverage = Coverage(size, count)
        """Of all pages that were ever here."""
        self._counters = counters
        self._layer = np.full(count, -1)
        self._here = np.zeros(count, np.bool_)
        self.changes: Final = [0] * count
        """How often parts of each page were exchanged."""
        self._shown = np.full(count, -1)
        """The last frame that showed each page."""
        self._frame = 0
        self._complete = False
        """All pages are here, each on a layer of its own: nothing to look up."""

    @property
    def here(self) -> Bools:
        """(count,) whether each page can be drawn."""
        return self._here

    def check(self, index: int, pixels: U8) -> None:
        """Raises PageMissing for a number of no page, ValueError for pixels of another shape or type."""
        if isinstance(index, bool) or not 0 <= index < self.count:
            raise PageMissing(f"page {index} is not one of the {self.count} pages set aside")
        shape = (self.size.height, self.size.width, 4)
        if pixels.shape != shape or pixels.dtype != np.uint8:
            raise ValueError(f"page {index} must be {shape} uint8, not {pixels.shape} {pixels.dtype}")

    def put(self, index: int, pixels: U8) -> None:
        """Upload a page whole. Raises as `check`; PageMissing when the last frame showed all that is here."""
        self.check(index, pixels)
        if not self.begin(index):
            raise PageMissing(
                f"page {index} finds no room: all {self.layers} layers are being shown; open for more"
            )
        self.coverage.set_page(index, pixels)
        self.write(index, 0, pixels)
        self.finish(index)

    def begin(self, index: int, kept: Bools | None = None) -> bool:
        """Set a layer aside for the page. False when the last frame showed all that is here.

        `kept`: (count,) pages that make no room though nothing shows them yet.
        """
        if self._layer[index] < 0:
            taken = np.flatnonzero(self._layer >= 0)
            if len(taken) < self.layers:
                # Where all have room each has its own, and rows need not be mapped.
                free = np.ones(self.layers, np.bool_)
                free[self._layer[taken]] = False
                layer = index if self.layers >= self.count else int(free.argmax())
            else:
                # One that is still being written has no age: it stays.
                idle = taken[self._here[taken] & (self._shown[taken] < self._frame)]
                if kept is not None:
                    idle = idle[~kept[idle]]
                if not len(idle):
                    return False
                oldest = idle[np.argmin(self._shown[idle])]
                layer = int(self._layer[oldest])
                self._layer[oldest], self._here[oldest] = -1, False
                self._counters.evictions += 1
            self._layer[index] = layer
            self._write(self._layout.empty(layer))
        self._here[index] = self._complete = False
        return True

    def write(self, index: int, first: int, lines: U8) -> None:
        """Write lines (n, page width, 4) of a page that was begun, from line `first` on."""
        lines = np.ascontiguousarray(lines)
        self._write(self._layout.parts(int(self._layer[index]), first, lines))
        self._counters.uploaded(lines.nbytes, page=first + len(lines) == self.size.height)

    def finish(self, index: int) -> None:
        """All lines are written, and `coverage` knows the page: it may be shown."""
        self._here[index] = True
        self._shown[index] = self._frame - 1
        self._complete = self.layers >= self.count and bool(self._here.all())

    def write_part(self, index: int, part: Rect, pixels: U8) -> Iterator[None]:
        """Learn and write a part, in pixels, of a page that is here, which nothing shows: once begun, some of
        it at each step. `pixels`: of all the page."""
        self.coverage.set_part(index, part, pixels)
        self.changes[index] += 1
        for layer, line, lines in self._layout.part(int(self._layer[index]), part, pixels):
            lines = np.ascontiguousarray(lines)
            self._functions.write_layer(self.texture, layer, line, lines)
            self._counters.uploaded_part(lines.nbytes)
            yield

    def drop(self, index: int) -> None:
        """Nothing shows a page any more: its layer is free."""
        self._layer[index] = -1
        self._here[index] = self._complete = False

    def read(self, index: int, first: int, end: int) -> U8 | None:
        """A page's lines from `first` to before `end`, as they are on the GPU: (end - first, width, 4) uint8,
        premultiplied; None where it is not there.

        Waits for the GPU; the context is current."""
        if not self._here[index]:
            return None
        layers, lines = self._layout.holding(first, end)
        base = int(self._layer[index]) * self._layout.per_page
        read = read_layers(self.texture, base + layers.start, len(layers), lines)
        return self._layout.lines(read, first, end, self.size.width)

    def without_missing(self, rows: F32) -> F32:
        """The rows, or a copy in which samples on pages that are not here have no weight: misses, counted."""
        if not len(rows) or self._complete:
            return rows
        pages = rows[:, _PAGE_COLUMNS].astype(np.intp)
        known = (pages >= 0) & (pages < self.count)
        known[:, :MAX_MIXED] &= np.arange(MAX_MIXED) < rows[:, SAMPLE_COUNT, None]
        self._shown[pages[known]] = self._frame
        missing = known & ~self._here[np.where(known, pages, 0)]
        if not missing.any():
            return rows
        self._counters.misses += int(np.count_nonzero(missing))
        samples, unmasked = missing[:, :MAX_MIXED], missing[:, MAX_MIXED]
        rows = rows.copy()
        rows[:, WEIGHTS][samples] = 0.0
        rows[unmasked, WEIGHTS] = 0.0
        rows[unmasked, MASK_PAGE] = NO_MASK
        return rows

    def next_frame(self) -> None:
        """What is shown from here on is shown by another frame."""
        self._frame += 1

    def on_layers(self, rows: F32) -> F32:
        """The rows with the layer of each page in the place of its number: what shaders read."""
        if self.layers >= self.count:
            return rows
        pages = rows[:, _PAGE_COLUMNS].astype(np.intp)
        known = (pages >= 0) & (pages < self.count)
        layers = self._layer[np.where(known, pages, 0)]
        mapped = rows.copy()
        mapped[:, _PAGE_COLUMNS] = np.where(known, np.maximum(layers, 0), rows[:, _PAGE_COLUMNS])
        return mapped

    def _write(self, parts: Iterable[tuple[int, int, U8]]) -> None:
        for layer, line, lines in parts:
            self._functions.write_layer(self.texture, layer, line, lines)

    def release(self) -> None:
        """Free the texture."""
        self.texture.release()
