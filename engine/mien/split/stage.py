"""A conversation's frames in order, of which each is drawn by one of several processes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import version
from time import perf_counter_ns
from types import TracebackType
from typing import Any, Final, Self, Unpack

from mien.errors import ScriptError
from mien.interrupts import HeldBack
from mien.observe import FrameRecord
from mien.split.job import Job
from mien.split.ranges import Pool, Ranges
from mien.stage.offline import Stage
from mien.stage.options import StageKeywords, of_conversation
from mien.stage.quiet import TAIL_S, Quiet
from mien.talk import Conversation
from mien.talk.events import TurnEvent
from mien.types import F32, U8

_OWN: Final = frozenset(("ledger", "clock", "context"))
"""Options that are this process's alone."""


class SplitRender:
    """The frames that `Stage.of(conversation)` would give, drawn by a pool's processes. A context manager.

    Sound, events and turns are worked out here, pictures there; the ledger's records say what each frame took
    where it was drawn, and when it was taken here. Belongs to the thread that opens it. Raises as opening a
    stage does, and RendererUnavailable where no process can be begun.

    Parameters: `make_pool` begins those who draw a job; `seconds`: nothing later is drawn; `keywords` as of
    `mien.open_stage`, without `page_budget` (ScriptError): who enters waits for pages, which each process has
    at a time of its own.
    """

    def __init__(
        self,
        conversation: Conversation,
        make_pool: Callable[[Job], Pool],
        *,
        seconds: float | None = None,
        **keywords: Unpack[StageKeywords],
    ) -> None:
        if keywords.get("page_budget") is not None:
            raise ScriptError(
                "a render with a page budget cannot be split: give one of them, workers or the budget."
            )
        options = of_conversation(conversation, keywords)
        told: Any = {key: value for key, value in keywords.items() if key not in _OWN}
        job = Job(uuid.uuid4().hex, conversation, told, options.frame_size, version("mien"))
        last = None if seconds is None else options.rate.frames(seconds)
        # First: while this stage is opened, theirs are.
        self._ranges = Ranges(job, make_pool(job), options.rate, last)
        try:
            self._stage = _Session.of(conversation, **keywords)
        except BaseException:
            self._ranges.close()
            raise

    @property
    def foreseen(self) -> tuple[str, ...]:
        """What of the conversation the cast cannot follow, one sentence each."""
        return self._stage.foreseen

    @property
    def warnings(self) -> tuple[str, ...]:
        """What went wrong without ending the render, one sentence each."""
        return self._stage.warnings + self._ranges.remarks

    @property
    def at_once(self) -> int:
        """Frames that come at about one time, whereupon the next are waited for."""
        return self._ranges.at_once

    @property
    def renderer(self) -> str:
        """The GL renderer's name; before the first frame, of this process."""
        return self._ranges.renderer or self._stage.renderer

    @property
    def sound(self) -> F32:
        """(n, 2) float32 in -1..1 at 48 kHz: what is heard during the last frame."""
        return self._stage.sound

    def events(self) -> list[TurnEvent]:
        """What has happened since the last call; see `Stage.events`."""
        return self._stage.events()

    def frames_ahead(self, tail_s: float = TAIL_S, seconds: float | None = None) -> Iterator[U8]:
        """Frames until every turn has been spoken, and `tail_s` seconds more; of no more than `seconds`.

        Each is (h, w, 4) uint8 RGBA, premultiplied, top row first, valid until the next is asked for; its
        sound is in `sound`. Raises RendererUnavailable, and what drawing a frame raised.
        """
        stage, quiet = self._stage, Quiet(self._stage.fps, tail_s, seconds)
        quiet.start(stage.given)
        while not quiet.over(stage.given, quiet=stage.is_quiet):
            yield stage.step(self._ranges.take)

    def close(self) -> None:
        """End the processes, and free all. Idempotent."""
        try:
            self._ranges.close()
        finally:
            self._stage.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Session(Stage):
    """All of a stage but the drawing."""

    @property
    def given(self) -> int:
        """Frames given so far."""
        return self._given

    @property
    def is_quiet(self) -> bool:
        """Every turn has been heard."""
        return self._quiet

    def step(self, take: Callable[[int], tuple[U8, FrameRecord]]) -> U8:
        """Go on by one frame; `take` gives the picture, and what it took."""
        self._check_owner("frames")
        with self._told.busied(), self._compositor.current():
            begun_ns = perf_counter_ns()
            at, sound = self._draw_next()
            picture, record = take(self._index)
            self._count_frame(record, at, begun_ns)
            self._given_at(at)
            self.sound = sound
        return picture

    def _draw(self, at: int) -> bool:
        self._hear()
        with self._audio.undisturbed(), HeldBack():
            self._show.pass_over((at,))
        return False

    def _count_frame(self, record: FrameRecord, at: int, begun_ns: int) -> None:
        ledger, count = self.ledger, self._count
        ledger.add(
            replace(
                record,
                frame=count,
                at_sample=at,
                scheduled_ms=ledger.due_ns(count) / 1e6,
                begun_ms=(begun_ns - ledger.origin_ns) / 1e6,
                presented_ms=(perf_counter_ns() - ledger.origin_ns) / 1e6,
            )
        )
        ended = self._show.session.ended
        while ended:
            ledger.add_turn(ended.popleft())
        if ledger.collector is not None:
            ledger.collector.between(None)
