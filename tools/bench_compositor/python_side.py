"""What a frame costs in Python: everything but the pixels, which the driver is told to leave out.

For Mesa's drivers (`GALLIUM_NOOP`). Time of the thread that draws, so that what else runs counts little.
"""

from __future__ import annotations

import gc
import os
import time

import numpy as np

from bench_compositor.real import FROM_S, shows
from bench_compositor.timeline import Scenario
from mien.composite.gl import Compositor, CompositorOptions, open_headless
from mien.composite.gl.strategy_selection import StrategyName

NO_PIXELS = {"GALLIUM_NOOP": "1"}


def without_pixels() -> None:
    """From now on contexts draw nothing. Before the first context is opened."""
    os.environ.update(NO_PIXELS)


def python_side(scenario: Scenario, frames: int) -> str:
    """Tables in Markdown: milliseconds of the thread's time in each part of a frame, as software renderers
    draw it (`fetch`) and as GPUs do (`loop`)."""
    return "\n\n".join(_measured(scenario, frames, strategy) for strategy in ("fetch", "loop"))


def _measured(scenario: Scenario, frames: int, strategy: StrategyName) -> str:
    rolling = shows(scenario.size, scenario.characters, scenario.modes)
    show, frame = next(rolling)
    spent: dict[str, list[float]] = {"tick": [], "plan": [], "draw": [], "all": []}
    context = open_headless()
    with Compositor(
        context,
        scenario.size,
        show.page_size,
        len(show.pages),
        frame.capacity,
        options=CompositorOptions(strategy=strategy),
    ) as compositor:
        for index, page in enumerate(show.pages):
            compositor.upload_page(index, page)
        compositor.warm_up()
        planned, whole = [0.0], compositor._planned

        def timed(*arguments: object) -> object:
            begun = time.thread_time()
            try:
                return whole(*arguments)  # type: ignore[arg-type]
            finally:
                planned[0] = time.thread_time() - begun

        compositor._planned = timed  # type: ignore[method-assign, assignment]
        gc.collect()
        gc.disable()
        first = round(FROM_S * 30)
        with compositor.current():
            for k in range(first + frames):
                begun = time.thread_time()
                _, frame = next(rolling)
                ticked = time.thread_time()
                compositor.draw(frame)
                drawn = time.thread_time()
                if k >= first:
                    parts = (ticked - begun, planned[0], drawn - ticked - planned[0], drawn - begun)
                    for name, value in zip(spent, parts, strict=True):
                        spent[name].append(value * 1e3)
        gc.enable()
    context.release()
    rolling.close()
    lines = [f"| {scenario.name}, {frame.count} rows, {strategy} | p50 | p95 | p99 |", "|---|---:|---:|---:|"]
    for name, values in spent.items():
        p50, p95, p99 = np.percentile(values, (50, 95, 99))
        lines.append(f"| {name} | {p50:.2f} ms | {p95:.2f} ms | {p99:.2f} ms |")
    return "\n".join(lines)
