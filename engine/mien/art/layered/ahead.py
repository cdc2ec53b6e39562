"""Layers read on several threads: unpacking, resampling and copying leave the interpreter's lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from mien import threads
from mien.types import Size

T = TypeVar("T")

_MOST: Final = 4
"""Threads: more are held up by each other, since run lengths are unpacked under the lock."""
_MOST_PIXELS: Final = 52 << 20
"""Most pixels of layers as large as the canvas that are read at a time; each takes 8 bytes meanwhile."""


class Ahead(Generic[T]):
    """Makes what will be asked for, in this order, a few ahead. A context manager.

    Parameters: `jobs`, what to call for each key, keys being different; `canvas`, than which no layer shows
    more.
    """

    def __init__(self, jobs: Iterable[tuple[Hashable, Callable[[], T]]], canvas: Size) -> None:
        room = _MOST_PIXELS // max(1, canvas.width * canvas.height)
        workers = max(1, min(_MOST, threads.cores(), room))
        self._workers = workers if threads.can_start(workers) else 1
        self._waiting = deque(jobs)
        self._keys = {key for key, _ in self._waiting}
        self._under_way: dict[Hashable, Future[T]] = {}
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def take(self, key: Hashable, make: Callable[[], T]) -> T:
        """What its job gives; `make`, where there is no other thread or it is none of the jobs. What stands
        before it will not be asked for any more. Raises as that does."""
        if self._workers == 1 or key not in self._keys:
            return make()
        while key in self._keys:
            self._begin()
            first = next(iter(self._under_way))
            found = self._under_way.pop(first)
            self._keys.discard(first)
        self._begin()
        return found.result()

    def _begin(self) -> None:
        """Have one more job under way than there are threads."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._workers, "mien-layers")
        while self._waiting and len(self._under_way) <= self._workers:
            key, job = self._waiting.popleft()
            self._under_way[key] = self._pool.submit(job)
