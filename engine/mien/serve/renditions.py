"""Frames as files, each made once for all clients that want the same, by a thread for each format and size.

Who makes them never keeps frames waiting: while one is being made, the newest of those that come waits, and
the others are left out for the clients of that rendition alone.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from math import floor
from typing import Final, Generic, TypeVar

import numpy as np
from PIL import Image

from mien.errors import ScriptError
from mien.messages import printable
from mien.serve.commands import Frames as Wanted
from mien.serve.frames import Frames, Shown
from mien.serve.media import Picture, Sound
from mien.stage.straight import straight
from mien.threads import start_thread
from mien.types import U8, Size

_Who = TypeVar("_Who", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Rendition:
    """How frames are wanted."""

    format: str
    size: Size
    quality: int


@dataclass(slots=True)
class _Wish:
    rendition: Rendition
    share: float
    """Of the stage's frames, up to 1."""
    given: int = -1

    def is_due(self, number: int) -> bool:
        """Whether the frame of that number is one of its own; each is asked for once."""
        turn = floor(number * self.share)
        due, self.given = turn != self.given, turn
        return due


@dataclass(slots=True)
class _Job(Generic[_Who]):
    number: int
    position_s: float
    pixels: U8
    missed: dict[_Who, int] = field(default_factory=dict)
    """For whom, and how many frames were left out before it."""

    def instead_of(self, other: _Job[_Who]) -> None:
        """One that nobody was given is left out before it, for those who should have had it."""
        for who, missed in other.missed.items():
            self.missed[who] = self.missed.get(who, 0) + missed + 1


class Renditions(Generic[_Who]):
    """Parameters: `frames`; `size` and `fps` of the stage; `opaque`: whether its pictures are; `most`: kinds
    at once; `deliver`, given whom a picture or sound is for, and how many pictures were left out before it;
    `failed`, given a sentence where pictures could not be made. Both on threads of ours."""

    def __init__(
        self,
        frames: Frames,
        size: Size,
        fps: float,
        *,
        opaque: bool,
        most: int,
        deliver: Callable[[Mapping[_Who, int], Picture | Sound], object],
        failed: Callable[[str], object],
    ) -> None:
        self._failed = failed
        self._frames, self._size, self._fps = frames, size, fps
        self._opaque, self._most, self._deliver = opaque, most, deliver
        self._lock = threading.Lock()
        self._wishes: dict[_Who, _Wish] = {}
        self._makers: dict[Rendition, _Maker[_Who]] = {}
        self._listeners: dict[_Who, bool] = {}
        """Who wants sound, and whether as float32."""
        self._takes = False

    def want(self, who: _Who, wanted: Wanted) -> Rendition:
        """From now on somebody is given frames, so; what it had before is over. Raises ScriptError, and
        NoThreads where there is no thread to make them; then it has what it had before."""
        rendition = Rendition(wanted.format, self._size_of(wanted), wanted.quality)
        share = 1.0 if wanted.fps is None else min(1.0, wanted.fps / self._fps)
        with self._lock:
            others = {wish.rendition for one, wish in self._wishes.items() if one != who}
            if rendition not in others and len(others) >= self._most:
                raise ScriptError(
                    f"frames are made in {len(others)} formats and sizes already, as many as may be: ask for "
                    "one of those that others have."
                )
            if rendition not in self._makers:
                self._makers[rendition] = _Maker(rendition, self._opaque, self._deliver, self._failed)
            self._wishes[who] = _Wish(rendition, share)
        self._settle()
        return rendition

    def want_sound(self, who: _Who, *, as_float: bool) -> None:
        """From now on somebody is given what is heard."""
        with self._lock:
            self._listeners[who] = as_float
        self._settle()

    def forget(self, who: _Who, *, frames: bool = True, sound: bool = True) -> None:
        """And no more. Idempotent."""
        with self._lock:
            if frames:
                self._wishes.pop(who, None)
            if sound:
                self._listeners.pop(who, None)
        self._settle()

    def close(self) -> None:
        """Nobody is given anything any more."""
        with self._lock:
            self._wishes.clear()
            self._listeners.clear()
        self._settle()

    def show(self, shown: Shown) -> None:
        """A frame: see to it that it is made as it is wanted. On the thread of the frames."""
        due: dict[_Maker[_Who], list[_Who]] = {}
        with self._lock:
            for who, wish in self._wishes.items():
                if wish.is_due(shown.number):
                    due.setdefault(self._makers[wish.rendition], []).append(who)
            listeners = dict(self._listeners)
        if due:
            pixels = shown.picture.copy()
            for maker, whom in due.items():
                maker.put(_Job(shown.number, shown.position_s, pixels, dict.fromkeys(whom, 0)))
        for as_float in {*listeners.values()}:
            sound = Sound.of(shown.sound, shown.position_s, is_float=as_float)
            self._deliver({who: 0 for who, one in listeners.items() if one == as_float}, sound)

    def _settle(self) -> None:
        """Threads and frames for what is wanted, and no others."""
        with self._lock:
            wanted = {wish.rendition for wish in self._wishes.values()}
            for one in [one for one in self._makers if one not in wanted]:
                self._makers.pop(one).end()
            if (takes := bool(self._wishes or self._listeners)) != self._takes:
                self._takes = takes
                (self._frames.add if takes else self._frames.remove)(self)

    def _size_of(self, wanted: Wanted) -> Size:
        full, width, height = self._size, wanted.width, wanted.height
        if width is None:
            width = full.width if height is None else max(1, round(full.width * height / full.height))
        if height is None:
            height = max(1, round(full.height * width / full.width))
        if width > full.width or height > full.height:
            raise ScriptError(
                f"frames of {width}x{height} are larger than the stage's, {full.width}x{full.height}; ask "
                "for no larger ones."
            )
        return Size(width, height)


class _Maker(Generic[_Who]):
    """The thread of one rendition."""

    def __init__(
        self,
        rendition: Rendition,
        opaque: bool,
        deliver: Callable[[Mapping[_Who, int], Picture | Sound], object],
        failed: Callable[[str], object],
    ) -> None:
        self._rendition, self._opaque = rendition, opaque
        self._deliver, self._failed = deliver, failed
        self._failure = ""
        self._changed = threading.Condition()
        self._job: _Job[_Who] | None = None
        self._lost: _Job[_Who] | None = None
        """One that could not be made, where none has come since."""
        self._over = False
        start_thread(threading.Thread(target=self._run, name="mien-serve-pictures", daemon=True))

    def put(self, job: _Job[_Who]) -> None:
        """The newest frame; one that waits is left out for it."""
        with self._changed:
            for other in (self._job, self._lost):
                if other is not None:
                    job.instead_of(other)
            self._job, self._lost = job, None
            self._changed.notify()

    def end(self) -> None:
        """Make no more; nobody waits for the last."""
        with self._changed:
            self._over = True
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._job is not None or self._over)
                job, self._job = self._job, None
                if job is None or self._over:
                    return
            try:
                data = encoded(job.pixels, self._rendition, opaque=self._opaque)
            except Exception as error:  # of an encoder, or no memory: the next may do
                self._could_not(job, error)
                continue
            size, format = self._rendition.size, self._rendition.format
            self._deliver(
                job.missed, Picture(job.number, job.position_s, format, size.width, size.height, data)
            )

    def _could_not(self, job: _Job[_Who], error: Exception) -> None:
        """It is left out; of each kind of failure it is told once, for it may come with every frame."""
        with self._changed:
            if self._job is None:
                self._lost = job
            else:
                self._job.instead_of(job)
        failure = printable(f"{type(error).__name__}: {error}", 200)
        if failure != self._failure:
            self._failure = failure
            size, format = self._rendition.size, self._rendition.format
            self._failed(
                f"pictures as {format} of {size.width}x{size.height} could not be made ({failure}); ask for "
                "another format or size."
            )


_FAST: Final = {"jpeg": {}, "webp": {"method": 0}, "png": {"compress_level": 1}}


def encoded(pixels: U8, rendition: Rendition, *, opaque: bool) -> bytes:
    """(h, w, 4) uint8, premultiplied, as a file; `raw`: rows of RGBA, premultiplied. JPEG has no alpha: what
    is transparent is black there; in the others colours are straight."""
    height, width = pixels.shape[:2]
    # Not as RGBA, which Pillow would premultiply again before it shrinks it.
    image = Image.frombuffer("RGBX", (width, height), pixels, "raw", "RGBX", 0, 1)
    if (width, height) != rendition.size:
        image = _shrunk(image, rendition.size)
    if rendition.format == "raw":
        return image.tobytes()
    if rendition.format != "jpeg":  # which takes it as it is
        image = image.convert("RGB") if opaque else Image.fromarray(straight(np.asarray(image)), "RGBA")
    file = io.BytesIO()
    more = {} if rendition.format == "png" else {"quality": rendition.quality}
    image.save(file, rendition.format, **_FAST[rendition.format], **more)
    return file.getvalue()


def _shrunk(image: Image.Image, size: Size) -> Image.Image:
    """The mean of whole pixels where that is enough: it takes a third of the time."""
    across, down = image.width // size.width, image.height // size.height
    if (size.width * across, size.height * down) == image.size:
        return image.reduce((across, down))
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.5)
