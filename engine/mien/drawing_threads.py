"""With how many threads a software renderer draws: two for each core that may be used.

Mesa's llvmpipe takes one for each core that the process may run on, whatever a container's quota says. It
reads LP_NUM_THREADS when the first context of a process is opened, once: the number has to be right for
whatever the machine does later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Final

from mien import threads
from mien.environment import Variable

VARIABLE: Final = "LP_NUM_THREADS"
_VARIABLE: Final = Variable(VARIABLE)
PER_CORE: Final = 2
"""A system shares its cores out by threads. Beside two busy processes a core, with one thread on two cores
5 to 14 % of frames were late, with two up to 1 %, with four up to 0.7 %; on idle cores four take no more
processor time than two (docs/benchmarks/load.md)."""
MOST: Final = 16
"""As llvmpipe has it."""

_GROUPS: Final = Path("/sys/fs/cgroup")
_OWN_GROUP: Final = Path("/proc/self/cgroup")


@contextmanager
def drawing_threads() -> Iterator[None]:
    """While the block opens a context, the driver is told how many; unless the user has told it.

    The variable is taken back: programs that this one starts are not to inherit it.
    """
    with _VARIABLE.set_to(str(threads_for(cores()))):
        yield


def threads_for(available: float) -> int:
    """How many, of so many cores (by a quota it may be a part of one); at least one."""
    return max(1, min(MOST, ceil(PER_CORE * available)))


def cores(groups: Path = _GROUPS, own_group: Path = _OWN_GROUP) -> float:
    """Cores that this process may use: those it may run on, or its container's quota where that is less."""
    return min([float(threads.cores()), *_quotas(groups, own_group)])


def _quotas(groups: Path, own_group: Path) -> Iterator[float]:
    """Cores by the quota of each control group (version 2, then 1) that the process is in, if it has one."""
    try:
        lines = own_group.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "cpu", "cpu,cpuacct"):
            continue
        root = groups / controllers if controllers else groups
        # In a container the path may be the host's, and what is mounted the container's own.
        within = Path(path.lstrip("/"))
        for group in (root, *(root / part for part in (within, *within.parents))):
            if (quota := _quota(group)) is not None:
                yield quota


def _quota(group: Path) -> float | None:
    try:
        if (file := group / "cpu.max").exists():
            most, period = file.read_text(encoding="ascii").split()
        else:
            most = (group / "cpu.cfs_quota_us").read_text(encoding="ascii").strip()
            period = (group / "cpu.cfs_period_us").read_text(encoding="ascii").strip()
        cores = float(most) / float(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None  # "max", or no quota
    return cores if cores > 0 else None
