"""Which atlas pages a character needs for what: at rest, for an expression, for an outfit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from mien.art.build import build_character
from mien.art.manifest import Manifest
from mien.art.packed import SpritePlacement
from mien.character import Character, Drawing
from mien.types import I32, Rect

Pages = frozenset[int]


class PageNeeds:
    """The pages of one character's drawings, by what shows them.

    Parameters: `character`; `page_base` is added to the page of every drawing.
    """

    def __init__(self, character: Character, page_base: int = 0) -> None:
        self._character = character
        self._base = page_base
        most = max((len(slot.drawings) for slot in character.slots), default=0)
        self.table: I32 = np.full((len(character.slots), most + 1), -1, np.int32)
        """(slots, drawings + 1): the page of each drawing, -1 where there is none; the last column is that
        of drawing -1, which shows nothing."""
        for s, slot in enumerate(character.slots):
            for d, drawing in enumerate(slot.drawings):
                self.table[s, d] = drawing.page + page_base
        lids = (*character.lids.left, *character.lids.right)
        masks = [slot.mask for slot in character.slots] + [group.mask for group in character.groups]
        self.rest: Pages = (
            self._of(mask for mask in masks if mask)
            | frozenset(int(self.table[s, slot.default]) for s, slot in enumerate(character.slots))
            | frozenset(page for s in lids for page in self.table[s].tolist())
            | self.speech("neutral")
        ) - {-1}
        """What is shown before any cue: defaults, all states of the lids, masks, the neutral mouth."""

    def speech(self, mood: str) -> Pages:
        """All mouth shapes of a mood."""
        mouth = self._character.mouth
        shapes = mouth.moods[mood] + mouth.halves.get(mood, ())
        return frozenset(int(self.table[mouth.slot, shape]) for shape in shapes) - {-1}

    def expression(self, name: str) -> Pages:
        """An expression with its mouth shapes; nothing for a name that is none."""
        expression = self._character.expressions.get(name)
        if expression is None:
            return frozenset()
        return self._picked(expression.slots) | self.speech(expression.mood)

    def gesture(self, name: str) -> Pages:
        """The arms of a gesture; nothing for a name that is none."""
        return self._picked(self._character.gestures.get(name, {}))

    def drawing(self, slot: str, name: str) -> Pages:
        """One drawing by its names; nothing for names that are none."""
        try:
            index = self._character.slot_index(slot)
            return self._picked({index: self._character.slots[index].find(name)})
        except KeyError:
            return frozenset()

    def _picked(self, picks: Mapping[int, int]) -> Pages:
        return frozenset(int(self.table[s, d]) for s, d in picks.items()) - {-1}

    def _of(self, drawings: Iterable[Drawing]) -> Pages:
        return frozenset(drawing.page + self._base for drawing in drawings)


def ranks_of(manifest: Manifest) -> list[int]:
    """For each picture when it is needed: 0 at rest, then by expressions, at last what nothing names."""
    count = sum(1 for _ in manifest.pictures())
    # A character that has every picture on a page of its own tells which pictures it needs.
    placements = [SpritePlacement(index, Rect(0, 0, 1, 1), False) for index in range(count)]
    # Nothing is placed yet, and so no mesh either.
    plain = replace(manifest, meshes=())
    character = build_character(plain, placements, [(0, 0)] * count, 1.0)
    needs = PageNeeds(character)
    uses = [
        needs.rest,
        *(needs.expression(name) for name in character.expressions),
        *(needs.gesture(name) for name in character.gestures),
    ]
    ranks = [len(uses)] * count
    for rank, use in reversed(list(enumerate(uses))):
        for picture in use:
            ranks[picture] = rank
    return ranks
