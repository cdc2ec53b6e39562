"""The stage of a face, on a thread of its own: told on the loop's, drawn on that one."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from operator import methodcaller
from typing import Any, Final, NamedTuple

import numpy as np

from mien.agents.paced import PacedStage
from mien.agents.segments import Segment
from mien.errors import Closed
from mien.stage.options import Cast, StageOptions
from mien.thread_priority import ahead
from mien.types import U8

WHO: Final = "face"
"""The cast key of the one character on the stage."""
_PICTURES: Final = 8
"""Pictures that are filled in turn, at least: players hold up to four, and one is drawn."""
_HELD_S: Final = 0.2
"""Of pictures that are filled in turn, at rates at which eight are less."""
_LOOKS: Final = 8
_LOOK_S: Final = 0.0005
"""Looks at whether the decoder has taken the beginning of a segment, before a frame: it takes 1 to 2 ms."""


class Drawn(NamedTuple):
    """A frame, and how far its turns have come."""

    picture: U8 | None
    """(h, w, 4) uint8 RGBA, filled again eight frames later or more; None where it was passed over."""
    heard_s: dict[str, float]
    """Seconds of each turn that plays."""
    done: frozenset[str]
    """Turns that have come to their end with it."""


class Drawing:
    """Opens the stage, draws its frames, closes it. Parameters: `cast`, of `WHO`; `options` as of a stage."""

    def __init__(self, cast: Cast, options: StageOptions) -> None:
        self._cast, self._options = cast, options
        self._todo: deque[Callable[[PacedStage], object]] = deque()
        self._stage: PacedStage | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._opening = asyncio.Lock()
        self._ahead = ExitStack()
        self._pictures: list[U8] = []
        self._drawn = 0

    @property
    def stage(self) -> PacedStage:
        """The stage. Raises Closed."""
        if self._stage is None:
            raise Closed("this face is not open yet: its framework's session opens it.")
        return self._stage

    async def open(self) -> None:
        """Open the stage; a few tenths of a second. Idempotent. Raises as opening a stage. Nothing stays open
        where it is cancelled."""
        async with self._opening:
            if self._stage is not None:
                return
            self._thread = thread = ThreadPoolExecutor(1, "mien-face")
            width, height = self._options.frame_size
            n = max(_PICTURES, round(_HELD_S * float(self._options.rate)))
            self._pictures = [np.empty((height, width, 4), np.uint8) for _ in range(n)]
            try:
                self._stage = await self._on_thread(self._opened)
            except BaseException:
                thread.submit(self._close)  # behind the opening, which goes on
                thread.shutdown(wait=False)
                raise

    async def aclose(self) -> None:
        """Close it, also one that is being opened. Idempotent."""
        async with self._opening:
            stage, self._stage = self._stage, None
            if stage is not None and self._thread is not None:
                await self._on_thread(self._close)
                self._thread.shutdown(wait=False)

    def say(self, segment: Segment) -> None:
        """Begin a segment's turn with the next frame."""
        self._todo.append(lambda stage: segment.over or stage.say(WHO, segment.feed, key=segment.key))

    def tell(self, call: str) -> None:
        """Have a call of the stage made before the next frame."""
        self._todo.append(methodcaller(call))

    def silence(self) -> None:
        """Have the face speak no more before the next frame, nor stand still: its mouth is closed there."""
        self._todo.append(_silence)

    def pause(self) -> None:
        """Have the face stand still before the next frame if it speaks: one that listens lives."""
        self._todo.append(_pause)

    async def frame(self, beginning: Segment | None, *, passed_over: bool) -> Drawn:
        """The next frame, drawn or passed over. `beginning`: the decoder is given a moment for it."""
        picture = None if passed_over else self._pictures[self._drawn % len(self._pictures)]
        self._drawn += picture is not None
        heard_s, done = await self._on_thread(partial(self._draw, self.stage, picture, beginning))
        return Drawn(picture, heard_s, done)

    async def _on_thread(self, what: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, what)

    # -- on the stage's thread --------------------------------------------------------------------

    def _opened(self) -> PacedStage:
        self._ahead.enter_context(ahead())  # so are the threads that it makes
        stage = PacedStage(self._cast, self._options)
        self._ahead.callback(stage.close)
        return stage

    def _close(self) -> None:
        self._ahead.close()

    def _draw(
        self, stage: PacedStage, picture: U8 | None, beginning: Segment | None
    ) -> tuple[dict[str, float], frozenset[str]]:
        while self._todo:
            self._todo.popleft()(stage)
        if beginning is not None and not beginning.given:
            self._let_decode(beginning)
        if picture is None:
            stage.pass_over()
        else:
            stage.frame(picture)
        over = frozenset(event.turn for event in stage.events() if event.kind in ("finished", "dropped"))
        return {one.turn: one.position_s for one in stage.playing()}, over

    @staticmethod
    def _let_decode(segment: Segment) -> None:
        """Else it is heard a frame later."""
        never = threading.Event()
        for _ in range(_LOOKS):
            if not segment.feed.pending:
                return
            never.wait(_LOOK_S)


def _silence(stage: PacedStage) -> None:
    spoke = bool(stage.playing())
    stage.interrupt()
    stage.resume()  # a face that is silent lives
    if spoke:
        stage.pass_over()  # the fade of 8 ms, in which the mouth is still open, and which nobody is given


def _pause(stage: PacedStage) -> None:
    if stage.playing():
        stage.pause()
