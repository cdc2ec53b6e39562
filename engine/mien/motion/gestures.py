"""Gestures that move: timed keys of channels, begun, held, followed by another and taken back.

A gesture's channels go through its keys from 0 and stay at the last. What shows is a crossfade of the courses
of the last few gestures, of their values and never of drawings, so that one may be broken off at any moment.
Elbows are later than shoulders and wrists later still, which is what makes an arm look heavy: what they do is
what they would do a little earlier.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise

from mien.character import Character, GestureMotion
from mien.clock import SAMPLE_RATE
from mien.motion.chance import Chance
from mien.motion.ease import Waves, crossfade, smooth, wave, waves_of
from mien.motion.timeline import ms, states
from mien.script import Event, GestureSet
from mien.types import CHANNEL_INDEX, CHANNELS

_NO_EVENTS: Sequence[Event] = ()
_LANE_DRIFT = 90
_TAKES_OVER = ms(280)
"""Within this a new gesture takes the arm from wherever it is."""

_BEATS_FROM = ms(350)
"""From its beginning to where a gesture answers to the stress of the voice in full."""

_NEVER = -(1 << 60)

RETRACT_MS = 800.0
"""How long arms go back to rest from a gesture without motion of its own: 0.5 to 1 s is how people do it."""

RETRACT_SHARE = 0.4
"""Share of the way back to rest after which drawings change: an arm is fastest half way."""

_LAGS = {"elbow": ms(50), "wrist": ms(110)}
"""How much later than the shoulder the rest of an arm is."""


def lag_of(channel: str) -> int:
    """Samples that a channel is behind the others of a gesture."""
    return _LAGS.get(channel.partition("_")[0], 0)


class Course:
    """One channel through a gesture's keys: a cubic that does not overshoot them and stands still at the last
    and at extremes (Fritsch and Carlson 1980).

    Parameters: `keys`, (sample, value) in time; it begins at (0, 0).
    """

    __slots__ = ("_slopes", "_times", "_values", "lasts")

    def __init__(self, keys: Sequence[tuple[int, float]]) -> None:
        known = {0: 0.0} | dict(keys)  # of keys within one sample the last counts
        self._times = times = list(known)
        self._values = values = list(known.values())
        self.lasts = times[-1]
        steps = [(values[i + 1] - values[i]) / (times[i + 1] - times[i]) for i in range(len(times) - 1)]
        inner = [2.0 * a * b / (a + b) if a * b > 0.0 else 0.0 for a, b in pairwise(steps)]
        self._slopes = [0.0, *inner, 0.0]

    def at(self, t: int) -> float:
        """Its value `t` samples after the gesture began."""
        if t <= 0:
            return 0.0
        if t >= self.lasts:
            return self._values[-1]
        i = bisect_right(self._times, t) - 1
        span = self._times[i + 1] - self._times[i]
        u = (t - self._times[i]) / span
        eased = u * u * (3.0 - 2.0 * u)
        leaves, arrives = u * (1.0 - u) ** 2 * span, u * u * (u - 1.0) * span
        value = self._values[i] + (self._values[i + 1] - self._values[i]) * eased
        return value + leaves * self._slopes[i] + arrives * self._slopes[i + 1]


class Gestures:
    """The gestures of one character over time.

    Parameters: `character`; `chance` decides how held arms drift.
    """

    def __init__(self, character: Character, chance: Chance) -> None:
        self._motions = character.motions
        self._courses = {name: _courses(motion) for name, motion in character.motions.items()}
        used = {c for m in character.motions.values() for key in m.keys for c in key.channels}
        used |= {c for m in character.motions.values() for c in m.beat}
        self._channels = [(c, CHANNEL_INDEX[c], lag_of(c), _drift(chance, c)) for c in CHANNELS if c in used]
        self._lags = sorted({lag for _, _, lag, _ in self._channels})
        longest = [course.lasts for courses in self._courses.values() for course in courses.values()]
        retracts = [ms(motion.retract_ms) for motion in character.motions.values()]
        self._window = max([0, *longest, *retracts, ms(RETRACT_MS)]) + _BEATS_FROM + 1

    def add_channels(
        self, lanes: Mapping[str, Sequence[Event]], at: int, stress: float, out: list[float]
    ) -> None:
        """Add what the gestures do at sample `at` to `out` (len(CHANNELS)). `stress` of the voice, 0..1."""
        events = lanes.get("gesture", _NO_EVENTS)
        if not events or not self._channels:
            return
        for lag in self._lags:
            shown = self._shown(events, at - lag)
            for name, begun, weight in shown:
                motion, courses = self._motions[name], self._courses[name]
                t = at - lag - begun
                alive = smooth(t / _BEATS_FROM)
                for channel, index, own_lag, drift in self._channels:
                    if own_lag != lag or channel not in courses:
                        continue
                    value = courses[channel].at(t) + alive * motion.beat.get(channel, 0.0) * stress
                    if motion.drift:
                        value += alive * motion.drift * wave(drift, at / SAMPLE_RATE)
                    out[index] += weight * value

    def held(self, name: str) -> dict[str, float]:
        """Channel -> value of a gesture that is held; nothing for one without motion."""
        return {channel: course.at(course.lasts) for channel, course in self._courses.get(name, {}).items()}

    def _shown(self, events: Sequence[Event], at: int) -> list[tuple[str, int, float]]:
        """(gesture, sample at which it began, weight) of those that move something at sample `at`."""
        runs: list[tuple[str, int]] = []  # newest first; told again, a gesture goes on
        for event in states(events, at, self._window):
            if isinstance(event, GestureSet):
                name = event.gesture if event.gesture in self._motions else ""
                if runs and runs[-1][0] == name:
                    runs.pop()
                runs.append((name, event.at))
        if not runs or (len(runs) == 1 and not runs[0][0]):
            return []
        if runs[-1][1] > at - self._window:
            runs.append(("", _NEVER))
        fades: list[tuple[float, float]] = []
        for i, (name, begun) in enumerate(runs):
            before = runs[i + 1][0] if i + 1 < len(runs) else ""
            fades.append((begun, _TAKES_OVER if name else self._retract(before)))
        weights = crossfade(fades, at)
        return [(name, begun, w) for (name, begun), w in zip(runs, weights, strict=True) if name and w > 0.0]

    def _retract(self, name: str) -> int:
        motion = self._motions.get(name)
        return ms(RETRACT_MS if motion is None else motion.retract_ms)


def delay_of(motions: Mapping[str, GestureMotion], gesture: str, before: str) -> int:
    """Samples from a gesture's beginning to where its drawings begin to change: a hand is another while it
    moves, and on the way back half way down."""
    if gesture in motions:
        return ms(motions[gesture].change_ms)
    return ms(RETRACT_SHARE * motions[before].retract_ms) if before in motions else 0


def _courses(motion: GestureMotion) -> dict[str, Course]:
    """Channel -> course. A channel that a key leaves out goes on to where it is named next."""
    named = dict.fromkeys((*(c for key in motion.keys for c in key.channels), *motion.beat))
    return {
        channel: Course(
            [(ms(key.at_ms), key.channels[channel]) for key in motion.keys if channel in key.channels]
        )
        for channel in named
    }


def _drift(chance: Chance, channel: str) -> Waves:
    index = CHANNEL_INDEX[channel] * 8
    periods = [chance.between(_LANE_DRIFT, index + i, low, high) for i, (low, high) in enumerate(_PERIODS)]
    return waves_of(periods, 1.0, [chance.unit(_LANE_DRIFT, index + 4 + i) for i in range(len(periods))])


_PERIODS = ((4.3, 5.7), (2.3, 3.1), (1.1, 1.5))
"""Shortest and longest period in seconds of each of the sines in which held arms drift."""
