"""When hands go up and down by themselves: gestures that go with speech, and a hand to the chin in thought.

They are planned by the length of the turn, as far as it is known when it begins, and strike where a long word
begins, as far as the host has said when words are heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mien.character import Character
from mien.clock import s_to_samples
from mien.motion.chance import Chance
from mien.motion.gestures import stroke_of
from mien.motion.timeline import ms
from mien.script import ExpressionSet, TurnStarted
from mien.talk.turns import Word

Hands = list[tuple[int, str]]
"""(sample, gesture) in time, raised and lowered in turn."""

_HELD_MS = 1500
"""Shortest time from the rise of a gesture to its fall: less looks like a hand called back."""

_FALLS_MS = 150
"""Before the end of a turn of known length a gesture falls by then, so that the last word is said with it on
its way down."""

_BETWEEN_MS = 1100
"""Shortest time from one gesture's fall to the next one's rise: an arm is down again by then."""

_WAITS_MS = 600
"""How much sooner or later a gesture may begin than it would, so that its stroke meets a word."""

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


def with_speech(turn: TurnStarted, character: Character | None, chance: Chance) -> Hands:
    """Hands for half of the turns, each raised and lowered within the turn. None for a turn too short."""
    able = [gesture for gesture in _WITH_SPEECH if character and gesture in character.gestures]
    if character is None or not able or chance.unit(_LANE_EXPLAIN, turn.at) > 0.55:
        return []
    found: Hands = []
    earliest, end = turn.at + ms(450), end_of(turn)
    for n in range(1 if end is None else _MOST):
        draw = turn.at + 4 * n
        gesture = able[int(chance.unit(_LANE_EXPLAIN, draw + 3) * len(able))]
        raised = earliest + ms(chance.between(_LANE_EXPLAIN, draw + 1, 0, 1050))
        raised = _on_a_word(raised, earliest, stroke_of(character.motions.get(gesture)), turn)
        lowered = raised + ms(chance.between(_LANE_EXPLAIN, draw + 2, _HELD_MS, 3200))
        hands = _within(raised, lowered, gesture, earliest, end)
        if not hands:
            break
        found += hands
        earliest = hands[-1][0] + ms(_BETWEEN_MS)
    return found


def with_thought(
    event: ExpressionSet, character: Character | None, chance: Chance, end: int | None = None
) -> Hands:
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


def meet(one: Sequence[tuple[int, str]], other: Sequence[tuple[int, str]]) -> bool:
    """Whether any two gestures of two plans are up at one time."""
    spans = [[(up, down) for (up, _), (down, _) in zip(p[::2], p[1::2], strict=True)] for p in (one, other)]
    return any(a < d and c < b for a, b in spans[0] for c, d in spans[1])


def _on_a_word(raised: int, earliest: int, stroke: int, turn: TurnStarted) -> int:
    """`raised`, or a time near it from which the stroke meets the beginning of a long word."""
    times = [turn.origin + accent - stroke for accent in turn.accents]
    near = [at for at in times if at >= earliest and abs(at - raised) <= ms(_WAITS_MS)]
    return min(near, key=lambda at: abs(at - raised), default=raised)


def _within(raised: int, lowered: int, gesture: str, earliest: int, end: int | None) -> Hands:
    """A gesture that falls before the turn's `end`: sooner raised, or shorter held, and none at all where too
    little of the turn is left for it."""
    if end is not None:
        latest = end - ms(_FALLS_MS)
        raised = min(raised, latest - ms(_HELD_MS))
        lowered = min(lowered, latest)
        if raised < earliest:
            return []
    return [(raised, gesture), (lowered, "")]
