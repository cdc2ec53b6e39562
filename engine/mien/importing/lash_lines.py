"""The line of the lashes that is part of an eye's own picture: where it lies, how thick it is, and how it is
drawn anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.importing.flatten import Picture
from mien.importing.warping import filled, kept_above, seen, smoothed
from mien.types import F64, Bools, Rect

_TIP = 0.1
"""How far from its ends, of an eye's width, nothing but its line is dark: further in an iris may be."""

_CORNER = 0.22
"""How far from its ends, of an eye's width, it is at a corner."""

_BAND = 0.3
"""Most of an eye's height that its upper line is thick."""


def line_of(
    inside: Picture, box: Rect, upper: F64, lower: F64, reach: int, *, is_alone: bool = True
) -> tuple[Picture, F64, F64, F64 | None]:
    """The dark line near the upper edge of an eye, how thick it is, where its own upper edge lies, and its
    lower one as of `Opening.under`.

    It is taken as it is drawn where it runs smoothly along the edge, and the eye `is_alone` in the picture,
    without hair or glasses over it; else one of its colour is drawn.
    """
    pixels = inside.within(box)
    light = pixels[..., :3].astype(np.float64) @ (0.299, 0.587, 0.114)
    drawn = seen(pixels[..., 3])
    height = float(np.max(lower - upper))
    rows = np.arange(box.height)[:, None]
    above = drawn & (rows < (upper + 0.45 * (lower - upper))[None, :])
    least, most = max(2.0, 0.07 * height), max(2.0, _BAND * height)
    columns: Bools = np.asarray(drawn.any(axis=0))
    start, thick = np.full(box.width, np.nan), np.full(box.width, np.nan)
    dark, bright = np.percentile(light[above], (4, 90)) if above.any() else (0.0, 0.0)
    is_line = drawn & (light <= dark + 0.4 * (bright - dark))
    for column in np.flatnonzero(columns):
        top = max(0, round(upper[column]))
        run = is_line[top : top + round(0.45 * height) + 2, column]
        if run.any():
            first = int(run.argmax())
            rest = ~run[first:]
            start[column], thick[column] = top + first, rest.argmax() if rest.any() else len(rest)
    known = np.flatnonzero(~np.isnan(start))
    if len(known) < 0.4 * columns.sum() or len(known) < 6 or bright - dark < 30:
        colour = np.full(3, 60.0)
        if bright - dark >= 30:  # of skin above an eye as well: that of what is dark
            colour = np.median(pixels[above & (light <= dark + 0.1 * (bright - dark))][:, :3], axis=0)
        elif above.any():
            colour = pixels[above][:, :3].astype(np.float64).mean(axis=0) * 0.35
        return (
            _drawn_line(box, upper, np.full(box.width, least), columns, colour),
            np.full(box.width, least),
            upper,
            None,
        )
    apart = np.abs(np.arange(box.width)[:, None] - known[[0, -1]]).min(axis=1)
    is_corner = apart <= _TIP * (known[-1] - known[0])
    under = np.where(is_corner & ~np.isnan(start), start + thick + 1, -np.inf)
    at_edge = start[known] - upper[known]
    if is_alone and np.median(at_edge) <= 2 and np.percentile(at_edge, 80) < 0.1 * height:
        band = np.clip(smoothed(thick, reach), least, most)
        return kept_above(inside, box, upper + band), band, upper, under
    # Lashes, or skin above the line: the line of a parabola through where it begins, in its own colour. In
    # the middle what is dark may be the iris: its colour and thickness are those towards the corners.
    curve = np.polyfit(known, start[known], 2)
    near = known[np.abs(np.polyval(curve, known) - start[known]) < 0.15 * height]
    if len(near) > 6:
        curve = np.polyfit(near, start[near], 2)
    edge = np.clip(np.polyval(curve, np.arange(box.width)), upper, upper + 0.45 * (lower - upper))
    edge = _to_corners(edge, known, start[known], reach)
    corners = np.abs((known - known[0]) / max(1, known[-1] - known[0]) - 0.5) > 0.3
    outer = known[corners] if corners.any() else known
    inmost = (start[outer] + thick[outer] / 2).astype(int)
    colour = np.median(pixels[inmost, outer, :3].astype(np.float64), axis=0)
    band = np.full(box.width, np.clip(np.median(thick[outer]), least, 0.12 * height + 1))
    columns[: known[0]] = columns[known[-1] + 1 :] = False
    return _drawn_line(box, edge, band, columns, colour), band, edge, under


def _to_corners(edge: F64, known: NDArray[np.intp], start: F64, reach: int) -> F64:
    """An edge that goes down with the line that was drawn, where that does so more steeply towards a corner:
    else some of it would hang below a lid that has come down. `start`: where it begins in the columns that
    are `known`."""
    columns = np.arange(len(edge))
    out = edge
    for at in (known[0], known[-1]):
        near = np.abs(known - at) <= _CORNER * (known[-1] - known[0])
        if near.sum() < 4:
            continue
        curve = np.polyfit(known[near], start[near], 2)
        above = start - np.polyval(curve, known)
        near &= above > np.percentile(above[near], 20)  # tips of lashes stand out
        if near.sum() >= 4:
            curve = np.polyfit(known[near], start[near], 2)
        down = np.clip(np.polyval(curve, columns), start[near].min(), start[near].max())
        out = np.where(np.abs(columns - at) <= _CORNER * (known[-1] - known[0]), np.maximum(out, down), out)
    return smoothed(out, reach)


def _drawn_line(box: Rect, edge: F64, band: F64, columns: Bools, colour: F64) -> Picture:
    """A line along an edge, thinner towards its ends."""
    span = np.flatnonzero(columns)
    share = (np.arange(box.width) - span[0] + 0.5) / len(span)
    taper = np.clip(np.sin(np.pi * np.clip(share, 0, 1)), 0, 1) ** 0.4
    return _only_over(
        filled(box, edge + (1 - taper) * band / 2, edge + (1 + taper) * band / 2, colour), columns, box
    )


def _only_over(picture: Picture, columns: Bools, box: Rect) -> Picture:
    pixels = picture.within(box)
    pixels[:, ~columns] = 0
    return Picture(pixels, (box.x, box.y))
