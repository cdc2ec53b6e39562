"""Whose each slot of the shared memory is. One side writes what is its own, the other reads what is its own.

The engine gives a slot away with the message that names it, and has it back with another. What is given away
is not written to: so no picture is torn, and nobody waits. The engine gives away a few at most; what its host
does not fetch in time is drawn over by the newer one.
"""

from __future__ import annotations

from typing import Final

from mien.shared_memory import SharedMemory
from mien.types import U8, Size

AHEAD: Final = 2
"""Pictures that may wait for the host."""
SLOTS: Final = AHEAD + 3
"""With the one that the host looks at, the newest, and the one that is being drawn."""


class Slots:
    """The pictures in shared memory."""

    def __init__(self, memory: SharedMemory, size: Size) -> None:
        self.pictures: Final[tuple[U8, ...]] = tuple(
            memory.array(nth * bytes_of(size), (size.height, size.width, 4)) for nth in range(SLOTS)
        )
        """(h, w, 4) uint8 each."""


def bytes_of(size: Size) -> int:
    """Of one slot: whole pages."""
    return -(-4 * size.width * size.height // 4096) * 4096


class Ownership:
    """The engine's side: which of its slots to draw into, and which may be given away.

    `next` is what the next frame is drawn into. When it is there, `drawn` is called. `give` gives the newest
    away, if the host may have one more; `back` says that it needs one no more.
    """

    def __init__(self) -> None:
        self._free = list(range(SLOTS))
        self._newest: int | None = None
        self._given: set[int] = set()
        self.unseen = 0
        """Pictures that a newer one took the place of before the host had room for them."""

    @property
    def next(self) -> int:
        """The slot to draw into."""
        return self._free[-1]

    def drawn(self) -> bool:
        """What was drawn is the newest; whether that before it goes, unseen."""
        before, self._newest = self._newest, self._free.pop()
        if before is None:
            return False
        self._free.append(before)
        self.unseen += 1
        return True

    def give(self) -> int | None:
        """The newest picture is the host's now; None where there is none, or the host has enough."""
        if self._newest is None or len(self._given) > AHEAD:
            return None
        given, self._newest = self._newest, None
        self._given.add(given)
        return given

    def back(self, slot: int) -> None:
        """The host has given one back; of what it does not have, nothing happens."""
        if slot in self._given:
            self._given.remove(slot)
            self._free.append(slot)
