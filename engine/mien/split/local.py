"""Ranges drawn by processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Final

from mien.drawing_threads import VARIABLE, cores, threads_for
from mien.errors import RendererUnavailable
from mien.processes import NoPython, let_multiprocessing_start
from mien.split.drawing import draw
from mien.split.job import Drawn, Job, Range
from mien.threads import start_thread


class LocalPool:
    """So many processes, each with a stage of its own. Raises RendererUnavailable where none can be begun."""

    shares_memory: Final = sys.platform != "win32"
    lost: Final = (BrokenProcessPool,)

    def __init__(self, job: Job, workers: int) -> None:
        try:
            let_multiprocessing_start()
        except NoPython as why:
            raise RendererUnavailable(
                f"a render is split over Pythons of its own, and {why}: leave the workers out, or run it "
                "from Python."
            ) from None
        self._job = job
        self.workers: Final = workers
        self._executor = self._begun()

    def _begun(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.workers,
            # A copy of this process would hold its GL context, and its threads' locks.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(threads_for(cores() / self.workers),),
        )

    def draw(self, wanted: Range) -> Future[Drawn]:
        """Have a range drawn. Raises RendererUnavailable."""
        try:
            with _no_interrupts_for_children():
                return self._executor.submit(draw, self._job, wanted)
        except OSError as error:
            raise RendererUnavailable(
                f"a process to draw with cannot be started ({error.strerror or error}): ask for fewer "
                "workers, or see what this user may start (`ulimit -a`)."
            ) from error

    @property
    def processes(self) -> list[BaseProcess]:
        """Those that draw now."""
        return list((self._executor._processes or {}).values())

    remarks: Final = ()

    def why_lost(self, error: BaseException) -> str:
        """For the end of a sentence."""
        return "a process that draws ended; give it more memory, or ask for fewer workers"

    def look(self) -> None:
        """Nothing to see: the end of a process is told by the futures of all."""

    def renew(self, error: BaseException) -> None:
        """Begin new processes in the place of all."""
        self._end()
        self._executor = self._begun()

    def close(self) -> None:
        """End them. Idempotent."""
        self._end()

    def _end(self) -> None:
        # Not waited for what they draw: nobody wants it any more.
        for process in self.processes:
            process.terminate()
        self._executor.shutdown(cancel_futures=True)


@contextmanager
def _no_interrupts_for_children() -> Iterator[None]:
    """Ctrl-C is for who asked for the frames: a process that is begun here never hears of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(drawing_threads: int) -> None:
    """What a process does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.setdefault(VARIABLE, str(drawing_threads))
    start_thread(threading.Thread(target=_end_with_parent, name="mien-parent", daemon=True))


def _end_with_parent() -> None:
    """It would wait for ranges for ever."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)
