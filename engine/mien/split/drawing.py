"""Drawing ranges: what runs in the processes that a render is split over."""

from __future__ import annotations

import threading
import warnings
import weakref
from contextlib import ExitStack
from importlib.metadata import version
from math import prod
from typing import Final

import numpy as np

from mien.observe import FrameRecord
from mien.shared_memory import SharedMemory
from mien.split.job import Drawn, Job, Range
from mien.split.packing import packed
from mien.split.travel import unpacked
from mien.stage.offline import Stage
from mien.types import U8


class RangeStage(Stage):
    """A stage of a job, of which ranges are drawn. Belongs to the thread that opens it."""

    job: Job

    @classmethod
    def of_job(cls, job: Job) -> RangeStage:
        """Open it, with all turns queued. Raises MienError."""
        with ExitStack() as files:
            here = unpacked(job, files)
            stage = cls.of(here.conversation, **here.keywords)
            stage.job = job
            # Sound is read as turns come up.
            weakref.finalize(stage, files.pop_all().close)
        return stage

    @property
    def next_index(self) -> int:
        """The frame that is drawn next."""
        return self._index

    def draw_range(self, first: int, out: U8) -> tuple[FrameRecord, ...]:
        """The frames from `first` on, one for each picture of `out`, (n, h, w, 4) uint8. Not one before
        `next_index`. Raises MienError."""
        if first > self._index:
            self._go_to(self.fps.sample(first))
        records = self.ledger.subscribe()
        try:
            for picture in out:
                self.frame(picture)
        finally:
            self.ledger.unsubscribe(records)
        return tuple(record for record in records if isinstance(record, FrameRecord))


_stages: Final[dict[int, RangeStage]] = {}
"""One for each thread that draws."""


def draw(job: Job, wanted: Range) -> Drawn:
    """Draw a range. The stage is kept for the next one of the same job. Raises MienError."""
    me = threading.get_ident()
    stage = _stages.get(me)
    if stage is None or stage.job.name != job.name or stage.next_index > wanted.first:
        if stage is not None:
            _stages.pop(me).close()
        stage = _stages[me] = RangeStage.of_job(job)
    shape = (wanted.count, job.size.height, job.size.width, 4)
    if wanted.place is None:
        pictures = np.empty(shape, np.uint8)
        records = stage.draw_range(wanted.first, pictures)
        return Drawn(records, packed(pictures), stage.renderer, version("mien"))
    shared = SharedMemory.at(wanted.place, prod(shape))
    out = shared.array(0, shape)
    shared.close()  # what is mapped goes with the last array
    records = stage.draw_range(wanted.first, out)
    return Drawn(records, None, stage.renderer, version("mien"))


def forget(name: str) -> None:
    """Let go of the stages of a job, of all threads."""
    threads = [thread for thread, stage in list(_stages.items()) if stage.job.name == name]
    if (me := threading.get_ident()) in threads:
        threads.remove(me)
        _stages.pop(me).close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # who opened them cannot be asked to close them
        for thread in threads:
            _stages.pop(thread, None)
