"""The encoder of a video file, on a thread of its own."""

from __future__ import annotations

import atexit
import errno
from collections import deque
from contextlib import suppress
from typing import Final

import numpy as np

from mien.clock import FrameRate
from mien.errors import Closed, NoThreads, NotWritable
from mien.interrupts import Bell, RejoinableThread
from mien.part_file import PartFile
from mien.shared_memory import can_work_apart
from mien.stage.encoder import Encoder, Frame, NotTaken
from mien.stage.encoder_apart import EncoderApart, EncoderGone
from mien.stage.encoders import Chosen
from mien.thread_priority import step_behind
from mien.threads import NO_THREADS, start_thread, too_few_to_encode
from mien.types import F32, U8, Size
from mien.writable import unwritable

_PICTURES: Final = 4
"""Frames that wait to be encoded, or are: whoever draws faster waits for one to be done."""
_OF_DISKS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Encoding:
    """Encodes pictures and sound into a part file, and ends as it is told.

    It knows nothing of the `VideoFile` that it works for, so that one that nobody holds is noticed. Its calls
    may be broken off at any line, as by Ctrl-C, and come within each other, as in a handler of a signal.

    Parameters: `told_as`, the file's name in sentences; `part`, what to write into; `size` in pixels and
    `rate` of the pictures; `chosen`, how it is encoded. Raises NotWritable; nothing is left then.
    """

    def __init__(
        self,
        told_as: str,
        part: PartFile,
        size: Size,
        rate: FrameRate,
        chosen: Chosen,
    ) -> None:
        self.told_as = told_as
        self.failure: BaseException | None = None
        """Why the file cannot be written, as soon as that is known."""
        self._short = ""
        self.keep = True
        """Whether the file is to get its name in the end."""
        self.kept_if_dropped = False
        """Whether the same is so where nobody holds it any more, and nobody has told it to end."""
        self._part = part
        self._chosen = chosen
        self._has_frames = False
        self._queue: deque[Frame | None] = deque()
        """Frames in the order in which they are encoded, the first of them meanwhile; None ends it, and
        stays."""
        self._spare: deque[U8] = deque(maxlen=_PICTURES)
        """(h, w, 4) uint8 each, to be written into: fresh memory costs more than the copy."""
        self._changed = Bell()
        self.thread = RejoinableThread(self._run, "mien-encode")
        try:
            self.encoder: Encoder | EncoderApart = self._opened(size, rate)
            """What encodes; to be taken into use by the thread alone."""
            self._apart = self._room_apart(size, rate)
        except BaseException:
            part.discard()
            raise
        if self._apart is not None:
            self._spare.extend(self._apart.pictures)

    def start(self) -> None:
        """Begin to encode. Raises NotWritable; nothing is left then, nor of one that is broken off."""
        try:
            # Behind what removes the part file at the end of the program, and so done before that.
            atexit.register(self.end_at_exit)
            start_thread(self.thread)
        except BaseException as error:
            self.end(False)  # Ctrl-C may come when it has begun
            atexit.unregister(self.end_at_exit)
            if isinstance(error, NoThreads):
                self._finish()
                raise NotWritable(f"{self.told_as}: {NO_THREADS}") from error
            self._part.discard()
            if self._apart is not None and not self.thread.runs:  # else it is the thread's to drop
                self._apart.drop()
            raise

    def write(self, picture: U8, sound: F32) -> None:
        """Have a frame encoded: (h, w, 4) uint8, which is copied, and (2, n) float32. Waits while as many
        wait as may. Raises Closed."""
        self._changed.wait_until(lambda: len(self._queue) < _PICTURES or self.is_over)
        self._check_open()
        try:
            copy = self._spare.popleft()
        except IndexError:
            copy = np.empty_like(picture, order="C", subok=False)
        np.copyto(copy, picture)
        # In one step: whoever writes meanwhile, or breaks this off, parts no picture from its sound.
        self._queue.append(frame := Frame(copy, sound))
        self._changed.ring()
        if self._is_too_late(frame):
            self._check_open()

    @property
    def refusal(self) -> NotWritable | None:
        """The failure, in a sentence."""
        if self.failure is None:
            return None
        return (
            NotWritable(f"{self.told_as}: {self._short}")
            if self._short
            else unwritable(self.told_as, self.failure)
        )

    @property
    def is_over(self) -> bool:
        """Whether nothing more is encoded: it was told to end, has ended, or never begun in this process."""
        return not self.thread.runs or None in self._queue

    def _check_open(self) -> None:
        if self.is_over:
            raise Closed(f"{self.told_as}: the video file is closed.")

    def _is_too_late(self, frame: Frame) -> bool:
        """Whether it was told to end before a frame came, which is left in the queue then."""
        queue = list(self._queue)
        return None in queue and any(one is frame for one in queue[queue.index(None) :])

    def _opened(self, size: Size, rate: FrameRate) -> Encoder:
        try:
            return Encoder(self._part.path, size, rate, self._chosen)
        except NotTaken as error:
            raise NotWritable(
                f"{self.told_as}: the encoders {' and '.join(self._chosen.codecs)} do not take "
                f"{size.width}x{size.height} at {rate} fps ({error}); choose another size, rate or suffix."
            ) from error
        except OSError as error:
            raise unwritable(self.told_as, error) from error

    def _room_apart(self, size: Size, rate: FrameRate) -> EncoderApart | None:
        """A process that is to encode beside frames that must not be late; None where there can be none."""
        if not self._chosen.live or not can_work_apart():
            return None
        with suppress(OSError):  # there is no memory for its pictures
            return EncoderApart(self._part.path, size, rate, self._chosen, _PICTURES)
        return None

    def end(self, keep: bool) -> None:
        """Have it finish: `keep` the file, or remove it. May be done twice. Does not wait: `thread` does."""
        self.keep = keep
        self._queue.append(None)
        self._changed.ring()

    def end_at_exit(self) -> None:
        """The program ends: where the file is to be kept, wait until it is whole."""
        if self.thread.runs and self.kept_if_dropped:
            self.end(True)
        if self.thread.runs and self.keep and self.is_over:
            self.thread.wait()

    def _run(self) -> None:
        """Take frames from the queue until None; after a failure keep emptying it, so that nobody waits."""
        if self._chosen.live:
            # Here, and not earlier: a process has the priority of the thread that begins it, as the threads
            # have that an encoder makes with the first picture, and whoever records may be ahead.
            step_behind()
        # Of a start that Ctrl-C broke off the memory is gone: nothing of it is kept, and no process needed.
        if self._apart is not None and self.keep and self._apart.begin():
            with suppress(Exception):  # nothing is written by it
                self.encoder.drop()
            self.encoder = self._apart
        while (frame := self._next()) is not None:
            try:
                if self.failure is None:
                    self.encoder.encode(frame)
                    self._has_frames = True
            except Exception as error:
                self._fail(error)
            finally:
                self._spare.append(frame.pixels)
                self._queue.popleft()
                self._changed.ring()
        if self._is_kept:
            try:
                self.encoder.flush()
            except Exception as error:
                self._fail(error)
        self._finish()
        atexit.unregister(self.end_at_exit)

    def _fail(self, error: Exception) -> None:
        self.failure = error
        if isinstance(error, EncoderGone):
            self._short = f"{error}, as where memory is short; record it anew."
        elif not isinstance(error, OSError) or error.errno not in _OF_DISKS:
            self._short = too_few_to_encode()

    def _next(self) -> Frame | None:
        """The next frame, which stays in the queue; None at the end."""
        self._changed.wait_until(lambda: bool(self._queue))
        return self._queue[0]

    @property
    def _is_kept(self) -> bool:
        return self._has_frames and self.keep and self.failure is None

    def _finish(self) -> None:
        """Close the container and give the file its name, or remove it. On this thread, which Ctrl-C does not
        reach."""
        try:
            if self._is_kept:
                self.encoder.close()
                self._part.keep()
            else:
                self.encoder.drop()
        except Exception as error:
            self.failure = self.failure or error
        if self._apart is not None:
            self._apart.drop()
        self._part.discard()
