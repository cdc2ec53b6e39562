"""What a host tells a character, held against what was told before: told again, it changes nothing. Of an
expression speech has shut the mouth: told again after it, it is set anew."""

from __future__ import annotations

from math import hypot

from mien.clock import SAMPLE_RATE
from mien.script import (
    FOLLOWED,
    ChannelHeld,
    DrawingSet,
    Event,
    ExpressionSet,
    GazeMoved,
    GazeSet,
    GestureSet,
    Script,
    TurnEnded,
    VisemeShown,
    lane_of,
    same,
)

FASTEST = 12.0
"""Gaze a second, so from edge to edge in a sixth of it: what moves faster is not followed but leapt to."""


def rivals(event: Event) -> tuple[str, ...]:
    """The lanes in which something may take the place of an event; none for what only adds to the others."""
    match event:
        case ExpressionSet():
            return ("expression", "echo")
        case GazeSet() | GazeMoved():
            return ("gaze", "trail")
        case GestureSet() | DrawingSet() | ChannelHeld() | VisemeShown():
            return (lane_of(event),)
    return ()


class Told:
    """Knows what hosts have told so far. Parameter: the `script`, in which it finds what came of it."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._gazes: dict[str, Event] = {}

    def comes_to(self, event: Event) -> Event | None:
        """What a host's event adds to the script: None for what is told again; GazeMoved for a target that
        has moved on from where the host told it to be.

        What somebody else has changed since (a cue, the director) is not told again, but anew.
        """
        latest = self._script.latest(event.character, rivals(event))
        if latest is None:
            return event
        if same(latest, event):
            return event if isinstance(event, ExpressionSet) and self._has_spoken(event, latest.at) else None
        if isinstance(event, GazeSet) and latest is self._gazes.get(event.character):
            assert isinstance(latest, GazeSet | GazeMoved)
            lasted = event.at - latest.at
            way = hypot(event.x - latest.x, event.y - latest.y)
            if 0 < lasted <= FOLLOWED and way <= FASTEST * lasted / SAMPLE_RATE:
                return GazeMoved(event.at, event.character, event.x, event.y)
        return event

    def _has_spoken(self, event: Event, since: int) -> bool:
        """Whether a turn of theirs has ended since: that shuts the mouth of an expression."""
        turn = self._script.latest(event.character, ("turn",))
        return isinstance(turn, TurnEnded) and since < turn.at <= event.at

    def forget(self, character: str) -> None:
        """Somebody is not of the cast any more."""
        self._gazes.pop(character, None)

    def added(self, event: Event, *, by_host: bool) -> None:
        """Note what was added to the script: by the host, or by the director, which may repeat the host."""
        if isinstance(event, GazeSet | GazeMoved):
            known = self._gazes.get(event.character)
            if by_host or (known is not None and same(known, event)):
                self._gazes[event.character] = event
