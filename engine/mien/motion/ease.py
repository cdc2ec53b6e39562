"""Curves: eased steps, humps, interruptible crossfades, sums of sines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, exp, sin


def smooth(x: float) -> float:
    """0 before 0, 1 after 1, in between eased at both ends (3x^2 - 2x^3)."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    return x * x * (3.0 - 2.0 * x)


def hump(x: float) -> float:
    """0 outside 0..1, 1 at 0.5, without a corner anywhere."""
    if x <= 0.0 or x >= 1.0:
        return 0.0
    y = x * (1.0 - x)
    return 16.0 * y * y


def crossfade(fades: Sequence[tuple[float, float]], at: float) -> list[float]:
    """Weights of states that replaced one another, newest first; they sum to 1.

    `fades`: (time it began, how long it fades in) per state. Each state fades in over whatever the older
    ones show at that moment, so a fade that is interrupted goes on under the next and nothing jumps. The
    oldest takes what is left.
    """
    weights: list[float] = []
    left = 1.0
    for begun, lasts in fades[:-1]:
        shown = smooth((at - begun) / lasts) if lasts > 0.0 else 1.0
        weights.append(left * shown)
        left *= 1.0 - shown
    weights.append(left)
    return weights


def strongest(weights: Mapping[int, float], most: int) -> list[tuple[int, float]]:
    """At most `most` (drawing, weight) pairs, heaviest first, weights summing to 1.

    What does not fit is not cut off: the heaviest one left out is subtracted from all, so that a drawing
    enters and leaves the picture at weight 0.
    """
    ranked = sorted(((w, -d) for d, w in weights.items() if w > 1e-6), reverse=True)
    floor = 0.0
    if len(ranked) > most:
        floor = ranked[most][0]
        del ranked[most:]
        if ranked[0][0] - floor < 1e-4:
            floor = 0.0
    total = sum(w - floor for w, _ in ranked)
    return [(-d, (w - floor) / total) for w, d in ranked if w > floor]


Waves = tuple[tuple[float, float, float], ...]
"""(angular frequency in radians per second, phase, amplitude) per sine."""


def wave(waves: Waves, t: float) -> float:
    """Sum of sines at `t` seconds."""
    total = 0.0
    for w, phase, amplitude in waves:
        total += amplitude * sin(w * t + phase)
    return total


def waves_of(periods_s: Sequence[float], amplitude: float, phases: Sequence[float]) -> Waves:
    """Sines of incommensurate periods, the longest strongest, that together stay within `amplitude`."""
    share = [1.0 / (i + 1) for i in range(len(periods_s))]
    scale = amplitude / sum(share)
    return tuple(
        (6.283185307179586 / period, 6.283185307179586 * phase, scale * part)
        for period, phase, part in zip(periods_s, phases, share, strict=True)
    )


def nod_course(t: float) -> float:
    """A nod's course over seconds: a small lift (negative), a dip to 1 at 0.26 s, a soft rebound, rest."""
    if t <= 0.0 or t >= 1.3:
        return 0.0
    lift = 0.16 * hump(t / 0.18)
    fall = t - 0.07
    if fall <= 0.0:
        return -lift
    x = fall / 0.19
    # (x e^(1-x))^2 peaks at 1 for x = 1; the cosine makes it swing a little past rest.
    dip = (x * exp(1.0 - x)) ** 2 * cos(min(x - 1.0, 4.0) * 0.55 if x > 1.0 else 0.0)
    return (dip - lift) * (1.0 - smooth((t - 0.9) / 0.4))
