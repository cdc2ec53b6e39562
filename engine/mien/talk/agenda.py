"""What is to happen to characters: events that wait for their time, and may be dropped until then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias

from mien.script import Event, Script, lane_of, same
from mien.talk.calming import Calming
from mien.talk.strokes import Wait, begins
from mien.talk.told import rivals

NEVER: Final = 1 << 62
"""A sample that no session comes to."""

_Mark: TypeAlias = tuple[int, str, str, str | None, bool]
"""Of two events with the same sample, character, lane, turn and origin the later replaces the earlier."""


@dataclass(order=True, slots=True)
class Item:
    """An event that waits. Items are in order of time, and then of adding."""

    at: int
    order: int
    event: Event = field(compare=False)
    turn: str | None = field(compare=False)
    """The turn whose cue it is, or that it follows from; None for what a host asked for by itself."""
    derived: bool = field(compare=False)
    """By the director."""
    mark: _Mark | None = field(compare=False, default=None)
    """What would replace it, where anything would."""
    wait: Wait | Calming | None = field(compare=False, default=None)
    """For what it waits when its time comes, or whether it happens then."""

    @property
    def told(self) -> bool:
        """A host asked for it by itself."""
        return self.turn is None and not self.derived


class Agenda:
    """Items by time. Owned by one thread. Parameter: the `script`, by which gestures wait for stress."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._items: list[Item] = []
        self._marked: dict[_Mark, Item] = {}
        self._order = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def due(self) -> int:
        """The sample of the next item; NEVER when none waits."""
        return self._items[0].at if self._items else NEVER

    def reserve(self, count: int) -> int:
        """The first of so many places in the order, for what is added later and comes before what follows."""
        first = self._order + 1
        self._order += count
        return first

    def add(
        self,
        event: Event,
        turn: str | None,
        *,
        derived: bool,
        order: int | None = None,
        wait: Wait | Calming | None = None,
    ) -> None:
        """Let an event happen at its time; `turn`, `derived` and `wait` as those of `Item`, `order` one
        reserved."""
        order = self.reserve(1) if order is None else order
        item = Item(event.at, order, event, turn, derived, wait=wait)
        if (item.told or derived) and (lane := lane_of(event)) not in (
            "nod",
            "burst",
            "staged",
        ):  # these add up
            item.mark = (event.at, event.character, lane, turn, derived)
            # What replaces something in the same moment takes its place here already.
            if (other := self._marked.get(item.mark)) is not None:
                other.event, other.wait = event, wait
                return
            self._marked[item.mark] = item
        heappush(self._items, item)

    def take(self, until: int) -> Iterator[Item]:
        """The items up to sample `until`, also those that are added meanwhile."""
        while self._items and self._items[0].at <= until:
            item = heappop(self._items)
            if item.mark is not None:
                del self._marked[item.mark]
            if item.wait is None:
                yield item
                continue
            if isinstance(item.wait, Calming):
                if item.wait.stands(self._script):
                    yield item
                continue
            at = begins(item.event, item.wait, item.turn, self._script)
            if at == item.at:
                yield item
            elif at is not None:
                self.add(replace(item.event, at=at), item.turn, derived=item.derived, wait=item.wait)

    def hold(self, event: Event) -> None:
        """`event` is so already and shall stay: what the director plans against it is undone as it comes; it
        does not calm down."""
        lanes = rivals(event)
        coming = [
            item
            for item in self._marked.values()
            if item.derived and item.event.character == event.character and lane_of(item.event) in lanes
        ]
        if any(isinstance(item.wait, Calming) for item in coming):
            self._keep(lambda item: not (isinstance(item.wait, Calming) and item in coming))
            coming = [item for item in coming if not isinstance(item.wait, Calming)]
        undone = {item.at for item in coming if same(item.event, event)}
        for item in coming:
            if not same(item.event, event) and item.at + 1 not in undone:
                self.add(replace(event, at=item.at + 1), item.turn, derived=True)

    def cut(self, turn: str, end: int | None) -> None:
        """Drop what waits of a turn: all of it, or the cues that were expected after its `end`."""
        self._keep(lambda item: item.turn != turn or (end is not None and (item.derived or item.at <= end)))

    def forget(self, character: str) -> None:
        """Drop what waits for somebody who is not of the cast any more."""
        self._keep(lambda item: item.event.character != character)

    def _keep(self, stays: Callable[[Item], bool]) -> None:
        self._items = [item for item in self._items if stays(item)]
        heapify(self._items)
        self._marked = {item.mark: item for item in self._items if item.mark is not None}
