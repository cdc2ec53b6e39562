"""A thread that wants to run every millisecond, and knows how late it was."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

from mien.clock import Clock, RealClock
from mien.observe.cpu_wait import CpuWait
from mien.observe.histogram import Histogram
from mien.observe.intervals import Intervals

INTERVAL_NS = 1_000_000
LATE_NS = 2_000_000
"""Later than this is a gap. A sleep of 1 ms alone overshoots by 0.1 ms (median), 0.3 ms at worst."""


class Heartbeat:
    """Lateness of a 1 ms heartbeat: while one thread holds the GIL, no other beats. A context manager.

    Python code hands the GIL over every 5 ms; a C call that does not release it keeps it to its end, and
    every thread stands still for as long. It costs 3 % of a core (33 us a beat, two shared cores).

    What the thread stood in the queue for a core, where all were busy, is lateness but no gap.

    Parameters: `late_ms` takes the lateness of every beat; `on_gap(start_ns, end_ns)` is told of gaps, on
    the heartbeat's thread; `clock` says the time and sleeps; `cpu_wait_ns` is for how long the thread has
    waited for a core (by default what CpuWait reads on it).
    """

    def __init__(
        self,
        late_ms: Histogram | None = None,
        on_gap: Callable[[int, int], object] | None = None,
        clock: Clock | None = None,
        cpu_wait_ns: Callable[[], int] | None = None,
    ) -> None:
        self.late_ms = late_ms if late_ms is not None else Histogram()
        self._on_gap = on_gap
        self._clock = clock or RealClock()
        self._cpu_wait_ns = cpu_wait_ns
        self._gaps = Intervals()
        self._due_ns: int | None = None
        self._seen_waited_ns = 0
        self._closing = False
        self._thread: threading.Thread | None = None

    def beat(self) -> None:
        """Sleep to the next beat and count how late it was.

        Beat follows beat without a hole: who takes the GIL while one is counted makes the next one late.
        """
        if self._due_ns is None:
            self._seen_waited_ns = self._waited_ns()
            self._due_ns = self._clock.now_ns() + INTERVAL_NS
        due_ns = self._due_ns
        self._clock.sleep_until_ns(due_ns)
        # Before the time: reading it lets others take the GIL.
        waited_ns = self._waited_ns()
        now_ns = self._clock.now_ns()
        start_ns = due_ns + waited_ns - self._seen_waited_ns
        self._seen_waited_ns = waited_ns
        # Kept before the due time moves on: who asks in between sees the gap twice, never not at all.
        if now_ns - start_ns >= LATE_NS:
            self._gaps.add(start_ns, now_ns)
            if self._on_gap is not None:
                self._on_gap(start_ns, now_ns)
        self._due_ns = now_ns + INTERVAL_NS
        self.late_ms.add(max(0, now_ns - due_ns) / 1e6)

    def gaps(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """The parts of start..end in which the heartbeat was late; that it still is, included."""
        found = self._gaps.within(start_ns, end_ns)
        due_ns = self._due_ns
        if due_ns is not None and end_ns - due_ns >= LATE_NS and not any(end == end_ns for _, end in found):
            since = max([due_ns, start_ns, *(end for _, end in found)])
            if since < end_ns:
                found.append((since, end_ns))
        return found

    def __enter__(self) -> Heartbeat:
        self._thread = threading.Thread(target=self._run, name="mien-heartbeat", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._closing = True
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _waited_ns(self) -> int:
        return self._cpu_wait_ns() if self._cpu_wait_ns is not None else 0

    def _run(self) -> None:
        if self._cpu_wait_ns is None:
            self._cpu_wait_ns = CpuWait().read_ns  # of this thread
        while not self._closing:
            self.beat()
        self._due_ns = None
