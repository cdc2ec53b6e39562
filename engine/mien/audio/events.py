"""What happens on a session's timeline, counted in samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Started:
    """The turn's first sample is the session's sample `at`."""

    at: int
    key: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The turn's last sample was before `at`; `at` is -1 for a turn dropped before it started."""

    at: int
    key: str
    position: int
    """How many of the turn's own samples were played."""
    interrupted: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """A turn is expected to begin. It begins later where its sound is late, and never where it is dropped."""

    at: int
    """The session's sample from which on that is known, `ANNOUNCED` before `starts` where it can be."""
    key: str
    starts: int
    """The session's sample that is to be its first."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Nothing that was played from the session's sample `at` on is heard: whoever spoke then ended there."""

    at: int


SequencerEvent: TypeAlias = Started | Ended
