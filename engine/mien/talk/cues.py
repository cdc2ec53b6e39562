"""What a cue means to a character: an event of the script, or one sentence on why it cannot be followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import inf
from numbers import Real
from typing import Any

from mien.bounded_cache import BoundedCache
from mien.character import Character
from mien.errors import ScriptError
from mien.messages import did_you_mean, listed, quoted
from mien.motion.labels import Labels
from mien.script import DrawingSet, Event, ExpressionSet, GazeSet, GestureSet, Nod
from mien.talk.director import Director
from mien.talk.turns import CUE_KINDS, Cue, CueKind, CueValue


class CueReader:
    """Reads cues for a cast. Parameters: the `cast` by key; `director` knows who stands where."""

    def __init__(self, cast: Mapping[str, Character], director: Director) -> None:
        self._cast = cast
        self._director = director
        self._labels = BoundedCache[str, Labels](256)
        self._known = BoundedCache[tuple[str, CueKind, CueValue, str], tuple[Event | None]](4096)

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

    def _at_zero(self, cue: Cue, who: str) -> Event | None:
        key = (who, cue.kind, cue.value, cue.slot)
        try:
            known = self._known.get(key)
        except TypeError:  # a value of a host's that is no key, as a list is
            return self._read(cue, who)
        return (self._known.put(key, (self._read(cue, who),)) if known is None else known)[0]

    def _read(self, cue: Cue, who: str) -> Event | None:
        """The event at sample 0."""
        character = self._cast.get(who)
        if character is None:
            return None
        value = cue.value
        match cue.kind:
            case "expression":
                labels = self._labels.get(who) or self._labels.put(who, Labels(character))
                found = labels.resolve(str(value))
                return None if found is None else ExpressionSet(0, who, found)
            case "gaze":
                direction = self._direction(who, value)
                return None if direction is None else GazeSet(0, who, *direction)
            case "gesture":
                unknown = value and value not in character.gestures
                return None if unknown else GestureSet(0, who, str(value or ""))
            case "nod":
                depth = value if isinstance(value, int | float) else 1.0
                return Nod(0, who, min(1.0, max(-1.0, float(depth))))
            case "drawing":
                drawing = None if value is None else str(value)
                try:
                    character.slots[character.slot_index(cue.slot)].find(drawing or "")
                except KeyError:
                    return None
                return DrawingSet(0, who, cue.slot, drawing)
        return None  # type: ignore[unreachable]  # what a program hands over is not held to the type

    def complaint(self, cue: Cue, who: str) -> str:
        """Why `who` cannot follow a cue, and what to write instead. Slow: near names are sought."""
        character = self._cast.get(who)
        if character is None:
            return f"{quoted(who)} is not on stage; there: {listed(self._cast)}."
        value = cue.value
        match cue.kind:
            case "expression":
                known = did_you_mean(str(value), (*character.expressions, *character.aliases))
                return f"{quoted(who)} has no expression like {quoted(value)}; {known}"
            case "gaze":
                return (
                    f"{quoted(who)} cannot look at {quoted(value)}; say viewer, (x, y) with two finite "
                    f"numbers, or one of: {listed(self._cast)}."
                )
            case "gesture":
                known = did_you_mean(str(value), character.gestures)
                return f"{quoted(who)} has no gesture {quoted(value)}; {known}"
            case "drawing":
                slots = {slot.name: [drawing.name for drawing in slot.drawings] for slot in character.slots}
                if cue.slot not in slots:
                    return f"{quoted(who)} has no slot {quoted(cue.slot)}; {did_you_mean(cue.slot, slots)}"
                known = did_you_mean(str(value), slots[cue.slot])
                return f"slot {quoted(cue.slot)} of {quoted(who)} has no drawing {quoted(value)}; {known}"
        return f"a cue of the kind {quoted(cue.kind)} is none; give {', '.join(CUE_KINDS)}."

    def _direction(self, who: str, target: CueValue) -> tuple[float, float] | None:
        if isinstance(target, str) and target == "viewer":
            return (0.0, 0.0)
        if isinstance(target, str) and target in self._cast:
            return self._director.direction(who, target)
        return _pair(target)


def _pair(value: object) -> tuple[float, float] | None:
    """Two finite numbers, in whatever holds them, brought into -1..1; None when it is something else."""
    parts: list[Any] = list(value) if isinstance(value, Iterable) else []
    if len(parts) != 2 or not all(isinstance(part, Real) for part in parts):
        return None
    if not all(abs(part) < inf for part in parts):
        return None
    x, y = (float(min(1.0, max(-1.0, part))) for part in parts)
    return (x, y)
