"""`--watch`: what is shown is read anew whenever it is saved, and what is wrong with it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mien.cli.console import say
from mien.errors import MienError

if TYPE_CHECKING:
    from rich.console import Console

    from mien.cli.shown_art import ShownArt
    from mien.dropping import DroppedArt
    from mien.stage.live import LiveStage
    from mien.stage.watching import Watching
    from mien.stage.window import Window


class Watched:
    """Has characters shown anew, and those that are made of art, and says so, or what is wrong with them: a
    window also where the artist looks, no longer than until it is mended, or another is shown there.

    Parameters: `art` that is shown at first, if any is.
    """

    def __init__(self, art: ShownArt | None) -> None:
        self._art = art
        self._follow: Callable[[ShownArt], object] | None = None
        self._console: Console | None = None
        self._dropped: dict[Path, str] = {}
        """Folders of characters that were made of what was dropped -> its name."""

    @contextmanager
    def beside(self, stage: LiveStage | Window, console: Console) -> Iterator[None]:
        """Does so while a stage is shown."""
        from mien.stage.watching import Watching

        kept = _kept(stage, console)
        apart = () if self._art is None else (self._art.folder,)
        first = dict(stage.sources)

        def read(who: str, wrong: str) -> None:
            name = self._name_of(stage.sources.get(who), first.get(who), who)
            _read(kept, console, who, wrong, name)

        with (
            Watching(stage, read, apart) as watching,
            ExitStack() as followed,
        ):
            self._console = console
            self._follow = lambda art: followed.enter_context(_followed(art, stage, watching, kept))
            if self._art is not None:
                self._follow(self._art)
            try:
                yield
            finally:
                self._follow = None

    def take(self, dropped: DroppedArt) -> None:
        """Art was dropped: it is watched as well, as long as somebody is shown as it. By the thread that
        draws."""
        from mien.cli.shown_art import ShownArt
        from mien.importing.kinds import stem_of

        if self._follow is not None and self._console is not None:
            self._dropped[dropped.folder] = stem_of(dropped.path)
            self._follow(ShownArt.of_dropped(dropped, self._console))

    def _name_of(self, source: Path | None, first: Path | None, who: str) -> str:
        """What somebody is called who is read from `source`, and at first from `first`: as what was dropped
        since in that place, if anything was."""
        from mien.importing.kinds import stem_of

        return who if source is None or source == first else self._dropped.get(source) or stem_of(source)


@contextmanager
def _followed(
    art: ShownArt, stage: LiveStage | Window, watching: Watching, kept: Callable[[str, str], None]
) -> Iterator[None]:
    # No key of somebody's; and the same file may be dropped twice.
    about = f"the art {art.name} in {art.folder}"
    watching.set_apart(art.folder)

    def made() -> None:
        kept(about, "")
        watching.read(art.folder)

    with art.followed(made, lambda wrong: kept(about, wrong), lambda: _is_shown(stage, art.folder)):
        yield


def _is_shown(stage: LiveStage | Window, folder: Path) -> bool:
    """Whether somebody of the cast is read from there, as far as that can be told."""
    try:
        return folder.resolve() in {path.resolve() for path in stage.sources.values()}
    except MienError:  # what another one is read from is gone
        return True


def _read(
    kept: Callable[[str, str], None], console: Console, who: str, wrong: str, name: str | None = None
) -> None:
    """`name`: what somebody is called who is not called by the key."""
    kept(who, f"{name or who}: {wrong}" if wrong else "")
    if not wrong:
        say(console, (f"read anew: {name or who}", "dim"))


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
