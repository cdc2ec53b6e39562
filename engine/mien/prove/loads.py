"""What may disturb a run. Every load ends with its `with` block, or with the process that began it."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from mien.processes import begin_python, python

LOADS: Final = ("none", "cpu1x", "cpu2x", "gil", "disk")
"""`cpu1x`, `cpu2x`: a busy process for each core, or two; `gil`: a thread in the program's own process that
holds the interpreter's lock for some 10 ms at a time and rests for as long; `disk`: a process that writes
64 MiB and syncs, over and over."""
_HELD: Final = 500_000
"""Numbers added up at a time. Without rests both programs show only a frame or two a second."""
_REST_S: Final = 0.01
_STEP_S: Final = 0.005
_PAUSE_S: Final = 0.05
"""A witness that wants to run every `_STEP_S` and did not for so long was kept from it."""

# Children end when their standard input closes: with the run, or with the death of whoever began it.
_UNTIL_CLOSED = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
"""
_SPIN = _UNTIL_CLOSED + "while True: sum(range(10_000))"
_WRITE = (
    _UNTIL_CLOSED
    + """
block = os.urandom(1 << 20)
while True:
    with open(sys.argv[1], 'wb', buffering=0) as file:
        for _ in range(64):
            file.write(block)
        os.fsync(file.fileno())
"""
)
_WATCH = """
import json, sys, threading, time
step, pause = map(float, sys.argv[1:])
done = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
pauses, work, before = [], [], time.monotonic()
while True:
    time.sleep(step)
    now = time.monotonic()
    if now - before > pause:
        pauses.append((before, now - before))
    before, least = now, None
    for _ in range(3):  # what is not in the caches after a rest is there for the second
        begun = time.thread_time_ns()
        sum(range(1000))
        took = time.thread_time_ns() - begun
        least = took if least is None else min(took, least)
    work.append((now, least))
    if done.is_set():
        break
print(json.dumps([pauses, work]))
"""


class Witness:
    """A process that does nothing but want to run, which tells when the machine itself stood still."""

    def __init__(self) -> None:
        self.pauses: list[tuple[float, float]] = []
        """When it was kept from running, and for how long, each of 0.05 s or more: seconds of monotonic time,
        and seconds. Empty until the end of `watched`, as is `work`."""
        self.work: list[tuple[float, float]] = []
        """When it did a piece of work that is always the same, seconds of monotonic time, and the least of
        the processor times that it took three times over, ns: more where cores are slower."""

    @property
    def pauses_s(self) -> list[float]:
        """How long each was, in seconds."""
        return [length for _, length in self.pauses]


@contextmanager
def watched() -> Iterator[Witness]:
    """A witness of what happens while the block runs."""
    witness = Witness()
    # Ctrl-C does not reach it: it would end with a traceback on the user's terminal.
    process = begin_python(_WATCH, str(_STEP_S), str(_PAUSE_S), path=False)
    try:
        yield witness
    finally:
        told, _ = process.communicate()
    pauses, work = json.loads(told or b"[[], []]")
    witness.pauses = [(at, length) for at, length in pauses]
    witness.work = [(at, took) for at, took in work]


@contextmanager
def load(name: str) -> Iterator[None]:
    """The load of that name while the block runs. Raises ValueError for a name that is none."""
    if name not in LOADS:
        raise ValueError(f"{name!r} is no load; there are: {', '.join(LOADS)}")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ExitStack() as stack:
        if name in ("cpu1x", "cpu2x"):
            for _ in range(cores * int(name[3])):
                stack.enter_context(_child(_SPIN))
        elif name == "disk":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            stack.enter_context(_child(_WRITE, str(folder / "written")))
        elif name == "gil":
            stack.enter_context(_holder())
        yield


@contextmanager
def _child(code: str, *arguments: str) -> Iterator[None]:
    process = subprocess.Popen([python(), "-c", code, *arguments], stdin=subprocess.PIPE)
    try:
        yield
    finally:
        process.kill()
        process.communicate()


@contextmanager
def _holder() -> Iterator[None]:
    stop = threading.Event()

    def hold() -> None:
        while not stop.is_set():
            sum(range(_HELD))  # in C from end to end: nobody else runs meanwhile
            stop.wait(_REST_S)

    thread = threading.Thread(target=hold, name="gil-holder", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
