"""The written specification of sampling: how a place on a page becomes a colour. Slow, plain, float64.

At one to one and magnified: bilinear between texel centres. Minified, where a pixel of the frame covers
more than one of the page, four texels would skip the others and shimmer, so the mean is taken of all that
the pixel covers. Along each page axis the pixel is as wide as its `footprint`, and a texel, a square of
one colour, counts by how much of it the pixel covers:

    weight of a texel = clamp((width + 1) / 2 - |centre - u|, 0, 1) / width        times the same along v

These weights always sum to 1, and at width 1 they are those of bilinear filtering, so the picture does not
jump where one takes over from the other. They are never negative, so nothing rings. Reducing by a whole
number on the pixel grid, this is the box filter (Pillow's `reduce`). The widened tent of a reducing bilinear
filter was tried: it reads 64 texels for 25 at a quarter of the size and is blurred, further from
Lanczos by SSIM at every scale (0.984 against 0.992 at a quarter, 0.990 against 0.995 at 0.4; four texels
give 0.962 and 0.986). All of it happens on premultiplied colours: a transparent texel has no colour to lend,
and there are no fringes.

**Which texels exist.** Those whose centres are inside a sample's limits: the region and one texel of the two
around it. All others are transparent, whatever is stored there, so a neighbour on the page never shows.
Art that ends inside its canvas is transparent there anyway. Art that its canvas cut has its edge repeated in
that texel: at every scale it ends one page pixel past its cut, along a ramp one pixel of the frame wide,
and is never smaller than it was drawn. The fade of bilinear sampling over the last pixel inside the limits
is the same thing written for four texels, because the gutter's two texels are alike.

**Seams.** At one to one, parts that meet on whole pixels show nothing between them. Within a row there are
none at any scale: samples are added before they are blended. A picture split over regions is one row with
one sample a piece, each of weight 1, each with the neighbour's pixels in its gutter, and with limits that
pass the split by half a pixel: the fades add up to 1, every texel exists once, and the sum is the unsplit
picture. Two opaque rows that meet at an edge, turned or scaled, are each half transparent along it, and as
wherever coverage is kept as alpha the backdrop shows there by up to a quarter. It does not once they overlap
by a page pixel, or by a pixel of the frame where that is more (1.4 of them along a slanting edge): rigs are
drawn so. Rows that must not overlap show nothing between them inside an isolated group when the later one
is blended with `Blend.PLUS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from mien.types import F64, U8, Bools

MINIFIED: Final = 1.0625
"""Page pixels to a pixel of the frame up to which four texels are enough. A breath or a lean shrinks parts by
one to three per cent; bilinear filtering reads two texels in a row and skips none of them at that scale."""

WIDEST: Final = 16.0
"""Texels. 17 by 17 of them are read for one pixel then; what is smaller than a sixteenth of its size shimmers
as it moves, and should be packed smaller."""


def footprint(inverse_x: npt.ArrayLike, inverse_y: npt.ArrayLike) -> F64:
    """How wide a pixel of the frame is along both page axes, in texels: 1 for what is not minified.

    `inverse_x`: (..., 2 or more): a and c of the inverse affine, that is du/dx and du/dy; `inverse_y`: b
    and d, that is dv/dx and dv/dy. Returns (..., 2) float64, 1..WIDEST.

    From 1.125 on the width is the length of (a, c), which no turn changes. It stays 1 up to MINIFIED and
    catches up between the two, without a step.
    """
    to_u, to_v = np.asarray(inverse_x, np.float64), np.asarray(inverse_y, np.float64)
    across = np.stack((np.hypot(to_u[..., 0], to_u[..., 1]), np.hypot(to_v[..., 0], to_v[..., 1])), axis=-1)
    width: F64 = np.clip(np.minimum(across, 2.0 * across - (2.0 * MINIFIED - 1.0)), 1.0, WIDEST)
    return width


def minified(inverse_x: npt.ArrayLike, inverse_y: npt.ArrayLike) -> Bools:
    """Whether rows need more than four texels; parameters as for `footprint`, returns (...) bool."""
    width = footprint(inverse_x, inverse_y)
    wide: Bools = np.maximum(width[..., 0], width[..., 1]) > 1.0
    return wide


def sample(page: U8 | F64, u: F64, v: F64, limits: Sequence[float], width: Sequence[float] | F64) -> F64:
    """The colour at places on a page, (..., 4) float64 premultiplied.

    `page`: (height, width, 4) premultiplied, uint8 or float64 0..1; its edge goes on beyond it. `u`, `v`:
    (...) float64, page pixels, texel centres at .5. `limits`: left, top, right, bottom, as in `rows`.
    `width`: from `footprint`.
    """
    if max(width) <= 1.0:
        return _bilinear(page, u, v, limits)
    return _mean(page, u, v, limits, width)


def _bilinear(page: U8 | F64, u: F64, v: F64, limits: Sequence[float]) -> F64:
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


def _mean(page: U8 | F64, u: F64, v: F64, limits: Sequence[float], width: Sequence[float] | F64) -> F64:
    """The mean of all texels that a pixel covers, those outside the limits transparent."""
    left, top, right, bottom = limits
    columns, across = _weights(u, width[0], left, right)
    lines, down = _weights(v, width[1], top, bottom)
    total = np.zeros((*u.shape, 4))
    for line, share in zip(lines, down, strict=True):
        for column, part in zip(columns, across, strict=True):
            total += _texel(page, column, line) * (share * part)[..., None]
    return total


def _weights(at: F64, width: float, low: float, high: float) -> tuple[list[F64], list[F64]]:
    """Along one axis, the texels that a pixel around `at` covers and their weights, 0 outside (low, high)."""
    first = np.floor(at - width / 2.0)
    texels = [first + k for k in range(int(np.ceil(width)) + 1)]
    shares = [np.clip((width + 1.0) / 2.0 - np.abs(texel + 0.5 - at), 0.0, 1.0) / width for texel in texels]
    exists = [(texel + 0.5 > low) & (texel + 0.5 < high) for texel in texels]
    return texels, [share * there for share, there in zip(shares, exists, strict=True)]


def _texel(page: U8 | F64, column: F64, line: F64) -> F64:
    height, width = page.shape[:2]
    cx = np.clip(column, 0, width - 1).astype(np.intp)
    cy = np.clip(line, 0, height - 1).astype(np.intp)
    picked: F64 = page[cy, cx] / (255.0 if page.dtype == np.uint8 else 1.0)
    return picked
