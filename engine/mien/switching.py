"""How soon those that are waited for get the GIL from others: the frame's thread, and a first sound's."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter_ns
from typing import Final

_INTERVAL_S: Final = 0.0005
_LEAST_EVERY_NS: Final = 4_000_000
_MOST_EVERY_NS: Final = 100_000_000
"""Who wants the way so often wants it at a steady pace, as for frames: it is known when it will be next."""
_GRACE_NS: Final = 2_000_000
"""How much later than that it may come."""


class _Switching:
    """Counts who wants quick switches: the interval is one for the whole interpreter, as is this."""

    def __init__(self) -> None:
        # Reentrant: frames that were dropped unfinished may be collected in here.
        self._lock = threading.RLock()
        self._wanted_by = 0
        self._before_s = 0.0
        self._set_s = 0.0

    def begin(self) -> None:
        with self._lock:
            # Counted from before it is set until it is back: a handler of a signal that wants it meanwhile
            # would take it for what was before.
            self._wanted_by += 1
            if self._wanted_by == 1:
                self._before_s = sys.getswitchinterval()
                sys.setswitchinterval(min(self._before_s, _INTERVAL_S))
                # As the interpreter rounds it.
                self._set_s = sys.getswitchinterval()

    def end(self) -> None:
        with self._lock:
            # What somebody else has set meanwhile is theirs.
            if self._wanted_by == 1 and sys.getswitchinterval() == self._set_s:
                sys.setswitchinterval(self._before_s)
            self._wanted_by -= 1


_switching: Final = _Switching()


@contextmanager
def quick_switches() -> Iterator[None]:
    """While this lasts a thread that wants the GIL is given it after 0.5 ms, where Python's default is 5.

    The frame's thread releases it several times a frame (long GL calls, the sleep between two looks at the
    GPU), and beside a worker that decodes it would wait 5 ms each time. The setting is the whole
    interpreter's: the first to want it sets it, and the last puts it back, in whatever order they end.
    """
    _switching.begin()
    try:
        yield
    finally:
        _switching.end()


_gives_way: Final = threading.local()


@contextmanager
def giving_way(until_free: Callable[[], object]) -> Iterator[None]:
    """In the block this thread calls `until_free` wherever it comes to a `give_way`."""
    before = getattr(_gives_way, "call", None)
    _gives_way.call = until_free
    try:
        yield
    finally:
        _gives_way.call = before


def give_way() -> None:
    """Said between two pieces of work, of some milliseconds at most, that may go on beside frames: of a
    thread that gives way this returns when no frame is worked on, and elsewhere at once."""
    if (call := getattr(_gives_way, "call", None)) is not None:
        call()


class Hurry:
    """Quick switches that one thread wants and another has had enough of. From any thread.

    A decoder releases the GIL several times before its first sound. Beside a thread that computes it then
    waits for it: up to 34 ms, 5 at the 90th percentile, with Python's default; up to 4 ms, 0.6, with this.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._on = self._closed = False

    def __call__(self, wanted: bool) -> None:
        """Want quick switches from now on, or no longer. Idempotent; nothing after `close`."""
        if wanted == self._on:
            return
        with self._lock:
            if wanted and not self._on and not self._closed:
                self._on = True
                _switching.begin()
            elif self._on and not wanted:
                self._on = False
                _switching.end()

    def close(self) -> None:
        """Want them no longer, whoever asks. Idempotent."""
        with self._lock:
            self._closed = True
            self(False)


class RightOfWay:
    """A thread whose work can wait gives way to one whose work cannot; flags alone, nobody waits for a lock.

    Work on arrays releases the GIL: beside a thread that decodes, a frame's own lost and regained it a
    hundred times and took twice as long.

    Parameters: `again` is called when the way is free that was given.
    """

    def __init__(self, again: Callable[[], None]) -> None:
        self._again = again
        self._wanted = self._given = False
        self.waits = False
        """Whether what the other thread does is waited for."""
        self._asleep = False
        self._begun_ns = self._every_ns = 0
        """When it was wanted last, and how long after the time before."""

    @contextmanager
    def wanted(self, *, asleep: bool = False) -> Iterator[None]:
        """While this lasts the other thread begins nothing that can wait. `asleep`: nor is it woken, which
        would take the GIL each time, but by `waited_for`."""
        self._wanted, self._asleep = True, asleep
        now = perf_counter_ns()
        self._every_ns, self._begun_ns = now - self._begun_ns, now
        try:
            yield
        finally:
            self._wanted = self._asleep = False
            if self._given:
                self._given = False
                self._again()

    @contextmanager
    def waited_for(self) -> Iterator[None]:
        """While this lasts the way is free, within `wanted` too: who wanted it waits for the other."""
        before, self._wanted = self._wanted, False
        self.waits, self._given = True, False
        try:
            self._again()
            yield
        finally:
            self.waits, self._wanted = False, before

    def put_off(self) -> bool:
        """Asked by who would wake the thread whose work can wait: whether to leave it, as `again` is called
        when that may be."""
        self._given = self._given or self._asleep
        return self._asleep

    def soon_s(self, lasts_ns: int) -> float:
        """Asked by the thread whose work can wait, before a piece of so many ns: for how many seconds to
        leave it, since the way is about to be wanted, by the times at which it was; 0: it is not."""
        every_ns = self._every_ns
        if not _LEAST_EVERY_NS <= every_ns <= _MOST_EVERY_NS:
            return 0.0
        left_ns = self._begun_ns + every_ns - perf_counter_ns()
        is_soon = -_GRACE_NS < left_ns < min(lasts_ns, every_ns // 4)
        return (left_ns + _GRACE_NS) / 1e9 if is_soon else 0.0

    def given(self) -> bool:
        """Asked by the thread whose work can wait: whether to leave it until `again` is called."""
        # In this order: who has wanted the way sees it, or wants it no more.
        self._given = True
        self._given = self._wanted
        return self._given
