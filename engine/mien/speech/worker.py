"""A synthesizer in a process of its own: it may hang or crash, and holds no lock of this one."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any, Final

from mien.errors import Closed, SynthesizerFailed
from mien.messages import printable
from mien.processes import begin, end, kill
from mien.speech.ending import Watch, how_ended

_MOST_LINE: Final = 1 << 24
_MOST_SOUND: Final = 1 << 28
"""Bytes of an answer that are read: 16 bits at 48 kHz for 46 minutes."""


class Lacking(SynthesizerFailed, LookupError):
    """What a process says it lacks: a library, a package, a voice."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} is not all there ({printable(what, 300)}): install it anew.")
        self.what: Final = what
        """In its own words."""


class Worker:
    """Starts the process when it is asked, and anew after it has ended. Calls of several threads take turns.

    Parameters: `command`; `name`, of the synthesizer; `timeout_s` that each answer may take.
    """

    def __init__(self, command: Sequence[str], name: str, timeout_s: float) -> None:
        self._command, self._name, self._timeout_s = list(command), name, timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        """What it writes to its standard error."""
        self._turn = threading.RLock()
        self._hello: dict[str, Any] = {}
        self._closed = False

    def hello(self) -> dict[str, Any]:
        """What it says of itself. Raises SynthesizerFailed, or Lacking for what it says it lacks."""
        with self._turn:
            self._start()
            return self._hello

    def ask(self, request: Mapping[str, object]) -> tuple[dict[str, Any], bytes]:
        """An answer and the sound that came with it. As `hello`."""
        with self._turn:
            return self._answer(self._start(), json.dumps(request).encode() + b"\n")

    def close(self) -> None:
        """End the process, also while another thread waits for its answer. Idempotent."""
        self._closed = True
        process = self._process
        if process is not None:
            kill(process)
        with self._turn:
            self._drop()

    def _start(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise Closed(f"this {self._name} is closed; open another with mien.open_synthesizer().")
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._drop()
        try:
            self._said = tempfile.TemporaryFile()  # noqa: SIM115 - `_drop` closes it
            self._process = begin(self._command, stderr=self._said, session=True)
        except OSError as error:
            self._drop()
            raise SynthesizerFailed(
                f"{self._name} cannot be started ({error.strerror or error}): see what this user may start "
                "and open (`ulimit -a`)."
            ) from error
        self._hello, _ = self._answer(self._process, b"")
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], request: bytes) -> tuple[dict[str, Any], bytes]:
        assert process.stdin is not None and process.stdout is not None
        watch = Watch(process, self._name, self._timeout_s)
        line, said, sound, done = b"", None, b"", False
        try:
            if not self._closed:  # else who closed this meanwhile did not see the process
                with watch:  # one that reads no more is late, too
                    with contextlib.suppress(OSError):  # it has ended: how is found out below
                        process.stdin.write(request)
                        process.stdin.flush()
                    line = process.stdout.readline(_MOST_LINE)
                    said = _read(line)
                    size = said.get("bytes", 0) if said else 0
                    if isinstance(size, int) and 0 < size <= _MOST_SOUND:
                        sound = process.stdout.read(size)
                    done = said is not None and len(sound) == size
        finally:
            if not done:  # or Ctrl-C came: the rest of the answer would be taken for the next
                kill(process)
                process.wait()
        if said is None or not done:
            last = self._last_words()
            self._drop()
            watch.refuse(closed=self._closed)
            if line and said is None:
                raise SynthesizerFailed(f"{self._name} gave an answer that is none: install it anew.")
            raise SynthesizerFailed(
                f"{self._name} ended before it had spoken ({how_ended(process.returncode)}{last})."
            )
        if "error" in said:
            if said.get("kind") in ("LookupError", "ModuleNotFoundError", "ImportError"):
                raise Lacking(self._name, str(said["error"]))
            raise SynthesizerFailed(f"{self._name} could not speak it: {printable(str(said['error']), 300)}.")
        return said, sound

    def _last_words(self) -> str:
        if self._said is None:
            return ""
        self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, self._said.tell() - 4000))
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return f": {printable(lines[-1], 200)}" if lines else ""

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            end(process)
        said, self._said = self._said, None
        if said is not None:
            said.close()

    def __del__(self) -> None:
        if getattr(self, "_process", None) is not None:
            self._drop()


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
