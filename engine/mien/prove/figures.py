"""Figures of runs with their intervals, by the names that claims have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from mien.prove.recount import Recount, Stall
from mien.prove.runs import Run
from mien.prove.statistics import (
    Weighed,
    difference,
    in_blocks,
    interval,
    mean,
    quantile,
    share,
)
from mien.prove.thresholds import Figure
from mien.report import RunFile
from mien.report.figures import delay_ms, figures_of, late
from mien.types import F64

PER_1000 = ("missed", "over_budget", "pictures_missing", "fewer_pixels", "coarse")
"""Figures that count frames: `missed_per_1000` and so on; of several in a frame it counts once."""
QUANTILES: Mapping[str, tuple[str, float]] = {
    "frame_ms_p50": ("frame_ms", 0.5),
    "frame_ms_p99": ("frame_ms", 0.99),
    "frame_ms_worst": ("frame_ms", 1.0),
    "present_interval_p99": ("present_interval", 0.99),
    "delay_ms_worst": ("delay_ms", 1.0),
    "skew_p99": ("skew", 0.99),
}
"""Figures that are quantiles: of what, and which."""
_BEEP_FIRST_MS, _BEEP_LAST_MS = -45.0, 125.0
"""Sound minus picture: ITU-R BT.1359."""
_BUFFERS = ("webrtc",)
"""Surfaces that hold sound back in buffers of their own, and leave frames out of their own accord: what they
do is told, and each frame must be accounted for, but it is none of Mien's bounds."""
_FOUND_WITHIN = 1.5
"""Frame intervals to which an observer measures a stall that was put in: a host that comes back waits for the
next frame, up to one, and for its pixels."""
_OBSERVED_MS = 1000 / 30
"""An interval of what observers are shown."""


def column(run: RunFile, name: str) -> F64 | None:
    """One value a frame of the schedule, (n,), or of those shown; None where the file does not say."""
    return _COLUMNS[name](run)


def _on_schedule(run: RunFile, of_shown: F64, unshown: float) -> F64:
    """(n,) for all frames of the schedule, from a value for each that was shown."""
    values = np.full(run.frames_expected, unshown)
    values[run.frames["frame"].astype(int) - run.first_frame] = of_shown
    return values


def missed(run: RunFile) -> F64:
    """Which frames of the schedule were late or never shown: (n,) of 0 and 1."""
    lates = late(run)
    return _on_schedule(run, np.zeros(len(run.at_s)) if lates is None else lates, 1.0)


def longest_missed(run: RunFile) -> int:
    """The longest run of frames that were late or never shown."""
    held = np.concatenate(([0.0], missed(run), [0.0]))
    edges = np.flatnonzero(np.diff(held))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def _field(name: str, run: RunFile) -> F64 | None:
    values = run.column(name)
    return None if values is None else _on_schedule(run, (np.nan_to_num(values) > 0).astype(np.float64), 0.0)


def _known(name: str, run: RunFile) -> F64 | None:
    values = run.known(name)
    return None if values is None else np.abs(values)


def _over_budget(run: RunFile) -> F64 | None:
    if run.work_ms is None or run.interval_ms is None:
        return None
    return _on_schedule(run, (run.work_ms > run.interval_ms).astype(np.float64), 0.0)


def _shown_apart(run: RunFile) -> F64 | None:
    shown = run.known("presented_ms")
    return None if shown is None else np.diff(shown)


def _coarse(run: RunFile) -> F64 | None:
    coarse, scaled = _field("coarse", run), _field("scaled", run)
    return coarse if coarse is None or scaled is None else np.maximum(0.0, coarse - scaled)


_COLUMNS: Mapping[str, Callable[[RunFile], F64 | None]] = {
    "missed": missed,
    "over_budget": _over_budget,
    "pictures_missing": partial(_field, "l1_misses"),
    "fewer_pixels": partial(_field, "scaled"),
    "coarse": _coarse,
    "frame_ms": lambda run: run.work_ms,
    "present_interval": _shown_apart,
    "delay_ms": delay_ms,
    "skew": partial(_known, "av_skew_ms"),
}


def of_player(runs: Sequence[Run], seed: int) -> dict[str, Figure]:
    """All figures of one player's runs, by name without the player's."""
    found: dict[str, Figure] = {}
    for name in PER_1000:
        blocks = _blocks(runs, name)
        found[f"{name}_per_1000"] = None if blocks is None else share(blocks, seed)
    for name, (of, q) in QUANTILES.items():
        blocks = _blocks(runs, of)
        found[name] = None if blocks is None else interval(blocks, quantile(q), seed)
    return found | totals(runs)


def totals(runs: Sequence[Run]) -> dict[str, Figure]:
    """The figures of runs that are counted or the worst of all, with no interval, by name without the
    player's."""
    each = [figures_of(run.file) for run in runs]

    def most(*names: str) -> float | None:
        told = [v for one in each for name in names if (v := one.get(name)) is not None]
        return max(told) if told else None

    return {
        "longest_missed": max((float(longest_missed(run.file)) for run in runs), default=None),
        "pictures_missing": most("l1_miss_total"),
        "late_work": most("shader_compile_after_ready_total", "gl_alloc_after_ready_total"),
        "gap_ms": most("inter_turn_gap_ms"),
        "made_up_ms": most("audio_concealed_ms"),
        "first_sound_ms": most("time_to_first_audio_ms.max", "time_to_first_audio_ms"),
    }


def figures(
    runs: Sequence[Run], recounts: Sequence[Recount], different: int | None, seed: int
) -> dict[str, Figure]:
    """Every figure that a claim may be of: `mien.`, `legacy.`, `less.`, `observer.`, `golden.`.

    `different`: golden frames that look different, None where there were none to compare.
    """
    found: dict[str, Figure] = {}
    players = list(dict.fromkeys(run.player for run in runs))
    for player in players:
        own = of_player([run for run in runs if run.player == player], seed)
        found.update({f"{player}.{name}": value for name, value in own.items()})
    old, new = (_blocks([r for r in runs if r.player == who], "missed") for who in ("legacy", "mien"))
    if old is not None and new is not None:
        found["less.missed_per_1000"] = difference(old, new, _per_1000, seed)
    found.update(of_observers(recounts))
    found["golden.different"] = None if different is None else float(different)
    return found


def found_well(stall: Stall, interval_ms: float = _OBSERVED_MS) -> bool:
    """Whether an observer measured a stall to within an interval and a half."""
    return stall.found_ms is not None and abs(stall.found_ms - stall.size_ms) <= _FOUND_WITHIN * interval_ms


def of_observers(recounts: Sequence[Recount], interval_ms: float = _OBSERVED_MS) -> dict[str, Figure]:
    """What observers saw, all surfaces together. None where nobody looked."""
    if not recounts:
        return dict.fromkeys(
            (
                "observer.disagreements",
                "observer.stalls_not_found",
                "observer.missing_per_1000",
                "observer.beeps_apart",
            )
        )
    stalls = [stall for one in recounts for stall in one.stalls]
    lost = [one for one in stalls if not found_well(one, interval_ms)]
    # A surface on which stalls were put in misses frames by what was put in.
    plain = [one for one in recounts if not one.stalls and one.frames and one.surface not in _BUFFERS]
    beeps = [ms for one in plain for ms in one.av_ms]
    apart = sum(not _BEEP_FIRST_MS <= ms <= _BEEP_LAST_MS for ms in beeps)
    return {
        "observer.beeps_apart": float(apart) if beeps else None,
        "observer.disagreements": float(sum(len(one.disagreements) for one in recounts)),
        "observer.stalls_not_found": float(len(lost)) if stalls else None,
        "observer.missing_per_1000": max((1000 * one.missing / one.frames for one in plain), default=None),
    }


def of_run(run: Run) -> dict[str, float | None]:
    """A line of the table of runs: its own figures, without intervals."""
    told = figures_of(run.file)
    return {
        "frames": told["frames_expected_total"],
        "late": told["frames_late_total"],
        "never shown": told["frames_dropped_total"],
        "over budget": told["frames_over_budget_total"],
        "longest run missed": float(longest_missed(run.file)),
        "frame ms, median": told["work_ms.p50"],
        "frame ms, p99": told["work_ms.p99"],
        "frame ms, worst": told["work_ms.max"],
        "pictures missing": told["l1_miss_total"],
        "fewer pixels": told["frames_scaled_total"],
        "coarser steps": _total(column(run.file, "coarse")),
        "silence added, ms": told["inter_turn_gap_ms"],
    }


def _total(values: F64 | None) -> float | None:
    return None if values is None else float(values.sum())


def _blocks(runs: Sequence[Run], name: str) -> list[list[F64]] | None:
    """Blocks of one second of each run; None where a run does not say, or there is none."""
    found = []
    for run in runs:
        values = column(run.file, name)
        if values is None or not len(values):
            return None
        found.append(in_blocks(values, max(1, round(1000 / (run.file.interval_ms or 33.3)))))
    return found or None


def _per_1000(blocks: Sequence[F64]) -> Weighed:
    of = mean(blocks)
    return lambda times: 1000 * of(times)
