"""Layers of a file as they were read last, for who reads it again whenever it is saved."""

from __future__ import annotations

import subprocess
from hashlib import blake2b

from mien.art.kept import KeptFiles
from mien.art.layered.svg_drawing import start
from mien.processes import end


def content_of(*data: bytes) -> bytes:
    """What stands for the bytes of pictures: the same of none but theirs."""
    found = blake2b(digest_size=16)
    for part in data:
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.digest()


class KeptLayers(KeptFiles):
    """Layers by what they are made of: those that are as they were are not made anew."""

    def __init__(self) -> None:
        super().__init__()
        self._spare: subprocess.Popen[bytes] | None = None

    def get_ready(self) -> None:
        """Start what draws SVG ahead of the next time: that takes longer than to draw a layer.
        Raises OSError."""
        if self._spare is None:
            self._spare = start()

    def take_spare(self) -> subprocess.Popen[bytes] | None:
        """What was started ahead, if it runs still; the caller's own."""
        spare, self._spare = self._spare, None
        return spare if spare is not None and spare.poll() is None else None

    def close(self) -> None:
        """End it. Idempotent."""
        if (spare := self.take_spare()) is not None:
            end(spare)
