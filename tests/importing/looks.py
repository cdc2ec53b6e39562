"""What an imported character looks like, and where two of its faces differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mien.art.layered.tree import union
from mien.character import Character
from mien.motion.still import still_pose
from mien.stage.picture import Portrait
from mien.types import U8, Rect


class Looks:
    """Pictures of one character."""

    def __init__(self, folder: Path) -> None:
        with Portrait(folder) as portrait:
            self.character: Character = portrait.character
            self.rest = portrait.draw(still_pose(self.character, "neutral", "sil")).copy()
            self.plain = portrait.draw(still_pose(self.character)).copy()
            self.visemes = {
                viseme: portrait.draw(still_pose(self.character, "neutral", viseme)).copy()
                for viseme in ("aa", "O", "PP")
            }
            self.lids = {state: self._with_lids(portrait, state) for state in ("half", "closed", "happy")}

    def _with_lids(self, portrait: Portrait, state: str) -> U8:
        neutral = replace(self.character.expressions["neutral"], lids=(state, state))
        changed = replace(self.character, expressions={**self.character.expressions, "neutral": neutral})
        return portrait.draw(still_pose(changed)).copy()

    @property
    def mouth(self) -> Rect:
        """What all mouths cover."""
        return self._box([self.character.mouth.slot])

    @property
    def eyes(self) -> Rect:
        """What all lids cover."""
        return self._box([*self.character.lids.left, *self.character.lids.right])

    def _box(self, slots: list[int]) -> Rect:
        drawings = [d for slot in slots for d in self.character.slots[slot].drawings]
        return union(Rect(*d.offset, *d.region[2:]) for d in drawings if d.region.width > 1)


def differ_within(one: U8, other: U8, box: Rect) -> tuple[int, int]:
    """How many pixels of two pictures differ clearly, inside a box and outside."""
    apart = np.abs(one.astype(np.int16) - other).max(axis=-1) > 12
    inside = apart[box.y : box.y + box.height, box.x : box.x + box.width].sum()
    return int(inside), int(apart.sum() - inside)
