"""What plans need of the drawings of who joins or is read anew, worked out before they are shown."""

from __future__ import annotations

from typing import Final

from mien.clock import Clock
from mien.stage.loading import Job
from mien.stage.show import Show
from mien.types import F32

FORESEEN: Final = 4
"""Drawings of which it is worked out in a frame: 1 to 2 ms."""


class Foreseeing:
    """A few drawings a frame. Parameters: `show`; `clock` to measure by."""

    def __init__(self, show: Show, clock: Clock) -> None:
        self._show, self._clock = show, clock
        self._later: dict[str, F32] = {}
        """By key, of who is shown already: drawings of which plans know nothing yet, (n, SAMPLE_FLOATS)."""

    def urgently(self, job: Job, budget_ms: float) -> None:
        """Go on with what somebody shows at once, for so long."""
        begun = self._clock.now_ns()
        while job.urgent > 0:
            self._show.foresee(job.unforeseen[:FORESEEN])
            job.unforeseen, job.urgent = job.unforeseen[FORESEEN:], job.urgent - FORESEEN
            if self._clock.now_ns() - begun >= budget_ms * 1e6:
                break

    def later(self, key: str, samples: F32) -> None:
        """The others of somebody, once there is time."""
        self._later[key] = samples

    def forget(self, key: str) -> None:
        """Somebody is of the cast no more."""
        self._later.pop(key, None)

    def go_on(self) -> None:
        """Go on with what there is time for."""
        for key, samples in self._later.items():
            self._show.foresee(samples[:FORESEEN])
            self._later[key] = samples[FORESEEN:]
            if len(samples) <= FORESEEN:
                del self._later[key]
            return
