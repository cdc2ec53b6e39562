"""A stage's frames and sound as a stream: to a service, a player, a web server's folder, a camera, a program.

Each outlet has a thread and a queue of its own. One that is slow drops pictures for itself, which is counted,
and makes nobody wait; one that breaks off is opened again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np

from mien.clock import FrameRate
from mien.errors import ScriptError
from mien.messages import printable, quoted
from mien.processes import NoPython, python
from mien.serve.camera import Camera, check_camera
from mien.serve.frames import Frames, Shown
from mien.serve.links import OUT
from mien.serve.sent import Sent, relay_of
from mien.serve.sinks import AAC_BLOCK, OPUS_BLOCK, Encoded, Linked, Raw, Writing, coded_as
from mien.serve.srt import check_srt, command_for, is_built_in
from mien.serve.steady import Samples, Steady
from mien.thread_priority import step_behind
from mien.threads import start_thread
from mien.types import U8, Size
from mien.writable import make_folder

_SCHEMES: Final = {
    "rtmp": "flv", "rtmps": "flv", "srt": "mpegts", "udp": "mpegts", "tcp": "mpegts", "http": "webm",
    "https": "webm",
}  # fmt: skip
"""Containers by the scheme of an address."""
_SENT: Final = ("rtmp://", "rtmps://", "srt://", "udp://")
"""What a process of its own sends."""
_CAMERA: Final = "camera"
_WEBM_OUT: Final = f"webm:{OUT}"
TO_OUT: Final = (OUT, _WEBM_OUT)
"""Addresses that are standard output."""
_GIVE: Final = (
    "give an address as rtmp://host/app/key, srt://host:port, udp:// or tcp:// (MPEG-TS), "
    "http://host/live.webm, a file or pipe as live.m3u8 or live.webm, webm:-, camera, or for raw pictures "
    "a name as frames.rgba, a pipe, or -."
)
_MOST_PICTURES: Final = 4
"""Pictures that wait to be encoded; more are dropped."""
_MOST_SOUNDS: Final = 470
"""Pieces of sound that wait, 10 s."""
_AGAIN_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds until an outlet that broke off is opened again: the first time, the second..."""


class Kind(NamedTuple):
    """What an outlet's address asks for."""

    container: Literal["raw", "camera", "webm", "hls", "flv", "mpegts"]
    """Of FFmpeg, or what is none."""
    target: str
    """What is opened: an address, a path, a device."""
    told_as: str
    """The address without what is secret in it."""

    @property
    def is_coded(self) -> bool:
        """Whether it is encoded, with its sound."""
        return self.container not in ("raw", "camera")

    @property
    def path(self) -> Path | None:
        """The file, pipe or list that it is written into; None: there is none here."""
        is_here = self.container in ("raw", "webm", "hls") and "://" not in self.target
        return Path(self.target) if is_here and self.target != OUT else None

    @property
    def is_file(self) -> bool:
        """Whether it is one regular file, which holds all of it."""
        return self.container != "hls" and self.path is not None and self.path.is_file()


def kind_of(address: str) -> Kind:
    """Raises ScriptError for what is no outlet."""
    scheme, _, rest = address.partition("://")
    if rest:
        if scheme not in _SCHEMES:
            raise ScriptError(f"{quoted(address)} is no outlet: {_GIVE}")
        # What comes behind the host is often a key.
        told_as = f"{scheme}://{rest.partition('/')[0].partition('?')[0].rpartition('@')[2]}"
        return Kind(_SCHEMES[scheme], address, told_as)  # type: ignore[arg-type]  # one of them
    if address == _CAMERA or address.startswith(f"{_CAMERA}:"):
        return Kind("camera", address.partition(":")[2], address)
    if address in TO_OUT:
        return Kind("webm" if address == _WEBM_OUT else "raw", OUT, "standard output")
    if address.endswith(".m3u8"):
        return Kind("hls", address, address)
    if address.endswith(".webm"):
        return Kind("webm", address, address)
    if address.endswith(".rgba") or Path(address).is_fifo():
        return Kind("raw", address, address)
    raise ScriptError(f"{quoted(address)} is no outlet: {_GIVE}")


def check(address: str) -> None:
    """What cannot be is told before anything is loaded. Raises ScriptError, PackageMissing."""
    kind = kind_of(address)
    if kind.container == "camera":
        check_camera()
    if address.startswith("srt://"):
        check_srt(kind.told_as)
    if address.startswith(_SENT) and _sender_of(address) is None:
        try:
            python()
        except NoPython as error:
            raise ScriptError(
                f"{kind.told_as}: {error}, which sends such a stream; send to a tcp:// or http:// address."
            ) from error


def _sender_of(address: str) -> list[str] | None:
    """The program of others that sends to an address; None: a process of ours does."""
    return None if not address.startswith("srt://") or is_built_in() else command_for(address)


class Outlet:
    """One stream. Parameters: `address`, as `kind_of` takes it; `size` and `rate` of the frames; `told`,
    called by the outlet's thread with a sentence when it breaks off; `alpha`: frames may be transparent.
    Raises ScriptError."""

    def __init__(
        self,
        address: str,
        size: Size,
        rate: FrameRate,
        told: Callable[[str], object],
        *,
        alpha: bool = False,
    ) -> None:
        self.kind: Final = kind_of(address)
        if self.kind.is_coded and (size.width % 2 or size.height % 2):
            raise ScriptError(f"{size.width}x{size.height}: video needs an even width and height.")
        self._size, self._rate, self._told, self._alpha = size, rate, told, alpha
        self.pictures = 0
        """That were written."""
        self.pictures_dropped = 0
        """That came while as many waited as may, or while it was not open."""
        self._steady = Steady(rate, OPUS_BLOCK if self.kind.container == "webm" else AAC_BLOCK)
        self._news = threading.Condition()
        self._pictures: deque[tuple[int, U8]] = deque()
        self._sounds: deque[tuple[int, Samples]] = deque(maxlen=_MOST_SOUNDS)
        self._spare: deque[U8] = deque(maxlen=_MOST_PICTURES)
        self._open = self._over = False
        self._frames: Frames | None = None
        self._thread = threading.Thread(target=self._run, name="mien-outlet", daemon=True)

    @property
    def is_open(self) -> bool:
        """Whether it takes pictures now. From any thread, as the counts are."""
        return self._open

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
        failed, told = 0, ""
        while not self._over:
            before = self.pictures
            try:
                self._send()
            except Exception as error:  # of a network, a disk, an encoder, a device: the next time it may do
                if self.pictures > before + 100:
                    failed, told = 0, ""
                wait_s: float | None = _AGAIN_S[min(failed, len(_AGAIN_S) - 1)]
                failed += 1
                why = printable(getattr(error, "strerror", None) or str(error), 200)
                if self.pictures and self.kind.is_file:  # opened again it would be empty
                    self._told(
                        f"{self.kind.told_as}: the stream broke off ({why}); what is written stays, and no "
                        "more is."
                    )
                    wait_s = None
                elif why != told:  # once, and not each time that it is tried
                    told = why
                    self._told(f"{self.kind.told_as}: the stream broke off ({why}); again in {wait_s:g} s.")
                with self._news:
                    self._open = False
                    self._pictures.clear()
                    self._sounds.clear()
                    self._steady.restart()
                    self._news.wait_for(lambda: self._over, wait_s)  # None: until it is over

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

    def _opened(self) -> Writing:
        container, target, _ = self.kind
        if self.kind.path is not None:
            make_folder(self.kind.path)
        if container == "raw":
            return Raw(target)
        if container == "camera":
            return Camera(target, self._size, self._rate)
        if target.startswith(_SENT):
            return Sent(_sender_of(target) or relay_of(container), target, container, self._size, self._rate)
        coded = coded_as(container, alpha=self._alpha)
        kind = Encoded if container == "hls" else Linked
        return kind(target, coded, self._size, self._rate)
