"""The body: breath, idle sway, nods, stress of the voice, and loose things that swing after all of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import atan2, cos, exp, pi, sin, sqrt
from operator import attrgetter

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.lipsync.track import TRACK_HOP
from mien.motion.chance import Chance
from mien.motion.ease import Waves, hump, nod_course, smooth, waves_of
from mien.motion.prosody import Spoken
from mien.motion.timeline import ms, recent, states
from mien.script import Event, GestureSet, Nod, Script, TurnEnded, TurnStarted

_AT = attrgetter("at")
_NO_EVENTS: Sequence[Event] = ()
_LANE_BREATH, _LANE_PHASE, _LANE_NOD, _LANE_DEPTH = range(40, 44)
_NOD_LASTS = ms(1300)
_NOD_EVERY_S = 3.4
_PAUSE_WITHIN = 100
"""Frames (1 s) that a listener waits for a pause before letting a nod go."""
_PAUSE_BELOW = 0.14
_REACTS = ms(90)
_AGAIN = ms(430)
"""From a listener's nod to its double."""


class Breath:
    """About 14 breaths a minute, in quicker than out, with a short rest; never quite regular."""

    def __init__(self, chance: Chance) -> None:
        self._period_s = chance.between(_LANE_BREATH, 0, 4.0, 4.6)
        self._phase = chance.unit(_LANE_BREATH, 1)
        self._drift = chance.unit(_LANE_BREATH, 2) * 2 * pi

    def value(self, at: int, active: float, turns: Sequence[Spoken]) -> float:
        """0 out .. 1 in. Shallower while speaking (`active` 0..1), with a deep one as a turn begins."""
        t = at / SAMPLE_RATE
        u = (t / self._period_s + self._phase + 0.09 * sin(t * 0.29 + self._drift)) % 1.0
        level = smooth(u / 0.38) if u < 0.38 else 1.0 - smooth((u - 0.38) / 0.52)
        level *= 0.72 - 0.3 * active
        for turn in turns:
            level += 0.34 * hump((at - turn.start) / ms(950))
        return level


class Sway:
    """Slow idle motion of head and body, livelier while speaking."""

    def __init__(self, chance: Chance) -> None:
        def waves(lane: int, periods: Sequence[float], amplitude: float) -> Waves:
            return waves_of(periods, amplitude, [chance.unit(_LANE_PHASE, lane * 8 + i) for i in range(3)])

        self.yaw = waves(0, (7.3, 4.1, 2.3), 0.10)
        self.pitch = waves(1, (6.1, 3.7, 2.1), 0.08)
        self.roll = waves(2, (8.9, 5.3, 2.9), 0.16)
        self.body = waves(3, (11.3, 6.7, 3.9), 0.22)
        self.lean = waves(4, (13.1, 7.9, 4.7), 0.14)


class Spring:
    """A loose thing on a moving frame, as closed forms: its answer to a sine and to an eased step."""

    def __init__(self, hertz: float, damping: float) -> None:
        self._natural = 2 * pi * hertz
        self._decay = damping * self._natural
        self._ring = self._natural * sqrt(1 - damping * damping)
        self.settles_s = 5.0 / self._decay

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

    def _travelled(self, t: float) -> float:
        """Integral of its answer to a sudden step; the difference of two is its answer to a ramp."""
        if t <= 0.0:
            return 0.0
        a, b = self._decay, self._ring
        ringing = 2.0 * a * cos(b * t) + (a * a - b * b) / b * sin(b * t)
        return t - (2.0 * a - exp(-a * t) * ringing) / (self._natural * self._natural)


class Nods:
    """Nods asked for, and those of a listener at the pauses of another's speech."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    def near(
        self, script: Script, key: str, lanes: Mapping[str, Sequence[Event]], at: int
    ) -> list[tuple[int, float]]:
        """(sample, depth -1..1) of the nods that still show at sample `at`."""
        found = [
            (event.at, min(1.0, max(-1.0, event.depth)))
            for event in recent(lanes.get("nod", _NO_EVENTS), at, _NOD_LASTS, most=6, spare=-1)
            if isinstance(event, Nod) and event.at > at - _NOD_LASTS
        ]
        floor = script.floor
        last = bisect_right(floor, at, key=_AT)
        ends: dict[str, int] = {}
        for event in reversed(floor[max(0, last - 6) : last]):
            if isinstance(event, TurnEnded):
                ends[event.turn] = event.at
            elif isinstance(event, TurnStarted) and event.character != key:
                end = ends.get(event.turn, at)
                if end > at - _NOD_LASTS - _AGAIN - _REACTS:
                    found.extend(self._agreeing(event, end, at))
        return found

    def _agreeing(self, turn: TurnStarted, end: int, at: int) -> list[tuple[int, float]]:
        """A listener's nods: every three or four seconds one, if the speaker pauses within a second.

        Only frames that have been played are looked at, so live and offline agree.
        """
        every = round(_NOD_EVERY_S * SAMPLE_RATE)
        found: list[tuple[int, float]] = []
        start = turn.origin
        newest = (at - start) // every
        for n in range(max(1, newest - 1), newest + 2):
            index = start + n
            wished = start + round((n + self._chance.between(_LANE_NOD, index, -0.2, 0.2)) * every)
            low = (wished - start) // TRACK_HOP
            high = min(low + _PAUSE_WITHIN, (min(at, end) - start) // TRACK_HOP, turn.track.length)
            if high <= low:
                continue
            quiet = turn.track.loudness[low:high] < _PAUSE_BELOW
            first = int(np.argmax(quiet))
            if quiet[first]:
                begun = start + (low + first) * TRACK_HOP + _REACTS
                depth = self._chance.between(_LANE_DEPTH, index, 0.3, 0.7)
                found.append((begun, depth))
                if self._chance.unit(_LANE_DEPTH, -index) < 0.3:
                    found.append((begun + _AGAIN, 0.6 * depth))
        return found


def efforts(lanes: Mapping[str, Sequence[Event]], at: int) -> list[tuple[int, float]]:
    """(sample, strength) of the changes of gesture that still show at sample `at`: arms carry the body
    along, which also covers the crossfade between two drawings of them."""
    events = lanes.get("gesture")
    if not events:
        return []
    found: list[tuple[int, float]] = []
    changes = [e for e in states(events, at, _NOD_LASTS, most=4) if isinstance(e, GestureSet)]
    for i, event in enumerate(changes):
        before = changes[i + 1].gesture if i + 1 < len(changes) else ""
        if event.gesture != before and event.at > at - _NOD_LASTS:
            found.append((event.at, 0.5 if event.gesture else 0.35))
    return found


def dip(nods: Sequence[tuple[int, float]], at: int) -> float:
    """How far nods hold the head down at sample `at`; 1 is the dip of a full nod."""
    return sum((depth * nod_course((at - begun) / SAMPLE_RATE) for begun, depth in nods), 0.0)


def rebound(nods: Sequence[tuple[int, float]], at: int) -> float:
    """How nods make loose things bounce, about -1..1."""
    total = 0.0
    for begun, depth in nods:
        t = (at - begun) / SAMPLE_RATE - 0.08
        if 0.0 < t < 1.22:
            total += (
                depth * smooth(t / 0.12) * exp(-3.4 * t) * sin(2 * pi * 1.9 * t) * (1.0 - smooth(t / 1.22))
            )
    return total
