"""Characters read in a process of its own: frames do not wait for the interpreter's lock meanwhile."""

from __future__ import annotations

import pickle
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from mien import errors
from mien.art import LoadedCharacter
from mien.art.packed import Atlas
from mien.errors import MienError, ScriptError
from mien.processes import begin_python, end, kill
from mien.shared_memory import SharedMemory, remove_left
from mien.stage.cast import CastEntry
from mien.stage.reader import Measures, pages_in
from mien.types import U8

_CODE: Final = "from mien.stage.reader_child import main; main()"
_FEW_THREADS: Final = {"OPENBLAS_NUM_THREADS": "1"}
"""NumPy makes some for algebra that nobody does there."""


class ReaderGone(Exception):
    """The process has ended."""


class ReaderApart:
    """The process, which is begun; to be closed. Parameters: `measures`. Raises OSError where none can be
    had.

    Asked by one thread at a time, but for `close`.
    """

    def __init__(self, measures: Measures) -> None:
        self._side = measures.page_size
        self._pages: dict[str, tuple[int, tuple[U8, ...]]] = {}
        """By key: the pages of who was read last, in memory of the process's of this number."""
        self._places = set[str]()
        """Where that memory lies: a process that is killed takes none with it that has a name."""
        self.asking = threading.Lock()
        """Held by who asks."""
        self._process: Final[subprocess.Popen[bytes]] = begin_python(_CODE, environ=_FEW_THREADS)
        self._put(measures)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def read(self, entry: CastEntry, *, ahead: bool = False) -> tuple[LoadedCharacter, int] | None:
        """As of `Reader.read`, and when any of its files was written last, in ns; `ahead`: behind all else.
        Raises MienError, ReaderGone."""
        read = self._asked("ahead" if ahead else "read", entry)
        if read is None:
            return None
        pages = self._pages_of(entry.key, *read.memory)
        atlas = Atlas((), pages, self._side, 0, 0.0, {}, read.brought)
        return LoadedCharacter(read.character, pages, read.source, read.warnings, atlas), read.newest_ns

    def shown(self, key: str) -> None:
        """As of `Reader`. Raises ReaderGone."""
        self._asked("shown", key)

    def forget(self, key: str) -> None:
        """As of `Reader`. Raises ReaderGone."""
        self._pages.pop(key, None)
        self._asked("forget", key)

    def close(self) -> None:
        """End the process, whatever it is at: who waits for it hears that it is gone. From any thread;
        idempotent."""
        kill(self._process)
        end(self._process)
        for place in tuple(self._places):
            remove_left(place)

    def _pages_of(self, key: str, number: int, place: str, count: int) -> tuple[U8, ...]:
        known = self._pages.get(key)
        if known is None or known[0] != number:
            self._places.add(place)
            try:
                memory = SharedMemory.at(place, count * 4 * self._side**2)
            except OSError as error:  # as where nobody may see what another process has open
                raise ReaderGone(str(error)) from error
            pages = pages_in(memory, count, self._side)
            for page in pages:
                page.setflags(write=False)
            memory.close()  # which the pages keep
            known = self._pages[key] = (number, pages)
        return known[1]

    def _asked(self, what: str, one: object) -> Any:
        assert self._process.stdout is not None
        try:
            self._put((str(Path.cwd()), what, one))
            kind, came = pickle.load(self._process.stdout)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            raise ReaderGone(str(error)) from error
        if kind == "done":
            return came
        known = getattr(errors, kind, ScriptError)
        raise (known if isinstance(known, type) and issubclass(known, MienError) else ScriptError)(str(came))

    def _put(self, what: object) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):  # it has ended, which its silence tells
            self._process.stdin.write(pickle.dumps(what, pickle.HIGHEST_PROTOCOL))
            self._process.stdin.flush()
