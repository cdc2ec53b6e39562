"""One thing looked at: where it is, and how the head goes to it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot
from operator import attrgetter

from mien.motion.chance import Chance
from mien.motion.floor import speaker_at
from mien.motion.pursuit import Path, path_of
from mien.motion.timeline import ms, states
from mien.script import Event, GazeSet, Script, TurnEnded

_AT = attrgetter("at")
_NO_EVENTS: Sequence[Event] = ()
NEVER = -(1 << 60)
_LANE_REST, _LANE_HEAD = 20, 26
_RELAXED = 0.35
"""What is left of a look towards someone when the conversation has come to rest."""
HEAD_MS = (420.0, 480.0, 540.0, 600.0)
"""How long heads take; a few lengths, so that what swings after them can be tabulated."""


@dataclass(slots=True)
class Target:
    """A direction looked at since sample `begun`."""

    begun: int
    x: float
    y: float
    """Where it was then."""
    head_begins: float
    head_lasts: float
    path: Path | None = None
    """Where it went from there; None: nowhere."""
    heed: float = 1.0
    """0..1: how much of its turn the head does."""
    yaw: float = field(init=False)
    """Where the head goes for it: not at all for small looks, about half-way for large ones."""
    pitch: float = field(init=False)
    """As `yaw`, for up and down."""

    saccade: float = field(init=False, default=1.0)
    """Samples that the eyes take to it."""
    way: float = field(init=False, default=0.0)
    """How far it is from the one before."""

    def __post_init__(self) -> None:
        self.yaw, self.pitch = self.heed * _yaw(self.x), self.heed * _pitch(self.y)

    @classmethod
    def after(
        cls, chance: Chance, begun: int, x: float, y: float, path: Path | None = None, heed: float = 1.0
    ) -> Target:
        """A look that begins at sample `begun`, with a head as late and as slow as chance has it."""
        lasts = HEAD_MS[int(chance.unit(_LANE_HEAD, -begun - 1) * len(HEAD_MS))]
        begins = begun + ms(chance.between(_LANE_HEAD, begun, 80, 150))
        return cls(begun, x, y, begins, ms(lasts), path, heed)

    def leaves(self, older: Target) -> None:
        """It is looked at after `older`."""
        x, y = older.end
        self.saccade = ms(30 + 30 * hypot(self.x - x, self.y - y))
        self.way = abs(self.x - x) + abs(self.y - y)

    @property
    def end(self) -> tuple[float, float]:
        """Where it was told to be last."""
        return (self.x, self.y) if self.path is None else self.path.end[1:]

    def eyes(self, at: int) -> tuple[float, float]:
        """Where eyes that look at it are at sample `at`."""
        return (self.x, self.y) if self.path is None else self.path.eyes(at)

    def head(self, at: int) -> tuple[float, float]:
        """(yaw, pitch) of a head that has turned to it."""
        if self.path is None:
            return (self.yaw, self.pitch)
        return self.path.head(at, _yaw, _pitch)


def told_targets(
    chance: Chance, script: Script, lanes: Mapping[str, Sequence[Event]], at: int, window: int
) -> list[Target]:
    """What the host and the director told to look at, newest first; the last is older than `window`."""
    found: list[Target] = []
    newer: int | None = None
    trail = lanes.get("trail", _NO_EVENTS)
    for event in states(lanes.get("gaze", _NO_EVENTS), at, window, most=64):
        if isinstance(event, GazeSet):
            x, y = min(1.0, max(-1.0, event.x)), min(1.0, max(-1.0, event.y))
            path = path_of(event, trail, at, at + 1 if newer is None else newer) if trail else None
            since, end_x, end_y = (event.at, x, y) if path is None else path.end
            rests = _rests(chance, script, since, at)
            if rests is not None and (newer is None or rests < newer):
                found.append(Target.after(chance, rests, end_x * _RELAXED, end_y * _RELAXED))
            found.append(Target.after(chance, event.at, x, y, path))
            newer = event.at
    if not found or found[-1].begun > at - window:
        found.append(Target(NEVER, 0.0, 0.0, NEVER, 1.0))
    return found


def _rests(chance: Chance, script: Script, since: int, at: int) -> int | None:
    """When a look that began at `since` relaxes: a while after a turn that no other follows."""
    floor = script.floor
    first = bisect_right(floor, since, key=_AT)
    for i in range(first, min(first + 6, len(floor))):
        event = floor[i]
        if event.at > at:
            return None
        if isinstance(event, TurnEnded):
            rests = event.at + ms(chance.between(_LANE_REST, event.at, 700, 1500))
            if rests > at:
                return None
            if i + 1 == len(floor) or floor[i + 1].at > rests:
                return rests if speaker_at(script, rests) is None else None
    return None


def _yaw(x: float) -> float:
    return _beyond(x, 0.12) * 0.55


def _pitch(y: float) -> float:
    return _beyond(y, 0.1) * -0.4


def _beyond(value: float, dead: float) -> float:
    if value > dead:
        return value - dead
    return value + dead if value < -dead else 0.0


def shifts(targets: Sequence[Target]) -> list[tuple[int, float]]:
    """(sample, how far) of the looks, newest first: the oldest is none."""
    return [(target.begun, target.way) for target in targets[:-1]]
