"""What an observer saw, by its own clock: values that go from its process to the one that compares."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Sighting:
    """A picture with a mark that another picture stood before."""

    number: int
    """Of the mark."""
    at: int
    """The sample of the session that the mark says."""
    after_ns: int
    """It was not there yet: the last look before it, by the observer's monotonic clock."""
    by_ns: int
    """It was there: the first look that saw it."""

    @property
    def when_ns(self) -> int:
        """When it came, as near as is known."""
        return (self.after_ns + self.by_ns) // 2


@dataclass(frozen=True, slots=True)
class Held:
    """A span in which the surface did not answer the observer, by its clock, or it could not look."""

    start_ns: int
    end_ns: int

    @property
    def ms(self) -> float:
        """How long it was."""
        return (self.end_ns - self.start_ns) / 1e6


@dataclass(frozen=True, slots=True)
class Put:
    """A stall as it was put in."""

    where: str
    at_frame: int
    size_ms: float
    """How long it really was, by the clock of who put it in."""
    mark: int
    """The number of the drawing that it was put in at."""
    due_ns: int = 0
    """When the observer would have had the next picture without it, by its clock; 0: that is not known."""


@dataclass(frozen=True, slots=True)
class Sightings:
    """All that was seen of a run."""

    seen: tuple[Sighting, ...]
    """In the order in which they came; a picture that comes back is another one."""
    beeps_ns: tuple[int, ...] = ()
    """When beeps began."""
    held: tuple[Held, ...] = ()
    looks: int = 0
    """How often it looked; 0 where it was told of each picture."""
    unread: int = 0
    """Looks at what was no mark, half drawn, or torn."""
    dropped: int = 0
    """Pictures that the surface itself counts as not shown: too late, or replaced by a newer one."""
    put: tuple[Put, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Self:
        """From them."""
        return cls(
            tuple(Sighting(**one) for one in told["seen"]),
            tuple(told["beeps_ns"]),
            tuple(Held(**one) for one in told["held"]),
            told["looks"],
            told["unread"],
            told["dropped"],
            tuple(Put(**one) for one in told["put"]),
        )
