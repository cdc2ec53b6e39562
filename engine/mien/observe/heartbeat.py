"""A thread that wants to run every 4 ms, and knows how late it was."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

from mien.clock import Clock, RealClock
from mien.observe.cpu_wait import ThreadWaits, Waits
from mien.observe.histogram import Histogram
from mien.observe.holders import Holders
from mien.observe.intervals import Intervals, Range
from mien.threads import start_thread

INTERVAL_NS = 4_000_000
"""Each beat takes the GIL from the frame's thread: of a window's frame of 33 ms they took 2 to 4 ms when
there was one a millisecond. A GIL that is held in between shows in the next beat: it has to look for it."""
LATE_NS = 2_000_000
"""Later than this is a gap. A sleep alone overshoots by 0.1 ms (median), 0.3 ms at worst."""
_REMEMBERED = 1024
"""Stretches of time: seconds of a GIL that is taken in turns."""
_LOOK_EVERY = 4
"""Beats from one look at the other threads to the next."""


class Heartbeat:
    """Lateness of a heartbeat of 4 ms: while one thread holds the GIL, no other beats. A context manager.

    Python code hands the GIL over every 5 ms; a C call that does not release it keeps it to its end, and
    every thread stands still for as long. It costs 1 % of a core (33 us a beat, two shared cores).

    A beat that is later than 2 ms is a gap. One that had to look for the GIL, and got it sooner, shows that
    threads take it in turns: since the beat before, others may have waited for it as well. `gaps` has both.

    What the thread stood in the queue for a core, where all were busy, is lateness but no gap. While it waits
    for the GIL it needs a core each time that it looks, and of those waits only the last comes after the GIL
    was there: counted is one of them, the mean.

    Parameters: `late_ms` takes the lateness of every beat; `on_gap(start_ns, end_ns)` is told of gaps, on
    the heartbeat's thread; `clock` says the time and sleeps; `waits` is what the thread has waited (by
    default what ThreadWaits reads on it); `holders`, how long a thread that may hold the GIL has waited for a
    core since it was asked last (by default what Holders reads).
    """

    def __init__(
        self,
        late_ms: Histogram | None = None,
        on_gap: Callable[[int, int], object] | None = None,
        clock: Clock | None = None,
        waits: Callable[[], Waits] | None = None,
        holders: Callable[[], int] | None = None,
    ) -> None:
        self.late_ms = late_ms if late_ms is not None else Histogram()
        self._on_gap = on_gap
        self._clock = clock or RealClock()
        self._waits = waits or _unknown
        self._own_waits = waits is None
        self._holders = holders or int
        self._own_holders = holders is None
        self._starved = Intervals()
        self._beats = 0
        self._gaps = Intervals(_REMEMBERED)
        self._due_ns: int | None = None
        self._seen = Waits(0, None)
        self._closing = False
        self._thread: threading.Thread | None = None

    def beat(self) -> None:
        """Sleep to the next beat and count how late it was.

        Beat follows beat without a hole: who takes the GIL while one is counted makes the next one late.
        """
        if self._due_ns is None:
            self._seen = self._waits()
            self._due_ns = self._clock.now_ns() + INTERVAL_NS
        due_ns = self._due_ns
        self._clock.sleep_until_ns(due_ns)
        waits = self._waits()
        now_ns = self._clock.now_ns()
        core_ns, times = waits.core_ns - self._seen.core_ns, _grown(self._seen.times, waits.times)
        self._seen = waits
        # The first time that it gave up its core was to sleep.
        looks = max(0, times - 1)
        start_ns = due_ns + core_ns // (looks + 1)
        # Kept before the due time moves on: who asks in between sees the gap twice, never not at all.
        if now_ns - start_ns >= LATE_NS:
            starved_ns = min(now_ns - start_ns, self._holders())
            if starved_ns:
                self._starved.add(start_ns, start_ns + starved_ns)
            self._gaps.add(start_ns, now_ns)
            if self._on_gap is not None:
                self._on_gap(start_ns, now_ns)
        elif looks:
            self._gaps.add(due_ns - INTERVAL_NS, now_ns)
        self._due_ns = now_ns + INTERVAL_NS
        self.late_ms.add(max(0, now_ns - due_ns) / 1e6)
        self._beats += 1
        if self._beats % _LOOK_EVERY == 0:
            self._holders()

    def gaps(self, start_ns: int, end_ns: int) -> list[Range]:
        """The parts of start..end in which the GIL was held or taken in turns; that it still is, included."""
        found = self._gaps.within(start_ns, end_ns)
        due_ns = self._due_ns
        if due_ns is not None and end_ns - due_ns >= LATE_NS and not any(end == end_ns for _, end in found):
            since = max([due_ns, start_ns, *(end for _, end in found)])
            if since < end_ns:
                found.append((since, end_ns))
        return found

    def starved(self, start_ns: int, end_ns: int) -> list[Range]:
        """The parts of the gaps in start..end that are as long as whoever held the GIL had no core."""
        return self._starved.within(start_ns, end_ns)

    def __enter__(self) -> Heartbeat:
        thread = threading.Thread(target=self._run, name="mien-heartbeat", daemon=True)
        start_thread(thread)
        self._thread = thread
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

    def _run(self) -> None:
        if self._own_waits:
            self._waits = ThreadWaits().read  # of this thread
        holders = Holders()
        if self._own_holders:
            self._holders = holders.longest_ns
        while not self._closing:
            self.beat()
        self._due_ns = None
        holders.close()


def _unknown() -> Waits:
    return Waits(0, None)


def _grown(before: int | None, now: int | None) -> int:
    return 0 if before is None or now is None else now - before
