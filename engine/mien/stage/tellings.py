"""What is told of characters that are read anew: what is wrong only where it stays so."""

from __future__ import annotations

from collections.abc import Callable, Collection
from time import monotonic
from typing import Final

SETTLED_S: Final = 2.0
"""So long nothing of somebody must have changed until what is wrong is told: many programs empty a file and
write it then, and on a busy machine that takes a while."""


class Tellings:
    """Of one watch. Parameters: `tell(who, wrong)`, as of `Watching`.

    A reading that went wrong is told by another one that is made once the files are settled.
    """

    def __init__(self, tell: Callable[[str, str], object] | None) -> None:
        self._tell = tell
        self._told: dict[str, str] = {}
        """What was told of whom last."""
        self._wrong_since: dict[str, float] = {}
        """Those with whom something is wrong that is not told yet, and since when, in seconds."""

    def settled(self, changed: Collection[str]) -> list[str]:
        """One look more, at which those have `changed`: who is to be read once more now, since what is wrong
        with it has stayed so."""
        now = monotonic()
        since = dict(self._wrong_since)  # the thread that draws may change it meanwhile
        due = [key for key in since if key not in changed and now - since[key] >= SETTLED_S]
        for key in (*due, *changed):
            self._wrong_since.pop(key, None)
        return due

    def done(
        self, key: str, *, once_more: bool = False, at_first: bool = False, settled: bool = False
    ) -> Callable[[str], object]:
        """What is to be told what came of a reading. `once_more`: what was wrong before is not told again;
        `at_first`: nor is it told that all is well; `settled`: what is wrong is told at once."""

        def done(wrong: str) -> None:
            is_old = once_more and wrong == self._told.get(key, "") and (at_first or bool(wrong))
            if wrong and not (settled or is_old):
                self._wrong_since[key] = monotonic()
                return
            self._wrong_since.pop(key, None)
            self._told[key] = wrong
            if self._tell is not None and not is_old:
                self._tell(key, wrong)

        return done
