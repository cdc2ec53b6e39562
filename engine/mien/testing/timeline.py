"""A clock for a live stage and its sound: no test waits, and none depends on how fast the machine is."""

from __future__ import annotations

from typing import Unpack

from mien.arguments import refuse
from mien.audio.playout import NullPlayout
from mien.clock import VirtualClock
from mien.composite import FrameRows
from mien.errors import ScriptError
from mien.messages import did_you_mean, quoted
from mien.stage.live import LiveStage
from mien.stage.offline import Stage
from mien.stage.options import Cast, StageKeywords
from mien.types import U8


class Timeline(VirtualClock):
    """A virtual clock that the sound of a stage follows as well."""

    def __init__(self) -> None:
        super().__init__()
        self._playout: NullPlayout | None = None

    def lead(self, stage: LiveStage) -> None:
        """Play the stage's sound by this clock, and not by a thread of its own."""
        audio = stage._audio
        assert audio.playout is not None
        audio.playout.close()
        audio.playout = self._playout = NullPlayout(audio._deck, self, most=0, threaded=False)
        self._playout.start()
        self._playout.pump()

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """Be at the deadline, and so is the sound."""
        super().sleep_until_ns(deadline_ns)
        if self._playout is not None:
            self._playout.pump()


def open_on(timeline: Timeline, cast: Cast, **keywords: Unpack[StageKeywords]) -> LiveStage:
    """A live stage whose frames and sound follow the timeline: a second takes as long as its frames.

    Nothing is played to anybody. `decoded` waits until a turn that was said is ready to be heard.
    """
    if not isinstance(timeline, Timeline):
        refuse("timeline", timeline, "a mien.testing.Timeline")
    stage = LiveStage(cast, **{**keywords, "playout": "null", "clock": timeline})
    with_a_quick_gpu(stage)
    timeline.lead(stage)
    return stage


def with_a_quick_gpu(stage: LiveStage) -> None:
    """Virtual time passes between two looks at the GPU: it must be done at the first."""
    compositor, context = stage._compositor, stage._context
    draw, begin_read, take_read = compositor.draw, compositor.begin_read, compositor.take_read

    def drawn(frame: FrameRows) -> bool:
        with compositor.current():
            changed = draw(frame)
            context.finish()
        return changed

    def begun(tag: int, *, merge: bool = True) -> None:
        with compositor.current():
            begin_read(tag, merge=merge)
            context.finish()

    def taken(**keywords: bool) -> tuple[int, U8] | None:
        arrived = take_read(**keywords)
        if arrived is None:
            # What was drawn with fewer pixels is filtered up before it is read.
            with compositor.current():
                context.finish()
            arrived = take_read(**keywords)
        return arrived

    compositor.take_read = taken  # type: ignore[method-assign]
    compositor.draw = drawn  # type: ignore[method-assign]
    compositor.begin_read = begun  # type: ignore[method-assign]


def decoded(stage: LiveStage | Stage, key: str) -> None:
    """Return when all of a turn is decoded: virtual time would outrun the thread that decodes.

    Raises ScriptError for a turn that is not queued.
    """
    turns, progress = stage._show.session._turns, stage._audio._worker.progress
    if key not in turns:
        raise ScriptError(f"no turn {quoted(key)} is queued; {did_you_mean(key, turns)}")
    turn = turns[key][1]
    while not turn.done:
        progress.clear()
        progress.wait(0.1)
