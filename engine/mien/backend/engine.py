"""The engine's process: a live stage, told and asked by a host that may stall, stop, or be gone.

Nothing here waits for the host. One thread draws; one receives, and makes what calls any thread may make; one
sends. When the host has gone the process ends, whatever its threads are at.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import socket
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, TextIO

import msgspec
import numpy as np

from mien.backend import calls, messages
from mien.backend.child import OPENS_S
from mien.backend.coding import encoded, from_host
from mien.backend.feeding import Feeds
from mien.backend.given import recast, refusal, sound_of, stage_of, turn_of
from mien.backend.slots import Ownership, Slots
from mien.backend.wire import Outbox, Wire
from mien.clock import SAMPLE_RATE, FrameRate
from mien.errors import MienError
from mien.observe import Observation, Outputs, totals_of
from mien.shared_memory import SharedMemory
from mien.stage.standing_calls import NamedCall, standing_calls
from mien.talk import Conversation
from mien.thread_priority import ahead
from mien.threads import start_thread
from mien.types import F32

_LOOK_S: Final = 0.05
"""Between two looks at what has happened, while no frames are drawn."""
_MOST_SOUND: Final = 10 * SAMPLE_RATE
"""Samples kept for a host that takes no frames."""
_ENDS_S: Final = 2.0
"""Longest that closing may take when the host has gone."""
_HANGS_S: Final = 30
"""Without a frame or a look for so long, as in a driver that never answers, the process ends: another one
takes its place, or nobody is there any more."""


class Engine:
    """Serves one host until it ends it, or is gone. Parameters: `wire` to it; `shared`, the descriptor of
    the memory for pictures."""

    def __init__(self, wire: Wire, shared: int) -> None:
        self._wire, self._shared = wire, shared
        self._outbox = Outbox(wire)
        self._feeds = Feeds()
        self._owned = Ownership()
        self._tasks: deque[Callable[[], object]] = deque()
        self._work = threading.Event()
        self._runs = self._over = False
        self._frame = 0
        self._sound: list[F32] = []
        self._stands: tuple[NamedCall, ...] = ()
        """How the stage stands, as calls; what the host was told last."""
        self._stands_anew = False
        self._version: object = None
        self._watched_s = 0.0

    def serve(self) -> None:
        """Open the stage that the first message asks for, and serve until the end."""
        first = self._receive()
        if not isinstance(first, messages.Open):
            return
        with ExitStack() as opened, Path(os.devnull).open("w") as nowhere:
            # Its host gives up sooner, and may be gone by then.
            faulthandler.dump_traceback_later(OPENS_S + _HANGS_S, exit=True, file=nowhere)
            try:
                opened.enter_context(ahead())
                stage = opened.enter_context(stage_of(first))
                outputs = Outputs(ledger=Path(first.ledger)) if first.ledger else Outputs()
                opened.enter_context(Observation(stage.ledger, outputs, {}))
            except Exception as error:
                self._send(refusal(0, error))
                self._outbox.close()
                faulthandler.cancel_dump_traceback_later()
                return
            self._stage = stage
            self._slots = Slots(SharedMemory.opened(self._shared, first.memory), stage.size)
            self._send(messages.Ready(stage.renderer, stage.is_software))
            start_thread(threading.Thread(target=self._listen, name="mien-listen", daemon=True))
            try:
                while not self._over:
                    self._watch(nowhere)
                    self._turn()
                faulthandler.cancel_dump_traceback_later()
            except Exception as error:
                self._send(refusal(0, error))
        self._outbox.close()

    # -- the thread that draws ----------------------------------------------------------------------

    def _turn(self) -> None:
        """Do what waits for this thread; draw a frame, or look what happens."""
        while self._tasks:
            self._tasks.popleft()()
        if self._runs:
            self._draw()
        else:
            self._work.wait(_LOOK_S)
            self._work.clear()
            self._stage.rest()
        self._tell()  # first: what was told is never more than what was shown
        self._give()

    def _watch(self, nowhere: TextIO) -> None:
        """Have a thread that needs no GIL end the process unless this is called again in time."""
        if (now := time.monotonic()) > self._watched_s + 1:
            self._watched_s = now
            faulthandler.dump_traceback_later(_HANGS_S, exit=True, file=nowhere)

    def _draw(self) -> None:
        stage = self._stage
        stage.frame(self._slots.pictures[self._owned.next])
        self._keep(stage.sound)
        self._owned.drawn()
        self._frame += 1

    def _keep(self, sound: F32) -> None:
        self._sound.append(sound)
        while sum(map(len, self._sound)) - len(self._sound[0]) > _MOST_SOUND:
            self._sound.pop(0)

    def _give(self) -> None:
        """The newest picture to the host, if it may have one more."""
        slot = self._owned.give()
        if slot is None:
            return
        stage, sound = self._stage, np.concatenate(self._sound or [np.zeros((0, 2), np.float32)])
        unseen, self._owned.unseen = self._owned.unseen, 0
        self._sound.clear()
        self._send(
            messages.Shown(
                slot=slot,
                frame=self._frame - 1,
                given_ns=time.perf_counter_ns(),
                position=stage._audio.position(),
                quiet=stage._quiet,
                unseen=unseen,
                sound=sound.tobytes(),
                playing=stage.playing(),
            )
        )

    def _tell(self) -> None:
        """What happened, and where more of a feed has room."""
        for room in self._feeds.rooms():
            self._send(room)
        if not self._stage._told and self._stage._show.player.shown_at >= 0:
            self._note_stands()
        events = tuple(self._stage.events())
        playing = self._stage.playing()
        if events or self._stands_anew or (playing and not self._runs and not self._outbox.is_behind):
            stands = self._stands if self._stands_anew else None
            self._stands_anew = False
            self._send(messages.Happened(events, self._stage._audio.position(), playing, stands))

    def _note_stands(self) -> None:
        stage = self._stage
        script = stage._show.script
        version = tuple(script.version(who, script.lanes(who)) for who in stage.cast)
        if version != self._version:
            self._version = version
            stands = standing_calls(stage)
            if stands != self._stands:
                self._stands, self._stands_anew = stands, True

    # -- the thread that receives -------------------------------------------------------------------

    def _listen(self) -> None:
        message: messages.FromHost | None = None
        try:
            while (message := self._receive()) is not None and not isinstance(message, messages.End):
                self._take(message)
        except BaseException:  # of a fault of ours: without this thread nothing is answered any more
            traceback.print_exc()
            os._exit(1)
        self._over = True
        self._work.set()
        if message is None:  # nobody is there: nothing is worth waiting for long
            threading.Event().wait(_ENDS_S)
            os._exit(1)

    def _receive(self) -> messages.FromHost | None:
        data = self._wire.receive()
        return None if data is None else from_host(data)

    def _take(self, message: messages.FromHost) -> None:
        match message:
            case messages.Call(number=0):
                self._later(lambda: recast(self._stage, message))
            case messages.Call(name=name) if name in calls.WAITS_FOR_FRAME:
                self._later(lambda: self._answer(message.number, lambda: self._call(message)))
            case messages.Call():
                self._answer(message.number, lambda: self._call(message))
            case messages.Say():
                self._answer(message.number, lambda: self._say(message))
            case messages.Queue():
                self._later(lambda: self._answer(message.number, lambda: self._queue(message)))
            case messages.Restore():
                self._later(lambda: self._answer(message.number, lambda: self._restore(message)))
            case messages.Pushed() | messages.Told() | messages.FeedEnds():
                self._feeds.take(message)
            case messages.Run(runs=runs):
                self._runs = runs
                self._work.set()
            case messages.Back(slot=slot):
                self._later(lambda: self._had_back(slot))

    def _had_back(self, slot: int) -> None:
        self._owned.back(slot)
        self._give()

    def _later(self, task: Callable[[], object]) -> None:
        """Have it done by the thread that draws, between two frames."""
        self._tasks.append(task)
        self._work.set()

    def _answer(self, number: int, make: Callable[[], object]) -> None:
        try:
            value = make()
            self._send(messages.Answer(number, msgspec.Raw(encoded(value))))
        except Exception as error:
            self._send(refusal(number, error))

    def _call(self, call: messages.Call) -> object:
        if call.name == "metrics":
            return totals_of(self._stage.ledger)
        return calls.make(self._stage, call.name, call.arguments)

    def _say(self, say: messages.Say) -> str:
        try:
            return self._stage.say(
                say.speaker,
                sound_of(say.sound, self._feeds),
                say.text,
                words=say.words,
                cues=say.cues,
                gap_s=say.gap_s,
                timings=say.timings,
                key=say.key,
            )
        except BaseException:
            self._feeds.close(say.sound)
            raise

    def _queue(self, queue: messages.Queue) -> tuple[str, ...]:
        turns = tuple(turn_of(say, self._feeds) for say in queue.turns)
        before = len(self._stage.foreseen)
        self._stage.queue(Conversation("", Path(), None, FrameRate.of(30), 0, (), turns))
        return self._stage.foreseen[before:]

    def _restore(self, restore: messages.Restore) -> int:
        """Stand as another stage did, and say on what it did not say to its end. Gives the position that
        belongs to the beginning of the turns."""
        stage = self._stage
        for name, arguments in restore.calls:
            with suppress(MienError):  # what its cast has lost meanwhile
                calls.make(stage, name, arguments)
        start = stage._audio.known
        for say in restore.turns:
            try:
                if say.plain:
                    self._queue(messages.Queue(0, (say,)))
                else:
                    self._say(say)
            except MienError as error:
                stage._show.session.refuse(turn_of(say, self._feeds), str(error))
                self._feeds.close(say.sound)
        if restore.heard_s > 0:
            stage._go_to(stage._audio.known + round(restore.heard_s * SAMPLE_RATE))
        return start

    def _send(self, message: object) -> None:
        self._outbox.post(encoded(message))


def main(end: int, shared: int) -> None:
    """Serve the host at the other end of this socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the host
    wire = Wire(socket.socket(fileno=end))
    Engine(wire, shared).serve()
    wire.close()
