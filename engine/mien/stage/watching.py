"""Characters that are read anew whenever their files change: for who draws them while they are on stage."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from time import time_ns
from types import TracebackType
from typing import Final

from watchfiles import Change, DefaultFilter, watch

from mien.arguments import path_of, refuse
from mien.catalog import bundled_or_path
from mien.errors import Closed, MienError
from mien.interrupts import Flag, RejoinableThread
from mien.stage.cast import CastEntry
from mien.stage.show import file_time_ns
from mien.stage.staging import Directed
from mien.stage.tellings import Tellings
from mien.thread_priority import step_behind
from mien.threads import start_thread

_QUIET_MS: Final = 20
"""So long nothing must have changed: editors write several files, and a file in several goes."""
_MOST_MS: Final = 1000
"""Longest that more changes are waited for."""
_LOOK_MS: Final = 200
"""So often it is looked whether a folder is another by now, of which its own changes tell nothing."""
_MOST_FOLDERS: Final = 1000
"""Of a character: others of it are not watched."""

Place = tuple[Path, tuple[int, int] | None]
"""Where something is read from, all links followed, and which folder is watched for it (device, inode)."""


class Watching:
    """Has a stage read those of its cast anew whose files change. A context manager.

    Parameters: `stage`, opened with `room`; `tell(who, wrong)` is called, by the thread that draws, whenever
    somebody was read anew (`wrong` is `""`) or could not be (a sentence), 2 s after its files have changed
    last: until then they may be being written; `apart`, folders of characters of which `read` is told instead
    of their being watched. Who joins the cast later, or is reloaded as another, is watched from then on.
    Leaving the context ends it; so does closing the stage.
    """

    def __init__(
        self,
        stage: Directed,
        tell: Callable[[str, str], object] | None = None,
        apart: Iterable[str | Path] = (),
    ) -> None:
        if not isinstance(stage, Directed):
            refuse("stage", stage, "a stage, opened with room=1")
        if tell is not None and not callable(tell):
            refuse("tell", tell, "a function that takes a key and a sentence, or None")
        self._stage, self._tellings = stage, Tellings(tell)
        if isinstance(apart, str | bytes) or not isinstance(apart, Iterable):
            refuse("apart", apart, "folders of characters, in a list")
        self._apart = frozenset(
            path_of("a folder that is apart", one, "that of a character").resolve() for one in apart
        )
        self._paths: dict[str, tuple[CastEntry, Path]] = {}
        """What everybody is read from, as it was found when it was there."""
        self._known = self._places()
        self._asked_ns: dict[str, int] = {}
        """When somebody was to be read anew last, by the clock of files."""
        self._stop = Flag()
        self._thread = RejoinableThread(self._watch, "mien-watching")
        self._ahead = RejoinableThread(self._read_ahead, "mien-watching-ahead")
        self._polls: bool | None = None
        """The system tells of no changes: files are looked at again and again. None: as is usual here."""

    def __enter__(self) -> Watching:
        self._stop.clear()
        self._thread = RejoinableThread(self._watch, "mien-watching")
        self._ahead = RejoinableThread(self._read_ahead, "mien-watching-ahead")
        try:
            # Here, and not by the thread: a process has the priority of the thread that begins it.
            self._stage._loader.readings.begin_apart()
            start_thread(self._thread)
            start_thread(self._ahead)
        except BaseException:  # or Ctrl-C: nobody would end it
            self._stop.set()
            self._stage._loader.readings.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._stage._loader.readings.close()
        self._thread.wait()
        self._ahead.wait()

    def read(self, path: str | Path) -> None:
        """Something under this path has changed: have those read anew whose files these are. From any
        thread."""
        place = path_of("path", path, "what has changed").resolve()
        self._read(self._whom([(Change.modified, str(place))], self._places_now()))

    def set_apart(self, folder: str | Path) -> None:
        """From now on `read` is told of what changes in this folder of a character, which is not watched any
        more: as of those that were `apart` from the start. From any thread."""
        self._apart |= {path_of("a folder that is apart", folder, "that of a character").resolve()}

    def _read_ahead(self) -> None:
        """Read everybody once, behind all else: the first time too only what was saved has to be decoded."""
        step_behind()
        for entry, path in tuple(self._paths.values()):
            if self._stop.is_set():
                return
            if path.suffix == ".mien":
                continue  # of a packed one nothing is kept
            with suppress(MienError):  # told when it is saved the next time
                self._stage._loader.readings.read_ahead(entry)

    def _watch(self) -> None:
        missed: Collection[str] = tuple(self._known)
        at_first = True
        while not self._stop.is_set():
            folders = self._folders()
            for changes in self._changes(folders):
                whom = set(self._whom(changes))
                settled = self._tellings.settled(whom)
                # What was written right before it was opened is no news: only what is wrong is told then.
                missed = self._written(missed) - whom
                if not (
                    self._read(whom)
                    and self._read(settled, settled=True)
                    and self._read(missed, once_more=True, at_first=at_first)
                ):
                    return
                at_first, missed, before, self._known = False, (), self._known, self._places()
                others = {key for key, place in self._known.items() if place != before.get(key)}
                lost = any(kind == Change.deleted and Path(name) in folders for kind, name in changes)
                if others or lost or (changes and self._folders() != folders):
                    missed = {*others, *whom}  # what is written before these are watched is read then
                    break

    def _changes(self, folders: Collection[Path]) -> Iterator[set[tuple[Change, str]]]:
        """What changes in these folders, a set at a time, also an empty one now and then; ends where they
        cannot be watched (any more)."""
        if not folders:
            self._stop.wait(_LOOK_MS / 1000)
            yield set()
            return
        try:
            # Not by what follows links into folders: one may lead to all that this machine has.
            yield from watch(
                *folders,
                watch_filter=DefaultFilter(ignore_dirs=()),  # a project may lie in such a folder
                debounce=_MOST_MS,
                step=_QUIET_MS,
                rust_timeout=_LOOK_MS,
                yield_on_timeout=True,
                stop_event=self._stop,
                recursive=False,
                ignore_permission_denied=True,
                force_polling=self._polls,
            )
        except FileNotFoundError:  # gone since
            self._stop.wait(_LOOK_MS / 1000)
        except (OSError, RuntimeError):  # as many are watched as the system allows
            self._polls = True
            self._stop.wait(_LOOK_MS / 1000)

    def _places(self) -> dict[str, Place]:
        """Where everybody is read from now: others may have joined, or be read from elsewhere."""
        for key, entry in tuple(self._stage._show.entries.items()):
            if key not in self._paths or self._paths[key][0] is not entry:
                with suppress(MienError):  # it has gone meanwhile, and may come back
                    path = bundled_or_path("characters", entry.character).absolute()
                    self._paths[key] = (entry, path)
        return {key: _place(path) for key, (_, path) in self._paths.items()}

    def _places_now(self) -> dict[str, Place]:
        """The same, asked anew by another thread: somebody may be read from elsewhere since the last look."""
        found = dict(self._known)
        for key, entry in tuple(self._stage._show.entries.items()):
            with suppress(MienError):
                found[key] = _place(bundled_or_path("characters", entry.character).absolute())
        return found

    def _folders(self) -> dict[Path, int]:
        """Which folders are watched now, with their inodes. A file is watched by its folder: who saves it may
        put another in its place."""
        found = dict[Path, int]()
        for place, _ in self._known.values():
            if place in self._apart:
                continue
            walk = (Path(name) for name in _under(place)) if place.is_dir() else iter((place.parent,))
            for folder in islice(walk, _MOST_FOLDERS):
                try:
                    found[folder] = folder.stat().st_ino
                except OSError:  # gone, or nobody may look into it
                    continue
        return found

    def _whom(
        self, changes: Iterable[tuple[Change, str]], known: Mapping[str, Place] | None = None
    ) -> list[str]:
        """Whose files these are, by where everybody is `known` to be read from."""
        changed = {Path(name) for _, name in changes}
        return [
            key
            for key, (place, _) in (self._known if known is None else known).items()
            if any(place == one or place in one.parents for one in changed)
        ]

    def _written(self, whom: Iterable[str]) -> set[str]:
        """Those of them of whose files some were written since they were read, or are to be, which nobody was
        told of."""
        read_ns = self._stage._show.read_ns
        found = set[str]()
        for key in whom:
            known, read = self._known.get(key), read_ns.get(key)
            if known is None or read is None:
                continue
            if _newest_ns(known[0]) >= max(read, self._asked_ns.get(key, 0)):
                found.add(key)
        return found

    def _changed(self, changes: Iterable[tuple[Change, str]]) -> bool:
        """Have those read anew whom these concern. False: the stage is closed."""
        return self._read(self._whom(changes))

    def _read(self, whom: Iterable[str], **how: bool) -> bool:
        """Have them read anew, and told of as `how`, of `Tellings.done`, has it. False: it is closed."""
        for key in whom:
            self._asked_ns[key] = file_time_ns()
            try:
                self._stage.reload(key, done=self._tellings.done(key, **how))
            except Closed:
                return False
            except MienError:  # it has given somebody up
                continue
        return True


def _place(path: Path) -> Place:
    try:
        place = path.resolve()
        found = (place if place.is_dir() else place.parent).stat()
    except (OSError, RuntimeError):  # it is not there, or links go in a circle
        return path, None
    return place, (found.st_dev, found.st_ino)


def _newest_ns(place: Path) -> int:
    """When anything of it was written, or put there, last; now where that cannot be told."""
    folders = (Path(name) for name in islice(_under(place), _MOST_FOLDERS))
    inside = chain.from_iterable((folder, *folder.iterdir()) for folder in folders)
    newest = 0
    try:
        for path in inside if place.is_dir() else (place,):
            found = path.stat()
            newest = max(newest, found.st_mtime_ns, found.st_ctime_ns)
    except OSError:  # something was taken away meanwhile
        return time_ns()
    return newest


def _under(folder: Path) -> Iterator[str]:
    """It, and the folders in it that a picture may be in; no links are followed."""
    for name, inner, _ in os.walk(folder):
        inner[:] = [one for one in inner if not one.startswith(".")]
        yield name
