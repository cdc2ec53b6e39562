"""How even what is seen is: pure functions of times and places, for the meter and for whoever has pictures.

Whose definitions these are: sources.py.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from mien.clock import SAMPLE_RATE
from mien.types import F64

_REMEMBERED: Final = 30
"""Frames whose mean duration a freeze is held against (webrtc-stats)."""
_LEAST: Final = 5
"""Durations from which on it is known (libwebrtc)."""
_TIMES: Final = 3
_MORE_MS: Final = 150.0
"""A frame freezes that stays three times the mean, and 150 ms longer than that (webrtc-stats)."""
_SLOW: Final = 1.4
_FAST: Final = 1.2
_FAST_PX: Final = 7.0
"""By so much a step may be longer or shorter than both its neighbours: by less where one of the three is over
7 pixels (Chromium, by what people notice)."""
_REST_MS: Final = 50.0
"""A schedule that goes on so much later than twice its interval has rested."""


def animation_error_ms(shown: int, presented_before_ms: float, at: int, presented_ms: float) -> float:
    """How far the step of the picture's time is from the step of the time of seeing it, in ms, 0 or more.

    `shown`, `at`: samples at 48 kHz that the frame before and this one show; `presented_before_ms`,
    `presented_ms`: when each was seen.
    """
    return abs((at - shown) * 1000 / SAMPLE_RATE - (presented_ms - presented_before_ms))


def has_rested(frames: float, due_step_ms: float, interval_ms: float) -> bool:
    """Whether nobody wanted frames between two, or the process did not run: their due times are further apart
    than their numbers, which are `frames` apart, say."""
    return due_step_ms > 2 * frames * interval_ms + _REST_MS


class Freezes:
    """Freezes among the frames that are shown, and what else webrtc-stats tells of the times between them.

    Each `add` takes the same time; memory does not grow.
    """

    def __init__(self) -> None:
        self.count = 0
        """Frames that stayed too long."""
        self.duration_ms = 0.0
        """How long those stayed."""
        self._total_ms = self._squared = 0.0
        self._last: deque[float] = deque(maxlen=_REMEMBERED)

    def add(self, interval_ms: float) -> bool:
        """A frame was shown so long after the one before; whether that one froze."""
        self._total_ms += interval_ms
        self._squared += interval_ms * interval_ms
        self._last.append(interval_ms)
        return interval_ms > _MORE_MS and self._froze(interval_ms)

    def _froze(self, interval_ms: float) -> bool:
        last = self._last
        mean_ms = sum(last) / len(last)
        if len(last) < _LEAST or interval_ms < max(_TIMES * mean_ms, mean_ms + _MORE_MS):
            return False
        self.count += 1
        self.duration_ms += interval_ms
        return True

    @property
    def total_s(self) -> float:
        """How long all frames stayed, together."""
        return self._total_ms / 1e3

    @property
    def squared_s2(self) -> float:
        """The sum of the squares."""
        return self._squared / 1e6

    @property
    def harmonic_hz(self) -> float | None:
        """Frames a second, each weighed by how long it stayed: one of a second among 30 a second weighs as
        much as that second. None before the second frame."""
        return self.total_s / self.squared_s2 if self._squared else None


def predictor_jank(steps_px: npt.ArrayLike, least_px: float = 0.0, still_px: float = 0.0) -> F64:
    """By how much each step is uneven between its neighbours: (n,) float64.

    `steps_px`: (n,) or (n, 2), by how much a thing moved from one frame to the next, in pixels. `still_px`:
    less is a step of so much, so that who stands still between steps is seen. What it says of a step: 0 where
    it is even; else what its ratio to the nearer neighbour, or that of the nearer to it, has above 1.2 (1.4
    where none of the three is over 7 pixels). nan where it cannot be judged: the first and the last, those
    that go another way than a neighbour, and where none of the three is `least_px` long.
    """
    steps = np.asarray(steps_px, np.float64)
    steps = steps[:, None] if steps.ndim == 1 else steps
    excess = np.full(len(steps), np.nan)
    if len(steps) < 3:
        return excess
    three = np.stack([steps[:-2], steps[1:-1], steps[2:]], axis=1)  # (n - 2, 3, 1 or 2)
    way = three.sum(axis=1)
    length = np.linalg.norm(way, axis=1, keepdims=True)
    way = np.divide(way, length, out=np.zeros_like(way), where=length > 0)
    along = np.einsum("nij,nj->ni", three, way)
    along = np.where(abs(along) < still_px, still_px, along)
    before, here, after = along.T
    most = along.max(axis=1)
    judged = (along > 0).all(axis=1) & (most >= least_px)
    with np.errstate(divide="ignore", invalid="ignore"):
        longer, shorter = here / np.maximum(before, after), np.minimum(before, after) / here
        over = np.maximum(longer, shorter) - np.where(most > _FAST_PX, _FAST, _SLOW)
    # As far as the threshold is too far.
    excess[1:-1] = np.where(
        judged, np.where(over >= 0, np.maximum(over, np.finfo(np.float64).tiny), 0.0), np.nan
    )
    return excess
