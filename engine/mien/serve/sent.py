"""Streams that a program sends: one that knows SRT, or one of ours, which connects beside the server."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from mien.clock import FrameRate
from mien.messages import printable
from mien.processes import begin, end, python
from mien.serve.links import whole
from mien.serve.relay import ADDRESS
from mien.serve.sinks import Encoded, coded_as
from mien.serve.steady import Samples
from mien.types import U8, Size

_ENDS_S: Final = 2.0


def relay_of(container: str) -> list[str]:
    """The command of ours that sends a container to the address in the environment."""
    code = f"import sys; sys.path[:] = {sys.path!r}; from mien.serve.relay import main"
    return [python(), "-c", f"{code}; sys.exit(main({container!r}))"]


class Sent:
    """By a program. Parameters: its `command`; the `address`, which it finds in its environment, too;
    `container`, `size` and `rate` of what it is given on standard input. Raises OSError."""

    def __init__(self, command: list[str], address: str, container: str, size: Size, rate: FrameRate) -> None:
        self._failed: OSError | None = None
        self._address = address
        self._said: Any = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `_end`
        try:
            self._program = begin(
                command,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                session=True,
                environ={ADDRESS: address},
            )
        except BaseException:
            self._said.close()
            raise
        try:
            with self._in_its_words():
                self._encoded = Encoded(self, coded_as(container), size, rate)
        except BaseException:
            self._end()
            raise

    def picture(self, at: int, pixels: U8) -> None:
        """Encode it."""
        with self._in_its_words():
            self._encoded.picture(at, pixels)

    def sound(self, start: int, block: Samples) -> None:
        """Encode it."""
        with self._in_its_words():
            self._encoded.sound(start, block)

    def close(self) -> None:
        """What the encoders hold is sent, and the program ends."""
        try:
            with self._in_its_words():
                self._encoded.close()
        finally:
            self._end()

    def write(self, data: bytes) -> int:
        """Give the program all of it. Raises OSError with what it said last, where it has ended."""
        into = self._program.stdin
        assert into is not None
        try:
            size = whole(into.write, data)
            into.flush()
        except OSError as error:
            self._failed = OSError(self._last_words() or str(error))
            raise self._failed from None
        return size

    @contextmanager
    def _in_its_words(self) -> Iterator[None]:
        """FFmpeg says that it could not write; the program has said why."""
        try:
            yield
        except Exception as error:
            if (failed := self._failed) is None:
                raise
            raise failed from error

    def _last_words(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._program.wait(_ENDS_S)
        self._said.seek(0)
        lines = self._said.read(1 << 16).decode("utf-8", "replace").split("\n")
        return printable(self._without_secrets(next(filter(str.strip, reversed(lines)), "")), 200)

    def _without_secrets(self, line: str) -> str:
        """A line without the address, and what stands behind its host, which is often a key."""
        host = re.match(r"[^:]*://[^/?]*", self._address)
        behind = self._address[host.end() :] if host else ""
        for secret, instead in ((self._address, "the address"), (behind, "")):
            if len(secret) > 1:  # else it is what stands between the parts of any path
                line = line.replace(secret, instead)
        return line

    def _end(self) -> None:
        end(self._program, _ENDS_S)
        self._said.close()
