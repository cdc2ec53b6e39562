"""Who has the floor: the state of the conversation as one character sees it."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import Literal

from mien.motion.timeline import ms
from mien.script import Script, TurnEnded, TurnStarted

State = Literal["idle", "listening", "thinking", "speaking", "yielded"]
"""`thinking`: another has just finished and nobody speaks yet. `yielded`: was just interrupted."""

_AT = attrgetter("at")
_THINKS = ms(2000)
_YIELDS = ms(1500)


def speaker_at(script: Script, at: int) -> TurnStarted | None:
    """The turn that is going on at sample `at`; of several, the latest to start that has not ended."""
    floor = script.floor
    i = bisect_right(floor, at, key=_AT)
    ended: set[str] = set()
    for event in reversed(floor[max(0, i - 8) : i]):
        if isinstance(event, TurnEnded):
            ended.add(event.turn)
        elif isinstance(event, TurnStarted) and event.turn not in ended:
            return event
    return None


def state_at(script: Script, key: str, at: int) -> State:
    """The state of character `key` at sample `at`."""
    own = script.last_turns(key, at)
    last = own[-1] if own else None
    if isinstance(last, TurnStarted):
        return "speaking"
    going_on = speaker_at(script, at)
    if isinstance(last, TurnEnded) and last.interrupted and at - last.at < _YIELDS:
        return "yielded"
    if going_on is not None:
        return "listening"
    floor = script.floor
    i = bisect_right(floor, at, key=_AT)
    if i and floor[i - 1].character != key and at - floor[i - 1].at < _THINKS:
        return "thinking"
    return "idle"
