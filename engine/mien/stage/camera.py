"""Stills and clips of a live stage's frames, read and written beside them."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import numpy as np

from mien.arguments import path_of
from mien.art.png_writing import png_of
from mien.audio import AudioSession
from mien.clock import SAMPLE_RATE, FrameRate
from mien.composite.gl import Compositor
from mien.errors import MienError, ScriptError
from mien.interrupts import HeldBack, RejoinableThread, defer_interrupts
from mien.messages import shown_path
from mien.part_file import write_whole
from mien.stage.encoders import WITH_ALPHA
from mien.stage.recorder import Recorder
from mien.stage.straight import straight
from mien.threads import start_thread
from mien.types import F32, U8, Size
from mien.writable import check_suffix, check_writable

_SILENCE: Final[F32] = np.zeros((0, 2), np.float32)
_LONGEST_NAME: Final = 80
_NO_NAME: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
"""What no file's name may hold on one system or another."""


class Dropped(Protocol):
    """Where it is counted what a clip had no room for."""

    dropped: int


@dataclass(slots=True)
class _Clip:
    """A clip, as long as something of it is to come."""

    recorder: Recorder
    sounded: int | None = None
    """The sample up to which it has its sound; None: it has no frame yet."""


class _Reading(NamedTuple):
    """A frame that was drawn, on its way to memory."""

    number: int
    at: int
    """The sample that it shows."""
    other: bool
    """It is another picture than the one before, or the first of its clip."""
    stills: list[Path]
    clip: _Clip | None
    """Which it is a frame of."""


class Camera:
    """Belongs to the thread of the frames: `look` before a frame is drawn, `drawn` after it.

    Parameters: `size`, `rate` of the frames; `alpha`: whether they are transparent somewhere; `title` begins
    the names of files; `dropped` counts.
    """

    def __init__(
        self,
        compositor: Compositor,
        audio: AudioSession,
        size: Size,
        rate: FrameRate,
        *,
        alpha: bool,
        title: str,
        dropped: Dropped,
    ) -> None:
        self._compositor, self._audio = compositor, audio
        self._size, self._rate, self._alpha = size, rate, alpha
        self.title = title
        """What the names of files begin with; to be set."""
        self._dropped = dropped
        self._stills: list[Path] = []
        """Of the next frame that is drawn exact."""
        self._writing: list[RejoinableThread] = []
        self._clip: _Clip | None = None
        """What is recorded."""
        self._stopped: list[_Clip] = []
        """Of which frames may be under way still, or are written."""
        self._under_way: deque[_Reading] = deque()
        """In the order in which they were begun."""
        self._number = 0
        self._named: deque[Path] = deque(maxlen=100)
        """Names that were given lately: their files may not be there yet."""
        self.said: deque[str] = deque()
        """What became of the files, a sentence each; from any thread."""

    @property
    def recording(self) -> Path | None:
        """The clip that is being recorded."""
        return None if self._clip is None else self._clip.recorder.path

    @property
    def writing(self) -> Path | None:
        """The newest clip that has ended and is not whole yet."""
        unfinished = (clip.recorder for clip in reversed(self._stopped) if not clip.recorder.ended)
        return next((recorder.path for recorder in unfinished), None)

    def still(self, path: str | Path | None) -> Path:
        """Have the next frame written as a PNG; where it goes. Raises NotWritable."""
        path = self._place(path, ".png")
        check_suffix(path, (".png",), "a picture")
        check_writable(path)
        self._stills.append(path)
        return path

    def record(self, path: str | Path | None, suffix: str) -> Path:
        """Begin a clip; where it goes. Raises ScriptError where one is being recorded, NotWritable."""
        if self._clip is not None:
            raise ScriptError(f"{shown_path(self._clip.recorder.path)} is being recorded: stop that first.")
        path = self._place(path, suffix)
        alpha = self._alpha and path.suffix.lower() in WITH_ALPHA
        self._clip = _Clip(Recorder(path, self._size, self._rate, alpha=alpha, done=self._done))
        return path

    def stop(self) -> None:
        """The clip ends with the last frame that was drawn. Does not wait. Idempotent."""
        clip, self._clip = self._clip, None
        if clip is not None:
            self._stopped = [one for one in self._stopped if not one.recorder.ended] + [clip]
            self._end_stopped()

    @property
    def wants_still(self) -> bool:
        """A still is wanted of the next frame that is exact."""
        return bool(self._stills)

    def look(self, *, wait: bool = False) -> bool:
        """A frame is about to be drawn: what was read of those before goes to whom it is for; with `wait` all
        of it. Whether it waited for a still, since what is not taken may become part of the next frame, which
        may have fewer pixels."""
        self._take(wait)
        waits = any(reading.stills for reading in self._under_way)
        if waits:
            self._take(wait=True)
        return waits

    def _take(self, wait: bool) -> None:
        if not self._under_way:
            return
        taken = self._compositor.take_read(wait=wait)
        if taken is None:
            return
        number, picture = taken
        while self._under_way and self._under_way[0].number <= number:
            reading = self._under_way.popleft()
            newest = reading.number == number
            for path in reading.stills:
                self._write(path, picture)
            if reading.clip is not None:
                self._record_one(reading.clip, reading.at, picture if newest and reading.other else None)
            if not newest and reading.other and self._under_way:  # it has become part of a newer one
                self._under_way[0] = self._under_way[0]._replace(other=True)
        self._end_stopped()

    def drawn(self, at: int, *, changed: bool, exact: bool = True) -> None:
        """A frame was drawn of sample `at`; `changed`: it is another than the one before; `exact`: with all
        its pixels, and nothing held. Else stills wait for `drawn_exact`."""
        if self._clip is not None and self._clip.recorder.ended:
            self.stop()
        clip = self._clip
        if clip is None and not (exact and self._stills):
            return
        other = changed
        if clip is not None and clip.sounded is None:
            clip.sounded, other = at, True
        self._read(at, clip, other=other, exact=exact)

    def drawn_exact(self, at: int) -> None:
        """The frame that was drawn last was drawn once more, exact, for stills: no clip shows that."""
        self._read(at, None, other=False, exact=True)

    def _read(self, at: int, clip: _Clip | None, *, other: bool, exact: bool) -> None:
        stills: list[Path] = []
        if exact:
            stills, self._stills = self._stills, stills
        self._number += 1
        self._under_way.append(_Reading(self._number, at, other, stills, clip))
        self._compositor.begin_read(self._number, merge=not stills)

    def close(self) -> None:
        """Wait until all is written, the last frames included. Ctrl-C meanwhile is held back until then, and
        raised as KeyboardInterrupt. Idempotent."""
        interrupted = defer_interrupts(self._take_rest, self._wait)
        if interrupted:
            raise interrupted

    def _take_rest(self) -> None:
        """What was drawn goes to whom it is for; what will not be drawn is told."""
        with HeldBack():
            try:
                self.look(wait=True)
            except MienError as error:  # as of a GPU that is gone: the stage is closed all the same
                self.said.append(str(error))
            self._under_way.clear()
            self.stop()
            self._end_stopped()
            for path in self._stills:
                self._done(path, f"{shown_path(path)} was not saved: no frame was shown after it was wanted.")
            self._stills = []

    def _wait(self) -> None:
        for clip in self._stopped:
            clip.recorder.wait()
        for thread in self._writing:
            thread.wait()

    def _end_stopped(self) -> None:
        """Clips end of which no frame is under way any more."""
        for clip in self._stopped:
            if not any(reading.clip is clip for reading in self._under_way):
                clip.recorder.end()

    def _record_one(self, clip: _Clip, at: int, picture: U8 | None) -> None:
        assert clip.sounded is not None, "as of all that have a frame"
        heard, sound = self._audio.position(), _SILENCE
        if heard > clip.sounded:
            sound = self._audio.between(clip.sounded, heard)
            clip.sounded = heard
        elif heard < clip.sounded - SAMPLE_RATE:  # the stage has gone back
            clip.sounded = heard
        before = clip.recorder.dropped
        clip.recorder.add(at, picture, sound)
        self._dropped.dropped += clip.recorder.dropped - before

    def _write(self, path: Path, picture: U8) -> None:
        copy = picture.copy()

        def write() -> None:
            try:
                write_whole(path, png_of(straight(copy, copy), (0, 0)))
            except MienError as error:
                self._done(path, str(error))
            else:
                self._done(path, "")

        self._writing = [one for one in self._writing if one.runs]
        thread = RejoinableThread(write, "mien-still")
        self._writing.append(thread)
        start_thread(thread)

    def _done(self, path: Path, wrong: str) -> None:
        self.said.append(wrong or f"saved {shown_path(path.absolute())}")

    def _place(self, path: str | Path | None, suffix: str) -> Path:
        if path is not None:
            return path_of("path", path, "a name for the file, or None for one by title and time")
        path = free_name(Path(), self.title, suffix, time.localtime(), self._named.copy())
        self._named.append(path)
        return path


def free_name(
    folder: Path, title: str, suffix: str, now: time.struct_time, given: Collection[Path] = ()
) -> Path:
    """A file in a folder, by title and time, that is not there yet, and none of those."""
    words = " ".join(_NO_NAME.sub(" ", title).split())
    title = words.strip(" .")[:_LONGEST_NAME].strip() or "Mien"
    stem = f"{title} {time.strftime('%Y-%m-%d %H.%M.%S', now)}"
    path, count = folder / f"{stem}{suffix}", 1
    while path in given or path.exists():
        count += 1
        path = folder / f"{stem} ({count}){suffix}"
    return path
