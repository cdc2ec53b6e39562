"""Who joins a cast while frames go on, and who is given up: the steps of it, one a frame.

Who joins is read and packed on a thread; its pages go to the GPU within each frame's budget, as any that come
and go; the tables of the whole cast are made anew on the thread; what plans will need of its drawings is
worked out, a few a frame; and then one frame takes all over. Nothing is compiled or allocated meanwhile.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import sleep
from typing import Final

from mien.art import LoadedCharacter
from mien.errors import MienError, ScriptError
from mien.messages import quoted
from mien.stage.cast import CastEntry
from mien.stage.cast_tables import Tables
from mien.stage.loading import Job, PageNumbers, Worker
from mien.stage.show import Show

FORESEEN: Final = 4
"""Drawings of which is worked out in a frame what plans will need: 1 to 2 ms."""
_POLL_S: Final = 0.001
_ROOM: Final = "open the stage with more room, or name it in the cast with on_stage=False."


class Loader:
    """Belongs to the thread that draws. Parameters: `show`; `room`, for how many characters more it has been
    opened; `stream` lets pages come and go, where they do not yet."""

    def __init__(self, show: Show, room: int, stream: Callable[[], object]) -> None:
        self._show, self._stream = show, stream
        self.room = room
        """For how many characters more than the cast it was opened with."""
        self._most = len(show.cast) + room
        self._pages = PageNumbers(show.page_count, show.more_pages)
        self._worker = Worker()
        self._jobs: deque[Job] = deque()
        self._asked = False
        self._announced: dict[str, None] = {}
        """Keys of who is to be loaded, told by other threads and not heard yet."""
        self._taken = dict(show.pages_of)
        """The pages of who is of the cast, or about to be."""

    @property
    def loading(self) -> tuple[str, ...]:
        """Keys of who is being loaded. From any thread."""
        return (*self._announced, *(job.entry.key for job in tuple(self._jobs) if not job.leaves))

    def announce(self, key: str) -> None:
        """`load` will be told of somebody of this key. From any thread."""
        self._announced[key] = None

    def load(self, entry: CastEntry) -> None:
        """Have somebody join. Raises ScriptError where there is no room for anybody else."""
        key = entry.key
        self._announced.pop(key, None)
        if key in self._show.cast or key in self.loading:
            raise ScriptError(f"{quoted(key)} is in the cast already; give each character its own key.")
        to_come = sum(-1 if job.leaves else 1 for job in self._jobs)
        if len(self._show.cast) + to_come >= self._most:
            raise ScriptError(
                f"this stage has room for {self._most} characters, and {quoted(key)} is one more: unload "
                f"somebody, or {_ROOM}"
            )
        self._jobs.append(Job(replace(entry, on_stage=False)))

    def then(self, key: str, call: Callable[[], object]) -> None:
        """Do something once somebody who is being loaded is there."""
        for job in self._jobs:
            if job.entry.key == key:
                job.then.append(call)

    def unload(self, key: str) -> None:
        """Give up somebody who is off stage, and its pages. Raises ScriptError."""
        if any(job.leaves and job.entry.key == key for job in self._jobs):
            raise ScriptError(f"{quoted(key)} is being given up already.")
        self._check_leaves(key)
        if self._show.supply is None:
            self._stream()  # its pages go, and those of another take their numbers
        self._jobs.append(Job(CastEntry(key, key), leaves=True))

    def _check_leaves(self, key: str) -> None:
        show = self._show
        if not show.is_gone(key):
            raise ScriptError(f"{quoted(key)} is on stage; let it leave first.")
        if any(key == turn.speaker for turn in show.session.upcoming):
            raise ScriptError(f"{quoted(key)} has turns to speak; unload it when they have been heard.")
        if len(show.cast) == 1:
            raise ScriptError(f"{quoted(key)} is all there is of the cast; close the stage instead.")

    def advance(self) -> None:
        """Once a frame: take one step."""
        if not self._jobs:
            return
        job = self._jobs[0]
        try:
            over, then = self._step(job), job.then
        except MienError as error:
            what = "given up" if job.leaves else "loaded"
            self._show.session.warnings.append(f"{quoted(job.entry.key)} could not be {what}: {error}")
            if not job.leaves:
                self._give_back(job.entry.key)
            over, then = True, []
        if over:
            self._jobs.popleft()
            self._asked = False
            self._show.wish(())
            self._do(then)

    def _do(self, calls: Sequence[Callable[[], object]]) -> None:
        """What was told of somebody who is there now."""
        for call in calls:
            try:
                call()
            except MienError as error:
                self._show.session.warnings.append(str(error))

    def finish(self) -> None:
        """Take all steps: for frames that never depend on how fast a machine is. The context is current."""
        while self._jobs:
            self.advance()
            self._show.bring_pages()
            sleep(_POLL_S)

    def close(self) -> None:
        """End the worker. Idempotent."""
        self._worker.close()

    def _step(self, job: Job) -> bool:
        """Go on; True when it is over."""
        show = self._show
        if not self._asked:
            self._asked = True
            self._worker.ask(
                (lambda: show.tables_without(job.entry.key)) if job.leaves else (lambda: show.read(job.entry))
            )
        result = self._worker.take()
        if isinstance(result, Exception):
            raise result if isinstance(result, MienError) else ScriptError(f"{result!r}.")
        if isinstance(result, LoadedCharacter):
            self._number(job, result)
        elif isinstance(result, Tables):
            job.tables, job.unforeseen = result, result.samples
        if job.tables is None:
            return False
        if job.leaves:
            self._check_leaves(job.entry.key)  # more may have been told of it meanwhile
            show.remove(job.entry.key, job.tables)
            self._give_back(job.entry.key)
            return True
        if not show.are_here(self._taken[job.entry.key]):
            return False
        if len(job.unforeseen):
            show.foresee(job.unforeseen[:FORESEEN])
            job.unforeseen = job.unforeseen[FORESEEN:]
            return False
        show.join(job.entry, job.tables)
        return True

    def _number(self, job: Job, loaded: LoadedCharacter) -> None:
        """It is read: its pages are given numbers and wanted, and the tables are made with it."""
        count = len(loaded.pages)
        if count > (left := self._pages_left()):
            raise ScriptError(
                f"it has {count} pages, and beside what is shown at rest the page budget leaves room for "
                f"{left}; give more."
            )
        first = self._pages.take(count)
        if first is None:
            raise ScriptError(f"it has {count} pages, and fewer are free: {_ROOM}")
        self._taken[job.entry.key] = numbers = range(first, first + count)
        self._show.loaded_pages.update(zip(numbers, loaded.pages, strict=True))
        self._show.wish(numbers)
        self._worker.ask(lambda: self._show.tables_with(job.entry.key, loaded.character, first))

    def _pages_left(self) -> float:
        """How many pages the budget leaves beside those shown at rest."""
        show = self._show
        if show.page_budget is None:
            return math.inf
        return max(0, show.page_budget // (4 * show.page_size**2) - len(show.resting_pages))

    def _give_back(self, key: str) -> None:
        """Pages of somebody are free again."""
        if (numbers := self._taken.pop(key, None)) is not None:
            self._show.drop(numbers)
            self._pages.give(numbers)
