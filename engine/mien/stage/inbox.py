"""What a stage is told and cannot do at once, until the next frame reads it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from mien.errors import MienError, ScriptError
from mien.interrupts import Ongoing

MOST: Final = 10_000
"""Calls that wait for a frame at most: a host that draws none does not fill the memory."""
AT_ONCE: Final = 200
"""Of those, so many are done before a frame at most: a flood is heard over several frames. What must not
wait, and all before it, is done at once."""


class Inbox:
    """A locked queue of calls. Any thread puts, one reads; nobody waits for anybody.

    A handler of a signal may put at any moment, also within a call of these: the lock is one that its holder
    may take again.
    """

    def __init__(self) -> None:
        self.busy: Final = Ongoing()
        """The thread that reads, which asks, is within a call that changes the stage: what it is told
        meanwhile, as by a handler of a signal, waits in here."""
        self._lock = threading.RLock()
        self._calls: deque[Callable[[], object]] = deque()
        self._done = 0
        """Calls done so far."""
        self._must = 0
        """How many are to be done by the end of the next reading, whatever it takes."""

    def __bool__(self) -> bool:
        """Whether something has not been done yet: a call is in here until it has been."""
        return bool(self._calls)

    def busied(self) -> AbstractContextManager[None]:
        """`with inbox.busied():`, in the function whose block changes the stage."""
        return self.busy.begun()

    def put(self, call: Callable[[], object], *, at_once: bool = False) -> None:
        """Have it done when the next frame begins; where a flood is before it later, unless `at_once`. It may
        be done twice, where Ctrl-C comes in between. Raises ScriptError when too much waits, but never for
        what must not wait."""
        with self._lock:
            if len(self._calls) >= MOST and not at_once:
                raise ScriptError(
                    f"{MOST} calls from other threads wait for this stage's next frame: draw frames, or tell "
                    "it less."
                )
            # Full, only what must not wait comes in: the same right behind itself changes nothing.
            if len(self._calls) < MOST or self._calls[-1] != call:
                self._calls.append(call)
            if at_once:
                self._must = self._done + len(self._calls)

    def read(self, failed: Callable[[str], object]) -> None:
        """Do what has been put until now, AT_ONCE at most or as far as what must not wait; the rest waits, as
        what comes meanwhile does.

        `failed` is told, in one sentence, what cannot be done.
        """
        with self.busied():
            with self._lock:
                number = min(max(AT_ONCE, self._must - self._done), len(self._calls))
            for _ in range(number):
                over = True
                try:
                    self._calls[0]()
                except KeyboardInterrupt:  # perhaps before it had begun: it is done once more
                    over = False
                    raise
                except MienError as error:
                    failed(str(error))
                finally:
                    if over:
                        self._done += 1
                        self._calls.popleft()
