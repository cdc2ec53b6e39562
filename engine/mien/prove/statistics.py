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
from math import ceil, exp, inf, lgamma, log, log1p
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from mien.types import F64

I64 = npt.NDArray[np.int64]

CONFIDENCE: Final = 0.95
REPLICATES: Final = 2000
_NORMAL: Final = NormalDist()
_MOST_LEFT_OUT: Final = 400
"""Blocks that are left out one after the other; of more, evenly chosen ones."""
_NOTHING: Final = 1e-200

Blocks = Sequence[F64]
"""One run: its values in blocks, each (n,)."""
Weighed = Callable[[I64], float]
"""A figure of all blocks, when block k is there as many times as it says: (blocks,) int64."""
Statistic = Callable[[Sequence[F64]], Weighed]
"""Of all blocks of all runs, what works out such figures: a hundred thousand frames are looked at once, and
not for each replicate."""


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


def mean(blocks: Sequence[F64]) -> Weighed:
    """The mean of all values."""
    sums, counts = np.array([b.sum() for b in blocks]), np.array([len(b) for b in blocks])
    return lambda times: float(times @ sums) / float(times @ counts)


def quantile(q: float) -> Statistic:
    """The smallest value that a share `q` of all, 0..1, does not exceed."""

    def of(blocks: Sequence[F64]) -> Weighed:
        values = np.concatenate(blocks)
        block = np.repeat(np.arange(len(blocks)), [len(b) for b in blocks])
        order = np.argsort(values, kind="stable")
        values, block = values[order], block[order]

        def weighed(times: I64) -> float:
            below = np.cumsum(times[block])
            # So many values there are up to each; a value that is not drawn adds none.
            wanted = max(1, ceil(q * int(below[-1]) - 1e-9))
            return float(values[np.searchsorted(below, wanted)])

        return weighed

    return of


def interval(
    runs: Sequence[Blocks], statistic: Statistic, seed: int, replicates: int = REPLICATES
) -> Interval:
    """The figure of all runs and its interval. Raises ValueError when there are no values."""
    return _bounded([_Group(runs, statistic)], seed, replicates)


def difference(
    one: Sequence[Blocks],
    other: Sequence[Blocks],
    statistic: Statistic,
    seed: int,
    replicates: int = REPLICATES,
) -> Interval:
    """`statistic` of one less that of the other, each drawn again by itself. Raises ValueError without
    values."""
    return _bounded([_Group(one, statistic), _Group(other, statistic)], seed, replicates)


class _Group:
    """The runs of one player."""

    def __init__(self, runs: Sequence[Blocks], statistic: Statistic) -> None:
        kept = [[block for block in run if len(block)] for run in runs]
        self._lengths = [len(run) for run in kept if run]
        blocks = [block for run in kept for block in run]
        if not blocks:
            raise ValueError("there are no values to work an interval out of")
        self.figure = statistic(blocks)
        self.blocks = len(blocks)
        self.is_one_value = min(float(b.min()) for b in blocks) == max(float(b.max()) for b in blocks)

    def drawn(self, rng: np.random.Generator) -> I64:
        """Runs drawn again, and in each its blocks: how many times each block is there, (blocks,)."""
        times = np.zeros(self.blocks, np.int64)
        begins = np.concatenate(([0], np.cumsum(self._lengths)))
        for number in rng.integers(len(self._lengths), size=len(self._lengths)):
            length = self._lengths[number]
            blocks = rng.integers(length, size=length)
            times[begins[number] : begins[number + 1]] += np.bincount(blocks, minlength=length)
        return times


def _bounded(groups: Sequence[_Group], seed: int, replicates: int) -> Interval:
    def figure(times: Sequence[I64]) -> float:
        first, *others = (group.figure(n) for group, n in zip(groups, times, strict=True))
        return first - sum(others)

    whole = [np.ones(group.blocks, np.int64) for group in groups]
    value = figure(whole)
    if all(group.is_one_value for group in groups):
        return Interval(value, value, value, "one value")
    rng = np.random.default_rng(seed)
    drawn = np.sort([figure([group.drawn(rng) for group in groups]) for _ in range(replicates)])
    below = (float((drawn < value).sum()) + 0.5 * float((drawn == value).sum())) / replicates
    alpha = (1 - CONFIDENCE) / 2
    ends, how = (alpha, 1 - alpha), "percentile"
    if 0 < below < 1:
        z0, a = _NORMAL.inv_cdf(below), _acceleration(whole, figure)
        corrected = tuple(_corrected(z0, a, _NORMAL.inv_cdf(end)) for end in ends)
        if corrected[0] < corrected[1]:
            ends, how = (corrected[0], corrected[1]), "BCa"
    low, high = (float(v) for v in np.quantile(drawn, ends))
    # A figure may lie outside of what is drawn: the worst of all is drawn in only some of the replicates.
    return Interval(value, min(low, value), max(high, value), how)


def _acceleration(whole: Sequence[I64], figure: Callable[[Sequence[I64]], float]) -> float:
    """How fast the figure's spread changes with the figure, from leaving out one block after the other."""
    away: list[F64] = []
    for g, times in enumerate(whole):
        if len(times) < 2:
            continue
        chosen = np.unique(np.linspace(0, len(times) - 1, min(len(times), _MOST_LEFT_OUT)).astype(int))
        left = np.empty(len(chosen))
        for n, block in enumerate(chosen):
            without = [one.copy() if i == g else one for i, one in enumerate(whole)]
            without[g][block] = 0
            left[n] = figure(without)
        away.append(left.mean() - left)
    every = np.concatenate([np.zeros(1), *away])
    if (most := float(np.abs(every).max())) < _NOTHING:
        return 0.0
    every /= most  # it has no unit, and squares of what is very small are 0
    return float((every**3).sum() / (6 * (every**2).sum() ** 1.5))


def _corrected(z0: float, a: float, z: float) -> float:
    """Which quantile of the replicates is an end of the interval."""
    below = 1 - a * (z0 + z)
    return _NORMAL.cdf(z0 + (z0 + z) / below) if below > 0 else (0.0 if z < 0 else 1.0)


def share(runs: Sequence[Blocks], seed: int, replicates: int = REPLICATES) -> Interval:
    """How many of 1000 frames something happened in: values are 0 or 1. Of `interval` and the exact one of
    Clopper and Pearson at each end the one that is further away.

    The exact one takes frames for independent. Where nothing was counted the bootstrap can only say 0 to 0;
    this says what so many frames without one allow ("rule of three"). Raises ValueError without values.
    """
    found = interval(runs, mean, seed, replicates)
    total = sum(float(block.sum()) for run in runs for block in run)
    low, high = exact_share(round(total), sum(len(block) for run in runs for block in run))
    how = found.how
    if high > found.high or low < found.low:
        how = "exact" if how == "one value" else f"{how}, exact"
    return Interval(1000 * found.value, 1000 * min(found.low, low), 1000 * max(found.high, high), how)


def exact_share(count: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Between what the chance of something lies that came `count` times in `of` independent tries, 0..1
    (Clopper and Pearson, Biometrika 26, 1934). Raises ValueError for more counts than tries, or no tries."""
    if not 0 <= count <= of or of < 1:
        raise ValueError(f"{count} of {of} tries cannot be")
    alpha = (1 - confidence) / 2
    fewer, as_many = _at_most(count - 1, of), _at_most(count, of)
    low = 0.0 if count == 0 else _root(lambda p: 1 - fewer(p) - alpha)
    high = 1.0 if count == of else _root(lambda p: alpha - as_many(p))
    return low, high


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def _at_most(count: int, of: int) -> Callable[[float], float]:
    """The chance of `count` or fewer in `of` tries, by that of one, 0..1."""
    numbers = np.arange(count + 1)
    # The roots ask sixty times, and of these sums only the chance is another then.
    ways = np.array([lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1) for k in range(count + 1)])

    def chance(p: float) -> float:
        if p <= 0:
            return 1.0
        if p >= 1:
            return float(count >= of)
        logs = ways + numbers * log(p) + (of - numbers) * log1p(-p)
        most = logs.max(initial=-inf)
        return min(1.0, exp(most) * float(np.exp(logs - most).sum()))

    return chance
