"""Whether a stage is ready: its cast is loaded, and its frames are on time. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

_LOOKS: Final = 40
"""Looks that count: the last 10 s."""
_MOST_LATE: Final = 0.1
"""Share of late frames from which on a stage is not ready."""


class Readiness:
    """Told of the stage's totals now and then; `wrong` says what is not ready."""

    def __init__(self) -> None:
        self._looks: deque[tuple[int, int]] = deque(maxlen=_LOOKS)
        self._loading: tuple[str, ...] = ()
        self._failure = "the stage is being opened"

    def note(self, totals: Mapping[str, Any], loading: Sequence[str]) -> None:
        """What the stage's ledger counts, and who is being loaded."""
        self._looks.append((int(totals["frames_late_total"]), int(totals["frames_expected_total"])))
        self._loading, self._failure = tuple(loading), ""

    def lost(self, why: str) -> None:
        """There is no engine any more."""
        self._failure = why.rstrip(".")

    @property
    def wrong(self) -> str:
        """Why it is not ready, for the middle of a sentence; empty when it is."""
        if self._failure:
            return self._failure
        if self._loading:
            return f"{', '.join(self._loading)} is being loaded"
        (late, frames), (late_now, frames_now) = self._looks[0], self._looks[-1]
        if frames_now > frames and late_now - late > _MOST_LATE * (frames_now - frames):
            return f"{late_now - late} of the last {frames_now - frames} frames were late"
        return ""
