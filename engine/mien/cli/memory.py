"""How much memory this process may have, asked before anything large is loaded.

A driver that gets no memory ends the process, with no exception to catch: llvmpipe with 1.1 GB of address
space, which is why what is too little is refused at once. Nothing heavy is imported here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from mien.errors import RendererUnavailable

LEAST_TO_START: Final = 500_000_000
"""Bytes of address space in which the libraries can be loaded (numpy, FFmpeg): 300 MB were too little."""
LEAST_TO_DRAW: Final = 1_800_000_000
"""Bytes of address space to draw in software and write a file at 1280x720.

Measured by halving the limit (`ulimit -v`, the shaders' cache off, two cores) until 25 MB were left between
what worked twice and what did not: 4 s of the bundled conversation as a video 1.71 GB, a still 1.34 GB; with
no limit they map 1.82 and 1.34 GB. Below, drivers crash (from 1.3 to 1.55 GB) and encoders fail. More cores
are more threads, and each maps some more.
"""
LEAST_OF_A_CONTAINER: Final = 512_000_000
"""Bytes of memory: two characters at 1280x720 took 360 MB."""
_CGROUPS: Final = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def address_space() -> int | None:
    """Bytes that this process may map, as `ulimit -v` has set it; None for no limit."""
    if sys.platform == "win32":
        return None
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
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


def too_little(limit: int | None, least: int) -> str:
    """A sentence if a limit is below what is needed; empty: it is not."""
    if limit is None or limit >= least:
        return ""
    return (
        f"this process may use {limit / 1e6:.0f} MB of address space, and needs {least / 1e6:.0f}: raise the "
        "limit (`ulimit -v unlimited`)."
    )


def check_to_draw() -> None:
    """Raise RendererUnavailable where drawing would end the process for want of memory."""
    if complaint := too_little(address_space(), LEAST_TO_DRAW):
        raise RendererUnavailable(complaint)
