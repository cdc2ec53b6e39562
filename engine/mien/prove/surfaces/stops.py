"""Surfaces that were stopped on purpose, each at the picture that came next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from mien.prove.sightings import Put, Sightings

_NONE: Final = 1 << 30
"""No drawing has such a number."""


class Stop(NamedTuple):
    """One of them."""

    frame: int
    """In which it was to be."""
    ms: float
    """How long it really was."""
    since_ns: int
    """By the observer's clock."""


def placed(stops: Sequence[Stop], sightings: Sightings) -> Iterator[Put]:
    """They, as stalls."""
    for frame, ms, since_ns in stops:
        after = (one.number for one in sightings.seen if one.by_ns > since_ns)
        yield Put("surface", frame, ms, next(after, _NONE))
