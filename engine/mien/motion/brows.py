"""Brows glide from one drawing to another: the drawings are cut over, and where they lie is made up for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mien.character import Character, Slot
from mien.motion.faces import Mix
from mien.types import CHANNEL_INDEX, Pose

_CHANNELS = ("brow_left_y", "brow_right_y")
_MOST = 1.2
"""Units of the channel by which a drawing is moved at most: more than what brows do would be seen."""


class Brows:
    """Adds to the brows' channels of one character.

    A slot is a brow's where its joint moves with a brow's channel. A drawing's height is that of the
    middle of its box.
    """

    def __init__(self, character: Character) -> None:
        self._owned: list[tuple[int, int, int, Mapping[str, int], list[float]]] = []
        for s, slot in enumerate(character.slots):
            joint = character.joints[slot.joint]
            for name in _CHANNELS:
                pixels = joint.move.get(name, (0.0, 0.0))[1]
                if pixels and len(slot.drawings) > 1 and slot.default >= 0:
                    drawn = {e.name: e.slots.get(s, slot.default) for e in character.expressions.values()}
                    self._owned.append((s, CHANNEL_INDEX[name], slot.default, drawn, _heights(slot, pixels)))

    def add(self, mix: Mix, shown: Pose, pinned: Collection[int], out: list[float]) -> None:
        """Add to the channels `out` what moves the drawings of `shown`, whose slots are filled, to the height
        that the fading faces come to; but for slots in which a host has `pinned` a drawing."""
        if len(mix.faces) == 1:
            return
        for s, channel, default, drawn, heights in self._owned:
            if s in pinned:
                continue
            wanted = there = 0.0
            for face, weight in zip(mix.faces, mix.channels, strict=True):
                wanted += weight * heights[drawn.get(face.expression.name, default)]
            for drawing, weight in zip(shown.picks[s].tolist(), shown.weights[s].tolist(), strict=True):
                there += weight * heights[drawing]
            out[channel] += min(_MOST, max(-_MOST, wanted - there))


def _heights(slot: Slot, pixels: float) -> list[float]:
    """Of each drawing, in units of the channel that moves it by `pixels` downwards; -1 lies where the default
    does."""
    heights = [(d.offset[1] + 0.5 * d.region.height) / pixels for d in slot.drawings]
    return [*heights, heights[slot.default]]
