"""The written specification of compositing: slow, plain, float64. Every shader is held to it.

Never optimise this module. It is itself held to Skia's float raster.

Colours are sRGB-encoded and blended as they are. The formulas are those of the W3C's Compositing and
Blending Level 1, section 10 (blending) and 9 (source-over); `co` and `cs` with alpha are premultiplied:

    co = as (1 - ab) Cs + as ab B(Cb, Cs) + (1 - as) ab Cb        ao = as + ab (1 - as)

The rest of Photoshop's modes are held to pictures that Photoshop drew. Four of its rules are not in the
formulas usually given: in vivid light the extremes of the source win over those of the backdrop; hard mix
decides an exact tie by the backdrop; black divided by black is black; and the grey that linear light leaves
alone is 128 of 255.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mien.composite.filtering import footprint, sample
from mien.composite.rows import (
    BLEND,
    BOUNDS,
    CLIPPED,
    CLIPPED_ROWS,
    EACH_SAMPLE,
    INVERSE_X,
    INVERSE_Y,
    LIMITS,
    MASK,
    MASK_PAGE,
    MIRROR,
    NO_MASK,
    OPACITY,
    ORIGIN,
    PAGE,
    SAMPLE_COUNT,
    TINT,
    WARP,
    WEIGHTS,
    FrameRows,
)
from mien.composite.warps import NO_WARPS, Warps, warped_places
from mien.types import F64, U8, Blend

TIE: Final = 1e-4
"""Sums this near to 1 are a tie in hard mix: far less than a step of 8 bits, far more than float32 errs."""

NEUTRAL: Final = 128.0 / 255.0
"""The source that changes nothing in linear light. Photoshop's pictures differ from this formula by at most
2.43 of 255, 0.36 in the mean; with a neutral of 0.5 by 2.67 and 0.40."""


def blend_function(mode: Blend, backdrop: F64, source: F64) -> F64:
    """B(Cb, Cs) of every mode but plus and pass-through: those of the W3C here.

    Both (..., 3) float64, straight colours 0..1; likewise the result.
    """
    cb, cs = backdrop, source
    with np.errstate(divide="ignore", invalid="ignore"):
        match mode:
            case Blend.NORMAL:
                return cs
            case Blend.MULTIPLY:
                return cb * cs
            case Blend.SCREEN:
                return cb + cs - cb * cs
            case Blend.OVERLAY:
                return blend_function(Blend.HARD_LIGHT, cs, cb)
            case Blend.DARKEN:
                return np.minimum(cb, cs)
            case Blend.LIGHTEN:
                return np.maximum(cb, cs)
            case Blend.COLOR_DODGE:
                dodge = np.where(cs >= 1.0, 1.0, np.minimum(1.0, cb / (1.0 - cs)))
                return np.where(cb <= 0.0, 0.0, dodge)
            case Blend.COLOR_BURN:
                burn = np.where(cs <= 0.0, 0.0, 1.0 - np.minimum(1.0, (1.0 - cb) / cs))
                return np.where(cb >= 1.0, 1.0, burn)
            case Blend.HARD_LIGHT:
                return np.where(cs <= 0.5, cb * 2.0 * cs, _screen(cb, 2.0 * cs - 1.0))
            case Blend.SOFT_LIGHT:
                curve = np.where(cb <= 0.25, ((16.0 * cb - 12.0) * cb + 4.0) * cb, np.sqrt(np.maximum(cb, 0)))
                darker = cb - (1.0 - 2.0 * cs) * cb * (1.0 - cb)
                return np.where(cs <= 0.5, darker, cb + (2.0 * cs - 1.0) * (curve - cb))
            case Blend.DIFFERENCE:
                return np.abs(cb - cs)
            case Blend.EXCLUSION:
                return cb + cs - 2.0 * cb * cs
            case Blend.HUE:
                return _set_lum(_set_sat(cs, _sat(cb)), _lum(cb))
            case Blend.SATURATION:
                return _set_lum(_set_sat(cb, _sat(cs)), _lum(cb))
            case Blend.COLOR:
                return _set_lum(cs, _lum(cb))
            case Blend.LUMINOSITY:
                return _set_lum(cb, _lum(cs))
            case _:
                return _photoshop_function(mode, cb, cs)


def _photoshop_function(mode: Blend, cb: F64, cs: F64) -> F64:
    """The same of the rest of Photoshop's modes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        match mode:
            case Blend.LINEAR_BURN:
                return np.maximum(cb + cs - 1.0, 0.0)
            case Blend.LINEAR_DODGE:
                return np.minimum(cb + cs, 1.0)
            case Blend.VIVID_LIGHT:
                burn = np.where(cs <= 0.0, 0.0, 1.0 - np.minimum(1.0, (1.0 - cb) / (2.0 * cs)))
                dodge = np.where(cs >= 1.0, 1.0, np.minimum(1.0, cb / (2.0 - 2.0 * cs)))
                return np.where(cs <= 0.5, burn, dodge)
            case Blend.LINEAR_LIGHT:
                return np.clip(cb + 2.0 * (cs - NEUTRAL), 0.0, 1.0)
            case Blend.PIN_LIGHT:
                return np.where(cs <= 0.5, np.minimum(cb, 2.0 * cs), np.maximum(cb, 2.0 * cs - 1.0))
            case Blend.HARD_MIX:
                over = cb + cs - 1.0
                return np.where(np.abs(over) <= TIE, cb > 0.5, over > 0.0).astype(np.float64)
            case Blend.DARKER_COLOR:
                return np.where(_lum(cs) < _lum(cb), cs, cb)
            case Blend.LIGHTER_COLOR:
                return np.where(_lum(cs) > _lum(cb), cs, cb)
            case Blend.SUBTRACT:
                return np.maximum(cb - cs, 0.0)
            case Blend.DIVIDE:
                return np.where(cb <= 0.0, 0.0, np.minimum(1.0, cb / cs))
    raise ValueError(
        f"{mode.label} has no blend function: plus is defined on premultiplied colours, "
        "and pass-through on whole pictures"
    )


def blend_over(mode: Blend, backdrop: F64, source: F64) -> F64:
    """The source composited over the backdrop. Both, and the result, (..., 4) float64 premultiplied."""
    if mode == Blend.PLUS:
        return np.minimum(backdrop + source, 1.0)
    ab, a_s = backdrop[..., 3:], source[..., 3:]
    mixed = blend_function(mode, _straight(backdrop), _straight(source))
    colour = source[..., :3] * (1.0 - ab) + a_s * ab * mixed + (1.0 - a_s) * backdrop[..., :3]
    return np.concatenate((colour, a_s + ab * (1.0 - a_s)), axis=-1)


def blend_within(mode: Blend, base: F64, source: F64) -> F64:
    """A clipped row onto its group: colours mix as over an opaque backdrop, the alpha stays the base's."""
    a, a_s = base[..., 3:], source[..., 3:]
    colour = _straight(base)
    if mode == Blend.PLUS:
        mixed = np.minimum(colour + source[..., :3], 1.0)
    else:
        mixed = (1.0 - a_s) * colour + a_s * blend_function(mode, colour, _straight(source))
    return np.concatenate((mixed * a, a), axis=-1)


def content(
    row: F64,
    pages: Sequence[U8],
    offscreens: Sequence[F64],
    width: int,
    height: int,
    warps: Warps = NO_WARPS,
) -> F64:
    """What a row shows, before opacity and blending: (height, width, 4) float64 premultiplied."""
    left, top, right, bottom = (int(v) for v in row[BOUNDS])
    x, y = _canvas(row, warps)
    total = np.zeros((*x.shape, 4))
    for columns, weight in zip(EACH_SAMPLE[: int(row[SAMPLE_COUNT])], row[WEIGHTS], strict=False):
        total += weight * _sample(row, row[columns], x, y, pages, offscreens)
    red, green, blue, alpha = row[TINT]
    out = np.zeros((height, width, 4))
    out[top:bottom, left:right] = total * (red * alpha, green * alpha, blue * alpha, alpha)
    return out * mask(row, pages, offscreens, width, height, warps)


def mask(
    row: F64,
    pages: Sequence[U8],
    offscreens: Sequence[F64],
    width: int,
    height: int,
    warps: Warps = NO_WARPS,
) -> F64:
    """The share of a row's content that its mask lets through: (height, width, 1) float64 0..1."""
    out = np.zeros((height, width, 1))
    left, top, right, bottom = (int(v) for v in row[BOUNDS])
    if row[MASK_PAGE] == NO_MASK:
        out[top:bottom, left:right] = 1.0
    else:
        x, y = _canvas(row, warps)
        out[top:bottom, left:right] = _sample(row, row[MASK], x, y, pages, offscreens)[..., 3:]
    return out


def composite(frame: FrameRows, pages: Sequence[U8]) -> F64:
    """The frame: (height, width, 4) float64 premultiplied 0..1, top row first.

    `pages`: each (page height, page width, 4) uint8 premultiplied.
    """
    offscreens: list[F64] = []
    for offscreen in frame.offscreens:
        offscreens.append(_composite(offscreen, pages, offscreens, frame.warps))
    return _composite(frame, pages, offscreens, frame.warps)


def _composite(frame: FrameRows, pages: Sequence[U8], offscreens: Sequence[F64], warps: Warps) -> F64:
    width, height = frame.size
    picture = np.broadcast_to(np.array(frame.clear, np.float64), (height, width, 4)).copy()
    rows = frame.rows[: frame.count].astype(np.float64)
    i = 0
    while i < len(rows):
        base = rows[i]
        clipped = int(base[CLIPPED_ROWS])
        group = content(base, pages, offscreens, width, height, warps)
        for row in rows[i + 1 : i + 1 + clipped]:
            if not row[CLIPPED]:
                raise ValueError(f"row {i} says that {clipped} clipped rows follow, but one is not clipped")
            shown = content(row, pages, offscreens, width, height, warps) * row[OPACITY]
            group = blend_within(Blend(int(row[BLEND])), group, shown)
        if base[BLEND] == Blend.PASS_THROUGH:
            through = mask(base, pages, offscreens, width, height, warps) * base[OPACITY]
            picture = picture * (1.0 - through) + group * base[OPACITY]
        else:
            picture = blend_over(Blend(int(base[BLEND])), picture, group * base[OPACITY])
        i += 1 + clipped
    return picture


def to_bytes(picture: F64) -> U8:
    """(h, w, 4) float 0..1 to uint8, rounded to nearest."""
    return np.rint(np.clip(picture, 0.0, 1.0) * 255.0).astype(np.uint8)


def _canvas(row: F64, warps: Warps) -> tuple[F64, F64]:
    """Where the centres of the pixels within a row's bounds lie on its canvas: x and y, each (h, w)."""
    left, top, right, bottom = (int(v) for v in row[BOUNDS])
    y, x = np.mgrid[top:bottom, left:right] + 0.5
    warp = int(abs(row[WARP])) - 1
    if warp > 0:
        x, y = warped_places(warps, warp, x, y)
    ia, ic, itx = row[INVERSE_X]
    ib, id_, ity = row[INVERSE_Y]
    return ia * x + ic * y + itx, ib * x + id_ * y + ity


def _sample(row: F64, shown: F64, x: F64, y: F64, pages: Sequence[U8], offscreens: Sequence[F64]) -> F64:
    (u0, v0), number = shown[ORIGIN], shown[PAGE]
    page = pages[int(number)] if number >= 0 else offscreens[-1 - int(number)]
    # How a warp squeezes is not counted: what is bent is not far from its own size.
    width = footprint(row[INVERSE_X], row[INVERSE_Y])
    return sample(page, np.sign(shown[MIRROR]) * x + u0, y + v0, shown[LIMITS].tolist(), width)


def _straight(colour: F64) -> F64:
    """Premultiplied (..., 4) to straight (..., 3); black where the alpha is 0."""
    alpha = colour[..., 3:]
    return np.clip(colour[..., :3] / np.where(alpha > 0.0, alpha, 1.0), 0.0, 1.0)


def _screen(cb: F64, cs: F64) -> F64:
    return cb + cs - cb * cs


def _lum(c: F64) -> F64:
    lum: F64 = (c * (0.3, 0.59, 0.11)).sum(axis=-1, keepdims=True)
    return lum


def _sat(c: F64) -> F64:
    sat: F64 = c.max(axis=-1, keepdims=True) - c.min(axis=-1, keepdims=True)
    return sat


def _set_lum(c: F64, lum: F64) -> F64:
    """The W3C's SetLum with ClipColor."""
    c = c + (lum - _lum(c))
    low, high = c.min(axis=-1, keepdims=True), c.max(axis=-1, keepdims=True)
    c = np.where(low < 0.0, lum + (c - lum) * lum / np.where(low < 0.0, lum - low, 1.0), c)
    return np.where(high > 1.0, lum + (c - lum) * (1.0 - lum) / np.where(high > 1.0, high - lum, 1.0), c)


def _set_sat(c: F64, sat: F64) -> F64:
    """The W3C's SetSat: the least component to 0, the greatest to `sat`, the middle in proportion."""
    low = c.min(axis=-1, keepdims=True)
    spread = c.max(axis=-1, keepdims=True) - low
    return np.where(spread > 0.0, (c - low) * sat / np.where(spread > 0.0, spread, 1.0), 0.0)
