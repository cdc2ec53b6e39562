"""A stage's frames and sound as a stream: to a service, a player, a web server's folder, or a program.

Each outlet has a thread and a queue of its own. One that is slow drops pictures for itself, which is counted,
and makes nobody wait; one that breaks off is opened again.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, Protocol

import av
import numpy as np

from mien.clock import SAMPLE_RATE, FrameRate
from mien.errors import ScriptError
from mien.messages import printable, quoted
from mien.serve.frames import Frames, Shown
from mien.serve.steady import Samples, Steady
from mien.stage.encoders import encoder_for
from mien.thread_priority import step_behind
from mien.threads import start_thread
from mien.types import U8, Size

_FORMATS: Final = {"rtmp": "flv", "rtmps": "flv", "srt": "mpegts", "udp": "mpegts", "tcp": "mpegts"}
"""Containers by the scheme of an address."""
_HLS: Final = {"hls_time": "2", "hls_list_size": "6", "hls_flags": "delete_segments+temp_file"}
_X264: Final = {"preset": "superfast", "tune": "zerolatency", "crf": "20", "maxrate": "6M", "bufsize": "6M"}
_KEY_S: Final = 2
"""Seconds from one whole picture to the next: what services ask for."""
_BLOCK: Final = 1024
"""Samples that AAC takes at a time."""
_MOST_PICTURES: Final = 4
"""Pictures that wait to be encoded; more are dropped."""
_MOST_SOUNDS: Final = 470
"""Pieces of sound that wait, 10 s."""
_AGAIN_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds until an outlet that broke off is opened again: the first time, the second..."""
_TIME_BASE: Final = Fraction(1, SAMPLE_RATE)


class Kind(NamedTuple):
    """What an outlet's address asks for."""

    container: str
    """Of FFmpeg; "": raw pictures."""
    told_as: str
    """The address without what is secret in it."""


def kind_of(address: str) -> Kind:
    """Raises ScriptError for what is no outlet, or one that this FFmpeg does not know."""
    scheme, _, rest = address.partition("://")
    if rest:
        if scheme not in _FORMATS:
            known = ", ".join(f"{name}://" for name in _FORMATS)
            raise ScriptError(f"{quoted(address)} is no outlet: give {known} or a file as live.m3u8, or -.")
        # What comes behind the host is often a key.
        return Kind(_FORMATS[scheme], f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}")
    if address.endswith(".m3u8"):
        return Kind("hls", address)
    if address == "-" or address.endswith(".rgba") or Path(address).is_fifo():
        return Kind("", "standard output" if address == "-" else address)
    raise ScriptError(
        f"{quoted(address)} is no outlet: give an address as rtmp://host/app/key, a file as live.m3u8, or "
        "for raw pictures a name as frames.rgba, a pipe, or -."
    )


class _Writing(Protocol):
    def picture(self, at: int, pixels: U8) -> None:
        """(h, w, 4) uint8 RGBA, premultiplied, shown at a sample."""

    def sound(self, start: int, block: Samples) -> None:
        """Sound from a sample on."""

    def close(self) -> None:
        """All that was written is sent."""


class Outlet:
    """One stream. Parameters: `address`, as `kind_of` takes it; `size` and `rate` of the frames; `told`,
    called by the outlet's thread with a sentence when it breaks off. Raises ScriptError."""

    def __init__(self, address: str, size: Size, rate: FrameRate, told: Callable[[str], object]) -> None:
        self.kind: Final = kind_of(address)
        if self.kind.container and (size.width % 2 or size.height % 2):
            raise ScriptError(f"{size.width}x{size.height}: video needs an even width and height.")
        self._address, self._size, self._rate, self._told = address, size, rate, told
        self.pictures = 0
        """That were written."""
        self.pictures_dropped = 0
        """That came while as many waited as may, or while it was not open."""
        self._steady = Steady(rate, _BLOCK)
        self._news = threading.Condition()
        self._pictures: deque[tuple[int, U8]] = deque()
        self._sounds: deque[tuple[int, Samples]] = deque(maxlen=_MOST_SOUNDS)
        self._spare: deque[U8] = deque(maxlen=_MOST_PICTURES)
        self._open = self._over = False
        self._frames: Frames | None = None
        self._thread = threading.Thread(target=self._run, name="mien-outlet", daemon=True)

    def begin(self, frames: Frames) -> None:
        """Send from now on."""
        self._frames = frames
        start_thread(self._thread)
        frames.add(self)

    def end(self, timeout_s: float = 5.0) -> None:
        """No more; what waits is sent, as far as that goes in its time. Idempotent."""
        if self._frames is not None:
            self._frames.remove(self)
        with self._news:
            self._over = True
            self._news.notify()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def show(self, shown: Shown) -> None:
        """A frame, on the stage's thread, which does not wait."""
        with self._news:  # which is held for a moment at a time
            if not self._open or self._over:
                self.pictures_dropped += 1
                return
            at, blocks = self._steady.take(shown)
            self._sounds.extend(blocks)
            if len(self._pictures) >= _MOST_PICTURES:
                self.pictures_dropped += 1
            else:
                copy = self._spare.popleft() if self._spare else np.empty_like(shown.picture)
                np.copyto(copy, shown.picture)
                self._pictures.append((at, copy))
            self._news.notify()

    # -- on its thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        step_behind()
        failed = 0
        while not self._over:
            before = self.pictures
            try:
                self._send()
            except (OSError, ValueError, av.FFmpegError) as error:
                failed = 0 if self.pictures > before + 100 else failed
                wait_s = _AGAIN_S[min(failed, len(_AGAIN_S) - 1)]
                failed += 1
                why = printable(getattr(error, "strerror", None) or str(error), 200)
                self._told(f"{self.kind.told_as}: the stream broke off ({why}); again in {wait_s:g} s.")
                with self._news:
                    self._open = False
                    self._pictures.clear()
                    self._sounds.clear()
                    self._steady.restart()
                    self._news.wait_for(lambda: self._over, wait_s)

    def _send(self) -> None:
        """Until it is over. Raises what writing raises."""
        writing = self._opened()
        try:
            with self._news:
                self._open = True
            while True:
                with self._news:
                    self._news.wait_for(lambda: self._pictures or self._sounds or self._over)
                    picture = self._pictures.popleft() if self._pictures else None
                    sounds = list(self._sounds)
                    self._sounds.clear()
                    if picture is None and not sounds:
                        return  # it is over, and all is written
                for start, block in sounds:
                    writing.sound(start, block)
                if picture is not None:
                    writing.picture(*picture)
                    self.pictures += 1
                    self._spare.append(picture[1])
        finally:
            writing.close()

    def _opened(self) -> _Writing:
        if not self.kind.container:
            return _Raw(self._address)
        return _Stream(self._address, self.kind.container, self._size, self._rate)


class _Raw:
    """Pictures behind each other, (h, w, 4) uint8 each; no sound."""

    def __init__(self, address: str) -> None:
        if address == "-":
            self._file: IO[bytes] = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
        else:
            self._file = Path(address).open("wb", buffering=0)  # noqa: SIM115 - closed by `close`

    def picture(self, at: int, pixels: U8) -> None:
        """Write it."""
        left = pixels.data.cast("B")
        while left:
            left = left[self._file.write(left) :]

    def sound(self, start: int, block: Samples) -> None:
        """Is left out."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Stream:
    """Encoded, in a container of FFmpeg's."""

    def __init__(self, address: str, container: str, size: Size, rate: FrameRate) -> None:
        options = _HLS if container == "hls" else {}
        self._container: Any = av.open(address, "w", format=container, options=options)
        encoder = encoder_for(".mp4", "video") or "mpeg4"
        exact = Fraction(rate.exact)
        video: Any = self._container.add_stream(encoder, rate=exact)
        video.width, video.height, video.pix_fmt = size.width, size.height, "yuv420p"
        video.codec_context.time_base = _TIME_BASE
        video.codec_context.gop_size = max(1, round(_KEY_S * float(exact)))
        if encoder == "libx264":
            video.options = _X264
        self._video = video
        self._audio: Any = self._container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        self._container.start_encoding()  # connects

    def picture(self, at: int, pixels: U8) -> None:
        """Encode it, over black."""
        frame = av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(format="yuv420p")
        frame.pts, frame.time_base = at, _TIME_BASE
        for packet in self._video.encode(frame):
            self._container.mux(packet)

    def sound(self, start: int, block: Samples) -> None:
        """Encode it."""
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, _TIME_BASE
        for packet in self._audio.encode(frame):
            self._container.mux(packet)

    def close(self) -> None:
        """What the encoders hold is sent."""
        try:
            for stream in (self._video, self._audio):
                for packet in stream.encode(None):
                    self._container.mux(packet)
        finally:
            self._container.close()
