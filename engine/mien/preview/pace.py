"""When a panel is laid out: often enough to be read, sooner after a hand, and no step in another's frame."""

from __future__ import annotations

import math
from typing import Final

AFTER_INPUT: Final = 4
"""Layouts after something was done: the library follows one step in each."""
_LAYOUTS_PER_S: Final = 10
_LEAST_EVERY: Final = 4
"""Frames from one layout to the next: each of its steps has one of its own, and one asks the stage."""


class Pace:
    """Parameters: `fps`, frames a second."""

    def __init__(self, fps: float) -> None:
        self.eager = 0
        """Layouts that are to follow soon."""
        self.urgent = False
        """Something was pressed, or let go: it is laid out in the next frame, before all else."""
        self.since = 0
        """Frames since the last layout."""
        self._every = max(_LEAST_EVERY, math.ceil(fps / _LAYOUTS_PER_S))

    @property
    def hurries(self) -> bool:
        """Somebody waits for what is laid out next."""
        return self.urgent or self.eager > 0

    def show(self, *, is_there: bool) -> None:
        """It is shown from the next frame on. `is_there`: there is a picture of it, maybe an old one."""
        self.since, self.urgent = self._every, not is_there

    def hurry(self) -> None:
        """Something was pressed, or let go."""
        self.eager, self.urgent = AFTER_INPUT, True

    def follow(self) -> None:
        """Something was moved."""
        self.eager = AFTER_INPUT

    def is_due(self, resized: bool, *, is_undrawn: bool, is_unread: bool, reads: bool) -> bool:
        """Whether it is laid out in this frame. `is_undrawn`: the last layout is still to be drawn;
        `is_unread`: the stage was not asked since; `reads`: pages are read, which needs frames in which
        nothing is laid out or drawn."""
        due = resized or self.urgent
        if not due and not is_undrawn:
            comes = self.since >= self._every * (2 if reads else 1) and not is_unread
            due = self.eager > 0 or comes
        if due:
            self.urgent = False
            self.eager = max(0, self.eager - 1)
        return due
