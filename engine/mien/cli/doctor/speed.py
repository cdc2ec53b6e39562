"""What size and rate this machine holds: frames of a bundled conversation are made and timed.

In them everything moves, as in any conversation; they are made one by one, with all of their costs: sound,
motion, rows, drawing, reading back.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from mien.catalog import bundled_or_path
from mien.cli.doctor.finding import Finding
from mien.clock import Clock, RealClock
from mien.stage.offline import Stage
from mien.talk import load_conversation
from mien.types import U8, Size

FIRST: Final = Size(1280, 720)
SMALLER: Final = (Size(960, 540), Size(640, 360), Size(320, 180))
LARGER: Final = (Size(1920, 1080), Size(3840, 2160))
RATES: Final = (30, 60)
"""Frames a second that are asked about."""
NEARLY_ALL: Final = 0.95
"""The share of frames that must be made within their interval for a rate to be held."""
_CONVERSATION: Final = "hello"
_WARM_UP: Final = 30, 1.0
"""Most frames that do not count, and for how many seconds: sound is decoded ahead, caches fill."""
_TIMED: Final = 60, 2.0
"""Most frames that are timed, and for how many seconds."""
_BUSY: Final = 0.25
"""Above this share of the processor others are worth a word."""
_LEAST: Final = 3
"""As many are made at any speed."""
_HOPELESS: Final = 4.0
"""Times the interval of the lower rate: a size that must take so long by its pixels is not tried."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Frames of one size."""

    size: Size
    median_ms: float
    nearly_all_ms: float
    """Within which NEARLY_ALL of them were made."""
    frames: int
    software: bool
    """Drawn on the processor."""

    def holds(self, rate: int) -> bool:
        """Whether frames are made as fast as they are shown."""
        return self.nearly_all_ms <= 1000.0 / rate

    def __str__(self) -> str:
        held = [rate for rate in RATES if self.holds(rate)]
        rates = " and ".join(map(str, held or RATES))
        took = f"{self.median_ms:.0f} ms a frame, {NEARLY_ALL:.0%} within {self.nearly_all_ms:.0f} ms"
        return f"{spelled(self.size)}: {'holds' if held else 'too slow for'} {rates} fps; takes {took}"


class Timer(Protocol):
    """Times frames of a size."""

    def __call__(self, size: Size) -> Timed:
        """Raises MienError."""
        ...


def spelled(size: Size) -> str:
    """As --size takes it."""
    return f"{size.width}x{size.height}"


def timed(size: Size, clock: Clock | None = None) -> Timed:
    """Make frames of the bundled conversation at this size. Raises MienError."""
    clock = clock or RealClock()
    conversation = load_conversation(bundled_or_path("conversations", _CONVERSATION))
    out = np.empty((size.height, size.width, 4), np.uint8)
    with Stage.of(conversation, size=size, fps=30) as stage:
        _frames(stage, out, clock, *_WARM_UP)
        gc.collect()
        took = _frames(stage, out, clock, *_TIMED)
        software = stage.is_software
    median, nearly_all = np.quantile(took, (0.5, NEARLY_ALL)).tolist()
    return Timed(size, median, nearly_all, len(took), software)


def _frames(stage: Stage, out: U8, clock: Clock, most: int, seconds: float) -> list[float]:
    """Make frames, and say what each took, in ms."""
    took: list[float] = []
    begun = clock.now_ns()
    while len(took) < most and (len(took) < _LEAST or clock.now_ns() - begun < seconds * 1e9):
        before = clock.now_ns()
        stage.frame(out)
        took.append((clock.now_ns() - before) / 1e6)
    return took


def sizes(time: Timer) -> Iterator[Timed]:
    """1280x720; then larger ones as long as 60 fps are held, or smaller ones until they are."""
    first = time(FIRST)
    yield first
    fast = first.holds(RATES[-1])
    for size in LARGER if fast else SMALLER:
        guess = first.median_ms * (size.width * size.height) / (FIRST.width * FIRST.height)
        if size != SMALLER[-1] and guess > _HOPELESS * 1000 / RATES[0]:
            continue
        one = time(size)
        yield one
        if one.holds(RATES[-1]) != fast:
            return


def verdict(found: list[Timed], busy: float = 0.0) -> Finding:
    """What was found, and what to do where that helps: a smaller picture, drawn in software too slowly.

    `busy`: share of the processor that other programs had at the time, 1 and more for all of it.
    """
    held = [one for one in found if one.holds(RATES[0])]
    first = found[0]
    figures = {
        "sizes": [
            {
                "size": list(one.size),
                "median_ms": round(one.median_ms, 2),
                "p95_ms": round(one.nearly_all_ms, 2),
                "frames": one.frames,
                "holds": {str(rate): one.holds(rate) for rate in RATES},
            }
            for one in sorted(found, key=lambda one: one.size)
        ],
        "busy": round(busy, 2),
    }
    lines = "\n".join(map(str, sorted(found, key=lambda one: one.size, reverse=True)))
    if busy > _BUSY:
        lines += f"\nmeasured while other programs had about {min(1.0, busy):.0%} of the processor"
    if first.holds(RATES[0]):
        return Finding("speed", "ok", lines, "", figures)
    if not first.software:
        remedy = "the picture is not what costs so much: see what else this machine is doing"
    elif held:
        largest = max(held, key=lambda one: one.size.width)
        remedy = (
            f"drawn in software: --size {spelled(largest.size)} is the largest size here that holds "
            f"{RATES[0]} fps; `mien render` makes files that are right at any speed"
        )
    else:
        remedy = "too slow to play at any size; `mien render` makes files that are right at any speed"
    return Finding("speed", "note", lines, remedy, figures)


def measure(tell: Callable[[str], None], time: Timer = timed) -> Finding:
    """Time all sizes. `tell`: hears what is being done. Raises MienError."""

    def telling(size: Size) -> Timed:
        tell(f"timing frames of {spelled(size)}")
        return time(size)

    busy = os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 0.0
    return verdict(list(sizes(telling)), busy)
