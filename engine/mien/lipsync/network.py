"""What is said, from features: a gated recurrent layer, one frame after the other.

Pure: numpy and the package's own `mouth.npz`, which `tools/fit_mouth.py` writes.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

import numpy as np

from mien.types import F32

_PARTS: Final = ("into", "into_bias", "back", "out", "out_bias")


@cache
def _parts() -> tuple[F32, ...]:
    """(FEATURES, 3 n), (3 n,), (n, 3 n), (n, 15), (15,) float32."""
    with np.load(BytesIO(files("mien.lipsync").joinpath("mouth.npz").read_bytes())) as stored:
        return tuple(stored[name].astype(np.float32) for name in _PARTS)


class MouthNetwork:
    """Features of one frame in, likelihoods of the visemes out; what came before is remembered."""

    def __init__(self) -> None:
        self._into, self._into_bias, self._back, self._out, self._out_bias = _parts()
        self._size = len(self._back)
        self._state = np.zeros(self._size, np.float32)

    def frame(self, features: F32) -> F32:
        """(FEATURES,) float32 of the next frame. Returns (15,) float32, which sum to 1."""
        size = self._size
        into = features @ self._into + self._into_bias
        back = self._state @ self._back
        # Reset and keep; a half of tanh at a half is the logistic function.
        gates = np.tanh((into[: 2 * size] + back[: 2 * size]) * np.float32(0.5)) * np.float32(0.5)
        gates += np.float32(0.5)
        new = np.tanh(into[2 * size :] + gates[:size] * back[2 * size :])
        self._state = new + gates[size:] * (self._state - new)
        scores = self._state @ self._out + self._out_bias
        odds: F32 = np.exp(scores - scores.max())
        odds /= odds.sum()
        return odds
