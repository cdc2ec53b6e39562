"""Threads: how many this process may have, and what becomes of one that it may not."""

from __future__ import annotations

import os
from threading import Event, Thread
from typing import Final

from mien.errors import NoThreads, RendererUnavailable

_MORE: Final = (
    "as many run as may, or there is no memory for more; allow more (`ulimit -u`, `ulimit -v`, a container's "
    "limits), or end other programs."
)
NO_THREADS: Final = f"no thread more could be started: {_MORE}"
_TO_DRAW: Final = 8
"""To draw in software and write a file, measured by `ulimit -u` on two cores: with 12, llvmpipe and FFmpeg
waited for ever for threads that were not there, with 14 they ended."""
_TO_ENCODE: Final = 4
"""To encode a video and its sound, and two for each core: on two cores x264 failed with 5, as with any error
of its own, and worked with 6."""
_A_CORE: Final = 3
"""To draw, so many more for each core that the process may run on."""
_MOST_CORES: Final = 16


def start_thread(thread: Thread) -> None:
    """Start it. Raises NoThreads where the system has none for it; it was never started then."""
    try:
        thread.start()
    except RuntimeError as error:
        if "start new thread" in str(error):
            raise NoThreads(NO_THREADS) from error
        if isinstance(pressed := error.__context__, KeyboardInterrupt):  # Ctrl-C broke off its wait
            raise pressed from None
        raise


def can_start(number: int = 1) -> bool:
    """Whether the system lets this process have so many threads more."""
    over, started = Event(), list[Thread]()
    try:
        for _ in range(number):
            one = Thread(target=over.wait, daemon=True)
            start_thread(one)
            started.append(one)
    except NoThreads:
        return False
    finally:
        over.set()
        for one in started:
            one.join()
    return True


def too_few_to_encode() -> str:
    """Why a video's encoders may have failed: for want of threads; empty: there were enough."""
    number = _TO_ENCODE + 2 * min(cores(), _MOST_CORES)
    if can_start(number):
        return ""
    return f"encoding takes up to {number} threads, and not so many could be started: {_MORE}"


def cores() -> int:
    """On how many this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_to_draw() -> None:
    """Raise RendererUnavailable where a driver that draws in software would wait for ever for its threads.
    To be asked before a context is made: then the driver has none yet."""
    number = _TO_DRAW + _A_CORE * min(cores(), _MOST_CORES)
    if not can_start(number):
        raise RendererUnavailable(
            f"drawing takes up to {number} threads, and not so many could be started: {_MORE}"
        )
