"""Characters that are read anew whenever their files change: for who draws them while they are on stage."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final

from watchfiles import Change, DefaultFilter, watch

from mien.errors import Closed, MienError
from mien.interrupts import RejoinableThread
from mien.stage.staging import Directed
from mien.threads import start_thread

_QUIET_MS: Final = 50
"""So long nothing must have changed: editors write several files, and a file in several goes."""
_MOST_MS: Final = 1000
"""Longest that more changes are waited for."""


class Watching:
    """Has a stage read those of its cast anew whose files change. A context manager.

    Parameters: `stage`, opened with `room`; `tell(who, wrong)` is called, by the thread that draws, whenever
    somebody was read anew (`wrong` is `""`) or could not be (a sentence). Who joins the cast later is not
    watched. Leaving the context ends it; so does closing the stage.
    """

    def __init__(self, stage: Directed, tell: Callable[[str, str], object] | None = None) -> None:
        self._stage, self._tell = stage, tell
        self._paths = {key: path.resolve() for key, path in stage.sources.items()}
        self._stop = threading.Event()
        self._threads: list[RejoinableThread] = []

    def __enter__(self) -> Watching:
        folders = {path for path in self._paths.values() if path.is_dir()}
        # A file is watched by its folder: who saves it may put another in its place.
        beside = {path.parent for path in self._paths.values() if path not in folders}
        for paths, deep in ((folders, True), (beside, False)):
            if paths:
                thread = RejoinableThread(partial(self._watch, paths, deep), "mien-watching")
                self._threads.append(thread)
                try:
                    start_thread(thread)
                except BaseException:  # or Ctrl-C: nobody would end the other
                    self._stop.set()
                    raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.wait()

    def _watch(self, paths: Collection[Path], deep: bool) -> None:
        for changes in watch(
            *paths,
            watch_filter=DefaultFilter(),
            debounce=_MOST_MS,
            step=_QUIET_MS,
            rust_timeout=200,
            stop_event=self._stop,
            recursive=deep,
        ):
            if not self._changed(changes):
                return

    def _changed(self, changes: Iterable[tuple[Change, str]]) -> bool:
        """Have those read anew whom these concern. False: the stage is closed."""
        changed = {Path(name) for _, name in changes}
        for key, path in self._paths.items():
            if any(path == one or path in one.parents for one in changed):
                try:
                    self._stage.reload(key, done=self._done(key))
                except Closed:
                    return False
                except MienError:  # it has given somebody up
                    continue
        return True

    def _done(self, key: str) -> Callable[[str], object]:
        return lambda wrong: self._tell(key, wrong) if self._tell is not None else None
