"""The same character or picture on larger pages: all that are drawn together have pages of one size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from mien.art.atlas import GUTTER_PX, check_page_size
from mien.art.load import LoadedCharacter, LoadedPicture
from mien.character import Character, Drawing
from mien.errors import AtlasFull
from mien.types import U8, Rect

Loaded = TypeVar("Loaded", LoadedCharacter, LoadedPicture)


def repacked(loaded: Loaded, page_size: int) -> Loaded:
    """It on pages of `page_size`; itself when it has them already. Its pixels and gutters stay as they are.

    Its pages are laid side by side as tiles. Raises AtlasFull when its pages are larger than that,
    FormatError for a size out of range.
    """
    check_page_size(page_size)
    side = loaded.page_size
    if side == page_size:
        return loaded
    if side > page_size:
        raise AtlasFull(
            f"{loaded.source} is on pages of {side} px, larger than {page_size} px; load it with a "
            "page_limit of that size."
        )
    if isinstance(loaded, LoadedPicture):
        tiles = _Tiles([loaded.drawing], side, page_size)
        return replace(loaded, drawing=tiles.moved(loaded.drawing), pages=tiles.laid(loaded.pages))
    tiles = _Tiles(list(loaded.character.drawings()), side, page_size)
    character = _with_moved(loaded.character, tiles.moved)
    return replace(loaded, character=character, pages=tiles.laid(loaded.pages), atlas=None)


def on_pages(character: Character, numbers: Sequence[int]) -> Character:
    """It with its page k called `numbers[k]`: where pages that are free do not follow each other."""
    return _with_moved(character, lambda drawing: replace(drawing, page=numbers[drawing.page]))


def _with_moved(character: Character, moved: Callable[[Drawing], Drawing]) -> Character:
    """It with each of its drawings elsewhere."""
    slots = tuple(
        replace(
            slot,
            drawings=tuple(moved(drawing) for drawing in slot.drawings),
            mask=moved(slot.mask) if slot.mask else None,
            joined=moved(slot.joined) if slot.joined else None,
        )
        for slot in character.slots
    )
    groups = tuple(
        replace(group, mask=moved(group.mask) if group.mask else None) for group in character.groups
    )
    return replace(character, slots=slots, groups=groups)


class _Tiles:
    """Where pages of one size lie on larger ones."""

    def __init__(self, drawings: Sequence[Drawing], side: int, page_size: int) -> None:
        # A drawing that fills its page has no gutter there: the page's edge is repeated around its tile.
        bare = any(
            min(x, y) < GUTTER_PX or max(x + width, y + height) > side - GUTTER_PX
            for x, y, width, height in (drawing.region for drawing in drawings)
        )
        self._margin = min(GUTTER_PX, (page_size - side) // 2) if bare else 0
        self._pitch = side + 2 * self._margin
        self._across = page_size // self._pitch
        self._page_size = page_size

    def place(self, page: int) -> tuple[int, int, int]:
        """The page that an old page is a tile of, and the top left of the old page there."""
        new, tile = divmod(page, self._across**2)
        row, column = divmod(tile, self._across)
        return new, column * self._pitch + self._margin, row * self._pitch + self._margin

    def moved(self, drawing: Drawing) -> Drawing:
        page, left, top = self.place(drawing.page)
        x, y, width, height = drawing.region
        return replace(drawing, page=page, region=Rect(left + x, top + y, width, height))

    def laid(self, pages: Sequence[U8]) -> tuple[U8, ...]:
        count = self.place(len(pages) - 1)[0] + 1
        laid = [np.zeros((self._page_size, self._page_size, 4), np.uint8) for _ in range(count)]
        margin = self._margin
        for i, page in enumerate(pages):
            new, left, top = self.place(i)
            tile = np.pad(page, ((margin, margin), (margin, margin), (0, 0)), mode="edge") if margin else page
            left, top = left - margin, top - margin
            laid[new][top : top + self._pitch, left : left + self._pitch] = tile
        for finished in laid:
            finished.setflags(write=False)
        return tuple(laid)
