"""The crease of a lid that is drawn on the layer of a whole eye, above the line of its lashes."""

from __future__ import annotations

from typing import Final

import numpy as np

from mien.importing.flatten import EMPTY, Picture
from mien.importing.lash_wings import only, whole_mask
from mien.importing.pictures.differences import components, grown_mask
from mien.importing.warping import edges, is_large, seen
from mien.types import F64, Bools, Rect

_THIN: Final = 0.12
"""How thick a crease is on average at most, of the height of the eye."""
_WIDE: Final = 0.3
"""How wide it is at least, of the width of the eye."""
_BEYOND: Final = 0.2
"""How far it goes beyond the eye to either side at most, of that width."""
_DARK: Final = 0.4
"""How light a line is at most, between the darkest and the lightest of the eye."""
_DEEP: Final = 3
"""Pixels below that edge that are looked at."""
_ABOVE: Final = 0.8
"""Share of its columns, of those of the eye, in which it lies above that, at least."""


def without_crease(eye: Picture) -> tuple[Picture, Picture]:
    """A whole eye without the crease above it, and that crease, which may be empty: a thin line that does not
    hang together with the eye and is as dark as the line that this has of its own below it. What is lighter
    is not taken for the line of the lashes."""
    own = eye.trimmed_to_itself()
    if own.is_empty or is_large(own.box):
        return eye, EMPTY
    drawn = seen(own.pixels[..., 3])
    found = components(drawn, cell=1)
    if len(found) < 2:
        return eye, EMPTY
    ball, inside = found[0].box, whole_mask(found[0], drawn.shape)
    light = own.pixels[..., :3] @ np.array((0.299, 0.587, 0.114))
    dark, bright = np.percentile(light[inside], (5, 95))
    darkest = dark + _DARK * (bright - dark)
    top, _ = _edges(inside)
    columns = np.flatnonzero(~np.isnan(top))
    rows = np.minimum(top[columns].astype(int) + _DEEP, len(drawn) - 1)
    crease = np.zeros_like(drawn)
    for part in found[1:] if np.median(light[rows, columns]) <= darkest else ():
        box, beyond, mask = part.box, _BEYOND * ball.width, whole_mask(part, drawn.shape)
        is_line = part.count <= _THIN * ball.height * box.width and box.width >= _WIDE * ball.width
        is_line &= bool(np.median(light[mask]) <= darkest)
        is_over = box.x >= ball.x - beyond and box.x + box.width <= ball.x + ball.width + beyond
        _, low = _edges(mask)
        apart = (top - low)[~np.isnan(top - low)]
        if is_line and is_over and len(apart) and float((apart >= 0).mean()) > _ABOVE:
            crease |= mask
    if not crease.any():
        return eye, EMPTY
    crease = grown_mask(crease, 2) & ~grown_mask(drawn & ~crease, 1)  # with its soft edge
    box = Rect(own.offset[0], own.offset[1], own.box.width, own.box.height)
    return only(own, box, ~crease).trimmed_to_itself(), only(own, box, crease).trimmed_to_itself()


def _edges(mask: Bools) -> tuple[F64, F64]:
    return edges(np.where(mask, 255, 0).astype(np.uint8))
