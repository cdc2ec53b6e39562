"""What a thread stood for: a core, or something else."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Callable
from typing import NamedTuple


class Waits(NamedTuple):
    """How long and how often a thread has waited since it began."""

    core_ns: int
    """Nanoseconds in which it could run and had no core; 0 where the system does not say."""
    times: int | None
    """How often it gave up its core of itself: slept, or waited for another thread. None: not known."""
    forced: int = 0
    """How often another thread was given its core."""


class CpuWait:
    """Time that the thread which makes this has stood in the scheduler's queue, in nanoseconds.

    From /proc/thread-self/schedstat, whose second field is "time spent waiting on a runqueue" (Linux,
    Documentation/scheduler/sched-stats). Elsewhere always 0. The file is read without releasing the GIL, as
    `os.pread` would (1.8 us instead of 1.1): a frame that releases it has to ask for it again.
    """

    def __init__(self) -> None:
        self._read: Callable[[], int] | None = None
        try:
            file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:
            return
        weakref.finalize(self, os.close, file)
        try:
            self._read = _reader_of(file)
            self._read()
        except (OSError, AttributeError, ValueError, IndexError):
            self._read = None

    def read_ns(self) -> int:
        """Nanoseconds waited since the thread began."""
        return self._read() if self._read is not None else 0


class ThreadWaits:
    """What the thread that makes this has waited: 2.5 us a reading, and none releases the GIL.

    A thread that waits for the GIL looks for it once a switch interval, and gives up its core each time: of a
    thread that stood still without doing so, the GIL was not in the way.
    """

    def __init__(self) -> None:
        self._core = CpuWait()
        self._switches = _switches()

    def read(self) -> Waits:
        """Up to now."""
        return Waits(self._core.read_ns(), *self._switches())


def _reader_of(file: int) -> Callable[[], int]:
    pread = ctypes.PyDLL(None).pread
    pread.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long)
    pread.restype = ctypes.c_ssize_t
    text = ctypes.create_string_buffer(64)
    address = ctypes.addressof(text)

    def read() -> int:
        pread(file, address, 63, 0)
        return int(text.value.split(None, 2)[1])

    return read


def _switches() -> Callable[[], tuple[int | None, int]]:
    try:
        from resource import RUSAGE_THREAD, getrusage  # Linux
    except ImportError:
        return lambda: (None, 0)

    def read() -> tuple[int, int]:
        usage = getrusage(RUSAGE_THREAD)
        return usage.ru_nvcsw, usage.ru_nivcsw

    return read
