"""Art that `mien play` shows: a character is made of it for as long, and again whenever it is saved."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mien.cli.console import say
from mien.cli.progress import Waiting
from mien.errors import MienError
from mien.interrupts import Flag, RejoinableThread
from mien.messages import printable, shown_path
from mien.threads import start_thread

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.console import Console

_LOOK_S: Final = 0.05
"""So often it is looked whether a file was saved, which takes 10 us. It must be the same at two looks."""
_LOOK_AT_FOLDER_S: Final = 0.3
"""The same of a folder, of which all files are looked at."""
_SUFFIXES_OF_NONE: Final = (".toml", ".mien")
Saved = tuple[tuple[str, int, int], ...]
"""Names, times and sizes."""


@contextmanager
def shown_art(arguments: argparse.Namespace, console: Console) -> Iterator[ShownArt | None]:
    """Where the arguments name art, have them name a character that is made of it, meanwhile."""
    given = arguments.conversation
    path = None if given is None else Path(given)
    if path is None or not path.exists() or path.suffix.lower() in _SUFFIXES_OF_NONE:
        yield None
        return
    from mien.dropping import folder_meanwhile, is_art
    from mien.importing.kinds import stem_of

    if not is_art(path):
        yield None
        return
    with folder_meanwhile() as folder:
        art = ShownArt(path, Path(folder) / (stem_of(path) or "character"), console)
        with Waiting(console, f"reading {printable(str(given))}"):
            art.make()
        say(console, (f"shown as it would be imported: `mien import {shown_path(path)}` keeps it", "dim"))
        arguments.conversation = str(art.folder)
        yield art


class ShownArt:
    """Parameters: `path` of the art; `folder`, to be, of the character."""

    def __init__(self, path: Path, folder: Path, console: Console) -> None:
        self.folder = folder
        self._path, self._console = path, console
        self._stop = Flag()

    def make(self) -> None:
        """Make the character, or make it again. Raises as an import does."""
        from mien.importing.whole import import_art

        self._saved = saved(self._path)
        for remark in import_art(self._path, self.folder).remarks:
            say(self._console, (remark, "dim"))

    @contextmanager
    def followed(self, kept: Callable[[str], None]) -> Iterator[None]:
        """Make it again whenever it is saved: who watches the character's folder shows that. `kept` is told
        what is wrong with it, on another thread."""
        thread = RejoinableThread(lambda: self._follow(kept), "mien-art")
        start_thread(thread)
        try:
            yield
        finally:
            self._stop.set()
            thread.wait()

    def _follow(self, kept: Callable[[str], None]) -> None:
        before = self._saved
        every_s = _LOOK_AT_FOLDER_S if self._path.is_dir() else _LOOK_S
        while not self._stop.wait(every_s):
            now = saved(self._path)
            # Not while it is being written, nor in the moment between an old file and a new one.
            if now and now == before != self._saved:
                try:
                    self.make()
                except (MienError, OSError) as error:
                    kept(str(error))
            before = now


def following(art: ShownArt | None, kept: Callable[[str], None]) -> AbstractContextManager[None]:
    """As `followed`, where there is art."""
    return nullcontext() if art is None else art.followed(kept)


def saved(path: Path) -> Saved:
    """When a file, or the files of a folder, were saved last; nothing where they are not there."""
    from mien.dropping import files_of

    found = []
    for file in files_of(path):
        try:
            about = file.stat()
        except OSError:
            continue
        found.append((str(file), about.st_mtime_ns, about.st_size))
    return tuple(sorted(found))
