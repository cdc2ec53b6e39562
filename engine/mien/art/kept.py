"""What was made of a character's files when it was read last, for who reads it again."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from operator import is_
from pathlib import Path
from typing import Final, TypeVar, cast

from mien.art.packed import Atlas

T = TypeVar("T")


class KeptFiles:
    """Files as they were read last, and what was made of them: what has not changed since is neither read nor
    made anew. Of a character in one folder. Several threads may ask at a time."""

    def __init__(self) -> None:
        self._found: dict[Hashable, tuple[object, object]] = {}
        self._asked: Final[dict[Hashable, tuple[object, object]]] = {}
        self.shown: Atlas | None = None
        """The pages as they are on the GPU, of a character that is shown: what it shows is to stay there."""
        self.newest_ns = 0
        """When any of the files was written, or put there, last."""

    def file(self, path: Path, kind: Hashable, read: Callable[[], T]) -> T:
        """What a file holds as it is now, `read` where that is not known; `kind` of reading."""
        try:
            found = path.stat()
        except (OSError, ValueError):
            return read()
        self.newest_ns = max(self.newest_ns, found.st_mtime_ns, found.st_ctime_ns)
        # Taken before it is read: what is written meanwhile is another state.
        return self._kept(("file", str(path), kind), (found.st_mtime_ns, found.st_size, found.st_ino), read)

    def is_known(self, path: Path, kind: Hashable) -> bool:
        """Whether `file` would give it without reading, as far as can be told beforehand."""
        known = self._found.get(("file", str(path), kind))
        try:
            found = path.stat()
        except (OSError, ValueError):
            return False
        return known is not None and known[0] == (found.st_mtime_ns, found.st_size, found.st_ino)

    def moved(self, old: Path, new: Path) -> None:
        """Files of the folder `old` are in `new` now, the folder having been renamed."""
        begin = f"{old}{os.sep}"
        for key in list(self._found):
            if isinstance(key, tuple) and key[0] == "file" and str(key[1]).startswith(begin):
                self._found["file", str(new / key[1][len(begin) :]), key[2]] = self._found.pop(key)

    def made(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, which is the same for the same key."""
        return self._kept(key, None, make)

    def made_of(self, what: Sequence[object], key: Hashable, make: Callable[[], T]) -> T:
        """The same, of objects that do not change: their like are others."""
        return self._kept((*map(id, what), key), _Same(what), make)

    def has(self, what: Sequence[object], key: Hashable) -> bool:
        """Whether that was made."""
        known = self._found.get((*map(id, what), key))
        return known is not None and known[0] == _Same(what)

    def forget_others(self) -> None:
        """Keep what was asked for since the last time."""
        self._found = dict(self._asked)
        self._asked.clear()

    def _kept(self, key: Hashable, state: object, make: Callable[[], T]) -> T:
        known = self._found.get(key)
        if known is None or known[0] != state:
            known = (state, make())
        self._asked[key] = known
        return cast(T, known[1])


class _Same:
    """Objects, which are kept, so that no others have their ids; equal to themselves alone."""

    __slots__ = ("_what",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, what: Sequence[object]) -> None:
        self._what = tuple(what)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Same)
            and len(other._what) == len(self._what)
            and all(map(is_, other._what, self._what))
        )
