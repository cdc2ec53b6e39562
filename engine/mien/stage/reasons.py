"""Why a channel or a slot is as it is, by name: which expression, mood, gesture, turn, or call of a host."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import Final, NamedTuple, TypeAlias

from mien.character import Character
from mien.clock import s_to_samples
from mien.motion.faces import Face
from mien.motion.mouth import rests_shut
from mien.motion.owners import ChannelOwner
from mien.script import (
    DrawingSet,
    Event,
    ExpressionSet,
    GazeSet,
    GestureSet,
    TurnEnded,
    TurnStarted,
    VisemeShown,
    VocalBurst,
)
from mien.script_overrides import LIDS
from mien.stage.shown import SlotOwner
from mien.types import VISEMES

Lanes: TypeAlias = Mapping[str, Sequence[Event]]

_AT = attrgetter("at")
_SEEN: Final = 0.01
"""A blink of less closes nothing."""
_REOPENS: Final = (
    "which shuts the eyes for a moment, and now and again; in between lids are three quarters down"
)
"""Said of an expression that shuts them, as most often they are not as it says."""
_CUES_LAST: Final = s_to_samples(3.0)
"""So long a nod or a burst may show."""


SHUT: Final = "shut after speech until an expression is set again"
"""Said of a mouth."""


class Reason(NamedTuple):
    """Of what one slot shows."""

    owner: SlotOwner
    because: str = ""


def latest(lanes: Lanes, lanes_of: Sequence[str], at: int) -> Event | None:
    """The last event in some lanes by sample `at`; None: there is none."""
    found = None
    for lane in lanes_of:
        events = lanes.get(lane, ())
        n = bisect_right(events, at, key=_AT)
        if n and (found is None or events[n - 1].at >= found.at):
            found = events[n - 1]
    return found


def worn_by(lanes: Lanes, at: int) -> dict[str, str]:
    """Slot -> drawing of what the host has somebody wear at sample `at`."""
    found: dict[str, str] = {}
    for lane in lanes:
        if isinstance(event := latest(lanes, (lane,), at), DrawingSet) and event.drawing is not None:
            found[event.slot] = event.drawing
    return found


def because_of(owner: ChannelOwner | SlotOwner, lanes: Lanes, at: int, character: Character) -> str:
    """What of a behaviour it is, in a few words; "" where there is no more to say."""
    match owner:
        case "expression":
            return f"expression {expression_at(lanes, at)}"
        case "mouth":
            name = expression_at(lanes, at)
            mood = _of(character, name)
            said = latest(lanes, ("turn",), at)
            turn = f"turn {said.turn}, " if isinstance(said, TurnStarted) else ""
            return f"{turn}mood {mood} of expression {name}"
        case "gesture":
            shown = latest(lanes, ("gesture",), at)
            return f"gesture {(shown.gesture if isinstance(shown, GestureSet) else '') or 'rest'}"
        case "gaze":
            look = latest(lanes, ("gaze", "trail"), at)
            if isinstance(look, GazeSet):
                return f"looks at {look.whom}" if look.whom else "looks at the viewer or a place"
            return "" if look is None else "looks where it is led"
        case "cue":
            told = latest(lanes, ("nod", "burst"), at)
            if told is None or at - told.at > _CUES_LAST:
                return "listens"
            return told.kind if isinstance(told, VocalBurst) else "nod"
        case "host":
            return "hold"
    return ""


def reasons_of(
    character: Character, lanes: Lanes, at: int, held: Collection[str], blink: float
) -> list[Reason]:
    """Of each slot, who says what it shows. `held`: the channels that the host holds; `blink`: 0..1."""
    name = expression_at(lanes, at)
    expression = character.expressions.get(name, character.expressions["neutral"])
    shown = latest(lanes, ("gesture",), at)
    gesture = shown.gesture if isinstance(shown, GestureSet) else ""
    found = [Reason("default")] * len(character.slots)
    expressed = Reason("expression", because_of("expression", lanes, at, character))
    for s in expression.slots:
        found[s] = expressed
    for s in character.gestures.get(gesture, {}):
        found[s] = Reason("gesture", f"gesture {gesture}")
    for eye, slots in enumerate((character.lids.left, character.lids.right)):
        own = Reason("default") if expression.lids[eye] == "open" else expressed
        if expression.shuts_eyes:
            own = expressed._replace(because=f"{expressed.because}, {_REOPENS}")
        own = Reason("blink") if blink > _SEEN else own
        for s in slots:
            found[s] = Reason("host", f"hold {LIDS[eye]}") if LIDS[eye] in held else own
    mouth = latest(lanes, ("viseme",), at)
    if isinstance(mouth, VisemeShown) and mouth.viseme is not None:
        because = f"show_viseme {VISEMES[mouth.viseme]}, mood {expression.mood} of expression {name}"
        found[character.mouth.slot] = Reason("host", because)
    else:
        because = because_of("mouth", lanes, at, character)
        because += f", {SHUT}" if is_mouth_shut(character, lanes, at) else ""
        found[character.mouth.slot] = Reason("mouth", because)
    for slot, drawing in worn_by(lanes, at).items():
        found[character.slot_index(slot)] = Reason("host", f"wear {drawing or 'nothing'}")
    return found


def unseen_because(character: Character, slot: int) -> str:
    """Why a slot of a character that was made of art shows nothing by itself, and what shows it; "" where it
    shows something, and for others."""
    own = character.slots[slot]
    if own.default >= 0 or not own.origins:
        return ""
    origin = next(iter(own.origins.values()))
    why = f"hidden, {origin.why}" if origin.taken_for == "hidden" else "hidden in the art"
    shows = (
        *(
            f"expression {name}"
            for name, one in character.expressions.items()
            if one.slots.get(slot, -1) >= 0
        ),
        *(f"gesture {name}" for name, slots in character.gestures.items() if slots.get(slot, -1) >= 0),
    )
    return f"{why}; {shows[0]} shows it" if shows else why


def expression_at(lanes: Lanes, at: int) -> str:
    """The name of the expression that is shown, by sample `at`."""
    event = latest(lanes, ("expression",), at)
    return event.expression if isinstance(event, ExpressionSet) else "neutral"


def is_mouth_shut(character: Character, lanes: Lanes, at: int) -> bool:
    """Whether speech, which is over, has shut the mouth of the expression that is shown, by sample `at`."""
    event, turn = latest(lanes, ("expression",), at), latest(lanes, ("turn",), at)
    begun, weight = (event.at, event.weight) if isinstance(event, ExpressionSet) else (-1, 1.0)
    name = expression_at(lanes, at)
    face = Face(character.expressions.get(name, character.expressions["neutral"]), weight, begun)
    return isinstance(turn, TurnEnded) and rests_shut(lanes, face, at)


def _of(character: Character, expression: str) -> str:
    return character.expressions.get(expression, character.expressions["neutral"]).mood
