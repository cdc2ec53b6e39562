"""What is wrong with a file, told all at once instead of one thing a try."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from mien.errors import AssetMissing, FormatError

_MOST: Final = 20
"""Sentences told; a file of another kind would fill the screen."""


class Problems:
    """Gathers FormatError and AssetMissing from parts that can be read apart."""

    def __init__(self) -> None:
        self._found: list[FormatError | AssetMissing] = []

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """What goes wrong in here is kept for `tell`. Raises FormatError when that is enough to tell."""
        try:
            yield
        except (FormatError, AssetMissing) as error:
            self._found.append(error)
            if len(self._found) > _MOST:  # reading on takes time, and nobody reads on
                self.tell()

    def tell(self) -> None:
        """Raises what was gathered: a single error as it was, several as one FormatError, a line for each."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            lines = [str(error) for error in self._found[:_MOST]]
            if len(self._found) > _MOST:
                lines.append("... and more.")
            raise FormatError("\n".join(lines))
