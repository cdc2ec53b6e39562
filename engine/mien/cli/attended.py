"""What a window of a command does with what its user does: files that are dropped, clips, stills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mien.cli.console import say

if TYPE_CHECKING:
    from rich.console import Console

    from mien.stage.window import Window

RECORDED: Final = ("mp4", "webm", "apng", "gif")
"""Kinds of clips."""
ROOM: Final = 2
"""For how many characters more, that may be dropped on it, a window's stage is opened."""
_UNTIL_CLOSED_S: Final = 1e9


@contextmanager
def attended(window: Window, console: Console, record_as: str) -> Iterator[Callable[[], None]]:
    """The window takes what is dropped on it, and what it did is said. Gives what goes on showing it until it
    is closed, where something was dropped."""
    # Imported here: reading art takes a while to load, and the window is there by now.
    from mien.dropping import Dropping

    dropped = False

    def told(sentence: str) -> None:
        say(console, (sentence, "dim"))

    def take(paths: list[Path], who: str | None) -> None:
        nonlocal dropped
        dropped = True
        dropping.drop(paths, who)

    def go_on() -> None:
        if dropped and window.is_open:
            window.run(tail_s=_UNTIL_CLOSED_S)

    window.record_as, window.on_note = record_as, told
    with Dropping(window, told) as dropping:
        window.on_drop = take
        try:
            yield go_on
        finally:
            window.on_drop = None
