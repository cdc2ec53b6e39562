"""What an observer in another process saw of the frames, and where that is not what the ledger says.

`mien.prove.surfaces.observe` makes one of each surface:

    observe(surface, *, conversation="night_shift", size=Size(1280, 720), fps=30, seconds=10.0, stalls=(),
            ledger=None) -> Recount

`stalls` are put in on purpose: `Stall(where, at_frame, size_ms, None)` each. `ledger` is a path at which the
run's ledger is kept. It raises `SurfaceMissing` with a sentence where this machine has no such surface.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Surface: TypeAlias = Literal["window", "webrtc", "shared memory", "file", "virtual camera"]
Where: TypeAlias = Literal["engine", "host", "surface"]


@dataclass(frozen=True, slots=True)
class Stall:
    """A stall that was put in on purpose."""

    where: Where
    """In what: a busy loop in a frame, the host's thread, or what shows the frames."""
    at_frame: int
    """The frame of the ledger's schedule, from 0, in which it was put in."""
    size_ms: float
    """How long it was."""
    found_ms: float | None
    """How long the observer measured it to be; None: it was not seen."""


@dataclass(frozen=True, slots=True)
class Recount:
    """What an observer saw of one surface in one run.

    Indices are the numbers of frames on the ledger's schedule.
    """

    surface: Surface
    observer: str
    """By what means, for people."""
    frames: int
    """Frames of the ledger's schedule in the span that was observed, shown or left out."""
    shown: int
    """Of these, how many were seen at least once."""
    repeated: int
    """Intervals in which a frame stood that had stood in the one before: the next was not there."""
    missing: int
    """Of `frames`, how many were never seen."""
    out_of_order: int
    """How often a frame was seen after a later one."""
    shown_at_ms: tuple[float, ...]
    """When each index was first seen, by the observer's own monotonic clock; milliseconds."""
    indices: tuple[int, ...]
    """Which, in that order."""
    av_ms: tuple[float, ...]
    """Sound minus picture at each beep and flash: positive when the sound came later."""
    disagreements: tuple[str, ...]
    """One sentence each; none: it agrees with the ledger on every frame."""
    stalls: tuple[Stall, ...]
    """Those that were put in, and what was found of them."""
