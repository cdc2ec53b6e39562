"""Who reads characters anew, and what is kept of them for the next time: a process, or a thread here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from mien.art import LoadedCharacter
from mien.art.kept import KeptFiles
from mien.art.packed import Atlas
from mien.shared_memory import can_work_apart
from mien.stage.cast import CastEntry
from mien.stage.loading import Exchanged
from mien.stage.reader_apart import ReaderApart, ReaderGone
from mien.stage.show import Show
from mien.switching import giving_way


@dataclass(slots=True, eq=False)
class _Apart:
    """A process that reads, and what it knows. Of what one before it has read it knows nothing."""

    reader: ReaderApart
    has: dict[str, Atlas | None] = field(default_factory=dict)
    """By key, of those whom it has read: their pages as it has them."""
    to_tell: list[tuple[str, str]] = field(default_factory=list)
    """What it is to be told before it is asked the next time: a call of it, and of whom."""

    def forget(self, key: str) -> None:
        """Somebody is gone, or shown as somebody else has read it."""
        if self.has.pop(key, None) is not None:
            self.to_tell.append(("forget", key))

    def read(self, entry: CastEntry) -> LoadedCharacter | None:
        """As it has read somebody; None where it does not know what is shown, or is at another. Raises
        MienError, ReaderGone."""
        if self.has.get(entry.key) is None or not self.reader.asking.acquire(blocking=False):
            return None
        try:
            while self.to_tell:
                what, key = self.to_tell.pop(0)
                self.reader.shown(key) if what == "shown" else self.reader.forget(key)
            found = self.reader.read(entry)
        finally:
            self.reader.asking.release()
        if found is None:
            self.has.pop(entry.key, None)
            return None
        loaded, _ = found
        self.has[entry.key] = loaded.atlas
        return loaded


class Readings:
    """Parameters: `show`, whose cast is read; `until_free`, as of `giving_way`. What of it is kept is known
    by one of the two alone: the one that has read what is shown."""

    def __init__(self, show: Show, until_free: Callable[[], object]) -> None:
        self._show: Final = show
        self._until_free: Final = until_free
        self.kept: dict[str, KeptFiles] = {}
        """By key, of those who were read here: for the next time."""
        self._apart: _Apart | None = None

    def begin_apart(self) -> None:
        """From now on have a process read those whom `read_ahead` is told of, if one can be had."""
        if self._apart is None and can_work_apart():
            with suppress(OSError):
                self._apart = _Apart(ReaderApart(self._show.measures))

    def close(self) -> None:
        """End the process; what it has read is forgotten. From any thread; idempotent."""
        apart, self._apart = self._apart, None
        if apart is not None:
            apart.reader.close()

    def read_ahead(self, entry: CastEntry) -> None:
        """Read one of the cast once, so that only what is saved is to be read then. On any thread, which is
        behind others. Raises MienError."""
        apart = self._apart
        if apart is not None:
            with suppress(ReaderGone), apart.reader.asking:
                found = apart.reader.read(entry, ahead=True)
                if found is not None:
                    self._has(entry, *found, apart)
                    return
            if self._apart is not apart:  # it was closed
                return
        if entry.key in self.kept:  # it was read anew meanwhile
            return
        kept = KeptFiles()
        with giving_way(self._until_free):
            self.keep(entry, kept, self._show.read(entry, kept))

    def keep(self, entry: CastEntry, kept: KeptFiles, loaded: LoadedCharacter) -> None:
        """Files of one of the cast as they were read here, and what came of it, for when it is read anew.
        From any thread."""
        if self._show.entries.get(entry.key) is not entry:
            return
        if self._is_shown(entry.key, loaded, kept.newest_ns):
            kept.shown = loaded.atlas
        self.kept.setdefault(entry.key, kept)

    def again(self, entry: CastEntry, pages: tuple[int, ...]) -> LoadedCharacter | Exchanged:
        """Read one of the cast, whose pages have these numbers, anew; with the tables, where it stays on
        them. On the loader's thread. Raises MienError."""
        # Who is read as another is likely to be as it was at an earlier start, and who was saved is not.
        is_other = self._show.entries[entry.key].character != entry.character
        loaded = None if is_other else self._from_apart(entry)
        if loaded is None:
            kept = self.kept.setdefault(entry.key, KeptFiles())
            loaded = self._show.read(entry, kept, self._show.cache if is_other else None)
        return self._show.placed_again(entry.key, loaded, pages)

    def let_in(self, key: str, atlas: Atlas | None) -> None:
        """One of the cast is shown as it was read anew, packed so."""
        apart = self._apart
        by_apart = apart is not None and atlas is not None and apart.has.get(key) is atlas
        if by_apart:
            self.kept.pop(key, None)
        elif apart is not None:
            apart.forget(key)
        if self._show.page_budget is not None:
            return
        if by_apart and apart is not None:
            apart.to_tell.append(("shown", key))
        elif key in self.kept:
            self.kept[key].shown = atlas

    def forget(self, key: str) -> None:
        """Somebody is of the cast no more."""
        self.kept.pop(key, None)
        if self._apart is not None:
            self._apart.forget(key)

    def _from_apart(self, entry: CastEntry) -> LoadedCharacter | None:
        """As the process has read it; None where there is none, as of `_Apart.read`, or it has ended."""
        apart = self._apart
        try:
            return None if apart is None else apart.read(entry)
        except ReaderGone:
            self.close()
            return None

    def _has(self, entry: CastEntry, loaded: LoadedCharacter, newest_ns: int, apart: _Apart) -> None:
        """The process has read it ahead."""
        if self._show.entries.get(entry.key) is not entry or entry.key in self.kept:
            apart.reader.forget(entry.key)  # it is not asked for it again
            return
        if self._is_shown(entry.key, loaded, newest_ns):
            apart.reader.shown(entry.key)
        apart.has[entry.key] = loaded.atlas

    def _is_shown(self, key: str, loaded: LoadedCharacter, newest_ns: int) -> bool:
        # What was saved since it was opened is not on its pages.
        return self._show.is_shown_as(key, loaded) and newest_ns < self._show.read_ns[key]
