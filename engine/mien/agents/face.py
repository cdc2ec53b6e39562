"""A Mien face beside an asyncio loop: sound in, pictures and the same sound out, in step."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol, Self, Unpack

import numpy as np

from mien.agents.paced import PacedStage
from mien.agents.schedule import LEAD_NS, Schedule
from mien.agents.segments import I16, Ended, Segment, Segments, Sound
from mien.agents.tracing import Tracing
from mien.errors import Closed, ScriptError
from mien.stage.options import StageKeywords, StageOptions
from mien.thread_priority import ahead
from mien.types import U8

WHO: Final = "face"
"""The cast key of the one character on the stage."""
SIZE: Final = (640, 480)
_PATIENCE_NS: Final = 10_000_000_000
"""As LiveKit's receiver: so long nothing comes of a segment before its end is taken for lost."""
_PICTURES: Final = 8
"""Pictures that are filled in turn: players hold up to four, and one is drawn."""
_LOOKS: Final = 8
_LOOK_S: Final = 0.0005
"""Looks at whether the decoder has taken the beginning of a segment, before a frame: it takes 1 to 2 ms."""
_REFUSED: Final = {
    "context": "it draws in a context of its own",
    "clock": "it is paced by the framework's loop",
    "title": "it has no window",
    "companion": "it has no window",
}


class Clock(Protocol):
    """Where a face's time comes from."""

    def now_ns(self) -> int:
        """Nanoseconds since an arbitrary origin; never decreases."""
        ...

    async def sleep_until_ns(self, deadline_ns: int) -> None:
        """Return at or after the deadline; others on the loop run meanwhile."""
        ...


class LoopClock:
    """The machine's monotonic clock, waited on by the loop."""

    def now_ns(self) -> int:
        """Nanoseconds of `time.perf_counter_ns`."""
        return time.perf_counter_ns()

    async def sleep_until_ns(self, deadline_ns: int) -> None:
        """Sleep until the deadline."""
        await asyncio.sleep(max(0, deadline_ns - time.perf_counter_ns()) / 1e9)


class Shown(NamedTuple):
    """What is given out at once."""

    picture: U8 | None
    """(h, w, 4) uint8 RGBA, premultiplied, top row first; it is filled again eight frames later. None where the
    frame was left out, or only an end is told."""
    sounds: tuple[Sound, ...] = ()
    """What is heard while the picture is seen."""
    ended: tuple[Ended, ...] = ()
    """Segments whose end has been heard."""
    missed: int = 0
    """Pictures that there should have been before the next one: for players that count them."""


class Face:
    """One character that speaks what is pushed. An async context manager; all calls on its loop's thread.

    Parameters: `character`: a bundled name, a folder, or a .mien file; `options` as of `mien.open_stage`, but
    `context`, `clock`, `title` and `companion`; `pace`: where time comes from; `lead_ns`: how far ahead of
    their time frames are given while sound flows; `tracing`: who makes spans. Raises ScriptError, and what opening a stage raises when it
    is opened.
    """

    def __init__(
        self,
        character: str | Path = "wren",
        *,
        pace: Clock | None = None,
        lead_ns: int = LEAD_NS,
        tracing: Tracing | None = None,
        **options: Unpack[StageKeywords],
    ) -> None:
        self._options: Final = StageOptions.of(StageOptions(size=SIZE), options)
        for name, why in _REFUSED.items():
            if options.get(name):
                raise ScriptError(f"a face of an agent takes no {name}: {why}.")
        self._character = character
        self._clock: Final = pace or LoopClock()
        self._lead_ns = lead_ns
        self.size: Final = self._options.frame_size
        """Width and height of the pictures."""
        self.fps: Final = self._options.rate
        """Frames a second."""
        self._segments = Segments(_PATIENCE_NS)
        self._tracing = tracing or Tracing()
        self._todo: deque[Callable[[], object]] = deque()
        """What the stage is told before its next frame, by its own thread."""
        self._held: list[Callable[[], object]] = []
        """Turns that are said once nobody pauses any more."""
        self._paused = False
        self._cleared = 0
        self._schedule: Schedule | None = None
        self._stage: PacedStage | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._pictures: list[U8] = []
        self._ahead = ExitStack()
        self._drawn = 0
        self._closed = False
        self.left_out = 0
        """Pictures that were left out, since drawing took too long. Their sound was given."""

    # -- sound, from a framework ------------------------------------------------------------------

    def push(self, samples: I16, rate: int, mark: Hashable = None) -> bool:
        """More sound, (n,) int16 mono, copied; whether a segment begins with it.

        `mark`: the host's word for the segment. Raises AudioRejected for another rate within a segment,
        FeedFull for an hour that was not spoken yet, Closed.
        """
        self._check()
        begun = self._segments.push(np.array(samples, np.int16), rate, self._clock.now_ns(), mark)
        if begun is None:
            return False
        self._tracing.begun(begun)
        say = partial(self._say, begun)
        (self._held if self._paused else self._todo).append(say)
        return True

    def end(self) -> Segment | None:
        """The segment is complete; it, or None where none was open."""
        return self._segments.end()

    def clear(self, *, kept: bool = False) -> list[Ended]:
        """Speak no more: every segment that is not over ends now, and is told of here, the oldest first.

        `kept`: what was given out will be heard; else whoever plays it drops it now. The next picture has its
        mouth closed.
        """
        now = self._clock.now_ns()
        ended = self._segments.take_ended(now) + self._segments.clear(now, kept=kept)
        self._held.clear()
        self._cleared += 1
        if self._stage is not None:
            self._todo.append(self._stage.interrupt)
            self._todo.append(self._stage.resume)  # a face that is silent lives
        if self._schedule is not None:
            self._schedule.fall_back(now)
        self._trace(ended)
        return ended

    def pause(self) -> None:
        """Stop at this sample: nothing is lost. What is said meanwhile waits. Idempotent."""
        self._paused = True
        if self._stage is not None:
            self._todo.append(self._pause_stage)

    def resume(self) -> None:
        """Go on where it was paused. Idempotent."""
        self._paused = False
        self._todo.extend(self._held)
        self._held.clear()
        if self._stage is not None:
            self._todo.append(self._stage.resume)

    @property
    def last(self) -> Segment | None:
        """The segment that was begun last, while it is not over."""
        return self._segments.last

    @property
    def stage(self) -> PacedStage:
        """The stage, to tell it something about `"face"` (set_expression, look_at, ...). Raises Closed."""
        if self._stage is None:
            raise Closed("this face is not open yet: its framework's session opens it.")
        return self._stage

    # -- frames, for a framework ------------------------------------------------------------------

    async def frames(self) -> AsyncIterator[Shown]:
        """Frames when they are due, without end. Once at a time; opens the face where it is not open."""
        if not self._closed:
            await self.open()
        self._schedule = schedule = Schedule(self.fps, self._clock.now_ns(), self._lead_ns)
        passed = 0
        while not self._closed:
            now = self._clock.now_ns()
            if ended := tuple(self._segments.take_ended(now)):
                self._trace(ended)
                yield Shown(None, (), ended)
                continue
            passed += schedule.catch_up(now)
            end_ns = self._segments.due_ns()
            wake_ns = schedule.due_ns if end_ns is None else min(schedule.due_ns, end_ns)
            if now < wake_ns:
                await self._clock.sleep_until_ns(wake_ns)
            elif (shown := await self._next(schedule, late=schedule.is_late(now), passed=passed)) is not None:
                passed = 0
                yield shown

    async def _next(self, schedule: Schedule, *, late: bool, passed: int) -> Shown | None:
        """Draw one, or pass it over. None where all was cleared meanwhile: it would show an open mouth."""
        cleared = self._cleared
        picture = None if late else self._pictures[self._drawn % _PICTURES]
        heard_s, done = await self._on_thread(partial(self._draw, self.stage, picture))
        if cleared != self._cleared or self._closed:
            return None
        now = self._clock.now_ns()
        sounds = self._segments.advance(heard_s, done, now)
        schedule.given()
        schedule.flowing = bool(sounds)
        if picture is None:
            self.left_out += 1
        else:
            self._drawn += 1
        self._tracing.given(sounds, left_out=picture is None, now_ns=now)
        return Shown(picture, tuple(sounds), (), late + passed)

    async def open(self) -> None:
        """Open the stage, on a thread of its own; a few tenths of a second. Idempotent. Raises Closed."""
        self._check()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "mien-face")
            shape = (self.size.height, self.size.width, 4)
            self._pictures = [np.empty(shape, np.uint8) for _ in range(_PICTURES)]
            try:
                self._stage = await self._on_thread(self._opened)
            except BaseException:
                self._thread.shutdown(wait=False)
                self._thread = None
                raise

    async def aclose(self) -> None:
        """End the frames and close the stage. Segments that are not over are traced as interrupted.
        Idempotent."""
        self._closed = True
        stage, self._stage = self._stage, None
        if stage is not None:
            self._trace(self._segments.clear(self._clock.now_ns()))
            await self._on_thread(partial(self._close, stage))
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown(wait=False)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    # -- on the stage's thread --------------------------------------------------------------------

    async def _on_thread(self, what: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, what)

    def _opened(self) -> PacedStage:
        self._ahead.enter_context(ahead())  # so are the threads that it makes
        return PacedStage({WHO: self._character}, self._options)

    def _close(self, stage: PacedStage) -> None:
        with self._ahead:
            stage.close()

    def _draw(self, stage: PacedStage, picture: U8 | None) -> tuple[dict[str, float], frozenset[str]]:
        """The next frame; seconds of each turn that plays, and the turns that are done."""
        while self._todo:
            self._todo.popleft()()
        self._let_decode()
        if picture is None:
            stage.pass_over()
        else:
            stage.frame(picture)
        over = frozenset(event.turn for event in stage.events() if event.kind in ("finished", "dropped"))
        return {one.turn: one.position_s for one in stage.playing()}, over

    def _let_decode(self) -> None:
        """Give the decoder a moment for what has just begun: else it is heard a frame later."""
        wait = threading.Event().wait
        for segment in tuple(self._segments.waiting)[:1]:
            for _ in range(_LOOKS):
                if segment.given or not segment.feed.pending:
                    return
                wait(_LOOK_S)

    def _say(self, segment: Segment) -> None:
        if self._stage is not None and not segment.over:
            self._stage.say(WHO, segment.feed, key=segment.key)

    def _pause_stage(self) -> None:
        """Only who speaks stands still: a face that listens lives."""
        if self._stage is not None and self._paused and self._stage.playing():
            self._stage.pause()

    # -- the rest ---------------------------------------------------------------------------------

    def _trace(self, ended: list[Ended] | tuple[Ended, ...]) -> None:
        for one in ended:
            self._tracing.ended(one)

    def _check(self) -> None:
        if self._closed:
            raise Closed("this face is closed: open another.")
