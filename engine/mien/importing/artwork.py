"""What is to be imported, read from whatever kind of file or folder it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mien.importing.extras import NOTHING, Extras
from mien.importing.labels import Label
from mien.importing.source import Path, Source


@dataclass(frozen=True, slots=True, eq=False)
class Artwork:
    """A source, and what its format says of it."""

    source: Source
    given: Mapping[Path, Label] = field(default_factory=dict)
    """What layers are, where the format says it."""
    extras: Extras = NOTHING
