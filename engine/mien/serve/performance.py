"""A stage that many clients tell: what each says is done in its turn, what happens is told to all.

Knows nothing of sockets. A thread of its own makes the stage's calls, one behind the other; one looks for
what has happened; `Frames` has one that takes frames. The engine draws in a process of its own, so that none
of them, and nothing that a client does, makes a frame late.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mien.errors import Closed, MienError, RendererUnavailable
from mien.serve import commands as told
from mien.serve.allowed import Allowed
from mien.serve.doing import Value, audio_of, do, say
from mien.serve.frames import Frames
from mien.serve.limits import Limits
from mien.serve.queued import Queued
from mien.serve.readiness import Readiness
from mien.serve.replies import Event, HappenedCue, Warned
from mien.serve.sounds import InlineSound
from mien.serve.streams import Streams
from mien.talk.events import TurnEvent
from mien.threads import start_thread

if TYPE_CHECKING:
    from mien.backend import Backend
    from mien.serve.outlets import Outlet

_LOOK_S: Final = 0.01
"""Between two looks at what has happened to turns: a third of a frame."""
_REMARKS_EACH: Final = 25
"""Looks between two at what could not be followed, and at how frames do: those ask the engine."""

_ENDS_S: Final = 1.0
"""Longest that an engine may take for the frame after which it is closed."""

Happening: TypeAlias = Event | Warned
Listener: TypeAlias = Callable[[Happening], object]


class Performance:
    """Parameters: `open_stage`, which opens the stage; it is called by `open`; `allowed`, what clients may
    name; `limits`."""

    def __init__(
        self, open_stage: Callable[[], Backend], allowed: Allowed | None = None, limits: Limits | None = None
    ) -> None:
        self._open_stage = open_stage
        self.allowed: Final = allowed or Allowed()
        self._stage: Backend | None = None
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="mien-serve-stage")
        self._listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="mien-serve-events", daemon=True)
        self._remarks = 0
        self._told_failure = ""
        self._queued = Queued(limits or Limits())
        self.readiness: Final = Readiness()
        self.over: Final = threading.Event()
        """Set when the stage has no engine any more, and none can be had; `readiness` says why."""
        self.frames: Final = Frames()
        self.outlets: Sequence[Outlet] = ()
        """Streams of it, which are counted with the rest. Whoever makes them begins and ends them."""

    def open(self) -> None:
        """Open the stage, which takes a second or more. Raises what opening one raises."""
        self._stage = self._open_stage()
        self._look(self._stage)
        self.frames.begin(self._stage)
        start_thread(self._watcher)

    @property
    def stage(self) -> Backend:
        """The stage. Raises Closed while there is none."""
        stage = self._stage
        if stage is None or self._closing.is_set():
            raise Closed("there is no stage: it is being opened, or closed; try again in a moment.")
        return stage

    @property
    def is_open(self) -> bool:
        """Whether there is a stage."""
        return self._stage is not None and not self._closing.is_set()

    def do(self, command: told.StageCommand, streams: Streams) -> Future[Value]:
        """Have a command done, behind those before it; what it gives. Never waits.

        `streams`: of the client, on whose thread this is called. The stream of a turn is open when this
        returns: what is sent into it may follow at once. Raises NotAllowed, AudioRejected for what a command
        names; Closed. The future raises what the stage's call raises; `answers.answered` is to be told of
        its end.
        """
        task = self._task(command, streams)
        try:
            return self._hand.submit(task)
        except RuntimeError:  # the pool takes no more
            raise Closed("this server is ending; connect to another.") from None

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` told all that happens from now on, by a thread of ours, which it must not keep
        waiting; call what is returned to be told no more."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def leave() -> None:
            with self._lock:
                self._listeners = tuple(one for one in self._listeners if one is not listener)

        return leave

    def warn(self, sentence: str) -> None:
        """Have all be told what went wrong. From any thread."""
        self._tell(Warned(sentence=sentence))

    def close(self) -> None:
        """End all threads and the engine. Idempotent."""
        self._closing.set()
        self.frames.end(_ENDS_S)
        if self._stage is not None:
            self._stage.close()  # what waits for it is refused
        self.frames.end()
        if self._watcher.is_alive():
            self._watcher.join()
        if not self.over.is_set():
            self.readiness.lost("the stage is closed")
        self._hand.shutdown(wait=True, cancel_futures=True)

    # -- on our threads -----------------------------------------------------------------------------

    def _task(self, command: told.StageCommand, streams: Streams) -> Callable[[], Value]:
        if not isinstance(command, told.Turn):
            return lambda: do(self.stage, command, self.allowed)
        held = len(command.audio.data) if isinstance(command.audio, InlineSound) else 0
        self._queued.take(held)
        try:
            turn, audio = command, audio_of(command.audio, self.allowed, streams)
        except BaseException:
            self._queued.refused(held)
            raise

        def spoken() -> Value:
            try:
                told = say(self.stage, turn, audio)
            except BaseException:
                self._queued.refused(held)
                raise
            self._queued.queued(told["turn"], held)
            return told

        return spoken

    def _watch(self) -> None:
        looks = 0
        while not self._closing.wait(_LOOK_S):
            stage = self._stage
            assert stage is not None
            for event in stage.events():
                if event.kind in ("finished", "dropped"):
                    self._queued.over(event.turn)
                self._tell(_event_of(event))
            if idle := stage.idle:  # of a turn that was over before it was known to be queued
                self._queued.clear()
            self.frames.hold("turns", on=not idle)
            looks += 1
            if looks % _REMARKS_EACH == 0:
                self._look(stage)

    def _look(self, stage: Backend) -> None:
        try:
            warnings, loading = stage.warnings, stage.loading
            self.readiness.note(stage.metrics(), loading)
            self.frames.hold("loading", on=bool(loading))
        except RendererUnavailable as error:
            self.readiness.lost(str(error))
            self.over.set()
            return
        except MienError:  # it is closed just now
            return
        for sentence in warnings[self._remarks :]:
            self._tell(Warned(sentence=sentence))
        self._remarks = len(warnings)
        if (failure := self.frames.failure) != self._told_failure:
            self._told_failure = failure
            self._tell(Warned(sentence=f"a frame could not be passed on ({failure}); report it."))

    def _tell(self, happening: Happening) -> None:
        for listener in self._listeners:
            listener(happening)


def _event_of(event: TurnEvent) -> Event:
    cue: Any = event.cue
    return Event(
        kind=event.kind,
        turn=event.turn,
        speaker=event.speaker,
        at=event.at,
        position_s=event.position_s,
        interrupted=event.interrupted,
        damaged=event.damaged,
        text=event.text,
        cue=None
        if cue is None
        else HappenedCue(kind=cue.kind, value=cue.value, at_s=cue.at_s, slot=cue.slot),
    )
