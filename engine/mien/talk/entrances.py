"""Comings and goings as their time comes: who is not ready to be seen is waited for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from mien.clock import SAMPLE_RATE
from mien.messages import quoted
from mien.motion.floor import speaker_at
from mien.script import Script, Staged
from mien.talk.agenda import Agenda
from mien.talk.blocking import Blocking
from mien.talk.cues import CueReader
from mien.talk.director import Director


class Entrances:
    """Follows what is told of who stands where, in order: what waits is waited for by what comes behind it.

    Parameters: `blocking`; `director`, who has those on stage regard it; `script` and `agenda`, for what
    comes of it; `reader`, whose looks go elsewhere then; `warn` takes a sentence on who came late.
    """

    def __init__(
        self,
        blocking: Blocking,
        director: Director,
        script: Script,
        agenda: Agenda,
        reader: CueReader,
        warn: Callable[[str], None],
    ) -> None:
        self.blocking = blocking
        self.is_ready: Callable[[str, int], bool] = _always
        """Whether all that somebody would show at a sample can be drawn. Asked until it is."""
        self.late = 0
        """Entrances that were waited for, so far."""
        self._director, self._script, self._agenda = director, script, agenda
        self._reader, self._warn = reader, warn
        self._waiting: deque[Staged] = deque()
        self._is_late = False
        for left in blocking.off_stage():
            script.append(left)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who is to come and cannot be shown yet."""
        return tuple(key for event in self._waiting if (key := self._comes(event)))

    @property
    def waits(self) -> bool:
        """Something was to happen and could not yet."""
        return bool(self._waiting)

    def add(self, event: Staged) -> None:
        """Something is to happen at its sample, or when all before it has; not of who was given up."""
        if self.blocking.knows(event.character) and (not event.other or self.blocking.knows(event.other)):
            self._waiting.append(event)

    def advance(self, at: int) -> None:
        """Do what can be done for a frame that shows sample `at`."""
        while self._waiting:
            event = self._waiting[0]
            comes = self._comes(event)
            if comes and not self.is_ready(comes, at):
                self.late += not self._is_late
                self._is_late = True
                return
            self._waiting.popleft()
            now = max(event.at, self._script.sealed + 1)
            if self._is_late and comes:
                late_s = (now - event.at) / SAMPLE_RATE
                self._warn(
                    f"{quoted(comes)} came on stage {late_s:.2f} s late: its drawings were not loaded."
                )
            self._is_late = False
            self._follow(replace(event, at=now))

    def forget(self, key: str) -> None:
        """Nothing of somebody is to happen any more."""
        if self._waiting and key in (self._waiting[0].character, self._waiting[0].other):
            self._is_late = False
        self._waiting = deque(event for event in self._waiting if key not in (event.character, event.other))

    def _follow(self, event: Staged) -> None:
        speaking = speaker_at(self._script, event.at)
        found = self.blocking.follow(event, "" if speaking is None else speaking.character)
        for one in found:
            self._script.append(one)
        if found:
            self._reader.moved()
            for follow_up in self._director.regard(event, self._script):
                self._agenda.add(follow_up, None, derived=True)

    def _comes(self, event: Staged) -> str:
        """Who comes on stage with it; `""`: nobody."""
        is_here = self.blocking.is_here
        if event.kind == "enter":
            return "" if is_here(event.character) else event.character
        if event.kind != "swap" or is_here(event.character) == is_here(event.other):
            return ""
        return event.other if is_here(event.character) else event.character


def _always(key: str, at: int) -> bool:
    return True
