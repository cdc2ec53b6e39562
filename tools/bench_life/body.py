"""How much heads and bodies move, how nods go, and whether anything repeats."""

from __future__ import annotations

import numpy as np

from bench_life.gaze import runs_of
from bench_life.runs import FPS, Run, Seen
from mien.types import F64

STILL_PX = 0.25
"""Pixels a frame below which nobody sees a body move."""
_SLOW_HZ, _NOD_HZ = 0.5, (1.8, 6.5)
_TURN_PX, _TURN_S = 8.0, 1.0
_IDLE = ("breath", "body_sway", "head_yaw", "head_pitch", "head_roll")
_LATEST_S, _EARLIEST_S = 300.0, 10.0
_STEP_S = 5.0


def face_px_s(run: Run, state: str) -> float:
    """How fast the face of one who does that moves, pixels a second."""
    found = []
    for seen in run.seen:
        speed = np.hypot(*np.diff(seen.face, axis=0).T) * FPS
        found.append(speed[seen.when(state)[1:]])
    return float(np.concatenate(found).mean())


def slow(run: Run) -> float:
    """Share of the head's energy below half a cycle a second; the mean of its three angles."""
    shares = []
    for seen in run.seen:
        for name in ("head_yaw", "head_pitch", "head_roll"):
            power, hertz = _power(seen.channel(name))
            shares.append(float(power[hertz < _SLOW_HZ].sum() / max(power.sum(), 1e-12)))
    return float(np.mean(shares))


def _power(values: F64) -> tuple[F64, F64]:
    x = (values - values.mean()) * np.hanning(len(values))
    return np.abs(np.fft.rfft(x)) ** 2, np.fft.rfftfreq(len(values), 1 / FPS)


def turns_a_minute(run: Run) -> float:
    """How often a minute the face goes sideways by what is seen as a turn, within a second."""
    count = 0
    ahead = round(_TURN_S * FPS)
    for seen in run.seen:
        x = seen.face[:, 0]
        went = np.abs(x[ahead:] - x[:-ahead]) >= _TURN_PX
        count += sum(1 for _ in runs_of(went))
    return 60 * FPS * count / (len(run.seen) * run.frames)


def nods(run: Run) -> tuple[float, float, float]:
    """Of listeners: (nods a minute, dips of a nod: the median, share of nods of two dips and more whose last
    is smaller than their first). What a head does on as its own turn begins is no part of a nod."""
    minutes, sizes, declining = 0.0, [], []
    for seen in run.seen:
        quick = _band(seen.channel("head_pitch"))
        when = seen.when("listening")
        minutes += when.sum() / FPS / 60
        for burst in _bursts(quick):
            if when[burst[0]]:
                dips = [at for at in burst if when[at]]
                sizes.append(len(dips))
                if len(dips) > 1:
                    declining.append(abs(quick[dips[-1]]) < abs(quick[dips[0]]))
    if not sizes:
        return 0.0, 0.0, 0.0
    return len(sizes) / minutes, float(np.median(sizes)), float(np.mean(declining)) if declining else 0.0


def _band(values: F64) -> F64:
    # There and back: from the last frame to the first would be a jump, and a jump rings like a nod.
    spectrum = np.fft.rfft(np.concatenate((values, values[::-1])) - values.mean())
    hertz = np.fft.rfftfreq(2 * len(values), 1 / FPS)
    spectrum[(hertz < _NOD_HZ[0]) | (hertz > _NOD_HZ[1])] = 0.0
    return np.fft.irfft(spectrum, 2 * len(values))[: len(values)]


def _bursts(quick: F64) -> list[list[int]]:
    """Frames of the dips of each nod: lowest points of at least a degree's worth, less than 0.7 s apart."""
    low = np.flatnonzero((quick[1:-1] < quick[:-2]) & (quick[1:-1] <= quick[2:]) & (quick[1:-1] < -0.05)) + 1
    found: list[list[int]] = []
    for at in low.tolist():
        if found and at - found[-1][-1] < 0.7 * FPS:
            found[-1].append(at)
        else:
            found.append([at])
    return found


def still(run: Run) -> tuple[float, float]:
    """(share of frames, longest in seconds) in which no corner of torso and arms moves visibly."""
    flags = [seen.moved[1:] < STILL_PX for seen in run.seen]
    longest = max((n for flag in flags for _, n in runs_of(flag)), default=0)
    return float(np.mean([flag.mean() for flag in flags])), longest / FPS


def repeats(run: Run) -> float:
    """The largest correlation of a character's idle motion with itself, 10 s to 5 min later."""
    return max(_repeat(seen.channel(name)) for seen in run.seen for name in _IDLE)


def _repeat(values: F64) -> float:
    least, most = round(_EARLIEST_S * FPS), min(round(_LATEST_S * FPS), len(values) // 2)
    return float(_correlations(values, values)[least:most].max())


def _correlations(one: F64, other: F64) -> F64:
    """Pearson's r (nearly) of `one` with `other` that much later, by lag in frames."""
    n = len(one)
    a, b = one - one.mean(), other - other.mean()
    size = 1 << (2 * n - 1).bit_length()
    found = np.fft.irfft(np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size), size)[:n]
    overlap = np.arange(n, 0, -1)
    return np.asarray(found / overlap / max(float(a.std() * b.std()), 1e-12), np.float64)


def in_step(run: Run) -> float:
    """The largest correlation of one's breath, sway and yaw with the other's, up to 5 s apart."""
    most = round(_STEP_S * FPS)
    one, other = run.seen[0], run.seen[1]
    return max(
        float(np.abs(_correlations(*pair)[:most]).max())
        for name in ("breath", "body_sway", "head_yaw")
        for pair in _both(one, other, name)
    )


def _both(one: Seen, other: Seen, name: str) -> tuple[tuple[F64, F64], tuple[F64, F64]]:
    a, b = one.channel(name), other.channel(name)
    return (a, b), (b, a)
