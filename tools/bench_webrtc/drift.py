"""Whether sound and picture drift apart. Pure: of notes alone."""

from __future__ import annotations

import math
import statistics
from itertools import combinations
from typing import NamedTuple

from bench_webrtc.noted import Note

SETTLES_S = 60.0
"""Until the browser has brought sound and picture together: left out of the slope."""
MOST_A_MINUTE_MS = 1.5
"""More is drift: 45 ms in half an hour, the first that people notice (ITU-R BT.1359)."""
MOST_MS = 45.0
"""Of the median of any minute, either way."""
_TURNS_MS = {"picture": 2**32 / 90, "sound": 2**32 / 48}
"""After which a stream's clock begins at 0 again."""


class Slope(NamedTuple):
    """How something grows, and between which two it lies with 95 %."""

    value: float
    low: float
    high: float


def slope_of(points: list[tuple[float, float]]) -> Slope | None:
    """The median of the slopes of all pairs (Theil and Sen), with Sen's interval: a few that are far off
    change little. None of fewer than five points."""
    n = len(points)
    if n < 5:
        return None
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2))
    half = 1.96 * math.sqrt(n * (n - 1) * (2 * n + 5) / 18) / 2
    low, high = round(len(slopes) / 2 - half), round(len(slopes) / 2 + half)
    return Slope(statistics.median(slopes), slopes[max(0, low)], slopes[min(len(slopes) - 1, high)])


def media_skews(notes: list[Note]) -> list[tuple[float, float]]:
    """When, and how far the sound is behind the picture by the clocks that both are sent with, ms, against
    the median of the first minute after a beginning. Of the longest time without a new connection."""
    runs: dict[int, list[tuple[float, float]]] = {}
    firsts: dict[int, tuple[float, float]] = {}
    for note in notes:
        if note.picture is None or note.sound is None:
            continue
        # What is played now, of each: when it was played may differ.
        picture, sound = note.picture[0] - note.picture[1], note.sound[0] - note.sound[1]
        first = firsts.setdefault(note.connections, (picture, sound))
        apart = _least(picture - first[0], _TURNS_MS["picture"]) - _least(
            sound - first[1], _TURNS_MS["sound"]
        )
        runs.setdefault(note.connections, []).append((note.at_s, apart))
    longest = max(runs.values(), key=lambda run: run[-1][0] - run[0][0], default=[])
    settled = [apart for at, apart in longest if SETTLES_S <= at - longest[0][0] < 2 * SETTLES_S]
    zero = statistics.median(settled) if settled else 0.0
    return [(at, apart - zero) for at, apart in longest if at - longest[0][0] >= SETTLES_S]


def _least(difference: float, turn: float) -> float:
    """On a clock that begins anew after a turn."""
    return (difference + turn / 2) % turn - turn / 2


def quarters(points: list[tuple[float, float]]) -> str:
    """The median of each."""
    if not points:
        return "-"
    first, last = points[0][0], points[-1][0]
    parts: list[list[float]] = [[], [], [], []]
    for at, value in points:
        parts[min(3, int(4 * (at - first) / max(1e-9, last - first)))].append(value)
    return ", ".join(f"{statistics.median(part):.0f}" if part else "-" for part in parts)


def slope_told(points: list[tuple[float, float]]) -> str:
    """By the medians of minutes."""
    slope = slope_of(_minutes(points))
    return "-" if slope is None else f"{slope.value:+.2f} ({slope.low:+.2f} to {slope.high:+.2f})"


def verdict(points: list[tuple[float, float]]) -> str:
    """Whether there is a drift, by bounds that stand here before anything is measured: a sentence."""
    minutes = _minutes(points)
    slope = slope_of(minutes)
    if slope is None:
        return "Whether sound and picture drift is not shown: it takes five minutes."
    least, most = min(value for _, value in minutes), max(value for _, value in minutes)
    grows = f"grows by {slope.low:+.2f} to {slope.high:+.2f} ms a minute (within {MOST_A_MINUTE_MS:g} wanted)"
    lies = f"minutes lie between {least:.0f} and {most:.0f} ms (within {MOST_MS:g} wanted)"
    kept = max(abs(slope.low), abs(slope.high)) <= MOST_A_MINUTE_MS and max(abs(least), abs(most)) <= MOST_MS
    shown = "No drift" if kept else "That there is no drift is not shown"
    return f"{shown}: what the browser plays {grows}, and its {lies}."


def _minutes(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The median of each minute."""
    minutes: dict[int, list[float]] = {}
    for at, value in points:
        minutes.setdefault(int(at // 60), []).append(value)
    return [(minute, statistics.median(part)) for minute, part in minutes.items()]
