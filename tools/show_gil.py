#!/usr/bin/env python3
"""How long other Python threads stand still while a slow frame is drawn: with moderngl's calls, with ours.

The frame is slow on purpose: so many layers over the whole picture. A thread wants to run every millisecond
and notes how late it was. The ways take turns in one process, and the first round does not count.

A second table has a small frame, as in talk, beside a thread that is busy with Python: there every call that
releases the GIL gets it back only after a switch interval.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import moderngl
import numpy as np

# The package is beside this file.
from bench_compositor.machine import Machine, machine
from mien.character import Drawing, Slot
from mien.composite import FrameRows, SlotRows
from mien.composite.gl import Compositor, open_headless
from mien.errors import MienError
from mien.observe.heartbeat import Heartbeat
from mien.observe.histogram import Histogram
from mien.types import MAX_MIXED, Blend, Rect, Size

PAGE = 256
ALWAYS = 1 << 40
"""Of pixels owed: every call lets go."""
Way = Callable[[FrameRows], None]


class Scene:
    """A compositor and frames for it."""

    def __init__(self, context: moderngl.Context, size: Size, layers: int) -> None:
        self.context, self.size = context, size
        drawing = Drawing("d", 0, Rect(2, 2, PAGE - 4, PAGE - 4), (0, 0))
        self._one = SlotRows([Slot("s", (drawing,), 0, 0, Blend.NORMAL, 0.5)])
        self._all = SlotRows([Slot("s", (drawing,), 0, 0, Blend.NORMAL, 0.5)] * layers)
        self._layers = layers
        self._frame = FrameRows(layers + 1, size, (0.0, 0.0, 0.0, 1.0))
        self.compositor = Compositor(context, size, PAGE, 1, layers + 1)
        rng = np.random.default_rng(1)
        page = rng.integers(0, 129, (PAGE, PAGE, 4)).astype(np.uint8)
        page[..., 3] = 128
        self.compositor.upload_page(0, page)
        self.compositor.warm_up()
        self._step = 0

    def slow(self) -> FrameRows:
        """Every layer covers the picture."""
        self._step += 1
        scale = max(self.size) / (PAGE - 8)
        return self._filled(self._all, self._layers, scale, -2.0 * scale - 0.1 * (self._step % 7))

    def small(self) -> FrameRows:
        """One layer of 40 pixels moves."""
        self._step += 1
        return self._filled(self._one, 1, 40 / PAGE, 1.0 + self._step % 5)

    def _filled(self, rows: SlotRows, count: int, scale: float, at: float) -> FrameRows:
        world = np.tile(np.array(((scale, 0.0, at), (0.0, scale, at))), (count, 1, 1))
        picks = np.full((count, MAX_MIXED), -1, np.int32)
        weights = np.zeros((count, MAX_MIXED), np.float32)
        picks[:, 0], weights[:, 0] = 0, 1.0
        self._frame.reset()
        rows.append(self._frame, world, picks, weights, np.ones(count, np.float32), 1.0, (1.0, 1.0, 1.0, 1.0))
        return self._frame


@contextlib.contextmanager
def moderngl_calls(compositor: Compositor) -> Iterator[None]:
    """The same calls made by moderngl, which never releases the GIL."""
    functions = compositor._gl.functions
    arrays = {program._array.glo: program._array for program in compositor._gl.programs._linked}
    calls = {
        "draw_indexed": lambda program, array, first, count, samples_drawn: arrays[array].render(
            moderngl.TRIANGLES, vertices=count, first=first
        ),
        "write_buffer": lambda buffer, values: buffer.write(values),
        "write_texture": lambda texture, line, size, values: texture.write(values, viewport=(0, line, *size)),
    }
    for name, call in calls.items():
        setattr(functions, name, call)
    try:
        yield
    finally:
        for name in calls:
            delattr(functions, name)


def ways(scene: Scene) -> dict[str, Way]:
    """The ways to draw a frame and have it in memory."""
    compositor, context = scene.compositor, scene.context
    functions, framebuffer = compositor._gl.functions, compositor._gl.target.framebuffer

    def before(frame: FrameRows) -> None:
        with moderngl_calls(compositor):
            compositor.draw(frame)
        context.finish()
        framebuffer.read_into(compositor.picture)
        functions.done = functions.asked

    def every(frame: FrameRows) -> None:
        functions.done -= ALWAYS
        late(frame)

    def blocking(frame: FrameRows) -> None:
        compositor.draw(frame)
        compositor.read()

    def late(frame: FrameRows) -> None:
        compositor.draw(frame)
        compositor.begin_read(0)
        while compositor.take_read() is None:
            time.sleep(0.0005)

    return {
        "moderngl: draw, finish, read": before,
        "Mien, waiting: `draw`, `read`": blocking,
        "Mien, not waiting: `draw`, `begin_read`, `take_read`": late,
        "the same, if every call let go": every,
    }


Rows = dict[str, tuple[list[float], list[float]]]
"""Of each way: how long frames took, and how long the heartbeat stood still at most, in ms."""


def stood_still(scene: Scene, chosen: dict[str, Way], rounds: int) -> Rows:
    """Slow frames beside a heartbeat."""
    rows: Rows = {name: ([], []) for name in chosen}
    for turn in range(rounds + 1):
        for name, way in chosen.items():
            frame, late_ms = scene.slow(), Histogram()
            with Heartbeat(late_ms):
                time.sleep(0.02)
                begun = time.perf_counter()
                way(frame)
                took = time.perf_counter() - begun
                time.sleep(0.02)
            if turn:
                rows[name][0].append(1e3 * took)
                rows[name][1].append(late_ms.max)
    return rows


def beside_python(scene: Scene, chosen: dict[str, Way], rounds: int) -> Rows:
    """Small frames beside a thread that never stops computing."""
    rows: Rows = {name: ([], []) for name in chosen}
    ended = threading.Event()

    def compute() -> None:
        while not ended.is_set():
            sum(range(100))

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        for turn in range(4 * rounds + 1):
            for name, way in chosen.items():
                frame = scene.small()
                begun = time.perf_counter()
                way(frame)
                if turn:
                    rows[name][0].append(1e3 * (time.perf_counter() - begun))
    finally:
        ended.set()
        thread.join()
    return rows


def report(size: Size, layers: int, rounds: int, here: Machine, slow: Rows, small: Rows) -> str:
    """The page, as Markdown."""

    def figures(values: list[float]) -> str:
        return f"{statistics.median(values):.1f} ms | {max(values):.1f} ms"

    return "\n".join(
        [
            "# Who is held up while a frame is drawn",
            "",
            "Written by `tools/show_gil.py`; no figure here was typed by hand.",
            "",
            f"- Command: `python tools/{' '.join([Path(sys.argv[0]).name, *sys.argv[1:]])}`",
            f"- Processor: {here.processor}, {here.cores} cores; {here.system}",
            f"- Renderer: {here.renderer}",
            f"- Date: {here.date}",
            "",
            f"A frame of {size.width}x{size.height} with {layers} layers over all of it, drawn {rounds}",
            "times each way. A thread wants to run every millisecond: how late it was at most in each frame.",
            "",
            "| way | the frame, median | worst | others stood still, median | worst |",
            "|---|---:|---:|---:|---:|",
            *(f"| {name} | {figures(took)} | {figures(still)} |" for name, (took, still) in slow.items()),
            "",
            "moderngl holds the GIL throughout each call. Mien makes calls that may wait long through",
            "ctypes, which releases it, and asks fences without waiting.",
            "",
            "A small frame beside a thread that computes in Python without a pause. A thread that releases",
            "the GIL gets it back after a switch interval, 5 ms: so calls that cannot wait long hold it.",
            "",
            "| way | the frame, median | worst |",
            "|---|---:|---:|",
            *(f"| {name} | {figures(took)} |" for name, (took, _) in small.items()),
            "",
        ]
    )


def main() -> int:
    """Run it; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="1280x720", help="of the frame (default: 1280x720)")
    parser.add_argument("--layers", type=int, default=64, help="that cover the slow frame (default: 64)")
    parser.add_argument("--rounds", type=int, default=15, help="frames of each way (default: 15)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page there instead")
    options = parser.parse_args()
    try:
        width, height = (int(part) for part in options.size.split("x"))
    except ValueError:
        parser.error(f"--size {options.size}: give width x height, as 1280x720")
    if min(width, height, options.layers, options.rounds) < 1:
        parser.error("--size, --layers and --rounds must be at least 1")
    size = Size(width, height)
    try:
        here = machine()
        context = open_headless()
        try:
            scene = Scene(context, size, options.layers)
            with scene.compositor:
                chosen = ways(scene)
                of_slow = dict(list(chosen.items())[:3])
                of_slow["nothing drawn, for comparison"] = lambda _: time.sleep(0.2)
                slow = stood_still(scene, of_slow, options.rounds)
                small = beside_python(scene, chosen, options.rounds)
        finally:
            context.release()
    except MienError as error:
        print(error, file=sys.stderr)
        return 1
    page = report(size, options.layers, options.rounds, here, slow, small)
    if options.write:
        options.write.write_text(page, encoding="utf-8")
    else:
        print(page)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
