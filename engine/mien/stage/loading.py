"""Of loading while frames go on: jobs, the thread that does them, and the page numbers that are free."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from mien.art import LoadedCharacter
from mien.art.packed import Atlas
from mien.errors import MienError
from mien.messages import quoted
from mien.stage.cast import CastEntry
from mien.stage.cast_tables import Tables
from mien.switching import giving_way
from mien.threads import start_thread
from mien.types import F32, Bools


@dataclass(slots=True)
class Job:
    """Somebody who is being loaded."""

    entry: CastEntry
    leaves: bool = False
    """It is given up."""
    again: bool = False
    """It is of the cast, and read anew."""
    then: list[Callable[[], object]] = field(default_factory=list)
    """What was told of it meanwhile: done once it is there."""
    done: list[Callable[[str], object]] = field(default_factory=list)
    """Whom to tell when it is over: what was wrong, or nothing."""
    pages: Sequence[int] | None = None
    """The numbers that its pages were given."""
    stays: bool = False
    """They are those that it has, and what is new of them is brought."""
    atlas: Atlas | None = None
    """How they are packed."""
    tables: Tables | None = None
    """Of the whole cast with it, or without it."""
    unforeseen: F32 = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    """(n, SAMPLE_FLOATS) those of its drawings of which plans know nothing yet."""
    urgent: int = 0
    """How many of them, the first ones, it shows at once."""

    def tell(self, wrong: str) -> list[str]:
        """Tell whoever wants to know what was wrong, or `""`; warnings of it. What fails there is a host's
        own, and costs no frame."""
        warnings = []
        for done in self.done:
            try:
                done(wrong)
            except Exception as error:
                what = f"{'re' if self.again else ''}loading {quoted(self.entry.key)}"
                warnings.append(f"done= of {what} failed: {quoted(repr(error))}")
        return warnings

    def follow(self) -> list[str]:
        """Do what was told of who is there now; warnings of it."""
        warnings = []
        for call in self.then:
            try:
                call()
            except MienError as error:
                warnings.append(str(error))
        return warnings


class Exchanged(NamedTuple):
    """Somebody who was read anew, of whom what has not changed stays where it is on its pages."""

    loaded: LoadedCharacter
    tables: Tables
    """Of the whole cast with it."""


class PageNumbers:
    """Which page numbers are free: at first those behind the `used` ones, `more` of them."""

    def __init__(self, used: int, more: int) -> None:
        self._free: Bools = np.arange(used + more) >= used

    def take(self, count: int) -> list[int] | None:
        """So many, in a row or not; None where there are fewer."""
        free: list[int] = np.flatnonzero(self._free)[:count].tolist()
        if len(free) < count:
            return None
        self._free[free] = False
        return free

    def give(self, numbers: Sequence[int]) -> None:
        """They are free again."""
        self._free[list(numbers)] = True


class Worker:
    """Does what it is told on a thread of its own, one after the other. `until_free`: as of `giving_way`."""

    def __init__(self, until_free: Callable[[], object]) -> None:
        self._until_free = until_free
        self._orders: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def ask(self, call: Callable[[], object]) -> None:
        """Have it done; `take` gives what comes of it."""
        if self._thread is None:
            thread = threading.Thread(target=self._run, name="mien-loading", daemon=True)
            start_thread(thread)
            self._thread = thread
        self._orders.put(call)

    def take(self) -> object:
        """What came of the call that was done, or what it raised; None where none was. Never waits."""
        try:
            return self._done.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        """End it; a call that hangs is left behind. Idempotent."""
        if self._thread is not None:
            self._orders.put(None)
            self._thread.join(timeout=1.0)
            self._thread = None

    def _run(self) -> None:
        while (call := self._orders.get()) is not None:
            try:
                with giving_way(self._until_free):
                    made = call()
                self._done.put(made)
            except Exception as error:  # handed over: the frame's thread tells of it
                self._done.put(error)
