"""After its turn an outburst, or a look at what was just said, calms down, unless another expression is set
before that: a look passes, a mood holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from mien.character import Character
from mien.motion.chance import Chance
from mien.motion.labels import SETTLES
from mien.motion.timeline import ms
from mien.script import ExpressionSet, Script, TurnEnded, TurnStarted

_LANE_SETTLE: Final = 87


class Calming(NamedTuple):
    """What calms down, if it still shows when the time comes."""

    outburst: ExpressionSet

    def stands(self, script: Script) -> bool:
        """Whether no other expression was set since, be it in the same sample."""
        return script.latest(self.outburst.character, ("expression",)) is self.outburst


def calms_at(ended: TurnEnded, chance: Chance) -> int:
    """The sample at which what was set during a turn calms down, 0.5 to 1.1 s after its end."""
    return ended.at + ms(chance.between(_LANE_SETTLE, ended.at, 500, 1100))


def calmer(outburst: ExpressionSet, character: Character) -> str | None:
    """The expression that it calms down to; None for a mood, which holds."""
    return next((n for n in SETTLES.get(outburst.expression, ()) if n in character.expressions), None)


def ends_of(character: str, script: Script) -> Iterator[TurnEnded]:
    """Where turns of theirs have ended, the last first."""
    return (e for e in reversed(script.lanes(character).get("turn", ())) if isinstance(e, TurnEnded))


def set_during(ended: TurnEnded, script: Script) -> ExpressionSet | None:
    """The last expression by the end of a turn, if it was set during the turn."""
    lanes = script.lanes(ended.character)
    turns = reversed(lanes.get("turn", ()))
    began = next((e.at for e in turns if isinstance(e, TurnStarted) and e.turn == ended.turn), ended.at)
    faces = reversed(lanes.get("expression", ()))
    last = next((e for e in faces if isinstance(e, ExpressionSet) and e.at <= ended.at), None)
    return last if last is not None and last.at >= began else None
