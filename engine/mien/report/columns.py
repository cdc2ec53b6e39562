"""The numbers of a run's frames, column by column, in no more memory than the file they are read from."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Set
from typing import Final

import numpy as np

from mien.types import F64

_MOST_OTHERS: Final = 100
"""Columns of fields that nobody expects."""


class Columns(Mapping[str, F64]):
    """By field name: (n,) float64 with one value a frame; NaN where a frame has none. Read-only.

    Parameter: the `expected` fields; of others, which a later version or a host writes, the first hundred are
    kept. What a frame does not have takes no memory: a field may stand in two frames of a million.
    """

    def __init__(self, expected: Set[str]) -> None:
        self.count = 0
        """Frames so far."""
        self._expected = expected
        self._others = 0
        self._columns: dict[str, _Column] = {}

    def add(self, numbers: Mapping[str, float | None]) -> None:
        """The next frame, field by field; None for a field without a number."""
        for name, value in numbers.items():
            column = self._columns.get(name) or self._begun(name)
            if column is not None and value is not None:
                column.put(self.count, value)
        self.count += 1

    def _begun(self, name: str) -> _Column | None:
        if name not in self._expected:
            if self._others == _MOST_OTHERS:
                return None
            self._others += 1
        return self._columns.setdefault(name, _Column())

    def __getitem__(self, name: str) -> F64:
        return self._columns[name].spread(self.count)

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class _Column:
    """Values, and, as soon as a frame lacks one, which frames have them."""

    def __init__(self) -> None:
        self._values = array("d")
        self._frames: array[int] | None = None

    def put(self, frame: int, value: float) -> None:
        if self._frames is None and frame != len(self._values):
            self._frames = array("Q", range(len(self._values)))
        if self._frames is not None:
            self._frames.append(frame)
        self._values.append(value)

    def spread(self, frames: int) -> F64:
        values = np.frombuffer(self._values, np.float64)
        if self._frames is not None or len(values) < frames:
            told, values = values, np.full(frames, np.nan)
            values[: len(told)] = told
            if self._frames is not None:
                values[: len(told)] = np.nan
                values[np.frombuffer(self._frames, np.uint64).astype(np.intp)] = told
        values.flags.writeable = False
        return values
