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

from mien.lipsync.spectrum import each_row
from mien.types import F32

PARTS: Final = ("into", "into_bias", "back", "out", "out_bias")
"""What `mouth.npz` holds of each layer."""
_HALF: Final = np.float32(0.5)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The weights of all layers: m of them, of n cells each. Those of the gates, 2 n of 3 n, are halved."""

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
    gates = 2 * back.shape[1]
    for part in (into, into_bias, back):
        part[..., :gates] *= _HALF
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
    """Features of frames in, likelihoods of the visemes out; what came before is remembered."""

    def __init__(self) -> None:
        self._parts = _parts()
        many, self._size, _ = self._parts.back.shape
        self._state = np.zeros((many, 1, self._size), np.float32)

    def frames(self, features: F32) -> F32:
        """(k, FEATURES) float32 of the next frames. Returns (k, 15) float32, whose rows sum to 1."""
        size, parts, count = self._size, self._parts, len(features)
        into = each_row(features, parts.into).reshape(count, *parts.into_bias.shape) + parts.into_bias
        states = np.empty((count, *self._state.shape), np.float32)
        for row, after in zip(into, states, strict=True):
            # (m, 3 n): of the gates, reset and keep, which are halved, and of what is new.
            back = np.matmul(self._state, parts.back)[:, 0]
            # A half of tanh at a half is the logistic function.
            gates = back[:, : 2 * size]
            gates += row[:, : 2 * size]
            np.tanh(gates, out=gates)
            gates *= _HALF
            gates += _HALF
            new = back[:, 2 * size :]
            new *= gates[:, :size]
            new += row[:, 2 * size :]
            np.tanh(new, out=new)
            state = after[:, 0]
            np.subtract(self._state[:, 0], new, out=state)
            state *= gates[:, size:]
            state += new
            self._state = after
        scores = each_row(states.reshape(count, self._state.size), parts.out) + parts.out_bias
        odds: F32 = np.exp(scores - scores.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        return odds
