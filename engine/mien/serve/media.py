"""Pictures and sound as they are sent to clients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.serve.coding import FORMATS, HEAD, PICTURE, SOUND
from mien.types import F32

_MOST: int = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame as a file, or as it is."""

    number: int
    """Of the frame."""
    position_s: float
    """Seconds of the session."""
    format: str
    """One of `coding.FORMATS`."""
    width: int
    height: int
    data: bytes

    def message(self, dropped: int) -> bytes:
        """The binary message; `dropped`: pictures that its client was too slow for so far."""
        number, kind = self.number & _MOST, FORMATS.index(self.format)
        head = HEAD.pack(
            PICTURE, kind, self.width, self.height, 0, number, min(dropped, _MOST), self.position_s
        )
        return head + self.data


@dataclass(frozen=True, slots=True)
class Sound:
    """What was heard, up to a time of the session."""

    position_s: float
    is_float: bool
    frames: int
    """Samples of each of two channels."""
    data: bytes

    @classmethod
    def of(cls, sound: F32, position_s: float, *, is_float: bool) -> Sound:
        """Of (n, 2) float32 at 48 kHz."""
        if is_float:
            data = np.ascontiguousarray(sound, "<f4").tobytes()
        else:
            data = np.rint(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
        return cls(position_s, is_float, len(sound), data)

    def message(self, dropped: int) -> bytes:
        """The binary message; `dropped`: samples that its client was too slow for so far."""
        head = HEAD.pack(SOUND, self.is_float, 2, 0, 0, SAMPLE_RATE, min(dropped, _MOST), self.position_s)
        return head + self.data
