"""Whether a thread that may hold the GIL has waited for a core."""

from __future__ import annotations

import os
import threading


class Holders:
    """Reads what the Python threads of the process have waited for a core. Linux; elsewhere always 0.

    Who holds the GIL and has no core keeps all others waiting, and is not to blame. Those that wait for the
    GIL stand in the queue as well, each time that they look for it, but never for long at once: what tells is
    the longest wait, and that is at least the mean of a thread's waits since it was looked at last. Read is
    schedstat of each thread (Documentation/scheduler/sched-stats): waited, and how often it ran. 5 us each.
    """

    def __init__(self) -> None:
        self._files: dict[int, int] = {}
        self._seen: dict[int, tuple[int, int]] = {}

    def longest_ns(self) -> int:
        """The longest mean wait of a thread for a core, since the last call, in nanoseconds."""
        seen: dict[int, tuple[int, int]] = {}
        longest = 0
        for thread in threading.enumerate():
            found = self._read(thread.native_id)
            if found is None or thread.native_id is None:
                continue
            seen[thread.native_id] = found
            before = self._seen.get(thread.native_id)
            if before is not None:
                longest = max(longest, (found[0] - before[0]) // max(1, found[1] - before[1]))
        for gone in self._files.keys() - seen.keys():
            os.close(self._files.pop(gone))
        self._seen = seen
        return longest

    def close(self) -> None:
        """Close the files. Idempotent."""
        while self._files:
            os.close(self._files.popitem()[1])

    def _read(self, thread: int | None) -> tuple[int, int] | None:
        if thread is None:
            return None
        try:
            if thread not in self._files:
                self._files[thread] = os.open(f"/proc/self/task/{thread}/schedstat", os.O_RDONLY)
            _, waited, ran = os.pread(self._files[thread], 64, 0).split()
            return int(waited), int(ran)
        except (OSError, ValueError, AttributeError):  # it has ended, or the system does not say
            return None
