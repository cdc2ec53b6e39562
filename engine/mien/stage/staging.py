"""What a host says of who stands where: who comes, goes and moves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mien.arguments import refuse
from mien.catalog import bundled_or_path
from mien.interrupts import HeldBack
from mien.script import Side, StagingKind
from mien.stage.cast import CastEntry, entries_of, spots_of
from mien.stage.loader import Loader
from mien.stage.show import Show
from mien.talk import Cue, Staging
from mien.talk.places import Place
from mien.talk.staging import staging_of
from mien.talk.turns import Transition


class Directed(ABC):
    """The part of a stage on which who stands where is told. From any thread, as all that is told."""

    _show: Show
    _loader: Loader

    def load(
        self,
        key: str,
        character: str | Path,
        place: Place | None = None,
        size: float = 1.0,
        *,
        done: Callable[[str], object] | None = None,
    ) -> None:
        """Have a character join the cast while frames go on: parameters as of `CastEntry`. It is off stage.

        For a stage opened with `room`, or in the place of one who was given up. It is read, packed and
        uploaded beside the frames; `loading` names it until it is there, and from now on it may be told to
        `enter`, which it does then. Raises ScriptError for a key that is taken, and where there is no room;
        what cannot be loaded is told in `warnings`. `done`: called by the thread that draws with a sentence
        of what was wrong, or `""`.
        """
        self._check()
        _check_done(done)
        (entry,) = entries_of([CastEntry(key, character, place, size)])
        spots_of([entry])
        self._announced(key, lambda: self._loader.load(entry, done))

    def reload(
        self, who: str, character: str | Path | None = None, *, done: Callable[[str], object] | None = None
    ) -> None:
        """Have somebody of the cast read anew, or as another `character`, while frames go on.

        For a stage opened with `room`: its drawings or its document have changed. What was said and told
        goes on; what it lacks now is left out. `loading` names it until it is there. What cannot be read is
        told in `warnings`, and who is there stays as it is. `done`: called by the thread that draws with a
        sentence of what was wrong, or `""`.
        """
        entry = self._show.entries.get(self._key_of(who), CastEntry(who, who))  # or it is given up just now
        if character is not None:
            (entry,) = entries_of([replace(entry, character=character)])
        _check_done(done)
        self._announced(who, lambda: self._loader.reload(entry, done))

    @property
    def sources(self) -> dict[str, Path]:
        """What each of the cast is read from: a folder, or a .mien file. From any thread."""
        entries = tuple(self._show.entries.items())  # others may come and go meanwhile
        return {key: bundled_or_path("characters", entry.character) for key, entry in entries}

    def unload(self, key: str) -> None:
        """Give up somebody who has left: its place in the cast and its pages are free for another."""
        self._check()
        self._check_in_cast(key)
        self._recast(lambda: self._loader.unload(key))

    @property
    def loading(self) -> tuple[str, ...]:
        """Keys of who is being loaded. From any thread."""
        return self._loader.loading

    @property
    def cast(self) -> tuple[str, ...]:
        """Keys of who can be on stage, back to front. From any thread."""
        return self._show.cast

    def enter(
        self,
        who: str,
        place: Place | None = None,
        size: float | None = None,
        *,
        side: Side | None = None,
        transition: Transition = "slide",
        seconds: float | None = None,
    ) -> None:
        """Let somebody of the cast come on stage; of one who is there, as `move`.

        `place`, `size`: as of `CastEntry`; None: as they were. `side`: of the frame, to come from.
        `transition`: `slide`, or `fade` on a stage that was opened with fades. `seconds`: how long it takes,
        0 to 5. Who cannot be drawn yet comes as soon as that can be, and `warnings` tells so.
        """
        staging = Staging(who, place, size, side, transition, seconds)
        self._check()
        if self._is_to_join(who):
            staging_of("enter", staging)
            self._tell(lambda: self._when_loaded(staging))
        else:
            self._check_in_cast(who)
            self._stage("enter", staging)

    def leave(
        self,
        who: str,
        *,
        side: Side | None = None,
        transition: Transition = "slide",
        seconds: float | None = None,
    ) -> None:
        """Let somebody go off stage; keywords as of `enter`. Who speaks is heard to the end of the turn."""
        self._stage("leave", Staging(self._key_of(who), None, None, side, transition, seconds))

    def move(
        self,
        who: str,
        place: Place | None = None,
        size: float | None = None,
        *,
        seconds: float | None = None,
    ) -> None:
        """Let somebody stand elsewhere, or be larger or smaller, from where it is, also on its way.

        May be told every frame. Of one who is off stage it is where `enter` will bring it.
        """
        self._stage("move", Staging(self._key_of(who), place, size, seconds=seconds))

    def swap(
        self,
        who: str,
        other: str,
        *,
        side: Side | None = None,
        transition: Transition = "slide",
        seconds: float | None = None,
    ) -> None:
        """Let two take each other's place. One of them who is off stage comes for the other, who goes."""
        whom = self._key_of(other)
        self._stage("swap", Staging(self._key_of(who), None, None, side, transition, seconds, whom))

    @property
    def on_stage(self) -> tuple[str, ...]:
        """Keys of who is on stage, or comes, back to front. From any thread."""
        return tuple(key for key in self._show.cast if self._show.blocking.is_here(key))

    @abstractmethod
    def _tell(self, call: Callable[[], object]) -> None:
        """Have something done by the thread that draws."""

    @abstractmethod
    def _check(self) -> None:
        """Raises Closed."""

    @abstractmethod
    def _check_in_cast(self, who: object) -> None:
        """Raises ScriptError for somebody who is not in the cast."""

    @abstractmethod
    def _post(self, who: str, cue: Cue) -> None:
        """Have a cue happen with the next frame. Raises ScriptError."""

    @abstractmethod
    def _take(self, who: str, cue: Cue) -> None:
        """The same on the thread that draws, where all that was told before has been done."""

    def _announced(self, key: str, call: Callable[[], object]) -> None:
        """Have somebody loaded, who is among those who are `loading` from now on."""
        try:
            self._loader.announce(key)
            self._recast(call)
        except BaseException:  # too much waits, or Ctrl-C
            self._loader.withdraw(key)
            raise

    def _recast(self, call: Callable[[], object]) -> None:
        """Have the cast changed, once, whatever Ctrl-C breaks off."""
        left = [call]

        def change() -> None:
            self._leave_past()
            with HeldBack():
                while left:
                    left.pop()()
            self._cast_changes()

        self._tell(change)

    @abstractmethod
    def _leave_past(self) -> None:
        """What was played before is not replayed any further."""

    def _cast_changes(self) -> None:  # noqa: B027
        """Somebody is to join, or to be given up: in frames to come, where nothing waits for it."""

    def _when_loaded(self, staging: Staging) -> None:
        """Somebody enters as soon as it is there."""
        who, cue = staging.who, Cue(0.0, "enter", staging_of("enter", staging))
        if self._is_to_join(who):
            self._loader.then(who, lambda: self._take(who, cue))
        else:
            self._take(who, cue)

    def _is_to_join(self, who: str) -> bool:
        return who in self._loader.loading and who not in self._show.cast

    def _key_of(self, who: str) -> str:
        self._check()
        self._check_in_cast(who)
        return who

    def _stage(self, kind: StagingKind, staging: Staging) -> None:
        self._post(staging.who, Cue(0.0, kind, staging_of(kind, staging)))


def _check_done(done: object) -> None:
    if done is not None and not callable(done):
        refuse("done", done, "a function that takes a sentence, or None")
