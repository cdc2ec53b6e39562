"""A live stage whose engine runs in a process of its own, with the calls of a live stage."""

from __future__ import annotations

import warnings as python_warnings
import weakref
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, Unpack

from mien.arguments import refuse
from mien.backend import messages
from mien.backend.keeping import Keeper
from mien.backend.saying import Saying
from mien.backend.showing import Showing
from mien.backend.slots import SLOTS, bytes_of
from mien.catalog import bundled_or_path
from mien.errors import RendererUnavailable, ScriptError
from mien.processes import NoPython, python
from mien.shared_memory import can_share
from mien.stage.cast import cast_of, entries_of
from mien.stage.options import Cast, StageKeywords, StageOptions, of_conversation
from mien.talk import Conversation
from mien.types import Size

_OWN: Final = {
    "context": "it draws in a process of its own, where no context of yours is",
    "clock": "its engine goes by the machine's clock",
    "ledger": "its engine keeps one; ask for metrics()",
}
"""Options of a stage that have no meaning for a backend, and why."""


class Backend(Saying, Showing):
    """A live stage in a process of its own: the calls of a `LiveStage`, from any thread.

    Frames go on whatever this process does: a thread that keeps the GIL, or the whole process stopped, costs
    the engine none. They come in memory that both share, without a copy. An engine that ends is replaced by
    one that waits, and goes on where that was; `warnings` and `restarts` tell so. When this process ends,
    however it does, so does the engine.

    Parameters: `cast` and `options` as of `mien.open_live`, but `context`, `clock` and `ledger`; `spare`:
    whether a second engine waits, which takes as much memory again, and is there in a fraction of a second;
    without it another takes as long as opening one. Raises as `open_live`; RendererUnavailable where no
    process can be started.
    """

    _ledger_file = ""
    """That its engine writes its ledger to; empty: none."""

    def __init__(
        self,
        cast: Cast,
        options: StageOptions | None = None,
        *,
        spare: bool = True,
        **keywords: Unpack[StageKeywords],
    ) -> None:
        for name, why in _OWN.items():
            if keywords.get(name) is not None or getattr(options, name, None) is not None:
                raise ScriptError(f"a Backend takes no {name}: {why}.")
        self.options: Final = StageOptions.of(options, keywords)
        if not isinstance(spare, bool):
            refuse("spare", spare, "True or False")
        _check_can_start()
        self.size: Final[Size] = self.options.frame_size
        self.fps = self.options.rate
        memory = SLOTS * bytes_of(self.size)
        first = messages.Open(_entries(cast), _options(self.options), memory, self._ledger_file)
        super().__init__(first, self.size, spare=spare)
        self.renderer: Final = self._keeper.ready.renderer
        """The GL renderer's name."""
        self.is_software: Final = self._keeper.ready.is_software
        """Whether the renderer runs on the CPU, where large frames cost time."""
        self._finalizer = weakref.finalize(self, _forgotten, self._keeper)

    @classmethod
    def of(
        cls,
        conversation: Conversation,
        *,
        queued: bool = True,
        spare: bool = True,
        **keywords: Unpack[StageKeywords],
    ) -> Self:
        """A backend with a conversation's cast, background, rate and seed, and its turns queued, unless
        `queued` is False. As `LiveStage.of`."""
        if not isinstance(conversation, Conversation):
            refuse("conversation", conversation, "what mien.load_conversation gives")
        backend = cls(cast_of(conversation), of_conversation(conversation, keywords), spare=spare)
        try:
            if queued:
                backend.queue(conversation)
        except BaseException:
            backend.close()
            raise
        return backend

    def close(self) -> None:
        """End the engine. Turns that are not over are told to be. Idempotent."""
        if self._is_elsewhere:  # its engine is another process's
            return
        with self._news:
            if not self._open:
                return
            self._open = False
            self._finalizer.detach()
            self._events += self._journal.end_all(None)
            self._frames.clear()
            self._slots = self._of = None  # pictures that the program holds stay
            self._news.notify_all()
        self._keeper.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check_can_start() -> None:
    if not can_share():
        raise RendererUnavailable(
            "a Backend hands memory to a process of its own, which is done on Linux and macOS so far: use "
            "mien.open_live() here."
        )
    try:
        python()
    except NoPython as why:
        raise RendererUnavailable(
            f"a Backend starts a Python of its own, and {why}: use mien.open_live()."
        ) from None


def _entries(cast: Cast) -> tuple[messages.Entry, ...]:
    return tuple(
        messages.Entry(one.key, _found(one.character), one.place, float(one.size), one.on_stage)
        for one in entries_of(cast)
    )


def _found(character: str | Path) -> str:
    """Its path, whatever folder the engine is started in, and a bundled name as it is."""
    path = bundled_or_path("characters", character)
    return str(path.absolute())


def _options(options: StageOptions) -> dict[str, Any]:
    left_out = {*_OWN, "title", "companion", "rate"}
    values = {one.name: getattr(options, one.name) for one in fields(options) if one.name not in left_out}
    rate = options.rate.exact
    background = values["background"]
    if isinstance(background, Path):
        values["background"] = str(background.absolute())
    return {
        **values,
        "size": tuple(options.size),
        "fps": f"{rate.numerator}/{rate.denominator}",
        "seed": str(options.seed),
    }


def _forgotten(keeper: Keeper) -> None:
    keeper.kill()
    python_warnings.warn("a mien.Backend was dropped without close()", ResourceWarning, stacklevel=2)
