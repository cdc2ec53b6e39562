"""The stored rasters of Photoshop's layers: their place, their colours and their alpha."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np

from mien.art.layered.planes import BAND_BYTES, Damaged, Plane
from mien.art.layered.profiles import Mode, Profile, convert_plainly
from mien.art.layered.shrinking import Read
from mien.art.layered.tree import overlap
from mien.types import U8, Rect

ALPHA, USER_MASK, REAL_MASK = -1, -2, -3
"""Numbers of a layer's channels; the colours have 0 and up."""

COLOURS = {"L": 1, "RGB": 3, "CMYK": 4}
"""How many channels of colour a mode has."""

MAX_PLANE_PIXELS = 256 * 1024 * 1024
"""Most pixels that one layer may claim, those beyond the canvas too: four of the largest canvas."""


def box_of(record: Any) -> Rect:
    """What a layer's record says that it covers; may be empty."""
    width, height = max(0, record.right - record.left), max(0, record.bottom - record.top)
    return Rect(record.left, record.top, width, height)


def claim_of(layer: Any) -> tuple[int, int]:
    """How many pixels a layer says that its raster, and its masks, have."""
    record, mask = layer._record, layer._record.mask_data
    raster = box_of(record)
    masks = 0 if mask is None else mask.width * mask.height + mask.real_width * mask.real_height
    return raster.width * raster.height, masks


def plane_of(layer: Any, number: int, box: Rect, linear: bool = False) -> Plane | None:
    """One channel of a layer of psd-tools, with the size of `box`; None where the file stores none.

    Raises Damaged for one too large.
    """
    if not (box.width and box.height):
        return None
    if box.width * box.height > MAX_PLANE_PIXELS:
        raise Damaged(f"it claims {box.width} x {box.height} pixels")
    found = None
    for info, channel in zip(layer._record.channel_info, layer._channels, strict=False):
        if info.id == number and channel.data:
            found = channel  # the last one, as psd-tools does
    if found is None:
        return None
    header = layer._psd._record.header
    return Plane(
        found.data, int(found.compression), *box[2:], header.depth, header.version, linear=int(linear)
    )


def cut(plane: Plane, box: Rect, out: U8, window: Rect) -> None:
    """What a plane that covers `box` shows in `window`, which lies inside, into `out`: (h, w) uint8."""
    x, y = window.x - box.x, window.y - box.y
    rows, step = plane.rows(), max(1, BAND_BYTES // plane.row_bytes)
    for first in range(0, window.height, step):
        last = min(first + step, window.height)
        out[first:last] = rows.read(y + first, y + last)[:, x : x + window.width]


def shown_box(plane: Plane, box: Rect, canvas: Rect) -> Rect:
    """The smallest box on the canvas around what is not 0 in a plane that covers `box`; may be empty."""
    inside = overlap(box, canvas)
    x, y = inside.x - box.x, inside.y - box.y
    columns = np.zeros(inside.width, np.uint8)
    upper = lower = -1
    rows, step = plane.rows(), max(1, BAND_BYTES // plane.row_bytes)
    for first in range(y, y + inside.height, step):
        part = rows.read(first, min(first + step, y + inside.height))[:, x : x + inside.width]
        seen = np.bitwise_or.reduce(part, axis=0)
        if seen.any():
            columns |= seen
            found = np.flatnonzero(part.any(axis=1))
            upper = first + int(found[0]) if upper < 0 else upper
            lower = first + int(found[-1])
    if upper < 0:
        return Rect(0, 0, 0, 0)
    across = np.flatnonzero(columns)
    left = int(across[0])
    return Rect(inside.x + left, box.y + upper, int(across[-1]) + 1 - left, lower + 1 - upper)


class Pixels:
    """Reads layers of one file: their colours as the tree wants them.

    Parameters: `canvas`; `mode` of the file's colours; `profile` for CMYK, None for the plain formula;
    `linear`, whether colours are linear light.
    """

    def __init__(self, canvas: Rect, mode: Mode, profile: Profile | None, linear: bool) -> None:
        self._canvas = canvas
        self._mode: Mode = mode
        self._profile = profile
        self._linear = linear

    def content(self, layer: Any) -> tuple[object, ...] | None:
        """What its raster follows from, in a few bytes; None where the profile takes part in it."""
        if self._profile is not None:
            return None
        taken = blake2b(digest_size=16)
        kinds = []
        for info, channel in zip(layer._record.channel_info, layer._channels, strict=False):
            kinds.append((int(info.id), int(channel.compression), len(channel.data)))
            taken.update(channel.data)
        header = layer._psd._record.header
        how = (self._canvas, self._mode, self._linear, header.depth, header.version)
        return (taken.digest(), tuple(kinds), box_of(layer._record), how)

    def box(self, layer: Any) -> Rect:
        """What of the canvas a layer's raster shows something of; may be empty. Raises Damaged."""
        box = box_of(layer._record)
        inside = overlap(box, self._canvas)
        if not (inside.width and inside.height):
            return Rect(0, 0, 0, 0)
        alpha = plane_of(layer, ALPHA, box)
        return inside if alpha is None else shown_box(alpha, box, self._canvas)

    def read(self, layer: Any, window: Rect) -> U8:
        """A layer's raster within `window`, (h, w, 4) uint8 straight. Raises Damaged."""
        out = np.empty((window.height, window.width, 4), np.uint8)
        if out.size:
            read = self.rows(layer, window)
            step = max(1, BAND_BYTES // window.width)
            for first in range(0, window.height, step):
                last = min(first + step, window.height)
                out[first:last] = read(first, last)
        return out

    def rows(self, layer: Any, window: Rect) -> Read:
        """What gives rows of a layer's raster within `window`, which is not empty, from above. It, and what
        it gives, raise Damaged."""
        box = box_of(layer._record)
        x, y = window.x - box.x, window.y - box.y
        colours = [plane_of(layer, number, box, self._linear) for number in range(COLOURS[self._mode])]
        if None in colours:
            raise Damaged(f"channel {colours.index(None)} is missing")
        planes = [plane.rows() for plane in colours if plane is not None]
        alpha = plane_of(layer, ALPHA, box)
        opacity = None if alpha is None else alpha.rows()

        def read(first: int, last: int) -> U8:
            out = np.zeros((last - first, window.width, 4), np.uint8)
            above, below, shown = y + first, y + last, slice(x, x + window.width)
            seen: U8 | int = 255 if opacity is None else opacity.read(above, below)[:, shown]
            if not np.any(seen):
                return out
            for number, plane in enumerate(planes):
                out[..., number] = plane.read(above, below)[:, shown]
            self.finish(out)
            out[..., 3] = seen
            return out

        return read

    def finish(self, pixels: U8) -> None:
        """Stored colours, (h, w, 4) uint8, of grey in the first channel, to RGB in the first three."""
        if self._mode == "L":
            pixels[..., 1] = pixels[..., 2] = pixels[..., 0]
        elif self._mode == "CMYK":
            np.subtract(255, pixels, out=pixels)  # the file has 0 for full ink
            (self._profile.convert if self._profile else convert_plainly)(pixels, pixels[..., :3])
