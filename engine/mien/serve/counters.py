"""What a server counts, for `metrics` and Prometheus."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from mien.serve.replies import Error


@dataclass(slots=True)
class Counters:
    """Numbers that only grow."""

    received: int = 0
    """Messages of clients."""
    bad: int = 0
    """Of them those that meant nothing."""
    errors: int = 0
    """Errors that were told."""
    throttled: int = 0
    """Messages that were waited before, as their client sent too many."""
    refused: int = 0
    """Connections that were not let in: by their host, origin or token."""
    strangers_ended: int = 0
    """Connections of peers that were not known yet, which made room for newer ones."""
    pictures: int = 0
    """Pictures that were made for clients."""
    pictures_dropped: int = 0
    """Pictures that clients were too slow for."""

    def count(self, reply: object) -> None:
        """A reply that was told."""
        self.errors += isinstance(reply, Error)

    def values(self) -> dict[str, Any]:
        """All of them, by name."""
        return asdict(self)
