"""A surface that is a video file: pictures and sound, encoded on a thread of their own."""

from __future__ import annotations

import queue
from contextlib import suppress
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, cast

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from mien.arguments import choice_of, path_of, sides_of
from mien.clock import SAMPLE_RATE, FrameRate
from mien.errors import Closed, NotWritable, ScriptError
from mien.interrupts import RejoinableThread, defer_interrupts
from mien.messages import shown_path
from mien.part_file import PartFile
from mien.stage.encoders import (
    DEFAULT_PRESET,
    PRESETS,
    SUFFIXES,
    WITH_PRESETS,
    encoder_for,
    options_of,
)
from mien.stage.options import MOST_SIDE
from mien.types import F32, U8, Size
from mien.writable import check_suffix, check_writable, unwritable

_PICTURES: Final = 4
"""Copies of frames that wait to be encoded, or are: whoever draws faster waits for one to be free."""
# BT.709, limited range. Divided among threads this costs more than it gains.
_TO_YUV: Final = {"format": "yuv420p", "dst_colorspace": "ITU709", "dst_color_range": "MPEG", "threads": 1}


class _Picture(NamedTuple):
    """A frame on its way to the encoder."""

    pts: int
    pixels: U8
    """(h, w, 4) uint8; given back to the file when it has been converted."""


class VideoFile:
    """Writes frames and sound to `path`; the suffix chooses container and codecs.

    A context manager. The file appears under its name when the context is left, also after Ctrl-C (then
    with what was written so far); until then an older file of that name is untouched. After any other
    error nothing is left behind. Of several that are written to one name at a time, the last to finish stays.

    Parameters: `size`, width and height in pixels, both even; `fps` frames per second; `preset` of H.264, one
    of PRESETS, None for the default. Raises NotWritable.
    """

    def __init__(
        self,
        path: str | Path,
        size: tuple[int, int],
        fps: FrameRate | float | str,
        *,
        preset: str | None = None,
    ) -> None:
        path, rate = path_of("path", path, "a name for the video"), FrameRate.of(fps)
        size = sides_of("size", size, 2, MOST_SIDE, f"width and height, each from 2 to {MOST_SIDE} pixels")
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
        if preset is not None and video != WITH_PRESETS:
            raise NotWritable(
                f"{shown_path(path)}: presets are of H.264, and {suffix} is written with {video}; leave the "
                "preset out, or end the name with .mp4."
            )
        self.path = path
        self._told_as = shown_path(path)
        self.codecs = (video, audio)
        """Names of the encoders of picture and sound."""
        self._preset = choice_of("preset", DEFAULT_PRESET if preset is None else preset, PRESETS)
        self._interval = 1 / rate.exact
        self._part = PartFile(path, suffix)
        try:
            self._open_container(size, rate, suffix)
        except BaseException:
            self._part.discard()
            raise
        self._frames = 0
        self._samples = 0
        # Sound goes with its picture: who holds back pictures holds back both.
        self._queue: queue.SimpleQueue[_Picture | Any | None] = queue.SimpleQueue()
        self._free: queue.SimpleQueue[U8] = queue.SimpleQueue()
        for _ in range(_PICTURES):
            self._free.put(np.zeros((size.height, size.width, 4), np.uint8))
        self._shape = (size.height, size.width, 4)
        self._failure: BaseException | None = None
        self._thread = RejoinableThread(partial(_encode, self), "mien-encode")
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
            video, rate=rate.exact, options=options_of(video, self._preset)
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
        self._check_encoder()
        if self._failure:
            raise unwritable(self._told_as, self._failure)
        if picture.shape != self._shape or picture.dtype != np.uint8:
            raise ScriptError(f"picture is {picture.shape} {picture.dtype}: give one of {self._shape} uint8.")
        copy = self._free.get()
        try:
            np.copyto(copy, picture)
        except BaseException:
            self._free.put(copy)
            raise
        self._queue.put(_Picture(self._frames, copy))
        self._frames += 1
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
        Raises NotWritable; Closed in a process that was forked off.
        """
        if not self._open:
            return
        if keep:
            self._check_encoder()
        # Nothing before it: who is interrupted here closes once more.
        interrupted = defer_interrupts(partial(self._end, keep), self._thread.wait)
        if keep and self._failure:
            raise unwritable(self._told_as, self._failure) from interrupted
        if interrupted:
            raise interrupted

    def _end(self, keep: bool) -> None:
        """Have the encoder's thread finish. May be done twice: the thread stops at the first None, and what
        is behind that goes with the queue."""
        self._open, self._keep = False, keep
        self._queue.put(None)

    def _check_encoder(self) -> None:
        if not self._thread.runs:  # as no thread is behind a fork: nobody would take what is written
            raise Closed(
                f"{self._told_as}: this process was forked off the one that writes the video; write it there."
            )

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
    # Kept: each one made anew sets its tables up anew.
    reformatter = VideoReformatter()
    while (item := file._queue.get()) is not None:
        try:
            if file._failure is None and isinstance(item, _Picture):
                file._container.mux(file._video.encode(_yuv(reformatter, item, file._interval)))
            elif file._failure is None:
                file._container.mux(file._audio.encode(item))
        except Exception as error:
            file._failure = error
        finally:
            if isinstance(item, _Picture):
                file._free.put(item.pixels)
    if file._frames and file._failure is None:
        try:
            for stream in (file._video, file._audio):
                file._container.mux(stream.encode(None))
        except Exception as error:
            file._failure = error
    file._finish()


def _yuv(reformatter: Any, picture: _Picture, interval: Fraction) -> Any:
    """A frame as encoders take it, in memory of its own."""
    frame: Any = av.VideoFrame.from_numpy_buffer(picture.pixels, format="rgba")
    converted = reformatter.reformat(frame, **_TO_YUV)
    converted.pts, converted.time_base = picture.pts, interval
    return converted
