"""A stage's frames, taken once for all who want them.

It draws while somebody wants frames, or is there at all, or something goes on: turns are told of, and
characters are loaded, by frames. Otherwise it rests, and costs nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mien.errors import MienError
from mien.messages import printable
from mien.threads import start_thread
from mien.types import F32, U8

if TYPE_CHECKING:
    from mien.backend import Backend


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame, for as long as a call of `FrameSink.show` lasts."""

    number: int
    """Counted from 1; frames that nobody took count too."""
    position_s: float
    """Seconds of the session that were heard."""
    picture: U8
    """(h, w, 4) uint8 RGBA, premultiplied, top row first, read-only; in the engine's memory, and drawn over
    once the call returns: copy what is kept."""
    sound: F32
    """(n, 2) float32 at 48 kHz: what was heard since the frame before."""


class FrameSink(Protocol):
    """Whoever wants frames."""

    def show(self, shown: Shown) -> object:
        """A frame, on the thread of `Frames`, which it must not keep waiting."""


class Frames:
    """Parameter of `begin`: the stage. Sinks may come and go at any time, from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._sinks: tuple[FrameSink, ...] = ()
        self._reasons: set[Hashable] = set()
        self._over = False
        self._stage: Backend | None = None
        self._number = 0
        self.failure = ""
        """Why a sink could not be shown a frame, the last time that one could not; empty: all could."""
        self._thread = threading.Thread(target=self._run, name="mien-serve-frames", daemon=True)

    def begin(self, stage: Backend) -> None:
        """Take frames from now on."""
        self._stage = stage
        start_thread(self._thread)

    def add(self, sink: FrameSink) -> None:
        """Somebody wants frames."""
        with self._changed:
            self._sinks = (*self._sinks, sink)
            self._changed.notify_all()

    def remove(self, sink: FrameSink) -> None:
        """And no more. Idempotent."""
        with self._changed:
            self._sinks = tuple(one for one in self._sinks if one is not sink)

    def hold(self, why: Hashable, *, on: bool = True) -> None:
        """Frames are needed for a reason, or, with `on=False`, for that no more. Idempotent."""
        with self._changed:
            if on:
                self._reasons.add(why)
            else:
                self._reasons.discard(why)
            self._changed.notify_all()

    def end(self, timeout_s: float | None = None) -> None:
        """Take no more, and wait for the thread: it ends with the frame that it waits for. Idempotent."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        stage = self._stage
        assert stage is not None
        draws = False
        while True:
            with self._changed:
                if not self._sinks and not self._reasons and not self._over:
                    if draws:
                        draws = False
                        with suppress(MienError):
                            stage.rest()
                    self._changed.wait()
                    continue
                if self._over:
                    return
            draws = True
            left_out = stage.dropped
            try:
                picture = stage.frame()
            except MienError:  # no engine any more, which `Readiness` tells
                return
            self._number += 1 + stage.dropped - left_out
            shown = Shown(self._number, stage.position_s, picture, stage.sound)
            for sink in self._sinks:
                try:
                    sink.show(shown)
                except Exception as error:  # a defect, or no memory: of one, and the others go on
                    self.failure = printable(f"{type(error).__name__}: {error}", 200)
