"""Frames and their sound on one clock: pictures with their time, sound in whole pieces without a gap."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np

from mien.clock import FrameRate
from mien.serve.frames import Shown

Samples: TypeAlias = np.ndarray[Any, np.dtype[np.int16]]
"""(n, 2) at 48 kHz."""

_MOST_OFF: Final = 2400
"""Samples by which the sound may be behind the pictures before silence is put in: 50 ms."""

_LEAST_MISSED: Final = 0.75
"""Intervals by which the sound is ahead where a frame was left out. Devices tell of it in smaller pieces."""


class Steady:
    """Parameters: `rate` of the frames; `block`, samples of a piece of sound."""

    def __init__(self, rate: FrameRate, block: int) -> None:
        self._rate, self._block = rate, block
        self._first: int | None = None
        self._heard = 0
        """Samples of sound so far."""
        self._rest: Samples = np.zeros((0, 2), np.int16)

    def restart(self) -> None:
        """The next frame is the first one."""
        self._first, self._heard, self._rest = None, 0, self._rest[:0]

    def take(self, shown: Shown) -> tuple[int, list[tuple[int, Samples]]]:
        """When a frame is shown, in samples since the first; and the pieces of sound that are whole with it,
        each with the number of its first sample."""
        if self._first is None:
            self._first = shown.number
        at = self._rate.sample(shown.number - self._first)
        interval = self._rate.sample(1)
        ahead = self._heard + len(shown.sound) - interval - at
        if ahead > _LEAST_MISSED * interval:  # of a late engine: they have no number
            self._first -= round(ahead / interval)
            at = self._rate.sample(shown.number - self._first)
        elif ahead < -_MOST_OFF:  # frames without their sound
            self._rest = np.concatenate([self._rest, np.zeros((-ahead, 2), np.int16)])
            self._heard -= ahead
        plain = np.round(np.clip(shown.sound, -1.0, 1.0) * 32767.0).astype(np.int16)
        start = self._heard - len(self._rest)
        self._heard += len(plain)
        together = np.concatenate([self._rest, plain])
        whole = len(together) - len(together) % self._block
        self._rest = together[whole:]
        return at, [(start + k, together[k : k + self._block]) for k in range(0, whole, self._block)]
