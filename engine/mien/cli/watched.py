"""`--watch`: what is shown is read anew whenever it is saved, and what is wrong with it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mien.cli.console import say

if TYPE_CHECKING:
    from rich.console import Console

    from mien.cli.shown_art import ShownArt
    from mien.stage.live import LiveStage
    from mien.stage.window import Window

_ART = "the art"
"""What sentences on what could not be imported are about: no key of somebody's."""


@contextmanager
def watched(stage: LiveStage | Window, console: Console, art: ShownArt | None) -> Iterator[None]:
    """Has characters shown anew, and the one that is made of `art`, and says so, or what is wrong with them:
    a window also where the artist looks, no longer than until it is mended."""
    from mien.stage.watching import Watching

    kept = _kept(stage, console)
    apart = () if art is None else (art.folder,)
    with Watching(stage, lambda who, wrong: _read(kept, console, who, wrong), apart) as watching:
        if art is None:
            yield
            return

        def made() -> None:
            kept(_ART, "")
            watching.read(art.folder)

        with art.followed(made, lambda wrong: kept(_ART, wrong)):
            yield


def _read(kept: Callable[[str, str], None], console: Console, who: str, wrong: str) -> None:
    kept(who, f"{who}: {wrong}" if wrong else "")
    if not wrong:
        say(console, (f"read anew: {who}", "dim"))


def _kept(stage: LiveStage | Window, console: Console) -> Callable[[str, str], None]:
    """Tells of somebody, or of something, what is wrong with what was saved, or with `""` that nothing is any
    more."""
    note: Callable[[str, str], None] | None = getattr(stage, "note", None)

    def told(about: str, wrong: str) -> None:
        if note is not None:
            note(wrong and f"kept what is shown: {wrong}", f"saved: {about}")
        elif wrong:
            say(console, ("kept ", "yellow"), wrong)

    return told
