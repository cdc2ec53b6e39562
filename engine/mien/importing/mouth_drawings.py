"""Pictures of mouths made from other pictures of them: shut, and drawn open from the line of the lips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.importing.flatten import Picture, over
from mien.importing.mouth_curves import outline_of
from mien.importing.warping import filled, stretched
from mien.types import F64, Rect


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


def opened(line: Picture, room: float, shape: Shape = SHAPES["aa"]) -> Picture:
    """A mouth that is a line, drawn open: the line along both lips, and what is inside between them.

    `room`: how far down the lower lip may go, in pixels.
    """
    line = line.trimmed_to_itself()
    outline = outline_of(line)
    if outline is None:  # hardly anything is drawn
        own, high = line.box, np.full(max(1, line.box.width), 2.0)
        centre = np.full(len(high), line.box.height / 2)
    else:
        own, centre, high = outline.box, outline.centre, outline.lower - outline.upper
    full = float(np.clip(0.5 * own.width, 8, max(8.0, room)))
    half = float(np.clip(np.median(high) / 2, 1.0, max(1.0, 0.05 * own.width)))
    sink = max(0.0, shape.above * shape.drop - _RISE) * full
    bend = 0.0 if shape.power <= 0.5 else 0.45  # a round mouth has no corners
    reach = shape.across * max(1, own.width) / 2
    lips = _Lips(own.x + own.width / 2, reach, own.y + sink, _flattened(centre, bend))
    return _drawn(lips, shape, shape.drop * full, half, _ink(line))


@dataclass(frozen=True, slots=True, eq=False)
class _Lips:
    """Where an open mouth lies: its middle and half of its width, in pixels, and what its corners lie on."""

    middle: float
    reach: float
    top: float
    line: F64
    """Rows below `top` of the shut mouth, from corner to corner."""

    def around(self, x: F64, shape: Shape, drop: float, grown: float) -> tuple[F64, F64]:
        """Rows of the upper and the lower lip at places, so many pixels outside of the opening."""
        along = (x - self.middle) / max(1.0, self.reach + grown)
        bow = np.maximum(0.0, 1 - along**2) ** shape.power
        share = np.clip((x - self.middle) / (2 * self.reach) + 0.5, 0, 1)
        base = self.top + np.interp(share * len(self.line), np.arange(len(self.line)) + 0.5, self.line)
        up, down = shape.above * drop + grown, (1 - shape.above) * drop + grown
        return base - np.maximum(0.0, up) * bow, base + np.maximum(0.0, down) * bow


def _drawn(lips: _Lips, shape: Shape, drop: float, half: float, ink: F64) -> Picture:
    """A mouth; `half`: half of how thick the line of its lips is. Drawn larger, and made smaller: its sides
    are steep."""
    finer = int(np.clip(_DRAWN // (2 * lips.reach), 1, 4))
    x = int(np.floor(lips.middle - lips.reach - half)) - 1
    y = int(np.floor(lips.top + np.min(lips.line) - shape.above * drop - half)) - 1
    wide = int(2 * (lips.reach + half)) + 4
    high = int(np.ptp(lips.line) + drop + 2 * half) + 4
    box = Rect(0, 0, wide * finer, high * finer)
    columns = x + (np.arange(box.width) + 0.5) / finer

    def within(grown: float) -> tuple[F64, F64]:
        upper, lower = lips.around(columns, shape, drop, grown)
        return (upper - y) * finer, (lower - y) * finer

    outer, (top, bottom) = within(half), within(-half)
    along = (columns - lips.middle) / lips.reach
    parts = [filled(box, *outer, ink), filled(box, top, bottom, 0.45 * ink + 0.55 * _DEEP)]
    if shape.tongue:
        bow = np.sqrt(np.maximum(0.0, 1 - (along / 0.72) ** 2))
        tongue = np.maximum(bottom - shape.tongue * drop * finer * bow, top)
        parts.append(filled(box, tongue, bottom, 0.25 * ink + 0.75 * _TONGUE))
    white = 0.05 * ink + 0.95 * _TEETH
    if shape.teeth >= 1:
        parts.append(filled(box, top, bottom, white))
        middle, thin = (top + bottom) / 2, 0.35 * half * finer * (np.abs(along) < 0.84)
        parts.append(filled(box, middle - thin, middle + thin, 0.5 * ink + 0.5 * white))
    elif shape.teeth:
        bow = np.maximum(0.0, 1 - (along / 0.92) ** 2) ** 0.35
        teeth = np.minimum(top + shape.teeth * drop * finer * bow, bottom)
        parts.append(filled(box, top, np.maximum(top, teeth), white))
    small = stretched(over(parts), 1 / finer, 1 / finer, (0.0, 0.0))
    return Picture(small.pixels, (small.offset[0] + x, small.offset[1] + y)).trimmed_to_itself()


def shut(picture: Picture) -> Picture:
    """An open mouth as a line: squeezed about a place in its upper half."""
    box = picture.box
    thin = max(3.0, 0.09 * box.width)
    about = box.x + box.width / 2, box.y + 0.4 * box.height
    return stretched(picture, 0.92, min(1.0, thin / max(1, box.height)), about)


def _flattened(line: F64, share: float) -> F64:
    """A line with less of its bend."""
    straight: F64 = np.interp(np.arange(len(line)), [0, len(line) - 1], [line[0], line[-1]])
    return straight + share * (line - straight)


def _ink(line: Picture) -> F64:
    """The colour of a line: its darker half."""
    drawn = line.pixels[line.pixels[..., 3] >= 128][:, :3].astype(np.float64)
    if not len(drawn):
        return np.asarray((90.0, 40.0, 45.0))
    light = drawn @ (0.299, 0.587, 0.114)
    found: F64 = drawn[light <= np.median(light)].mean(axis=0)
    return found
