"""Stills and clips of a live stage's frames, read and written beside them: no frame waits for one."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Collection
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from mien.arguments import path_of
from mien.art.png_writing import png_of
from mien.audio import AudioSession
from mien.clock import SAMPLE_RATE, FrameRate
from mien.composite.gl import Compositor
from mien.errors import MienError, ScriptError
from mien.interrupts import RejoinableThread
from mien.messages import shown_path
from mien.part_file import write_whole
from mien.stage.encoders import WITH_ALPHA
from mien.stage.picture import straight
from mien.stage.recorder import Recorder
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
        self._size, self._rate, self._alpha, self._title = size, rate, alpha, title
        self._dropped = dropped
        self._stills: list[Path] = []
        """Of the next frame that is drawn."""
        self._writing: list[RejoinableThread] = []
        self._recorder: Recorder | None = None
        self._ending: list[Recorder] = []
        self._under_way: deque[tuple[int, int, bool, list[Path]]] = deque()
        """Of the readings that were begun: number, sample, whether it is another picture, stills of it."""
        self._number = 0
        self._sounded: int | None = None
        self._named: deque[Path] = deque(maxlen=100)
        """Names that were given lately: their files may not be there yet."""
        self.said: deque[str] = deque()
        """What became of the files, a sentence each; from any thread."""

    @property
    def recording(self) -> Path | None:
        """The clip that is being recorded."""
        return None if self._recorder is None else self._recorder.path

    def still(self, path: str | Path | None) -> Path:
        """Have the next frame written as a PNG; where it goes. Raises NotWritable."""
        path = self._place(path, ".png")
        check_suffix(path, (".png",), "a picture")
        check_writable(path)
        self._stills.append(path)
        return path

    def record(self, path: str | Path | None, suffix: str) -> Path:
        """Begin a clip; where it goes. Raises ScriptError where one is being recorded, NotWritable."""
        if self._recorder is not None:
            raise ScriptError(f"{shown_path(self._recorder.path)} is being recorded: stop that first.")
        path = self._place(path, suffix)
        alpha = self._alpha and path.suffix.lower() in WITH_ALPHA
        recorder = Recorder(path, self._size, self._rate, alpha=alpha, done=self._done)
        self._sounded, self._recorder = None, recorder
        return path

    def stop(self) -> None:
        """The clip ends with the frames that were shown. Does not wait. Idempotent."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.end()
            self._ending = [one for one in self._ending if not one.ended] + [recorder]

    def look(self, *, wait: bool = False) -> None:
        """A frame is about to be drawn: what was read of those before goes to whom it is for; with `wait` all
        of it."""
        if not self._under_way:
            return
        taken = self._compositor.take_read(wait=wait)
        if taken is None:
            return
        number, picture = taken
        while self._under_way and self._under_way[0][0] <= number:
            tag, at, other, stills = self._under_way.popleft()
            newest = tag == number
            for path in stills:
                self._write(path, picture)
            self._record_one(at, picture if newest and other else None)
            if not newest and other and self._under_way:  # it has become part of a newer one
                head = self._under_way[0]
                self._under_way[0] = (head[0], head[1], True, head[3])

    def drawn(self, at: int, *, changed: bool) -> None:
        """A frame was drawn of sample `at`; `changed`: it is another than the one before."""
        if self._recorder is not None and self._recorder.ended:
            self.stop()
        if self._recorder is None and not self._stills:
            return
        other = changed or self._sounded is None
        if self._recorder is not None and self._sounded is None:
            self._sounded = at
        self._number += 1
        stills, self._stills = self._stills, []
        self._under_way.append((self._number, at, other, stills))
        self._compositor.begin_read(self._number)

    def close(self) -> None:
        """Wait until all is written, the last frames included."""
        try:
            self.look(wait=True)
        except MienError as error:  # as of a GPU that is gone: the stage is closed all the same
            self.said.append(str(error))
        self.stop()
        for path in self._stills:
            self._done(path, f"{shown_path(path)}: was not saved: no frame was shown after it was wanted.")
        self._stills = []
        for recorder in self._ending:
            recorder.wait()
        for thread in self._writing:
            thread.wait()

    def _record_one(self, at: int, picture: U8 | None) -> None:
        recorder = self._recorder
        if recorder is None or self._sounded is None:
            return
        heard, sound = self._audio.position(), _SILENCE
        if heard > self._sounded:
            sound = self._audio.between(self._sounded, heard)
            self._sounded = heard
        elif heard < self._sounded - SAMPLE_RATE:  # the stage has gone back
            self._sounded = heard
        before = recorder.dropped
        recorder.add(at, picture, sound)
        self._dropped.dropped += recorder.dropped - before

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
        self.said.append(wrong or f"saved {shown_path(path)}")

    def _place(self, path: str | Path | None, suffix: str) -> Path:
        if path is not None:
            return path_of("path", path, "a name for the file, or None for one by title and time")
        path = free_name(Path(), self._title, suffix, time.localtime(), self._named.copy())
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
