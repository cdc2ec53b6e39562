"""Where a face's time comes from."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Pace(Protocol):
    """A clock that a loop waits on."""

    def now_ns(self) -> int:
        """Nanoseconds since an arbitrary origin; never decreases."""
        ...

    async def sleep_until_ns(self, deadline_ns: int) -> None:
        """Return at or after the deadline; others on the loop run meanwhile."""
        ...


class LoopPace:
    """The machine's monotonic clock."""

    def now_ns(self) -> int:
        """Nanoseconds of `time.perf_counter_ns`."""
        return time.perf_counter_ns()

    async def sleep_until_ns(self, deadline_ns: int) -> None:
        """Sleep until the deadline."""
        await asyncio.sleep(max(0, deadline_ns - time.perf_counter_ns()) / 1e9)
