"""Ranges drawn by the workers of a Dask cluster."""

from __future__ import annotations

import logging
import weakref
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from mien.errors import RendererUnavailable
from mien.installing import pip_install
from mien.split.drawing import draw, forget
from mien.split.job import Drawn, Job, Range
from mien.split.ranges import LOOKS_S
from mien.split.travel import with_files

_ANSWERS_S: Final = 20
"""Longest that is waited for the scheduler, and for its first worker."""
_LOOKS: Final = 3
"""How often in a row no worker is there, asked every `LOOKS_S` seconds, until nobody is waited for any more:
one that ended is back in less."""
_TALKS: Final = ("distributed", "distributed.client", "tornado")
"""Who logs a lost connection with all calls that led there; what has happened is told in a sentence."""
_NAMED: Final = 3
"""Workers whose addresses a sentence has."""


class ClusterPool:
    """The workers of the Dask cluster whose scheduler has this address, as "tcp://10.0.0.5:8786".

    Each thread of a worker draws with a stage of its own. The files of the conversation are sent once to
    each worker. A worker that ends is done without: the scheduler gives its ranges to another.
    Raises RendererUnavailable where Dask is not installed, and where no scheduler or no worker answers.
    """

    shares_memory: Final = False

    def __init__(self, job: Job, address: str) -> None:
        try:
            import distributed
        except ImportError as error:
            raise RendererUnavailable(
                f"a render is split over a cluster with Dask: `{pip_install('mien[cluster]')}`, here and "
                "where its workers are."
            ) from error
        for name in _TALKS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._killed: Any = distributed.scheduler.KilledWorker
        self.lost: tuple[type[BaseException], ...] = (
            self._killed,
            distributed.client.FutureCancelledError,
            CancelledError,
        )
        self._job, self._address = job, address
        self._known: dict[str, None] = {}
        """Addresses of workers that were there or have drawn, in the order in which they were seen."""
        self._asked: weakref.WeakSet[Any] = weakref.WeakSet()
        """Dask's futures."""
        self._alone = 0
        """How often in a row nobody was there."""
        self._connect()

    def _connect(self) -> None:
        self._client = _connected(self._address)
        try:
            self.workers = self._threads(self._address)
            self._sent: Any = self._client.scatter(with_files(self._job), broadcast=True, hash=False)
        except BaseException:
            self._client.close()
            raise

    def draw(self, wanted: Range) -> Future[Drawn]:
        """Have a range drawn."""
        drawn: Future[Drawn] = Future()
        drawn.add_done_callback(self._note)
        theirs = self._client.submit(_draw, self._sent, wanted, pure=False)
        self._asked.add(theirs)
        self._client.loop.add_callback(_pass_on, theirs, drawn)
        return drawn

    def look(self) -> None:
        """See whether there are workers. Raises RendererUnavailable where there have been none for a while:
        Dask keeps what was asked of them, and says nothing."""
        if self._client.status != "running":
            return  # it tells the futures itself
        with suppress(OSError):
            self._alone = 0 if self._client.nthreads() else self._alone + 1
        if self._alone >= _LOOKS:
            raise RendererUnavailable(
                f"{self._address}: the cluster has had no worker for {_LOOKS * LOOKS_S} s; start some: "
                f"`dask worker {self._address}`, and render again."
            )

    def _note(self, drawn: Future[Drawn]) -> None:
        if not drawn.cancelled() and not drawn.exception():
            self._known[drawn.result().worker] = None

    def renew(self, error: BaseException) -> None:
        """The scheduler replaces workers itself; one that is gone is looked for once more. Raises
        RendererUnavailable."""
        if isinstance(error, self._killed):
            many, last = error.allowed_failures + 1, error.last_worker.address
            raise RendererUnavailable(
                f"{self._address}: {many} times a worker of the cluster ended over the same frames, at last "
                f"{last}: see its log, and give it more memory."
            ) from error
        with suppress(Exception):  # it has nobody to tell
            self._client.close()
        try:
            self._connect()
        except RendererUnavailable as gone:
            raise RendererUnavailable(
                f"{self.why_lost(error)}, and render again ({str(gone).partition(';')[0]})."
            ) from error

    def why_lost(self, error: BaseException) -> str:
        """For the end of a sentence."""
        return f"the connection to the Dask scheduler at {self._address} was lost; see whether it still runs"

    @property
    def remarks(self) -> tuple[str, ...]:
        """Which workers are gone, in one sentence."""
        # Asked: the scheduler's own events hold what cannot be sent, and break the connection (2026.8).
        there = set(self._known)
        if self._client.status == "running":
            with suppress(Exception):  # what is not known is not told
                there = set(self._client.nthreads())
        gone = [name for name in list(self._known) if name not in there]
        if not gone:
            return ()
        names = ", ".join(gone[:_NAMED]) + (f" and {len(gone) - _NAMED} more" * (len(gone) > _NAMED))
        said = (
            f"Workers of the cluster are gone ({names})"
            if gone[1:]
            else f"The cluster's worker {names} is gone"
        )
        return (f"{said}; others have drawn those frames, and none is missing.",)

    def close(self) -> None:
        """Let go of the cluster, which goes on. Idempotent."""
        if self._client.status == "closed":
            return
        try:
            with suppress(OSError):  # one whose scheduler is gone has nothing to forget
                self._client.run(forget, self._job.name, on_error="ignore")
        finally:
            self._client.close()

    def _threads(self, address: str) -> int:
        try:
            self._client.wait_for_workers(1, timeout=_ANSWERS_S)
        except TimeoutError as error:
            raise RendererUnavailable(
                f"{address}: the cluster has no worker; start some: `dask worker {address}`."
            ) from error
        threads = self._client.nthreads()
        self._known |= dict.fromkeys(threads)
        return sum(threads.values())


def _draw(job: Job, wanted: Range) -> Drawn:
    """By a worker."""
    import distributed

    return replace(draw(job, wanted), worker=distributed.get_worker().address)


async def _pass_on(theirs: Any, ours: Future[Drawn]) -> None:
    """Give ours what becomes of theirs, on the client's loop. Dask's own executor drops an error while
    pictures are fetched, as of a scheduler that ends then: whoever asked would wait for ever."""
    try:
        drawn = await theirs
    except Exception as error:
        own = theirs.status == "error" or not isinstance(error, OSError)  # raised by who drew
        ours.set_exception(error if own else _lost(error))
    except BaseException as error:  # the loop ends
        ours.set_exception(_lost(error))
    else:
        ours.set_result(drawn)


def _lost(error: BaseException) -> CancelledError:
    lost = CancelledError()
    lost.__cause__ = error
    return lost


def _connected(address: str) -> Any:  # Dask has no types
    import distributed

    connect: Any = distributed.Client
    try:
        return connect(address, timeout=_ANSWERS_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RendererUnavailable(
            f"{address}: no Dask scheduler answers ({error}); start one: `dask scheduler`, and name its "
            "address as it says it: tcp://10.0.0.5:8786."
        ) from error
