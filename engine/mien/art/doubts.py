"""Layers that may not be meant as they are, and corrections: told alike by an import and by its character."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mien.art.phrases import import_again
from mien.origin import Origin


@dataclass(frozen=True, slots=True)
class Doubt:
    """A layer that may not be meant as it is, or a correction that is followed and may not be meant."""

    told: str
    """What is odd about it: `'chin' is given as a brow and lies below the eyes`."""
    mend: str
    """What to do about it."""

    @property
    def line(self) -> str:
        """Both of these."""
        return f"{self.told}; {self.mend}"

    @property
    def line_again(self) -> str:
        """The same, for who does not watch the art."""
        return import_again(self.line)


def doubts_of(origins: Iterable[Origin]) -> tuple[Doubt, ...]:
    """What is told where drawings come from this, each once."""
    return tuple(dict.fromkeys(Doubt(one.doubt, one.undo) for one in origins if one.doubt))
