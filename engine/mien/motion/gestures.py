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
from typing import NamedTuple

from mien.bounded_cache import BoundedCache
from mien.character import Character, GestureMotion
from mien.clock import SAMPLE_RATE
from mien.motion.chance import Chance
from mien.motion.ease import Waves, crossfade, smooth, wave, waves_of
from mien.motion.timeline import ms, states
from mien.script import Event, GestureSet
from mien.types import CHANNEL_INDEX, CHANNELS

_NO_EVENTS: Sequence[Event] = ()
_LANE_DRIFT = 90
_TAKES_OVER = ms(420)
"""Within this a new gesture takes a moved arm from wherever it is; one at rest it has at once."""

_AGAIN = 0.12
"""Share of its way from rest that even a raised arm goes again: a stroke, which hides the other hand."""

_GRIPS = 8.0
"""An arm that is moved by an eighth or more is taken over in all of that time."""

_BEATS_FROM = ms(350)
"""From its beginning to where a gesture answers to the stress of the voice in full."""

_NEVER = -(1 << 60)

_Moving = tuple[int, tuple[tuple[str, int], ...]]
"""How late some channels are, and the gestures that show in them, each with when it began."""

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


class _Part(NamedTuple):
    """What one gesture does to one channel."""

    begun: int
    """Sample at which it began."""
    rest: float
    """0..1: how much of the channel goes through the keys."""
    course: Course
    hold: float
    """Where the course ends."""
    beat: float
    """Times the stress of the voice."""
    drift: float
    """Times how held arms drift."""


class _Way(NamedTuple):
    """What all gestures that show do to one channel."""

    channel: int
    """Its index."""
    drift: Waves
    fades: list[tuple[float, float]]
    """For `crossfade`: when each gesture begins to take the channel over, and how long that takes."""
    parts: list[_Part | None]
    """Of each of those; None: it does not move it."""


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
        self._known: BoundedCache[_Moving, list[_Way]] = BoundedCache(256)
        # A gesture on its way depends on what moved the arm when it began.
        self._window = max([_BEATS_FROM, *longest]) + max([_TAKES_OVER, ms(RETRACT_MS), *retracts]) + 1

    def add_channels(
        self, lanes: Mapping[str, Sequence[Event]], at: int, stress: float, out: list[float]
    ) -> None:
        """Add what the gestures do at sample `at` to `out` (len(CHANNELS)). `stress` of the voice, 0..1."""
        events = lanes.get("gesture", _NO_EVENTS)
        if not events or not self._channels:
            return
        for lag in self._lags:
            then = at - lag
            runs = self._runs(events, then)
            if not any(name for name, _ in runs):
                continue
            key = (lag, tuple(runs))
            ways = self._known.get(key)
            if ways is None:
                ways = self._known.put(key, self._ways(runs, lag))
            for index, drift, fades, parts in ways:
                drifts = wave(drift, at / SAMPLE_RATE)
                total = 0.0
                for part, weight in zip(parts, crossfade(fades, then), strict=True):
                    if weight > 0.0 and part is not None:
                        t = then - part.begun
                        value = part.hold + part.rest * (part.course.at(t) - part.hold)
                        sways = part.beat * stress + part.drift * drifts
                        total += weight * (value + smooth(t / _BEATS_FROM) * sways)
                out[index] += total

    def held(self, name: str) -> dict[str, float]:
        """Channel -> value of a gesture that is held; nothing for one without motion."""
        courses = self._courses.get(name, {})
        return {channel: course.at(course.lasts) for channel, course in courses.items()}

    def _runs(self, events: Sequence[Event], at: int) -> list[tuple[str, int]]:
        """(gesture, sample at which it began) of the last ones by `at`, newest first; `""` is rest. What was
        told again goes on."""
        runs: list[tuple[str, int]] = []
        for event in states(events, at, self._window):
            if isinstance(event, GestureSet):
                name = event.gesture if event.gesture in self._motions else ""
                if runs and runs[-1][0] == name:
                    runs.pop()
                runs.append((name, event.at))
        if runs and runs[-1][1] > at - self._window:
            runs.append(("", _NEVER))
        return runs

    def _ways(self, runs: Sequence[tuple[str, int]], lag: int) -> list[_Way]:
        """What these do to the channels that are as late as that, of those that any of them moves. One that
        finds a channel moved by another goes to where it holds it, and hardly through its keys from rest: no
        arm goes down on its way up."""
        found: list[_Way] = []
        for channel, index, own_lag, drift in self._channels:
            if own_lag != lag or not any(self._moves(name, channel) for name, _ in runs):
                continue
            fades, rests = self._fades(runs, channel)
            parts: list[_Part | None] = []
            for (name, begun), rest in zip(runs, rests, strict=True):
                if self._moves(name, channel):
                    motion, course = self._motions[name], self._courses[name][channel]
                    beat = motion.beat.get(channel, 0.0)
                    parts.append(_Part(begun, rest, course, course.at(course.lasts), beat, motion.drift))
                else:
                    parts.append(None)
            found.append(_Way(index, drift, fades, parts))
        return found

    def _fades(
        self, runs: Sequence[tuple[str, int]], channel: str
    ) -> tuple[list[tuple[float, float]], list[float]]:
        """Newest first: for `crossfade`, when each gesture begins and how long it takes to take the channel
        over; and how much of the channel, 0..1, goes through the keys: what was at rest as it began."""
        fades: list[tuple[float, float]] = []
        rests: list[float] = []
        retract = ms(RETRACT_MS)
        for i in range(len(runs) - 1, -1, -1):
            name, begun = runs[i]
            older = runs[i + 1 :]
            weights = crossfade(fades, begun) if fades else []
            moved = sum(w for (n, _), w in zip(older, weights, strict=True) if self._moves(n, channel))
            lasts = float(retract)  # what does not move it lets it go back as slowly as what did says
            if self._moves(name, channel):
                lasts = _TAKES_OVER * min(1.0, _GRIPS * moved)
                retract = ms(self._motions[name].retract_ms)
            fades.insert(0, (begun, lasts))
            rests.insert(0, max(_AGAIN, 1.0 - moved))
        return fades, rests

    def _moves(self, name: str, channel: str) -> bool:
        return bool(name) and channel in self._courses[name]


def stroke_of(motion: GestureMotion | None) -> int:
    """Samples from a gesture's beginning to its stroke: the key to which its channels go furthest."""
    if motion is None:
        return 0
    best = (0.0, 0)
    last: dict[str, float] = {}
    for key in motion.keys:
        way = max(
            (abs(value - last.get(channel, 0.0)) for channel, value in key.channels.items()), default=0.0
        )
        best = max(best, (way, ms(key.at_ms)), key=lambda found: found[0])
        last |= key.channels
    return best[1]


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
