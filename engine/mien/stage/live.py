"""A headless stage that keeps real time: sound plays, and frames are handed over as they are finished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from mien.audio import AudioSession
from mien.clock import SAMPLE_RATE, Clock, FrameRate
from mien.errors import RendererUnavailable
from mien.observe import Ledger
from mien.stage.base import Host
from mien.stage.offline import TAIL_S
from mien.stage.pacing import Pacer, Playhead
from mien.stage.show import CastEntry, cast_of
from mien.stage.switching import quick_switches
from mien.talk import Conversation, background_path
from mien.types import U8

_POLL_NS: Final = 1_000_000
"""Between two looks at whether the GPU is done. Each costs some microseconds."""
_GIVE_UP_NS: Final = 10_000_000_000


class LiveStage(Host):
    """Characters on a stage, drawn headless in real time. For a host that shows or streams the frames itself.

    Sound plays by itself (`playout`: a device, or a paced silent sink), and what is heard is the clock of the
    picture. In each interval the frame begun in the last one is handed over and the next is begun: the GPU
    has a whole interval for it, in which this thread sleeps or is the host's. The sample to show is chosen
    for when the frame will be handed over. Where the GPU needs longer it is asked, and asked again, while
    other threads run; frames whose time comes meanwhile are left out, whole, and counted. Parameters as for
    `Stage`; `clock` paces the frames. One thread owns it, the one that opened it.
    """

    def __init__(
        self,
        cast: Mapping[str, str | Path] | Sequence[CastEntry],
        *,
        size: tuple[int, int] = (1280, 720),
        fps: int | float | str | FrameRate = 30,
        background: str | Path | None = None,
        seed: int = 0,
        ledger: Ledger | None = None,
        page_budget: int | None = None,
        playout: Literal["auto", "device", "null"] = "auto",
        clock: Clock | None = None,
    ) -> None:
        ledger = ledger or Ledger(FrameRate(fps).interval_ms, realtime=True)
        super().__init__(
            cast,
            lambda: AudioSession("live", playout, spans=ledger.spans),
            size,
            fps,
            background,
            seed,
            ledger,
            page_budget,
            clock,
        )
        self._pacer = Pacer(self._clock, self.fps)
        self._playhead = Playhead(3_000_000_000 // self.fps, 1_000_000_000 // self.fps)
        self._chosen_ns = 0

    @classmethod
    def of(
        cls,
        conversation: Conversation,
        *,
        size: tuple[int, int] = (1280, 720),
        fps: int | float | str | FrameRate | None = None,
        seed: int | None = None,
        ledger: Ledger | None = None,
        page_budget: int | None = None,
        playout: Literal["auto", "device", "null"] = "auto",
    ) -> LiveStage:
        """A stage with a conversation's cast and background, and all of its turns queued."""
        stage = cls(
            cast_of(conversation),
            size=size,
            fps=fps or conversation.fps,
            background=background_path(conversation),
            seed=conversation.seed if seed is None else seed,
            ledger=ledger,
            page_budget=page_budget,
            playout=playout,
        )
        return stage._queue_all(conversation)

    @property
    def sound(self) -> str:
        """Where the sound goes, for people."""
        return self._audio.output

    @property
    def fallback(self) -> str | None:
        """Why there is no sound although a device was wanted."""
        return self._audio.fallback

    @property
    def picture(self) -> U8:
        """The last frame handed over; the stage's own."""
        return self._compositor.picture

    def frames(self, tail_s: float = TAIL_S, seconds: float | None = None) -> Iterator[U8]:
        """Frames in real time until every queued turn has been heard, and `tail_s` seconds more.

        Each is (h, w, 4) uint8 RGBA, premultiplied, top row first, and the stage's own: it changes with the
        next. `seconds`: no longer than that. What the host does between two frames counts against their time.
        """
        self._check()
        with quick_switches():
            yield from self._frames(tail_s, seconds)

    def _frames(self, tail_s: float, seconds: float | None) -> Iterator[U8]:
        shown_at = self._tick(-1)
        self._finish()
        self._pacer.start()
        self._meter.restart(self._pacer.start_ns)
        first = self.ledger.frames_expected
        quiet_from: int | None = None
        while True:
            due = self._pacer.next()
            if seconds is not None and self._clock.now_ns() - self._pacer.start_ns >= seconds * 1e9:
                return
            quiet_from = None if not self.idle else due.index if quiet_from is None else quiet_from
            if quiet_from is not None and due.index - quiet_from >= tail_s * self.fps:
                return
            self._meter.begin()
            # The frame that was begun an interval ago. Then the next is begun, for the GPU to draw meanwhile.
            self._finish()
            self._meter.drawn()
            picture = self._taken()
            self._meter.read(blocked=False)
            handed_ns, at = self._clock.now_ns(), shown_at
            self._playhead.took(handed_ns - self._chosen_ns)
            skew_ms = (at - self._audio.position()) * 1000 / SAMPLE_RATE
            shown_at = self._tick(due.index)
            try:
                yield picture
            finally:  # the last frame counts too
                self._meter.taken()
                self._meter.end(
                    first + due.index,
                    at,
                    skew_ms=skew_ms,
                    scheduled_ns=due.scheduled_ns,
                    presented_ns=handed_ns,
                    age_frames=1,
                )

    def _tick(self, index: int) -> int:
        """Have a frame drawn and read, for the interval after `index`; the sample that it shows."""
        self._chosen_ns = self._clock.now_ns()
        script = self._show.script
        at = self._playhead.at(self._audio.position(), self._audio.known, script.sealed)
        with self._compositor.current():
            rows = self._show.tick(at)
            self._meter.built()
            self._compositor.draw(rows)
            self._compositor.begin_read(index)
            self._meter.drawn()
        return at

    def _finish(self) -> None:
        """Let other threads run until the GPU is done. Raises RendererUnavailable when it never is."""
        give_up = self._clock.now_ns() + _GIVE_UP_NS
        while self._compositor.busy:
            self._doze(give_up)

    def _taken(self) -> U8:
        """The picture that the GPU has finished."""
        give_up = self._clock.now_ns() + _GIVE_UP_NS
        while (taken := self._compositor.take_read()) is None:
            self._doze(give_up)
        return taken[1]

    def _doze(self, give_up_ns: int) -> None:
        """Let other threads run for a moment."""
        now = self._clock.now_ns()
        if now > give_up_ns:
            raise RendererUnavailable(
                f"{self.renderer} has not finished a frame in {_GIVE_UP_NS / 1e9:.0f} s: update the GPU "
                "driver, or draw a smaller frame."
            )
        self._clock.sleep_until_ns(now + _POLL_NS)

    def _next_at(self) -> int:
        return max(0, self._show.script.sealed + 1)
