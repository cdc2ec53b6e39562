"""Whether what moves in pictures moves evenly: a feature is followed from picture to picture.

Pure: it takes pictures, from wherever: a video file, a screen that was filmed, a stage's frames. So it also
finds what no record of times tells: a picture that was shown twice, or one of the wrong time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from numbers import Integral
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from mien.arguments import refuse, whole_of
from mien.observe.smoothness import predictor_jank
from mien.types import F64

Region = tuple[int, int, int, int]
"""Left, top, width, height, in pixels from the top left."""

_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_SIDE: Final = 48
"""Of a feature that is looked for, in pixels; less in small pictures."""
_SMALLEST: Final = 8
_AHEAD: Final = 12
"""Pictures that are looked at for where something moves."""
_ROUNDS: Final = 12
_MOST_PX: Final = 1024
_ENOUGH_PX: Final = 1e-3
_STILL_PX: Final = 0.05
"""A feature that moves less stands still: that is how far steps are right."""
_ALIKE: Final = 0.5
"""Correlation below which a feature is not what it was."""


class _Box(NamedTuple):
    left: float
    top: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Uniformity:
    """How evenly a feature moved. Raises nothing: what cannot be told is nan or 0."""

    steps_px: F64
    """(n - 1, 2): right and down from each picture to the next, nan where the feature was lost."""
    excess: F64
    """(n - 1,): by how much each step is uneven between its neighbours, as `predictor_jank` says."""

    @property
    def judged(self) -> int:
        """Steps that could be judged."""
        return int((~np.isnan(self.excess)).sum())

    @property
    def janky(self) -> int:
        """Those that were uneven."""
        return int((self.excess > 0).sum())

    @property
    def janky_percent(self) -> float | None:
        """The same of 100 that were judged; None where none was."""
        return 100.0 * self.janky / self.judged if self.judged else None

    @property
    def worst(self) -> float:
        """The largest excess; 0 where nothing was uneven."""
        return float(np.nanmax(self.excess)) if self.judged else 0.0


def uniformity(
    pictures: Iterable[npt.NDArray[np.uint8]],
    region: Region | None = None,
    *,
    times_ms: Sequence[float] | None = None,
    most_px: int = 32,
    least_px: float = 0.5,
) -> Uniformity:
    """How evenly what is seen in `region` moves; None: whatever has edges both ways, and moves.

    `pictures`: (h, w, 3 or 4) uint8, one after the other, all of one size; of three steps the middle one can
    be judged. `times_ms`: when each was seen, where they stay for unlike times: then speeds are compared.
    `most_px`: the longest step that is looked for; `least_px`: three steps, none of which is so long, are not
    judged. Raises ScriptError for what is none of that.
    """
    steps = steps_of(pictures, region, most_px=most_px)
    even = steps
    if times_ms is not None:
        stays = np.diff(np.asarray(times_ms, np.float64))
        if len(stays) != len(steps) or not (stays > 0).all():
            refuse("times_ms", f"{len(times_ms)} times", f"{len(steps) + 1} times that ascend, one a picture")
        even = steps * (np.median(stays) / stays)[:, None] if len(stays) else steps
    return Uniformity(steps, predictor_jank(even, least_px, _STILL_PX))


def steps_of(
    pictures: Iterable[npt.NDArray[np.uint8]], region: Region | None = None, *, most_px: int = 32
) -> F64:
    """By how much a feature moves from each picture to the next: (n - 1, 2) float64, right and down, to some
    hundredths of a pixel; nan where it is lost, and another is followed. Parameters and errors as of
    `uniformity`."""
    whole_of("most_px", most_px, 1, _MOST_PX, f"pixels, 1 to {_MOST_PX}")
    grey = map(_grey, pictures)
    ahead = list(islice(grey, _AHEAD))
    if not ahead:
        return np.zeros((0, 2))
    box = _place(ahead) if region is None else _checked(region, ahead[0].shape)
    steps, before = [], ahead[0]
    for after in _of_one_size(chain(ahead[1:], grey), before.shape):
        step = _step(before, after, box, most_px)
        if step is not None:
            box = box._replace(left=box.left + step[0], top=box.top + step[1])
        if step is None or not _inside(box, after.shape):
            box = _place([after])
        steps.append((np.nan, np.nan) if step is None else step)
        before = after
    return np.array(steps, np.float64).reshape(-1, 2)


def _grey(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    if picture.ndim != 3 or picture.shape[2] not in (3, 4) or min(picture.shape[:2]) < 4 * _SMALLEST:
        refuse(
            "pictures",
            f"an array of {picture.shape}",
            f"(h, w, 3 or 4) uint8, {4 * _SMALLEST} or more a side",
        )
    return picture[..., :3].astype(np.float32) @ _LUMA


def _of_one_size(
    pictures: Iterable[npt.NDArray[np.float32]], shape: tuple[int, ...]
) -> Iterator[npt.NDArray[np.float32]]:
    for picture in pictures:
        if picture.shape != shape:
            refuse("pictures", f"one of {picture.shape} behind one of {shape}", "all of one size")
        yield picture


def _checked(region: Region, shape: tuple[int, ...]) -> _Box:
    if len(region) != 4 or not all(isinstance(side, Integral) for side in region):
        refuse("region", region, "left, top, width and height, whole numbers of pixels")
    left, top, width, height = (int(side) for side in region)
    if (
        left < 0
        or top < 0
        or left + width > shape[1]
        or top + height > shape[0]
        or min(width, height) < _SMALLEST
    ):
        refuse(
            "region", region, f"left, top, width and height within the picture, {_SMALLEST} pixels or more"
        )
    return _Box(left, top, width, height)


def _inside(box: _Box, shape: tuple[int, ...]) -> bool:
    return (
        box.left >= 1 and box.top >= 1 and box.left + box.width < shape[1] and box.top + box.height < shape[0]
    )


def _place(pictures: Sequence[npt.NDArray[np.float32]]) -> _Box:
    """Where edges run both ways (Shi and Tomasi: by the smaller eigenvalue), and something changes."""
    first = pictures[0]
    height, width = first.shape
    side = max(_SMALLEST, min(_SIDE, height // 4, width // 4))
    down, right = np.gradient(first)
    xx, yy, xy = (_sums(a * b, side) for a, b in ((right, right), (down, down), (right, down)))
    corners = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    if len(pictures) > 1:
        corners = corners * _sums(np.abs(np.diff(np.stack(pictures), axis=0)).sum(axis=0), side)
    # Not at the edge, which it would leave at once.
    margin = side // 2
    inner = corners[margin:-margin, margin:-margin]
    top, left = np.unravel_index(int(np.argmax(inner)), inner.shape)
    return _Box(int(left) + margin, int(top) + margin, side, side)


def _sums(values: npt.ArrayLike, side: int) -> F64:
    """Of each square of that side, by its top left."""
    sums = np.pad(np.asarray(values, np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    return np.asarray(sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side])


def _step(
    before: npt.NDArray[np.float32], after: npt.NDArray[np.float32], box: _Box, most: int
) -> tuple[float, float] | None:
    """From whole pixels, of all within reach, to parts of one (Lucas and Kanade); None where it is lost."""
    left, top = round(box.left), round(box.top)
    height, width = before.shape
    left, top = min(max(left, 1), width - box.width - 1), min(max(top, 1), height - box.height - 1)
    pattern = before[top : top + box.height, left : left + box.width].astype(np.float64)
    x0, y0 = max(0, left - most), max(0, top - most)
    field = after[y0 : top + box.height + most, x0 : left + box.width + most].astype(np.float64)
    dy, dx = _nearest(pattern, field)
    return _refined(before, after, (left, top, box.width, box.height), x0 + dx - left, y0 + dy - top)


def _nearest(pattern: F64, field: F64) -> tuple[int, int]:
    """Where in the field it differs least, down and right from its top left: sums of squares, by a FFT."""
    shape = field.shape
    product = np.fft.irfft2(np.fft.rfft2(field) * np.conj(np.fft.rfft2(pattern, shape)), shape)
    height, width = pattern.shape
    squares = np.pad(field**2, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    of_each = (
        squares[height:, width:]
        - squares[:-height, width:]
        - squares[height:, :-width]
        + squares[:-height, :-width]
    )
    differ = of_each - 2 * product[: of_each.shape[0], : of_each.shape[1]]
    y, x = np.unravel_index(int(np.argmin(differ)), differ.shape)
    return int(y), int(x)


def _refined(
    before: npt.NDArray[np.float32], after: npt.NDArray[np.float32], region: Region, dx: float, dy: float
) -> tuple[float, float] | None:
    left, top, width, height = region
    around = before[top - 1 : top + height + 1, left - 1 : left + width + 1].astype(np.float64)
    pattern = around[1:-1, 1:-1]
    right, down = (around[1:-1, 2:] - around[1:-1, :-2]) / 2, (around[2:, 1:-1] - around[:-2, 1:-1]) / 2
    normal = np.array([[(right * right).sum(), (right * down).sum()], [0, (down * down).sum()]])
    normal[1, 0] = normal[0, 1]
    if np.linalg.cond(normal) > 1e6:  # an edge one way, or nothing
        return None
    for _ in range(_ROUNDS):
        here = _sampled(after, left + dx, top + dy, width, height)
        if here is None:
            return None
        off = pattern - here
        move = np.linalg.solve(normal, np.array([(right * off).sum(), (down * off).sum()]))
        dx, dy = dx + float(move[0]), dy + float(move[1])
        if np.abs(move).max() < _ENOUGH_PX:
            break
    here = _sampled(after, left + dx, top + dy, width, height)
    if here is None or _alike(pattern, here) < _ALIKE:
        return None
    return dx, dy


def _alike(one: F64, other: F64) -> float:
    """Their correlation; 0 where one of them is all of one grey, as where a picture is black."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0


def _sampled(
    picture: npt.NDArray[np.float32], left: float, top: float, width: int, height: int
) -> F64 | None:
    """A part of it between pixels, bilinearly; None where that is not within it."""
    x, y = int(np.floor(left)), int(np.floor(top))
    if x < 0 or y < 0 or x + width + 1 > picture.shape[1] or y + height + 1 > picture.shape[0]:
        return None
    part = picture[y : y + height + 1, x : x + width + 1].astype(np.float64)
    across, along = left - x, top - y
    rows = part[:, :-1] * (1 - across) + part[:, 1:] * across
    return np.asarray(rows[:-1] * (1 - along) + rows[1:] * along)
