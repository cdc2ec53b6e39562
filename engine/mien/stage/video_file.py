"""A surface that is a video file: pictures and sound, encoded on a thread of their own."""

from __future__ import annotations

import warnings
import weakref
from functools import partial
from pathlib import Path
from threading import current_thread, main_thread
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from mien.arguments import choice_of, path_of, refuse, sides_of
from mien.audio.feeds import MAX_AMPLITUDE
from mien.clock import FrameRate
from mien.errors import Closed, NotWritable, ScriptError
from mien.interrupts import defer_interrupts
from mien.messages import shown_path
from mien.part_file import PartFile
from mien.stage.encoders import (
    BY_SUFFIX,
    DEFAULT_PRESET,
    PRESETS,
    SUFFIXES,
    WITH_ALPHA,
    WITH_PRESETS,
    Chosen,
    encoder_for,
)
from mien.stage.options import MOST_SIDE
from mien.types import F32, U8
from mien.writable import check_suffix, check_writable

if TYPE_CHECKING:
    from mien.stage.encoding import Encoding


class VideoFile:
    """Writes frames and sound to `path`; the suffix chooses container and codecs.

    A context manager. The file appears under its name when the context is left, also after Ctrl-C (then
    with what was written so far; at the latest when the program ends, where that broke off the leaving);
    until then an older file of that name is untouched. After any other error nothing is left behind. Of
    several that are written to one name at a time, the last to finish stays.

    Parameters: `size`, width and height in pixels, both even but for .apng and .gif; `fps` frames per second;
    `preset` of H.264, one of PRESETS, None for the default; `alpha`: what is transparent stays so, in .webm,
    .apng and .gif (there wholly or not at all). Those two are silent; of more than 25 frames a second a GIF
    has every second or third. `live`: for who writes beside frames that must not be late: encoded by a
    process of its own that has what no other wants of the cores (on Linux), or by threads behind all others
    where none can be had, with the encoders' quickest settings. Raises NotWritable.
    """

    def __init__(
        self,
        path: str | Path,
        size: tuple[int, int],
        fps: FrameRate | float | str,
        *,
        preset: str | None = None,
        alpha: bool = False,
        live: bool = False,
    ) -> None:
        path, rate = path_of("path", path, "a name for the video"), FrameRate.of(fps)
        size = sides_of("size", size, 2, MOST_SIDE, f"width and height, each from 2 to {MOST_SIDE} pixels")
        suffix = path.suffix.lower()
        check_writable(path)
        check_suffix(path, SUFFIXES, "a video")
        for name, flag in (("alpha", alpha), ("live", live)):
            if not isinstance(flag, bool):
                refuse(name, flag, "True or False")
        wanted = BY_SUFFIX[suffix]
        if alpha and not wanted.alpha:
            raise NotWritable(
                f"{shown_path(path)}: {suffix} has no alpha; end the name with {' or '.join(WITH_ALPHA)}."
            )
        if wanted.plain == "yuv420p" and (size.width % 2 or size.height % 2):
            raise NotWritable(
                f"{size.width}x{size.height}: video needs an even width and height; "
                f"use {size.width + size.width % 2}x{size.height + size.height % 2}."
            )
        video, audio = encoder_for(suffix, "video"), encoder_for(suffix, "audio") if wanted.audio else ""
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
        self.codecs = (video, audio) if audio else (video,)
        """Names of the encoders of picture and, unless these files are silent, of sound."""
        self._preset = choice_of("preset", DEFAULT_PRESET if preset is None else preset, PRESETS)
        self._shape = (size.height, size.width, 4)
        from mien.stage.encoding import Encoding  # FFmpeg's library, as in `encoders`

        self._part = PartFile(path, suffix)
        try:
            self._encoding = Encoding(
                self._told_as,
                self._part,
                size,
                rate,
                Chosen(self.codecs, wanted.alpha if alpha else wanted.plain, self._preset, live),
            )
        except BaseException:  # or Ctrl-C, and somebody keeps the traceback
            self._part.discard()
            raise
        self._open = True
        # Before its thread begins, which Ctrl-C may break off.
        self._dropped = weakref.finalize(self, _dropped, self._encoding)
        # At the end of the program the part file goes by itself.
        self._dropped.atexit = False
        self._encoding.start()

    def write(self, picture: U8, sound: F32) -> None:
        """Add one frame and the sound that belongs to it.

        `picture` is (h, w, 4) uint8 RGBA, premultiplied, as stages hand it out; it is copied. Without alpha
        what is transparent is seen over black. `sound` is (n, 2) float32 in -1..1 at 48 kHz; what is beyond
        is cut. From any thread. Waits when the encoder is behind (an offline surface may). Raises Closed,
        NotWritable, and ScriptError for what is neither, then nothing of it is written.
        """
        if not self._open:
            raise Closed(f"{self._told_as}: the video file is closed.")
        self._check_encoder()
        if refusal := self._encoding.refusal:
            raise refusal
        if not isinstance(picture, np.ndarray):
            refuse("picture", picture, f"an array of {self._shape} uint8")
        if picture.shape != self._shape or picture.dtype != np.uint8:
            raise ScriptError(f"picture is {picture.shape} {picture.dtype}: give one of {self._shape} uint8.")
        self._encoding.write(picture, _copied(sound))

    def __enter__(self) -> VideoFile:
        # Ctrl-C, which comes on the main thread, may break off `__exit__` before its first line.
        self._encoding.kept_if_dropped = current_thread() is main_thread()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        keep = error is None or isinstance(error, KeyboardInterrupt)
        self._encoding.kept_if_dropped &= keep
        self.close(keep=keep)

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
        interrupted = defer_interrupts(partial(self._end, keep), self._encoding.thread.wait)
        if keep and (refusal := self._encoding.refusal):
            raise refusal from (interrupted or self._encoding.failure)
        if interrupted:
            raise interrupted

    def _end(self, keep: bool) -> None:
        """Have the encoder finish. May be done twice."""
        self._open = False
        self._encoding.end(keep)
        self._dropped.detach()

    def _check_encoder(self) -> None:
        if self._encoding.thread.elsewhere:  # nobody would take what is written
            raise Closed(
                f"{self._told_as}: this process was forked off the one that writes the video; write it there."
            )
        if not self._encoding.thread.runs:  # a handler of a signal has closed it
            raise Closed(f"{self._told_as}: the video file is closed.")


def _copied(sound: F32) -> F32:
    """Sound as the encoder takes it, (2, n) in -1..1. Raises ScriptError for what would end the file."""
    if not isinstance(sound, np.ndarray):
        refuse("sound", sound, "an array of (n, 2) float32")
    if sound.ndim != 2 or sound.shape[1] != 2 or sound.dtype != np.float32:
        raise ScriptError(f"sound is {sound.shape} {sound.dtype}: give one of (n, 2) float32.")
    # A copy, also of what a mask hides: what is looked at is what is written, whoever writes into it.
    copy = np.array(sound.T, np.float32, order="C", copy=True, subok=False)
    if not max(copy.max(initial=0), -copy.min(initial=0)) <= MAX_AMPLITUDE:  # NaN is not
        raise ScriptError("sound holds NaN, infinity or peaks above 8: give samples in -1..1.")
    return np.clip(copy, -1.0, 1.0, out=copy)


def _dropped(encoding: Encoding) -> None:
    """Nobody can reach the file any more: what was written goes, unless Ctrl-C broke off the end of its
    block."""
    if encoding.thread.elsewhere:
        return
    encoding.end(encoding.kept_if_dropped)
    if encoding.thread.runs and not encoding.keep:
        warnings.warn(
            f"{encoding.told_as}: a VideoFile was dropped, and what was written is removed: use it in a "
            "`with` block, or call close()",
            ResourceWarning,
            stacklevel=2,
        )
