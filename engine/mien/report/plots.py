"""The plots of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from mien.report.figures import dropped_at_the_end, dropped_before, late, over_budget
from mien.report.run_file import RunFile
from mien.report.svg import COLUMNS, Plane
from mien.types import F64

_LINEAR_UP_TO = 8
"""Frame times beyond so many intervals are drawn on a logarithmic scale."""
_BINS = 60
_MOST_TURNS = 200
_MOST_BARS = 3600


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot of one run."""

    title: str
    svg: str | None
    """An <svg> element, or None when the file has nothing to draw."""
    caption: str


@dataclass(frozen=True, slots=True)
class Scales:
    """What the axes of several runs share, so that they can be compared by eye."""

    seconds: tuple[float, float]
    work_ms: float
    skew_ms: float
    depth_ms: float

    @classmethod
    def of(cls, runs: Sequence[RunFile]) -> Scales:
        """Scales that hold all runs."""
        longest_interval = max(run.interval_ms or 0 for run in runs)
        return cls(
            (min(float(run.at_s[0]) for run in runs), max(float(run.at_s[-1]) for run in runs)),
            max(*(_top(run.work_ms) for run in runs), 1.5 * longest_interval, 1.0) * 1.05,
            max(*(_top(run.column("av_skew_ms")) for run in runs), 2 * longest_interval, 1.0) * 1.05,
            max(*(_top(run.column(n)) for run in runs for n in _DEPTHS), 1.0) * 1.1,
        )


_DEPTHS = ("jitter_actual_ms", "jitter_target_ms")


def plots_of(run: RunFile, scales: Scales) -> tuple[Plot, ...]:
    """All plots of a run, in the order in which they are read."""
    makers: tuple[Callable[[RunFile, Scales], Plot], ...] = (_frame_time, _histogram, _misses, _depth, _skew)
    return tuple(make(run, scales) for make in makers)


def _frame_time(run: RunFile, scales: Scales) -> Plot:
    title, work, interval = "Frame time", run.work_ms, run.interval_ms
    if work is None:
        return Plot(title, None, "")
    log = interval is not None and scales.work_ms > _LINEAR_UP_TO * interval
    plane = Plane(
        scales.seconds,
        (0.5 if log else 0.0, scales.work_ms),
        x_label="seconds",
        y_label="ms (log)" if log else "ms",
        log=log,
    )
    _turns(plane, run)
    plane.line(run.at_s, work, "line")
    if interval is not None:
        plane.level(interval, "limit", f"budget {interval:.1f} ms")
    flagged = over_budget(run)
    if flagged is not None:
        for i in _highest_of_each_column(run.at_s, work, flagged):
            says = f"frame {run.frames['frame'][i]:.0f} at {run.at_s[i]:.2f} s: {work[i]:.1f} ms"
            plane.dot(run.at_s[i], work[i], "bad", f"{says} {run.causes[i]}".strip())
    _gaps(plane, run)
    caption = "All that each frame took. Red dots: over budget (point at one for its cause). "
    caption += "Red marks on the axis: frames never shown. "
    caption += _turns_caption(run)
    return Plot(title, plane.svg(title), caption)


def _histogram(run: RunFile, scales: Scales) -> Plot:
    title = "How often each frame time occurred"
    if run.work_ms is None:
        return Plot(title, None, "")
    work = run.work_ms[~np.isnan(run.work_ms)]
    interval = run.interval_ms
    # The budget is the edge of a bar, so that no bar holds frames on both sides of it.
    step = scales.work_ms / _BINS
    if interval is not None:
        step = (
            interval / max(1, round(interval / step))
            if step < interval
            else interval * round(step / interval)
        )
    edges = np.arange(0, scales.work_ms + step, step)
    # Exactly on budget is within it: (a, b] as against numpy's [a, b).
    counts = np.bincount(
        np.clip(np.searchsorted(edges, work, side="left") - 1, 0, None), minlength=len(edges) - 1
    )
    plane = Plane(
        (0.0, scales.work_ms),
        (0.5, max(10.0, float(counts.max()) * 1.3)),
        x_label="ms",
        y_label="frames (log)",
        log=True,
    )
    for count, low, high in zip(counts, edges, edges[1:], strict=False):
        if count:
            style = "bar" if interval is None or high <= interval * (1 + 1e-9) else "barbad"
            plane.bar(low, high, float(count), style, f"{low:.1f} to {high:.1f} ms: {count} frames")
    if interval is not None:
        plane.upright(interval, "limit")
    return Plot(title, plane.svg(title), "Red: over budget. The count is logarithmic, so one frame shows.")


def _misses(run: RunFile, scales: Scales) -> Plot:
    title = "Misses in each second"
    missing, lates, interval = run.column("l1_misses"), late(run), run.interval_ms
    dropped = dropped_before(run)
    # Seconds, or of a run of many hours as many at once as have a bar's width.
    each = max(1, ceil((scales.seconds[1] + 1) / _MOST_BARS))
    bars = int(scales.seconds[1] / each) + 1
    frames_missed = _per_bar(run.at_s / each, dropped + (0 if lates is None else lates), bars)
    frames_missed[min(int(run.at_s[-1] / each), bars - 1)] += dropped_at_the_end(run)
    drawings = _per_bar(run.at_s / each, np.zeros(len(dropped)) if missing is None else missing, bars)
    top = max(frames_missed.max(), drawings.max(), 4.0)
    plane = Plane(
        (scales.seconds[0], float(bars * each)), (0.0, float(top) * 1.1), x_label="seconds", y_label="count"
    )
    for bar in range(bars):
        second = bar * each
        if n := frames_missed[bar]:
            plane.bar(second, second + 0.45 * each, n, "barbad", f"second {second}: {n:.0f} frames missed")
        if n := drawings[bar]:
            says = f"second {second}: {n:.0f} drawings missing"
            plane.bar(second + 0.45 * each, second + 0.9 * each, n, "barmiss", says)
    parts = []
    if run.realtime:
        known = lates is not None and interval is not None
        what = f"{frames_missed.sum():.0f} frames late or not shown" if known else "late frames: not recorded"
        parts.append(f"Red: {what}")
    else:
        parts.append(f"Red: {frames_missed.sum():.0f} frames missing from the file")
    told = "drawings: not recorded" if missing is None else f"{drawings.sum():.0f} drawings missing"
    return Plot(title, plane.svg(title), f"{parts[0]}. Violet: {told}.")


def _depth(run: RunFile, scales: Scales) -> Plot:
    title = "Jitter buffer depth"
    actual, target = (run.column(name) for name in _DEPTHS)
    if actual is None and target is None:
        return Plot(title, None, "")
    plane = Plane(scales.seconds, (0.0, scales.depth_ms), x_label="seconds", y_label="ms")
    _turns(plane, run)
    if actual is not None:
        plane.line(run.at_s, actual, "line")
    if target is not None:
        plane.line(run.at_s, target, "aim")
    return Plot(title, plane.svg(title), "Sound waiting to be played; dashed: the depth aimed at.")


def _skew(run: RunFile, scales: Scales) -> Plot:
    title, skew, interval = "Mouth against sound", run.column("av_skew_ms"), run.interval_ms
    if skew is None:
        return Plot(title, None, "")
    reach = scales.skew_ms
    plane = Plane(scales.seconds, (-reach, reach), x_label="seconds", y_label="ms")
    if interval is not None:
        plane.band(-interval, interval, "good")
    _turns(plane, run)
    plane.line(run.at_s, skew, "line")
    return Plot(title, plane.svg(title), "Above 0 the mouth is ahead. Green: within one frame interval.")


def _turns(plane: Plane, run: RunFile) -> None:
    for end in run.turn_ends_s[:_MOST_TURNS]:
        plane.upright(end, "turn")


def _turns_caption(run: RunFile) -> str:
    if not run.turn_ends_s:
        return "Turn boundaries: not recorded."
    if len(run.turn_ends_s) > _MOST_TURNS:
        return f"Dotted: the ends of the first {_MOST_TURNS} of {len(run.turn_ends_s)} turns."
    return "Dotted: a turn ended."


def _gaps(plane: Plane, run: RunFile) -> None:
    dropped = dropped_before(run)
    for i in _highest_of_each_column(run.at_s, dropped, dropped):
        says = f"{dropped[i]:.0f} frames never shown before {run.at_s[i]:.2f} s"
        plane.tick(run.at_s[i], "badline", says)
    if left_out := dropped_at_the_end(run):
        says = f"{left_out} frames never shown after {run.at_s[-1]:.2f} s"
        plane.tick(run.at_s[-1], "badline", says)


def _highest_of_each_column(x: F64, y: F64, chosen: F64) -> list[int]:
    """Of the chosen points, the highest of each column of the plot: at most COLUMNS."""
    span = max(float(x[-1] - x[0]), 1e-9)
    best: dict[int, int] = {}
    for i in np.flatnonzero(chosen):
        column = int((x[i] - x[0]) / span * COLUMNS)
        if column not in best or y[i] > y[best[column]]:
            best[column] = int(i)
    return list(best.values())


def _per_bar(at: F64, values: F64, bars: int) -> F64:
    place = np.clip(at.astype(np.int64), 0, bars - 1)
    sums = np.bincount(place, weights=np.nan_to_num(values), minlength=bars)
    return sums.astype(np.float64)


def _top(values: F64 | None) -> float:
    return 0.0 if values is None else float(np.nanmax(np.abs(values)))
