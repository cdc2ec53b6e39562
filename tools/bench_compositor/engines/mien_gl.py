"""Mien's compositor."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from bench_compositor.timeline import Timeline
from mien.composite.gl import Compositor, CompositorOptions, is_software, open_headless
from mien.composite.plan.coverage import Coverage
from mien.composite.plan.planner import Planner
from mien.types import U8, Size

_RING = 4
"""Timer queries in flight: a frame's is read when the fourth after it is drawn."""


class MienGl:
    """Mien with or without damage tracking.

    It is handed rows; filling them from poses is reported as a line of its own.
    """

    def __init__(self, timeline: Timeline, damage: bool) -> None:
        self.context = open_headless()
        self._pages = timeline.pages
        self._frames = [timeline.frame(k) for k in range(len(timeline.kinds))]
        started = time.perf_counter()
        self.compositor = Compositor(
            self.context,
            timeline.scenario.size,
            timeline.pages.shape[1],
            len(timeline.pages),
            timeline.rows.shape[1],
            options=CompositorOptions(damage=damage, private=True),
        )
        for index, page in enumerate(timeline.pages):
            self.compositor.upload_page(index, page)
        self.compositor.warm_up()
        self.draw(0)
        self.first_frame_ms = (time.perf_counter() - started) * 1e3
        """From making the compositor to the first picture read: pages, warm-up and all."""
        self.note = f"strategy {self.compositor.strategy}"

    def draw(self, k: int) -> U8:
        with self.compositor.current():  # once a frame, as a stage does
            self.compositor.draw(self._frames[k])
            return self.compositor.read()

    def facts(self, kinds: Sequence[str]) -> dict[str, float | None]:
        """What an unchanged frame draws, what planning takes, and on a GPU the time by its own clock."""
        found: dict[str, float | None] = {"frame_gpu_ms": None, "frames_per_second": None}
        if "unchanged" in kinds:
            k = list(kinds).index("unchanged")
            self.draw(k - 1)
            before = self.compositor.counters.draws
            self.draw(k)
            found["unchanged_draws"] = self.compositor.counters.draws - before
        found["plan_ms"] = self._planning(kinds)
        if not is_software(self.context):
            found["frame_gpu_ms"], found["frames_per_second"] = self._on_the_gpu()
        return found

    def _planning(self, kinds: Sequence[str]) -> float | None:
        """Median milliseconds of planning a changed frame, with a planner of our own."""
        coverage = Coverage(Size(*self._pages.shape[1:3]), len(self._pages))
        for index, page in enumerate(self._pages):
            coverage.set_page(index, page)
        planner = Planner(self.compositor.size, coverage)
        took = []
        for kind, frame in zip(kinds, self._frames, strict=True):
            begun = time.perf_counter()
            planner.plan(frame, frame.rows[: frame.count])
            if kind not in ("first", "unchanged"):
                took.append((time.perf_counter() - begun) * 1e3)
        return float(np.median(took)) if took else None

    def _on_the_gpu(self) -> tuple[float, float]:
        """Median GPU milliseconds of a frame, from a ring of timer queries; and frames a second, unread."""
        ring = [self.context.query(time=True) for _ in range(_RING)]
        took: list[float] = []
        for k, frame in enumerate(self._frames):
            query = ring[k % _RING]
            if k >= _RING:
                took.append(query.elapsed * 1e-6)
            with query:
                self.compositor.draw(frame)
        self.context.finish()
        begun = time.perf_counter()
        for frame in self._frames:
            self.compositor.draw(frame)
        self.context.finish()
        return float(np.median(took)), len(self._frames) / (time.perf_counter() - begun)


def make(timeline: Timeline, damage: bool = True) -> MienGl:
    return MienGl(timeline, damage)
