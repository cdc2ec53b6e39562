"""Skia on the CPU, as `mien prove` plays it; what to draw is worked out before anything is timed."""

from __future__ import annotations

import numpy as np

from bench_compositor.timeline import Timeline
from mien.prove.peers.skia_raster import Peer
from mien.types import U8


class SkiaRaster:
    """One canvas on the picture itself; clip groups and mixes are layers of their own (`saveLayer`)."""

    note = ""

    def __init__(self, timeline: Timeline) -> None:
        self._peer = Peer(timeline.scenario.size, list(timeline.pages))
        ends = timeline.counts[:, -1]
        starts = timeline.counts[:, 0]
        self._frames = [
            self._peer.layers.of(rows[start:end])
            for rows, start, end in zip(timeline.rows, starts, ends, strict=True)
        ]
        self._background = timeline.background
        self._picture = np.empty_like(timeline.background)

    def draw(self, k: int) -> U8:
        np.copyto(self._picture, self._background)
        self._peer.paint(self._frames[k], self._picture)
        return self._picture


def make(timeline: Timeline) -> SkiaRaster:
    return SkiaRaster(timeline)
