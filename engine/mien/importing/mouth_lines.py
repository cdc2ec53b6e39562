"""Mouths that are a line: the line drawn anew, and the stem of a muzzle that it hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.importing.fine_drawing import one_colour
from mien.importing.flatten import EMPTY, Picture, over
from mien.importing.mouth_curves import Outline, along_lips, outline_of
from mien.importing.warping import edges, smoothed
from mien.types import F64

_DRAWN: Final = 640
"""Pixels across that a line is drawn with at most before it is made smaller."""

_THICK: Final = 0.2
"""Of its width, how thick a mouth is at most that is a line."""

_PLAIN: Final = 40.0
"""How much lighter than its darkest parts a line of one colour is anywhere at most, 0..255."""

_END: Final = 24
"""Which part of a line at either end is taken to go on as it does next to it."""

_TALL: Final = 3.0
_TALL_LEAST: Final = 0.1
"""How many times as high as it mostly is a shut mouth is in the columns of a stem, and that of its width, at
least."""

_STEM: Final = 0.45
"""Of its width, how wide a stem is at most: one that ends in a nose."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A shut mouth that is nothing but a line of one colour."""

    outline: Outline
    centre: F64
    """(w,) rows of the outline's box, by parts of a pixel."""
    thick: F64
    """(w,) pixels across itself, at both of its ends alike."""
    ink: F64
    """(3,) its colour, 0..255."""

    def bent(self, lift: float, waves: float) -> Picture:
        """The same with its corners higher or lower, drawn anew.

        `lift`: as of `Outline.lift`. `waves`: how much it differs from a plain bow, of what it does now; 0
        for one that is a plain bow.
        """
        across, width = self.outline.across, self.outline.box.width
        plain = np.polynomial.Polynomial.fit(across, self.centre, 2)(across)
        tilt = np.polynomial.Polynomial.fit(across, self.centre, 1)(across)
        squares = across**2
        new = tilt + waves * (self.centre - plain) - lift * width * (squares - squares.mean())
        moved = self.outline.upper + new - self.centre, self.outline.lower + new - self.centre
        return over([along_lips(self.outline, moved), self._drawn(new)])

    def _drawn(self, centre: F64) -> Picture:
        """The line along rows of the box, with round ends. Drawn larger, and made smaller."""
        box = self.outline.box
        finer = int(np.clip(_DRAWN // box.width, 1, 4))
        columns = (np.arange(box.width * finer) + 0.5) / finer
        places = np.arange(box.width) + 0.5
        rows, half = np.interp(columns, places, centre), np.interp(columns, places, self.thick) / 2
        end = np.clip(np.minimum(columns, box.width - columns) / np.maximum(half, 1e-3), 0.0, 1.0)
        half = half * np.sqrt(1 - (1 - end) ** 2) * np.sqrt(1 + np.gradient(rows, 1 / finer) ** 2)
        top = int(np.floor(np.min(rows - half))) - 1
        bottom = int(np.ceil(np.max(rows + half))) + 1
        line = one_colour(bottom - top, finer, rows - half - top, rows + half - top, self.ink)
        return Picture(line.pixels, (line.offset[0] + box.x, line.offset[1] + box.y + top))


def line_of(outline: Outline) -> Line | None:
    """A shut mouth as a line; None where it is more than that: lips in a colour of their own, say."""
    box = outline.box
    alpha = outline.body.within(box)[..., 3] / 255.0
    down = alpha.sum(axis=0)
    if not outline.is_shut or not (down > 0).all():
        return None
    own = outline.body.pixels[outline.body.pixels[..., 3] > 200][:, :3].astype(np.float64)
    if not len(own):
        return None
    dark, bright = np.percentile(own @ (0.299, 0.587, 0.114), (5, 95))
    reach = max(1, box.width // 24)
    middle = (alpha * (np.arange(box.height) + 0.5)[:, None]).sum(axis=0) / down
    centre = _extended(smoothed(middle, reach))
    thick = smoothed(down / np.sqrt(1 + np.gradient(centre) ** 2), reach)
    if bright - dark > _PLAIN or float(thick.max()) > _THICK * box.width:
        return None
    gaps = outline.lower - outline.upper - down
    if float(np.median(gaps)) > 2:  # not filled
        return None
    return Line(outline, centre, (thick + thick[::-1]) / 2, np.median(own, axis=0))


def without_stem(picture: Picture) -> tuple[Picture, Picture]:
    """A shut mouth without the stem that it hangs on, up to the nose, and that stem, which may be empty: of a
    muzzle they are often drawn as one."""
    outline = outline_of(picture)
    if outline is None or not outline.is_shut:
        return picture, EMPTY
    box = outline.box
    upper, lower = edges(outline.body.within(box)[..., 3])
    high = lower - upper
    most = max(_TALL * float(np.nanmedian(high)), _TALL_LEAST * box.width)
    tall = np.flatnonzero(high > most)
    if not len(tall) or tall[-1] + 1 - tall[0] > _STEM * box.width:
        return picture, EMPTY
    first, stop = int(tall[0]) - 2, int(tall[-1]) + 3
    if first < 0.15 * box.width or stop > 0.85 * box.width:
        return picture, EMPTY
    columns = np.arange(first, stop)
    top, bottom = (np.interp(columns, (first - 1, stop), line[[first - 1, stop]]) for line in (upper, lower))
    if float(np.max(lower[first:stop] - bottom)) > most / 2:  # it goes on below
        return picture, EMPTY
    whole = picture.within(box)
    stem = np.zeros_like(whole)
    above = np.arange(box.height)[:, None] < np.floor(top)
    stem[:, first:stop][above] = whole[:, first:stop][above]
    rest = picture.pixels.copy()
    rest[box.y - picture.offset[1] :, box.x - picture.offset[0] :][: box.height, : box.width][
        stem[..., 3] > 0
    ] = 0
    return (
        Picture(rest, picture.offset).trimmed_to_itself(),
        Picture(stem, (box.x, box.y)).trimmed_to_itself(),
    )


def hung(picture: Picture, stem: Picture) -> Picture:
    """A mouth with the stem that it hangs on: that stays where it is, and the mouth goes up to it."""
    if stem.is_empty or picture.is_empty:
        return picture
    columns = np.flatnonzero(stem.pixels[-1, :, 3] > 0) + stem.offset[0]
    column = int(np.clip(np.median(columns) - picture.offset[0], 0, picture.box.width - 1))
    drawn = np.flatnonzero(picture.pixels[:, column, 3] > 128)
    if not len(drawn):
        return picture
    # As far as into the lip.
    high = int(drawn[0]) + picture.offset[1] + 2 - stem.offset[1]
    up = max(0, high - len(stem.pixels))
    foot = Picture(stem.pixels[: max(0, high)], stem.offset)
    return over([foot, Picture(picture.pixels, (picture.offset[0], picture.offset[1] - up))])


def _extended(line: F64) -> F64:
    """A line by columns whose ends go on as it does next to them: where it is cut off across, half of it is
    there."""
    end = max(2, len(line) // _END)
    columns = np.arange(len(line))
    out = line.copy()
    for ends, near in ((slice(0, end), slice(end, 3 * end)), (slice(-end, None), slice(-3 * end, -end))):
        if len(columns[near]) > 1:
            out[ends] = np.polynomial.Polynomial.fit(columns[near], line[near], 1)(columns[ends])
    return out
