"""The eyes: targets reached in saccades, a head that follows late and partly, glances, and no stillness."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, sin
from operator import attrgetter

from mien.bounded_cache import BoundedCache
from mien.clock import SAMPLE_RATE
from mien.motion.chance import Chance
from mien.motion.ease import crossfade, smooth, wave, waves_of
from mien.motion.floor import speaker_at, state_at
from mien.motion.prosody import Spoken
from mien.motion.pursuit import Path, path_of, pursues
from mien.motion.timeline import ms, states
from mien.script import Event, GazeSet, Script, TurnEnded

_AT = attrgetter("at")
_NO_EVENTS: Sequence[Event] = ()
_NEVER = -(1 << 60)
LINGERS = ms(3300)
"""How long ago a look may have begun and still show: loose things swing that long after the head."""
_LANE_REST, _LANE_TINY, _LANE_GAP, _LANE_GLANCE, _LANE_OPENING, _LANE_DRIFT, _LANE_HEAD = range(20, 27)
_CELL_S = 0.7
_BLOCK_S = 20.0
_RELAXED = 0.35
"""What is left of a look towards someone when the conversation has come to rest."""


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

    @property
    def yaw(self) -> float:
        """Where the head goes for it: not at all for small looks, about half-way for large ones."""
        return _yaw(self.x)

    @property
    def pitch(self) -> float:
        """As `yaw`, for up and down."""
        return _pitch(self.y)

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


@dataclass(slots=True)
class Look:
    """Where eyes and head are because of what is looked at."""

    x: float
    y: float
    """Direction of the eyes if the head stood still, -1..1, y down."""
    yaw: float
    pitch: float
    """What the head adds, as the head channels."""
    resting_y: float
    """y without the small motions: what the lids follow."""


class Eyes:
    """The gaze of one character."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        phases = [chance.unit(_LANE_DRIFT, i) for i in range(6)]
        self._drift_x = waves_of((3.1, 1.9, 0.83), 0.014, phases[:3])
        self._drift_y = waves_of((2.7, 1.7, 0.71), 0.010, phases[3:])
        self._blocks: BoundedCache[int, tuple[tuple[int, int], ...]] = BoundedCache(16)
        self._cells: BoundedCache[int, tuple[float, float, float, float, float]] = BoundedCache(64)

    def targets(self, script: Script, lanes: Mapping[str, Sequence[Event]], at: int) -> list[Target]:
        """What is looked at, newest first; the last is older than LINGERS."""
        found: list[Target] = []
        newer: int | None = None
        trail = lanes.get("trail", _NO_EVENTS)
        for event in states(lanes.get("gaze", _NO_EVENTS), at, LINGERS):
            if isinstance(event, GazeSet):
                x, y = min(1.0, max(-1.0, event.x)), min(1.0, max(-1.0, event.y))
                path = path_of(event, trail, at, at + 1 if newer is None else newer) if trail else None
                since, end_x, end_y = (event.at, x, y) if path is None else path.end
                rests = self._rests(script, since, at)
                if rests is not None and (newer is None or rests < newer):
                    found.append(self._target(rests, end_x * _RELAXED, end_y * _RELAXED))
                found.append(self._target(event.at, x, y, path))
                newer = event.at
        if not found or found[-1].begun > at - LINGERS:
            found.append(Target(_NEVER, 0.0, 0.0, _NEVER, 1.0))
        return found

    def look(
        self, script: Script, key: str, at: int, targets: Sequence[Target], turns: Sequence[Spoken]
    ) -> Look:
        """The eyes at sample `at`."""
        fades: list[tuple[float, float]] = []
        for i, target in enumerate(targets):
            older = targets[min(i + 1, len(targets) - 1)]
            end_x, end_y = older.end
            fades.append((target.begun, ms(30 + 30 * hypot(target.x - end_x, target.y - end_y))))
        x = y = yaw = pitch = 0.0
        for target, eyes in zip(targets, crossfade(fades, at), strict=True):
            eyes_x, eyes_y = target.eyes(at)
            x += eyes * eyes_x
            y += eyes * eyes_y
        if len(targets) == 1:
            yaw, pitch = targets[0].head(at)
        else:
            for target, head in zip(targets, heads(targets, at), strict=True):
                turned, lifted = target.head(at)
                yaw += head * turned
                pitch += head * lifted
        away_x, away_y = self._glance(script, key, at, turns)
        tiny_x, tiny_y = self._tiny(at / SAMPLE_RATE)
        return Look(x + away_x + tiny_x, y + away_y + tiny_y, yaw, pitch, y + away_y)

    def _target(self, begun: int, x: float, y: float, path: Path | None = None) -> Target:
        chance = self._chance
        return Target(
            begun,
            x,
            y,
            begun + ms(chance.between(_LANE_HEAD, begun, 80, 150)),
            ms(chance.between(_LANE_HEAD, -begun - 1, 420, 600)),
            path,
        )

    def _rests(self, script: Script, since: int, at: int) -> int | None:
        """When a look that began at `since` relaxes: a while after a turn that no other follows."""
        floor = script.floor
        first = bisect_right(floor, since, key=_AT)
        for i in range(first, min(first + 6, len(floor))):
            event = floor[i]
            if event.at > at:
                return None
            if isinstance(event, TurnEnded):
                rests = event.at + ms(self._chance.between(_LANE_REST, event.at, 700, 1500))
                if rests > at:
                    return None
                if i + 1 == len(floor) or floor[i + 1].at > rests:
                    return rests if speaker_at(script, rests) is None else None
        return None

    def _glance(self, script: Script, key: str, at: int, turns: Sequence[Spoken]) -> tuple[float, float]:
        """Looks away: often while speaking, now and then when idle, seldom and briefly when listening."""
        x = y = 0.0
        for turn in turns:
            if self._chance.unit(_LANE_OPENING, turn.start) < 0.45:
                begun = turn.start + ms(60)
                lasts = ms(self._chance.between(_LANE_OPENING, -turn.start - 1, 420, 850))
                shown = self._shown(script, key, begun, lasts, at)
                if shown > 0.0:
                    side = -1.0 if self._chance.unit(_LANE_OPENING, turn.start + 1) < 0.5 else 1.0
                    x, y = x + shown * side * 0.4, y - shown * 0.3
        block = int(at // (_BLOCK_S * SAMPLE_RATE))
        for begun, lasts in (*self._block(block - 1)[-1:], *self._block(block)):
            if begun > at:
                break
            shown = self._shown(script, key, begun, lasts, at)
            if shown <= 0.0:
                continue
            state = state_at(script, key, begun)
            odds, size = {"speaking": (0.85, 1.0), "listening": (0.2, 0.6)}.get(state, (0.55, 0.9))
            if self._chance.unit(_LANE_GLANCE, 4 * begun) < odds:
                # Sideways and a little up or down; straight up or down reads as something else.
                angle = self._chance.between(_LANE_GLANCE, 4 * begun + 1, -0.75, 0.5)
                reach = size * shown * self._chance.between(_LANE_GLANCE, 4 * begun + 2, 0.22, 0.5)
                side = -1.0 if self._chance.unit(_LANE_GLANCE, 4 * begun + 3) < 0.5 else 1.0
                x, y = x + side * reach * cos(angle), y + reach * sin(angle)
        return x, y

    def _shown(self, script: Script, key: str, begun: int, lasts: int, at: int) -> float:
        """0..1: how far the eyes have gone on a glance. A new target or a new turn calls them back."""
        if not begun <= at < begun + lasts + ms(60):
            return 0.0
        ends = begun + lasts
        lanes = script.lanes(key)
        trail = lanes.get("trail", _NO_EVENTS)
        if trail and pursues(trail, begun):
            return 0.0
        for events in (lanes.get("gaze", _NO_EVENTS), trail, script.floor):
            i = bisect_right(events, begun, key=_AT)
            if i < len(events):
                ends = min(ends, events[i].at)
        return smooth((at - begun) / ms(38)) * (1.0 - smooth((at - ends) / ms(42)))

    def _block(self, block: int) -> tuple[tuple[int, int], ...]:
        times = self._blocks.get(block)
        if times is None:
            drawn: list[tuple[int, int]] = []
            s = self._chance.between(_LANE_GAP, block * 64, 0.2, 3.0)
            while s < _BLOCK_S - 1.2:
                lasts = self._chance.between(_LANE_GAP, block * 64 + 2 * len(drawn) + 1, 0.3, 1.0)
                drawn.append((round((block * _BLOCK_S + s) * SAMPLE_RATE), round(lasts * SAMPLE_RATE)))
                s += lasts + self._chance.between(_LANE_GAP, block * 64 + 2 * len(drawn), 1.4, 4.6)
            times = self._blocks.put(block, tuple(drawn))
        return times

    def _tiny(self, t: float) -> tuple[float, float]:
        """Fixation: slow drift, and a tiny saccade in each cell of 0.7 s."""
        cell = int(t // _CELL_S)
        jumps, x0, y0, x1, y1 = self._cell(cell)
        shown = smooth((t - jumps) / 0.03)
        x = wave(self._drift_x, t) + x0 + (x1 - x0) * shown
        y = wave(self._drift_y, t) + y0 + (y1 - y0) * shown
        return x, y

    def _cell(self, cell: int) -> tuple[float, float, float, float, float]:
        """(seconds of the tiny saccade, x and y before it, x and y after it)."""
        known = self._cells.get(cell)
        if known is None:
            u = [self._chance.unit(_LANE_TINY, 3 * cell + i) - 0.5 for i in (-2, -1, 0, 1, 2)]
            jumps = (cell + 0.35 + 0.7 * u[2]) * _CELL_S
            known = self._cells.put(cell, (jumps, 0.06 * u[0], 0.04 * u[1], 0.06 * u[3], 0.04 * u[4]))
        return known


def heads(targets: Sequence[Target], at: int) -> list[float]:
    """How much of the head's turn at sample `at` is due to each target; they sum to 1."""
    return crossfade([(target.head_begins, target.head_lasts) for target in targets], at)


def _yaw(x: float) -> float:
    return _beyond(x, 0.12) * 0.55


def _pitch(y: float) -> float:
    return _beyond(y, 0.1) * -0.4


def _beyond(value: float, dead: float) -> float:
    if value > dead:
        return value - dead
    return value + dead if value < -dead else 0.0
