"""From what is told, planned and heard to the events of the script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from mien.character import Character
from mien.script import Event, Script, Staged, TurnStarted, same
from mien.talk.agenda import Agenda, Item
from mien.talk.blocking import Blocking
from mien.talk.cues import CueReader
from mien.talk.director import Director
from mien.talk.entrances import Entrances
from mien.talk.off_stage import OffStageWarnings
from mien.talk.told import Told, rivals
from mien.talk.turns import Cue
from mien.types import Size


class Scripting:
    """The part of a session that writes the script. Parameters as of `Session`; `warn` is told, in one
    sentence, what is not seen."""

    def __init__(
        self,
        cast: Mapping[str, Character],
        director: Director,
        script: Script,
        blocking: Blocking | None,
        warn: Callable[[str], None],
        *,
        fades: bool,
    ) -> None:
        self.script = script
        self.late_events = 0
        """Events that came to light after their time had been shown, and were moved to the next frame."""
        self.reader = CueReader(cast, director, fades=fades)
        self._director = director
        self._agenda = Agenda(script)
        blocking = blocking or Blocking(Size(1, 1), {})
        self.entrances = Entrances(blocking, director, script, self._agenda, self.reader, warn)
        self._off_stage = OffStageWarnings(self.entrances, warn)
        self._told = Told(script)
        self.again = False
        """What is shown was shown before: what is told happens there."""

    def forget(self, key: str) -> None:
        """Somebody is not of the cast any more: another may go by that key."""
        self.entrances.forget(key)
        self._off_stage.forget(key)
        self._told.forget(key)
        self._director.forget(key)
        self._agenda.forget(key)
        self.script.forget(key)

    def post(self, cue: Cue, character: str, at: int, turn: str | None = None) -> None:
        """Let a cue happen to a character at sample `at`. Raises ScriptError when it cannot.

        One that is of no `turn` is a host's: where it asks for what is already so, nothing happens, so that a
        host may tell the same every frame.
        """
        self._agenda.add(self.reader.event_of(cue, character, at), turn, derived=False)

    def override(self, event: Event) -> None:
        """Let what a host overrides happen, an event that is no cue, as `post` does."""
        self._agenda.add(event, None, derived=False)

    def check(self, cue: Cue, character: str) -> None:
        """Raises ScriptError where a character cannot follow a cue. From any thread."""
        self.reader.event_of(cue, character, 0)

    @property
    def _next_due(self) -> int:
        """The first sample at which `_follow` may have something to do: the very next while one who is to
        come is waited for; NEVER where nothing is planned."""
        return self.script.sealed + 1 if self.entrances.waits else self._agenda.due

    def _follow(self, at: int) -> None:
        """Let happen what is to happen by sample `at`."""
        if self.again and at <= self.script.sealed:
            self._rewrite(at)
            return
        for item in self._agenda.take(at):
            self._append(item)
        self.entrances.advance(at)
        self._off_stage.warn()

    def _rewrite(self, at: int) -> None:
        """The same where sample `at` is shown again: what was told is so from its time on, until something
        that came later says else."""
        for item in self._agenda.take(at):
            event = item.event
            if item.turn is not None or isinstance(event, Staged):  # of the newest time, and where all stand
                self._append(item)
                continue
            rival = self.script.view(event.at).latest(event.character, rivals(event))
            if item.told and rival is not None and same(rival, event):
                continue
            self.script.insert(event)
            if not item.derived:
                for follow_up in self._director.direct(event, self.script):
                    self._agenda.add(follow_up.event, None, derived=True, wait=follow_up.wait)

    def _now(self, event: Event, turn: str | None = None) -> None:
        self._add(self._in_time(event), turn, derived=False)

    def _append(self, item: Item) -> None:
        event = item.event
        if item.told and event.at <= self.script.sealed:  # told of what was shown again, and is no more
            event = replace(event, at=self.script.sealed + 1)
        event = self._in_time(event)
        if isinstance(event, Staged):
            self.entrances.add(event)
            self.entrances.advance(event.at)
            return
        if not item.derived:
            self._off_stage.note(event, item.turn)
        if item.told:
            added = self._told.comes_to(event)
            if added is None:
                self._agenda.hold(event)
                return
            event = added
        self._told.added(event, by_host=item.told)
        self._add(event, item.turn, item.derived)

    def _in_time(self, event: Event) -> Event:
        """The event, or, live after a stall, what should have been shown by now, to be shown next."""
        if event.at > self.script.sealed:
            return event
        self.late_events += 1
        if isinstance(event, TurnStarted):
            event = replace(event, heard_from=event.at)
        return replace(event, at=self.script.sealed + 1)

    def _add(self, event: Event, turn: str | None, derived: bool) -> None:
        self.script.append(event)
        if not derived:
            for follow_up in self._director.direct(event, self.script, turn):
                self._agenda.add(follow_up.event, turn, derived=True, wait=follow_up.wait)
