"""Frames in order, of ranges that others draw ahead."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, wait
from typing import Final, Protocol

from mien.clock import SAMPLE_RATE, FrameRate
from mien.errors import RendererUnavailable
from mien.observe import FrameRecord
from mien.split.frames_file import FramesFile
from mien.split.job import Drawn, Job, Range
from mien.split.packing import unpacked
from mien.types import U8

_MOST_BYTES: Final = 64 << 20
"""Of the pictures of a range."""
_MOST_FRAMES: Final = 60
_AHEAD: Final = 2
"""Ranges more than there are workers, so that none of them waits for who takes the frames."""
LOOKS_S: Final = 20
"""After so many seconds that a range is waited for the pool is asked whether anybody still draws."""
_MOST_LOST: Final = 3
"""Times that a range may be begun anew."""


class Pool(Protocol):
    """Processes that draw ranges of one job."""

    @property
    def workers(self) -> int:
        """How many ranges are drawn at a time."""
        ...

    @property
    def shares_memory(self) -> bool:
        """Whether they can open files of this process."""
        ...

    @property
    def lost(self) -> tuple[type[BaseException], ...]:
        """What a range's future raises when the process that drew it is gone, for no fault of the range."""
        ...

    def draw(self, wanted: Range) -> Future[Drawn]:
        """Have a range drawn. They are begun in the order in which they are given."""
        ...

    def look(self) -> None:
        """Asked now and then while a range is waited for. Raises RendererUnavailable where nobody is there
        who would draw it, though its future says nothing."""
        ...

    def renew(self, error: BaseException) -> None:
        """Replace processes that are gone, as `error` has told. What was given to any of them is to be given
        anew. Raises RendererUnavailable where they cannot be replaced."""
        ...

    def why_lost(self, error: BaseException) -> str:
        """What an error of `lost` means, and what to do about it, for the end of a sentence."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """What has happened to them that `lost` does not tell, one sentence each."""
        ...

    def close(self) -> None:
        """End them. Idempotent."""
        ...


class _Coming:
    """A range that is drawn."""

    def __init__(self, first: int, file: FramesFile | None) -> None:
        self.first, self.file = first, file
        self.future: Future[Drawn] | None = None
        self.begun = 0

    @property
    def is_there(self) -> bool:
        """It was drawn."""
        future = self.future
        return future is not None and future.done() and not future.cancelled() and not future.exception()


class Ranges:
    """Gives the frames of a job one after another, while the next ranges are drawn. Owns the pool.

    Parameters: `last`, the index behind the last frame, if that is known.
    """

    def __init__(self, job: Job, pool: Pool, rate: FrameRate, last: int | None) -> None:
        self._job, self._pool, self._rate = job, pool, rate
        size = job.size
        self._each = max(1, min(_MOST_FRAMES, _MOST_BYTES // (size.width * size.height * 4)))
        self._shape = (self._each, size.height, size.width, 4)
        self._last = last
        self._next = 0
        """The first frame of the next range."""
        self._coming: deque[_Coming] = deque()
        self._spare: list[FramesFile] = []
        self._now: _Coming | None = None
        self._pictures: U8 | None = None
        self._records: tuple[FrameRecord, ...] = ()
        self.renderer = ""
        """Of those that draw; empty before the first range is there."""
        self.replaced = 0
        """How often processes had to be replaced."""
        try:
            self._fill()
        except BaseException:
            self.close()
            raise

    @property
    def at_once(self) -> int:
        """Frames that come at about one time: those of a range of each process."""
        return self._each * self._pool.workers

    @property
    def remarks(self) -> tuple[str, ...]:
        """What has happened to those that draw, one sentence each."""
        told = self._pool.remarks
        if self.replaced:
            times = "once" if self.replaced == 1 else f"{self.replaced} times"
            told = (
                f"Processes that drew frames ended, and were replaced, {times}; no frame is missing.",
                *told,
            )
        return told

    def take(self, index: int) -> tuple[U8, FrameRecord]:
        """The picture of a frame, (h, w, 4) uint8, valid until the next is taken; and what it took. Frames
        are taken in order. Raises RendererUnavailable, and what drawing it raised."""
        if self._now is None or index >= self._now.first + self._each:
            self._to_next()
        assert self._now is not None
        assert self._pictures is not None
        k = index - self._now.first
        return self._pictures[k], self._records[k]

    def close(self) -> None:
        """End the processes. Idempotent."""
        self._pool.close()
        self._pictures = None
        for file in self._spare:
            file.close()
        for coming in (*self._coming, *([] if self._now is None else [self._now])):
            if coming.file is not None:
                coming.file.close()
        self._coming.clear()
        self._spare.clear()
        self._now = None

    def _to_next(self) -> None:
        self._pictures = None
        if self._now is not None and self._now.file is not None:
            self._spare.append(self._now.file)
        self._now = None
        self._fill()
        if not self._coming:
            raise IndexError(f"frames up to {self._last} were asked for")
        coming = self._coming[0]
        drawn = self._drawn(coming)
        self._check(drawn)
        self._now = self._coming.popleft()
        self._records = drawn.records
        if drawn.packed is None:
            assert coming.file is not None
            self._pictures = coming.file.pictures
        else:
            self._pictures = unpacked(drawn.packed, self._shape)
        self._fill()

    def _fill(self) -> None:
        """Have as many ranges drawn as may be."""
        while len(self._coming) < self._pool.workers + _AHEAD - (self._now is not None):
            if self._last is not None and self._next >= self._last:
                return
            coming = _Coming(self._next, self._file())
            self._next += self._each
            self._coming.append(coming)
            self._begin(coming)

    def _file(self) -> FramesFile | None:
        if not self._pool.shares_memory:
            return None
        return self._spare.pop() if self._spare else FramesFile(self._shape)

    def _begin(self, coming: _Coming) -> None:
        coming.begun += 1
        place = None if coming.file is None else coming.file.place
        try:
            coming.future = self._pool.draw(Range(coming.first, self._each, place))
        except self._pool.lost as error:  # they ended since
            coming.future = Future()
            coming.future.set_exception(error)

    def _drawn(self, coming: _Coming) -> Drawn:
        """Wait for a range; of processes that are gone, for those that take their place."""
        while True:
            assert coming.future is not None
            try:
                return self._waited_for(coming.future)
            except self._pool.lost as error:
                lost = error
                if coming.begun > _MOST_LOST:
                    at = self._rate.sample(coming.first) / SAMPLE_RATE
                    raise RendererUnavailable(
                        f"the frames from {at:.1f} s on were begun {coming.begun} times and lost each time: "
                        f"{self._pool.why_lost(error)}."
                    ) from error
            self.replaced += 1
            self._pool.renew(lost)
            for one in self._coming:
                if not one.is_there:
                    self._begin(one)

    def _waited_for(self, future: Future[Drawn]) -> Drawn:
        while not wait((future,), LOOKS_S).done:
            self._pool.look()
        return future.result()

    def _check(self, drawn: Drawn) -> None:
        if drawn.version != self._job.version:
            raise RendererUnavailable(
                f"a worker has Mien {drawn.version}, this is {self._job.version}: install one version on all."
            )
        if self.renderer and drawn.renderer != self.renderer:
            raise RendererUnavailable(
                f"workers draw with different renderers, {self.renderer} and {drawn.renderer}: their pixels "
                "would differ; use machines with the same driver."
            )
        self.renderer = drawn.renderer
