"""Mien's compositor."""

from __future__ import annotations

import inspect
import time
from collections.abc import Sequence

import numpy as np
from bench_compositor.timeline import PAGE_SIZE, Timeline

from mien.composite.gl import Compositor, is_software, open_headless
from mien.types import U8


class MienGl:
    """Mien with or without damage tracking. It is handed rows; filling them from poses is a row of its own."""

    def __init__(self, timeline: Timeline, damage: bool) -> None:
        self.context = open_headless()
        self._frames = [timeline.frame(k) for k in range(len(timeline.kinds))]
        started = time.perf_counter()
        options = {} if damage else {"damage": False}
        if "damage" not in inspect.signature(Compositor).parameters:
            options = {}
        self.compositor = Compositor(
            self.context,
            timeline.scenario.size,
            PAGE_SIZE,
            len(timeline.pages),
            timeline.rows.shape[1],
            **options,  # type: ignore[arg-type]
        )
        for index, page in enumerate(timeline.pages):
            self.compositor.upload_page(index, page)
        self.compositor.warm_up()
        width, height = timeline.scenario.size
        self._picture = np.empty((height, width, 4), np.uint8)
        self._read = getattr(self.compositor, "read", None)
        self.draw(0)
        self.first_frame_ms = (time.perf_counter() - started) * 1e3
        """From making the compositor to the first picture read: pages, warm-up and all."""
        self.note = f"strategy {self.compositor.strategy}"

    def draw(self, k: int) -> U8:
        self.compositor.draw(self._frames[k])
        if self._read is not None:
            picture: U8 = self._read()
            return picture
        self.compositor.read_into(self._picture)
        return self._picture

    def facts(self, kinds: Sequence[str]) -> dict[str, float | None]:
        """GL draws of an unchanged frame; on a GPU the time it takes by its own clock, else None."""
        found: dict[str, float | None] = {"frame_gpu_ms": None, "frames_per_second": None}
        if "unchanged" in kinds:
            k = list(kinds).index("unchanged")
            self.draw(k - 1)
            before = self.compositor.counters.draws
            self.compositor.draw(self._frames[k])
            found["unchanged_draws"] = self.compositor.counters.draws - before
        if not is_software(self.context):
            found["frame_gpu_ms"], found["frames_per_second"] = self._on_the_gpu()
        return found

    def _on_the_gpu(self) -> tuple[float, float]:
        """Median GPU milliseconds of a frame, from a ring of timer queries, and frames a second unread."""
        ring = [self.context.query(time=True) for _ in range(_RING)]
        took: list[float] = []
        self.compositor.draw(self._frames[0])
        self.context.finish()
        for k, frame in enumerate(self._frames):
            query = ring[k % _RING]
            if k >= _RING:
                took.append(query.elapsed * 1e-6)  # the frame of four frames ago: done by now
            with query:
                self.compositor.draw(frame)
        self.context.finish()
        begun = time.perf_counter()
        for frame in self._frames:
            self.compositor.draw(frame)
        self.context.finish()
        return float(np.median(took)), len(self._frames) / (time.perf_counter() - begun)


_RING = 4


def make(timeline: Timeline, damage: bool = True) -> MienGl:
    return MienGl(timeline, damage)
