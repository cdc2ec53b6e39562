"""The encoder of a video file, on a thread of its own."""

from __future__ import annotations

import atexit
import errno
from collections import deque
from contextlib import suppress
from fractions import Fraction
from typing import Any, Final, NamedTuple, cast

import av
import numpy as np

from mien.clock import SAMPLE_RATE, FrameRate
from mien.errors import Closed, NoThreads, NotWritable
from mien.interrupts import Bell, RejoinableThread
from mien.part_file import PartFile
from mien.stage.encoder_pictures import Pictures
from mien.stage.encoders import MOST_GIF_FPS, Chosen
from mien.thread_priority import step_behind
from mien.threads import NO_THREADS, start_thread, too_few_to_encode
from mien.types import F32, U8, Size
from mien.writable import unwritable

_PICTURES: Final = 4
"""Frames that wait to be encoded, or are: whoever draws faster waits for one to be done."""
_OF_DISKS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


_BT709: Final = (("color_range", 1), ("colorspace", 1), ("color_primaries", 1), ("color_trc", 1))
"""With limited range."""


class Frame(NamedTuple):
    """A frame on its way to the encoder: a picture, with its sound."""

    pixels: U8
    """(h, w, 4) uint8, a copy of the encoder's own."""
    sound: F32
    """(2, n) float32, C-contiguous, in -1..1."""


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
        self._every = max(1, -(-rate.exact // MOST_GIF_FPS)) if chosen.pix_fmt == "pal8" else 1
        self._interval = self._every / rate.exact
        self._frames = self._samples = 0
        self._queue: deque[Frame | None] = deque()
        """Frames in the order in which they are encoded, the first of them meanwhile; None ends it, and
        stays."""
        self._spare: deque[U8] = deque(maxlen=_PICTURES)
        """(h, w, 4) uint8 each, to be written into: fresh memory costs more than the copy."""
        self._changed = Bell()
        self.thread = RejoinableThread(self._run, "mien-encode")
        try:
            self._open_container(size, rate)
        except BaseException:
            part.discard()
            raise

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

    def _open_container(self, size: Size, rate: FrameRate) -> None:
        path = self._part.path
        try:
            # With its protocol, or FFmpeg takes what is before a colon in a folder's name for one.
            self._container: Any = av.open(
                f"file:{path}",
                "w",
                options={"movflags": "+faststart"} if path.suffix in (".mp4", ".m4v", ".mov") else {},
            )
        except OSError as error:
            raise unwritable(self.told_as, error) from error
        try:
            self._add_streams(size, rate)
        except BaseException as error:
            with suppress(Exception):
                self._container.close()
            if not isinstance(error, OSError | ValueError):
                raise
            raise NotWritable(
                f"{self.told_as}: the encoders {' and '.join(self._chosen.codecs)} do not take "
                f"{size.width}x{size.height} at {rate} fps ({error}); choose another size, rate or suffix."
            ) from error

    def _add_streams(self, size: Size, rate: FrameRate) -> None:
        video = self._chosen.codecs[0]
        # PyAV types a stream by the literal name of its codec; here the name is chosen.
        self._video: Any = cast(Any, self._container).add_stream(
            video,
            rate=rate.exact / self._every,
            options=self._chosen.options,
        )
        self._video.width, self._video.height = size
        self._video.pix_fmt = self._chosen.pix_fmt
        self._video.codec_context.time_base = self._interval
        self._video.codec_context.gop_size = max(1, rate.frames(2.0))
        if self._chosen.pix_fmt.startswith("yuv"):
            for name, value in _BT709:
                setattr(self._video.codec_context, name, value)
        self._audio: Any = None
        for audio in self._chosen.codecs[1:]:
            self._audio = cast(Any, self._container).add_stream(audio, rate=SAMPLE_RATE, layout="stereo")
            self._audio.bit_rate = 160_000

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
            # Here, and not earlier: the encoder makes its threads with the first picture, of this one's
            # priority, and whoever records may be ahead.
            step_behind()
        pictures = Pictures(self._chosen.pix_fmt)
        while (frame := self._next()) is not None:
            try:
                if self.failure is None:
                    self._encode(pictures, frame)
            except Exception as error:
                self._fail(error)
            finally:
                self._spare.append(frame.pixels)
                self._queue.popleft()
                self._changed.ring()
        if self._frames and self.keep and self.failure is None:
            try:
                for stream in (self._video, self._audio):
                    if stream is not None:
                        self._container.mux(stream.encode(None))
            except Exception as error:
                self._fail(error)
        self._finish()
        atexit.unregister(self.end_at_exit)

    def _fail(self, error: Exception) -> None:
        self.failure = error
        if not isinstance(error, OSError) or error.errno not in _OF_DISKS:
            self._short = too_few_to_encode()

    def _next(self) -> Frame | None:
        """The next frame, which stays in the queue; None at the end."""
        self._changed.wait_until(lambda: bool(self._queue))
        return self._queue[0]

    def _encode(self, pictures: Pictures, frame: Frame) -> None:
        if self._frames % self._every == 0:
            picture = pictures.frame(frame.pixels)
            picture.pts, picture.time_base = self._frames // self._every, self._interval
            self._container.mux(self._video.encode(picture))
        self._frames += 1
        if frame.sound.size and self._audio is not None:
            block: Any = av.AudioFrame.from_ndarray(frame.sound, format="fltp", layout="stereo")
            block.sample_rate, block.time_base = SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
            block.pts = self._samples
            self._samples += frame.sound.shape[1]
            self._container.mux(self._audio.encode(block))

    def _finish(self) -> None:
        """Close the container and give the file its name, or remove it. On this thread, which Ctrl-C does not
        reach."""
        try:
            self._container.close()
            if self.keep and self.failure is None and self._frames:
                self._part.keep()
        except Exception as error:
            self.failure = self.failure or error
        self._part.discard()
