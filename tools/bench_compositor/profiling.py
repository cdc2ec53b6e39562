"""Where a frame of Mien's goes: the parts of drawing, by kind of frame."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from bench_compositor.engines.mien_gl import MienGl
from bench_compositor.timeline import Scenario, build
from mien.composite.gl import Compositor
from mien.composite.gl.fetch import Fetch
from mien.composite.gl.functions import Functions
from mien.composite.gl.loop import Loop
from mien.composite.plan.planner import Planner

_PARTS: tuple[tuple[str, type, str], ...] = (
    ("plan", Planner, "plan"),
    ("rows and rectangles up", Compositor, "_send_rows"),
    ("rows and rectangles up", Fetch, "add"),
    ("rows and rectangles up", Fetch, "send"),
    ("rows and rectangles up", Loop, "add"),
    ("rows and rectangles up", Loop, "send"),
    ("draw calls", Fetch, "draw"),
    ("draw calls", Loop, "draw"),
    ("read", Functions, "read"),
)


def profile(scenario: Scenario, frames: int) -> str:
    """A table in Markdown: median milliseconds of each part by kind of frame, best of three rounds."""
    timeline = build(scenario, frames)
    engine = MienGl(timeline, damage=True)
    spent = dict.fromkeys((part for part, _, _ in _PARTS), 0.0)
    kept: list[tuple[type, str, Callable[..., Any]]] = []
    for part, owner, name in _PARTS:
        whole = getattr(owner, name)
        kept.append((owner, name, whole))
        setattr(owner, name, _timed(whole, part, spent))
    counters = engine.compositor.counters
    columns = (*spent, "all", "draws", "pixels drawn again")
    best = np.full((len(timeline.kinds), len(columns)), np.inf)
    try:
        for _ in range(3):
            for k in range(len(timeline.kinds)):
                spent.update(dict.fromkeys(spent, 0.0))
                draws, pixels = counters.draws, counters.pixels
                begun = perf_counter()
                engine.draw(k)
                took = perf_counter() - begun
                row = (*spent.values(), took, counters.draws - draws, counters.pixels - pixels)
                if took < best[k, len(spent)]:
                    best[k] = row
    finally:
        for owner, name, whole in kept:
            setattr(owner, name, whole)
        engine.compositor.close()
        engine.context.release()
    lines = [f"| {scenario.name} | {' | '.join(columns)} |", "|---|" + "---:|" * len(columns)]
    for kind in ("unchanged", "talk", "fade", "sway"):
        some = best[[k for k, one in enumerate(timeline.kinds) if one == kind]]
        if len(some):
            middle = np.median(some, axis=0)
            times = [f"{value * 1e3:.3g} ms" for value in middle[: len(spent) + 1]]
            counts = [f"{value:.0f}" for value in middle[len(spent) + 1 :]]
            lines.append(f"| {kind} | {' | '.join([*times, *counts])} |")
    return "\n".join(lines)


def _timed(whole: Callable[..., Any], part: str, spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        begun = perf_counter()
        try:
            return whole(*arguments, **named)
        finally:
            spent[part] += perf_counter() - begun

    return timed
