"""The times between frames, in which a thread may compute in Python that nobody waits for so much."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mien.interrupts import Bell

LONGEST_S: Final = 0.05
"""No piece of work waits longer for a frame's end."""


class Gaps:
    """Flags alone: a frame waits for nobody.

    Beside a thread that computes in Python without a pause the step of a frame takes 15 ms where it takes 9
    alone: the interpreter's lock, which it gives up some twenty times, is gone for half a millisecond each
    time, and it has to share what it computes itself.
    """

    def __init__(self) -> None:
        self._by: int | None = None
        """The thread that is at a frame."""
        self._bell = Bell()

    @contextmanager
    def frame(self) -> Iterator[None]:
        """A frame is worked on in the block."""
        self._by = threading.get_ident()
        try:
            yield
        finally:
            self._by = None
            self._bell.ring()

    def wait(self) -> None:
        """Asked between two pieces of work, of some milliseconds at most: return once no frame is worked on.
        On the frames' own thread, at once."""
        if self._by not in (None, threading.get_ident()):
            self._bell.wait_until(lambda: self._by is None, LONGEST_S)
