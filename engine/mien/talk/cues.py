"""What a cue means to a character: an event of the script, or one sentence on why it cannot be followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final, cast

from mien.arguments import is_number
from mien.bounded_cache import BoundedCache
from mien.character import Character
from mien.errors import ScriptError
from mien.messages import did_you_mean, listed, quoted
from mien.script import (
    BURSTS,
    STAGINGS,
    DrawingSet,
    Event,
    ExpressionSet,
    GazeSet,
    GestureSet,
    Nod,
    Staged,
    StagingKind,
    VocalBurst,
)
from mien.talk.abilities import DRAWN, Abilities
from mien.talk.director import Director
from mien.talk.staging import staged
from mien.talk.turns import CUE_KINDS, Cue, CueKind, CueValue

MOST_COMPLAINTS: Final = 20
"""Cues of one turn that are complained of: finding near names takes a millisecond each."""

_MOST_ASKED: Final = 200
"""Cues of a turn of which it is asked whether they can be followed when it is queued."""

_MOST_READY = 32
"""Characters whose own expressions and gestures are read at load, so that the first use costs no more."""


class CueReader:
    """Reads cues for a cast. Parameters: the `cast` by key; `director` knows who stands where; `fades`:
    whether characters can fade."""

    def __init__(self, cast: Mapping[str, Character], director: Director, *, fades: bool = True) -> None:
        self._cast = cast
        self._director = director
        self._fades = fades
        self._able = BoundedCache[str, Abilities](256)
        self._known = BoundedCache[tuple[str, CueKind, CueValue, str], tuple[Event | None]](4096)
        self._gazes = BoundedCache[tuple[str, CueKind, CueValue, str], tuple[Event | None]](1024)
        self.read = 0
        """How often it was worked out what a cue means to somebody."""

    def get_ready(self) -> None:
        """Read what each character can show by name, before the first frame."""
        for who, character in islice(self._cast.items(), _MOST_READY):
            for name in (*character.expressions, *character.aliases):
                self._at_zero(Cue(0.0, "expression", name), who)
            for name in ("", *character.gestures):
                self._at_zero(Cue(0.0, "gesture", name), who)

    def event_of(self, cue: Cue, who: str, at: int) -> Event:
        """The script's event for a cue at sample `at`. Raises ScriptError when `who` cannot follow it."""
        event = self.find(cue, who, at)
        if event is None:
            raise ScriptError(self.complaint(cue, who))
        return event

    def find(self, cue: Cue, who: str, at: int) -> Event | None:
        """As `event_of`, and None for what cannot be followed; any number of times a frame."""
        event = self._at_zero(cue, who)
        return None if event is None else replace(event, at=at)

    def can_follow(self, cue: Cue, who: str) -> bool:
        """Whether `who` can follow a cue. From any thread."""
        return self._at_zero(cue, who) is not None

    def complaints(self, cues: Iterable[Cue], who: str, *, settled: bool) -> list[str]:
        """Why `who` cannot follow some of the cues of a turn, as far as is known before their time; from any
        thread. `settled`: nobody joins the cast any more, so that who is not there will not be."""
        asked = (cue for cue in islice(cues, _MOST_ASKED) if settled or cue.kind in DRAWN)
        failing = (cue for cue in asked if not self.can_follow(cue, who))
        return [self.complaint(cue, who) for cue in islice(failing, MOST_COMPLAINTS)]

    def moved(self) -> None:
        """Somebody stands elsewhere now, or is here no more: looks go elsewhere."""
        self._gazes.clear()

    def learn(self, who: str, character: Character) -> None:
        """What somebody can do who will be of the cast: the first cue costs no more then. From any thread."""
        self._able.put(who, Abilities(character))

    def changed(self, who: str) -> None:
        """Somebody goes by this key now, or nobody does any more."""
        self._known.forget(lambda key: key[0] == who or key[1] in STAGINGS)
        self._gazes.clear()
        if who not in self._cast:
            self._able.forget(lambda key: key == who)

    def _at_zero(self, cue: Cue, who: str) -> Event | None:
        key = (who, cue.kind, cue.value, cue.slot)
        cache = self._gazes if cue.kind == "gaze" else self._known
        try:
            known = cache.get(key)
        except TypeError:  # a value of a host's that is no key, as a list is
            return self._read(cue, who)
        return (cache.put(key, (self._read(cue, who),)) if known is None else known)[0]

    def _read(self, cue: Cue, who: str) -> Event | None:
        """The event at sample 0."""
        self.read += 1
        if who not in self._cast:
            return None
        value = cue.value
        if looks_at_itself(cue, who):
            return None
        if cue.kind in DRAWN and not self._abilities(who).can_follow(cue):
            return None
        match cue.kind:
            case "expression":
                found = self._abilities(who).expression(str(value))
                return None if found is None else ExpressionSet(0, who, found)
            case "gaze":
                direction = self._direction(who, value)
                return None if direction is None else GazeSet(0, who, *direction, self._whom(value))
            case "gesture":
                return GestureSet(0, who, str(value or ""))
            case "nod":
                depth = float(value) if is_number(value) else 1.0
                return Nod(0, who, min(1.0, max(-1.0, depth)))
            case "burst":
                return next((VocalBurst(0, who, kind) for kind in BURSTS if kind == value), None)
            case "drawing":
                return DrawingSet(0, who, cue.slot, None if value is None else str(value))
            case "enter" | "leave" | "move" | "swap":
                return self._staged(cue, who)
        return None  # type: ignore[unreachable]  # what a program hands over is not held to the type

    def complaint(self, cue: Cue, who: str) -> str:
        """Why `who` cannot follow a cue, and what to write instead; as slow as that of `Abilities`."""
        if who not in self._cast:
            return not_in_cast(who, self._cast)
        if cue.kind == "gaze":
            return self._why_not_looked_at(cue, who)
        if cue.kind == "burst":
            return f"{quoted(who)} cannot follow a burst {quoted(cue.value)}; {_meant(cue.value, BURSTS)}"
        if cue.kind in DRAWN:
            return self._abilities(who).complaint(cue, who)
        if cue.kind in STAGINGS:
            return self._why_not_staged(cue, who)
        return f"a cue of the kind {quoted(cue.kind)} is none; {_meant(cue.kind, CUE_KINDS)}"

    def _why_not_looked_at(self, cue: Cue, who: str) -> str:
        if looks_at_itself(cue, who):
            return f"{quoted(who)} cannot look at itself; name somebody else, or viewer."
        others = ["viewer", *(key for key in self._cast if key != who)]
        if isinstance(cue.value, str):
            remedy = did_you_mean(cue.value, others)
        else:
            remedy = f"give (x, y) with two finite numbers, or one of: {listed(others)}."
        return f"{quoted(who)} cannot look at {quoted(cue.value)}; {remedy}"

    def _abilities(self, who: str) -> Abilities:
        return self._able.get(who) or self._able.put(who, Abilities(self._cast[who]))

    def _whom(self, target: CueValue) -> str:
        """Who of the cast is looked at."""
        return target if isinstance(target, str) and target in self._cast else ""

    def _staged(self, cue: Cue, who: str) -> Staged | None:
        try:
            event = staged(cast(StagingKind, cue.kind), cue.value, who)
        except ScriptError:
            return None
        known = event.character in self._cast and (event.kind != "swap" or event.other in self._cast)
        able = (self._fades or not event.fades) and event.other != event.character
        return event if known and able else None

    def _why_not_staged(self, cue: Cue, who: str) -> str:
        try:
            event = staged(cast(StagingKind, cue.kind), cue.value, who)
        except ScriptError as error:
            return str(error)
        for one in (event.character, event.other) if event.kind == "swap" else (event.character,):
            if one not in self._cast:
                return not_in_cast(one, self._cast)
        if event.other == event.character:
            return f"{quoted(event.character)} cannot swap places with itself; name somebody else."
        return (
            f"{quoted(event.character)} cannot fade on this stage: open it with fades=True, or let it slide."
        )

    def _direction(self, who: str, target: CueValue) -> tuple[float, float] | None:
        if isinstance(target, str) and target == "viewer":
            return (0.0, 0.0)
        if isinstance(target, str) and target in self._cast:
            return self._director.direction(who, target)
        return _pair(target)


def looks_at_itself(cue: Cue, who: str) -> bool:
    """Whether a gaze of somebody is at whom it is of."""
    return cue.kind == "gaze" and isinstance(cue.value, str) and cue.value == who


def not_in_cast(who: object, cast: Iterable[str]) -> str:
    """What is said of somebody who is not in the cast."""
    return f"{quoted(who)} is not in the cast; {_meant(who, cast)}"


def _meant(value: object, known: Iterable[str]) -> str:
    """The remedy for what a program hands over: it may be no text."""
    return did_you_mean(value if isinstance(value, str) else quoted(value), known)


def _pair(value: object) -> tuple[float, float] | None:
    """Two finite numbers, in whatever holds them, brought into -1..1; None when it is something else."""
    parts: list[Any] = list(islice(value, 3)) if isinstance(value, Iterable) else []
    if len(parts) != 2 or not all(map(is_number, parts)):
        return None
    x, y = (float(min(1.0, max(-1.0, part))) for part in parts)
    return (x, y)
