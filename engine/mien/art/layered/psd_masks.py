"""Masks of Photoshop's layers.

A layer has a user mask, painted, and a vector mask, a path. Where it has a path, channel -2 is rendered from
it, with the painted mask multiplied in, which itself is channel -3 then; how dense each is, is applied to
neither. The stored alpha of a shape holds what its path covers already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.art.layered.psd_pixels import REAL_MASK, USER_MASK, cut, plane_of
from mien.art.layered.tree import Mask, overlap, union
from mien.types import U8, Rect

_BAND_ROWS = 64


@dataclass(frozen=True, slots=True)
class _Stored:
    """A stored mask."""

    box: Rect
    outside: int
    channel: int

    def read(self, layer: Any, window: Rect) -> U8:
        """The mask within `window`, (h, w) uint8. Raises Damaged."""
        out = np.full((window.height, window.width), self.outside, np.uint8)
        inside = overlap(self.box, window)
        plane = plane_of(layer, self.channel, self.box)
        if plane is not None and inside.width and inside.height:
            x, y = inside.x - window.x, inside.y - window.y
            cut(plane, self.box, out[y : y + inside.height, x : x + inside.width], inside)
        return out


def mask_of(layer: Any, canvas: Rect) -> tuple[Mask | None, tuple[str, ...]]:
    """A layer's or group's mask, and what of it is not drawn as Photoshop does. Raises Damaged."""
    data = layer._record.mask_data
    is_fill = layer.kind in ("shape", "solidcolorfill", "gradientfill", "patternfill")
    if data is None:
        if layer.has_vector_mask() and not is_fill:
            return None, ("is drawn without its vector mask, of which the file stores no picture",)
        return None, ()
    if data.flags.mask_disabled:
        return None, ()
    shown = _Stored(Rect(data.left, data.top, data.width, data.height), int(data.background_color), USER_MASK)
    values = data.parameters
    user, vector = _density(values, "user"), _density(values, "vector")
    remarks = []
    if values is not None and (values.user_mask_feather or values.vector_mask_feather):
        remarks.append("is drawn with a mask that is not feathered")
    rendered = data.flags.user_mask_from_render
    if rendered and layer.kind == "shape" and vector < 255:
        remarks.append("is drawn without what the density of its vector mask shows beyond its edges")
    window = overlap(shown.box, canvas)
    if not rendered:
        pixels = _denser(shown.read(layer, window), user)
        outside = int(_denser(np.array([shown.outside], np.uint8), user)[0])
    elif not _is_painted(layer):
        pixels = _denser(shown.read(layer, window), vector)
        outside = int(_denser(np.array([shown.outside], np.uint8), vector)[0])
    else:
        painted = _Stored(real_box(data), int(data.real_background_color), REAL_MASK)
        window = overlap(union((shown.box, painted.box)), canvas)
        pixels = _together(shown.read(layer, window), painted.read(layer, window), user, vector)
        both, one = (np.full((1, 1), stored.outside, np.uint8) for stored in (shown, painted))
        outside = int(_together(both, one, user, vector)[0, 0])
    if outside == 255 and not pixels.size:
        return None, tuple(remarks)
    return Mask(pixels, (window.x, window.y), outside), tuple(remarks)


def _is_painted(layer: Any) -> bool:
    """Whether a layer with a vector mask has a painted one too."""
    data = layer._record.mask_data
    painted = plane_of(layer, REAL_MASK, real_box(data))
    return painted is not None and not data.real_flags.mask_disabled


def real_box(data: Any) -> Rect:
    """Where the painted mask lies of a layer that has a vector mask too; empty where the file has none."""
    if data.real_flags is None:
        return Rect(0, 0, 0, 0)
    return Rect(data.real_left, data.real_top, data.real_width, data.real_height)


def covered(layer: Any, pixels: U8, offset: tuple[int, int], mask: Mask | None) -> Mask | None:
    """The mask that is left for a layer's pixels, whose alpha is changed where it holds the mask already.

    `pixels`: (h, w, 4) uint8 straight, at `offset` on the canvas.
    """
    data = layer._record.mask_data
    if mask is None or layer.kind != "shape" or not data.flags.user_mask_from_render:
        return mask
    if not _is_painted(layer) and _density(data.parameters, "vector") == 255:
        return None
    height, width = pixels.shape[:2]
    box = Rect(*offset, width, height)
    known = Rect(*mask.offset, mask.pixels.shape[1], mask.pixels.shape[0])
    whole = np.full((height, width), mask.outside, np.uint8)
    shared = overlap(box, known)
    if shared.width and shared.height:
        x, y, u, v = shared.x - box.x, shared.y - box.y, shared.x - known.x, shared.y - known.y
        part = mask.pixels[v : v + shared.height, u : u + shared.width]
        whole[y : y + shared.height, x : x + shared.width] = part
    if _density(data.parameters, "vector") < 255:
        pixels[..., 3] = whole
    else:
        np.minimum(pixels[..., 3], whole, out=pixels[..., 3])
    return None


def _density(values: Any, which: str) -> int:
    """How much of a mask counts, 0..255."""
    density = None if values is None else getattr(values, f"{which}_mask_density")
    return 255 if density is None else int(density)


def _denser(mask: U8, density: int) -> U8:
    """A mask of that density: what it hides shows through again."""
    if density == 255:
        return mask
    table: U8 = np.rint(255 - (255.0 - np.arange(256)) * (density / 255)).astype(np.uint8)
    return table[mask]


def _together(both: U8, painted: U8, user: int, vector: int) -> U8:
    """The product of a painted and a vector mask, each of its density; all (h, w) uint8.

    `both`: the product at full density. Where the painted mask is 0 nothing is known of the other, which
    counts as if it hid nothing there.
    """
    if user == vector == 255:
        return both
    out = np.empty_like(both)
    for top in range(0, len(both), _BAND_ROWS):
        band = slice(top, top + _BAND_ROWS)
        one = painted[band].astype(np.float32)
        other = np.full_like(one, 255)
        np.divide(both[band] * np.float32(255), one, out=other, where=one > 0)
        shares = (255 - (255 - one) * (user / 255)) * (255 - (255 - np.minimum(other, 255)) * (vector / 255))
        out[band] = np.rint(shares / 255)
    return out
