"""Streams that a program sends: one that knows SRT, or one of ours, which connects beside the server."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from mien.clock import FrameRate
from mien.messages import printable
from mien.processes import python
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
        self._said: Any = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._program = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            bufsize=0,
            env={**os.environ, ADDRESS: address},
            start_new_session=True,  # Ctrl-C is for the server, which ends it
        )
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
            return whole(into.write, data)
        except OSError as error:
            self._failed = OSError(self._last_words() or str(error))
            raise self._failed from None

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
        return printable(next((line for line in reversed(lines) if line.strip()), ""), 200)

    def _end(self) -> None:
        assert self._program.stdin is not None
        with suppress(OSError):
            self._program.stdin.close()
        try:
            self._program.wait(_ENDS_S)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()
        self._said.close()
