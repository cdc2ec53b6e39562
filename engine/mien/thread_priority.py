"""Threads of Mien's own before, or behind, the others of the process: what systems grant without privileges.

On Linux each thread has a nice value of its own (setpriority(2)): anybody may step back, and never forward
again; forward only where a limit (RLIMIT_NICE) or a privilege allows it. Elsewhere threads have none.

Behind is only what works without the GIL, in long stretches: loading pages. Who is behind and holds the GIL
when it loses its core keeps everybody waiting, the frame too. Measured beside two busy processes on two cores
that others used as well, three runs each: of 450 frames of 160x90 with a ledger and a trace 6 waited 3 ms and
more for the GIL; 24 with the writers 5 steps behind, 40 with 10. Sound is urgent besides: with the decoder 10
steps behind the first sound of a turn took up to 199 ms, 27 as it is. A thread that unpacks pages without
pause made a frame of 640x360 take 22 to 53 ms in the median, 11 to 24 when it was 10 steps behind.

Ahead are all threads that a live stage makes, those of the renderer and of who observes it too, and the
frame's thread where it is Mien's: that of an AsyncStage, and of `mien play`. Whoever is ahead alone waits for
those that are not, for the GIL or for pixels: 1280x720 beside two busy processes a core, three runs each by
turns, 1.6, 1.8 and 1.3 % of frames were late or left out with the frame's thread ahead alone, none with all
of them. llvmpipe makes its threads once: they are as ahead as the first stage of a process is. A host's
threads are its own.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mien.threads import start_thread

BEHIND: Final = 10
"""Steps of nice: a tenth of the share that others have, where they compete."""
AHEAD: Final = -5
"""Three times the share."""
_LEAST, _MOST = -20, 19
_AUTOGROUP: Final = Path("/proc/sys/kernel/sched_autogroup_enabled")


@dataclass(frozen=True, slots=True)
class Granted:
    """What the system lets a thread do."""

    behind: bool
    ahead: bool
    by_session: bool
    """Priorities count only among the programs of one session (autogroups)."""


def step_behind() -> bool:
    """Have the calling thread, which must be Mien's own, run behind others. False where that is refused.

    Also one that was made by a thread that is ahead.
    """
    return _step(max(BEHIND, BEHIND - _nice()) if sys.platform.startswith("linux") else BEHIND)


def step_aside() -> bool:
    """Have the calling thread, and those that it makes from now on, run where no other wants a core. For
    good, and of a process whose lock nobody waits for. False where that is refused.

    Who is behind (`step_behind`) and runs already is left to run for up to some milliseconds by a system that
    wakes another; who has stepped aside gives its core up at once.
    """
    if not hasattr(os, "SCHED_IDLE"):
        return step_behind()
    try:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    except OSError:
        return step_behind()
    return True


@contextmanager
def ahead() -> Iterator[bool]:
    """Have the calling thread run before others meanwhile, and afterwards as it did.

    Gives False where that is refused. Threads that it makes meanwhile inherit the priority.
    """
    before = _nice() if sys.platform.startswith("linux") else 0
    # Who is ahead already goes no further than that.
    stepped = _step(AHEAD if before >= 0 else min(0, AHEAD - before))
    try:
        yield stepped
    finally:
        if stepped:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), before)


def granted() -> Granted:
    """Tried out on threads that end at once."""
    return Granted(_tried(BEHIND), _tried(AHEAD), _by_session())


def _step(steps: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(_MOST, max(_LEAST, _nice() + steps)))
    except OSError:
        return False
    return True


def _nice() -> int:
    """Of the calling thread."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def _tried(steps: int) -> bool:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(_step(steps)), name="mien-priority")
    start_thread(thread)
    thread.join()
    return found[0]


def _by_session() -> bool:
    try:
        return _AUTOGROUP.read_text(encoding="ascii").strip() == "1"
    except (OSError, ValueError):
        return False
