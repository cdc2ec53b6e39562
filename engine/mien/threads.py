"""How many threads this process may have."""

from __future__ import annotations

import os
from threading import Event, Thread
from typing import Final

from mien.errors import RendererUnavailable

NO_THREADS: Final = (
    "no thread more could be started: as many run as may, or there is no memory for one; allow more "
    "(`ulimit -u`, `ulimit -v`, a container's limits), or end other programs."
)
_TO_DRAW: Final = 8
"""To draw in software and write a file, measured by `ulimit -u` on two cores: with 12, llvmpipe and FFmpeg
waited for ever for threads that were not there, with 14 they ended."""
_A_CORE: Final = 3
"""And so many for each core."""
_MOST_CORES: Final = 16


def can_start(number: int = 1) -> bool:
    """Whether the system lets this process have so many threads more."""
    over, started = Event(), list[Thread]()
    try:
        for _ in range(number):
            one = Thread(target=over.wait, daemon=True)
            one.start()
            started.append(one)
    except RuntimeError:
        return False
    finally:
        over.set()
        for one in started:
            one.join()
    return True


def check_to_draw() -> None:
    """Raise RendererUnavailable where a driver that draws in software would wait for ever for its threads."""
    if not can_start(_TO_DRAW + _A_CORE * min(os.cpu_count() or 1, _MOST_CORES)):
        raise RendererUnavailable(NO_THREADS)
