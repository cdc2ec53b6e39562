"""Pages brought to the GPU while frames go on: loaded on a worker, uploaded in slices."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from mien.clock import Clock, RealClock
from mien.composite.gl.pages import Pages
from mien.thread_priority import step_behind
from mien.threads import start_thread
from mien.types import U8, Bools, Rect

Load = Callable[[int], U8]
"""The pixels of a page, (height, width, 4) uint8. Called on the worker; may take its time, and may raise."""

BUDGET_MS = 2.0
"""Time that uploads may take of a frame."""

_SLICE = 64
"""Lines written at once: 0.1 ms of a page 1024 wide on a software renderer."""


class PageStream:
    """Brings wanted pages to the GPU. Belongs to the thread that draws, but for the worker's part.

    Parameters: `pages` of the compositor; `load` reads one; `budget_ms` of upload a frame, but never less
    than a slice of 64 lines; `clock` to measure it by.
    """

    def __init__(
        self, pages: Pages, load: Load, budget_ms: float = BUDGET_MS, clock: Clock | None = None
    ) -> None:
        self._pages = pages
        self._load = load
        self._budget_ns = round(budget_ms * 1e6)
        self._clock = clock or RealClock()
        self._wanted: tuple[int, ...] = ()
        self._kept = np.zeros(pages.count, np.bool_)
        self._asked: int | None = None
        # One page ahead at most: memory stays bounded however slow the uploads are.
        self._orders: queue.SimpleQueue[tuple[int, int] | None] = queue.SimpleQueue()
        self._loaded: queue.SimpleQueue[tuple[int, int, U8 | Exception]] = queue.SimpleQueue()
        self._drops = [0] * pages.count
        """How often each number was given up: what was ordered before is another page."""
        self._writing: tuple[int, U8, int] | None = None
        self.failures: dict[int, str] = {}
        """Pages that could not be loaded, and why. They are not asked for again."""
        self._parts: deque[tuple[int, Iterator[None]]] = deque()
        self._upload_ms = self._parts_ms = 0.0
        self.more_ms = 0.0
        """What the next `advance` may take beside its budget: what is free in the frame, where somebody waits
        for the page."""
        self._worker = threading.Thread(target=_work, args=(self,), name="mien-pages", daemon=True)
        start_thread(self._worker)

    @property
    def here(self) -> Bools:
        """(count,) whether each page can be drawn."""
        return self._pages.here

    @property
    def upload_ms(self) -> float:
        """What the last `advance` took."""
        return self._upload_ms

    @property
    def idle(self) -> bool:
        """Nothing that is wanted is under way."""
        return self._asked is None and self._writing is None and self._next() is None

    def want(self, wanted: Iterable[int]) -> None:
        """Ask for pages, the most urgent first. They stay, as long as they are wanted; others make room."""
        self._wanted = tuple(wanted)[: self._pages.layers]
        self._kept[:] = False
        self._kept[list(self._wanted)] = True

    def advance(self) -> None:
        """Once a frame: take what is loaded, upload as much as the budget allows, order what comes next."""
        begun = self._clock.now_ns()
        budget_ns, self.more_ms = self._budget_ns + round(self.more_ms * 1e6), 0.0
        while True:
            if self._writing is None and not self._take():
                break
            if not self._write():
                break
            if self._clock.now_ns() - begun >= budget_ns:
                break
        if self._asked is None:
            self._order()
        self._upload_ms = (self._clock.now_ns() - begun) / 1e6 + self._parts_ms
        self._parts_ms = 0.0

    def bring_part(self, page: int, part: Rect, pixels: U8) -> None:
        """Have `write_parts` bring a part of a page that is here, which nothing shows yet. `pixels`: of all
        the page, (height, width, 4) uint8."""
        self._parts.append((page, self._pages.write_part(page, part, pixels)))

    def write_parts(self, more_ms: float) -> bool:
        """Go on with those, for a frame's budget and so much more: whether all are there."""
        begun = self._clock.now_ns()
        while self._parts:
            if next(self._parts[0][1], self) is self:
                self._parts.popleft()
            elif self._clock.now_ns() - begun >= self._budget_ns + more_ms * 1e6:
                break
        self._parts_ms += (self._clock.now_ns() - begun) / 1e6
        return not self._parts

    def is_learnt(self, page: int) -> bool:
        """Whether it is known where a page is transparent: it is there, or is being uploaded."""
        return bool(self.here[page]) or (self._writing is not None and self._writing[0] == page)

    def drop(self, page: int) -> None:
        """Nothing shows a page any more: its layer is free, and its number may become another page's."""
        self.failures.pop(page, None)
        self._drops[page] += 1
        self._wanted = tuple(other for other in self._wanted if other != page)
        self._parts = deque(one for one in self._parts if one[0] != page)
        self._kept[page] = False
        if self._writing is not None and self._writing[0] == page:
            self._writing = None
        self._pages.drop(page)

    def close(self) -> None:
        """End the worker; a load that hangs is left behind, for the process to end with. Idempotent."""
        self._orders.put(None)
        self._worker.join(timeout=1.0)

    def _next(self) -> int | None:
        """The most urgent page that is not here nor known to be broken."""
        for page in self._wanted:
            if not self.here[page] and page not in self.failures:
                return page
        return None

    def _order(self) -> None:
        busy = self._writing[0] if self._writing else None
        for page in self._wanted:
            if not self.here[page] and page not in self.failures and page != busy:
                self._asked = page
                self._orders.put((page, self._drops[page]))
                return

    def _take(self) -> bool:
        """Start on a page that has been loaded. False when there is none."""
        try:
            page, drops, pixels = self._loaded.get_nowait()
        except queue.Empty:
            return False
        self._asked = None
        if drops == self._drops[page]:  # or it was given up meanwhile
            if isinstance(pixels, Exception):
                self.failures[page] = f"page {page} could not be loaded ({pixels}); what was shown stays."
            else:
                self._writing = (page, pixels, 0)
        self._order()
        return True

    def _write(self) -> bool:
        """Upload a slice of the page that is being written. False when there is no room for it now."""
        if self._writing is None:
            return True
        page, pixels, line = self._writing
        if line == 0 and not self._pages.begin(page, self._kept):
            if page not in self._wanted:
                self._writing = None
            return False
        end = min(line + _SLICE, len(pixels))
        self._pages.write(page, line, pixels[line:end])
        if end < len(pixels):
            self._writing = (page, pixels, end)
        else:
            self._pages.finish(page)
            self._writing = None
        return True


def _work(stream: PageStream) -> None:
    """Load what is ordered, one page after the other."""
    step_behind()
    while (order := stream._orders.get()) is not None:
        page, drops = order
        stream._loaded.put((page, drops, _loaded(stream, page)))


def _loaded(stream: PageStream, page: int) -> U8 | Exception:
    """A page, or what went wrong; and learn where it is transparent."""
    try:
        pixels = stream._load(page)
        stream._pages.check(page, pixels)
        # Nobody reads the tables of a page that is not here.
        stream._pages.coverage.set_page(page, pixels)
    except Exception as error:
        return error
    return pixels
