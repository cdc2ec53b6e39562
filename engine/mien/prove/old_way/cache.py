"""The L1 cache: finished pictures by expression state."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class L1Cache(Generic[T]):
    """Keeps the `capacity` pictures that were used last. Raises ValueError for a capacity below 1."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a cache of {capacity} pictures keeps none; give 1 or more")
        self.hits = 0
        self.misses = 0
        self._capacity = capacity
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The picture of a state; on a miss `make` makes it, here and now."""
        found = self._kept.get(key)
        if found is not None:
            self.hits += 1
            self._kept.move_to_end(key)
            return found
        self.misses += 1
        made = self._kept[key] = make()
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
        return made
