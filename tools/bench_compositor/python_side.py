"""What a frame costs in Python: everything but the pixels, which the driver is told to leave out.

For Mesa's drivers (`GALLIUM_NOOP`). Time of the thread that draws, so that what else runs counts little.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from bench_compositor.real import FROM_S, shows
from bench_compositor.timeline import Scenario
from mien.composite.gl import Compositor, CompositorOptions, open_headless
from mien.composite.gl.strategy_selection import StrategyName
from mien.composite.rows import IDENTITY
from mien.stage.show import Show

NO_PIXELS = {"GALLIUM_NOOP": "1"}

_LOOK_S = 0.1
_KINDS = ("with the drawings of the one before", "with others, or other shares", "in which rows come or go")
_Given = TypeVar("_Given")


def without_pixels() -> None:
    """From now on contexts draw nothing. Before the first context is opened."""
    os.environ.update(NO_PIXELS)


def python_side(scenario: Scenario, frames: int) -> str:
    """Tables in Markdown: milliseconds of the thread's time in each part of a frame, as software renderers
    draw it (`fetch`) and as GPUs do (`loop`). "tick" has "rows" in it, and "all" is without "sound"."""
    return "\n\n".join(_measured(scenario, frames, strategy) for strategy in ("fetch", "loop"))


def _measured(scenario: Scenario, frames: int, strategy: StrategyName) -> str:
    rolling = shows(scenario.size, scenario.characters, scenario.modes, frames=frames)
    show, frame = next(rolling)
    spent: dict[str, list[float]] = {"sound": [], "tick": [], "rows": [], "plan": [], "draw": [], "all": []}
    kinds: list[str] = []
    shown = b""
    context = open_headless()
    with Compositor(
        context,
        scenario.size,
        show.page_size,
        len(show.pages),
        frame.capacity,
        warp_cells=frame.warp_cells,
        options=CompositorOptions(strategy=strategy),
    ) as compositor:
        for index, page in enumerate(show.pages):
            compositor.upload_page(index, page)
        compositor.warm_up()
        took = {"plan": 0.0, "rows": 0.0, "sound": 0.0}
        planning = compositor._planning
        planning.blocks = _timed(planning.blocks, "plan", took)  # type: ignore[method-assign]
        # Pulled here because the stage is none in real time; where it is, playout's thread does it.
        show.audio.pull = _timed(show.audio.pull, "sound", took)  # type: ignore[method-assign]
        cast = show.player.rows
        cast.fill = _timed(cast.fill, "rows", took)  # type: ignore[method-assign]
        gc.collect()
        gc.disable()
        first = round(FROM_S * 30)
        with compositor.current():
            for k in range(first + frames):
                if k == first:
                    _decoded(show)
                begun = time.thread_time()
                _, frame = next(rolling)
                ticked = time.thread_time()
                compositor.draw(frame)
                drawn = time.thread_time()
                names = frame.rows[: frame.count, IDENTITY].tobytes()
                if k >= first:
                    draw = drawn - ticked - took["plan"]
                    sound = took["sound"]
                    tick, whole = ticked - begun - sound, drawn - begun - sound
                    parts = (sound, tick, took["rows"], took["plan"], draw, whole)
                    for name, value in zip(spent, parts, strict=True):
                        spent[name].append(value * 1e3)
                    kinds.append(_KINDS[2 if names != shown else min(1, show.player.rebuilds)])
                shown = names
        anew = compositor._planning.anew
        gc.enable()
    context.release()
    rolling.close()
    lines = [f"| {scenario.name}, {frame.count} rows, {strategy} | p50 | p95 | p99 |", "|---|---:|---:|---:|"]
    for name, values in spent.items():
        p50, p95, p99 = np.percentile(values, (50, 95, 99))
        lines.append(f"| {name} | {p50:.2f} ms | {p95:.2f} ms | {p99:.2f} ms |")
    for kind in _KINDS:
        some = [value for value, own in zip(spent["all"], kinds, strict=True) if own == kind]
        if some:
            p50, p95, p99 = np.percentile(some, (50, 95, 99))
            lines.append(f"| all of {len(some)} frames {kind} | {p50:.2f} ms | {p95:.2f} ms | {p99:.2f} ms |")
    lines.append(f"| plans made anew | {anew} |  |  |")
    return "\n".join(lines)


def _decoded(show: Show) -> None:
    """Have all sound decoded. Frames come here faster than in real time, and so does the decoder's thread,
    which then takes the interpreter's lock a hundred times a frame: as often as numpy releases it."""
    worker = show.audio._worker
    worker._max_outstanding = sys.maxsize
    worker.nudge()
    while not all(job.turn.done for job in list(worker._jobs)):
        worker.progress.wait(_LOOK_S)
        worker.progress.clear()


def _timed(whole: Callable[..., _Given], part: str, took: dict[str, float]) -> Callable[..., _Given]:
    def timed(*arguments: object, **named: object) -> _Given:
        begun = time.thread_time()
        try:
            return whole(*arguments, **named)
        finally:
            took[part] = time.thread_time() - begun

    return timed
