"""What a cue means to a character: an event of the script, or one sentence on why it cannot be followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from numbers import Real
from typing import Any

from mien.arguments import number_of
from mien.character import Character
from mien.errors import ScriptError
from mien.motion import resolve_expression
from mien.script import DrawingSet, Event, ExpressionSet, GazeSet, GestureSet, Nod
from mien.talk.director import Director
from mien.talk.turns import Cue, CueValue

_DEPTH = "a number from -1 to 1"


class CueReader:
    """Reads cues for a cast. Parameters: the `cast` by key; `director` knows who stands where."""

    def __init__(self, cast: Mapping[str, Character], director: Director) -> None:
        self._cast = cast
        self._director = director

    def event_of(self, cue: Cue, who: str, at: int) -> Event:
        """The script's event for a cue at sample `at`. Raises ScriptError when `who` cannot follow it."""
        character = self._cast.get(who)
        if character is None:
            raise ScriptError(f"{who!r} is not on stage; there: {listed(self._cast)}.")
        value = cue.value
        match cue.kind:
            case "expression":
                found = resolve_expression(character, str(value))
                if found is None:
                    raise ScriptError(
                        f"{who!r} has no expression like {value!r}; "
                        f"there are: {listed(character.expressions)}."
                    )
                return ExpressionSet(at, who, found)
            case "gaze":
                return GazeSet(at, who, *self._direction(who, value))
            case "gesture":
                if value and value not in character.gestures:
                    raise ScriptError(
                        f"{who!r} has no gesture {value!r}; there are: {listed(character.gestures)}."
                    )
                return GestureSet(at, who, str(value or ""))
            case "nod":
                depth = 1.0 if value is None else number_of("the depth of a nod", value, -1, 1, _DEPTH)
                return Nod(at, who, depth)
            case "drawing":
                drawing = None if value is None else str(value)
                try:
                    slot = character.slots[character.slot_index(cue.slot)]
                    slot.find(drawing or "")
                except KeyError as error:
                    raise ScriptError(
                        f"{who!r} has no slot or drawing {error.args[0]!r} (slot {cue.slot!r}); "
                        "`mien inspect` lists them."
                    ) from None
                return DrawingSet(at, who, cue.slot, drawing)
        # What a program hands over is not held to the type.
        raise ScriptError(
            f"a cue of the kind {cue.kind!r} is none; give expression, gaze, gesture, nod or drawing."
        )

    def _direction(self, who: str, target: CueValue) -> tuple[float, float]:
        if isinstance(target, str) and target == "viewer":
            return (0.0, 0.0)
        if isinstance(target, str) and target in self._cast:
            return self._director.direction(who, target)
        pair = _pair(target)
        if pair is None:
            raise ScriptError(
                f"{who!r} cannot look at {target!r}; say viewer, (x, y) with two finite numbers, or one of: "
                f"{listed(self._cast)}."
            )
        return pair


def _pair(value: object) -> tuple[float, float] | None:
    """Two finite numbers, in whatever holds them, brought into -1..1; None when it is something else."""
    parts: list[Any] = list(value) if isinstance(value, Iterable) else []
    if len(parts) != 2 or not all(isinstance(part, Real) for part in parts):
        return None
    if not all(abs(part) < inf for part in parts):
        return None
    x, y = (float(min(1.0, max(-1.0, part))) for part in parts)
    return (x, y)


def listed(names: Iterable[str]) -> str:
    """Names in order, for a sentence."""
    return ", ".join(sorted(names)) or "none"
