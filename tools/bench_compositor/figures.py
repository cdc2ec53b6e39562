"""Figures from the times of frames, and the targets they are held to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench_compositor.measure import Measured, Result
from bench_compositor.timeline import Scenario

STATISTICS = ("talk", "fade", "sway", "real", "unchanged", "mean", "p95", "p99", "processor", "processor p99")
"""`processor`: the median of processor time, of all threads."""
_OF_ALL = {"mean": np.mean, "p95": lambda r: np.percentile(r, 95), "p99": lambda r: np.percentile(r, 99)}
_OF_PROCESSOR = {"processor": np.median, "processor p99": lambda r: np.percentile(r, 99)}


@dataclass(frozen=True, slots=True)
class Figure:
    """A statistic of each round: the median over the rounds, and how far they spread. Milliseconds."""

    value: float
    low: float
    high: float


def figures(result: Result, one: Measured) -> dict[str, Figure]:
    """Statistic -> figure. Kinds that the timeline lacks are left out."""
    kinds = np.array(result.kinds)
    out: dict[str, Figure] = {}
    for name in STATISTICS:
        if name in _OF_ALL:
            rounds = [_OF_ALL[name](r) for r in one.rounds]
        elif name in _OF_PROCESSOR:
            rounds = [_OF_PROCESSOR[name](r) for r in one.processor]
        elif (kinds == name).any():
            rounds = [np.median(np.array(r)[kinds == name]) for r in one.rounds]
        else:
            continue
        if rounds:
            out[name] = Figure(float(np.median(rounds)), float(min(rounds)), float(max(rounds)))
    return out


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the table of targets."""

    what: str
    scenario: str
    limit: float
    unit: str
    measured: float

    @property
    def met(self) -> bool:
        return self.measured <= self.limit


def targets(results: list[Result]) -> list[Target]:
    """The targets that these results have figures for."""
    found: list[Target] = []
    for result in results:
        of = {key: figures(result, one) for key, one in result.engines.items() if one.rounds}
        mien = result.engines.get("mien")

        def ratio(what: str, limit: float, ours: str, theirs: str, statistic: str) -> None:
            above, below = of.get(ours, {}).get(statistic), of.get(theirs, {}).get(statistic)  # noqa: B023
            if above and below:
                found.append(Target(what, result.scenario, limit, "", above.value / below.value))  # noqa: B023

        if not Scenario.parse(result.scenario).scripted:
            _of_real_frames(result, ratio)
            continue
        if result.scenario.startswith("1280x720"):
            ratio("changed talk frame, median, against Blend2D", 0.40, "mien", "blend2d", "talk")
        if result.scenario.startswith("1920x1080-2"):
            ratio("changed talk frame, median, against Blend2D", 0.15, "mien", "blend2d", "talk")
        ratio("p99 of all frames against Blend2D", 0.65, "mien", "blend2d", "p99")
        ratio("mean of all frames against Blend2D", 0.50, "mien", "blend2d", "mean")
        ratio("sway frames against Blend2D", 0.70, "mien", "blend2d", "sway")
        ratio("changed talk frame against Pillow with L1 cache", 0.012, "mien", "pillow", "talk")
        ratio("full redraw, no damage, against one draw per layer", 0.30, "mien-full", "naive-gl", "mean")
        if mien is None or "mien" not in of:
            continue
        if mien.facts.get("frames_per_second"):
            ratio("on a GPU, mean of all frames against Blend2D", 0.05, "mien", "blend2d", "mean")
            if result.scenario == "3840x2160-8-mixed":
                ms = 1000.0 / mien.facts["frames_per_second"]
                what = "240 frames a second with 8 characters"
                found.append(Target(what, result.scenario, 1000.0 / 240.0, "ms", ms))
        still = of["mien"].get("unchanged")
        if still:
            found.append(Target("unchanged frame", result.scenario, 0.03, "ms", still.value))
        calls = mien.facts.get("unchanged_draws")
        if calls is not None:
            found.append(Target("GL draws of an unchanged frame", result.scenario, 0, "", float(calls)))
        python = result.fill_ms + (mien.facts.get("plan_ms") or 0.0)
        parts = "rows and plan" if mien.facts.get("plan_ms") is not None else "rows only"
        found.append(
            Target(
                f"Python per changed frame ({parts}), {result.layers} layers",
                result.scenario,
                0.2,
                "ms",
                python,
            )
        )
        first = float(np.median(mien.first_frame_ms))
        found.append(
            Target("first frame, warm shader cache, warm-up included", result.scenario, 100, "ms", first)
        )
    return found


def _of_real_frames(result: Result, ratio: Callable[[str, float, str, str, str], None]) -> None:
    """The targets of frames in which everything moves."""
    if result.scenario.endswith("-real"):
        half = 0.5 if result.scenario.startswith("1280x720") else 0.4
        ratio("processor time of a real frame against Blend2D", half, "mien", "blend2d", "processor")
        ratio("its p99", 0.7, "mien", "blend2d", "processor p99")
