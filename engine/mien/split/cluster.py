"""Ranges drawn by the workers of a Dask cluster."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final

from mien.errors import RendererUnavailable
from mien.split.drawing import draw, forget
from mien.split.job import Drawn, Job, Range
from mien.split.travel import with_files

_ANSWERS_S: Final = 20
"""Longest that is waited for the scheduler, and for its first worker."""


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
                "a render is split over a cluster with Dask: `pip install 'mien[cluster]'`, here and where "
                "its workers are."
            ) from error
        self.lost: tuple[type[BaseException], ...] = (
            distributed.scheduler.KilledWorker,
            distributed.client.FutureCancelledError,
        )
        self._job = job
        self._client = _connected(address)
        try:
            self.workers = self._threads(address)
            self._sent: Any = self._client.scatter(with_files(job), broadcast=True, hash=False)
            self._executor = self._client.get_executor(pure=False)
        except BaseException:
            self._client.close()
            raise

    def draw(self, wanted: Range) -> Future[Drawn]:
        """Have a range drawn."""
        drawn: Future[Drawn] = self._executor.submit(draw, self._sent, wanted)
        return drawn

    def renew(self) -> None:
        """The scheduler does that itself."""

    def close(self) -> None:
        """Let go of the cluster, which goes on. Idempotent."""
        if self._client.status == "closed":
            return
        self._executor.shutdown(wait=False)
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
        return sum(self._client.nthreads().values())


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
