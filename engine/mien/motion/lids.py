"""The lids: one crisp drawing per lid at any time, on a scale from wide to closed."""

from __future__ import annotations

from collections.abc import Sequence

from mien.character import LID_REOPENED, LID_SHAPES, LID_SLANTS, LID_STATES, Character, Slot
from mien.motion.faces import Mix
from mien.motion.slots import put_mix
from mien.types import Pose

_CLOSED = float(LID_STATES.index("closed"))
_SHAPED = _CLOSED + 1.0
"""Closed-eye shapes lie one step beyond closed: a way there leads through closed lids."""
_LEANING = LID_STATES.index("three_quarter")
"""The state that lids that lean are instead of."""
_SLANTED = len(LID_STATES)
"""Where these begin in a table of drawings."""
_POSITION = {
    **{name: float(i) for i, name in enumerate(LID_STATES)},
    **dict.fromkeys(LID_SLANTS, float(_LEANING)),
    **dict.fromkeys(LID_SHAPES, _SHAPED),
}
_REOPENED = float(LID_STATES.index(LID_REOPENED))


class Lids:
    """Owner of the lid slots of one character."""

    def __init__(self, character: Character) -> None:
        self._eyes = (
            [(s, _table(character.slots[s])) for s in character.lids.left],
            [(s, _table(character.slots[s])) for s in character.lids.right],
        )

    def apply(
        self,
        mix: Mix,
        closure: float,
        look_down: float,
        out: Pose,
        held: Sequence[tuple[float, float] | None] = (None, None),
    ) -> tuple[float, float]:
        """Write the lid slots; how far (left, right) are closed, 0 wide .. 1.

        `closure`: 0..1 of a blink, from wherever the expression holds the lids. `look_down`: where the
        eyes rest, -1 up .. 1 down; upper lids follow. `held`: what a host says of each, as of `Held.lids`.
        """
        shown = [0.0, 0.0]
        for eye in (0, 1):
            position, shape, most, slant, leaning = 0.0, "", 0.0, "", 0.0
            for face, weight in zip(mix.faces, mix.lids, strict=True):
                state = face.expression.lids[eye]
                position += weight * (face.shut * _POSITION.get(state, 1.0) + (1.0 - face.shut) * _REOPENED)
                if state in LID_SHAPES and weight > most:
                    shape, most = state, weight
                elif state in LID_SLANTS and weight > leaning:
                    slant, leaning = state, weight
            if position < _CLOSED:
                if 0.75 <= position <= 2.25 and look_down > 0.1:
                    position += 0.9 * (look_down - 0.1)
                position += (_CLOSED - position) * closure
            if (own := held[eye]) is not None:
                position = own[0] * min(position, _CLOSED) + own[1] * _CLOSED
            shown[eye] = min(1.0, position / _CLOSED)
            for slot, table in self._eyes[eye]:
                if shape and position > _CLOSED + 0.5:
                    drawing = table[_SLANTED + len(LID_SLANTS) + LID_SHAPES.index(shape)]
                else:
                    step = min(int(_CLOSED), int(position + 0.5))
                    drawing = table[
                        _SLANTED + LID_SLANTS.index(slant) if slant and step == _LEANING else step
                    ]
                put_mix(out, slot, ((drawing, 1.0),))
        return shown[0], shown[1]


def _table(slot: Slot) -> Sequence[int]:
    """Drawing per lid state, then per slant and per shape; missing states take the nearest, the more open
    first."""
    names = {drawing.name: i for i, drawing in enumerate(slot.drawings)}
    have = [i for i, state in enumerate(LID_STATES) if state in names]
    table: list[int] = []
    for i in range(len(LID_STATES)):
        if have:
            table.append(names[LID_STATES[min(have, key=lambda j: (abs(j - i), j))]])
        else:
            table.append(slot.default)
    leaning = [names.get(slant, table[_LEANING]) for slant in LID_SLANTS]
    return [*table, *leaning, *(names.get(shape, table[-1]) for shape in LID_SHAPES)]
