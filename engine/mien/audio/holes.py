"""Which jumps of a file's times are sound that is missing."""

from __future__ import annotations

from typing import Any, Final

from mien.clock import SAMPLE_RATE

MAX_HOLE: Final = 10 * SAMPLE_RATE
"""A jump in a file's times of more than this is taken for a damaged time, not for missing sound."""

_HOLE_S: Final = 0.02
"""Smaller jumps than this are rounding of the container's times."""

_STAMPED: Final = (
    "asf",
    "avi",
    "flv",
    "matroska,webm",
    "mov,mp4,m4a,3gp,3g2,mj2",
    "mpeg",
    "mpegts",
    "nut",
    "ogg",
)
"""Containers whose packets say when they are heard, so that what was never recorded shows. In all others
FFmpeg counts frames, or believes a number in them, and is wrong where they differ in length or in rate."""


class Holes:
    """Measures holes of one stream, packet by packet. `container`: FFmpeg's name for it."""

    def __init__(self, container: str) -> None:
        self.first_s = 0.0
        """When its first frame is heard, in seconds of the stream's own time."""
        self.stamped = container in _STAMPED
        """Its times are the container's, not counted."""
        self._due_s: float | None = None
        self._lost = False
        self._next_byte: int | None = None

    def damaged(self) -> None:
        """A packet could not be decoded."""
        self._lost = True

    def packet(self, packet: Any) -> None:
        """Another packet: bytes that none of them holds are lost."""
        at: int | None = packet.pos
        if at is not None and self._next_byte is not None and at != self._next_byte:
            self._lost = True
        self._next_byte = None if at is None or at < 0 else at + packet.size

    def before(self, frame: Any, room: int | None) -> int:
        """Samples at 48 kHz that are missing before a frame: at most `room`, which is what the file says that
        it holds and has not given yet; None when it doesn't say."""
        length_s = frame.samples / frame.sample_rate
        start_s: float | None = frame.time
        hole = 0
        if self._due_s is None:
            self.first_s = start_s or 0.0
        elif start_s is not None and (self.stamped or self._lost) and start_s - self._due_s > _HOLE_S:
            hole = round((start_s - self._due_s) * SAMPLE_RATE)
            if hole > MAX_HOLE:
                hole = 0
            elif room is not None:
                hole = max(0, min(hole, room - round(length_s * SAMPLE_RATE)))
        self._due_s = (start_s if start_s is not None else self._due_s or 0.0) + length_s
        self._lost = False
        return hole
