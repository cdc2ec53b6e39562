"""Pictures of mouths made from other pictures of them: shut, and drawn open from the line of the lips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mien.importing.fine_drawing import colours
from mien.importing.flatten import Picture
from mien.importing.mouth_curves import Outline, outline_of
from mien.importing.warping import stretched
from mien.types import F64


def is_open(picture: Picture) -> bool:
    """Whether a mouth looks open: as high as a good part of its width, and filled. A line that curves, or has
    the shade of a lip below it, is as high and is shut."""
    filled = float((picture.pixels[..., 3] > 128).mean()) if picture.pixels.size else 0.0
    return picture.box.height > 0.42 * picture.box.width and filled > 0.56


@dataclass(frozen=True, slots=True)
class Shape:
    """How a mouth that speaks is drawn."""

    across: float
    """Its width, against that of the shut one."""
    drop: float
    """Its height, against that of the one that is open widest."""
    above: float
    """How much of that lies above its corners."""
    power: float
    """How full it is: 0.5 for an ellipse."""
    teeth: float
    """How far the upper teeth come down, of its height; 1 for teeth that are together."""
    tongue: float
    """How high the tongue lies, of its height."""

    @property
    def is_round(self) -> bool:
        """Whether it has no corners."""
        return self.power <= 0.5


@dataclass(frozen=True, slots=True)
class Bows:
    """The lips of an open mouth, each in one bow from corner to corner."""

    lift: float
    """How much higher its corners are than they would be on a straight line, of its width."""
    above: float
    """How much of its height lies above that line in the middle."""
    full: tuple[float, float]
    """Of the upper and the lower lip how full the bow is: 0.5 for half an ellipse, 1 for a parabola, with
    which a lip that bends against its bow has no dent."""


SHAPES: Final[Mapping[str, Shape]] = {
    "aa": Shape(1.0, 1.0, 0.12, 0.6, 0.2, 0.38),
    "E": Shape(1.06, 0.62, 0.1, 0.6, 0.32, 0.34),
    "I": Shape(1.1, 0.42, 0.12, 0.6, 0.5, 0.0),
    "O": Shape(0.52, 0.95, 0.45, 0.5, 0.0, 0.28),
    "U": Shape(0.36, 0.58, 0.45, 0.5, 0.0, 0.0),
    "SS": Shape(1.04, 0.3, 0.2, 0.6, 1.0, 0.0),
    "FF": Shape(0.8, 0.3, 0.4, 0.6, 0.85, 0.0),  # upper teeth alone, on the lower lip
    "nn": Shape(0.92, 0.4, 0.15, 0.6, 0.36, 0.5),
}
"""Mouths that are drawn from a line, by what they say."""

_DEEP: Final = np.asarray((112.0, 30.0, 42.0))
_TONGUE: Final = np.asarray((214.0, 108.0, 112.0))
_TEETH: Final = np.asarray((255.0, 250.0, 245.0))
"""Colours of what is in a mouth, 0..255."""

_DRAWN: Final = 640
"""Pixels across that a mouth is drawn with at most before it is made smaller."""

_RISE: Final = 0.18
"""Of the height of the widest, how far an upper lip rises at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A mouth that is a line."""

    picture: Picture
    outline: Outline | None
    """Of it; None where hardly anything is drawn."""
    ink: F64
    """(3,) its colour, 0..255."""

    @classmethod
    def of(cls, picture: Picture) -> Line:
        """The line that a picture shows."""
        picture = picture.trimmed_to_itself()
        return cls(picture, outline_of(picture), _ink(picture))


def opened(line: Line, room: float, shape: Shape = SHAPES["aa"], bows: Bows | None = None) -> Picture:
    """A mouth that is a line, drawn open: the line along both lips, and what is inside between them.

    `room`: how far down the lower lip may go, in pixels. `bows`: how its lips lie, whatever the line is like;
    None: as that does.
    """
    if line.outline is None:  # hardly anything is drawn
        own, high = line.picture.box, np.full(max(1, line.picture.box.width), 2.0)
        centre = np.full(len(high), line.picture.box.height / 2)
    else:
        own, centre = line.outline.box, line.outline.centre
        high = (line.outline.lower - line.outline.upper) / np.sqrt(
            1 + np.gradient(centre) ** 2
        )  # across itself
    full = float(np.clip(0.5 * own.width, 8, max(8.0, room)))
    half = float(np.clip(np.median(high) / 2, 1.0, max(1.0, 0.05 * own.width)))
    bent = _as_line(centre, shape) if bows is None else _as_bows(centre, shape, bows)
    sink = max(0.0, bent.above * shape.drop - _RISE) * full
    lips = replace(
        bent, middle=own.x + own.width / 2, reach=shape.across * max(1, own.width) / 2, top=own.y + sink
    )
    return _drawn(lips, shape, shape.drop * full, half, line.ink)


@dataclass(frozen=True, slots=True, eq=False)
class _Lips:
    """Where an open mouth lies."""

    lines: tuple[F64, F64]
    """Rows below `top` of what the upper and the lower lip bow away from, from corner to corner."""
    above: float
    full: tuple[float, float]
    """As of `Bows`."""
    middle: float = 0.0
    reach: float = 1.0
    top: float = 0.0
    """Its middle and half of its width, and the row that its lines are measured from, in pixels."""

    def around(self, x: F64, drop: float, grown: float) -> tuple[F64, F64]:
        """Rows of the upper and the lower lip at places, so many pixels outside of the opening."""
        along = (x - self.middle) / max(1.0, self.reach + grown)
        share = np.clip((x - self.middle) / (2 * self.reach) + 0.5, 0, 1)
        upper, lower = (
            self.top + np.interp(share * len(line), np.arange(len(line)) + 0.5, line) for line in self.lines
        )
        bows = [np.maximum(0.0, 1 - along**2) ** power for power in self.full]
        up, down = self.above * drop + grown, (1 - self.above) * drop + grown
        return upper - up * bows[0], lower + down * bows[1]


def _as_line(centre: F64, shape: Shape) -> _Lips:
    """Lips that lie as a line does: the upper one as it is, the lower one without its waves."""
    straight, bow = _chord(centre)
    power = shape.power, shape.power
    if shape.is_round:
        level = np.full(len(centre), float(straight.mean()))
        return _Lips((level, level), shape.above, power)
    bent = straight + 0.45 * (centre - straight)
    depth = float(np.dot(centre - straight, bow)) / max(1e-6, float(np.dot(bow, bow)))
    return _Lips((bent, straight + 0.45 * depth * bow), shape.above, power)


def _as_bows(centre: F64, shape: Shape, bows: Bows) -> _Lips:
    """Lips in one bow each, on average as high as a line."""
    straight, bow = _chord(centre)
    tilt = 0.0 if shape.is_round else straight - straight.mean()
    line = tilt + centre.mean() + bows.lift * len(centre) * (bow - bow.mean())
    return _Lips((line, line), bows.above, bows.full)


def _chord(line: F64) -> tuple[F64, F64]:
    """The straight line between the ends of a line, and a parabola: 0 at its ends, 1 in the middle."""
    share = np.linspace(0.0, 1.0, len(line))
    return np.interp(share, (0.0, 1.0), (line[0], line[-1])), 4 * share * (1 - share)


def _drawn(lips: _Lips, shape: Shape, drop: float, half: float, ink: F64) -> Picture:
    """A mouth; `half`: half of how thick the line of its lips is. Drawn larger, and made smaller: its sides
    are steep."""
    finer = int(np.clip(_DRAWN // (2 * lips.reach), 1, 4))
    x = int(np.floor(lips.middle - lips.reach - half)) - 1
    wide = int(2 * (lips.reach + half)) + 4
    columns = x + (np.arange(wide * finer) + 0.5) / finer
    above, below = lips.around(columns, drop, half)
    y = int(np.floor(np.min(above))) - 1
    high = int(np.ceil(np.max(below))) + 1 - y

    def within(grown: float) -> tuple[F64, F64]:
        upper, lower = lips.around(columns, drop, grown)
        return (upper - y) * finer, (lower - y) * finer

    outer, (top, bottom) = within(half), within(-half)
    along = (columns - lips.middle) / lips.reach
    parts = [(*outer, ink), (top, bottom, 0.45 * ink + 0.55 * _DEEP)]
    if shape.tongue:
        bow = np.sqrt(np.maximum(0.0, 1 - (along / 0.72) ** 2))
        tongue = np.maximum(bottom - shape.tongue * drop * finer * bow, top)
        parts.append((tongue, bottom, 0.25 * ink + 0.75 * _TONGUE))
    white = 0.05 * ink + 0.95 * _TEETH
    if shape.teeth >= 1:
        parts.append((top, bottom, white))
        middle, thin = (top + bottom) / 2, 0.35 * half * finer * (np.abs(along) < 0.84)
        parts.append((middle - thin, middle + thin, 0.5 * ink + 0.5 * white))
    elif shape.teeth:
        bow = np.maximum(0.0, 1 - (along / 0.92) ** 2) ** 0.35
        teeth = np.minimum(top + shape.teeth * drop * finer * bow, bottom)
        parts.append((top, np.maximum(top, teeth), white))
    return Picture(colours((high, wide), finer, parts), (x, y)).trimmed_to_itself()


def shut(picture: Picture) -> Picture:
    """An open mouth as a line: squeezed about a place in its upper half."""
    box = picture.box
    thin = max(3.0, 0.09 * box.width)
    about = box.x + box.width / 2, box.y + 0.4 * box.height
    return stretched(picture, 0.92, min(1.0, thin / max(1, box.height)), about)


def _ink(line: Picture) -> F64:
    """The colour of a line: its darker half."""
    drawn = line.pixels[line.pixels[..., 3] >= 128][:, :3].astype(np.float64)
    if not len(drawn):
        return np.asarray((90.0, 40.0, 45.0))
    light = drawn @ (0.299, 0.587, 0.114)
    found: F64 = drawn[light <= np.median(light)].mean(axis=0)
    return found
