"""A clip of what a live stage shows, written beside its frames: they never wait for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from mien.clock import FrameRate
from mien.errors import MienError, NotWritable
from mien.interrupts import Bell, RejoinableThread
from mien.messages import quoted, shown_path
from mien.stage.video_file import VideoFile
from mien.thread_priority import step_behind
from mien.threads import start_thread
from mien.types import F32, U8, Size

_MOST_BYTES: Final = 256_000_000
"""Of pictures that wait to be encoded."""
_MOST_WAITING: Final = 60


class _Shown(NamedTuple):
    """A frame of the stage on its way to the clip."""

    at: int
    """The sample that it showed."""
    picture: U8 | None
    """(h, w, 4) uint8, the recorder's own; None: the same as the one before, or there was no room for it."""
    sound: F32
    """(n, 2) float32: what was heard since the one before."""


class Recorder:
    """Writes one clip. Belongs to the thread of the frames; what takes long is done on threads of its own,
    and encoded by a process.

    A video frame shows what the stage showed at its time by the sound that was heard, so that the clip is as
    long and as much in step as what was seen; where the stage left a frame out, or there was no room, the one
    before stays.

    Parameters: as of `VideoFile`; a video's odd last row or column is left out. `done(path, sentence)` is
    called by the thread, at the end: what was wrong, or `""`.
    """

    def __init__(
        self, path: Path, size: Size, rate: FrameRate, *, alpha: bool, done: Callable[[Path, str], object]
    ) -> None:
        self.path: Final = path
        self.dropped = 0
        """Pictures for which there was no room."""
        self._rate, self._alpha, self._done = rate, alpha, done
        even = path.suffix.lower() not in (".gif", ".apng")
        self._size = Size(size.width - size.width % 2, size.height - size.height % 2) if even else size
        # What cannot be is told here, where it was asked for.
        self._file = VideoFile(path, self._size, rate, alpha=alpha, live=True)
        self._room = max(2, min(_MOST_WAITING, _MOST_BYTES // (4 * size.width * size.height)))
        self._queue: deque[_Shown | None] = deque()
        self._waiting = 0
        self._spare: deque[U8] = deque(maxlen=self._room)
        self._lock = threading.Lock()
        self._changed = Bell()
        self._thread = RejoinableThread(self._run, "mien-record")
        try:
            start_thread(self._thread)
        except BaseException:
            self._file.close(keep=False)
            raise

    @property
    def ended(self) -> bool:
        """Nothing more is written, as after a full disk."""
        return not self._thread.runs

    def add(self, at: int, picture: U8 | None, sound: F32) -> None:
        """What the stage showed of sample `at`: (h, w, 4) uint8 premultiplied, copied; None: as before."""
        copy = None
        if picture is not None:
            if self._waiting >= self._room:
                self.dropped += 1
            else:
                try:
                    copy = self._spare.popleft()
                except IndexError:
                    copy = np.empty((self._size.height, self._size.width, 4), np.uint8)
                np.copyto(copy, picture[: self._size.height, : self._size.width])
                with self._lock:
                    self._waiting += 1
        self._queue.append(_Shown(at, copy, sound))
        self._changed.ring()

    def end(self) -> None:
        """Have the clip finished; `done` tells when it is. Does not wait. Idempotent."""
        self._queue.append(None)
        self._changed.ring()

    def wait(self) -> None:
        """Until the clip is whole."""
        self._thread.wait()

    def _run(self) -> None:
        step_behind()
        wrong = ""
        try:
            clip = _Clip(self._file, self._rate, self._give_back)
            while (shown := self._next()) is not None:
                clip.add(shown)
            clip.end()
            if clip.is_empty:
                raise NotWritable(f"{shown_path(self.path)} was not saved: no frame was shown of it.")
            self._file.close()
        except Exception as error:  # whatever it is, the clip is over, and is told
            wrong = str(error) if isinstance(error, MienError) else _lost(self.path, error)
            self._file.close(keep=False)
        self._done(self.path, wrong)

    def _next(self) -> _Shown | None:
        self._changed.wait_until(lambda: bool(self._queue))
        return self._queue.popleft()

    def _give_back(self, picture: U8) -> None:
        with self._lock:
            self._waiting -= 1
        self._spare.append(picture)


def _lost(path: Path, error: Exception) -> str:
    return f"{shown_path(path)}: the clip was lost ({quoted(error)}); record it anew."


class _Clip:
    """Puts pictures and sound into frames of one length."""

    def __init__(self, file: VideoFile, rate: FrameRate, give_back: Callable[[U8], object]) -> None:
        self._file, self._rate, self._give_back = file, rate, give_back
        self._pictures: deque[tuple[int, U8]] = deque()
        self._sounds: deque[F32] = deque()
        self._heard = self._written = self._offset = 0
        self._first: int | None = None
        self._last = 0

    def add(self, shown: _Shown) -> None:
        """A frame of the stage."""
        if self._first is None:
            self._first = self._last = shown.at
        if shown.at + self._offset < self._last:  # the stage has gone back, as after a seek
            self._offset = self._last - shown.at
        self._last = shown.at + self._offset
        if shown.picture is not None:
            self._pictures.append((self._last - self._first, shown.picture))
        if shown.sound.size:
            self._sounds.append(shown.sound)
            self._heard += len(shown.sound)
        while self._heard >= self._rate.sample(self._written + 1) and self._is_settled:
            self._write()

    def end(self) -> None:
        """The last frames are written."""
        while self._pictures and self._rate.sample(self._written) <= self._last - (self._first or 0):
            self._write()
        while self._pictures:
            self._give_back(self._pictures.popleft()[1])

    @property
    def is_empty(self) -> bool:
        """Nothing of it is written."""
        return not self._written

    @property
    def _is_settled(self) -> bool:
        """Whether no picture can come any more that the next frame would show."""
        return bool(self._pictures) and self._last - (self._first or 0) > self._latest

    @property
    def _latest(self) -> int:
        """A frame shows what is up to half its length younger: stages show what is heard, not a grid."""
        return self._rate.sample(self._written) + self._rate.sample(1) // 2

    def _write(self) -> None:
        while len(self._pictures) > 1 and self._pictures[1][0] <= self._latest:
            self._give_back(self._pictures.popleft()[1])
        count = self._rate.sample(self._written + 1) - self._rate.sample(self._written)
        self._file.write(self._pictures[0][1], self._sound(count))
        self._written += 1

    def _sound(self, count: int) -> F32:
        """(count, 2): what was heard next; silence behind its end."""
        sound = np.zeros((count, 2), np.float32)
        filled = 0
        while filled < count and self._sounds:
            block = self._sounds.popleft()
            taken = block[: count - filled]
            sound[filled : filled + len(taken)] = taken
            filled += len(taken)
            if len(taken) < len(block):
                self._sounds.appendleft(block[len(taken) :])
        return sound
