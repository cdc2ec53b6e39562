"""The body: breath, idle sway, and loose things that swing after all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import atan2, cos, exp, floor, pi, sin, sqrt

from mien.bounded_cache import BoundedCache
from mien.motion.chance import Chance
from mien.motion.ease import Waves, hump, smooth, waves_of
from mien.motion.prosody import Spoken
from mien.motion.timeline import ms, states
from mien.script import Event, GestureSet

_LANE_BREATH, _LANE_PHASE, _LANE_PERIOD = 40, 41, 44
_EFFORT_LASTS = ms(1300)
_STEP_S = 0.02
_DEEP = ms(800)
_INHALES = ms(480)
"""An in-breath before a turn; turns are told of half a second before they begin."""


class Breath:
    """About 14 breaths a minute, in quicker than out, with a short rest; none as deep as the last, and now
    and then a sigh."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._period_s = chance.between(_LANE_BREATH, 0, 3.9, 4.8)
        self._phase = chance.unit(_LANE_BREATH, 1)
        self._depths: BoundedCache[int, float] = BoundedCache(16)

    def value(
        self, own_s: float, at: int, active: float, turns: Sequence[Spoken], coming: Sequence[tuple[int, int]]
    ) -> tuple[float, float]:
        """(0 out .. 1 in, 0..1 of a sigh). Shallower while speaking (`active` 0..1), with a deep one before a
        turn that is known to come, or as any other begins.

        `own_s`: seconds of the character's own time; `coming`: (sample from which on it is known that a turn
        comes, sample at which it begins).
        """
        breaths = own_s / self._period_s + self._phase
        n = floor(breaths)
        u = breaths - n
        depth = self._depths.get(n) or self._depth(n)
        level = smooth(u / 0.38) if u < 0.38 else 1.0 - smooth((u - 0.38) / 0.52)
        sigh = level * (1.0 - active) if depth > 1.2 else 0.0
        level *= 0.68 * depth - 0.26 * active
        for known, starts in coming:
            begins, ends = max(known, starts - _INHALES), starts + _INHALES
            level += 0.5 * hump((at - begins) / (ends - begins))
        for turn in turns:
            if turn.known == turn.start:  # nobody announced it
                level += 0.3 * hump((at - turn.start) / _DEEP)
        return level, sigh

    def _depth(self, n: int) -> float:
        u = self._chance.unit(_LANE_BREATH, 8 + n)
        return self._depths.put(n, 1.42 if u < 0.07 else 0.8 + 0.35 * u)


class Sway:
    """Slow idle motion of head and body, livelier while speaking. Each character has periods of its own."""

    def __init__(self, chance: Chance) -> None:
        def waves(lane: int, periods: Sequence[float], amplitude: float) -> Waves:
            own = [p * chance.between(_LANE_PERIOD, lane * 8 + i, 0.86, 1.16) for i, p in enumerate(periods)]
            phases = [chance.unit(_LANE_PHASE, lane * 8 + i) for i in range(len(own))]
            return waves_of(own, amplitude, phases)

        self.yaw = waves(0, (7.3, 4.1, 2.3), 0.14)
        self.pitch = waves(1, (6.1, 3.7, 2.1), 0.10)
        self.roll = waves(2, (8.9, 5.3, 2.9), 0.18)
        # The quick ones are small, and keep a body from ever standing still: the first is faster than all
        # others together, and two of one size would cancel out every few seconds.
        self.body = (*waves(3, (9.1, 5.3), 0.39), *waves(5, (2.0,), 0.23), *waves(6, (1.5,), 0.035))
        self.lean = waves(4, (13.1, 7.9, 4.7), 0.18)


class Spring:
    """A loose thing on a moving frame, as closed forms: its answer to a sine and to an eased step.

    Parameter `eases_s`: how long steps take whose answers are looked up.
    """

    def __init__(self, hertz: float, damping: float, eases_s: Sequence[float] = ()) -> None:
        self._natural = 2 * pi * hertz
        self._decay = damping * self._natural
        self._ring = self._natural * sqrt(1 - damping * damping)
        self.settles_s = 5.0 / self._decay
        steps = int(self.settles_s / _STEP_S) + 2
        self._lags = {e: [self.lag(i * _STEP_S, e) for i in range(steps)] for e in eases_s}

    def after(self, waves: Waves) -> Waves:
        """The sines with which it follows `waves`: late, and a little smaller or larger."""
        followed = []
        for w, phase, amplitude in waves:
            real, imaginary = self._natural**2 - w * w, 2 * self._decay * w
            gain = self._natural**2 / sqrt(real * real + imaginary * imaginary)
            followed.append((w, phase - atan2(imaginary, real), amplitude * gain))
        return tuple(followed)

    def lag(self, t: float, eases_s: float) -> float:
        """How far it hangs behind `t` seconds after its frame began a step of 1 that takes `eases_s`: behind
        at first, then past it, then at rest."""
        if t <= 0.0 or t >= self.settles_s:
            return 0.0
        followed = (self._travelled(t) - self._travelled(t - eases_s)) / eases_s
        return (smooth(t / eases_s) - followed) * (1.0 - smooth(t / self.settles_s * 2.0 - 1.0))

    def lagged(self, t: float, eases_s: float) -> float:
        """As `lag`, looked up, of one of the `eases_s` that it was made with."""
        if not 0.0 < t < self.settles_s:
            return 0.0
        lags = self._lags[eases_s]
        i, part = divmod(t / _STEP_S, 1.0)
        before = lags[int(i)]
        return before + part * (lags[int(i) + 1] - before)

    def _travelled(self, t: float) -> float:
        """Integral of its answer to a sudden step; the difference of two is its answer to a ramp."""
        if t <= 0.0:
            return 0.0
        a, b = self._decay, self._ring
        ringing = 2.0 * a * cos(b * t) + (a * a - b * b) / b * sin(b * t)
        return t - (2.0 * a - exp(-a * t) * ringing) / (self._natural * self._natural)


def efforts(lanes: Mapping[str, Sequence[Event]], at: int) -> list[tuple[int, float]]:
    """(sample, strength) of the changes of gesture that still show at sample `at`: arms carry the body
    along, which also covers the crossfade between two drawings of them."""
    events = lanes.get("gesture")
    if not events:
        return []
    found: list[tuple[int, float]] = []
    changes = [e for e in states(events, at, _EFFORT_LASTS, most=4) if isinstance(e, GestureSet)]
    for i, event in enumerate(changes):
        before = changes[i + 1].gesture if i + 1 < len(changes) else ""
        if event.gesture != before and event.at > at - _EFFORT_LASTS:
            found.append((event.at, 0.5 if event.gesture else 0.35))
    return found
