"""Art that `mien play` shows: a character is made of it for as long, and again whenever it is saved."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mien.cli.console import say
from mien.cli.progress import Waiting
from mien.errors import MienError
from mien.interrupts import Flag, RejoinableThread
from mien.messages import printable, shown_path
from mien.threads import start_thread

if TYPE_CHECKING:
    from rich.console import Console

    from mien.dropping import DroppedArt

_LOOK_S: Final = 0.02
"""So often it is looked whether a file was saved, which takes 10 us. It must be the same at two looks."""
_LOOK_AT_FOLDER_S: Final = 0.3
"""The same of a folder, of which all files are looked at."""
_STAYS_S: Final = 2.0
"""So long what is wrong with a file, or that it is gone, must stay so until it is told: many programs empty a
file and write it then, or put a new one in the place of the old, and on a busy machine that takes a while."""
_MOST_PASSED: Final = 5
"""So often, one time after the other, what was read is passed over because the file has changed meanwhile: it
is being written yet, and may look whole."""
_BACK: Final = "it is shown anew once it is back."
_SUFFIXES_OF_NONE: Final = (".toml", ".mien")


@contextmanager
def shown_art(arguments: argparse.Namespace, console: Console) -> Iterator[ShownArt | None]:
    """Where the arguments name art, have them name a character that is made of it, meanwhile. A window is
    there while it is read, unless they ask for none. Raises Closed where the user closes it."""
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
    has_window = not (arguments.headless or arguments.companion)
    with (
        folder_meanwhile() as folder,
        ExitStack() as opened,
        closing(
            ShownArt(
                path,
                Path(folder) / (stem_of(path) or "character"),
                console,
                apart=arguments.watch or has_window,
            )
        ) as art,
    ):
        with Waiting(console, f"reading {printable(str(given))}"):
            if has_window:
                from mien.stage.window_waiting import made_meanwhile

                title = f"reading {printable(path.name)} - Mien"
                made_meanwhile(arguments.size, title, opened, art.make, art.close)
            else:
                art.make()
        if not arguments.watch:
            art.close()
        command = f"mien import {shown_path(path)}"
        told = f"shown as `{command}` would make it; with --dry-run that says what each layer is taken for"
        say(console, (told, "dim"))
        arguments.conversation = str(art.folder)
        yield art


class ShownArt:
    """To be closed. Parameters: `path` of the art; `folder`, to be, of the character; `apart`: a process of
    its own makes it, so that no frame waits for it when it is made again, and `close` ends that."""

    def __init__(self, path: Path, folder: Path, console: Console, *, apart: bool = False) -> None:
        from mien.importing.importer import Importer

        self.folder = folder
        self._path, self._console = path, console
        self._importer = Importer(path, folder) if apart else None
        self._remarks: tuple[str, ...] = ()
        """What was told of it last."""
        self._stop = Flag()
        self._passed = 0
        """How often in a row what was made was passed over."""

    @classmethod
    def of_dropped(cls, dropped: DroppedArt, console: Console) -> ShownArt:
        """Of art that was dropped, and is made already."""
        art = cls(dropped.path, dropped.folder, console)
        art._importer, art._remarks, art._saved = dropped.importer, dropped.remarks, dropped.saved
        return art

    @property
    def name(self) -> str:
        """The path of the art, as it is shown."""
        return shown_path(self._path)

    def make(self) -> None:
        """Make the character, or make it again. Raises as an import does."""
        self._tell(self._made())

    def _made(self) -> tuple[str, ...]:
        """What is to be told of the character that is made."""
        from mien.dropping import saved
        from mien.importing.whole import import_art

        self._saved = saved(self._path)
        if self._importer is None:
            imported = import_art(self._path, self.folder)
            return imported.found, *imported.remarks
        remarks = self._importer.make()
        return self._importer.found, *remarks

    def _tell(self, remarks: tuple[str, ...]) -> None:
        # Those that a save has not changed are known.
        for remark in remarks if remarks != self._remarks else ():
            say(self._console, (remark, "dim"))
        self._remarks = remarks

    def close(self) -> None:
        """End what makes it. Idempotent."""
        if self._importer is not None:
            self._importer.close()

    @contextmanager
    def followed(
        self,
        made: Callable[[], object],
        kept: Callable[[str], None],
        is_shown: Callable[[], bool] = lambda: True,
    ) -> Iterator[None]:
        """Make it again whenever it is saved. On another thread `made` is called then, and `kept` is told
        what is wrong with it. Once it is not shown any more it is forgotten, and `kept` is told `""`."""
        thread = RejoinableThread(lambda: self._follow(made, kept, is_shown), "mien-art")
        start_thread(thread)
        try:
            yield
        finally:
            self._stop.set()
            self.close()
            thread.wait()

    def _follow(
        self, made: Callable[[], object], kept: Callable[[str], None], is_shown: Callable[[], bool]
    ) -> None:
        from mien.dropping import saved

        before, wrong, stays_s = self._saved, "", 0.0
        every_s = _LOOK_AT_FOLDER_S if self._path.is_dir() else _LOOK_S
        while not self._stop.wait(every_s):
            if not is_shown():
                self.close()
                kept("")
                return
            now = saved(self._path)
            if now != before:  # it is being written, or between an old file and a new one
                before, stays_s = now, 0.0
                wrong = "" if now else f"{shown_path(self._path)} is not there any more; {_BACK}"
            elif now and now != self._saved:
                wrong, stays_s = self._made_again(made), 0.0
            elif wrong and (stays_s := stays_s + every_s) >= _STAYS_S:
                self._saved = now
                kept(wrong)
                wrong = ""

    def _made_again(self, made: Callable[[], object]) -> str:
        """What is wrong with it; `""` once `made` is told that it is made, or where it is to be made anew."""
        from mien.dropping import saved

        try:
            remarks = self._made()
        except (MienError, OSError) as error:
            return str(error)
        if self._passed < _MOST_PASSED and saved(self._path) != self._saved:
            self._passed += 1
            return ""
        self._passed = 0
        self._tell(remarks)
        made()
        return ""
