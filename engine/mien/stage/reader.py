"""Characters read in the process that reads them for a program whose frames must not be late."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from mien.art import repacked
from mien.art.kept import KeptFiles
from mien.art.packed import Atlas, Room
from mien.character import Character
from mien.shared_memory import SharedMemory
from mien.stage.art import read_character
from mien.stage.cast import CastEntry
from mien.types import U8, Size


class Measures(NamedTuple):
    """How large characters are read, as of `Show.read`."""

    frame: Size
    expected: int
    page_size: int
    joined: bool


class Read(NamedTuple):
    """A character as it was read, to be handed to another process."""

    character: Character
    source: Path
    warnings: tuple[str, ...]
    memory: tuple[int, str, int]
    """The number and the place of shared memory with its pages, one behind the other, and how many those
    are."""
    brought: tuple[Room, ...] | None
    """As of `Atlas`."""
    newest_ns: int
    """As of `KeptFiles`."""


class _Held(NamedTuple):
    """Somebody as packed, in memory that the other process sees as well."""

    atlas: Atlas
    memory: SharedMemory
    """What its pages are in."""
    number: int
    """Of that memory: its place may be another's later."""


class Reader:
    """Keeps what it has read, for the next time. Parameters: `measures`."""

    def __init__(self, measures: Measures) -> None:
        self._measures: Final = measures
        self._kept: dict[str, KeptFiles] = {}
        self._last: dict[str, _Held] = {}
        """By key: as they were packed last."""
        self._shown: dict[str, _Held] = {}
        """The same of those that are shown, which need not be the last: what came of that may be refused."""
        self._numbers = count()

    def read(self, entry: CastEntry) -> Read | None:
        """Read somebody, of whom only what has changed is read anew; None where its pages cannot be shared.
        Raises MienError."""
        key, kept = entry.key, self._kept.setdefault(entry.key, KeptFiles())
        frame, expected, side, joined = self._measures
        loaded = repacked(read_character(entry, frame, expected, side, joined=joined, kept=kept), side)
        atlas = loaded.atlas
        if atlas is None:  # its pages were laid on larger ones
            self.forget(key)
            return None
        # What is brought lies on the pages of what is shown.
        held = self._shared(atlas) if atlas.brought is None else self._shown[key]._replace(atlas=atlas)
        self._put(self._last, key, held)
        return Read(
            loaded.character,
            loaded.source,
            loaded.warnings,
            (held.number, held.memory.place, len(atlas.pages)),
            atlas.brought,
            kept.newest_ns,
        )

    def shown(self, key: str) -> None:
        """What was read last of somebody is shown: it is to stay where it is on its pages."""
        if key in self._last:
            self._put(self._shown, key, self._last[key])
            self._kept[key].shown = self._last[key].atlas

    def forget(self, key: str) -> None:
        """Somebody is not asked for any more, or is shown as somebody else has read it."""
        self._kept.pop(key, None)
        for held in (self._last.pop(key, None), self._shown.pop(key, None)):
            if held is not None:
                held.memory.close()

    def _put(self, where: dict[str, _Held], key: str, held: _Held) -> None:
        """Put it there; what it takes the place of goes, unless that is in use still."""
        before, where[key] = where.get(key), held
        in_use = [one.number for one in (self._last.get(key), self._shown.get(key)) if one is not None]
        if before is not None and before.number not in in_use:
            before.memory.close()

    def _shared(self, atlas: Atlas) -> _Held:
        """It with its pages in memory that the other process sees as well."""
        side = atlas.side
        memory = SharedMemory.make(len(atlas.pages) * 4 * side * side, placed=True)
        shared = pages_in(memory, len(atlas.pages), side)
        for page, own in zip(shared, atlas.pages, strict=True):
            np.copyto(page, own)
        return _Held(replace(atlas, pages=shared), memory, next(self._numbers))


def pages_in(memory: SharedMemory, count: int, side: int) -> tuple[U8, ...]:
    """So many pages of this side in it, (side, side, 4) uint8 each."""
    one = 4 * side * side
    return tuple(memory.array(nth * one, (side, side, 4)) for nth in range(count))
