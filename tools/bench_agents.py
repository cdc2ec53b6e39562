#!/usr/bin/env python3
"""What the face of a voice agent takes: a frame, of the processor, and from pushed speech to sound.

Wren says a bundled sentence so many times into nothing, as `mien.agents.face.Face` gives it to each
framework. Prints one line of Markdown, for docs/agents.md.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from typing import Any

import av
import numpy as np

import mien
from bench_compositor.machine import machine
from mien.agents.drawing import Drawing
from mien.agents.face import Face

RATE = 24_000
PIECE = RATE // 10
"""Samples that are pushed at a time."""


def sentence() -> np.ndarray[Any, np.dtype[np.int16]]:
    """(n,) int16 at RATE, mono."""
    with av.open(str(mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus")) as file:
        resampler = av.AudioResampler("s16", "mono", RATE)
        parts = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([part.to_ndarray()[0] for part in parts])


class Timed(Drawing):
    """Also notes what each frame took of the drawing thread: wall and processor time, ms."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__(drawing._cast, drawing._options)
        self.took: list[tuple[float, float]] = []

    def _draw(self, *arguments: Any) -> Any:
        wall, used = time.perf_counter(), time.thread_time()
        drawn = super()._draw(*arguments)
        self.took.append((1e3 * (time.perf_counter() - wall), 1e3 * (time.thread_time() - used)))
        return drawn


async def spoken(times: int, fps: int) -> tuple[list[tuple[float, float]], list[float], int]:
    """What each frame of speech took, ms from each push to its first sound, and pictures left out."""
    said, waited = sentence(), list[float]()
    pushed: list[float] = []

    async def push(after_s: float) -> None:
        await asyncio.sleep(after_s)
        pushed.append(time.perf_counter())
        for at in range(0, len(said), PIECE):
            face.push(said[at : at + PIECE], RATE)
            await asyncio.sleep(0.02)  # as a speech service: some times faster than it is heard
        face.end()

    async with Face("wren", fps=fps) as face:
        face._drawing = timed = Timed(face._drawing)
        pushing = asyncio.create_task(push(1.0))
        async for shown in face.frames():
            if shown.sounds and len(waited) < len(pushed):
                waited.append(1e3 * (time.perf_counter() - pushed[-1]))
            if not shown.ended:
                continue
            if len(waited) == times:
                break
            await pushing
            pushing = asyncio.create_task(push(0.3 + 0.007 * len(waited)))  # at any time of a frame
        return timed.took, waited, face.left_out


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=6, help="that the sentence is said")
    parser.add_argument("--fps", type=int, default=30)
    given = parser.parse_args()
    took, waited, left_out = asyncio.run(spoken(given.times, given.fps))
    wall, used = sorted(one for one, _ in took), [one for _, one in took]
    here, command = machine(), " ".join(["python", *sys.argv])
    print(
        f"`{command}`; {here.processor}, {here.cores} cores; {here.renderer}; {here.date}: a frame of "
        f"640x480 takes {statistics.median(wall):.0f} ms ({wall[len(wall) * 99 // 100]:.0f} at the 99th "
        f"percentile of {len(wall)}, {left_out} left out), {statistics.mean(used):.0f} ms of processor time "
        f"of the drawing thread; speech is given {min(waited):.0f} to {max(waited):.0f} ms after the push."
    )


if __name__ == "__main__":
    main()
