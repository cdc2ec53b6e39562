"""Environment variables that are set while a block lasts: for a driver that is opened, or a new process."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final


class Variable:
    """One that Mien sets for a while. It is the whole process's, and its threads share it: the first that
    wants it sets it, and the last puts it back, in whatever order they end.

    Parameters: its `name`; `over`, also where the user has set it.
    """

    def __init__(self, name: str, *, over: bool = False) -> None:
        self.name: Final = name
        self._over = over
        # Reentrant: who is in here may be interrupted by a handler of a signal.
        self._lock = threading.RLock()
        self._wanted_by = 0
        self._before: str | None = None
        self._set = ""

    @contextmanager
    def set_to(self, value: str) -> Iterator[None]:
        """While the block lasts; where several want it, to the value of the first."""
        begun = self._begin(value)
        try:
            yield
        finally:
            if begun:
                self._end()

    def _begin(self, value: str) -> bool:
        """False where the user has set it and keeps it."""
        with self._lock:
            # Counted from before it is set until it is back: a handler of a signal that wants it meanwhile
            # would take it for the user's.
            if self._wanted_by:
                self._wanted_by += 1
                return True
            self._before = os.environ.get(self.name)
            if self._before and not self._over:
                return False
            self._wanted_by = 1
            os.environ[self.name] = self._set = value
            return True

    def _end(self) -> None:
        with self._lock:
            # What somebody else has set meanwhile is theirs.
            if self._wanted_by == 1 and os.environ.get(self.name) == self._set:
                if self._before is None:
                    del os.environ[self.name]
                else:
                    os.environ[self.name] = self._before
            self._wanted_by -= 1
