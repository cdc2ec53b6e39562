"""Blinks: irregular, sometimes double, and drawn on by gaze shifts and turns."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from math import exp

from mien.bounded_cache import BoundedCache
from mien.clock import SAMPLE_RATE
from mien.motion.chance import Chance
from mien.motion.ease import smooth
from mien.motion.timeline import ms, recent
from mien.script import Event, TurnStarted

_LANE_GAP, _LANE_DOUBLE, _LANE_GAZE, _LANE_TURN, _LANE_DELAY, _LANE_FIRST = 1, 2, 3, 4, 5, 6
_BLOCK = 60 * SAMPLE_RATE
"""Intervals are drawn afresh in each minute, so that any time can be looked up without what went before."""
_CLOSING, _SHUT, _OPENING = ms(80), ms(30), ms(130)
_LENGTH = _CLOSING + _SHUT + _OPENING
_AGAIN = ms(320)
"""From a blink to its double."""
_CLEAR = ms(900)
"""Two blinks that are not a double keep this distance."""
_MEDIAN_S, _SPREAD, _LEAST_S, _MOST_S = 3.7, 0.42, 1.6, 7.5
_SLOWEST = ms(300)
"""From an event to the blink that it brings, at most."""
_BEFORE, _BEHIND = ms(700), ms(280)
"""A blink that an event brings is left out where another begins so near to it."""
_NO_EVENTS: Sequence[Event] = ()
_NO_SHIFTS: Sequence[tuple[int, float]] = ()
_ODDS = 0.28
"""How often a large shift of the gaze brings a blink: of at least ..."""
_LARGE = 0.6


class Blinks:
    """When one character blinks. Both eyes blink together."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._blocks: BoundedCache[int, tuple[int, ...]] = BoundedCache(8)

    def closure(
        self,
        lanes: Mapping[str, Sequence[Event]],
        at: int,
        shifts: Sequence[tuple[int, float]] = _NO_SHIFTS,
    ) -> float:
        """0 open .. 1 shut at sample `at`. `shifts`: (sample, how far) of the looks of the last seconds."""
        shut = 0.0
        for begun in self.near(lanes, at - _LENGTH, at, shifts):
            shut = max(shut, _course(at - begun))
        return shut

    def near(
        self,
        lanes: Mapping[str, Sequence[Event]],
        after: int,
        until: int,
        shifts: Sequence[tuple[int, float]] = _NO_SHIFTS,
    ) -> list[int]:
        """The samples at which a blink begins, in `after`..`until` (inclusive; at most seconds apart)."""
        drawn_on = self._drawn_on(lanes, after - _AGAIN - _CLEAR, until, shifts)
        begun: list[int] = []
        for spontaneous in self._between(after - _AGAIN, until):
            if not any(0 <= spontaneous - other < _CLEAR for other in drawn_on):
                begun.append(spontaneous)
                if self._chance.unit(_LANE_DOUBLE, spontaneous) < 0.12:
                    begun.append(spontaneous + _AGAIN)
        begun.extend(drawn_on)
        return [b for b in begun if after <= b <= until]

    def _drawn_on(
        self,
        lanes: Mapping[str, Sequence[Event]],
        after: int,
        until: int,
        shifts: Sequence[tuple[int, float]],
    ) -> list[int]:
        """Blinks that events bring, unless a spontaneous one is just happening."""
        chance = self._chance
        candidates: list[int] = []
        window = until - after + _SLOWEST
        for begun, way in shifts:
            if way > _LARGE and begun >= until - window and chance.unit(_LANE_GAZE, begun) < _ODDS:
                candidates.append(begun + ms(chance.between(_LANE_DELAY, begun, 0, 50)))
        for event in recent(lanes.get("turn", _NO_EVENTS), until, window, most=6):
            odds, slowest = (0.35, 180) if isinstance(event, TurnStarted) else (0.3, 300)
            if chance.unit(_LANE_TURN, event.at) < odds:
                candidates.append(event.at + ms(chance.between(_LANE_DELAY, -event.at - 1, 40, slowest)))
        candidates.sort()
        kept: list[int] = []
        for begun in candidates:
            if kept and begun - kept[-1] < _CLEAR:
                continue
            if after <= begun <= until and not self._between(begun - _BEFORE, begun + _BEHIND):
                kept.append(begun)
        return kept

    def _between(self, after: int, until: int) -> list[int]:
        found: list[int] = []
        for block in range(after // _BLOCK, until // _BLOCK + 1):
            times = self._block(block)
            found.extend(times[bisect_left(times, after) : bisect_right(times, until)])
        return found

    def _block(self, block: int) -> tuple[int, ...]:
        times = self._blocks.get(block)
        return self._blocks.put(block, self._drawn(block)) if times is None else times

    def _drawn(self, block: int) -> tuple[int, ...]:
        times: list[int] = []
        s = self._chance.between(_LANE_FIRST, block, 0.2, 1.4)
        while s < 60.0 - _CLEAR / SAMPLE_RATE:
            times.append(block * _BLOCK + round(s * SAMPLE_RATE))
            gap = _MEDIAN_S * exp(_SPREAD * self._chance.normal(_LANE_GAP, block * 64 + len(times)))
            s += min(_MOST_S, max(_LEAST_S, gap))
        return tuple(times)


def _course(age: int) -> float:
    """Closure of a blink that is `age` samples old: fast down, a moment shut, slower up."""
    if age < _CLOSING:
        return smooth(age / _CLOSING)
    age -= _CLOSING + _SHUT
    return 1.0 if age <= 0 else 1.0 - smooth(age / _OPENING)
