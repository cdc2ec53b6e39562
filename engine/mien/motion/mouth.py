"""The mouth: visemes drawn in the mood of the face."""

from __future__ import annotations

from mien.character import Character
from mien.motion.ease import strongest
from mien.motion.faces import Mix
from mien.motion.slots import put_mix
from mien.types import Pose

_OPEN = (0.0, 0.0, 0.08, 0.16, 0.2, 0.24, 0.2, 0.1, 0.16, 0.2, 0.95, 0.55, 0.3, 0.65, 0.35)
"""How far the jaw drops for each viseme, in the order of VISEMES."""


_LEAST = 0.75
"""Share of the stronger of two drawings: below it both would be seen."""


class Lips:
    """Owner of the mouth slot and the jaw of one character."""

    def __init__(self, character: Character) -> None:
        self._mouth = character.mouth

    def apply(self, mix: Mix, viseme: int, out: Pose) -> None:
        """Write the mouth slot. `viseme`: an index of VISEMES, 0 in silence.

        One shape is drawn: two mouths over each other are a ghost, not a mouth between them. As the mood
        changes two are mixed, of which one always dominates.
        """
        speaks = viseme and mix.allowed("mouth") >= 0.5
        shown: dict[int, float] = {}
        for face, weight in zip(mix.faces, mix.mouth, strict=True):
            expression = face.expression
            shapes = self._mouth.moods.get(expression.mood) or self._mouth.moods["neutral"]
            drawing = shapes[viseme if speaks else expression.rest_viseme]
            shown[drawing] = shown.get(drawing, 0.0) + weight
        put_mix(out, self._mouth.slot, _dominated(strongest(shown, 2)))

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


def _dominated(pair: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """One or two (drawing, weight), heaviest first, as shown: the second passes within a frame."""
    if len(pair) == 1:
        return pair
    (first, most), (second, less) = pair
    # A high power: of a fade over 100 ms only the middle, one frame at 30 a second, shows both.
    share = max(_LEAST, most**9 / (most**9 + less**9))
    return [(first, share), (second, 1.0 - share)]
