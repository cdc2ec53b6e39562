"""Levels: what many channels weigh as one, and how sums are kept in range.

The down-mix is ITU-R BS.775's to one channel, scaled so that what stands in the middle keeps its level: the
centre at 1, or, where there is none, the same sound left and right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mien.types import F32

LOUD: Final = 0.8
"""Where several sounds are added, what is louder than this is bent softly so that it stays below 1. All that
is quieter, and everything up to 1 that sounds alone, stays as it is, to the bit."""

MOST_CHANNELS: Final = 64
"""As many as FFmpeg's mixer takes."""

FULL: Final = 1.0001
"""Gains that add up to more can make sound that is out of range of sound that is not."""

_SIDE: Final = 0.5**0.5
_AROUND: Final = 0.5
_WEIGHTS: Final = {
    **dict.fromkeys(("FC", "AMBI0"), 1.0),
    **dict.fromkeys(("FL", "FR", "FLC", "FRC", "WL", "WR", "DL", "DR"), _SIDE),
    **dict.fromkeys(("LFE", "LFE2"), 0.0),
}
"""FFmpeg's names of channels -> what they weigh beside a centre of 1; all others are around the listener."""

_USUAL: Final = {
    1: "FC",
    2: "FL FR",
    3: "FL FR FC",
    4: "FL FR BL BR",
    5: "FL FR FC BL BR",
    6: "FL FR FC LFE BL BR",
    7: "FL FR FC LFE BC SL SR",
    8: "FL FR FC LFE BL BR SL SR",
}
"""What a file means that says only how many there are: the order of Microsoft's WAVE."""


def mono_gains(names: Sequence[str]) -> list[float]:
    """What each channel weighs in one. `names`: FFmpeg's, one a channel; those of a file that says only how
    many there are belong to no place. More than eight of these are a plain mean."""
    count = len(names)
    if not any(name in _WEIGHTS for name in names):
        names = _USUAL.get(len(names), "").split()
    gains = [0.0 if _is_direction(name) else _WEIGHTS.get(name, _AROUND) for name in names]
    if not any(gains):
        return [1 / count] * count
    if "FC" not in names and "AMBI0" not in names:
        gains = [gain * _SIDE for gain in gains]
    return gains


def mixed(samples: F32) -> F32:
    """(n, channels) float32 in the usual order as one: (n,) float32."""
    gains = mono_gains(["NONE"] * samples.shape[1])
    mono: F32 = samples @ np.array(gains, np.float32)
    if sum(gains) > FULL:
        bend(mono)
    return mono


def bend(out: F32) -> None:
    """Bring `out`, of any shape, into -1..1 without a corner."""
    if np.abs(out).max(initial=0.0) > LOUD:
        over = np.maximum(np.abs(out) - LOUD, 0) / (1 - LOUD)
        np.copyto(out, np.sign(out) * (LOUD + (1 - LOUD) * np.tanh(over)), where=over > 0)


def _is_direction(name: str) -> bool:
    """An ambisonic channel that says where sound comes from; the first is the sound itself."""
    return name.startswith("AMBI") and name != "AMBI0"
