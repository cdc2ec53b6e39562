"""What a body does that has nothing to do: its own pace of time, shifts of weight, brows that wander.

All of it is a function of (seed, character, time), so that it can be asked for at any time, and made of slow
noise, so that nobody repeats and no two fall into step.
"""

from __future__ import annotations

from dataclasses import dataclass

from mien.bounded_cache import BoundedCache
from mien.motion.chance import Chance
from mien.motion.ease import hump, smooth

_LANE_PACE, _LANE_SHIFT, _LANE_WHERE, _LANE_BROWS, _LANE_EVERY, _LANE_SIDE = range(100, 106)
_OCTAVES = ((19.0, 1.4), (73.0, 5.0), (293.0, 17.0))
"""(seconds between two values, seconds that each may be off) of the noise in a character's pace: quick enough
that a breath is never as long as the last, slow enough that nothing seems to hurry."""
_SHIFT_S, _SHIFT_JITTER = (14.0, 17.5), 0.2
"""From one shift of weight to the next: 8.4 to 24.5 s, and for each character its own mean."""
_ROUND = 8
"""Shifts after which a body stands on both legs again, so that any can be worked out from a few."""
_BROWS_S, _BROWS_JITTER = 9.0, 0.3
_HEAD_LEADS_S = 0.25


class Pace:
    """A character's own time: now a little ahead, now behind. Periodic motion on it has no period."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._cells: BoundedCache[tuple[int, int], tuple[float, float]] = BoundedCache(64)

    def time(self, t: float) -> float:
        """The character's own time at `t` seconds."""
        own = t
        for octave, (every_s, most_s) in enumerate(_OCTAVES):
            cell = int(t // every_s)
            low, high = self._cells.get((octave, cell)) or self._drawn(octave, cell)
            own += most_s * (low + (high - low) * smooth(t / every_s - cell))
        return own

    def _drawn(self, octave: int, cell: int) -> tuple[float, float]:
        values = [2.0 * self._chance.unit(_LANE_PACE, 4 * (cell + i) + octave) - 1.0 for i in (0, 1)]
        return self._cells.put((octave, cell), (values[0], values[1]))


@dataclass(frozen=True, slots=True)
class Stance:
    """How a body stands at one time."""

    sway: float
    lean: float
    yaw: float
    roll: float
    moved: float
    """0..1, while weight is being shifted: shoulders and loose things go along."""


class Posture:
    """Weight that is shifted every 8 to 25 seconds: to one leg, the other or both, in no order."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._every_s = chance.between(_LANE_EVERY, 0, *_SHIFT_S)
        self._known: BoundedCache[int, tuple[float, float, tuple[float, ...]]] = BoundedCache(16)

    def at(self, t: float) -> Stance:
        """The stance at `t` seconds."""
        n = int(t // self._every_s)
        if self._shift(n)[0] > t:
            n -= 1
        elif self._shift(n + 1)[0] <= t:
            n += 1
        (begun, lasts, new), (_, _, old) = self._shift(n), self._shift(n - 1)
        age = t - begun
        body, head = smooth((age - _HEAD_LEADS_S) / lasts), smooth(age / (0.8 * lasts))
        moved = hump((age - _HEAD_LEADS_S) / lasts)
        if body == 1.0:
            return Stance(new[0], new[1], new[2], new[3], 0.0)
        return Stance(
            old[0] + (new[0] - old[0]) * body,
            old[1] + (new[1] - old[1]) * body,
            old[2] + (new[2] - old[2]) * head,
            old[3] + (new[3] - old[3]) * head,
            moved * abs(new[0] - old[0]),
        )

    def last(self, t: float) -> float:
        """When weight began to shift last, in seconds."""
        n = int(t // self._every_s)
        return max(begun for begun in (self._shift(k)[0] for k in (n - 1, n, n + 1)) if begun <= t)

    def _shift(self, n: int) -> tuple[float, float, tuple[float, ...]]:
        known = self._known.get(n)
        if known is None:
            unit = self._chance.unit
            begun = (n + _SHIFT_JITTER * (2.0 * unit(_LANE_SHIFT, 2 * n) - 1.0)) * self._every_s
            lasts = 0.9 + 0.7 * unit(_LANE_SHIFT, 2 * n + 1)
            sway = 0.26 * self._side(n) + 0.08 * (2.0 * unit(_LANE_WHERE, 4 * n) - 1.0)
            lean = 0.25 * (2.0 * unit(_LANE_WHERE, 4 * n + 1) - 1.0)
            yaw = 0.12 * (2.0 * unit(_LANE_WHERE, 4 * n + 2) - 1.0)
            roll = -0.45 * sway + 0.16 * (2.0 * unit(_LANE_WHERE, 4 * n + 3) - 1.0)
            known = self._known.put(n, (begun, lasts, (sway, lean, yaw, roll)))
        return known

    def _side(self, n: int) -> int:
        """-1, 1: on which leg weight is after shift `n`, or 0, on both; never as before it. To and fro alone
        would have a period, in which all characters were in step."""
        side, last = 0, n % _ROUND
        for k in range(1, last + 1):
            other = (side + (2 if self._chance.unit(_LANE_SIDE, n - last + k) < 0.5 else 3)) % 3 - 1
            side = other or (-side if k == _ROUND - 1 else 0)
        return side


class IdleBrows:
    """Brows that rise a little, now one, now both, every few seconds."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._known: BoundedCache[int, tuple[float, float, float, float]] = BoundedCache(16)

    def at(self, t: float) -> tuple[float, float]:
        """(left, right) offsets at `t` seconds."""
        left = right = 0.0
        n = int(t // _BROWS_S)
        for k in (n, n - 1):
            begun, lasts, own_left, own_right = self._known.get(k) or self._drawn(k)
            shown = _held((t - begun) / lasts)
            if shown:
                left, right = left + shown * own_left, right + shown * own_right
        return left, right

    def _drawn(self, n: int) -> tuple[float, float, float, float]:
        unit = self._chance.unit
        begun = (n + _BROWS_JITTER * unit(_LANE_BROWS, 4 * n)) * _BROWS_S
        lasts = 0.5 + 2.5 * unit(_LANE_BROWS, 4 * n + 1) ** 2
        size = 0.12 + 0.3 * unit(_LANE_BROWS, 4 * n + 2)
        tilt = unit(_LANE_BROWS, 4 * n + 3)
        sides = (size, size) if tilt < 0.6 else (size, 0.2 * size) if tilt < 0.8 else (0.2 * size, size)
        return self._known.put(n, (begun, lasts, *sides))


def _held(x: float) -> float:
    """Up at once, held, and slowly back: 0 outside 0..1."""
    return 0.0 if x <= 0.0 or x >= 1.0 else smooth(x / 0.22) * (1.0 - smooth((x - 0.45) / 0.55))
