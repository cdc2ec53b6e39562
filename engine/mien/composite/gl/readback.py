"""From the target to memory: only what was drawn since the last time; at once, or later without waiting."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import moderngl
import numpy as np

from mien.composite.gl.counters import Counters
from mien.composite.gl.fences import Fence
from mien.composite.gl.functions import Functions
from mien.composite.gl.rectangles import Rectangle, area, fewer
from mien.composite.gl.smaller import Smaller
from mien.errors import ContextLost
from mien.types import U8, Size

RING: Final = 3
"""Pixel buffers: for pictures up to two frames late, and the one that is being read."""
_MOST_UNREAD: Final = 256
"""Rectangles remembered until somebody reads; a window never does."""


@dataclass(slots=True)
class _Reading:
    """One that was begun and has not arrived."""

    tag: int
    rects: list[Rectangle]
    fence: Fence
    buffer: int | None
    """The pixel buffer that it goes to. None: it is in the target until it is read from there."""
    merge: bool
    """Whether it becomes part of the next when the target is drawn over; otherwise drawing waits for it."""


class Readback:
    """The picture of a target of this size.

    Parameter: `buffered`: read through a ring of pixel buffers, which a GPU fills on its own while it goes
    on drawing. Otherwise, on a renderer that draws in the processor's memory, a reading stays in the target
    until the renderer is done with it, and is copied from there; when the target is drawn over before, it
    becomes part of the next. `smaller`: where frames may have been drawn instead; filtered up first, then.
    """

    def __init__(
        self,
        functions: Functions,
        target: moderngl.Framebuffer,
        size: Size,
        counters: Counters,
        buffered: bool,
        smaller: Smaller | None = None,
    ) -> None:
        self._smaller = smaller
        self._functions, self._target, self._size, self._counters = functions, target, size, counters
        self._unread: list[Rectangle] = []
        self.picture: U8 = np.zeros((size.height, size.width, 4), np.uint8)
        """(h, w, 4) uint8, as of the last `update` or `take`."""
        self._own, self._whole = self.picture, False
        self._buffers = [self._buffer() for _ in range(RING if buffered else 0)]
        self._buffered = buffered
        self._free = list(self._buffers)
        self._under_way: deque[_Reading] = deque()
        self._finished: int | None = None
        self._put_off: int | None = None
        self._drawn: Fence | None = None

    @property
    def busy(self) -> bool:
        """Whether the GPU has not finished the last frame. Never waits."""
        return self._drawn is not None and not self._drawn.reached

    def read_to(self, out: U8 | None) -> None:
        """Whole pictures arrive there from now on; None: in the array of its own again. Raises ValueError."""
        if out is None:
            picture, self._whole = self._own, False
        else:
            self._check(out)
            if not self._whole:  # what is under way may be a part only
                out[...] = self.picture
            picture, self._whole = out, True
        if self.picture is not picture:
            self.picture = picture
            self._unread = [(0, 0, *self._size)]

    def before_drawing(self) -> None:
        """The target is about to be drawn over. Learns how far the GPU is, too."""
        _ = self.busy
        self._drop_put_off()
        if not self._buffered:
            self._collect()
            while self._under_way:
                reading = self._next()
                if not reading.merge:
                    self._bring(reading)
                    continue
                self._counters.reads_merged += 1
                self._unread += reading.rects

    def drawn(self, rects: Sequence[Rectangle]) -> None:
        """Everything of a frame was asked of the GPU; these rectangles of the target are new."""
        self._fence()
        self._unread += rects
        if len(self._unread) > _MOST_UNREAD:
            self._unread = fewer(self._unread)

    def begin(self, tag: int, merge: bool = True) -> None:
        """Have what was drawn since the last reading read, and call the picture by this tag. Never waits.

        `merge=False`: it comes by itself, drawing over it waits for it. To be taken before the next is begun.
        """
        self._counters.reads_begun += 1
        self._drop_put_off()
        if self._whole:
            self._unread = [(0, 0, *self._size)]
        if self._unread:
            self._begin(tag, merge)
        elif self._under_way:
            # The same picture by a newer name.
            self._under_way[-1].tag = tag
            self._counters.reads_merged += 1
        else:
            self._arrived(tag)

    def take(self, wait: bool = False) -> tuple[int, U8] | None:
        """The newest tag that has arrived since the last call and `picture`, or None. Never waits, unless
        it is to: then for everything that was begun."""
        self._collect(wait)
        if self._put_off is not None:
            self._begin(self._put_off)
            if wait:
                self._collect(wait)
        finished, self._finished = self._finished, None
        return None if finished is None else (finished, self.picture)

    def update(self) -> U8:
        """Bring `picture` up to date and return it. Waits for the GPU if anything was drawn.

        Readings under way are given up: the picture is newer.
        """
        self._drop_put_off()
        self._finished = None
        self._enlarge()
        while self._under_way:
            self._counters.reads_merged += 1
            self._unread += self._next().rects
        if self._unread:
            self._read(self.picture, fewer(self._unread))
            self._unread = []
        return self.picture

    def read_into(self, out: U8) -> None:
        """The whole target. Waits for the GPU. Raises ValueError for another shape, type or layout."""
        self._check(out)
        self._enlarge()
        self._read(out, [(0, 0, *self._size)])

    def warm_up(self) -> None:
        """Read the whole target in each way there is: drivers set memory aside at the first reading."""
        if self._smaller is not None:
            self._smaller.warm_up()
        self.update()
        whole: list[Rectangle] = [(0, 0, *self._size)]
        for buffer in self._buffers:
            self._target.use()
            self._functions.read_to_buffer(buffer, self._size.width, whole)
            self._copy(buffer, whole)
        self._fence()
        self._read(self.picture, whole)

    def release(self, alive: bool) -> None:
        """Free fences and buffers. `alive`: whether the context still is; otherwise they went with it."""
        while self._under_way:
            self._next(alive)
        if self._drawn is not None:
            self._drawn.free(alive)
            self._drawn = None
        for buffer in self._buffers:
            if alive:
                self._functions.delete_buffer(buffer)
            self._counters.freed += 1
        self._buffers.clear()
        self._free.clear()

    def _check(self, out: U8) -> None:
        """Raises ValueError for what cannot be read into."""
        if out.shape != self.picture.shape or out.dtype != np.uint8 or not out.flags.c_contiguous:
            raise ValueError(
                f"reading needs a contiguous {self.picture.shape} uint8 array, not {out.shape} {out.dtype}"
            )

    def _buffer(self) -> int:
        self._counters.allocations += 1
        return self._functions.make_pixel_buffer(self.picture.nbytes)

    def _fence(self) -> None:
        if self._drawn is not None:
            self._drawn.free()
        self._drawn = Fence(self._functions, self._counters)

    def _fence_again(self, reading: _Reading) -> None:
        """More was asked of the GPU for a reading from the target."""
        if reading.fence is not self._drawn:
            reading.fence.free()
        self._fence()
        assert self._drawn is not None
        reading.fence = self._drawn

    def _begin(self, tag: int, merge: bool = True) -> None:
        if not (self._free if self._buffered else not self._under_way):
            self._put_off = tag
            return
        self._put_off = None
        rects, self._unread = fewer(self._unread), []
        buffer = self._free.pop() if self._buffered else None
        if buffer is not None:
            self._enlarge()
            exchanged = self._use()
            self._functions.read_to_buffer(buffer, self._size.width, rects, exchanged=exchanged)
        # What stays in the target is there with the frame.
        fence = self._drawn if buffer is None else None
        fence = fence or Fence(self._functions, self._counters)
        self._under_way.append(_Reading(tag, rects, fence, buffer, merge))

    def _drop_put_off(self) -> None:
        """A newer reading will have it all."""
        self._counters.reads_merged += self._put_off is not None
        self._put_off = None

    def _collect(self, wait: bool = False) -> None:
        """Bring what the GPU has come to into `picture`."""
        while self._under_way and (wait or self._under_way[0].fence.reached):
            if self._under_way[0].buffer is None and self._enlarge() and not wait:
                # To be read when that is done, too.
                self._fence_again(self._under_way[0])
                break
            self._bring(self._next())

    def _bring(self, reading: _Reading) -> None:
        """Bring one into `picture`. Waits for the GPU unless its fence was reached."""
        if reading.buffer is None:
            self._enlarge()
            self._read(self.picture, reading.rects)
        else:
            self._copy(reading.buffer, reading.rects)
        self._arrived(reading.tag)

    def _next(self, alive: bool = True) -> _Reading:
        """Take the oldest reading out."""
        reading = self._under_way.popleft()
        if reading.fence is not self._drawn:
            reading.fence.free(alive)
        if reading.buffer is not None:
            self._free.append(reading.buffer)
        return reading

    def _arrived(self, tag: int) -> None:
        self._finished = tag
        self._counters.reads_finished += 1

    def _enlarge(self) -> bool:
        """Have a frame that was drawn smaller filtered up; False if none is to be."""
        return self._smaller is not None and self._smaller.enlarge()

    def _use(self) -> bool:
        """Make what holds the frame what is read; whether red and blue are exchanged there."""
        if self._smaller is None or self._smaller.scale == 1.0:
            self._target.use()
            return False
        self._smaller.whole.use()
        return self._smaller.exchanged

    def _read(self, out: U8, rects: list[Rectangle]) -> None:
        exchanged = self._use()
        self._functions.read(out, rects, exchanged=exchanged)
        self._count(rects)

    def _copy(self, buffer: int, rects: list[Rectangle]) -> None:
        if not self._functions.copy_from_buffer(buffer, self.picture, rects):
            raise ContextLost("the GL driver lost a picture that was being read: open the context anew.")
        self._count(rects)

    def _count(self, rects: list[Rectangle]) -> None:
        self._counters.reads += len(rects)
        self._counters.read_bytes += 4 * area(rects)
