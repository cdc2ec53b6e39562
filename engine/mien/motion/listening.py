"""What a listener does: nods of several dips at the speaker's pauses, brows and a closed "mm" with some of
them, a head that tilts as the speaker's does. And the nods that are asked for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, exp, log, pi, sin
from operator import attrgetter

import numpy as np

from mien.bounded_cache import BoundedCache
from mien.clock import SAMPLE_RATE
from mien.lipsync.track import TRACK_HOP
from mien.motion.chance import Chance
from mien.motion.ease import hump, nod_course, smooth
from mien.motion.timeline import ms, recent
from mien.script import Event, Nod, Script, TurnEnded, TurnStarted

_AT = attrgetter("at")
_NO_EVENTS: Sequence[Event] = ()
_LANE_NOD, _LANE_DEPTH, _LANE_DIPS, _LANE_TILT, _LANE_WITH = 42, 43, 110, 111, 112
NOD_LASTS = ms(1300)
_TRAIN_LASTS = ms(1800)
_NOD_EVERY_S = 3.4
_PAUSE_WITHIN = 100
"""Frames (1 s) that a listener waits for a pause before letting a nod go."""
_PAUSE_BELOW = 0.14
_REACTS = ms(90)
_DECLINES = log(0.55)
"""Of the share that each dip of a listener's nod has of the one before it."""
_HUMS = ms(260)
_FLASHES = ms(420)
_TILTS = ms(900)
_TILTS_FROM = ms(200)


@dataclass(frozen=True, slots=True)
class Nodding:
    """A nod that may show."""

    begun: int
    depth: float
    """-1..1, of its first dip."""
    dips: int = 0
    """Of a listener's quick nod; 0 for a nod that was asked for: one, with its rebound."""
    hertz: float = 3.0
    flash: float = 0.0
    """0..1: how far brows rise with it."""
    hums: bool = False
    """Lips close with it."""

    def dip(self, at: int) -> float:
        """How far it holds the head down at sample `at`; 1 is the dip of a full nod."""
        t = (at - self.begun) / SAMPLE_RATE
        if self.dips == 0:
            return self.depth * nod_course(t)
        turned = t * self.hertz
        if not 0.0 < turned < self.dips:
            return 0.0
        # Whole waves that begin and end at rest; a power of the number of waves makes each the smaller.
        return self.depth * exp(_DECLINES * turned) * 0.5 * (1.0 - cos(2.0 * pi * turned))

    def bounce(self, at: int) -> float:
        """How it makes loose things bounce, about -1..1."""
        return bounce_of(self.begun, self.depth, at)

    def brows(self, at: int) -> float:
        """How far it raises the brows."""
        return self.flash * hump((at - self.begun) / _FLASHES) if self.flash else 0.0


def bounce_of(begun: int, depth: float, at: int) -> float:
    """How something that began at sample `begun` makes loose things bounce, about -1..1."""
    t = (at - begun) / SAMPLE_RATE - 0.08
    if not 0.0 < t < 1.22:
        return 0.0
    return depth * smooth(t / 0.12) * exp(-3.4 * t) * sin(2 * pi * 1.9 * t) * (1.0 - smooth(t / 1.22))


@dataclass(slots=True)
class Reaction:
    """What shows of a listener, or of one who nods, at one time."""

    nods: list[Nodding]
    tilt: float
    """Added to the head's roll."""

    def hums(self, at: int) -> bool:
        """Whether lips are closed for an "mm"."""
        return any(nod.hums and 0 <= at - nod.begun < _HUMS for nod in self.nods)


class Reactions:
    """The reactions of one character. Parameters: `chance` its own; `shared`: the same for all of a cast, so
    that heads tilt to one side."""

    def __init__(self, chance: Chance, shared: Chance) -> None:
        self._chance = chance
        self._shared = shared
        self._tilts: BoundedCache[int, tuple[float, int]] = BoundedCache(64)
        self._wishes: BoundedCache[int, float] = BoundedCache(64)
        self._nods: BoundedCache[tuple[int, int], Nodding] = BoundedCache(64)

    def near(self, script: Script, key: str, lanes: Mapping[str, Sequence[Event]], at: int) -> Reaction:
        """What still shows at sample `at`."""
        nods = [
            Nodding(event.at, min(1.0, max(-1.0, event.depth)))
            for event in recent(lanes.get("nod", _NO_EVENTS), at, NOD_LASTS, most=6, spare=-1)
            if isinstance(event, Nod) and event.at > at - NOD_LASTS
        ]
        tilt = 0.0
        floor = script.floor
        last = bisect_right(floor, at, key=_AT)
        ends: dict[str, int] = {}
        for event in reversed(floor[max(0, last - 6) : last]):
            if isinstance(event, TurnEnded):
                ends[event.turn] = event.at
            elif isinstance(event, TurnStarted):
                end = ends.get(event.turn, at)
                if end > at - _TRAIN_LASTS - _REACTS:
                    tilt += self._tilt(event, end, key, at)
                    if event.character != key:
                        nods.extend(self._agreeing(event, end, at))
        return Reaction(nods, tilt)

    def _tilt(self, turn: TurnStarted, end: int, key: str, at: int) -> float:
        """Who speaks tilts the head in some turns, and who listens does so a second later, and less."""
        size, reacts = self._tilts.get(turn.at) or self._tilts.put(
            turn.at,
            (
                0.5 * (self._shared.unit(_LANE_TILT, turn.at) - 0.5),
                ms(self._chance.between(_LANE_TILT, turn.at, 900, 1600)),
            ),
        )
        begins = turn.at + _TILTS_FROM
        if key != turn.character:
            begins, size = turn.at + reacts, 0.7 * size
        gone = smooth((at - end) / _TILTS) if end < at else 0.0
        return size * smooth((at - begins) / _TILTS) * (1.0 - gone)

    def _agreeing(self, turn: TurnStarted, end: int, at: int) -> list[Nodding]:
        """A listener's nods: every three or four seconds one, if the speaker pauses within a second.

        Only frames that have been played are looked at, so live and offline agree.
        """
        every = round(_NOD_EVERY_S * SAMPLE_RATE)
        found: list[Nodding] = []
        start = turn.origin
        newest = (at - start) // every
        for n in range(max(1, newest - 1), newest + 2):
            index = start + n
            off = self._wishes.get(index)
            if off is None:
                off = self._wishes.put(index, self._chance.between(_LANE_NOD, index, -0.2, 0.2))
            wished = start + round((n + off) * every)
            if not wished <= at < wished + _PAUSE_WITHIN * TRACK_HOP + _REACTS + _TRAIN_LASTS:
                continue
            low = (wished - start) // TRACK_HOP
            high = min(low + _PAUSE_WITHIN, (min(at, end) - start) // TRACK_HOP, turn.track.length)
            if high <= low:
                continue
            quiet = turn.track.loudness[low:high] < _PAUSE_BELOW
            first = int(np.argmax(quiet))
            if quiet[first]:
                begun = start + (low + first) * TRACK_HOP + _REACTS
                found.append(self._nods.get((begun, index)) or self._nod(begun, index))
        return found

    def _nod(self, begun: int, index: int) -> Nodding:
        unit = self._chance.unit
        u, w = unit(_LANE_DIPS, index), unit(_LANE_WITH, index)
        nod = Nodding(
            begun,
            self._chance.between(_LANE_DEPTH, index, 0.5, 0.95),
            2 if u < 0.4 else 3 if u < 0.8 else 4,
            2.4 + 1.2 * unit(_LANE_DIPS, -index),
            0.4 if w < 0.4 else 0.0,
            w > 0.65,
        )
        return self._nods.put((begun, index), nod)
