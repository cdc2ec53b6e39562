"""The director: what a host's events make the others do.

Only discrete decisions are made here, and each depends on nothing but the event, the script and the seed.
What lasts (glances, a listener's nods at pauses, a gaze that relaxes when nobody goes on) is motion's.

The host has the last word. The director cannot know a cue that comes later, so when one does come, and
something derived earlier would undo it, the host's event is said again one sample after that. What calms
down after a turn (`calming.py`) asks for itself whether something else was set since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile

from mien.character import Character
from mien.motion.chance import Chance
from mien.motion.floor import State, speaker_at, state_at
from mien.motion.labels import ECHOES
from mien.motion.timeline import ms
from mien.script import (
    FULL_WEIGHT,
    Event,
    ExpressionSet,
    GazeMoved,
    GazeSet,
    GestureSet,
    Nod,
    PartnerSet,
    Script,
    Staged,
    TurnEnded,
    TurnStarted,
)
from mien.talk.blocking import Place
from mien.talk.calming import Calming, calmer, calms_at, ends_of, set_during
from mien.talk.planned_gestures import GesturePlan, end_of, meet, with_speech, with_thought
from mien.talk.strokes import Planned

__all__ = ["Director", "Place", "State", "speaker_at", "state_at"]

_ECHO_WEIGHT = 0.35
_LANE_REACT, _LANE_FACE, _LANE_OPEN, _LANE_ECHO = range(80, 84)
_LANE_TOGETHER, _LANE_COMES = 86, 88


class Director:
    """Expands host events into derived ones.

    Parameters: `seed` of every choice; `places` of those on stage by character key, read at each call, so
    that a cast may change.
    """

    def __init__(self, seed: int, places: Mapping[str, Place]) -> None:
        self._seed = seed
        self._places = places
        self._partners: dict[str, str] = {}
        """Whom each deals with."""

    def direct(self, event: Event, script: Script, turn: str | None = None) -> list[Planned]:
        """What follows from a host's `event`, already in `script`. Every `at` is later than `event.at`.
        `turn`: the one whose cue it is.

        To be called once for each event of the host, in the order in which they were appended, and not
        for derived ones.
        """
        planned = [Planned(found) for found in self._follow_ups(event, script)]
        if isinstance(event, TurnStarted):
            hands = self._explaining(event)
            planned += [Planned(GestureSet(h.at, event.character, h.gesture), h.wait) for h in hands]
        elif isinstance(event, TurnEnded):
            planned += self._calming(event, set_during(event, script))
        elif isinstance(event, ExpressionSet) and turn is not None:
            # A cue of the last frame of a turn comes when the end of that is known.
            ends = takewhile(lambda ended: ended.at >= event.at, ends_of(event.character, script))
            planned += [calm for ended in ends if ended.turn == turn for calm in self._calming(ended, event)]
        return planned

    def _follow_ups(self, event: Event, script: Script) -> list[Event]:
        """All but the gestures that go with a turn."""
        match event:
            case TurnStarted():
                return self._turn_started(event, script)
            case TurnEnded():
                return self._turn_ended(event, script)
            case ExpressionSet():
                calmed = self._calmed(event.character, event.at, script)
                return self._expression(event, script) + self._said_again(event, calmed)
            case GazeSet():
                return self._said_again(event, self._looks(event.character, event.at, script))
            case GazeMoved(at, who, x, y):
                return self._said_again(GazeSet(at, who, x, y), self._looks(who, at, script))
            case GestureSet():
                return self._said_again(event, self._hands(event.character, event.at, script))
        return []

    def introduced(self) -> list[PartnerSet]:
        """Who is whose partner before anybody has spoken, at sample 0: the nearest."""
        return [self._deals(key, near, 0) for key in self._places if (near := self._nearest(key))]

    def forget(self, key: str) -> None:
        """Somebody is not of the cast any more, nor anybody's partner."""
        self._partners = {one: other for one, other in self._partners.items() if key not in (one, other)}

    def regard(self, event: Staged, script: Script) -> list[Event]:
        """What those on stage do since somebody has come, gone or moved: `places` are as they are then.

        Everybody turns to who comes. Looks at somebody follow where they go; who has left is not looked at.
        """
        found: list[Event] = []
        came = event.character if event.kind == "enter" and event.character in self._places else ""
        speaking = speaker_at(script, event.at)
        for key in sorted(self._places):
            partner = self._partners.get(key, "")
            if partner not in self._places or partner == key:
                partner = self._nearest(key)
            found.append(self._deals(key, partner, event.at + 1))
            look = self._gaze_at(script, key, event.at)
            whom = "" if look is None else look.whom
            if came and key != came and not (speaking is not None and speaking.character == key):
                whom = came
            elif not whom:
                continue
            target = self._looks_at(0, key, whom if whom in self._places else partner)
            if whom != came and look is not None and (target.x, target.y) == (look.x, look.y):
                continue
            reacts = ms(self._chance(key).between(_LANE_COMES, event.at, 150, 450))
            found.append(replace(target, at=event.at + reacts))
        return found

    def direction(self, who: str, target: str) -> tuple[float, float]:
        """The gaze (x, y) in -1..1 with which `who` looks at the character `target`; (0, 0), the viewer,
        when either is not on stage."""
        here, there = self._places.get(who), self._places.get(target)
        if here is None or there is None or who == target:
            return (0.0, 0.0)
        xs = [place.x for place in self._places.values()]
        # Someone at the far end of the stage is looked at with 0.8, a neighbour with less; never straight on.
        reach = 0.25 * max(1.0, max(xs) - min(xs))
        dx, dy = there.x - here.x, there.y - here.y
        return (dx / (abs(dx) + reach), 0.6 * dy / (abs(dy) + 2.0 * reach))

    def _deals(self, key: str, partner: str, at: int) -> PartnerSet:
        """`key` deals with somebody from now on; `""`: with the viewer."""
        self._partners[key] = partner
        return PartnerSet(at, key, *self.direction(key, partner))

    def _looks_at(self, at: int, key: str, whom: str) -> GazeSet:
        return GazeSet(at, key, *self.direction(key, whom), whom)

    def _nearest(self, key: str) -> str:
        """Who stands next to somebody; `""` where nobody does."""
        here = self._places[key]
        others = sorted((abs(other.x - here.x), name) for name, other in self._places.items() if name != key)
        return others[0][1] if others else ""

    def _gaze_at(self, script: Script, key: str, at: int) -> GazeSet | None:
        """The look that was told last by sample `at`."""
        for event in reversed(script.lanes(key).get("gaze", ())):
            if event.at <= at and isinstance(event, GazeSet):
                return event
        return None

    def _chance(self, key: str) -> Chance:
        return Chance(self._seed, key)

    def _turn_started(self, turn: TurnStarted, script: Script) -> list[Event]:
        at, speaker = turn.at, turn.character
        found: list[Event] = []
        # Of a voice from off stage nobody knows where it comes from.
        others = sorted(key for key in self._places if key != speaker) if speaker in self._places else []
        for key in others:
            reacts = ms(self._chance(key).between(_LANE_REACT, at, 120, 350))
            found.append(self._looks_at(at + reacts, key, speaker))
            found.append(self._deals(key, speaker, at + 1))
        chance = self._chance(speaker)
        # Speak to somebody: mostly to who spoke last, or to one of the others, sometimes to the viewer.
        faced = ""
        if others:
            before = next((e.character for e in reversed(script.floor[-8:]) if e.character in others), None)
            partner = before or others[int(chance.unit(_LANE_FACE, at + 1) * len(others))]
            found.append(self._deals(speaker, partner, at + 1))
            if chance.unit(_LANE_FACE, at) < 0.62:
                faced = partner
        found.append(self._looks_at(at + 1, speaker, faced))
        if chance.unit(_LANE_OPEN, at) < 0.6:
            found.append(Nod(at + ms(chance.between(_LANE_OPEN, at + 1, 30, 140)), speaker, -0.3))
        return found

    def _turn_ended(self, turn: TurnEnded, script: Script) -> list[Event]:
        # Hands drop, also those that a derived gesture would still raise or hold.
        pending = [m for m in self._hands(turn.character, turn.at, script) if m > turn.at + 1]
        found: list[Event] = [GestureSet(m + 1, turn.character, "") for m in sorted({turn.at, *pending})]
        if not turn.interrupted:
            for key in sorted(self._places):
                chance = self._chance(key)
                if key != turn.character and chance.unit(_LANE_TOGETHER, turn.at) < 0.35:
                    after = ms(chance.between(_LANE_TOGETHER, turn.at + 1, 140, 380))
                    found.append(Nod(turn.at + after, key, 0.45))
        return found

    def _expression(self, event: ExpressionSet, script: Script) -> list[Event]:
        if event.weight < FULL_WEIGHT:
            return []
        at, who = event.at, event.character
        found: list[Event] = []
        speaking = speaker_at(script, at)
        if speaking is not None and speaking.character == who:
            for key in sorted(self._places):
                character = self._places[key].character
                if key == who or character is None:
                    continue
                echo = next((e for e in ECHOES.get(event.expression, ()) if e in character.expressions), None)
                if echo is not None:
                    later = ms(self._chance(key).between(_LANE_ECHO, at, 350, 700))
                    found.append(ExpressionSet(at + later, key, echo, _ECHO_WEIGHT))
        if not _gesture_at(script, who, at):
            own = speaking if speaking is not None and speaking.character == who else None
            hands = self._pondering(event, None if own is None else end_of(own))
            if own is not None and meet(hands, self._explaining(own)):
                hands = []  # the one would be called back where the other ends
            found += [GestureSet(hand.at, who, hand.gesture) for hand in hands]
        return found

    def _explaining(self, turn: TurnStarted) -> GesturePlan:
        return with_speech(turn, self._character(turn.character), self._chance(turn.character))

    def _pondering(self, event: ExpressionSet, end: int | None = None) -> GesturePlan:
        return with_thought(event, self._character(event.character), self._chance(event.character), end)

    def _calming(self, ended: TurnEnded, outburst: ExpressionSet | None) -> list[Planned]:
        """What was set during a turn that has ended calms down, if it is an outburst."""
        who, character = ended.character, self._character(ended.character)
        label = None if outburst is None or character is None else calmer(outburst, character)
        if outburst is None or label is None:
            return []
        calm = ExpressionSet(calms_at(ended, self._chance(who)), who, label)
        return [Planned(calm, Calming(outburst))]

    def _calmed(self, who: str, at: int, script: Script) -> list[int]:
        """The sample after `at` at which an outburst did calm down, where that is shown again."""
        later = takewhile(lambda e: e.at > at, reversed(script.lanes(who).get("expression", ())))
        found = {e.at for e in later}
        ended = next((e for e in ends_of(who, script) if e.at <= at), None) if found else None
        return [] if ended is None else sorted(found & {calms_at(ended, self._chance(who))})

    def _character(self, key: str) -> Character | None:
        place = self._places.get(key)
        return None if place is None else place.character

    def _looks(self, key: str, at: int, script: Script) -> list[int]:
        """Samples at which looks derived for `key` may still come."""
        turn = speaker_at(script, at)
        if turn is None:
            return []
        if turn.character == key:
            return [turn.at + 1]
        return [turn.at + ms(self._chance(key).between(_LANE_REACT, turn.at, 120, 350))]

    def _hands(self, key: str, at: int, script: Script) -> list[int]:
        """Samples at which gestures derived for `key` may still come."""
        lanes = script.lanes(key)
        turns = [e for e in lanes.get("turn", ())[-6:] if e.at <= at]
        ends = [e.at + 1 for e in turns if isinstance(e, TurnEnded) and e.at + 1 >= at]
        faces = lanes.get("expression", ())
        thoughts = [e for e in faces[-4:] if isinstance(e, ExpressionSet) and e.at <= at]
        return [
            *ends,
            *(h.at for turn in turns if isinstance(turn, TurnStarted) for h in self._explaining(turn)),
            *(hand.at for thought in thoughts for hand in self._pondering(thought)),
        ]

    def _said_again(self, event: GazeSet | GestureSet | ExpressionSet, derived: list[int]) -> list[Event]:
        return [replace(event, at=moment + 1) for moment in sorted({m for m in derived if m >= event.at})]


def _gesture_at(script: Script, key: str, at: int) -> str:
    """The gesture that the character holds at sample `at`; `""` at rest, which some characters name."""
    for event in reversed(script.lanes(key).get("gesture", ())):
        if event.at <= at and isinstance(event, GestureSet):
            return "" if event.gesture == "rest" else event.gesture
    return ""
