"""What is said, from features: gated recurrent layers, one frame after the other.

Several are asked, fitted from different starts to speech disturbed in different ways, and their scores
averaged: where one is sure of what it misheard, the others seldom are of the same. They run side by side.

Pure: numpy and the package's own `mouth.npz`, which `tools/fit_mouth.py` writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

import numpy as np

from mien.types import F32

PARTS: Final = ("into", "into_bias", "back", "out", "out_bias")
"""What `mouth.npz` holds of each layer."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """The weights of all layers: m of them, of n cells each."""

    into: F32
    """(FEATURES, 3 m n) float32."""
    into_bias: F32
    """(m, 3 n) float32."""
    back: F32
    """(m, n, 3 n) float32."""
    out: F32
    """(m n, 15) float32, divided by m."""
    out_bias: F32
    """(15,) float32, the mean."""


def packed(parts: Sequence[F32]) -> _Parts:
    """From (m, FEATURES, 3 n), (m, 3 n), (m, n, 3 n), (m, n, 15), (m, 15), as they are stored."""
    into, into_bias, back, out, out_bias = (part.astype(np.float32) for part in parts)
    return _Parts(
        np.ascontiguousarray(into.transpose(1, 0, 2).reshape(into.shape[1], -1)),
        into_bias,
        back,
        out.reshape(-1, out.shape[2]) / np.float32(len(out)),
        out_bias.mean(axis=0),
    )


@cache
def _parts() -> _Parts:
    with np.load(BytesIO(files("mien.lipsync").joinpath("mouth.npz").read_bytes())) as stored:
        return packed([stored[name] for name in PARTS])


class MouthNetwork:
    """Features of one frame in, likelihoods of the visemes out; what came before is remembered."""

    def __init__(self) -> None:
        self._parts = _parts()
        many, self._size, _ = self._parts.back.shape
        self._state = np.zeros((many, 1, self._size), np.float32)

    def frame(self, features: F32) -> F32:
        """(FEATURES,) float32 of the next frame. Returns (15,) float32, which sum to 1."""
        size, parts = self._size, self._parts
        into = (features @ parts.into).reshape(parts.into_bias.shape) + parts.into_bias
        back = (self._state @ parts.back)[:, 0]
        # Reset and keep; a half of tanh at a half is the logistic function.
        gates = np.tanh((into[:, : 2 * size] + back[:, : 2 * size]) * np.float32(0.5)) * np.float32(0.5)
        gates += np.float32(0.5)
        new = np.tanh(into[:, 2 * size :] + gates[:, :size] * back[:, 2 * size :])
        state = self._state[:, 0]
        self._state = (new + gates[:, size:] * (state - new))[:, None]
        scores = self._state.reshape(-1) @ parts.out + parts.out_bias
        odds: F32 = np.exp(scores - scores.max())
        odds /= odds.sum()
        return odds
