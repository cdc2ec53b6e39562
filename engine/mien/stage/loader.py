"""Who joins a cast while frames go on, who is read anew, and who is given up: the steps of it, one a frame.

Who joins is read and packed on a thread; its pages go to the GPU within each frame's budget, as any that come
and go; the tables of the whole cast are made anew on the thread; what plans will need of its drawings is
worked out, a few a frame; and then one frame takes all over. Nothing is compiled or allocated meanwhile.
Who is of the cast and read anew is there as soon as that is done for the drawings that it shows now.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import sleep
from typing import Final

import numpy as np

from mien.art import LoadedCharacter
from mien.art.repack import on_pages
from mien.clock import Clock, RealClock
from mien.errors import MienError, ScriptError
from mien.interrupts import HeldBack
from mien.messages import quoted
from mien.stage.cast import CastEntry
from mien.stage.cast_tables import Tables
from mien.stage.foreseeing import Foreseeing
from mien.stage.gaps import Gaps
from mien.stage.loading import Exchanged, Job, PageNumbers, Worker
from mien.stage.readings import Readings
from mien.stage.show import Show, file_time_ns

AGAIN_MS: Final = 4.0
"""Time that takes of who is read anew, for whom somebody waits who has just saved a picture: so much,"""
SHARE: Final = 0.5
LEAST_MS, MORE_MS = 2.0, 8.0
"""and this share of what else is free in a frame, between these. Uploads take as much more."""
_POLL_S: Final = 0.001
_ROOM: Final = "open the stage with more room, or name it in the cast with on_stage=False."


class Loader:
    """Belongs to the thread that draws. Parameters: `show`; `room`, for how many characters more it has been
    opened; `stream` lets pages come and go, where they do not yet; `clock` to measure steps by."""

    def __init__(
        self, show: Show, room: int, stream: Callable[[], object], clock: Clock | None = None
    ) -> None:
        self._show, self._stream = show, stream
        self._foreseeing = Foreseeing(show, clock or RealClock())
        self.room = room
        """For how many characters more than the cast it was opened with."""
        self._most = len(show.cast) + room
        self._pages = PageNumbers(show.page_count, show.more_pages)
        self._jobs: deque[Job] = deque()
        self._asked = False
        self._announced: dict[str, None] = {}
        """Keys of who is to be loaded, told by other threads and not heard yet."""
        self._taken: dict[str, Sequence[int]] = dict(show.pages_of)
        """The pages of who is of the cast."""
        self.gaps: Final = Gaps()
        """Between frames, where the thread reads and makes tables. To be told of each frame."""
        self._worker = Worker(self.gaps.wait)
        self.readings: Final = Readings(show, self.gaps.wait)
        """Who reads anew, and what is kept for the next time."""

    @property
    def loading(self) -> tuple[str, ...]:
        """Keys of who is being loaded. From any thread."""
        return (
            *self._announced,
            *(job.entry.key for job in tuple(self._jobs) if not job.leaves),
        )

    def announce(self, key: str) -> None:
        """`load` will be told of somebody of this key. From any thread."""
        self._announced[key] = None

    def withdraw(self, key: str) -> None:
        """It will not: who announced it could not tell."""
        self._announced.pop(key, None)

    def load(self, entry: CastEntry, done: Callable[[str], object] | None = None) -> None:
        """Have somebody join. `done` is told what was wrong, or nothing, also of what is refused here. Raises
        ScriptError where there is no room for anybody else."""
        job = Job(replace(entry, on_stage=False), done=[] if done is None else [done])
        try:
            self._check_joins(entry.key)
        except ScriptError as error:
            self._show.session.warnings += job.tell(str(error))
            raise
        self._jobs.append(job)

    def _check_joins(self, key: str) -> None:
        self._announced.pop(key, None)
        if key in self._show.cast or key in self.loading:
            raise ScriptError(f"{quoted(key)} is in the cast already; give each character its own key.")
        to_come = sum(-1 if job.leaves else 1 for job in self._jobs if not job.again)
        if len(self._show.cast) + to_come >= self._most:
            raise ScriptError(
                f"this stage has room for {self._most} characters, and {quoted(key)} is one more: unload "
                f"somebody, or {_ROOM}"
            )

    def reload(self, entry: CastEntry, done: Callable[[str], object] | None = None) -> None:
        """Have somebody of the cast read anew. What waits to be read is read as it is then. `done` is told
        what was wrong, or nothing."""
        self._announced.pop(entry.key, None)
        if self._show.supply is None:
            self._stream()
        begun = [self._jobs.popleft()] if self._asked else []
        again = Job(entry, again=True, done=[] if done is None else [done])
        waiting = list[Job]()
        for job in self._jobs:
            if job.again and job.entry.key == entry.key:
                again.done = job.done + again.done
            else:
                waiting.append(job)
        self._jobs = deque([*begun, *waiting, again])

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

    def advance(self, spare_ms: float = 0.0) -> None:
        """Once a frame, in which so much time is free: take a step. Ctrl-C waits for its end: half a step
        would never be over."""
        with HeldBack():
            self._advance(spare_ms)

    def _advance(self, spare_ms: float) -> None:
        if not self._jobs:
            self._foreseeing.go_on()
            return
        job, wrong = self._jobs[0], ""
        more_ms = min(MORE_MS, max(LEAST_MS, SHARE * spare_ms)) if job.again and spare_ms else 0.0
        if self._show.supply is not None:
            self._show.supply.more_ms = more_ms
        try:
            over = self._step(job, more_ms)
        except MienError as error:
            over, wrong = True, str(error)
            what = "given up" if job.leaves else "read anew" if job.again else "loaded"
            self._show.session.warnings.append(f"{quoted(job.entry.key)} could not be {what}: {wrong}")
            self._give_back(None if job.stays else job.pages)
        if over:
            self._worker.ask(self._show.cache.keep)
            self._jobs.popleft()
            self._asked = False
            self._show.wish(())
            self._show.session.warnings += job.tell(wrong)
            self._show.session.warnings += [] if wrong else job.follow()

    def finish(self) -> None:
        """Take all steps: for frames that never depend on how fast a machine is. The context is current."""
        while self._jobs:
            self.advance()
            with HeldBack():
                self._show.bring_pages()
            sleep(_POLL_S)

    def close(self) -> None:
        """End the worker, and the process that reads. Idempotent."""
        self.readings.close()
        self._worker.close()

    def _step(self, job: Job, more_ms: float) -> bool:
        """Go on; True when it is over. `more_ms`: what it may take of this frame beside the usual."""
        show, key = self._show, job.entry.key
        if not self._asked:
            if job.again and key not in show.cast:
                raise ScriptError("it is of the cast no more.")
            self._asked = True
            self._worker.ask(self._order(job))
        self._take(job, self._worker.take())
        if job.tables is None:
            return False
        if job.leaves:
            self._check_leaves(key)  # more may have been told of it meanwhile
            show.remove(key, job.tables)
            self._foreseeing.forget(key)
            self.readings.forget(key)
            self._give_back(self._taken.pop(key))
            return True
        if job.stays and show.supply is not None and not show.supply.write_parts(more_ms):
            return False
        # What plans need of a page is known before all of it is uploaded.
        if job.urgent > 0 and show.are_learnt(job.pages or ()):
            self._foreseeing.urgently(job, AGAIN_MS + more_ms if job.again else 0.0)
        if job.urgent > 0 or not show.are_here(job.pages or ()):
            return False
        self._let_in(job, job.tables)
        return True

    def _order(self, job: Job) -> Callable[[], object]:
        """What the worker does for it first."""
        show, entry = self._show, job.entry
        if job.leaves:
            return lambda: show.tables_without(entry.key)
        show.read_ns[entry.key] = file_time_ns()
        if not job.again:
            return lambda: show.read(entry, cache=show.cache)
        pages = tuple(self._taken[entry.key])
        return lambda: self.readings.again(entry, pages)

    def _take(self, job: Job, result: object) -> None:
        """What the worker has done for it, if it has."""
        if isinstance(result, Exception):
            raise result if isinstance(result, MienError) else ScriptError(f"{result!r}.")
        if isinstance(result, LoadedCharacter):
            self._number(job, result)
        elif isinstance(result, Exchanged):
            self._bring(job, result.loaded)
            self._take(job, result.tables)
        elif isinstance(result, Tables):
            job.tables, job.unforeseen = result, result.samples
            if job.again:
                first = self._show.shown_next(result)
                job.unforeseen, job.urgent = np.concatenate((first, result.samples)), len(first)
            else:
                job.urgent = len(result.samples)

    def _let_in(self, job: Job, tables: Tables) -> None:
        """All is there that it shows."""
        key = job.entry.key
        if job.again:
            self._show.replace(job.entry, tables)
            before = self._taken.pop(key)
            self._give_back(None if job.stays else before)
            self.readings.let_in(key, job.atlas)
        else:
            self._show.join(job.entry, tables)
        assert job.pages is not None
        self._taken[key] = job.pages
        self._foreseeing.later(key, job.unforeseen)

    def _number(self, job: Job, loaded: LoadedCharacter) -> None:
        """It is read: its pages are given numbers and wanted, and the tables are made with it."""
        key, count = job.entry.key, len(loaded.pages)
        if count > (left := self._pages_left()):
            raise ScriptError(
                f"it has {count} pages, and beside what is shown at rest the page budget leaves room for "
                f"{left}; give more."
            )
        numbers = self._pages.take(count)
        if numbers is None:
            raise ScriptError(f"it has {count} pages, and fewer are free: {_ROOM}")
        job.pages, job.atlas, character = numbers, loaded.atlas, on_pages(loaded.character, numbers)
        self._show.loaded_pages.update(zip(job.pages, loaded.pages, strict=True))
        self._show.wish(job.pages)
        tables = self._show.tables_again if job.again else self._show.tables_with
        self._worker.ask(lambda: tables(key, character, 0))

    def _bring(self, job: Job, loaded: LoadedCharacter) -> None:
        """It is read, and stays on its pages: what is new on them is brought."""
        show, numbers = self._show, self._taken[job.entry.key]
        assert loaded.atlas is not None and loaded.atlas.brought is not None and show.supply is not None
        job.pages, job.atlas, job.stays = numbers, loaded.atlas, True
        for room in loaded.atlas.brought:
            show.supply.bring_part(numbers[room.page], room.around, loaded.pages[room.page])

    def _pages_left(self) -> float:
        """How many pages the budget leaves beside those shown at rest."""
        show = self._show
        if show.page_budget is None:
            return math.inf
        return max(0, show.page_budget // (4 * show.page_size**2) - len(show.resting_pages))

    def _give_back(self, pages: Sequence[int] | None) -> None:
        """These are free again."""
        if pages is not None:
            self._show.drop(pages)
            self._pages.give(pages)
