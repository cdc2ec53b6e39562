"""How fast the machine was during a run, and what its frames would have taken on a faster one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from mien.observe.speed import REFERENCE_US
from mien.report.records import number
from mien.report.run_file import RunFile
from mien.types import F64

_OWN: Final = ("build_ms", "upload_ms")
_DRAWN: Final = ("draw_ms", "readback_ms")
_SOFTWARE: Final = ("llvmpipe", "softpipe", "swrast", "swiftshader", "lavapipe")
_LEAST_US: Final = 1.0
"""No machine runs the loop in less: what says so is no time of it."""
_SLOWED: Final = 0.8
"""A machine is told to have been slower at worst when it was by so much."""


@dataclass(frozen=True, slots=True, eq=False)
class Speed:
    """Of Python's own work, 1 on the machine that the docs' figures are from."""

    usual: float
    """The median of the run."""
    slowest: float
    slowest_at_s: float
    slow: npt.NDArray[np.bool_]
    """Which frames took longer than T, and would not have on that machine: (n,)."""

    def as_dict(self) -> dict[str, float]:
        """Plain values for JSON."""
        return {"speed": self.usual, "slowest_speed": self.slowest, "slowest_at_s": self.slowest_at_s}

    def __str__(self) -> str:
        text = f"it ran Python at {self.usual:.0%} of the reference machine's speed"
        if self.slowest < _SLOWED * self.usual:
            text += f", at its slowest, at {self.slowest_at_s:.0f} s, at {self.slowest:.0%}"
        return text


def speed_of(run: RunFile) -> Speed | None:
    """Worked out from `loop_us` of the header and of the records; None when the run did not time it."""
    at_start, looked = number(run.header.get("loop_us")), run.column("loop_us")
    frames = len(run.frames["frame"])
    loop_us = np.full(frames, np.nan) if looked is None else np.where(looked >= _LEAST_US, looked, np.nan)
    if at_start is not None and at_start >= _LEAST_US and np.isnan(loop_us[0]):
        loop_us[0] = at_start
    known = np.flatnonzero(~np.isnan(loop_us))
    if not len(known):
        return None
    speeds = REFERENCE_US / loop_us[known]
    slowest = int(np.argmin(speeds))
    # Until it is looked at again it is as fast as it was.
    last = np.maximum(0, np.searchsorted(known, np.arange(frames), "right") - 1)
    return Speed(
        float(np.median(speeds)),
        float(speeds[slowest]),
        float(run.at_s[known[slowest]]),
        _slow(run, np.minimum(1.0, speeds[last])),
    )


def _slow(run: RunFile, speed: F64) -> npt.NDArray[np.bool_]:
    work, interval = run.work_ms, run.interval_ms
    if work is None or interval is None:
        return np.zeros(len(speed), np.bool_)
    software = any(name in str(run.header.get("renderer")).lower() for name in _SOFTWARE)
    # What a GPU draws does not depend on the processor.
    parts = [run.column(name) for name in (*_OWN, *(_DRAWN if software else ()))]
    own = np.sum([np.nan_to_num(part) for part in parts if part is not None], axis=0)
    return np.asarray((work > interval) & (work - own * (1 - speed) <= interval))
