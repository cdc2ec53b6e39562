"""How eyes wander by themselves: a look every second or two, by shares that depend on who speaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, sin
from typing import Final, Literal

from mien.bounded_cache import BoundedCache
from mien.clock import SAMPLE_RATE
from mien.motion.chance import Chance
from mien.motion.floor import State

Kind = Literal["told", "partner", "viewer", "away"]
TOLD: Final = "told"
PARTNER: Final = "partner"
VIEWER: Final = "viewer"
AWAY: Final = "away"

_GOLDEN = 0.6180339887498949
"""Steps of it fill 0..1 evenly, however many are taken: shares hold in a short turn too, as they would not if
each look were drawn by itself."""
_FILLED = 8
"""Looks for which that holds. More of them would nearly repeat after 21, and do so for all at once (r 0.7 and
0.6): from here on each is drawn by itself."""
_LANE_JITTER, _LANE_KIND, _LANE_AWAY, _LANE_LASTS, _LANE_OWN = 93, 94, 95, 96, 98
_OWN = (0.84, 1.2)
"""Times the pace of idle looks: each character's own, or all would look about in step."""
_JITTER = 0.36
_FIRST: Final[dict[str, tuple[float, float]]] = {"listening": (0.146, 0.764)}
"""Where those steps begin: of a listener so that one of its first three looks goes away. In turns of a few
seconds some would else never look away, and others nearly all the time."""


@dataclass(frozen=True, slots=True)
class _Habit:
    """Shares of looks, of what is left: partner, told, viewer, away."""

    every_s: float
    """Between two looks, on average."""
    shares: tuple[float, float, float]
    """Partner, what was told, the viewer; away is the rest."""
    away_s: tuple[float, float]
    """Looks away last that long, or until the next."""


_SPEAKING = {
    PARTNER: _Habit(1.25, (0.36, 0.02, 0.28), (0.6, 2.0)),
    VIEWER: _Habit(1.25, (0.38, 0.32, 0.0), (0.6, 2.0)),
    TOLD: _Habit(1.25, (0.38, 0.20, 0.06), (0.6, 2.0)),
}
_LISTENING = {
    PARTNER: _Habit(1.3, (0.62, 0.0, 0.06), (0.6, 1.2)),
    # A listener that looks elsewhere than at who speaks was told to by the host.
    VIEWER: _Habit(1.3, (0.0, 0.85, 0.0), (0.6, 1.4)),
    TOLD: _Habit(1.3, (0.0, 0.85, 0.0), (0.6, 1.4)),
}
_IDLE = {
    PARTNER: _Habit(2.4, (0.16, 0.56, 0.06), (0.6, 2.0)),
    VIEWER: _Habit(2.4, (0.16, 0.56, 0.06), (0.6, 2.0)),
    TOLD: _Habit(2.4, (0.10, 0.74, 0.0), (0.6, 2.0)),
}
_HABITS: dict[str, dict[str, _Habit]] = {
    "speaking": _SPEAKING,
    "listening": _LISTENING,
    "idle": _IDLE,
}


class Wander:
    """Where the eyes of one character go by themselves. Looks are numbered from an `anchor`, the sample at
    which the state began; each is a function of (seed, anchor, number)."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._own = chance.between(_LANE_OWN, 0, *_OWN)
        self._drawn: BoundedCache[tuple[int, int], tuple[float, float]] = BoundedCache(256)

    def moments(self, state: State, anchor: int, first: int, stop: int) -> Iterator[int]:
        """When looks begin in `first`..`stop`, and when those that pass may end."""
        habit = _HABITS[state][TOLD]
        every = self._every(state)
        n = max(0, (first - anchor) // every - 1)
        while (begun := self._begun(anchor, every, n)) < stop:
            if begun >= first:
                yield begun
            if (over := begun + self._lasts(habit, anchor, n)) >= first:
                yield min(over, stop)
            n += 1

    def kind(self, state: State, anchor: int, time: int, told: Kind, partner: bool) -> Kind:
        """What is looked at at sample `time`. `told`: what was told last is; `partner`: there is one."""
        habit = _HABITS[state][told]
        n = self._number(state, anchor, time)
        if n == 0 and state == "listening":
            return TOLD  # until it has reacted
        if n >= _FILLED:
            u = self._chance.unit(_LANE_KIND, anchor + n * 7919)
        else:
            low, high = _FIRST.get(state, (0.0, 1.0))
            u = (self._chance.between(_LANE_KIND, anchor, low, high) + n * _GOLDEN) % 1.0
        at_partner, at_told, at_viewer = habit.shares
        if u < at_partner:
            return PARTNER if partner else TOLD
        if u < at_partner + at_told:
            return TOLD
        if u < at_partner + at_told + at_viewer:
            return VIEWER
        begun = self._begun(anchor, self._every(state), n)
        if time - begun >= self._lasts(habit, anchor, n):
            return TOLD
        return AWAY

    def away(
        self,
        state: State,
        anchor: int,
        time: int,
        partner: tuple[float, float] | None,
        aside: tuple[float, float] | None,
    ) -> tuple[float, float]:
        """Where a look away goes. `aside`: where the expression looks, if it does."""
        n = self._number(state, anchor, time)
        u, angle = self._away(anchor, n)
        if aside is not None:
            share = 0.75 + 0.3 * u
            return (share * aside[0], share * aside[1])
        # Sideways and a little up or down; straight up or down reads as something else.
        side = -1.0 if partner is None or partner[0] > 0.0 else 1.0
        if u < (0.5 if partner is None else 0.3):
            side = -side
        reach = 0.38 + 0.3 * ((u * 7.0) % 1.0)
        return (side * reach * cos(angle), reach * sin(angle))

    def _every(self, state: State) -> int:
        every_s = _HABITS[state][TOLD].every_s
        return round((every_s * self._own if state == "idle" else every_s) * SAMPLE_RATE)

    def _number(self, state: State, anchor: int, time: int) -> int:
        every = self._every(state)
        n = (time - anchor) // every + 1
        while n > 0 and self._begun(anchor, every, n) > time:
            n -= 1
        return max(0, n)

    def _begun(self, anchor: int, every: int, n: int) -> int:
        if n <= 0:
            return anchor
        return anchor + round((n + _JITTER * (2.0 * self._pair(anchor, n)[0] - 1.0)) * every)

    def _lasts(self, habit: _Habit, anchor: int, n: int) -> int:
        low, high = habit.away_s
        return round((low + (high - low) * self._pair(anchor, n)[1]) * SAMPLE_RATE)

    def _pair(self, anchor: int, n: int) -> tuple[float, float]:
        known = self._drawn.get((anchor, n))
        if known is None:
            index = anchor + n * 7919
            known = (self._chance.unit(_LANE_JITTER, index), self._chance.unit(_LANE_LASTS, index))
            self._drawn.put((anchor, n), known)
        return known

    def _away(self, anchor: int, n: int) -> tuple[float, float]:
        index = anchor + n * 7919
        return (
            self._chance.unit(_LANE_AWAY, index),
            self._chance.between(_LANE_AWAY, -index - 1, -0.75, 0.5),
        )
