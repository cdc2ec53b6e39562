"""The line of the lashes that is part of an eye's own picture: where it lies, how thick it is, and how it is
drawn anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.importing.fine_drawing import one_colour
from mien.importing.flatten import EMPTY, Picture
from mien.importing.warping import edges, filled, kept_above, runs, seen, smoothed
from mien.types import F64, U8, Bools, Rect

_TIP = 0.015
"""How far from its ends, of an eye's width, nothing but its line is dark."""

_STEEP = 1.4
"""From how many times the height that it mostly has in a column a line is steep there."""

_CORNER = 0.22
"""How far from its ends, of an eye's width, it is at a corner."""

_END = 0.15
_STEEPLY = 1.4
"""From how many pixels down in each across, in that part of an eye's width at its end, a line goes down
steeply."""

_BAND = 0.3
"""Most of an eye's height that its upper line is thick."""


_DRAWN = 1024
"""Pixels across that a bow is drawn with at most before it is made smaller: its ends may be steep."""


def line_of(
    inside: Picture,
    box: Rect,
    upper: F64,
    lower: F64,
    reach: int,
    *,
    is_alone: bool = True,
    darkest: float = 255.0,
) -> tuple[Picture, F64, F64, F64 | None]:
    """The dark line near the upper edge of an eye, how thick it is, where its own upper edge lies, and its
    lower one as of `Opening.under`.

    It is taken as it is drawn where it runs smoothly along the edge, and the eye `is_alone` in the picture,
    without hair or glasses over it; else one of its colour is drawn. What is lighter than `darkest`, 0..255,
    is none: a shade on the white, say.
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
    bright = bright if dark <= darkest else dark
    is_line = drawn & (light <= dark + 0.4 * (bright - dark))
    ends = np.flatnonzero(columns)
    for column in ends:
        top = max(0, round(upper[column]))
        is_corner = min(column - ends[0], ends[-1] - column) <= _CORNER * (ends[-1] - ends[0])
        run = is_line[top : top + round((0.62 if is_corner else 0.45) * height) + 2, column]
        if run.any():
            first = int(run.argmax())
            rest = ~run[first:]
            start[column], thick[column] = top + first, rest.argmax() if rest.any() else len(rest)
            if is_corner:  # lashes stand off: what lies below them, with nothing between, is the line as well
                rest &= drawn[top : top + len(run), column][first:]
                end = int(rest.argmax()) if rest.any() else len(rest)
                thick[column] = int(np.flatnonzero(run[first:][:end])[-1]) + 1
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
    is_steep = np.nan_to_num(thick) > _STEEP * np.median(thick[known])
    wide = known[-1] - known[0]
    is_corner = ((apart <= _CORNER * wide) & is_steep) | ((apart <= _TIP * wide) & ~np.isnan(start))
    under = np.where(is_corner, start + thick + 1, -np.inf)
    at_edge = start[known] - upper[known]
    if is_alone and np.median(at_edge) <= 2 and np.percentile(at_edge, 80) < 0.1 * height:
        # At the corners, where it is steep, it is no thicker than elsewhere, and comes to a point.
        most = min(most, max(least, 1.3 * float(np.median(thick[known]))))
        share = np.clip((np.arange(box.width) - known[0] + 0.5) / (known[-1] + 1 - known[0]), 0.0, 1.0)
        point = np.clip(4 * share * (1 - share), 0.04, 1) ** 0.3
        band = np.clip(smoothed(thick, reach), least, np.maximum(least, most * point))
        return _dark(kept_above(inside, box, upper + band), dark, bright), band, upper, under
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


def _dark(picture: Picture, dark: float, bright: float) -> Picture:
    """What of a line is dark, without the white or the iris that its edge is mixed with."""
    pixels = picture.pixels.copy()
    light = pixels[..., :3].astype(np.float64) @ (0.299, 0.587, 0.114)
    share = np.clip((dark + 0.7 * (bright - dark) - light) / (0.3 * (bright - dark)), 0.0, 1.0)
    mixed = (share < 1) & (pixels[..., 3] > 0)
    pure = (share >= 1) & seen(pixels[..., 3])
    if pure.any():
        pixels[mixed, :3] = np.median(pixels[pure][:, :3], axis=0)
    pixels[..., 3] = np.rint(pixels[..., 3] * share)
    return Picture(pixels, picture.offset)


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
        inner = near & (above > np.percentile(above[near], 20))  # tips of lashes stand out
        near = inner if inner.any() else near  # of a level line all are as high
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


def measured(lashes: Picture, box: Rect, upper: F64, span: tuple[int, int]) -> tuple[float, float]:
    """How far the middle of the line of lashes lies below `upper`, (w,) rows of the box, and how thick it is,
    in pixels: in the middle of its columns, and without a shade that is lighter."""
    quarter = max(1, (span[1] - span[0]) // 4)
    inner = slice(span[0] + quarter, span[1] - quarter)
    wide = inner.stop - inner.start
    if wide < 1:
        return 0.0, 2.0
    pixels = lashes.within(Rect(box.x + inner.start, box.y, wide, box.height))
    is_line = seen(pixels[..., 3])
    if not is_line.any():
        return 0.0, 2.0
    light = pixels[..., :3].astype(np.float64) @ (0.299, 0.587, 0.114)
    dark, bright = np.percentile(light[is_line], (5, 95))
    if bright - dark > 40:
        is_line &= light <= dark + 0.5 * (bright - dark)
    top, bottom = runs(is_line)
    known = ~np.isnan(top)
    if not known.any():
        return 0.0, 2.0
    below = float(np.median(((top + bottom) / 2 - upper[inner])[known]))
    return below, max(2.0, float(np.median((bottom - top)[known])))


def ends_steeply(lashes: Picture, box: Rect, upper: F64, span: tuple[int, int]) -> bool:
    """Whether the line of lashes goes down steeply at one of its ends. `upper`, `span`: as of `measured`."""
    top, low = edges(lashes.within(box)[..., 3])
    columns = np.flatnonzero(~np.isnan(top))
    near = max(2, round(_END * (span[1] - span[0])))
    if len(columns) < 2 * near:
        return False
    _, thick = measured(lashes, box, upper, span)
    downs = (low[columns[end]] - thick - top[columns[inner]] for end, inner in ((0, near), (-1, -1 - near)))
    return bool(max(downs) > _STEEPLY * near)


def bow(lashes: Picture, box: Rect, centre: F64, thick: float, ends: tuple[int, int]) -> Picture:
    """The line of lashes drawn anew along `centre`, (w,) rows of the box: in its colour, so many pixels thick
    in its middle, and tapered from there to both `ends`, columns of the box."""
    colour = ink(lashes.within(box))
    if colour is None:
        return EMPTY
    first, stop = ends
    finer = int(np.clip(_DRAWN // box.width, 1, 4))
    columns = (np.arange(box.width * finer) + 0.5) / finer
    share = np.clip((columns - first) / (stop - first), 0.0, 1.0)
    along = np.interp(columns, np.arange(box.width) + 0.5, centre)
    # As thick across itself at the ends, which are steep, as it would be if they were not.
    half = 0.5 * thick * np.sqrt(4 * share * (1 - share)) * np.sqrt(1 + np.gradient(along, 1 / finer) ** 2)
    line = one_colour(box.height, finer, along - half, along + half, colour)
    return Picture(line.pixels, (line.offset[0] + box.x, line.offset[1] + box.y))  # beyond the canvas as well


def ink(pixels: U8) -> F64 | None:
    """(3,) the colour of a line, 0..255: that of its darker half; None where nothing is drawn."""
    drawn = pixels[pixels[..., 3] >= 128][:, :3].astype(np.float64)
    if not len(drawn):
        return None
    light = drawn @ (0.299, 0.587, 0.114)
    found: F64 = np.median(drawn[light <= np.median(light)], axis=0)
    return found
