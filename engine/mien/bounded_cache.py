"""A cache that never grows past a bound."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Answers by key, at most `most` of them: the one that is too many empties the cache first.

    For answers that can be worked out again. Emptying keeps no order of use, so that asking costs a lookup
    and nothing else; an order would be updated at every hit, in the frame.
    """

    __slots__ = ("_kept", "_most", "get")

    def __init__(self, most: int) -> None:
        if most < 1:
            raise ValueError(f"a cache of {most} answers keeps none: give it room for at least 1")
        self._kept: dict[K, V] = {}
        self._most = most
        # The dictionary's own: a frame asks some forty times, each a call less. So `_kept` is never replaced.
        self.get: Callable[[K], V | None] = self._kept.get
        """The answer, or None where none is kept."""

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, key: K, value: V) -> V:
        """Keep an answer, and return it."""
        if len(self._kept) >= self._most and key not in self._kept:
            self._kept.clear()
        self._kept[key] = value
        return value

    def forget(self, which: Callable[[K], bool]) -> None:
        """Keep no answers to keys of which this says so."""
        for key in list(self._kept):  # others may put meanwhile
            if which(key):
                self._kept.pop(key, None)

    def clear(self) -> None:
        """Keep none."""
        self._kept.clear()
