"""Sources that may keep their reader waiting (networks, pipes, hosts), each on a thread of its own.

The decode worker takes what has been read, and is never held up itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final

from mien.audio.addresses import reason_of
from mien.audio.asking import PATIENCE
from mien.audio.sources import Source
from mien.clock import SAMPLE_RATE, Clock, RealClock
from mien.errors import AudioRejected, MienError
from mien.threads import start_thread
from mien.types import F32

MOST_READERS: Final = 4
"""Sources that are read at the same time; those behind them wait for one to end."""

SOUNDLESS: int = 60
"""Looks in a row, a second apart, at a source that answers and gives no sound: junk without an end, or a byte
now and then. A minute, as a file may begin with pictures of megabytes."""

READ_AHEAD: Final = 5 * SAMPLE_RATE
"""Samples decoded and not taken by the worker at which reading rests."""


class Reader:
    """Reads and decodes `source` on a thread until its end; `wake` is called whenever there is something new.

    Parameters: as said, and the `clock` that measures. The thread is a daemon: a server that keeps it waiting
    until the timeout, after `close`, keeps nobody else.
    """

    def __init__(self, source: Source, wake: Callable[[], object], clock: Clock | None = None) -> None:
        self.name = source.name
        self.reads = source.reads
        """The host's own object that it reads."""
        self.expected: int | None = None
        """Samples at 48 kHz that the source says it has, once that is known."""
        self.faults: list[str] = []
        """What was found damaged, one clause each, at its end."""
        self.ended = False
        """Nothing more will come."""
        self.left = False
        """Its thread asks the source for nothing more, which may be long after it was given up."""
        self.first_pcm_ms: float | None = None
        """From the first bytes of a feed, or the start of opening something else, to the first sample."""
        self._clock = clock or RealClock()
        self._source = source
        self._wake = wake
        self._error: MienError | None = None
        self._pieces: deque[F32] = deque()
        self._held = 0
        self._put_in = self._seen = 0  # pieces; those at the last look
        self._soundless = 0  # looks
        self._room = threading.Condition()
        self.closed = False
        """Nobody takes any more."""
        self.thread = threading.Thread(target=self._run, name="mien-read", daemon=True)
        start_thread(self.thread)

    @property
    def pending(self) -> bool:
        """There is something that the worker has not handed on yet."""
        return bool(self._pieces)

    def pieces(self) -> Iterator[F32 | None]:
        """What has been read, (n,) float32 mono at 48 kHz each; None while there is nothing.

        Raises what kept it from being read at all.
        """
        while True:
            ended = self.ended  # read before the pieces: what came before the end is seen
            if self._pieces:
                piece = self._pieces[0]
                yield piece
                with self._room:  # removed only now, so that `pending` covers the hand-over
                    self._pieces.popleft()
                    self._held -= len(piece)
                    self._room.notify()
            elif ended:
                break
            else:
                yield None
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Let the thread end as soon as its source answers. Idempotent; does not wait."""
        with self._room:
            self.closed = True
            self._room.notify()
        self._source.abandon()

    def look(self) -> None:
        """End it if its source has not answered for long, or has given no sound for longer. The thread stays
        until it does."""
        asked = self._source.asked
        if asked is not None and asked.look():
            self._give_up(f"did not answer for {PATIENCE} s; let it give what it has, or end")
        elif not self._source.fed and self._is_soundless():
            self._give_up(f"gave no sound for {SOUNDLESS} s; let it give sound, or end")

    def _is_soundless(self) -> bool:
        goes_on = self._put_in != self._seen or self._held >= READ_AHEAD
        self._seen = self._put_in
        self._soundless = 0 if goes_on else self._soundless + 1
        return self._soundless > SOUNDLESS

    def _give_up(self, why: str) -> None:
        with self._room:
            if self.ended:
                return
            self._error = AudioRejected(f"{self.name} {why}.")
            self.ended = True
        self.close()
        self._wake()

    def _run(self) -> None:
        try:
            self._source.wait()
            began_ns = self._clock.now_ns()
            with closing(self._source.open()) as sound:
                self.expected = sound.expected
                for piece in sound.pieces():
                    if piece is None or not len(piece):
                        continue
                    self.expected = sound.expected  # which the first frame may correct
                    if self.first_pcm_ms is None:
                        self.first_pcm_ms = (self._clock.now_ns() - began_ns) / 1e6
                    if not self._put(piece):
                        return
                self.faults = sound.faults
        except MienError as error:
            self._error = self._error or error
        except Exception as error:
            self._error = self._error or AudioRejected(
                f"{self.name} could not be read ({reason_of(error)}); give it as a file, or its bytes."
            )
        finally:
            with self._room:
                self.ended = self.left = True
            self._wake()

    def _put(self, piece: F32) -> bool:
        with self._room:
            self._room.wait_for(lambda: self.closed or self._held < READ_AHEAD)
            if self.closed:
                return False
            self._held += len(piece)
            self._put_in += 1
            self._pieces.append(piece)
        self._wake()
        return True
