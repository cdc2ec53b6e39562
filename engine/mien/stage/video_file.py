"""A surface that is a video file: pictures and sound, encoded on a thread of their own."""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, cast

import av
import numpy as np

from mien.clock import SAMPLE_RATE, FrameRate
from mien.errors import Closed, NotWritable
from mien.interrupts import held_back
from mien.messages import shown_path
from mien.part_file import PartFile
from mien.types import F32, U8, Size
from mien.writable import check_suffix, check_writable, unwritable

_QUEUE_FRAMES = 6


class _Encoders(NamedTuple):
    video: tuple[str, ...]
    audio: tuple[str, ...]


# First choice first: what every player opens, then what every FFmpeg build has.
_BY_SUFFIX: Final = {
    ".mp4": _Encoders(("libx264", "libopenh264", "mpeg4"), ("aac",)),
    ".m4v": _Encoders(("libx264", "libopenh264", "mpeg4"), ("aac",)),
    ".mov": _Encoders(("libx264", "libopenh264", "mpeg4"), ("aac",)),
    ".mkv": _Encoders(("libx264", "libopenh264", "mpeg4"), ("aac", "libopus", "opus")),
    ".webm": _Encoders(("libvpx-vp9", "libvpx"), ("libopus", "opus")),
}
_OPTIONS: Final = {
    # Drawn art has flat fills and sharp lines: `animation` tuning and a low crf keep both.
    "libx264": {"preset": "veryfast", "crf": "17", "tune": "animation"},
    "libopenh264": {"rc_mode": "quality"},
    "mpeg4": {"q": "3"},
    "libvpx-vp9": {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1"},
    "libvpx": {"crf": "10", "deadline": "realtime"},
}
SUFFIXES: Final = tuple(_BY_SUFFIX)


def encoder_for(suffix: str, kind: str) -> str | None:
    """The encoder that would be used for `video` or `audio` in files of this suffix, if there is one."""
    wanted = _BY_SUFFIX[suffix]
    names = wanted.video if kind == "video" else wanted.audio
    return next((name for name in names if _can_encode(name)), None)


def _can_encode(name: str) -> bool:
    try:
        return bool(av.Codec(name, "w"))
    except ValueError:
        return False


class VideoFile:
    """Writes frames and sound to `path`; the suffix chooses container and codecs.

    A context manager. The file appears under its name when the context is left, also after Ctrl-C (then
    with what was written so far); until then an older file of that name is untouched. After any other
    error nothing is left behind. Of several that are written to one name at a time, the last to finish stays.

    Parameters: `size` in pixels, both even; `fps` frames per second. Raises NotWritable.
    """

    def __init__(self, path: Path, size: Size, fps: FrameRate | int) -> None:
        rate = FrameRate.of(fps)
        suffix = path.suffix.lower()
        check_writable(path)
        check_suffix(path, SUFFIXES, "a video")
        if size.width % 2 or size.height % 2:
            raise NotWritable(
                f"{size.width}x{size.height}: video needs an even width and height; "
                f"use {size.width + size.width % 2}x{size.height + size.height % 2}."
            )
        video, audio = encoder_for(suffix, "video"), encoder_for(suffix, "audio")
        if video is None or audio is None:
            raise NotWritable(
                f"{shown_path(path)}: PyAV here has no encoder for {suffix}; try .mp4, or see `mien doctor`."
            )
        self.path = path
        self._told_as = shown_path(path)
        self.codecs = (video, audio)
        self._interval = 1 / rate.exact
        self._part = PartFile(path, suffix)
        try:
            self._open_container(size, rate, suffix)
        except BaseException:
            self._part.discard()
            raise
        self._frames = 0
        self._samples = 0
        self._queue: queue.Queue[Any] = queue.Queue(_QUEUE_FRAMES)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=_encode, args=(self,), name="mien-encode", daemon=True)
        self._open, self._keep = True, True
        self._thread.start()

    def _open_container(self, size: Size, rate: FrameRate, suffix: str) -> None:
        try:
            # With its protocol, or FFmpeg takes what is before a colon in a folder's name for one.
            self._container: Any = av.open(
                f"file:{self._part.path}",
                "w",
                options={"movflags": "+faststart"} if suffix in (".mp4", ".m4v", ".mov") else {},
            )
        except OSError as error:
            raise unwritable(self._told_as, error) from error
        try:
            self._add_streams(size, rate)
        except BaseException as error:
            with suppress(Exception):
                self._container.close()
            if not isinstance(error, OSError | ValueError):
                raise
            raise NotWritable(
                f"{self._told_as}: the encoders {' and '.join(self.codecs)} do not take "
                f"{size.width}x{size.height} at {rate} fps ({error}); choose another size, rate or suffix."
            ) from error

    def _add_streams(self, size: Size, rate: FrameRate) -> None:
        video, audio = self.codecs
        # PyAV types a stream by the literal name of its codec; here the name is chosen.
        self._video: Any = cast(Any, self._container).add_stream(
            video, rate=rate.exact, options=_OPTIONS.get(video, {})
        )
        self._video.width, self._video.height = size
        self._video.pix_fmt = "yuv420p"
        self._video.codec_context.time_base = self._interval
        self._video.codec_context.gop_size = max(1, rate.frames(2.0))
        for name, value in (("color_range", 1), ("colorspace", 1), ("color_primaries", 1), ("color_trc", 1)):
            setattr(self._video.codec_context, name, value)  # BT.709, limited range
        self._audio: Any = cast(Any, self._container).add_stream(audio, rate=SAMPLE_RATE, layout="stereo")
        self._audio.bit_rate = 160_000

    def write(self, picture: U8, sound: F32) -> None:
        """Add one frame and the sound that belongs to it.

        `picture` is (h, w, 4) uint8 RGBA, opaque; it is copied. `sound` is (n, 2) float32 in -1..1 at
        48 kHz. Waits when the encoder is behind (an offline surface may).
        """
        if not self._open:
            raise Closed(f"{self._told_as}: the video file is closed.")
        if self._failure:
            raise unwritable(self._told_as, self._failure)
        image: Any = av.VideoFrame.from_ndarray(picture, format="rgba")
        image.pts, image.time_base = self._frames, self._interval
        self._frames += 1
        self._queue.put(image)
        if len(sound):
            block: Any = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(sound.T), format="fltp", layout="stereo"
            )
            block.sample_rate = SAMPLE_RATE
            block.time_base = Fraction(1, SAMPLE_RATE)
            block.pts = self._samples
            self._samples += len(sound)
            self._queue.put(block)

    def __enter__(self) -> VideoFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(keep=error is None or isinstance(error, KeyboardInterrupt))

    def close(self, *, keep: bool = True) -> None:
        """Finish the file, or with `keep=False` remove it. Idempotent.

        Ctrl-C while it is finished is held back until the file is whole, then raised as KeyboardInterrupt.
        """
        if not self._open:
            return
        self._open = False
        self._keep = keep
        # Told twice does no harm: the encoder's thread stops at the first.
        interrupted = held_back(lambda: self._queue.put(None), self._thread.join)
        if keep and self._failure:
            raise unwritable(self._told_as, self._failure) from interrupted
        if interrupted:
            raise interrupted

    def _finish(self) -> None:
        """Close the container and give the file its name, or remove it. On the encoder's thread, which
        Ctrl-C does not reach."""
        try:
            self._container.close()
            if self._keep and self._failure is None and self._frames:
                self._part.keep()
        except Exception as error:
            self._failure = self._failure or error
        self._part.discard()


def _encode(file: VideoFile) -> None:
    """Take frames from the queue until None; after a failure keep emptying it, so that nobody waits."""
    to_yuv: Any = {"format": "yuv420p", "dst_colorspace": "ITU709", "dst_color_range": "MPEG"}
    while (item := file._queue.get()) is not None:
        if file._failure is None:
            try:
                if isinstance(item, av.VideoFrame):
                    frame: Any = item.reformat(**to_yuv)
                    frame.pts, frame.time_base = item.pts, item.time_base
                    packets = file._video.encode(frame)
                else:
                    packets = file._audio.encode(item)
                file._container.mux(packets)
            except Exception as error:
                file._failure = error
    if file._frames and file._failure is None:
        try:
            for stream in (file._video, file._audio):
                file._container.mux(stream.encode(None))
        except Exception as error:
            file._failure = error
    file._finish()
