"""What this process holds."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def open_files() -> int:
    """File handles of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def threads() -> int:
    """Threads of this process."""
    return threading.active_count()
