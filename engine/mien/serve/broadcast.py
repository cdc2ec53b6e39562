"""Frames as pages are sent them: in the encoders' colours, their sound in pieces; made once for all."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from fractions import Fraction
from functools import partial
from typing import Any, Final, Protocol

import av
import numpy as np

from mien.clock import SAMPLE_RATE, FrameRate
from mien.serve.frames import Frames, Shown
from mien.serve.steady import Samples, Steady
from mien.threads import start_thread
from mien.types import U8, Size

_BLOCK: Final = 960
"""Samples of a piece of sound: what Opus takes at a time, 20 ms."""
TIME_BASE: Final = Fraction(1, SAMPLE_RATE)


class Taker(Protocol):
    """A peer. On the loop's thread."""

    def see(self, frame: av.VideoFrame) -> None:
        """A picture."""

    def hear(self, block: Samples, start: int) -> None:
        """20 ms of sound, (960, 2), from a sample on."""


class Broadcast:
    """Frames as all peers are sent them. Takes frames while there is a peer.

    Parameters: `frames` of the stage, `size` and `rate` of it; `loop`, on whose thread peers live.
    """

    def __init__(self, frames: Frames, size: Size, rate: FrameRate, loop: asyncio.AbstractEventLoop) -> None:
        self._frames, self._loop = frames, loop
        self._peers: tuple[Taker, ...] = ()
        self._news = threading.Condition()
        # Encoders take colours two pixels at a time: of an odd size the last row or column is left out.
        self._copy: U8 = np.empty((size.height & ~1 or 1, size.width & ~1 or 1, 4), np.uint8)
        self._waits: int | None = None
        """When the picture in `_copy` is shown, in samples; None: it was taken."""
        self._over = False
        self._steady = Steady(rate, _BLOCK)
        self._begins = True
        """The next frame is the first. Set on the loop's thread."""
        self.pictures_dropped = 0
        """Pictures that came while the one before was still turned to other colours."""
        self._thread = threading.Thread(target=self._convert, name="mien-serve-colours", daemon=True)
        start_thread(self._thread)

    def join(self, peer: Taker) -> None:
        """Send to a peer from now on. On the loop's thread."""
        self._peers = (*self._peers, peer)
        if len(self._peers) == 1:
            self._frames.add(self)

    def leave(self, peer: Taker) -> None:
        """And no more. Idempotent."""
        before, self._peers = self._peers, tuple(one for one in self._peers if one is not peer)
        if before and not self._peers:
            self._frames.remove(self)
            self._begins = True

    def end(self) -> None:
        """End the thread. Idempotent."""
        self._frames.remove(self)
        with self._news:
            self._over = True
            self._news.notify()
        self._thread.join()

    def show(self, shown: Shown) -> None:
        """A frame, on the stage's thread, which does not wait."""
        if self._begins:  # a first peer, or one after a pause without any
            self._begins = False
            self._steady.restart()
        at, blocks = self._steady.take(shown)
        if self._news.acquire(blocking=False):
            try:
                if self._waits is None:
                    np.copyto(self._copy, shown.picture[: len(self._copy), : self._copy.shape[1]])
                    self._waits = at
                    self._news.notify()
                else:
                    self.pictures_dropped += 1
            finally:
                self._news.release()
        else:
            self.pictures_dropped += 1
        if blocks:
            self._post(partial(self._hear, blocks))

    def _convert(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waits is not None or self._over)
                if self._over:
                    return
                at = self._waits
                assert at is not None
                # On the colours of its background: video has no alpha.
                frame = av.VideoFrame.from_ndarray(self._copy, format="rgba").reformat(format="yuv420p")
                self._waits = None
            frame.pts, frame.time_base = at, TIME_BASE
            self._post(partial(self._see, frame))

    def _hear(self, blocks: list[tuple[int, Samples]]) -> None:
        for peer in self._peers:
            for start, block in blocks:
                peer.hear(block, start)

    def _see(self, frame: av.VideoFrame) -> None:
        for peer in self._peers:
            peer.see(frame)

    def _post(self, call: Any) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call)
