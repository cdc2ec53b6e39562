"""What is known of a stretch of a frame's time, from what its thread waited."""

from __future__ import annotations

import sys
from typing import Final

from mien.observe import Waits
from mien.observe.attribution import Stretch

_WOKEN_NS: Final = 100_000
"""By so much a thread wakes late that waits for a switch interval."""


def stretch_of(stage: int, start_ns: int, end_ns: int, idle_ns: int, before: Waits, after: Waits) -> Stretch:
    """One in which the thread stood still, and what for."""
    times = None if before.times is None or after.times is None else after.times - before.times
    core_ns = min(idle_ns, after.core_ns - before.core_ns)
    forced = after.forced - before.forced
    look_ns = round(sys.getswitchinterval() * 1e9) + _WOKEN_NS
    return Stretch(stage, start_ns, end_ns, idle_ns, core_ns, times, forced, look_ns)


def waited(stretch: Stretch, until_ns: int, stage: int) -> tuple[Stretch, Stretch]:
    """The same in two: up to `until_ns` the frame was to wait, which is `stage`'s and nobody's lateness,
    whoever else had the cores or the GIL meanwhile."""
    until_ns = min(until_ns, stretch.end_ns)
    idle_ns = min(stretch.idle_ns, stretch.end_ns - until_ns)
    return Stretch(stage, stretch.start_ns, until_ns, 0), stretch._replace(start_ns=until_ns, idle_ns=idle_ns)
