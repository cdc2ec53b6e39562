"""What an engine that takes another's place has to be told, and what the host was told of its turns.

Everything here is guarded by the lock of whoever owns it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mien.backend.changes import Changes
from mien.backend.feeding import Pump
from mien.backend.messages import Names, Restore, Say
from mien.clock import SAMPLE_RATE
from mien.talk.events import TurnEvent, TurnPosition

VIEWS = ("solo", "mute")
"""Calls of which the last for each character holds."""
CASTING = ("load", "reload", "unload")
"""Calls that change the cast."""


@dataclass(slots=True, eq=False)
class _Told:
    """A turn that has not been told to be over."""

    say: Say
    pump: Pump | None
    known: bool = False
    """The engine has it."""
    started: bool = False
    """Its start was told."""
    heard_s: float = 0.0
    """How much of it was heard."""
    told_s: float = -1.0
    """Where in it the last event was that was told."""
    again_s: float = -1.0
    """Up to where in it another engine tells again what was told."""
    interrupted: bool = False
    """It was, and the engine has not told so."""


class Journal:
    """Turns by key, in the order in which they were told; how the stage stands; changes of the cast."""

    def __init__(self) -> None:
        self._turns: dict[str, _Told] = {}
        self._stands: tuple[tuple[str, Names], ...] = ()
        self._views: dict[tuple[str, str], tuple[str, Names]] = {}
        self.casting = Changes()
        """Changes of the cast since the beginning, as far as they are to be made by another engine."""
        self.paused = False
        self.position = 0
        """The sample of the host's session that was heard."""
        self._base = 0
        """What an engine's samples are more in the host's session."""
        self._going_on: float | None = None
        """While another engine is told to go on: where in its turns, in seconds. Its samples mean nothing
        yet."""

    def __contains__(self, key: str) -> bool:
        return key in self._turns

    @property
    def idle(self) -> bool:
        """No turn that was told is still to be told over."""
        return not self._turns

    # -- what the host says -------------------------------------------------------------------------

    def begin(self, say: Say, pump: Pump | None) -> None:
        """A turn is about to be told to the engine."""
        assert say.key is not None
        self._turns[say.key] = _Told(say, pump)

    def confirm(self, key: str) -> None:
        """The engine has it."""
        if key in self._turns:
            self._turns[key].known = True

    def is_known(self, key: str) -> bool:
        """Whether the engine has it, or had: it is over then."""
        return key not in self._turns or self._turns[key].known

    def withdraw(self, key: str, *, perhaps: bool = False) -> None:
        """The engine did not take it; `perhaps`: nobody knows."""
        turn = self._turns.pop(key, None)
        if turn is not None and turn.pump is not None:
            turn.pump.give_back(perhaps=perhaps)

    def called(self, name: str, arguments: Names) -> None:
        """A call was made."""
        if name == "interrupt":
            for turn in self._turns.values():
                turn.interrupted = turn.known
        elif name in ("pause", "resume"):
            self.paused = name == "pause"
        elif name in VIEWS:
            self._views[name, str(arguments["who"])] = (name, arguments)
        elif name in CASTING:
            self.casting.add(name, arguments)

    # -- what the engine says -----------------------------------------------------------------------

    def stands(self, calls: tuple[tuple[str, Names], ...]) -> None:
        """How the stage stands now."""
        self._stands = calls

    def heard(self, position: int, playing: Iterable[TurnPosition]) -> None:
        """What is heard now, and how much of it."""
        if self._going_on is None:
            self.position = position + self._base
        for one in playing:
            if (turn := self._turns.get(one.turn)) is not None:
                turn.known = True
                turn.heard_s = max(turn.heard_s, one.position_s)

    def happened(self, events: Iterable[TurnEvent]) -> list[TurnEvent]:
        """What of it the host has not been told yet, with the samples of its session."""
        told = []
        for event in events:
            turn = self._turns.get(event.turn)
            if turn is None:
                continue  # it was told to be over
            turn.known = True
            if event.kind in ("word", "cue") and event.position_s <= turn.again_s:
                continue
            if event.kind == "started":
                if turn.started:
                    continue
                turn.started = True
            turn.told_s = max(turn.told_s, event.position_s)
            if event.kind in ("finished", "dropped"):
                event = self._ended(turn, event)
                self._over(event.turn)
            told.append(event if event.at is None else replace(event, at=event.at + self._base))
        return told

    def pump(self, feed: int) -> Pump | None:
        """What fills the engine's feed of this number."""
        return next((turn.pump for turn in self._turns.values() if _feed_of(turn.say) == feed), None)

    # -- another engine -----------------------------------------------------------------------------

    def restore(self, number: int) -> Restore:
        """What it is told. Of its turns the first goes on where it was; so do those that overlap it."""
        turns = [turn for turn in self._turns.values() if turn.known]
        for turn in turns:
            turn.again_s = turn.told_s
        heard_s = turns[0].heard_s if turns else 0.0
        says = [turn.say for turn in turns]
        if says and heard_s:  # the silence before it is over
            says[0] = _without_gap(says[0])
        calls = (*self._stands, *self._views.values(), *((("pause", {}),) if self.paused else ()))
        self._going_on = heard_s
        return Restore(number, calls, tuple(says), heard_s)

    def restored(self, start: int) -> None:
        """It has done so: its turns begin at this sample of its session."""
        self._base = self.position - round((self._going_on or 0.0) * SAMPLE_RATE) - start
        self._going_on = None

    def pumps(self) -> list[Pump]:
        """Of the turns that `restore` names: their feeds are to be sent anew."""
        return [turn.pump for turn in self._turns.values() if turn.known and turn.pump is not None]

    def end_interrupted(self) -> list[TurnEvent]:
        """The engine is gone, which would have told of turns that were interrupted."""
        keys = [key for key, turn in self._turns.items() if turn.interrupted]
        return [self._end(key, interrupted=True, why=None) for key in keys]

    def end_all(self, why: str | None) -> list[TurnEvent]:
        """There will be no engine any more."""
        return [self._end(key, interrupted=True, why=why) for key in list(self._turns)]

    def _end(self, key: str, *, interrupted: bool, why: str | None) -> TurnEvent:
        turn = self._turns[key]
        self._over(key)
        if not turn.started:
            return TurnEvent("dropped", key, turn.say.speaker, None, interrupted=interrupted, damaged=why)
        return TurnEvent(
            "finished", key, turn.say.speaker, self.position, turn.heard_s, interrupted, damaged=why
        )

    def _ended(self, turn: _Told, event: TurnEvent) -> TurnEvent:
        """A turn that had started is finished, whatever became of it in another engine."""
        if event.kind == "dropped" and turn.started:
            return replace(event, kind="finished", at=self.position - self._base, position_s=turn.heard_s)
        return event

    def _over(self, key: str) -> None:
        turn = self._turns.pop(key, None)
        if turn is not None and turn.pump is not None:
            turn.pump.close()


def _without_gap(say: Say) -> Say:
    """The same turn without silence before it."""
    values = {name: getattr(say, name) for name in say.__struct_fields__}
    return Say(**{**values, "gap_s": 0.0})


def _feed_of(say: Say) -> int | None:
    return getattr(say.sound, "feed", None)
