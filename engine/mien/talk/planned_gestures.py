"""When hands go up and down by themselves: gestures that go with speech, and a hand to the chin in thought.

They are planned by the length of the turn, as far as it is known when it begins, and strike where a long word
begins, as far as the host has said when words are heard. Elsewhere they wait for a stressed syllable: see
`strokes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mien.character import Character
from mien.clock import s_to_samples
from mien.motion.chance import Chance
from mien.motion.gestures import stroke_of
from mien.motion.timeline import ms
from mien.script import ExpressionSet, TurnStarted
from mien.talk.strokes import Wait
from mien.talk.turns import Word


class PlannedGesture(NamedTuple):
    """Arms take a gesture, or come to rest."""

    at: int
    """Sample."""
    gesture: str
    """`""`: rest."""
    wait: Wait | None = None
    """For what it waits before that."""


GesturePlan = list[PlannedGesture]
"""In order of time, a gesture and its end in turn."""

_HELD_MS = 1500
"""Shortest time from the rise of a gesture to its fall: less looks like a hand called back."""

_FALLS_MS = 150
"""Before the end of a turn of known length a gesture falls by then, so that the last word is said with it on
its way down."""

_BETWEEN_MS = 1100
"""Shortest time from one gesture's fall to the next one's rise: an arm is down again by then."""

_WAITS_MS = 600
"""How much sooner or later a gesture may begin than it would, so that its stroke meets a word."""

_STRESS_MS = 400
"""How long a gesture waits for a stressed syllable where no word says when to strike."""

_MOST = 12
"""Most gestures of a turn: as many as a minute has."""

_LONG_WORD = 5
"""Letters from which on a word is taken for one that is stressed: articles and pronouns are shorter."""

_WITH_SPEECH = ("explain", "offer", "beat", "point")
"""Gestures that go with speech, of which the character's own are chosen from."""

_LANE_EXPLAIN, _LANE_CHIN = 84, 85


def foreseen(lasts_s: float, words: Iterable[Word]) -> tuple[int | None, tuple[int, ...]]:
    """Of a turn of `lasts_s` seconds (0: not known) and its timed words: the `expected` and the `accents` of
    its TurnStarted."""
    accents = (s_to_samples(word.start_s) for word in words if len(word.text.strip(".,;:!?")) >= _LONG_WORD)
    return (s_to_samples(lasts_s) or None, tuple(accents))


def with_speech(turn: TurnStarted, character: Character | None, chance: Chance) -> GesturePlan:
    """Gestures for half of the turns, each raised and lowered within the turn. None for a turn too short."""
    able = [gesture for gesture in _WITH_SPEECH if character and gesture in character.gestures]
    if character is None or not able or chance.unit(_LANE_EXPLAIN, turn.at) > 0.55:
        return []
    found: GesturePlan = []
    earliest, end = turn.at + ms(450), end_of(turn)
    for n in range(1 if end is None else _MOST):
        draw = turn.at + 4 * n
        gesture = able[int(chance.unit(_LANE_EXPLAIN, draw + 3) * len(able))]
        raised = earliest + ms(chance.between(_LANE_EXPLAIN, draw + 1, 0, 1050))
        stroke = stroke_of(character.motions.get(gesture))
        met = _on_a_word(raised, earliest, stroke, turn)
        waits_ms = _STRESS_MS if met is None else 0
        raised = raised if met is None else met
        lowered = raised + ms(chance.between(_LANE_EXPLAIN, draw + 2, _HELD_MS + waits_ms, 3200))
        hands = _within(raised, lowered, gesture, earliest, end)
        if not hands:
            break
        found += _waiting(hands, ms(waits_ms), stroke)
        earliest = hands[-1].at + ms(_BETWEEN_MS)
    return found


def with_thought(
    event: ExpressionSet, character: Character | None, chance: Chance, end: int | None = None
) -> GesturePlan:
    """A hand to the chin for some thoughts, of one who speaks until `end`."""
    if event.expression not in ("thinking", "thoughtful", "pensive"):
        return []
    if character is None or "chin" not in character.gestures or chance.unit(_LANE_CHIN, event.at) > 0.5:
        return []
    raised = event.at + ms(chance.between(_LANE_CHIN, event.at + 1, 120, 320))
    lowered = raised + ms(chance.between(_LANE_CHIN, event.at + 2, 1800, 3400))
    return _within(raised, lowered, "chin", event.at + ms(120), end)


def end_of(turn: TurnStarted) -> int | None:
    """The sample at which a turn ends, as far as is known when it begins."""
    return None if turn.expected is None else turn.origin + turn.expected


def meet(one: Sequence[PlannedGesture], other: Sequence[PlannedGesture]) -> bool:
    """Whether any two gestures of two plans are up at one time."""
    spans = [[(up.at, down.at) for up, down in zip(p[::2], p[1::2], strict=True)] for p in (one, other)]
    return any(a < d and c < b for a, b in spans[0] for c, d in spans[1])


def _waiting(hands: GesturePlan, waits: int, stroke: int) -> GesturePlan:
    """A gesture that waits for stress, for `waits` samples and no longer than leaves it held long enough."""
    raised, lowered = hands
    by = min(raised.at + waits, lowered.at - ms(_HELD_MS))
    return [raised._replace(wait=Wait(by, stroke)), lowered] if by > raised.at else hands


def _on_a_word(raised: int, earliest: int, stroke: int, turn: TurnStarted) -> int | None:
    """A time near `raised` from which the stroke meets the beginning of a long word; None: there is none."""
    times = [turn.origin + accent - stroke for accent in turn.accents]
    near = [at for at in times if at >= earliest and abs(at - raised) <= ms(_WAITS_MS)]
    return min(near, key=lambda at: abs(at - raised), default=None)


def _within(raised: int, lowered: int, gesture: str, earliest: int, end: int | None) -> GesturePlan:
    """A gesture that falls before the turn's `end`: sooner raised, or shorter held, and none at all where too
    little of the turn is left for it."""
    if end is not None:
        latest = end - ms(_FALLS_MS)
        raised = min(raised, latest - ms(_HELD_MS))
        lowered = min(lowered, latest)
        if raised < earliest:
            return []
    return [PlannedGesture(raised, gesture), PlannedGesture(lowered, "")]
