"""Holds the channels that plugins' parameters ask for, and lets them go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final

from mien.errors import MienError
from mien.serve import commands as told
from mien.serve.vts.parameters import channels_of, viseme_of
from mien.serve.vts.tracking import Tracking

_MOVES_S: Final = 0.05
"""In which a channel goes to a new value: between two of a tracker that sends 20 a second."""
_BACK_S: Final = 0.3
_LEAST: Final = 1e-4
"""Of a channel. Less is not told."""


class Driver:
    """Parameters: `do`, which has a command done; the `tracking`; `loop`, on whose thread all of it is
    called.

    However fast plugins send, one change is under way to the stage at a time, and the next has the newest of
    all: a stage that is slow is told less often, and nothing piles up.
    """

    def __init__(
        self,
        do: Callable[[told.StageCommand], Future[Any]],
        tracking: Tracking,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._do, self._tracking, self._loop = do, tracking, loop
        self._who = ""
        self._held: dict[str, float] = {}
        self._viseme: str | None = None
        self._under_way = self._again = False
        self._timer: asyncio.TimerHandle | None = None

    def drive(self, who: str) -> None:
        """Have who is the model follow what is injected now; whom it was before has its channels back."""
        if who != self._who:
            self._tell(self._releases())
            self._who = who
        self.follow()

    def follow(self) -> None:
        """Tell the stage what has changed."""
        if self._under_way:
            self._again = True
            return
        self._again = False
        values = self._tracking.values(self._loop.time())
        self._arm()
        if self._who:
            self._tell(self._changes(channels_of(values), viseme_of(values)))

    def end(self) -> None:
        """Let all go."""
        if self._timer is not None:
            self._timer.cancel()
        self._tell(self._releases())

    def _changes(self, wanted: dict[str, float], viseme: str | None) -> list[told.StageCommand]:
        who, changes = self._who, list[told.StageCommand]()
        for channel, value in wanted.items():
            if abs(value - self._held.get(channel, 9.0)) > _LEAST:
                changes.append(told.Hold(who=who, channel=channel, value=value, seconds=_MOVES_S))
                self._held[channel] = value
        for channel in self._held.keys() - wanted.keys():
            changes.append(told.LetGo(who=who, channel=channel, seconds=_BACK_S))
            del self._held[channel]
        if viseme != self._viseme:
            changes.append(told.Viseme(who=who, viseme=viseme))
            self._viseme = viseme
        return changes

    def _releases(self) -> list[told.StageCommand]:
        return self._changes({}, None) if self._who else []

    def _tell(self, changes: list[told.StageCommand]) -> None:
        done: Future[Any] | None = None
        with suppress(MienError):  # the stage is closed just now
            for change in changes:
                done = self._do(change)
        if done is not None:
            self._under_way = True
            done.add_done_callback(self._on_its_thread)

    def _on_its_thread(self, _: Future[Any]) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._arrived)

    def _arrived(self) -> None:
        self._under_way = False
        if self._again:
            self.follow()

    def _arm(self) -> None:
        """Look again when the first value is over."""
        if self._timer is not None:
            self._timer.cancel()
        ends_s = self._tracking.next_end_s()
        self._timer = None if ends_s is None else self._loop.call_at(ends_s, self.follow)
