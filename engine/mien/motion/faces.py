"""Which expressions show, and how much of each: the mix that all parts of a face share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mien.character import Character, Expression, Override
from mien.clock import SAMPLE_RATE
from mien.motion.chance import Chance
from mien.motion.ease import crossfade, smooth
from mien.motion.timeline import ms, states
from mien.script import Event, ExpressionSet
from mien.types import CHANNEL_INDEX

_NEVER = -(1 << 60)
_LANE_SHUT = 97
_LONGEST_MS = 4000.0
_HEAD_LEAST_MS = 340.0
_HEAD_PACE = 1.6
_HEAD_LEAST, _LIDS_LEAST, _MOUTH_MOST = ms(_HEAD_LEAST_MS), ms(60), ms(100)
"""Samples: shortest fades of head and lids, longest of the mouth."""
_HEAVY = frozenset(
    CHANNEL_INDEX[c] for c in ("head_yaw", "head_pitch", "head_roll", "body_sway", "body_lean", "shrug")
)
_NO_EVENTS: Sequence[Event] = ()


@dataclass(slots=True)
class Face:
    """One expression in the mix."""

    expression: Expression
    strength: float
    """The event's weight, 0.5..1."""
    begun: int
    """Sample at which it was set."""
    shut: float = 1.0
    """0..1: how far eyes that it shuts are shut now. Nobody laughs or weeps for long with eyes shut."""


@dataclass(slots=True)
class Mix:
    """The expressions of one moment, newest first. Each tuple of weights sums to 1."""

    faces: list[Face]
    channels: list[float]
    """Weights for the face's channels: paced by the expression's `fade_ms`."""
    head: list[float]
    """Weights for the channels of head and body, which are heavier: slower."""
    lids: list[float]
    """Weights for the lids: quicker, so that eyes do not creep shut."""
    mouth: list[float]
    """Weights for the mouth's mood: quickest, so that two moods of one mouth are hardly seen at once."""

    def allowed(self, part: Literal["blink", "gaze", "mouth"]) -> float:
        """0..1: how much of an automatic behaviour the expressions leave (VRM's overrides). A gaze is only
        ever blocked: where an expression looks is a look that passes. Shut eyes that open again look, and
        blink unless the expression blocks that."""
        taken = 0.0
        for face, weight in zip(self.faces, self.channels, strict=True):
            expression = face.expression
            if part == "blink":
                override: Override = expression.override_blink
            elif part == "gaze":
                override = expression.override_gaze
            else:
                override = expression.override_mouth
            if override == "blend" and part != "gaze":
                taken += weight * face.strength
            elif override == "block":
                # Blocks while it is on: complete after a fifth of the fade, yet without a jump.
                taken += min(1.0, 5.0 * weight) * (face.shut if part == "gaze" else 1.0)
        return max(0.0, 1.0 - taken)


class Faces:
    """The expressions of one character over time. Parameter `chance`: its own; None: eyes that an expression
    shuts stay shut."""

    def __init__(self, character: Character, chance: Chance | None = None) -> None:
        self._chance = chance
        self._shut = {
            name: 3.0 if "closed" in e.lids else 1.0
            for name, e in character.expressions.items()
            if e.shuts_eyes
        }
        self._expressions = character.expressions
        self._neutral = character.expressions["neutral"]
        self._offsets = {
            name: tuple((CHANNEL_INDEX[c], v) for c, v in e.channels.items())
            for name, e in character.expressions.items()
        }
        longest = max(e.fade_ms for e in character.expressions.values())
        self._window = ms(max(_HEAD_LEAST_MS, _HEAD_PACE * min(_LONGEST_MS, longest))) + 1
        self.settles = self._window
        """Samples after which an expression shows alone, if no other is told."""

    def face(self, event: Event) -> Face:
        """The face that an ExpressionSet asks for; `neutral` when the character lacks it."""
        assert isinstance(event, ExpressionSet)
        found = self._expressions.get(event.expression, self._neutral)
        return Face(found, min(1.0, max(0.0, event.weight)), event.at)

    def mix(self, lanes: Mapping[str, Sequence[Event]], at: int) -> Mix:
        """The expressions at sample `at`."""
        faces = [self.face(e) for e in states(lanes.get("expression", _NO_EVENTS), at, self._window)]
        for face in faces:
            if face.expression.name in self._shut:
                face.shut = self._shut_at(face, at)
        if not faces or faces[-1].begun > at - self._window:
            faces.append(Face(self._neutral, 1.0, _NEVER))
        if len(faces) == 1:
            return Mix(faces, [1.0], [1.0], [1.0], [1.0])
        fades = [(face.begun, ms(min(_LONGEST_MS, face.expression.fade_ms))) for face in faces]
        return Mix(
            faces,
            crossfade(fades, at),
            crossfade([(begun, max(_HEAD_LEAST, _HEAD_PACE * d)) for begun, d in fades], at),
            crossfade([(begun, max(_LIDS_LEAST, 0.65 * d)) for begun, d in fades], at),
            crossfade([(begun, min(_MOUTH_MOST, 0.5 * d)) for begun, d in fades], at),
        )

    def _shut_at(self, face: Face, at: int) -> float:
        """How far eyes are shut that an expression shuts: for a moment at first, and then now and again."""
        if self._chance is None:
            return 1.0
        begun, longer = face.begun, self._shut[face.expression.name]
        first = longer * self._chance.between(_LANE_SHUT, begun, 0.2, 0.3)
        age = (at - begun) / SAMPLE_RATE - first
        if age < 0.0:
            return 1.0
        every = longer + self._chance.between(_LANE_SHUT, -begun - 1, 6.0, 9.0)
        again, age_again = divmod(age, every)
        if again < 1.0:
            return 1.0 - smooth(age / 0.16)
        return smooth(age_again / 0.12) * (1.0 - smooth((age_again - 0.3 * longer) / 0.16))

    def add_channels(self, lanes: Mapping[str, Sequence[Event]], at: int, mix: Mix, out: list[float]) -> None:
        """Add the mix's channel offsets, and those of an echo on top, to `out` (len(CHANNELS))."""
        weights = list(zip(mix.faces, mix.channels, mix.head, strict=True))
        if heard := lanes.get("echo"):
            weights = self._echoed(heard, at, weights)
        for face, weight, heavy in weights:
            if weight > 0.0 or heavy > 0.0:
                for i, offset in self._offsets[face.expression.name]:
                    out[i] += (heavy if i in _HEAVY else weight) * face.strength * offset

    def _echoed(
        self, heard: Sequence[Event], at: int, weights: list[tuple[Face, float, float]]
    ) -> list[tuple[Face, float, float]]:
        """Faces and their weights, of head and body last, with the echoes that lie on them.

        An echo covers what is below it by its strength, and the echo before it altogether; a full expression
        covers whatever is below. Each of a part's layers has one weight: nothing shows between two of them.
        """
        echoes = [self.face(e) for e in states(heard, at, self._window)]
        layers = sorted(
            [(f, True) for f in echoes] + [(f, False) for f, _, _ in weights], key=lambda x: -x[0].begun
        )
        found: list[tuple[Face, float, float]] = []
        left = [1.0, 1.0]
        fresh = [1.0, 1.0]
        for face, echo in layers:
            pace = ms(min(_LONGEST_MS, face.expression.fade_ms))
            own: list[float] = []
            for part, lasts in enumerate((pace, max(_HEAD_LEAST, _HEAD_PACE * pace))):
                weight = smooth((at - face.begun) / lasts) if lasts > 0 else 1.0
                if echo:
                    covers = 0.0 if face.expression is self._neutral else face.strength
                    weight, fresh[part] = covers * weight * fresh[part], fresh[part] * (1.0 - weight)
                own.append(left[part] * weight)
                left[part] -= own[part]
            strength = 1.0 if echo else face.strength
            found.append((Face(face.expression, strength, face.begun), own[0], own[1]))
        return found
