"""What is looked at, one thing after another: what was told, the partner, the viewer, or nothing ("away").

A look that was told (a GazeSet) is held for a while. From then on eyes wander by shares that people have
(Argyle and Cook: who speaks looks at the other for two fifths of the time, who listens for three quarters),
come back to it, and are on the partner when a turn ends. Every look is decided from what the script holds at
its beginning, so that it does not matter from where one looks back on it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from operator import attrgetter

from mien.clock import SAMPLE_RATE
from mien.motion.chance import Chance
from mien.motion.floor import State, speaker_at
from mien.motion.target import NEVER, Target, told_targets
from mien.motion.timeline import ms, recent, states
from mien.motion.wander import AWAY, PARTNER, TOLD, VIEWER, Kind, Wander
from mien.script import Event, ExpressionSet, PartnerSet, Script, TurnEnded, TurnStarted

_AT = attrgetter("at")
_LANES = ("gaze", "trail", "expression", "partner")
"""What looks follow from, beside who speaks."""
_NO_EVENTS: Sequence[Event] = ()
LINGERS = ms(3300)
"""How long ago a look may have begun and still show: loose things swing that long after the head."""
_CELL = SAMPLE_RATE
"""Looks are worked out for as long at a time, or until the script changes."""
_BEFORE = ms(100)
"""So much earlier what holds is looked up once: the oldest look is taken to have begun there."""
_OPENS = ms(60)
"""From the beginning of a turn or an expression to the look that comes with it."""
_AFTER = ms(1500)
"""How long the look at the partner is held after a turn."""
_WAITS = ms(3000)
"""How long who speaks looks at the partner for a turn to end that goes on."""
_SAME = 1e-6
_LANE_OPENING, _LANE_HOLD, _LANE_FINAL, _LANE_ASIDE = 24, 90, 91, 92
_AWAY_HEED = 0.25
"""Share of the head's turn for looks that pass."""


class Looks:
    """The looks of one character.

    Parameters: `chance` of its own; `asides`: expression -> gaze (x, y) of those that look somewhere.
    """

    def __init__(self, chance: Chance, asides: Mapping[str, tuple[float, float]]) -> None:
        self._chance = chance
        self._asides = asides
        self._wander = Wander(chance)
        self._script: Script | None = None
        self._known = (-1, -1)
        self._looks: list[Target] = []
        self.worked_out = 0
        """How often looks were."""

    def at(self, script: Script, key: str, lanes: Mapping[str, Sequence[Event]], at: int) -> list[Target]:
        """What is looked at, newest first; the last is older than LINGERS."""
        trail = lanes.get("trail", _NO_EVENTS)
        if trail and trail[-1].at > at - 2 * LINGERS:
            return _seen(self._between(script, key, lanes, at - LINGERS, at + 1), at)
        cell = at // _CELL
        known = (script.version(key, _LANES), cell)
        if known != self._known or script is not self._script:
            until = (cell + 1) * _CELL
            self._looks = self._between(script, key, lanes, cell * _CELL - LINGERS, until)
            self._script, self._known = script, known
        return _seen(self._looks, at)

    def _between(
        self, script: Script, key: str, lanes: Mapping[str, Sequence[Event]], low: int, until: int
    ) -> list[Target]:
        """The looks that begin in `low`..`until` (without), newest first, and the one before them."""
        self.worked_out += 1
        told = told_targets(self._chance, script, lanes, until - 1, until - low + _BEFORE)
        view = _View(script, key, lanes, told)
        low -= _BEFORE
        found: list[Target] = []
        for time in sorted(self._moments(view, low, until)):
            look = self._decided(view, time)
            last = found[-1] if found else None
            if last is None or not _same(look, last):
                found.append(look)
        for older, newer in pairwise(found):
            newer.leaves(older)
        found.reverse()
        return found

    def _moments(self, view: _View, low: int, until: int) -> set[int]:
        """When a look may begin: all the times at which `_decided` changes, and maybe more."""
        found = {low}
        for target in view.told:
            if target.begun > NEVER:
                found |= {target.begun, target.begun + self._hold(target.begun)}
        edges = view.edges(low, until)
        for first, stop in zip(edges, [*edges[1:], until], strict=True):
            found.add(first)
            found.update(self._wander.moments(*view.state(first), max(first, low), stop))
            own, ended = view.own_turn(first), view.ended(first)
            if own is not None:
                opens = own.at + _OPENS
                found |= {opens, opens + self._opening(own.at)}
                if (final := self._final(own)) is not None:
                    found |= {final, final + _WAITS}
            elif ended is not None:
                found.add(ended.at + _AFTER)
        for event in recent(view.lanes.get("expression", _NO_EVENTS), until - 1, until - low, most=64):
            found |= {event.at + _OPENS, event.at + self._aside(event.at)}
        partners = recent(view.lanes.get("partner", _NO_EVENTS), until - 1, until - low, most=64)
        found.update(event.at for event in partners)
        return {time for time in found if low <= time < until}

    def _decided(self, view: _View, time: int) -> Target:
        """The look that holds from sample `time` on."""
        told = view.told_at(time)
        if told.path is not None:
            return told  # a target that moves is followed
        partner = view.partner(time)
        own = view.own_turn(time)
        if partner is not None and self._ending(view, own, time, told):
            return self._target(time, *partner)
        aside = self._aside_at(view, time, told)
        if aside is not None:
            return self._target(time, *aside, _AWAY_HEED)
        since = time - told.begun
        derived = own is not None and told.begun <= own.at + 1
        if told.begun > NEVER and since < self._hold(told.begun) and not derived:
            return told if since == 0 else self._target(told.begun, told.x, told.y)
        state, anchor = view.state(time)
        kind: Kind = AWAY
        if own is None or not _OPENS <= time - own.at < _OPENS + self._opening(own.at):
            kind = self._wander.kind(state, anchor, time, view.told_is(told, partner), partner is not None)
        if kind == PARTNER and partner is not None:
            return self._target(time, *partner)
        if kind == AWAY:
            leads = self._asides.get(view.expression(time - _OPENS))
            return self._target(time, *self._wander.away(state, anchor, time, partner, leads), _AWAY_HEED)
        if kind == VIEWER:
            return self._target(time, 0.0, 0.0)
        assert kind in (TOLD, PARTNER)
        return self._target(time, told.x, told.y)

    def _ending(self, view: _View, own: TurnStarted | None, time: int, told: Target) -> bool:
        """Whether a turn is about to end, or just has."""
        if own is not None:
            final = self._final(own)
            return final is not None and final <= time < final + _WAITS
        ended = view.ended(time)
        return ended is not None and told.begun <= ended.at and time - ended.at < _AFTER

    def _final(self, turn: TurnStarted) -> int | None:
        """From when on who speaks looks at the partner, waiting for the end."""
        if turn.expected is None:
            return None
        wished = self._chance.between(_LANE_FINAL, turn.at, 0.45, 0.85)
        before = min(wished, 0.4 * turn.expected / SAMPLE_RATE)
        return turn.origin + turn.expected - round(before * SAMPLE_RATE)

    def _hold(self, begun: int) -> int:
        return ms(self._chance.between(_LANE_HOLD, begun, 900, 1600))

    def _opening(self, start: int) -> int:
        """How long who begins to speak looks away first; 0 for not."""
        if self._chance.unit(_LANE_OPENING, start) > 0.5:
            return 0
        return ms(self._chance.between(_LANE_OPENING, -start - 1, 420, 850))

    def _aside(self, begun: int) -> int:
        return ms(self._chance.between(_LANE_ASIDE, begun, 700, 1700))

    def _aside_at(self, view: _View, time: int, told: Target) -> tuple[float, float] | None:
        """Where the expression that was set a moment ago looks: it passes, a look told since ends it."""
        event = view.expression_event(time - _OPENS)
        if event is None or time - event.at >= self._aside(event.at) or told.begun > event.at + _OPENS:
            return None
        return self._asides.get(event.expression)

    def _target(self, begun: int, x: float, y: float, heed: float = 1.0) -> Target:
        return Target.after(self._chance, begun, x, y, heed=heed)


class _View:
    """The script as looks are decided from it. Parameter `told`: newest first."""

    def __init__(
        self, script: Script, key: str, lanes: Mapping[str, Sequence[Event]], told: Sequence[Target]
    ) -> None:
        self.script = script
        self.key = key
        self.lanes = lanes
        self.told = told
        self._states: dict[int, tuple[State, int]] = {}

    def told_at(self, time: int) -> Target:
        """The last look that was told by then."""
        return next((t for t in self.told if t.begun <= time), self.told[-1])

    def told_is(self, told: Target, partner: tuple[float, float] | None) -> Kind:
        """What a told look is at."""
        if partner is not None and abs(told.x - partner[0]) + abs(told.y - partner[1]) < 0.15:
            return PARTNER
        return VIEWER if abs(told.x) + abs(told.y) < 0.15 else TOLD

    def edges(self, low: int, until: int) -> list[int]:
        """When turns start and end in between, and the last time before that, or `low`."""
        floor = self.script.floor
        first, stop = bisect_right(floor, low, key=_AT), bisect_right(floor, until - 1, key=_AT)
        return [floor[first - 1].at if first else min(low, 0), *(event.at for event in floor[first:stop])]

    def own_turn(self, time: int) -> TurnStarted | None:
        """The turn that the character speaks."""
        last = self._last(time)
        return last if isinstance(last, TurnStarted) else None

    def ended(self, time: int) -> TurnEnded | None:
        """The turn that the character has spoken, if it has said nothing since."""
        last = self._last(time)
        return last if isinstance(last, TurnEnded) else None

    def _last(self, time: int) -> Event | None:
        turns = self.script.last_turns(self.key, time)
        return turns[-1] if turns else None

    def state(self, time: int) -> tuple[State, int]:
        """What the character does, and since when; where nobody speaks, since ever."""
        known = self._states.get(time)
        if known is None:
            state: State = "idle"
            own, going_on = self.own_turn(time), speaker_at(self.script, time)
            if own is not None:
                state = "speaking"
            elif going_on is not None:
                state = "listening"
            turn = own or going_on
            anchor = 0 if turn is None else turn.at
            known = self._states[time] = (state, anchor)
        return known

    def partner(self, time: int) -> tuple[float, float] | None:
        """Where whom the character deals with is; None when there is nobody."""
        lane = self.lanes.get("partner", _NO_EVENTS)
        i = bisect_right(lane, time, key=_AT)
        event = lane[i - 1] if i else None
        return (event.x, event.y) if isinstance(event, PartnerSet) else None

    def expression_event(self, time: int) -> ExpressionSet | None:
        """The expression that was set last."""
        found = states(self.lanes.get("expression", _NO_EVENTS), time, 1, most=1)
        return found[0] if found and isinstance(found[0], ExpressionSet) else None

    def expression(self, time: int) -> str:
        """Its name; "" for none."""
        event = self.expression_event(time)
        return "" if event is None else event.expression


def _same(one: Target, other: Target) -> bool:
    return one.path is other.path and abs(one.x - other.x) + abs(one.y - other.y) <= _SAME


def _seen(looks: Sequence[Target], at: int) -> list[Target]:
    """Those that have begun and still show, newest first, and one more."""
    found: list[Target] = []
    for look in looks:
        if look.begun <= at:
            found.append(look)
            if look.begun <= at - LINGERS:
                break
    return found or [Target(NEVER, 0.0, 0.0, NEVER, 1.0)]
