"""The written specification of sampling: how a place on a page becomes a colour. Slow, plain, float64.

At one to one and magnified: bilinear between texel centres. Minified, where a pixel of the frame covers
more than one of the page, four texels would skip the others and shimmer, so the tent of bilinear filtering
widens with the scale. Its radius along a page axis is the `footprint`, in texels:

    weight of a texel = max(0, 1 - |centre - u| / radius_u) * max(0, 1 - |centre - v| / radius_v)

divided by the sum of the weights of all texels that the tent reaches, those included that do not exist.
This is the kernel of Pillow's reducing BILINEAR, evaluated where the pixel lands instead of on a grid, and
at radius 1 it is bilinear filtering itself. Weights are never negative, so nothing rings, and no colour
appears that the art does not have. All of it happens on premultiplied colours, so a transparent texel has
no colour to lend: there are no fringes.

**Which texels exist.** Those whose centres are inside a tap's limits: the region and one texel of the two
around it. All others are transparent, whatever is stored there, so a neighbour on the page never shows.
Art that ends inside its canvas is transparent there anyway. Art that its canvas cut has its edge repeated in
that texel, and ends half way across it, in a ramp two radii wide: at every scale it ends one page pixel
past its cut, softened over about one pixel of the frame, and is never smaller than it was drawn. The fade of
bilinear sampling over the last pixel inside the limits is the same thing written for four texels, because
the gutter's two texels are alike: so the picture does not jump where one takes over from the other.

**What is promised about seams.** Within a row (drawings of a slot, a drawing on one page) nothing shows
through: colours are averaged before they are blended. Parts at one to one that meet on whole pixels show no
backdrop between them. Two opaque rows that meet at an edge without overlapping, turned or scaled, are each
half transparent along it, and as everywhere where coverage is stored as alpha the backdrop shows there by
up to a quarter. Parts that overlap by two page pixels, or by two pixels of the frame where that is more,
show nothing: that is how art for rigs is drawn. A group (a surface) of parts is one row, so it has this
inside it and not at its own edge only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from mien.types import F64

Bools = npt.NDArray[np.bool_]

MINIFIED: Final = 1.0625
"""Page pixels to a pixel of the frame up to which four texels are enough. A breath or a lean shrinks parts by
one to three per cent; bilinear filtering reads two texels in a row and skips none of them at that scale."""

LARGEST_RADIUS: Final = 8.0
"""Texels. A tent of 8 reads 256 of them for one pixel, and is as wide as a picture at an eighth of its size
needs. What is smaller than that shimmers as it moves, and should be packed smaller."""


def footprint(inverse_x: npt.ArrayLike, inverse_y: npt.ArrayLike) -> F64:
    """The radius of the tent along both page axes, in texels: 1 for what is not minified.

    `inverse_x`: (..., 2 or more): a and c of the inverse affine, that is du/dx and du/dy; `inverse_y`: b and d,
    dv/dx and dv/dy. Returns (..., 2) float64, 1..LARGEST_RADIUS.

    The radius is the length of (a, c), as it is right for a turn by any angle, from 1.125 on. It stays 1
    up to MINIFIED and catches up between the two, without a step.
    """
    to_u, to_v = np.asarray(inverse_x, np.float64), np.asarray(inverse_y, np.float64)
    across = np.stack((np.hypot(to_u[..., 0], to_u[..., 1]), np.hypot(to_v[..., 0], to_v[..., 1])), axis=-1)
    radius: F64 = np.clip(np.minimum(across, 2.0 * across - (2.0 * MINIFIED - 1.0)), 1.0, LARGEST_RADIUS)
    return radius


def minified(inverse_x: npt.ArrayLike, inverse_y: npt.ArrayLike) -> Bools:
    """Whether rows need more than four texels; parameters as for `footprint`, returns (...) bool."""
    wide: Bools = (footprint(inverse_x, inverse_y) > 1.0).any(axis=-1)
    return wide


def sample(page: F64, u: F64, v: F64, limits: Sequence[float], radius: Sequence[float] | F64) -> F64:
    """The colour at places on a page, (..., 4) float64 premultiplied.

    `page`: (height, width, 4) float64 premultiplied; its edge goes on beyond it. `u`, `v`: (...) float64, page
    pixels, texel centres at .5. `limits`: left, top, right, bottom, as in `rows`. `radius`: from `footprint`.
    """
    if max(radius) <= 1.0:
        return _bilinear(page, u, v, limits)
    return _tent(page, u, v, limits, radius)


def _bilinear(page: F64, u: F64, v: F64, limits: Sequence[float]) -> F64:
    """Between four texel centres, fading out over the last pixel within (left, top, right, bottom)."""
    left, top, right, bottom = limits
    inside_x = np.clip(np.minimum(u - left, right - u), 0.0, 1.0)
    inside_y = np.clip(np.minimum(v - top, bottom - v), 0.0, 1.0)
    column, line = np.floor(u - 0.5), np.floor(v - 0.5)
    fu, fv = (u - 0.5 - column)[..., None], (v - 0.5 - line)[..., None]
    upper = _texel(page, column, line) * (1.0 - fu) + _texel(page, column + 1, line) * fu
    lower = _texel(page, column, line + 1) * (1.0 - fu) + _texel(page, column + 1, line + 1) * fu
    mixed: F64 = (upper * (1.0 - fv) + lower * fv) * (inside_x * inside_y)[..., None]
    return mixed


def _tent(page: F64, u: F64, v: F64, limits: Sequence[float], radius: Sequence[float] | F64) -> F64:
    """The weighted mean of all texels within `radius`, those outside the limits transparent."""
    left, top, right, bottom = limits
    columns, across = _weights(u, radius[0], left, right)
    lines, down = _weights(v, radius[1], top, bottom)
    total = np.zeros((*u.shape, 4))
    for line, share in zip(lines, down, strict=True):
        for column, part in zip(columns, across, strict=True):
            total += _texel(page, column, line) * (share * part)[..., None]
    return total


def _weights(at: F64, radius: float, low: float, high: float) -> tuple[list[F64], list[F64]]:
    """Along one axis, the texels that a tent around `at` reaches and their weights, 0 outside (low, high)."""
    first = np.floor(at - radius + 0.5)
    texels = [first + k for k in range(int(np.ceil(2.0 * radius)) + 1)]
    tent = [np.maximum(0.0, 1.0 - np.abs(texel + 0.5 - at) / radius) for texel in texels]
    whole = np.sum(tent, axis=0)
    exists = [(texel + 0.5 > low) & (texel + 0.5 < high) for texel in texels]
    return texels, [weight * there / whole for weight, there in zip(tent, exists, strict=True)]


def _texel(page: F64, column: F64, line: F64) -> F64:
    height, width = page.shape[:2]
    cx = np.clip(column, 0, width - 1).astype(np.intp)
    cy = np.clip(line, 0, height - 1).astype(np.intp)
    picked: F64 = page[cy, cx]
    return picked
