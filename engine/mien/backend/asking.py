"""The part of a backend that asks its engine, hears what that tells, and has another go on where it ended."""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any, Final

from msgspec import Raw

from mien.backend import calls, messages
from mien.backend.child import EngineProcess, Gone
from mien.backend.coding import decoded, encoded
from mien.backend.forwarding import Forwarding
from mien.backend.journal import CASTING, Journal
from mien.backend.keeping import Keeper
from mien.backend.slots import Slots
from mien.clock import SAMPLE_RATE
from mien.errors import Closed, ScriptError
from mien.talk.events import TurnEvent
from mien.types import Size

_MOST_EVENTS: Final = 10_000
_MOST_WARNINGS: Final = 1000


def weakly(method: Callable[..., object]) -> Callable[..., object]:
    """The same method, of an object that it does not keep: of one that is no more it does nothing."""
    known = weakref.WeakMethod(method)

    def call(*arguments: object) -> object:
        alive = known()
        return None if alive is None else alive(*arguments)

    return call


class Asking(Forwarding):
    """Parameters: `first`, the message that opens a stage; `size` of its frames; `spare`: whether another
    engine waits."""

    def __init__(self, first: messages.Open, size: Size, *, spare: bool) -> None:
        self._frame_size = size
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._journal = Journal()
        self._events: deque[TurnEvent] = deque(maxlen=_MOST_EVENTS)
        self._frames: deque[messages.Shown] = deque()
        """Pictures that wait for the host, of the engine `_of`, in its `_slots`."""
        self._of: EngineProcess | None = None
        self._slots: Slots | None = None
        self._runs = False
        """The host wants frames."""
        self._own_warnings: deque[str] = deque(maxlen=_MOST_WARNINGS)
        self._open = True
        self._process = os.getpid()
        # Threads of engines and pumps must not keep a backend that its program has forgotten.
        self._sends = weakly(self._send)
        self._keeper = Keeper(
            first,
            spare=spare,
            told=weakly(self._told),
            restore=weakly(self._restore),
            prepared=weakly(self._prepare),
            lost=weakly(self._give_up),
        )

    @property
    def position_s(self) -> float:
        """How much of the session has been heard, in seconds; as of the newest frame, or 50 ms ago."""
        with self._lock:
            return self._journal.position / SAMPLE_RATE

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be followed so far, and what became of engines, one sentence each."""
        own = tuple(self._own_warnings)
        return own if self._keeper.failure else (*own, *self._get("warnings"))

    @property
    def restarts(self) -> int:
        """How often an engine has taken another's place."""
        return self._keeper.restarts

    @property
    def engine_pid(self) -> int:
        """Of the process that draws. Raises Closed."""
        return self._keeper.current().pid

    def metrics(self) -> dict[str, Any]:
        """The ledger's totals (docs/metrics.md): of the engine that draws now."""
        return dict(decoded(self._ask(lambda number: messages.Call(number, "metrics")), dict[str, Any]))

    @property
    def idle(self) -> bool:
        """No turn is queued or playing that was not told to be over."""
        with self._lock:
            return self._journal.idle

    # -- what is between ----------------------------------------------------------------------------

    @property
    def _is_elsewhere(self) -> bool:
        return self._process != os.getpid()

    def _check(self) -> None:
        if self._is_elsewhere:  # before any lock: who held it may not be there
            raise Closed(
                "this backend belongs to the process that this one was forked off; open another with "
                "mien.Backend() here."
            )
        if not self._open:
            raise Closed("this backend is closed; open another with mien.Backend().")

    def _send(self, message: bytes) -> None:
        """To the engine that serves; when none does, the next is told everything."""
        if (engine := self._keeper.serving) is not None:
            engine.send_encoded(message)

    def _ask(self, make: Callable[[int], object], answered: Callable[[Raw], object] | None = None) -> Any:
        """Ask the engine, and the next one where it ends before it answers."""
        before: EngineProcess | None = None
        while True:
            self._check()
            engine = self._keeper.current(after=before)
            try:
                return engine.ask(make, answered)
            except Gone:
                before = engine

    def _make(self, name: str, arguments: dict[str, Any]) -> Any:
        try:
            encoded(arguments)
        except (TypeError, ValueError, OverflowError) as error:
            raise ScriptError(f"{name} was given what cannot be sent to the engine: {error}.") from None
        raw = self._ask(
            lambda number: messages.Call(number, name, arguments), lambda _: self._called(name, arguments)
        )
        return decoded(raw, calls.types_of(name).get("return", Any))

    def _called(self, name: str, arguments: dict[str, Any]) -> None:
        with self._lock:
            self._journal.called(name, arguments)
            if name in CASTING and (spare := self._keeper.spare) is not None:
                self._prepare(spare)

    def _get(self, name: str) -> Any:
        raw = self._ask(lambda number: messages.Call(number, name))
        return decoded(raw, calls.types_of(name)["return"])

    # -- on threads of the keeper's -----------------------------------------------------------------

    def _told(self, engine: EngineProcess, message: messages.FromEngine) -> None:
        with self._news:
            journal = self._journal
            match message:
                case messages.Shown():
                    if self._of is not engine:
                        self._of, self._slots = engine, Slots(engine.memory, self._frame_size)
                        self._frames.clear()
                    journal.heard(message.position, message.playing)
                    self._frames.append(message)
                    self._news.notify_all()
                case messages.Happened(events=events, stands=stands):
                    journal.heard(message.position, message.playing)
                    self._events += journal.happened(events)
                    if stands is not None:
                        journal.stands(stands)
                case messages.Room(feed=feed, taken=taken):
                    pump = journal.pump(feed)
                    if pump is not None:
                        pump.room(taken)

    def _restore(self, engine: EngineProcess, how: str) -> None:
        """Have an engine go on where the one before it ended."""
        with self._lock:
            self._events += self._journal.end_interrupted()
            self._frames.clear()
            restore = self._journal.restore(0)
            for pump in self._journal.pumps():
                pump.again(engine.send_encoded)
            self._prepare(engine)
        engine.ask(
            lambda number: messages.Restore(number, restore.calls, restore.turns, restore.heard_s),
            lambda start: self._restored(engine, how, decoded(start, int)),
        )

    def _restored(self, engine: EngineProcess, how: str, start: int) -> None:
        with self._lock:
            self._journal.restored(start)
            if self._runs:
                engine.send(messages.Run(True))
            took = (perf_counter_ns() - self._keeper.gone_ns) / 1e6
            self._own_warnings.append(
                f"the engine ended{how}; another took its place within {took:.0f} ms, with its cast, turns "
                "and position."
            )

    def _prepare(self, spare: EngineProcess) -> None:
        """One that waits, or begins to serve, has the cast that there is now."""
        with self._lock:
            for number, (name, arguments) in self._journal.casting.since(spare.changes):
                spare.send(messages.Call(0, name, arguments))
                spare.changes = number

    def _give_up(self, why: str) -> None:
        with self._news:
            self._events += self._journal.end_all(why.partition(";")[0])
            self._own_warnings.append(why)
            self._news.notify_all()
