"""A live stage on a thread of its own, for programs whose loop is asyncio's."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, NamedTuple, NoReturn, Self, Unpack

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.errors import Closed, ScriptError
from mien.stage.cast import entries_of
from mien.stage.live import LiveStage
from mien.stage.options import Cast, StageKeywords, StageOptions
from mien.stage.quiet import TAIL_S, Quiet
from mien.thread_priority import ahead
from mien.threads import start_thread
from mien.types import F32, U8

_AHEAD: Final = 2
"""Frames that wait for the program at most; when it is slower, the oldest goes, counted in `dropped`."""
_MOST_SOUND: Final = 10 * SAMPLE_RATE
"""Samples of dropped frames that are kept for the next one."""


class AsyncFrame(NamedTuple):
    """A frame and its sound, the program's own to keep."""

    picture: U8
    """(h, w, 4) uint8 RGBA, premultiplied, top row first."""
    sound: F32
    """(n, 2) float32 in -1..1 at 48 kHz: what was heard since the frame before; of dropped frames too, the
    last 10 s of them."""


class FrameQueue:
    """From the thread that draws to the one that takes. Never holds more than `_AHEAD` frames.

    Parameter: `wake` is called, on the thread that puts, when there is something to take and the taker has
    not been woken for it yet: once for all that comes until it has looked.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        self._frames: deque[AsyncFrame] = deque()
        self._lock = threading.Lock()
        self._woken = False
        self._lost: list[F32] = []
        self.dropped = 0
        """Frames that were left out since nobody took them."""

    def put(self, frame: AsyncFrame) -> None:
        """Add one; the oldest goes where there are too many. Never waits for the taker."""
        with self._lock:
            self._frames.append(frame)
            if len(self._frames) > _AHEAD:
                self._lost.append(self._frames.popleft().sound)
                self.dropped += 1
                while sum(map(len, self._lost)) - len(self._lost[0]) >= _MOST_SOUND:
                    self._lost.pop(0)
            woken, self._woken = self._woken, True
        if not woken:
            self._wake()

    def take(self) -> AsyncFrame | None:
        """The oldest, with the sound of those dropped before it; None when none is there."""
        with self._lock:
            if not self._frames:
                self._woken = False
                return None
            frame, lost = self._frames.popleft(), self._lost
            self._lost = []
        if lost:
            sound = np.concatenate((*lost, frame.sound))
            return frame._replace(sound=sound[-_MOST_SOUND - len(frame.sound) :])
        return frame


class AsyncStage:
    """`async with AsyncStage(cast, ...) as live: async for frame in live.frames(): ...`

    The stage is opened, drawn and closed on a thread of its own: a loop that stalls costs it no frame.
    `live.stage` takes what a host tells a stage (say, look_at, ...) from the loop's thread. Parameters as of
    `mien.open_live`. Raises ScriptError for options that cannot be, and what opening a stage raises when it
    is entered, once.
    """

    def __init__(
        self, cast: Cast, options: StageOptions | None = None, **keywords: Unpack[StageKeywords]
    ) -> None:
        self._cast, self._options = cast, StageOptions.of(options, keywords)
        if self._options.context is not None:
            raise ScriptError(
                "an AsyncStage takes no context: it draws on a thread of its own, in a context of its own; "
                "leave it out, or open a mien.open_stage(cast, context=...)."
            )
        entries_of(cast)
        self._thread: threading.Thread | None = None
        self._stage: LiveStage | None = None
        self._failure: BaseException | None = None
        self._stop = threading.Event()
        self._go = threading.Event()
        self._tail_s: float = TAIL_S
        self._seconds: float | None = None
        self._queue = FrameQueue(lambda: self._call(self._news.set))
        self._over = False

    @property
    def stage(self) -> LiveStage:
        """The stage, to tell it something; its frames belong to its own thread. Raises Closed."""
        if self._stage is None:
            raise Closed("this stage is not open: use it inside `async with`.")
        return self._stage

    @property
    def dropped(self) -> int:
        """Frames that the program was too slow to take. Their sound comes with the next."""
        return self._queue.dropped

    def frames(self, tail_s: float = TAIL_S, seconds: float | None = None) -> AsyncIterator[AsyncFrame]:
        """Frames in real time until every queued turn has been heard, and `tail_s` seconds more. Once.

        `seconds`: no longer than that. Leaving the loop, or cancelling it, ends them, and the stage.
        """
        _ = self.stage, Quiet(self._options.rate, tail_s, seconds)  # or it is refused here
        return self._frames(tail_s, seconds)

    async def _frames(self, tail_s: float, seconds: float | None) -> AsyncIterator[AsyncFrame]:
        if self._go.is_set():
            raise Closed("the frames of an AsyncStage are taken once: open another.")
        self._tail_s, self._seconds = tail_s, seconds
        self._go.set()
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                # Asked before: what was put until then is there.
                over = self._over
                while (frame := self._queue.take()) is not None:
                    yield frame
                if over:
                    break
        finally:
            self._stop.set()
        if self._failure is not None:
            raise self._failure

    def __enter__(self) -> NoReturn:
        """Raises ScriptError: a stage on a thread of its own is opened without keeping the loop waiting."""
        raise ScriptError(
            "an AsyncStage is entered with `async with`, in a coroutine; `with` is for mien.open_live()."
        )

    def __exit__(self, *error: object) -> None:
        """Never called; without it Python would not ask __enter__."""

    async def __aenter__(self) -> Self:
        if self._thread is not None:
            raise Closed("an AsyncStage is entered once: open another.")
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._opened = asyncio.Event()
        self._ended = asyncio.Event()
        thread = threading.Thread(target=self._run, name="mien-stage", daemon=True)
        start_thread(thread)
        self._thread = thread
        try:
            await self._opened.wait()
        except BaseException:  # cancelled while it opens: nobody will leave it, so it closes by itself
            self._stop.set()
            self._go.set()
            raise
        if self._failure is not None:
            await self._joined(thread)
            raise self._failure
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._go.set()
        if self._thread is not None:
            await self._joined(self._thread)
        self._stage = None

    async def _joined(self, thread: threading.Thread) -> None:
        """Wait for its end: without another thread, which may not be to be had."""
        await self._ended.wait()
        thread.join()  # it has nothing left to do

    # -- on the stage's thread --------------------------------------------------------------------

    def _run(self) -> None:
        try:
            with LiveStage(self._cast, self._options) as stage:
                self._stage = stage
                self._call(self._opened.set)
                self._go.wait()
                if not self._stop.is_set():
                    self._show(stage)
        except BaseException as error:  # handed over: the program hears of it where it waits
            self._failure = error
        self._call(self._finish)

    def _show(self, stage: LiveStage) -> None:
        with ahead():
            for picture in stage.frames(self._tail_s, self._seconds):
                self._queue.put(AsyncFrame(picture.copy(), stage.sound.copy()))
                if self._stop.is_set():
                    return

    def _call(self, what: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(what)

    # -- on the loop's thread ---------------------------------------------------------------------

    def _finish(self) -> None:
        self._over = True
        self._opened.set()
        self._news.set()
        self._ended.set()
