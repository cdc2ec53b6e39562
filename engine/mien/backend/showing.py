"""The part of a backend that gives frames."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter_ns
from typing import Final

import numpy as np

from mien.backend import messages
from mien.backend.asking import Asking
from mien.backend.child import EngineProcess
from mien.backend.slots import AHEAD
from mien.clock import SAMPLE_RATE, FrameRate
from mien.errors import RendererUnavailable
from mien.stage.quiet import TAIL_S, Quiet
from mien.types import F32, U8, Size

_MOST_SOUND: Final = 10 * SAMPLE_RATE
"""Samples of dropped frames that are kept for the next one."""


class Showing(Asking):
    """Parameters as of `Asking`."""

    fps: FrameRate

    def __init__(self, first: messages.Open, size: Size, *, spare: bool) -> None:
        self._held: tuple[EngineProcess, int] | None = None
        """The slot that the host looks at, and whose."""
        self._sound: F32 = np.zeros((0, 2), np.float32)
        self._lost: list[F32] = []
        """Sound of frames that were left out, for the next."""
        self._count = 0
        """Frames so far, those left out included."""
        self._quiet = True
        self.dropped = 0
        """Frames that this process was too slow to take. Their sound comes with the next."""
        super().__init__(first, size, spare=spare)

    @property
    def sound(self) -> F32:
        """(n, 2) float32 in -1..1 at 48 kHz: what was heard since the frame before, as `LiveStage.sound`;
        of dropped frames too, the last 10 s of them."""
        return self._sound

    def frame(self) -> U8:
        """The next frame, when it is there: (h, w, 4) uint8 RGBA, premultiplied, top row first, read-only.

        It is in the engine's memory, and changes with the next call. Two wait at most; when this process is
        slower, the older ones are left out, and counted in `dropped`. The engine draws from the first call
        on, until `rest`. Raises RendererUnavailable where there is no engine any more, Closed.
        """
        self._check()
        self._return()
        if not self._runs:
            self._runs = True
            self._keeper.current().send(messages.Run(True))
        with self._news:
            while True:
                self._news.wait_for(lambda: self._frames or not self._open or self._keeper.failure)
                if not self._frames:
                    self._check()
                    raise RendererUnavailable(self._keeper.failure)
                shown, engine = self._frames.popleft(), self._of
                assert engine is not None and self._slots is not None
                sound = np.frombuffer(shown.sound, np.float32).reshape(-1, 2)
                self._count += 1 + shown.unseen
                self.dropped += shown.unseen
                if self._is_stale(shown):
                    self.dropped += 1
                    self._keep(sound)
                    engine.send(messages.Back(shown.slot))
                    continue
                self._held, self._quiet = (engine, shown.slot), shown.quiet
                self._sound = np.concatenate((*self._lost, sound)) if self._lost else sound
                self._lost.clear()
                picture = self._slots.pictures[shown.slot].view()
                picture.flags.writeable = False
                return picture

    def frames(self, tail_s: float = TAIL_S, seconds: float | None = None) -> Iterator[U8]:
        """Frames until every queued turn has been heard, and `tail_s` seconds more; `seconds`: no longer than
        that. As `frame` gives them."""
        self._check()
        return self._frames_of(Quiet(self.fps, tail_s, seconds))

    def _frames_of(self, quiet: Quiet) -> Iterator[U8]:
        first: int | None = None
        try:
            while True:
                picture = self.frame()
                if first is None:
                    first = self._count
                if quiet.over(self._count - first, quiet=self._quiet and self.idle):
                    return
                yield picture
        finally:
            if self._open and not self._keeper.failure:
                self.rest()

    def rest(self) -> None:
        """No frames are wanted for a while: the engine draws none. Sound goes on. Idempotent."""
        self._check()
        self._return()
        with self._lock:  # whoever takes the engine's place is told under it
            if self._runs:
                self._runs = False
                if (engine := self._keeper.heard) is not None:
                    engine.send(messages.Run(False))
            while self._frames and self._of is not None:
                shown = self._frames.popleft()
                self._keep(np.frombuffer(shown.sound, np.float32).reshape(-1, 2))  # it comes with the next
                self._of.send(messages.Back(shown.slot))

    def _return(self) -> None:
        """What the host looked at is the engine's again."""
        held, self._held = self._held, None
        if held is not None:
            held[0].send(messages.Back(held[1]))

    def _is_stale(self, shown: messages.Shown) -> bool:
        """Whether a newer one is there, or is to be had at once. The lock is held."""
        late_ns = perf_counter_ns() - shown.given_ns
        return late_ns > (AHEAD + 1 if not self._frames else 1.5) * self.fps.interval_ns

    def _keep(self, sound: F32) -> None:
        self._lost.append(sound)
        while sum(map(len, self._lost)) - len(self._lost[0]) > _MOST_SOUND:
            self._lost.pop(0)
