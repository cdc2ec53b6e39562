"""How much memory and how many threads this process may have, asked before anything large is loaded.

A driver that gets no memory ends the process, with no exception to catch: llvmpipe with 1.1 GB of address
space, which is why what is too little is refused at once. Nothing heavy is imported here.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Event, Thread
from typing import Final, NamedTuple

from mien.errors import RendererUnavailable


class Kind(NamedTuple):
    """What a limit of the system counts."""

    name: str
    resource: str
    """The limit in Python's `resource`."""
    option: str
    """Of `ulimit`."""
    to_start: int
    """Bytes in which the libraries can be loaded (numpy, FFmpeg)."""
    to_draw: int
    """Bytes to draw in software and write a file at 1280x720. More cores are more threads, and each takes
    some more."""


ADDRESSES: Final = Kind("address space", "RLIMIT_AS", "-v", 500_000_000, 1_800_000_000)
"""300 MB were too little to start.

Measured by halving the limit (`ulimit -v`, the shaders' cache off, two cores) until 25 MB were left between
what worked twice and what did not: 4 s of the bundled conversation as a video 1.71 GB, a still 1.34 GB; with
no limit they map 1.82 and 1.34 GB. Below, drivers crash (from 1.3 to 1.55 GB) and encoders fail.
"""
DATA: Final = Kind("data", "RLIMIT_DATA", "-d", 250_000_000, 800_000_000)
"""What may be written of that, threads' stacks included. With no limit `pack` takes 182 MB, a video 759 MB, a
still 510 MB; with 125 MB threads could not start and one command waited for one for ever, with 315 MB drivers
crashed.
"""
LEAST_OF_A_CONTAINER: Final = 512_000_000
"""Bytes of memory: two characters at 1280x720 took 360 MB."""
_CGROUPS: Final = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


NO_THREADS: Final = (
    "no thread more could be started: as many run as may, or there is no memory for one; allow more "
    "(`ulimit -u`, `ulimit -v`, a container's limits), or end other programs."
)
_THREADS: Final = 8
"""To draw in software and write a file, measured by `ulimit -u` on two cores: with 12, llvmpipe and FFmpeg
waited for ever for threads that were not there, with 14 they ended."""
_THREADS_A_CORE: Final = 3
"""And so many for each core."""
_MOST_CORES: Final = 16


def can_start_threads(number: int = 1) -> bool:
    """Whether the system lets this process have so many more."""
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


def allowed(kind: Kind) -> int | None:
    """Bytes that this process may have, as `ulimit` has set it; None for no limit."""
    # Elsewhere than on Linux data is what it was in the seventies, and little of what is used.
    if sys.platform == "win32" or (kind is DATA and not sys.platform.startswith("linux")):
        return None
    import resource

    limit, _ = resource.getrlimit(getattr(resource, kind.resource))
    return None if limit == resource.RLIM_INFINITY else limit


def container() -> int | None:
    """Bytes that the container of this process may use; None for no limit, or where nobody says."""
    for name in _CGROUPS:
        try:
            text = Path(name).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            continue
        # The older kind says some 9 exabytes for no limit.
        return int(text) if text.isdigit() and int(text) < 1 << 60 else None
    return None


def too_little(*, to_draw: bool) -> str:
    """A sentence if a limit is below what is needed, to draw or to start at all; empty: none is."""
    for kind in (ADDRESSES, DATA):
        limit, least = allowed(kind), kind.to_draw if to_draw else kind.to_start
        if limit is not None and limit < least:
            return (
                f"this process may use {limit / 1e6:.0f} MB of {kind.name}, and needs {least / 1e6:.0f}: "
                f"raise the limit (`ulimit {kind.option} unlimited`)."
            )
    return ""


def check_to_draw() -> None:
    """Raise RendererUnavailable where drawing would end the process, or wait for ever, for want of memory or
    threads."""
    if complaint := too_little(to_draw=True):
        raise RendererUnavailable(complaint)
    if not can_start_threads(_THREADS + _THREADS_A_CORE * min(os.cpu_count() or 1, _MOST_CORES)):
        raise RendererUnavailable(NO_THREADS)
