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


class Reader:
    """Keeps what it has read, for the next time. Parameters: `measures`."""

    def __init__(self, measures: Measures) -> None:
        self._measures: Final = measures
        self._kept: dict[str, KeptFiles] = {}
        self._last: dict[str, Atlas] = {}
        """By key: as they were packed last."""
        self._memory: dict[str, tuple[int, SharedMemory]] = {}
        """By key: what its pages are in, and the number of that: its place may be another's later."""
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
        if atlas.brought is None:
            atlas = replace(atlas, pages=self._shared(key, atlas.pages))
        self._last[key] = atlas
        number, memory = self._memory[key]
        return Read(
            loaded.character,
            loaded.source,
            loaded.warnings,
            (number, memory.place, len(atlas.pages)),
            atlas.brought,
            kept.newest_ns,
        )

    def shown(self, key: str) -> None:
        """What was read last of somebody is shown: it is to stay where it is on its pages."""
        if key in self._last:
            self._kept[key].shown = self._last[key]

    def forget(self, key: str) -> None:
        """Somebody is not asked for any more, or is shown as somebody else has read it."""
        self._kept.pop(key, None)
        self._last.pop(key, None)
        if (memory := self._memory.pop(key, None)) is not None:
            memory[1].close()

    def _shared(self, key: str, pages: tuple[U8, ...]) -> tuple[U8, ...]:
        """The pages in memory that the other process sees as well."""
        side = len(pages[0])
        memory = SharedMemory.make(len(pages) * 4 * side * side, placed=True)
        if key in self._memory:
            self._memory[key][1].close()
        self._memory[key] = (next(self._numbers), memory)
        shared = pages_in(memory, len(pages), side)
        for page, own in zip(shared, pages, strict=True):
            np.copyto(page, own)
        return shared


def pages_in(memory: SharedMemory, count: int, side: int) -> tuple[U8, ...]:
    """So many pages of this side in it, (side, side, 4) uint8 each."""
    one = 4 * side * side
    return tuple(memory.array(nth * one, (side, side, 4)) for nth in range(count))
