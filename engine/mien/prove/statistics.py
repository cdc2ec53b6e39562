"""How sure a figure is: bootstrap intervals over runs and blocks of frames, and exact ones for counts.

All functions are pure: the same values and seed give the same interval.

Frames are no independent draws, since what makes one late makes its neighbours late. So what is drawn again
is not frames but blocks of one second, within runs that are drawn again as well (two stages; Davison and
Hinkley, "Bootstrap Methods and their Application", 1997, 3.8 and 8.2.3). The interval is the bias-corrected
and accelerated one, BCa (Efron, "Better Bootstrap Confidence Intervals", JASA 82, 1987, eq. 2.3; Efron and
Tibshirani, "An Introduction to the Bootstrap", 1993, eq. 14.9 to 14.15): with z0 the share of replicates
below the figure, and a from leaving out one block after the other, its ends are the quantiles Phi(z0 + (z0 +
z) / (1 - a (z0 + z))) of the replicates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p
from statistics import NormalDist
from typing import Final

import numpy as np

from mien.types import F64

CONFIDENCE: Final = 0.95
REPLICATES: Final = 2000
_NORMAL: Final = NormalDist()
_MOST_LEFT_OUT: Final = 400
"""Blocks that are left out one after the other; of more, evenly chosen ones."""

Blocks = Sequence[F64]
"""One run: its values in blocks, each (n,)."""
Statistic = Callable[[F64], float]
"""Of all values of all runs, (n,), one figure."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, and between what it would lie in 95 of 100 repetitions."""

    value: float
    low: float
    high: float
    how: str
    """`BCa`, `percentile` where BCa's correction is not defined, `exact`, or `one value`."""

    def as_dict(self) -> dict[str, float | str]:
        """Plain values for JSON."""
        return {"value": self.value, "low": self.low, "high": self.high, "how": self.how}


def alternation(players: Sequence[str], runs: int) -> list[str]:
    """Who plays when: each `runs` times, the order turned round from round to round (ABBA ABBA ...).

    A machine that grows slower or warmer steadily then costs all of them the same, over an even number of
    runs. Raises ValueError for fewer than 1 run.
    """
    if runs < 1:
        raise ValueError(f"{runs} runs are none; ask for 1 or more")
    return [who for number in range(runs) for who in (players if number % 2 == 0 else players[::-1])]


def in_blocks(values: F64, length: int) -> list[F64]:
    """`values`, (n,), in pieces of `length`; what is left over is joined to the last. Raises ValueError for a
    length below 1."""
    if length < 1:
        raise ValueError(f"blocks of {length} values are none; ask for 1 or more")
    whole = max(1, len(values) // length)
    return [values[i * length : (i + 1) * length if i < whole - 1 else None] for i in range(whole)]


def interval(
    runs: Sequence[Blocks], statistic: Statistic, seed: int, replicates: int = REPLICATES
) -> Interval:
    """The figure of all runs and its interval. Raises ValueError when there are no values."""
    return _bounded([runs], lambda samples: statistic(samples[0]), seed, replicates)


def difference(
    one: Sequence[Blocks],
    other: Sequence[Blocks],
    statistic: Statistic,
    seed: int,
    replicates: int = REPLICATES,
) -> Interval:
    """`statistic` of one less that of the other, each drawn again by itself. Raises ValueError without
    values."""
    return _bounded([one, other], lambda s: statistic(s[0]) - statistic(s[1]), seed, replicates)


def _bounded(
    groups: Sequence[Sequence[Blocks]], figure: Callable[[list[F64]], float], seed: int, replicates: int
) -> Interval:
    kept = [[[b for b in run if len(b)] for run in group] for group in groups]
    kept = [[run for run in group if run] for group in kept]
    if not all(kept):
        raise ValueError("there are no values to work an interval out of")
    value = figure([_joined(group) for group in kept])
    if all(len(np.unique(_joined(group))) == 1 for group in kept):
        return Interval(value, value, value, "one value")
    rng = np.random.default_rng(seed)
    drawn = np.sort([figure([_drawn(rng, group) for group in kept]) for _ in range(replicates)])
    below = (float((drawn < value).sum()) + 0.5 * float((drawn == value).sum())) / replicates
    alpha = (1 - CONFIDENCE) / 2
    ends, how = (alpha, 1 - alpha), "percentile"
    if 0 < below < 1:
        z0, a = _NORMAL.inv_cdf(below), _acceleration(kept, figure)
        corrected = tuple(_corrected(z0, a, _NORMAL.inv_cdf(end)) for end in ends)
        if corrected[0] < corrected[1]:
            ends, how = (corrected[0], corrected[1]), "BCa"
    low, high = (float(v) for v in np.quantile(drawn, ends))
    # A figure may lie outside of what is drawn: the worst of all is drawn in only some of the replicates.
    return Interval(value, min(low, value), max(high, value), how)


def _joined(group: Sequence[Blocks]) -> F64:
    return np.concatenate([block for run in group for block in run])


def _drawn(rng: np.random.Generator, group: Sequence[Blocks]) -> F64:
    """Runs drawn again, and in each its blocks."""
    pieces: list[F64] = []
    for number in rng.integers(len(group), size=len(group)):
        run = group[number]
        pieces += [run[i] for i in rng.integers(len(run), size=len(run))]
    return np.concatenate(pieces)


def _acceleration(groups: Sequence[Sequence[Blocks]], figure: Callable[[list[F64]], float]) -> float:
    """How fast the figure's spread changes with the figure, from leaving out one block after the other."""
    whole = [_joined(group) for group in groups]
    numerator = denominator = 0.0
    for g, group in enumerate(groups):
        ends = np.cumsum([len(block) for run in group for block in run])
        begins = np.concatenate(([0], ends[:-1]))
        chosen = np.unique(np.linspace(0, len(ends) - 1, min(len(ends), _MOST_LEFT_OUT)).astype(int))
        if len(ends) < 2:
            continue
        left = np.array(
            [
                figure(
                    [np.delete(v, slice(begins[i], ends[i])) if j == g else v for j, v in enumerate(whole)]
                )
                for i in chosen
            ]
        )
        away = left.mean() - left
        numerator, denominator = numerator + float((away**3).sum()), denominator + float((away**2).sum())
    return numerator / (6 * denominator**1.5) if denominator > 0 else 0.0


def _corrected(z0: float, a: float, z: float) -> float:
    """Which quantile of the replicates is an end of the interval."""
    below = 1 - a * (z0 + z)
    return _NORMAL.cdf(z0 + (z0 + z) / below) if below > 0 else (0.0 if z < 0 else 1.0)


def share(runs: Sequence[Blocks], seed: int, replicates: int = REPLICATES) -> Interval:
    """How many of a thousand values are above 0, as many as each says: its interval is that of `interval`,
    and where it is nearer to the figure than the exact one of Clopper and Pearson, that.

    The exact one takes frames for independent. Where nothing was counted the bootstrap can only say 0 to 0;
    this says what so many frames without one allow ("rule of three"). Raises ValueError without values.
    """
    found = interval(runs, _per_1000, seed, replicates)
    values = np.concatenate([block for run in runs for block in run])
    low, high = exact_share(round(float(values.sum())), len(values))
    if 1000 * high > found.high or 1000 * low < found.low:
        how = "exact" if found.how == "one value" else f"{found.how}, exact"
        return Interval(found.value, min(found.low, 1000 * low), max(found.high, 1000 * high), how)
    return found


def _per_1000(values: F64) -> float:
    return 1000 * float(values.mean())


def exact_share(count: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Between what the chance of something lies that came `count` times in `of` independent tries, 0..1
    (Clopper and Pearson, Biometrika 26, 1934). Raises ValueError for more counts than tries, or no tries."""
    if not 0 <= count <= of or of < 1:
        raise ValueError(f"{count} of {of} tries cannot be")
    alpha = (1 - confidence) / 2
    low = 0.0 if count == 0 else _root(lambda p: 1 - _at_most(count - 1, of, p) - alpha)
    high = 1.0 if count == of else _root(lambda p: alpha - _at_most(count, of, p))
    return low, high


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def _at_most(count: int, of: int, p: float) -> float:
    """The chance of `count` or fewer in `of` tries."""
    if p <= 0:
        return 1.0
    if p >= 1:
        return float(count >= of)
    logs = [
        lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1) + k * log(p) + (of - k) * log1p(-p)
        for k in range(count + 1)
    ]
    most = max(logs, default=-inf)
    return min(1.0, exp(most) * sum(exp(v - most) for v in logs))
