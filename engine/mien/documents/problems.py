"""What is wrong with a file, told all at once instead of one thing a try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from mien.errors import AssetMissing, FormatError

_MOST: Final = 20
"""Sentences told; a file of another kind would fill the screen."""

_Read = TypeVar("_Read")
_Otherwise = TypeVar("_Otherwise")


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

    def of(self, read: Callable[[], _Read], otherwise: _Otherwise) -> _Read | _Otherwise:
        """What `read` gives; `otherwise` where it goes wrong, and then `tell` raises."""
        value: _Read | _Otherwise = otherwise
        with self.gathered():
            value = read()
        return value  # noqa: RET504 (what goes wrong in there does not leave it)

    def tell(self) -> None:
        """Raises what was gathered: a single error as it was, several as one FormatError, a line for each."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            told = [sentence for error in self._found for sentence in _sentences(error)]  # parts of parts too
            if len(told) > _MOST:
                told[_MOST:] = ["... and more."]
            raise FormatError(*told)


def _sentences(error: FormatError | AssetMissing) -> tuple[str, ...]:
    return error.sentences if isinstance(error, FormatError) else (str(error),)
