"""An engine's process, as its host has it: begun, asked, and ended."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import IO, Final

from msgspec import Raw

from mien import errors
from mien.backend.coding import encoded, from_engine
from mien.backend.messages import Answer, End, FromEngine, Open, Ready, Refusal
from mien.backend.wire import Outbox, Wire
from mien.errors import MienError, RendererUnavailable
from mien.messages import printable
from mien.processes import begin_python, end, kill
from mien.shared_memory import SharedMemory
from mien.threads import start_thread

_ENDS_S: Final = 3.0
"""Longest that an engine may take to close its stage."""
OPENS_S: Final = 120
"""Longest that opening a stage may take."""
_CODE: Final = "from mien.backend.engine import main; main({end}, {shared})"


class Gone(Exception):
    """The engine ended before it answered."""


class _Asked:
    """What was asked and is not answered."""

    def __init__(self, answered: Callable[[Raw], object] | None = None) -> None:
        self.done = threading.Event()
        self.answered = answered
        self.answer: Answer | Refusal | None = None


class EngineProcess:
    """Begins the process; `open` waits until its stage is there.

    Parameters: `first`, the message that says what stage; `told`, given its messages, but for answers, by the
    thread that receives them; `gone`, called by that thread when the process has ended by itself.
    """

    def __init__(
        self,
        first: Open,
        told: Callable[[EngineProcess, FromEngine], object],
        gone: Callable[[EngineProcess], object],
    ) -> None:
        self._told, self._gone = told, gone
        self._numbers = count(1)
        self._asked: dict[int, _Asked] = {}
        self._opened = _Asked()
        self._ready: Ready | None = None
        self._ending = self._ended = False
        self._how = ""
        self.changes = 0
        """Of the cast, that it was told as one that waits."""
        self.memory: Final = _memory_of(first.memory)
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - `_drop` closes it
        try:
            self._process, end = self._begun()
        except BaseException:
            self._said.close()
            self.memory.close()
            raise
        self._wire = Wire(end)
        self._listener = threading.Thread(target=self._listen, name="mien-engine", daemon=True)
        try:
            self._outbox = Outbox(self._wire)
            start_thread(self._listener)
        except BaseException:
            self.kill()
            self._process.wait()
            self._drop()
            raise
        self.send(first)

    def _begun(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        mine, its = socket.socketpair()
        with its:
            handed = its.fileno(), self.memory.descriptor
            try:
                process = begin_python(
                    _CODE.format(end=handed[0], shared=handed[1]),
                    stdin=subprocess.DEVNULL,
                    stdout=self._said,
                    stderr=self._said,
                    handed=handed,
                    session=True,
                )
            except OSError as error:
                mine.close()
                raise RendererUnavailable(
                    f"an engine's process cannot be started ({error.strerror or error}): see what this user "
                    "may start and open (`ulimit -a`)."
                ) from error
        return process, mine

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def ready(self) -> Ready | None:
        """What it said of its stage; None until that is open."""
        return self._ready

    def open(self) -> Ready:
        """Wait until the stage is there. Raises what opening it raised; RendererUnavailable."""
        if not self._opened.done.wait(OPENS_S):
            self.kill()
            raise RendererUnavailable(
                f"the engine's process has not opened its stage within {OPENS_S} s, as where a GPU driver "
                "hangs: `mien doctor` says which drivers there are."
            )
        if self._ready is not None:
            return self._ready
        if isinstance(self._opened.answer, Refusal):
            raise _error_of(self._opened.answer)
        raise RendererUnavailable(f"the engine's process ended while it opened its stage{self.last_words()}.")

    def send(self, message: object) -> None:
        """Tell it something that has no answer. Never waits, whatever the engine does."""
        self._outbox.post(encoded(message))

    def send_encoded(self, message: bytes) -> None:
        """The same of what is encoded."""
        self._outbox.post(message)

    def ask(self, make: Callable[[int], object], answered: Callable[[Raw], object] | None = None) -> Raw:
        """Send what `make` gives for a number, and wait for its answer. Raises what the call raised; Gone.

        `answered` is given the answer by the thread that receives, before anything that the engine has told
        since, and before it is replaced when it has ended since.
        """
        number, asked = next(self._numbers), _Asked(answered)
        self._asked[number] = asked
        try:
            if self._ended:
                raise Gone
            self.send(make(number))
            asked.done.wait()
        finally:
            self._asked.pop(number, None)
        if isinstance(asked.answer, Answer):
            return asked.answer.value
        if isinstance(asked.answer, Refusal):
            raise _error_of(asked.answer)
        raise Gone

    def end(self) -> None:
        """Have it close its stage and end; one that does not is ended. Idempotent."""
        self._ending = True
        self.send(End())
        end(self._process, _ENDS_S)
        if threading.current_thread() is not self._listener:
            self._listener.join()

    def kill(self) -> None:
        """End it at once."""
        kill(self._process)

    def last_words(self) -> str:
        """How it ended, for the end of a sentence; empty while it has not."""
        return self._how

    def _how_it_ended(self) -> str:
        status = self._process.wait()
        self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, self._said.tell() - 4000))
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        if isinstance(self._opened.answer, Refusal) and self._ready is not None:  # it could say so itself
            return f" ({printable(self._opened.answer.sentence.rstrip('.'), 200)})"
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return f" ({how}{f': {printable(lines[-1], 200)}' if lines else ''})"

    def _listen(self) -> None:
        while (data := self._wire.receive()) is not None:
            message = from_engine(data)
            match message:
                case Ready():
                    self._ready = message
                    self._opened.done.set()
                case Refusal(number=0):
                    self._opened.answer = message
                    self._opened.done.set()
                case Answer(number=number) | Refusal(number=number):
                    if (asked := self._asked.get(number)) is not None:
                        if asked.answered is not None and isinstance(message, Answer):
                            asked.answered(message.value)
                        asked.answer = message
                        asked.done.set()
                case _:
                    self._told(self, message)
        self._ended = True
        self.kill()  # it has no wire any more
        self._how = self._how_it_ended()
        self._drop()
        self._opened.done.set()
        for asked in list(self._asked.values()):
            asked.done.set()
        if not self._ending:
            self._gone(self)

    def _drop(self) -> None:
        self._wire.close()
        if hasattr(self, "_outbox"):  # there was a thread for it
            self._outbox.close()
        with suppress(OSError):
            self._said.close()
        self.memory.close()


def _memory_of(size: int) -> SharedMemory:
    try:
        return SharedMemory.make(size)
    except OSError as error:
        raise RendererUnavailable(
            f"there are no {size / 2**20:.0f} MB of memory to share with an engine ({error}): ask for "
            "smaller frames, or allow more."
        ) from error


def _error_of(refusal: Refusal) -> Exception:
    kind = getattr(errors, refusal.kind, None) if refusal.kind else None
    if isinstance(kind, type) and issubclass(kind, MienError):
        return kind(refusal.sentence)
    return MienError(f"the engine failed: {refusal.sentence}")
