"""How a mouth bends, measured on what is drawn, and the same mouth bent as another one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mien.importing.flatten import Picture, over
from mien.importing.warping import SEEN, filled, laid_between, runs, seen, smoothed, stretched
from mien.types import F64, Bools, Rect

_LINE: Final = 0.3
"""Of its width, how high a shut mouth is at most in most of its columns: what is higher is open."""

_ROUND: Final = 0.75
"""Of its width, how high a mouth is at least that is round."""

_INNER: Final = 0.96
"""How much of its width is measured: at its very ends hardly anything is drawn."""

_PARTS: Final = 4
"""Parts of a picture that are looked at for the one that is the mouth."""

_SOFT: Final = 2
"""Pixels around a drawing that its soft edge takes."""


_SOLID: Final = 250
"""Alpha from which a pixel is all of a mouth."""

_CRISP: Final = 4
"""Pixels that are partly a mouth for each at its upper or lower edge, at most, where its edges are sharp."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A mouth, and what it covers column by column."""

    box: Rect
    upper: F64
    lower: F64
    """(w,) rows of the box in which it begins, and past which it ends; of a shut one those of its line."""
    is_shut: bool
    body: Picture
    others: Picture
    """What of the picture hangs together with it, and what doesn't: the shade of a lip, a crease of the
    chin."""

    @property
    def across(self) -> F64:
        """(w,) places along it, -1..1."""
        return 2 * (np.arange(self.box.width) + 0.5) / self.box.width - 1

    @property
    def centre(self) -> F64:
        """(w,) rows of its middle."""
        return (self.upper + self.lower) / 2

    @property
    def height(self) -> F64:
        """(w,) rows that it is higher than at its ends."""
        high = self.lower - self.upper
        end = max(1, self.box.width // 20)
        found: F64 = np.maximum(0.0, high - min(high[:end].mean(), high[-end:].mean()))
        return found

    @property
    def is_round(self) -> bool:
        """Whether it is open, and hardly wider than high."""
        return not self.is_shut and float(np.max(self.lower - self.upper)) > _ROUND * self.box.width

    @property
    def lift(self) -> float:
        """How much higher the corners of a shut mouth are than its middle, of its width."""
        return -self._fitted(self.across**2) / self.box.width

    @property
    def hang(self) -> float:
        """How far the middle of an open mouth lies below the line between its corners, of its height: 0.5
        where its upper edge is straight, -0.5 where its lower one is."""
        return self._fitted(self.height) if self.height.max() > 0 else 0.0

    def stretched(self, across: float) -> Outline:
        """The same wider or narrower about its middle; what doesn't hang together with it stays."""
        width = max(4, round(across * self.box.width))
        middle = self.box.x + self.box.width / 2
        box = Rect(round(middle - width / 2), self.box.y, width, self.box.height)
        places = (box.x + np.arange(width) + 0.5 - middle) / across + self.box.width / 2 - 0.5
        upper, lower = (np.interp(places, np.arange(len(line)), line) for line in (self.upper, self.lower))
        body = stretched(self.body, across, 1.0, (middle, 0.0))
        return replace(self, box=box, upper=upper, lower=lower, body=body)

    def _fitted(self, shape: F64) -> float:
        """How much of a shape is in the centre line beside a straight one."""
        inner = np.abs(self.across) <= _INNER
        terms = np.stack((np.ones(self.box.width), self.across, shape), axis=1)
        weights = np.ones(self.box.width) if self.is_shut else 0.1 + self.height
        scaled = terms[inner] * weights[inner, None]
        fitted, *_rest = np.linalg.lstsq(scaled, self.centre[inner] * weights[inner], rcond=None)
        return float(fitted[2])


def outline_of(picture: Picture, *, may_be_shut: bool = True) -> Outline | None:
    """What a mouth covers; None where hardly anything is drawn.

    Of a shut one it is its line: lips are lighter than that. `may_be_shut`: False for one that speaks,
    however flat it is.
    """
    picture = picture.trimmed_to_itself()
    drawn = seen(picture.pixels[..., 3]) if picture.pixels.size else np.zeros((0, 0), bool)
    if not drawn.any():
        return None
    upper, lower = _joined(drawn)
    body = _between(drawn.shape, upper, lower)
    is_shut = may_be_shut and float(np.nanpercentile(lower - upper, 80)) < _LINE * len(upper)
    if is_shut:
        light = picture.pixels[..., :3].astype(np.float64) @ (0.299, 0.587, 0.114)
        dark, bright = np.percentile(light[drawn & body], (5, 95))
        if bright - dark > 40:
            upper, lower = _joined(drawn & body & (light <= dark + 0.5 * (bright - dark)))
    columns = np.flatnonzero(~np.isnan(upper))
    if len(columns) < 4:
        return None
    span = slice(int(columns[0]), int(columns[-1]) + 1)
    reach = max(1, (span.stop - span.start) // 24)
    box = Rect(picture.box.x + span.start, picture.box.y, span.stop - span.start, picture.box.height)
    lines = smoothed(upper[span], reach), smoothed(lower[span], reach)
    return Outline(box, *lines, is_shut, _only(picture, body), _only(picture, ~body))


def _joined(drawn: Bools) -> tuple[F64, F64]:
    """As `runs`, of what hangs together from column to column: of several such the largest."""
    left, total = drawn.copy(), int(drawn.sum())
    found: list[tuple[float, F64, F64]] = []
    for _ in range(_PARTS):
        upper, lower = _from_tallest(left)
        area = float(np.nansum(lower - upper))
        found.append((area, upper, lower))
        if area > 0.5 * total or not area:
            break
        rows = np.arange(len(left))[:, None]
        left &= ~((rows >= upper) & (rows < lower))
    _, upper, lower = max(found, key=lambda one: one[0])
    return upper, lower


def _from_tallest(drawn: Bools) -> tuple[F64, F64]:
    """What hangs together with the longest run of a column."""
    upper, lower = runs(drawn)
    known = np.flatnonzero(~np.isnan(upper))
    first, last = np.full(len(upper), np.nan), np.full(len(upper), np.nan)
    if not len(known):
        return first, last
    start = int(known[np.argmax((lower - upper)[known])])
    first[start], last[start] = upper[start], lower[start]
    gap = max(2, len(upper) // 20)
    for columns in (range(start + 1, len(upper)), range(start - 1, -1, -1)):
        near = start
        for column in columns:
            ends = np.flatnonzero(np.diff(drawn[:, column], prepend=False, append=False))
            shared = np.minimum(ends[1::2], last[near] + 1) - np.maximum(ends[::2], first[near] - 1)
            if len(shared) and shared.max() > 0:
                best = 2 * int(shared.argmax())
                first[column], last[column] = ends[best], ends[best + 1]
                near = column
            elif abs(column - near) > gap:
                break
    return first, last


def _between(shape: tuple[int, ...], upper: F64, lower: F64) -> Bools:
    """(h, w): what lies between two lines, with its soft edge."""
    padded = np.pad(np.stack((upper, -lower)), ((0, 0), (_SOFT, _SOFT)), constant_values=np.nan)
    near = np.stack([padded[:, at : at + shape[1]] for at in range(2 * _SOFT + 1)])
    highest = np.where(np.isnan(near), np.inf, near).min(axis=0)
    rows = np.arange(shape[0])[:, None]
    found: Bools = (rows >= highest[0] - _SOFT) & (rows < -highest[1] + _SOFT)
    return found


def _only(picture: Picture, mask: Bools) -> Picture:
    pixels = picture.pixels.copy()
    pixels[~mask] = 0
    return Picture(pixels, picture.offset).trimmed_to_itself()


def bent(outline: Outline, lift: float, hang: float, down: float = 1.0, border: float = 0.0) -> Picture:
    """A mouth that lies otherwise.

    `lift`: how much higher its corners are than the middle, of its width; `hang`, of an open one: as of
    `Outline.hang`. `down`: how high it is, against what it was; `border`: rows at its upper and lower edge
    that stay as high as they are, where its outline is drawn. What doesn't hang together with it keeps its
    shape.
    """
    width = outline.box.width
    squares = outline.across**2
    high = outline.lower - outline.upper
    if outline.is_shut:
        shift = -(lift - outline.lift) * width * squares
    else:
        shift = (hang * down - outline.hang) * outline.height - lift * width * squares
        lower = high * down
        # Ends that are blunt are rounded, or they would have corners above and below.
        round_end = float(lower.max()) * np.sqrt(1 - squares)
        high = np.maximum(np.minimum(np.minimum(high, 2 * border), round_end), lower)
        # Blunt ends, which stay as high, hang from an upper lip that is straight.
        shift += max(0.0, 2 * hang - 0.5) * (high - lower)
    # What is less high is so by its lower lip.
    shift -= float(shift.mean()) + 0.25 * float(np.max(outline.lower - outline.upper - high))
    middle = outline.centre + shift
    new = middle - high / 2, middle + high / 2
    body = laid_between(outline.body, outline.box, (outline.upper, outline.lower), new, border)
    if not (outline.is_shut or outline.is_round):
        body = _cut_clean(body, outline.box, new)
    return over([along_lips(outline, new), body])


def bowed(outline: Outline, lift: float, above: float, full: tuple[float, float], border: float) -> Picture:
    """An open mouth with each lip in one bow from corner to corner, whatever its own corners are like.

    `lift`: how much higher its corners are than they would be on a straight line, of its width. `above`: how
    much of its height lies above that line in the middle. `full`: of the upper and the lower lip how full the
    bow is, 0.5 for half an ellipse, 1 for a parabola, with which a lip that bends against its bow has no
    dent. `border`: as of `bent`.
    """
    squares = outline.across**2
    inner = np.abs(outline.across) <= _INNER
    chord = np.polyval(np.polyfit(outline.across[inner], outline.centre[inner], 1), outline.across)
    high = float(np.max(outline.lower - outline.upper))
    bows = [np.maximum(0.0, 1 - squares) ** power for power in full]
    corners = chord - lift * outline.box.width * squares
    new = corners - above * high * bows[0], corners + (1 - above) * high * bows[1]
    # It stays where it was: its middle, and what is drawn of it.
    by = float((outline.centre - (new[0] + new[1]) / 2)[inner].mean())
    new = new[0] + by, new[1] + by
    body = laid_between(outline.body, outline.box, (outline.upper, outline.lower), new, border)
    return over([along_lips(outline, new), _cut_clean(body, outline.box, new)])


def _cut_clean(body: Picture, box: Rect, lips: tuple[F64, F64]) -> Picture:
    """An open mouth with its edges where its lips are: bent the other way they became ragged. One whose edges
    are drawn soft stays as it is."""
    top = min(box.y, body.box.y)
    bottom = max(box.y + box.height, body.box.y + body.box.height)
    lips, box = (lips[0] + box.y - top, lips[1] + box.y - top), Rect(box.x, top, box.width, bottom - top)
    pixels = body.within(box)
    solid = pixels[..., 3] >= _SOLID
    known = solid.any(axis=0)
    inner = solid & np.pad(solid, 1)[2:, 1:-1] & np.pad(solid, 1)[:-2, 1:-1]
    if not known.any() or ((pixels[..., 3] > SEEN) & ~solid).sum() > _CRISP * (solid & ~inner).sum():
        return body
    rows = np.arange(box.height)[:, None]
    first, last = solid.argmax(axis=0), box.height - 1 - solid[::-1].argmax(axis=0)
    pixels = np.take_along_axis(pixels, np.clip(rows, first, last)[..., None], axis=0)
    within = filled(box, *lips, np.zeros(3)).pixels[..., 3]
    pixels[..., 3] = np.where(known, within, np.minimum(within, pixels[..., 3]))  # no whisker at a corner
    return Picture(pixels, (box.x, box.y)).trimmed_to_itself()


def along_lips(outline: Outline, new: tuple[F64, F64]) -> Picture:
    """What doesn't hang together with a mouth, moved as far as the middle of the lip that it is next to.
    Without a soft edge it was lifted off a face, and is part of that."""
    others = outline.others
    if others.is_empty or not np.any((others.pixels[..., 3] > 0) & (others.pixels[..., 3] < 255)):
        return others
    inner = np.abs(outline.across) < 0.5
    middle = outline.box.y + float(outline.centre[inner].mean())
    moved = []
    for lip, old, now in ((0, outline.upper, new[0]), (1, outline.lower, new[1])):
        rows = np.arange(others.pixels.shape[0]) + others.offset[1]
        part = others.pixels.copy()
        part[(rows >= middle) == (lip == 0)] = 0
        by = round(float((now - old)[inner].mean()))
        moved.append(Picture(part, (others.offset[0], others.offset[1] + by)))
    return over(moved)
