"""The mouth: visemes drawn in the mood of the face."""

from __future__ import annotations

from mien.character import Character
from mien.motion.ease import strongest
from mien.motion.faces import Mix
from mien.motion.slots import put_mix
from mien.types import MAX_MIXED, Pose

_OPEN = (0.0, 0.0, 0.08, 0.16, 0.2, 0.24, 0.2, 0.1, 0.16, 0.2, 0.95, 0.55, 0.3, 0.65, 0.35)
"""How far the jaw drops for each viseme, in the order of VISEMES."""


class Lips:
    """Owner of the mouth slot and the jaw of one character."""

    def __init__(self, character: Character) -> None:
        self._mouth = character.mouth

    def apply(self, mix: Mix, visemes: list[float] | None, out: Pose) -> None:
        """Write the mouth slot. `visemes`: (15,) summing to 1, or None in silence.

        Two shapes at most per mood, sharpened: a sum of many always looks like a half-open "a".
        """
        moods = self._mouth.moods
        spoken = 0.0 if visemes is None else (1.0 - visemes[0]) * mix.allowed("mouth")
        shown: dict[int, float] = {}
        for face, weight in zip(mix.faces, mix.mouth, strict=True):
            if weight <= 0.0:
                continue
            expression = face.expression
            shapes = moods.get(expression.mood) or moods["neutral"]
            rest = shapes[expression.rest_viseme]
            if visemes is None or spoken <= 1e-4:
                shown[rest] = shown.get(rest, 0.0) + weight
                continue
            share = spoken / (1.0 - visemes[0])
            drawn = {rest: 1.0 - spoken}
            for v in range(1, 15):
                amount = visemes[v]
                if amount > 0.004:
                    drawing = shapes[v]
                    drawn[drawing] = drawn.get(drawing, 0.0) + share * amount
            # A high power: a half-and-half mix of two drawn mouths is a ghost, so it must pass quickly (with
            # 4, one frame in eight of real speech still showed one).
            pair = [(drawing, w**9) for drawing, w in strongest(drawn, 2)]
            total = sum(w for _, w in pair)
            for drawing, w in pair:
                shown[drawing] = shown.get(drawing, 0.0) + weight * w / total
        put_mix(out, self._mouth.slot, strongest(shown, MAX_MIXED))

    def jaw(self, mix: Mix, visemes: list[float] | None) -> float:
        """0 closed .. 1 wide open."""
        rest = 0.0
        for face, weight in zip(mix.faces, mix.mouth, strict=True):
            rest += weight * _OPEN[face.expression.rest_viseme]
        if visemes is None:
            return rest
        allowed = mix.allowed("mouth")
        spoken = 0.0
        for v in range(1, 15):
            spoken += visemes[v] * _OPEN[v]
        return allowed * spoken + (1.0 - allowed * (1.0 - visemes[0])) * rest
