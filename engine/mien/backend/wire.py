"""Messages over a socket: each its length, then its bytes."""

from __future__ import annotations

import socket
import struct
import threading
from collections import deque
from contextlib import suppress
from queue import SimpleQueue
from typing import Final

from mien.forks import ours_alone
from mien.threads import start_thread

_LENGTH: Final = struct.Struct("<Q")
_MOST_AT_ONCE: Final = 1 << 18
"""Bytes that small messages are joined to."""


class Wire:
    """One end. Any thread sends, and a handler of a signal within a call of it; one receives.

    What is sent to somebody who has ended is lost without a word: who receives learns of that.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        ours_alone(end)
        self._waiting: deque[bytes] = deque()
        self._sending = threading.Lock()

    def send(self, message: bytes) -> None:
        """Send it behind the others. Waits where the other end does not receive, unless somebody sends
        already, who sends it too."""
        self._waiting.append(message)
        # Who comes in between adds and leaves; it is looked for again when the lock is free.
        while self._waiting and self._sending.acquire(blocking=False):
            try:
                self._drain()
            finally:
                self._sending.release()

    @property
    def is_behind(self) -> bool:
        """Something has not been sent yet."""
        return bool(self._waiting)

    def receive(self) -> bytearray | None:
        """The next message; None when the other end has gone."""
        head = self._read(_LENGTH.size)
        return None if head is None else self._read(_LENGTH.unpack(head)[0])

    def close(self) -> None:
        """Nothing more is sent or received, by either. Idempotent."""
        with suppress(OSError):
            self._end.shutdown(socket.SHUT_RDWR)
        self._end.close()

    def _drain(self) -> None:
        parts: list[bytes] = []
        size = 0
        while self._waiting:
            message = self._waiting.popleft()
            parts += (_LENGTH.pack(len(message)), message)
            size += len(message)
            if size > _MOST_AT_ONCE or not self._waiting:
                with suppress(OSError):
                    self._end.sendall(b"".join(parts))
                parts, size = [], 0

    def _read(self, size: int) -> bytearray | None:
        data = bytearray(size)
        view, got = memoryview(data), 0
        while got < size:
            try:
                now = self._end.recv_into(view[got:])
            except OSError:
                now = 0
            if not now:
                return None
            got += now
        return data


class Outbox:
    """Has messages sent by a thread of its own: who posts never waits, whatever the other end does."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._posted: deque[bytes] = deque()
        # A handler of a signal may come within a `put`, and put as well.
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="mien-outbox", daemon=True)
        start_thread(self._thread)

    @property
    def is_behind(self) -> bool:
        """Something has not been sent yet."""
        return bool(self._posted) or self._wire.is_behind

    def post(self, message: bytes) -> None:
        """Have it sent behind the others; of one that is closed nothing is."""
        if not self._over:
            self._posted.append(message)
            self._bell.put(None)

    def close(self) -> None:
        """What was posted is sent first, while there is somebody to take it."""
        self._over = True
        self._bell.put(None)
        self._thread.join(1.0)

    def _run(self) -> None:
        while True:
            self._bell.get()
            while self._posted:
                self._wire.send(self._posted[0])
                self._posted.popleft()
            if self._over:
                return
