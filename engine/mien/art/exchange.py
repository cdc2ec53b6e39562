"""An atlas with other pictures: what stays lies where it lay, and what is new where nothing was.

So of pages that are on the GPU, and shown, only what is new is to be brought there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mien.art.atlas import atlas_of, deduplicated, gutter_of, put, side_for
from mien.art.kept import KeptFiles
from mien.art.packed import Atlas, Room
from mien.art.sprites import Sprite
from mien.types import Bools, Rect

MOST_NEW: Final = 64
"""Regions that are looked for room for: of more, packing all anew takes less time."""

_GRAIN: Final = 8
"""Pixels on a side of the cells in which room is looked for. Regions that were put there share none."""


def exchanged(
    base: Atlas, sprites: Sequence[Sprite], page_size: int, page_limit: int, kept: KeptFiles
) -> Atlas | None:
    """An atlas of these sprites on the pages of `base`, of which what it shows stays as it is.

    What is new is written to those pages themselves: to copy 16 MB takes longer than all else. None where
    there is no room for all that is new, or pages would have to be larger; `build_atlas` packs them then.
    Raises AtlasFull for a sprite that is larger than a page may be.
    """
    unique, contents, shares = deduplicated(sprites, kept)
    new = [nth for nth, content in enumerate(contents) if content not in base.rooms]
    if side_for(unique, page_size, page_limit) != base.side or len(new) > MOST_NEW or not base.pages:
        return None
    found = [base.rooms.get(content) for content in contents]
    taken = _taken(base)
    # The largest first, as long as there is much room.
    for nth in sorted(new, key=lambda nth: -unique[nth].pixels.size):
        gx, gy = gutter_of(unique[nth], base.side)
        height, width = unique[nth].pixels.shape[:2]
        place = _place(taken, -(-(width + 2 * gx) // _GRAIN), -(-(height + 2 * gy) // _GRAIN))
        if place is None:
            return None
        page, x, y = place
        around = Rect(x, y, width + 2 * gx, height + 2 * gy)
        found[nth] = Room(page, around, Rect(x + gx, y + gy, width, height))
    rooms = [room for room in found if room is not None]
    for nth in new:
        pixels = base.pages[rooms[nth].page]
        pixels.setflags(write=True)
        put(pixels, rooms[nth], unique[nth])
    return atlas_of(base.pages, rooms, contents, shares, tuple(rooms[nth] for nth in new))


def _taken(base: Atlas) -> Bools:
    """(pages, lines, columns) the cells of each page in which a region is, or that the page does not fill."""
    side = -(-base.side // _GRAIN)
    taken = np.zeros((len(base.pages), side, side), np.bool_)
    whole = base.side // _GRAIN
    taken[:, whole:] = taken[:, :, whole:] = True
    for room in base.rooms.values():
        x, y, width, height = room.around
        lines = slice(y // _GRAIN, -(-(y + height) // _GRAIN))
        taken[room.page, lines, x // _GRAIN : -(-(x + width) // _GRAIN)] = True
    return taken


def _place(taken: Bools, wide: int, high: int) -> tuple[int, int, int] | None:
    """Take room of so many cells, as high up as there is: the page, and the pixels of its top left."""
    for page, cells in enumerate(taken):
        count = np.zeros((cells.shape[0] + 1, cells.shape[1] + 1), np.int32)
        cells.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, out=count[1:, 1:])
        if high > cells.shape[0] or wide > cells.shape[1]:
            return None
        inside = count[high:, wide:] - count[:-high, wide:] - count[high:, :-wide] + count[:-high, :-wide]
        free = np.flatnonzero(inside == 0)
        if len(free):
            line, column = divmod(int(free[0]), inside.shape[1])
            cells[line : line + high, column : column + wide] = True
            return page, column * _GRAIN, line * _GRAIN
    return None
