"""The figures of a run, worked out from its records; from the last line only where no record says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mien.report.run_file import SAMPLES_PER_MS, RunFile, number
from mien.types import F64

Figures = Mapping[str, float | None]
"""By `metric.statistic` or metric; None: not recorded."""


def figures_of(run: RunFile) -> dict[str, float | None]:
    """Every figure that a target, a verdict or a comparison asks for. Quantiles are nearest-rank, exact."""
    return {**_frames(run), **_times(run), **_resources(run), **_sound(run)}


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


def quantile(values: F64 | None, q: float) -> float | None:
    """The smallest value that a share q of all does not exceed."""
    if values is None or not len(values):
        return None
    return float(np.quantile(values, q, method="inverted_cdf"))


def _frames(run: RunFile) -> dict[str, float | None]:
    produced = float(len(run.frames["frame"]))
    dropped = dropped_before(run)
    over, lates = over_budget(run), late(run)
    over_total = None if over is None else float(over.sum())
    misses = _sum(run, "l1_misses")
    return {
        "frames_expected_total": float(run.frames_expected),
        "frames_produced_total": produced,
        "frames_dropped_total": float(dropped.sum()),
        "frames_late_total": None if lates is None else float(lates.sum()),
        "frames_over_budget_total": over_total,
        "frames_over_budget_per_1000": None if over_total is None else 1000 * over_total / produced,
        "l1_miss_per_1000": None if misses is None else 1000 * misses / produced,
        "consecutive_missed_max": float(dropped.max()),
        "dropped_percent_1s.worst": _worst_second(run),
    }


def _worst_second(run: RunFile) -> float | None:
    """Most frames dropped of a second's worth of the schedule, in percent (of all, when there was less)."""
    if run.interval_ms is None:
        return None
    index = run.frames["frame"].astype(np.int64) - run.first_frame
    window = max(1, round(1000 / run.interval_ms))
    if index[-1] + 1 <= window:
        return float(100 * (1 - len(index) / (index[-1] + 1)))
    # The fewest frames shown in a window are found in one that ends just before a shown frame, or at the end.
    ends = np.append(index[index >= window], index[-1] + 1)
    shown = np.searchsorted(index, ends) - np.searchsorted(index, ends - window)
    return float(100 * (window - shown.min()) / window)


def _times(run: RunFile) -> dict[str, float | None]:
    work = None if run.work_ms is None else run.work_ms[~np.isnan(run.work_ms)]
    shown = run.known("presented_ms") if run.realtime else None
    rebuilds, rebuild_us = run.column("l1_rebuilds"), run.column("l1_rebuild_us")
    # Of each character that changed: in some frames several do.
    some = None if rebuilds is None else rebuilds > 0
    changed = None if rebuilds is None or rebuild_us is None else rebuild_us[some] / rebuilds[some]
    delay = delay_ms(run)
    return {
        "work_ms.p50": quantile(work, 0.5),
        "work_ms.p99": quantile(work, 0.99),
        "work_ms.max": quantile(work, 1.0),
        "frame_cpu_ms.p50": quantile(run.known("frame_cpu_ms"), 0.5),
        "frame_cpu_ms.p99": quantile(run.known("frame_cpu_ms"), 0.99),
        "frame_cpu_ms.max": quantile(run.known("frame_cpu_ms"), 1.0),
        "frame_gpu_ms.p99": quantile(run.known("frame_gpu_ms"), 0.99),
        "present_interval_ms.p99": None if shown is None else quantile(np.diff(shown), 0.99),
        "frame_delay_ms.max": None if delay is None else quantile(delay[~np.isnan(delay)], 1.0),
        "animation_error_ms.p99": quantile(run.known("animation_error_ms"), 0.99),
        "l1_rebuild_us.p99": quantile(changed, 0.99),
        "upload_ms.max": quantile(run.known("upload_ms"), 1.0),
        "readback_wait_ms.max": quantile(run.known("readback_wait_ms"), 1.0),
        "readback_age_frames.max": quantile(run.known("readback_age_frames"), 1.0),
        "thread_gap_ms.p99": _total(run, "thread_gap_ms", "p99"),
        "gc_pause_ms.max": _longest_collection(run),
    }


def _longest_collection(run: RunFile) -> float | None:
    pauses = [ms for p in run.pauses if p.get("kind") == "gc" and (ms := number(p.get("ms"))) is not None]
    # A frame that tells its share of the collector shows that there was somebody to see a collection.
    watched = run.column("gc_ms") is not None
    return max(pauses, default=0.0) if pauses or watched else None


def _resources(run: RunFile) -> dict[str, float | None]:
    return {
        "l1_miss_total": _sum(run, "l1_misses"),
        "l1_miss_ms.max": quantile(run.known("l1_miss_ms"), 1.0),
        "shader_compile_after_ready_total": _sum(run, "shader_compiles"),
        "gl_alloc_after_ready_total": _sum(run, "gl_allocations"),
    }


def _sound(run: RunFile) -> dict[str, float | None]:
    skew = run.known("av_skew_ms")
    gap, concealed = _sum(run, "added_gap_samples"), _sum(run, "concealed_samples")
    return {
        "time_to_first_audio_ms.max": _worst_turn(run, "time_to_first_audio_ms"),
        "interrupt_to_silence_ms.max": _worst_turn(run, "interrupt_to_silence_ms"),
        "inter_turn_gap_ms": None if gap is None else gap / SAMPLES_PER_MS,
        "audio_underruns_total": _sum(run, "underruns"),
        "audio_concealed_ms": None if concealed is None else concealed / SAMPLES_PER_MS,
        "turns_short_total": _turns_short(run),
        "av_skew_ms.abs_max": None if skew is None else float(np.abs(skew).max()),
        "av_skew_ms.least": None if skew is None else float(skew.min()),
        "av_skew_ms.most": None if skew is None else float(skew.max()),
    }


def _worst_turn(run: RunFile, name: str) -> float | None:
    told = [ms for turn in run.turns if (ms := number(turn.get(name))) is not None]
    return max(told, default=None)


def _turns_short(run: RunFile) -> float | None:
    """Turns of which more or less was decoded than their files promise; interrupted ones are not judged."""
    judged = [
        abs(decoded - promised) > 1  # a length given at another rate may round by a sample
        for turn in run.turns
        if (decoded := number(turn.get("samples_decoded"))) is not None
        and (promised := number(turn.get("samples_expected"))) is not None
        and not turn.get("interrupted")
    ]
    return float(sum(judged)) if judged else None


def _sum(run: RunFile, name: str) -> float | None:
    values = run.known(name)
    return None if values is None else float(values.sum())


def _total(run: RunFile, name: str, statistic: str) -> float | None:
    spread = run.total(name)
    return number(spread.get(statistic)) if isinstance(spread, Mapping) else None
