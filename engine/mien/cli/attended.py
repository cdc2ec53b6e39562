"""What a window of a command does with what its user does: files that are dropped, clips, stills."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mien.cli.console import say
from mien.interrupts import RejoinableThread, defer_interrupts
from mien.messages import printable
from mien.threads import start_thread

if TYPE_CHECKING:
    from rich.console import Console

    from mien.dropping import DroppedArt, Dropping
    from mien.stage.window import Window

RECORDED: Final = ("mp4", "webm", "apng", "gif")
"""Kinds of clips."""
ROOM: Final = 2
"""For how many characters more, that may be dropped on it, a window's stage is opened."""
_DROPPED: Final = "what was dropped"
"""What sentences on drops are about."""
UNTIL_CLOSED_S: Final = 1e9
"""Seconds that a window is shown which only its user closes."""


@contextmanager
def attended(
    window: Window, console: Console, record_as: str, art: Callable[[DroppedArt], object] | None = None
) -> Iterator[Callable[[], None]]:
    """The window takes what is dropped on it, and what it did is said. Gives what goes on showing it until it
    is closed, where something was dropped. `art`: as of `Dropping`."""

    def told(sentence: str) -> None:
        say(console, (sentence, "dim"))

    window.record_as, window.on_note = record_as, told
    with _Drops(window, art) as drops:
        window.on_drop = drops.take
        try:
            yield drops.go_on
        finally:
            window.on_drop = None


class _Drops:
    """Begins with the first drop: what reads art takes a while to load, which is done beside the frames."""

    def __init__(self, window: Window, art: Callable[[DroppedArt], object] | None) -> None:
        self._window, self._art = window, art
        self._waiting: deque[tuple[list[Path], str | None]] = deque()
        self._begins = RejoinableThread(self._begin, "mien-drops")
        self._opened = ExitStack()
        self._dropping: Dropping | None = None

    def take(self, paths: list[Path], who: str | None) -> None:
        """These were dropped on somebody."""
        self._waiting.append((paths, who))
        if self._begins.ident is None:
            start_thread(self._begins)
        else:
            self._hand_over()

    def go_on(self) -> None:
        """Show the window until it is closed, if anything was dropped."""
        if self._begins.ident is not None and self._window.is_open:
            self._window.run(tail_s=UNTIL_CLOSED_S)

    def _begin(self) -> None:
        try:
            from mien.dropping import Dropping
        except ImportError as error:  # an installation that is not whole
            self._window.note(
                f"nothing can be dropped here: Python cannot load {error.name or error}; install Mien again."
            )
            return
        self._dropping = self._opened.enter_context(Dropping(self._window, self._tell, self._art, self._name))
        self._hand_over()

    def _tell(self, sentence: str) -> None:
        """What became of a drop takes the place of what was told of the one before; that it is read is told
        until it is."""
        reads = self._dropping is not None and self._dropping.reading is not None
        self._window.note(sentence, _DROPPED, stays=reads)

    def _name(self, name: str) -> None:
        self._window.title = printable(name, 10 * len(name))

    def _hand_over(self) -> None:
        """From either thread: who came last sees what the other has left."""
        while self._dropping is not None and self._waiting:
            with suppress(IndexError):  # the other has it
                self._dropping.drop(*self._waiting.popleft())

    def __enter__(self) -> _Drops:
        return self

    def __exit__(self, *error: object) -> None:
        interrupted = defer_interrupts(self._begins.wait, self._opened.close)
        if interrupted:
            raise interrupted
