"""A headless stage that keeps real time: sound plays, and frames are handed over as they are finished."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final, Unpack

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.errors import RendererUnavailable
from mien.stage.base import BaseStage
from mien.stage.governor import FULL, Level
from mien.stage.options import Cast, StageKeywords, StageOptions
from mien.stage.out_array import checked_out
from mien.stage.pacing import Due, Handed, Pacer, Playhead
from mien.stage.quiet import TAIL_S, Quiet
from mien.switching import quick_switches
from mien.types import F32, U8

_POLL_NS: Final = 1_000_000
"""Between two looks at whether the GPU is done. Each costs some microseconds."""
_WATCH_NS: Final = 2_000_000
"""The same in the time that the frame has: it is less urgent."""
_GIVE_UP_NS: Final = 10_000_000_000


class LiveStage(BaseStage):
    """Characters on a stage, drawn headless in real time. For a host that shows or streams the frames itself.

    Sound plays by itself (option `playout`: a device, or a paced silent sink), and what is heard is the clock
    of the picture. In each interval the frame begun in the last one is handed over and the next is begun: the
    GPU has a whole interval for it, in which this thread sleeps or is the host's. The sample to show is
    chosen for when the frame will be handed over. Where the GPU needs longer it is asked, and asked again,
    while other threads run; frames whose time comes meanwhile are left out, whole, and counted.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._pacer = Pacer(self._clock, self.fps, self._stops)
        self._playhead = Playhead(3 * self.fps.interval_ns, self.fps.interval_ns)
        self._chosen_ns = 0
        self._running, self._governing = False, self._governor()
        self._begun = 0
        """Frames begun so far: what the reading of the last one is called."""
        self._early: U8 | None = None
        self._produced_ns: int | None = None
        self._first = 0
        self._begun_as: tuple[int, int | None] = (0, None)
        self._handed: Handed | None = None
        self._sound: F32 = np.zeros((0, 2), np.float32)
        if self._governing is not None and self._stops is not None:  # what frames take is time that passes
            try:
                with quick_switches():
                    self._draw_as(self._governing.rehearse(self._rehearsed))
            except BaseException:
                self.close()
                raise
        self._sounded = self._audio.played()  # while it was opened nothing was said

    @property
    def picture(self) -> U8:
        """The last frame handed over; the stage's own."""
        return self._compositor.picture

    @property
    def sound(self) -> F32:
        """(n, 2) float32 in -1..1 at 48 kHz: what was heard since the frame before, or the opening.

        For hosts that send it themselves (with playout="null"). From frame to frame without gap or overlap,
        also where frames were left out; of a host that rests for longer than 10 s, the last 10 s.
        """
        return self._sound

    def frame(self, out: U8 | None = None) -> U8:
        """The next frame, when it is due: (h, w, 4) uint8 RGBA, premultiplied, top row first.

        It is the stage's own, and changes with the next; or `out`, which is filled without another copy. What
        the host does between two calls counts against their time; after `rest` the schedule begins anew.
        """
        self._check()
        self._check_owner("frame")
        self._compositor.read_to(checked_out(out, self.size))
        with self._told.busied(), quick_switches():
            self._write_down()  # before the wait for the next frame, which is not the host's time
            if not self._running:
                self._start()
            return self._hand_over(self._due())

    def frames(self, tail_s: float = TAIL_S, seconds: float | None = None) -> Iterator[U8]:
        """Frames in real time until every queued turn has been heard, and `tail_s` seconds more.

        As `frame` gives them. `seconds`: no longer than that.
        """
        self._check()
        self._check_owner("frames")
        return self._frames(Quiet(self.fps, tail_s, seconds))

    def _frames(self, quiet: Quiet) -> Iterator[U8]:
        self._check()
        self._check_owner("frames")
        self.rest()
        try:
            with quick_switches():
                with self._told.busied():
                    self._start()
                while (picture := self._next(quiet)) is not None:
                    yield picture
                    self._check()  # a host may close it in its loop
        finally:
            # Some that were left are collected on any thread, when the program ends, and with their stage.
            if self._open and self._finalizer.alive and self._is_free and not sys.is_finalizing():
                self.rest()

    def _next(self, quiet: Quiet) -> U8 | None:
        """The next frame of a run, when it is due; None where that is over."""
        self._check_owner("frames")
        with self._told.busied():
            self._write_down()
            due = self._due()
            return None if quiet.over(due.index, quiet=self._quiet) else self._hand_over(due)

    def run(self, tail_s: float = TAIL_S, seconds: float | None = None) -> None:
        """Let `frames` go by: where only sound, ledger or last picture are wanted."""
        for _ in self.frames(tail_s, seconds):
            pass

    def screenshot(self) -> U8:
        """The last frame handed over, a copy: (h, w, 4) uint8 RGBA, premultiplied, top row first."""
        self._check()
        self._check_owner("screenshot")
        return self.picture.copy()

    def rest(self) -> None:
        """No frames are wanted for a while: those due meanwhile are not missed. Sound goes on. Idempotent."""
        self._check_owner("rest")
        with self._told.busied():
            self._write_down()
            if self._running:
                self._running = False
                # What was due and not shown after the last frame was left out, too.
                self.ledger.expect(self._first + self._pacer.over)

    def _start(self) -> None:
        self._begin()
        self._finish()
        self._audio.let_begin()
        if self._since_chosen_ns() > self.fps.interval_ns:  # by now the sound is further
            self._begin()
            self._finish()
        self._pacer.start()
        self._meter.restart(self._pacer.start_ns)
        self._first = self.ledger.frames_expected
        self._running = True

    def _rehearsed(self, level: Level) -> int:
        """Draw a frame at a level that nobody is shown; how long that took, in ns."""
        self._draw_as(level)
        self._begin()
        self._finish()
        return self._since_chosen_ns()

    def _due(self) -> Due:
        """The frame that is due next, when it is. Meanwhile the one that was begun is waited for."""
        if self._governing is not None:
            self._watch(self._pacer.deadline_ns)
        return self._pacer.next()

    def _watch(self, until_ns: int) -> None:
        """Look when the frame that was begun is done, and have it read then, up to when the next is due."""
        if self._early is not None:
            return
        waited = False
        while self._compositor.busy or (arrived := self._arrived()) is None:
            if (now := self._clock.now_ns()) >= until_ns:
                self._produced_ns = None
                return
            waited = True
            self._clock.sleep_until_ns(min(now + _WATCH_NS, until_ns))
        self._early = arrived
        took_ns = self._since_chosen_ns()
        # Where it was done at the first look nobody knows since when: the host may have had its time.
        self._produced_ns = took_ns if waited or took_ns < FULL * self.fps.interval_ns else None

    def _govern(self, due: Due, *, waited: bool) -> None:
        """Learn what the frame took that was finished now; the next is drawn as follows from it."""
        if self._governing is not None:
            took_ns = self._since_chosen_ns() if waited else self._produced_ns
            self._draw_as(self._governing.took(self._clock.now_ns(), took_ns, due.skipped))

    def _since_chosen_ns(self) -> int:
        """How long ago the frame was begun, as of `_since_ns`."""
        return self._since_ns(self._chosen_ns)

    def _since_ns(self, then_ns: int) -> int:
        """How long ago that was, but for times in which the process did not run."""
        now = self._clock.now_ns()
        return now - then_ns - (self._stops.within(then_ns, now) if self._stops is not None else 0)

    def _hand_over(self, due: Due) -> U8:
        try:
            with self._compositor.current():
                return self._exchange(due)
        except BaseException:
            # Nothing may have been begun that could be handed over next: the schedule begins anew.
            self._running = False
            raise

    def _exchange(self, due: Due) -> U8:
        """Take the frame that was begun an interval ago. Begin the next, for the GPU to draw meanwhile."""
        self._meter.begin()
        waited = self._finish()
        self._meter.drawn()
        picture = self._taken()
        self._meter.read(blocked=False)
        level = self._level
        self._govern(due, waited=waited)
        (at, mark), chosen_ns, played = self._begun_as, self._chosen_ns, self._audio.played()
        sound = self._audio.between(self._sounded, played)
        self._begin()
        # After what may fail (the next frame has this one's sound as well, then), and when the host has it.
        handed_ns, heard = self._clock.now_ns(), self._audio.position()
        self._playhead.took(handed_ns - chosen_ns)
        self._sound, self._sounded = sound, played
        self._handed = Handed(due, at, handed_ns, (at - heard) * 1000 / SAMPLE_RATE, level, mark)
        return picture

    def _write_down(self) -> None:
        """The host has come back for more, or rests: what it did belongs to the frame it had."""
        if self._handed is not None:
            handed, self._handed = self._handed, None
            self._meter.taken()
            self._meter.level, self._meter.mark = handed.level, handed.mark
            self._meter.end(
                self._first + handed.due.index,
                handed.at,
                skew_ms=handed.skew_ms,
                scheduled_ns=handed.due.scheduled_ns,
                presented_ns=handed.handed_ns,
                age_frames=1,
            )

    def _begin(self) -> None:
        """Have a frame drawn and read, for the next interval."""
        self._audio.catch_up()
        self._chosen_ns = self._clock.now_ns()
        at = self._playhead.at(self._audio.position(), self._audio.next, self._show.player.floor)
        with self._compositor.current():
            self._draw(at)
            self._begun += 1
            self._compositor.begin_read(self._begun)
            self._meter.drawn()
        self._begun_as, self._early, self._produced_ns = (at, self._show.mark), None, None

    def _finish(self) -> bool:
        """Let other threads run until the GPU is done; False if it was. Raises RendererUnavailable."""
        since = self._clock.now_ns()
        waited = False
        while self._early is None and self._compositor.busy:
            waited = True
            self._doze(since)
        return waited

    def _taken(self) -> U8:
        """The picture that the GPU has finished."""
        since = self._clock.now_ns()
        picture = self._early
        while picture is None and (picture := self._arrived()) is None:
            self._doze(since)
        return picture

    def _arrived(self) -> U8 | None:
        """The picture of the frame begun last, when it is there; never one that nobody took before a rest."""
        taken = self._compositor.take_read()
        return taken[1] if taken is not None and taken[0] == self._begun else None

    def _doze(self, since_ns: int) -> None:
        """Let other threads run for a moment."""
        if self._since_ns(since_ns) > _GIVE_UP_NS:
            raise RendererUnavailable(
                f"{self.renderer} has not finished a frame in {_GIVE_UP_NS / 1e9:.0f} s: update the GPU "
                "driver, or draw a smaller frame."
            )
        self._clock.sleep_until_ns(self._clock.now_ns() + _POLL_NS)

    def _ending(self) -> None:
        self.rest()

    def _go_to(self, at: int) -> None:
        super()._go_to(at)
        if self._running:  # or one of the time before would be handed over first
            self._begin()


def open_live(
    cast: Cast, options: StageOptions | None = None, **keywords: Unpack[StageKeywords]
) -> LiveStage:
    """A headless stage in real time, ready. Keywords as of `mien.open_stage`; `playout="null"` is silent."""
    return LiveStage(cast, options, **keywords)
