"""Keeps an engine going: beside it one that waits, ready, and takes its place when it has ended."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, perf_counter_ns
from typing import Final

from mien.backend.child import EngineProcess, Gone
from mien.backend.messages import FromEngine, Open
from mien.errors import Closed, MienError, RendererUnavailable
from mien.threads import start_thread

_MOST: Final = 5
"""Engines that may end by themselves ..."""
_WITHIN_S: Final = 60.0
"""... within this time."""


class Keeper:
    """Owns the engines.

    Parameters: `first`, how each is opened; `spare`: whether one waits; `told`, given the messages of the one
    that serves, on a thread; `restore` makes a new one stand as that before it did, and may be broken off by
    `Gone`; `lost` is told a sentence when there will be none any more; `prepared` is given one that waits.
    """

    def __init__(
        self,
        first: Open,
        *,
        spare: bool,
        told: Callable[[EngineProcess, FromEngine], object],
        restore: Callable[[EngineProcess, str], object],
        prepared: Callable[[EngineProcess], object],
        lost: Callable[[str], object],
    ) -> None:
        self._first, self._wants_spare = first, spare
        self._told, self._restore, self._prepared, self._lost = told, restore, prepared, lost
        self._changed = threading.Condition()
        self._serving: EngineProcess | None = None
        self._heard: EngineProcess | None = None
        """Whose messages count: also while it is being restored."""
        self._spare: EngineProcess | None = None
        self._ends: deque[float] = deque()
        self._failure = ""
        self._closed = False
        self.restarts = 0
        """How often an engine has taken another's place."""
        self.gone_ns = 0
        """When the last that served was found to have ended, as `perf_counter_ns` counts."""
        engine = EngineProcess(first, self._hear, self._gone)
        try:
            self.ready: Final = engine.open()
        except BaseException:
            self._closed = True
            engine.end()
            raise
        self._serving = self._heard = engine
        self._begin_spare()

    def current(self, after: EngineProcess | None = None) -> EngineProcess:
        """The engine that serves, another than `after`; waited for, where one is about to. Raises Closed;
        RendererUnavailable where there is none any more."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._failure or self._serving not in (None, after)
            )
            if self._closed:
                raise Closed("this backend is closed; open another with mien.Backend().")
            if self._serving is None:
                raise RendererUnavailable(self._failure)
            return self._serving

    @property
    def serving(self) -> EngineProcess | None:
        """The engine that serves now."""
        return self._serving

    @property
    def heard(self) -> EngineProcess | None:
        """The engine that serves now, or is being told how to go on."""
        return self._heard

    @property
    def spare(self) -> EngineProcess | None:
        """The one that waits, when it is ready."""
        spare = self._spare
        return spare if spare is not None and spare.ready is not None else None

    @property
    def failure(self) -> str:
        """Why there is no engine any more; empty while there is."""
        return self._failure

    def close(self) -> None:
        """End them. Idempotent."""
        with self._changed:
            self._closed = True
            engines = [one for one in (self._heard, self._serving, self._spare) if one is not None]
            self._serving = self._heard = self._spare = None
            self._changed.notify_all()
        engines = list(dict.fromkeys(engines))
        try:
            for engine in engines:
                engine.end()
        except BaseException:  # Ctrl-C: nobody will ask again
            for engine in engines:
                engine.kill()
            raise

    def kill(self) -> None:
        """End them at once, from anywhere: nobody will ask any more."""
        self._closed = True
        for engine in (self._heard, self._serving, self._spare):
            if engine is not None:
                engine.kill()

    # -- on threads of the engines' -----------------------------------------------------------------

    def _hear(self, engine: EngineProcess, message: FromEngine) -> None:
        if engine is self._heard:
            self._told(engine, message)

    def _gone(self, engine: EngineProcess) -> None:
        with self._changed:
            if self._closed:
                return
            if engine is self._spare:
                self._spare = None
                if self._is_often():
                    self._wants_spare = False
                else:
                    self._begin_spare()
                return
            if engine is not self._heard:
                return
            self._serving = self._heard = None
            self.gone_ns = perf_counter_ns()
        keeper = threading.Thread(target=lambda: self._replace(engine), name="mien-keeper", daemon=True)
        try:
            start_thread(keeper)
        except MienError:  # there is none: this one ends anyway
            self._replace(engine)

    def _replace(self, before: EngineProcess) -> None:
        how = before.last_words()
        while True:
            if self._is_often():
                times = "once" if len(self._ends) == 1 else f"{len(self._ends)} times"
                self._fail(f"its engine ended {times} within {_WITHIN_S:.0f} s, the last time{how}")
                return
            try:
                engine = self._next()
            except MienError as error:
                self._fail(f"its engine ended{how}, and no other could be opened: {error}")
                return
            with self._changed:
                if self._closed:
                    engine.kill()
                    return
                self._heard = engine
            try:
                self._restore(engine, how)
            except Gone:  # and the next one
                how = engine.last_words()
                continue
            with self._changed:
                self._serving = engine
                self.restarts += 1
                self._changed.notify_all()
            self._begin_spare()
            return

    def _next(self) -> EngineProcess:
        with self._changed:
            spare, self._spare = self._spare, None
        if spare is not None:
            with suppress(MienError):  # what ended the one may have ended the other
                spare.open()
                return spare
            spare.end()
        engine = EngineProcess(self._first, self._hear, self._gone)
        try:
            engine.open()
        except MienError:
            engine.end()
            raise
        return engine

    def _begin_spare(self) -> None:
        if self._wants_spare and not self._closed:
            with suppress(MienError):  # there is no thread for it: one does without
                start_thread(threading.Thread(target=self._open_spare, name="mien-spare", daemon=True))

    def _open_spare(self) -> None:
        try:
            engine = EngineProcess(self._first, self._hear, self._gone)
        except MienError:  # there is no room for two: one does without
            return
        with self._changed:
            if self._closed or self._spare is not None:
                engine.kill()
                return
            self._spare = engine
        try:
            engine.open()
        except MienError:
            with self._changed:
                if self._spare is engine:  # it ended before it was known here
                    self._spare = None
            return
        self._prepared(engine)

    def _is_often(self) -> bool:
        now = monotonic()
        self._ends.append(now)
        while self._ends[0] < now - _WITHIN_S:
            self._ends.popleft()
        return len(self._ends) > _MOST

    def _fail(self, why: str) -> None:
        with self._changed:
            self._failure = f"this backend has no engine any more: {why}; open another with mien.Backend()."
            self._changed.notify_all()
        self._lost(self._failure)
