"""The figures of a run, worked out from its records; from the last line only where no record says.

Which there are, the table of metrics says. What is made of a record's field is worked out by that alone; what
depends on the schedule or on several records has a function here, by the name of its metric.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite

import numpy as np

from mien.observe import TABLE, MetricTable
from mien.observe.metric import Figure, Metric
from mien.observe.smoothness import Freezes, has_rested
from mien.observe.turn_record import ROUNDED
from mien.report.records import number
from mien.report.run_file import RunFile
from mien.types import F64

Figures = Mapping[str, float | None]
"""By `metric.statistic` or metric; None: not recorded."""

_QUANTILES = {"p50": 0.5, "p99": 0.99, "max": 1.0}


def figures_of(run: RunFile, table: MetricTable = TABLE) -> dict[str, float | None]:
    """Every figure that the table names. Quantiles are nearest-rank, exact."""
    found: dict[str, float | None] = {}
    for metric in table.metrics:
        for figure in figures_named(metric):
            found[figure.name_of(metric.name)] = _figure(run, metric, figure.stat)
    return found


def figures_named(metric: Metric) -> tuple[Figure, ...]:
    """The figures of a metric; a counter that names none has its total."""
    return metric.figures or ((Figure(""),) if metric.kind == "counter" else ())


def over_budget(run: RunFile) -> F64 | None:
    """Which frames took longer than T: (n,) of 0 and 1. None when the file does not tell times or T."""
    if run.work_ms is None or run.interval_ms is None:
        return None
    return (run.work_ms > run.interval_ms).astype(np.float64)


def late(run: RunFile) -> F64 | None:
    """Which frames were shown more than T after they were due: (n,) of 0 and 1; None without a schedule."""
    delay = delay_ms(run)
    if delay is None or run.interval_ms is None:
        return None
    return (delay > run.interval_ms).astype(np.float64)


def delay_ms(run: RunFile) -> F64 | None:
    """How late each frame was shown, never negative: (n,). None without a schedule."""
    if not run.realtime:
        return None
    told = run.column("frame_delay_ms")
    due, shown = run.column("scheduled_ms"), run.column("presented_ms")
    if told is not None or due is None or shown is None:
        return told
    return np.maximum(0.0, shown - due)


def dropped_before(run: RunFile) -> F64:
    """How many frames of the schedule were left out right before each: (n,)."""
    return np.diff(run.frames["frame"], prepend=run.first_frame - 1.0) - 1


def dropped_at_the_end(run: RunFile) -> int:
    """How many frames of the schedule were left out behind the last that was shown."""
    return run.first_frame + run.frames_expected - 1 - int(run.frames["frame"][-1])


def quantile(values: F64 | None, q: float) -> float | None:
    """The smallest value that a share q of all does not exceed."""
    if values is None or not len(values):
        return None
    return float(np.quantile(values, q, method="inverted_cdf"))


def _figure(run: RunFile, metric: Metric, stat: str) -> float | None:
    if metric.name in _OF_THE_RUN:
        return _OF_THE_RUN[metric.name](run)
    if metric.name == "thread_gap_ms":  # every beat counts, and beats are not written down
        spread = run.total(metric.name)
        return number(spread.get(stat)) if isinstance(spread, Mapping) else None
    if metric.kind == "counter" or metric.divide > 1:
        values = run.known(metric.field) if metric.field else None
        total = None if values is None else float(values.sum()) / metric.divide
        return total if total is None or stat != "per_1000" else 1000 * total / len(run.frames["frame"])
    values = _values(run, metric)
    if stat in _QUANTILES:
        return quantile(values, _QUANTILES[stat])
    if values is None:
        return None
    signed = {"abs_max": np.abs(values).max(), "least": values.min(), "most": values.max()}
    return float(signed[stat])


def _values(run: RunFile, metric: Metric) -> F64 | None:
    """All values of a metric that is told by quantiles: (n,), without NaN."""
    if metric.name in _VALUES:
        values = _VALUES[metric.name](run)
        return None if values is None else values[~np.isnan(values)]
    values, gate = run.column(metric.field), run.column(metric.when) if metric.when else None
    if values is None:
        told = [v for turn in run.turns if (v := number(turn.get(metric.field))) is not None]
        return np.array(told, np.float64) if told else None
    if metric.mean:
        # Of several things in some frames: without their number nobody knows.
        each = np.full(0, np.nan) if gate is None else values / np.where(gate > 0, gate, np.nan)
        each = each[~np.isnan(each)]
        return each if len(each) else None
    counted = values if gate is None else values[gate > 0]
    counted = counted[~np.isnan(counted)]
    if metric.kind == "counts" and not len(counted):
        return None  # of a screen whose refresh nobody knows
    return counted if len(counted) else np.zeros(1)


def _present_intervals(run: RunFile) -> F64 | None:
    shown = run.known("presented_ms") if run.realtime else None
    return None if shown is None else np.diff(shown)


def _overruns(run: RunFile) -> F64 | None:
    due, shown = run.known("scheduled_ms"), run.known("presented_ms")
    if not run.realtime or run.interval_ms is None or due is None or shown is None or len(due) != len(shown):
        return None
    return shown - due - run.interval_ms


def freezes(run: RunFile) -> Freezes | None:
    """Freezes, and the sums of the times between frames; None without a schedule."""
    due, shown, interval_ms = run.column("scheduled_ms"), run.column("presented_ms"), run.interval_ms
    if not run.realtime or due is None or shown is None or interval_ms is None:
        return None
    found = Freezes()
    steps = np.diff(run.frames["frame"]), np.diff(due), np.diff(shown)
    for frames, due_ms, stayed_ms in zip(*(step.tolist() for step in steps), strict=True):
        if isfinite(stayed_ms) and not has_rested(frames, due_ms, interval_ms):
            found.add(stayed_ms)
    return found


def _of_freezes(name: str) -> Callable[[RunFile], float | None]:
    def told(run: RunFile) -> float | None:
        found = freezes(run)
        value = None if found is None else getattr(found, name)
        return None if value is None else float(value)

    return told


def _collections(run: RunFile) -> F64 | None:
    pauses = [ms for p in run.pauses if p.get("kind") == "gc" and (ms := number(p.get("ms"))) is not None]
    # A frame that tells its share of the collector shows that there was somebody to see a collection.
    watched = run.column("gc_ms") is not None
    return np.array(pauses or [0.0]) if pauses or watched else None


_VALUES: Mapping[str, Callable[[RunFile], F64 | None]] = {
    "work_ms": lambda run: run.work_ms,
    "frame_delay_ms": delay_ms,
    "present_interval_ms": _present_intervals,
    "frame_overrun_ms": _overruns,
    "gc_pause_ms": _collections,
}
"""Values that are no field of a record, or are worked out where a file has none."""


def _late_total(run: RunFile) -> float | None:
    lates = late(run)
    return None if lates is None else float(lates.sum())


def _on_time_total(run: RunFile) -> float | None:
    lates = _late_total(run)
    return None if lates is None else len(run.frames["frame"]) - lates


def _dropped_total(run: RunFile) -> float:
    return float(dropped_before(run).sum()) + dropped_at_the_end(run)


def _longest_gap(run: RunFile) -> float:
    return float(max(dropped_before(run).max(), dropped_at_the_end(run)))


def _over_total(run: RunFile) -> float | None:
    over = over_budget(run)
    return None if over is None else float(over.sum())


def _over_per_1000(run: RunFile) -> float | None:
    over = _over_total(run)
    return None if over is None else 1000 * over / len(run.frames["frame"])


def _worst_second(run: RunFile) -> float | None:
    """Most frames dropped of a second's worth of the schedule, in percent (of all, when there was less)."""
    if run.interval_ms is None:
        return None
    index, end = run.frames["frame"].astype(np.int64) - run.first_frame, run.frames_expected
    window = max(1, round(1000 / run.interval_ms))
    if end <= window:
        return float(100 * (1 - len(index) / end))
    # The fewest frames shown in a window are found in one that ends just before a shown frame, or at the end.
    ends = np.append(index[index >= window], end)
    shown = np.searchsorted(index, ends) - np.searchsorted(index, ends - window)
    return float(100 * (window - shown.min()) / window)


def _turns_total(run: RunFile) -> float | None:
    return float(len(run.turns)) if run.turns else None


def _turns_short(run: RunFile) -> float | None:
    """Turns decoded whole, to another length than their files promise; interrupted ones are not judged."""
    judged = [
        abs(decoded - promised) > ROUNDED and not turn.get("damaged")
        for turn in run.turns
        if (decoded := number(turn.get("samples_decoded"))) is not None
        and (promised := number(turn.get("samples_expected"))) is not None
        and not turn.get("interrupted")
    ]
    return float(sum(judged)) if judged else None


def _turns_partly_heard(run: RunFile) -> float | None:
    """Turns of which only a part could be decoded and played; interrupted ones are not judged."""
    judged = [
        bool(turn.get("damaged")) and not turn.get("interrupted") and played > 0
        for turn in run.turns
        if (played := number(turn.get("samples_played"))) is not None
    ]
    return float(sum(judged)) if judged else None


def _turns_unheard(run: RunFile) -> float | None:
    """Turns that could not be decoded and of which nothing was played; interrupted ones are not judged."""
    judged = [
        bool(turn.get("damaged")) and not turn.get("interrupted") and not played
        for turn in run.turns
        if (played := number(turn.get("samples_played"))) is not None
    ]
    return float(sum(judged)) if judged else None


_OF_THE_RUN: Mapping[str, Callable[[RunFile], float | None]] = {
    "frames_expected_total": lambda run: float(run.frames_expected),
    "frames_produced_total": lambda run: float(len(run.frames["frame"])),
    "frames_on_time_total": _on_time_total,
    "frames_late_total": _late_total,
    "frames_dropped_total": _dropped_total,
    "dropped_percent_1s": _worst_second,
    "consecutive_missed_max": _longest_gap,
    "freezes_total": _of_freezes("count"),
    "freezes_duration_ms": _of_freezes("duration_ms"),
    "harmonic_hz": _of_freezes("harmonic_hz"),
    "frames_over_budget_total": _over_total,
    "frames_over_budget_per_1000": _over_per_1000,
    "turns_total": _turns_total,
    "turns_short_total": _turns_short,
    "turns_partly_heard_total": _turns_partly_heard,
    "turns_unheard_total": _turns_unheard,
}
"""Single numbers that no field adds up to."""
