"""Mien's compositor."""

from __future__ import annotations

import inspect
import time

import numpy as np
from bench_compositor.timeline import PAGE_SIZE, Timeline

from mien.composite.gl import Compositor, open_headless
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

    def draw_calls(self, k: int) -> int:
        """GL draws that frame `k` makes, after whatever was drawn last."""
        before = self.compositor.counters.draws
        self.compositor.draw(self._frames[k])
        return self.compositor.counters.draws - before


def make(timeline: Timeline, damage: bool = True) -> MienGl:
    return MienGl(timeline, damage)
