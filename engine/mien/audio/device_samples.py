"""The timeline's samples as a sound device insists on having them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.types import F32


class DeviceSamples:
    """Converts blocks, one behind the other.

    Parameters: `rate` of the device in Hz; `channels`, 1 or 2; `dtype`, "float32" or "int16".
    """

    def __init__(self, rate: int, channels: int, dtype: str) -> None:
        self._channels, self._dtype = channels, dtype
        self.frame: Final = channels * np.dtype(dtype).itemsize
        """Bytes of one frame."""
        self._rate, self._layout = rate, "stereo" if channels == 2 else "mono"
        self._resampler: Any = None
        if rate != SAMPLE_RATE:
            from av import AudioFrame, AudioResampler  # which few devices need

            self._resampler = AudioResampler("flt", self._layout, rate)
            self._frame_of = AudioFrame.from_ndarray

    def __call__(self, block: F32) -> Iterator[np.ndarray[Any, Any]]:
        """(n, 2) float32 at 48 kHz -> (m, channels) of the device's, in pieces."""
        if self._channels == 1:
            block = block.mean(axis=1, keepdims=True, dtype=np.float32)
        for piece in self._resampled(block):
            yield piece if self._dtype == "float32" else _to_int16(piece)

    def _resampled(self, block: F32) -> Iterator[F32]:
        if self._resampler is None:
            yield block
            return
        frame = self._frame_of(np.ascontiguousarray(block).reshape(1, -1), "flt", self._layout)
        frame.sample_rate = SAMPLE_RATE
        for out in self._resampler.resample(frame):
            yield np.asarray(out.to_ndarray(), np.float32).reshape(-1, self._channels)


def _to_int16(samples: F32) -> np.ndarray[Any, np.dtype[np.int16]]:
    """float32 in -1..1 -> int16, to the nearest step."""
    steps: F32 = np.rint(np.clip(samples, -1.0, 1.0) * np.float32(32767.0))
    return steps.astype(np.int16)
