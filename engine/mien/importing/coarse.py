"""Art with fewer pixels, to look at: every so many-th of each layer, both ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mien.art.layered.tree import Mask, union
from mien.importing.source import Item
from mien.types import U8, Rect


def coarse(item: Item, step: int) -> Item:
    """Every `step`-th pixel of an item, both ways, in places that many times smaller: what lies at column x
    of it is column `step` * x of the canvas."""
    if item.is_folder:
        children = tuple(coarse(child, step) for child in item.children)
        box = union(child.box for child in children)
        return replace(item, box=box, children=children, mask=_coarse_mask(item.mask, step))
    x, y = -(-item.box.x // step), -(-item.box.y // step)
    first = y * step - item.box.y, x * step - item.box.x
    high = max(0, -(-(item.box.height - first[0]) // step))
    wide = max(0, -(-(item.box.width - first[1]) // step))
    read = item.pixels
    assert read is not None

    def pixels() -> U8:
        return np.ascontiguousarray(read()[first[0] :: step, first[1] :: step])

    return replace(item, box=Rect(x, y, wide, high), pixels=pixels, mask=_coarse_mask(item.mask, step))


def _coarse_mask(mask: Mask | None, step: int) -> Mask | None:
    if mask is None:
        return None
    x, y = (-(-value // step) for value in mask.offset)
    first = y * step - mask.offset[1], x * step - mask.offset[0]
    return Mask(mask.pixels[first[0] :: step, first[1] :: step], (x, y), mask.outside)
