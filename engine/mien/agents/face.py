"""A Mien face beside an asyncio loop: sound in, pictures and the same sound out, in step."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self, Unpack

from mien.agents.drawing import WHO, Drawing
from mien.agents.pace import LoopPace, Pace
from mien.agents.paced import PacedStage
from mien.agents.schedule import LEAD_NS, Schedule
from mien.agents.segments import I16, Ended, Segment, Segments, Sound, as_int16
from mien.agents.tracing import Tracing
from mien.errors import Closed, ScriptError
from mien.stage.cast import entries_of
from mien.stage.options import StageKeywords, StageOptions
from mien.types import F32, U8

SIZE: Final = (640, 480)
_PATIENCE_NS: Final = 10_000_000_000
"""As LiveKit's receiver: so long nothing comes of a segment before its end is taken for lost."""
_REFUSED: Final = {
    "context": "it draws in a context of its own",
    "clock": "it is paced by the framework's loop",
    "title": "it has no window",
    "companion": "it has no window",
}


class Shown(NamedTuple):
    """What is given out at once."""

    picture: U8 | None
    """(h, w, 4) uint8 RGBA, premultiplied, top row first; filled again eight frames later or more. None
    where the frame was left out, or only an end is told."""
    sounds: tuple[Sound, ...] = ()
    """What is heard while the picture is seen."""
    ended: tuple[Ended, ...] = ()
    """Segments whose end has been heard."""
    seen_ns: int = 0
    """When the picture is to be seen, by the face's pace: as its sound is heard."""


class Face:
    """One character that speaks what is pushed. An async context manager; all calls on its loop's thread.

    Parameters: `character`: a bundled name, a folder, or a .mien file; `options` as of `mien.open_stage`, but
    `context`, `clock`, `title` and `companion`; `pace`: where time comes from; `lead_ns`: how far ahead of
    their time frames are given while sound flows; `tracing`: who makes spans. Raises ScriptError, and what
    opening a stage raises when it is opened.
    """

    def __init__(
        self,
        character: str | Path = "wren",
        *,
        pace: Pace | None = None,
        lead_ns: int = LEAD_NS,
        tracing: Tracing | None = None,
        **options: Unpack[StageKeywords],
    ) -> None:
        for name, why in _REFUSED.items():
            given = options.get(name)
            if not isinstance(given, bool | str | None) or given:
                raise ScriptError(f"a face of an agent takes no {name}: {why}.")
        checked = StageOptions.of(StageOptions(size=SIZE), options)
        cast = {WHO: character}
        entries_of(cast)  # or it is refused here
        self.size: Final = checked.frame_size
        """Width and height of the pictures."""
        self.fps: Final = checked.rate
        """Frames a second."""
        self._pace: Final = pace or LoopPace()
        self._lead_ns = lead_ns
        self._tracing = tracing or Tracing()
        self._drawing = Drawing(cast, checked)
        self._segments = Segments(_PATIENCE_NS)
        self._held: list[Segment] = []
        """Those that are said once nobody pauses any more."""
        self._paused = self._closed = False
        self._cleared = 0
        self._schedule: Schedule | None = None
        self._took_ns = 0
        """To draw the last picture. Not that with which speech begins: those behind it take less."""
        self._sleep: asyncio.Future[None] | None = None
        """Until the next frame is due."""
        self._ahead: deque[tuple[int, U8]] = deque()
        """Pictures whose sound was given ahead of its time, and when each is to be seen."""
        self.left_out = 0
        """Pictures that were left out, since drawing or the loop took too long. Their sound was given."""

    # -- sound, from a framework ------------------------------------------------------------------

    def push(self, samples: I16 | F32, rate: int, mark: Hashable = None) -> bool:
        """More sound, (n,) int16 or float32 in -1..1, mono, copied; whether a segment begins with it.

        `mark`: the host's word for the segment. Raises AudioRejected for samples of another kind or shape or,
        within a segment, another rate, FeedFull for an hour that was not spoken yet, Closed.
        """
        self._check()
        begun = self._segments.push(as_int16(samples), rate, self._pace.now_ns(), mark)
        if begun is None:
            return False
        self._tracing.begun(begun)
        if self._paused:
            self._held.append(begun)
        else:
            self._drawing.say(begun)
        return True

    def end(self) -> Segment | None:
        """The segment is complete; it, or None where none was open."""
        return self._segments.end()

    def clear(self, *, kept: bool = False) -> list[Ended]:
        """Speak no more: every segment that is not over ends now, and is told of here, the oldest first.

        `kept`: what was given out will be heard; else whoever plays it drops it now. The next picture has its
        mouth closed, and is due at once.
        """
        now = self._pace.now_ns()
        ended = self._segments.take_ended(now) + self._segments.clear(now, kept=kept)
        self._held.clear()
        self._ahead.clear()
        self._cleared += 1
        self._drawing.silence()
        if self._schedule is not None:
            self._schedule.fall_back(now)
        if self._sleep is not None:
            self._sleep.cancel()
        self._trace(ended)
        return ended

    def unspoken(self) -> list[Sound]:
        """What was pushed and not given out, given out now: for whoever goes on without a face."""
        rest = self._segments.advance({}, self._segments.keys, self._pace.now_ns())
        self.clear(kept=True)
        return rest

    def pause(self) -> None:
        """Stop at this sample: nothing is lost. What is said meanwhile waits. Idempotent."""
        self._paused = True
        self._drawing.pause()

    def resume(self) -> None:
        """Go on where it was paused. Idempotent."""
        self._paused = False
        self._drawing.tell("resume")
        for segment in self._held:
            self._drawing.say(segment)
        self._held.clear()

    def heard_s(self, segment: Segment) -> float:
        """Seconds of a segment that were heard by now."""
        return segment.heard(self._pace.now_ns()) / segment.rate

    @property
    def last(self) -> Segment | None:
        """The segment that was begun last, while it is not over."""
        return self._segments.last

    @property
    def stage(self) -> PacedStage:
        """The stage, to tell it something about `"face"` (set_expression, look_at, ...). Raises Closed, also
        where it is not open yet."""
        self._check()
        return self._drawing.stage

    # -- frames, for a framework ------------------------------------------------------------------

    async def frames(self, *, apart: bool = False) -> AsyncIterator[Shown]:
        """Frames when they are due, until the face is closed; one run at a time. Opens it where it is not.

        `apart`: sound is given ahead of its pictures, and each picture alone, when it is to be seen: for a
        host that shows pictures at once. So none waits anywhere that an interruption could not take back.
        """
        await self.open()
        self._schedule = schedule = Schedule(self.fps, self._pace.now_ns(), self._lead_ns)
        while not self._closed:
            now = self._pace.now_ns()
            if ended := self._segments.take_ended(now):
                self._trace(ended)
                yield Shown(None, ended=tuple(ended))
                continue
            if (picture := self._due_picture(now)) is not None:
                yield Shown(picture)
                continue
            schedule.catch_up(now)
            wake_ns = schedule.due_ns
            if (end_ns := self._segments.due_ns()) is not None:
                wake_ns = min(wake_ns, end_ns)
            if self._ahead:
                wake_ns = min(wake_ns, self._ahead[0][0])
            if now < wake_ns:
                await self._sleep_until_ns(wake_ns)
                continue
            late = schedule.is_late(now, self._segments.until_ns - self._took_ns)
            if (shown := await self._next(schedule, late=late)) is not None:
                if not apart:
                    yield shown
                    continue
                if shown.picture is not None:
                    self._ahead.append((shown.seen_ns, shown.picture))
                if shown.sounds:
                    yield Shown(None, shown.sounds)

    def _due_picture(self, now_ns: int) -> U8 | None:
        """The newest of those ahead whose time has come; where the loop stood still, those before it are left
        out."""
        picture = None
        while self._ahead and self._ahead[0][0] <= now_ns:
            self.left_out += picture is not None
            picture = self._ahead.popleft()[1]
        return picture

    async def _sleep_until_ns(self, deadline_ns: int) -> None:
        """Until then, or until all is cleared: the picture with the mouth closed does not wait."""
        self._sleep = sleep = asyncio.ensure_future(self._pace.sleep_until_ns(deadline_ns))
        try:
            await asyncio.wait([sleep])
            if not sleep.cancelled():
                sleep.result()
        finally:
            sleep.cancel()

    async def _next(self, schedule: Schedule, *, late: bool) -> Shown | None:
        """Draw one, or pass it over. None where all was cleared meanwhile: it would show an open mouth."""
        cleared, begun_ns = self._cleared, self._pace.now_ns()
        beginning = self._segments.waiting[0] if self._segments.waiting else None
        drawn = await self._drawing.frame(beginning, passed_over=late)
        self._segments.note_played(drawn.done)
        if cleared != self._cleared or self._closed:
            return None
        now = self._pace.now_ns()
        heard_ns = max(now, self._segments.until_ns)
        sounds = self._segments.advance(drawn.heard_s, drawn.done, now)
        if not late and bool(sounds) == schedule.flowing:
            self._took_ns = now - begun_ns
        seen_ns = heard_ns if sounds else schedule.start_ns
        schedule.given(sound=bool(sounds))
        self.left_out += late
        self._tracing.given(sounds, left_out=late, now_ns=now)
        return Shown(drawn.picture, tuple(sounds), seen_ns=seen_ns)

    async def open(self) -> None:
        """Open the stage, on a thread of its own; a few tenths of a second. Idempotent. Raises Closed, and as
        opening a stage."""
        self._check()
        await self._drawing.open()
        if self._closed:  # meanwhile
            await self._drawing.aclose()
            self._check()

    async def aclose(self) -> None:
        """End the frames and close the stage. Segments that are not over are traced as interrupted.
        Idempotent."""
        if not self._closed:
            self._closed = True
            self._trace(self._segments.clear(self._pace.now_ns()))
        await self._drawing.aclose()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _trace(self, ended: Iterable[Ended]) -> None:
        for one in ended:
            self._tracing.ended(one)

    def _check(self) -> None:
        if self._closed:
            raise Closed("this face is closed: open another.")
