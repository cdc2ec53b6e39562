"""How a stage stands, as calls: what brings another one, opened with the same cast, to the same state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from mien.script import (
    HOLD,
    ChannelHeld,
    DrawingSet,
    ExpressionSet,
    GazeSet,
    GestureSet,
    Script,
    VisemeShown,
)
from mien.types import VISEMES

if TYPE_CHECKING:
    from mien.stage.base import BaseStage

NamedCall: TypeAlias = tuple[str, dict[str, Any]]
"""A call of a stage by its name, with its arguments by theirs."""


def standing_calls(stage: BaseStage) -> tuple[NamedCall, ...]:
    """Who stands where, in which expression and gesture, wearing and holding what, looking where. On the
    stage's own thread. Turns, and what they are to do, are none of it."""
    return tuple(call for who in stage.cast for call in (*_stands(stage, who), *_shows(stage, who)))


def _stands(stage: BaseStage, who: str) -> list[NamedCall]:
    lanes = stage._show.script.lanes(who)
    if not lanes.get("presence") and not lanes.get("place"):
        return []  # as it was opened
    if who not in stage.on_stage:
        return [("leave", {"who": who, "seconds": 0})]
    x, y, size = stage.standing(who)
    return [("enter", {"who": who, "place": (x, y), "size": size, "seconds": 0})]


def _shows(stage: BaseStage, who: str) -> list[NamedCall]:
    script: Script = stage._show.script
    calls: list[NamedCall] = []
    for lane in script.lanes(who):
        match script.latest(who, (lane,)):
            case ExpressionSet(expression=name) if lane == "expression":
                calls.append(("set_expression", {"who": who, "expression": name}))
            case GestureSet(gesture=name):
                calls.append(("gesture", {"who": who, "gesture": name}))
            case DrawingSet(slot=slot, drawing=drawing) if drawing is not None:
                calls.append(("wear", {"who": who, "slot": slot, "drawing": drawing}))
            case ChannelHeld(channel=channel, value=value) if value is not None and lane.startswith(HOLD):
                held = {"who": who, "channel": channel, "value": value, "seconds": 0}
                calls.append(("hold", held))
            case VisemeShown(viseme=number) if number is not None:
                calls.append(("show_viseme", {"who": who, "viseme": VISEMES[number]}))
            case GazeSet(x=x, y=y, whom=whom):
                calls.append(("look_at", {"who": who, "target": whom or (x, y)}))
    return calls
