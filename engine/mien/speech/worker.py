"""A synthesizer in a process of its own: it may hang or crash, and holds no lock of this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from threading import Timer
from typing import IO, Any, Final

from mien.errors import Closed, SynthesizerFailed
from mien.messages import printable
from mien.threads import start_thread

_MOST_LINE: Final = 1 << 24
_MOST_SOUND: Final = 1 << 28
"""Bytes of an answer that are read: 16 bits at 48 kHz for 46 minutes."""


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
        """What it says of itself. Raises SynthesizerFailed, or LookupError for what it says it lacks."""
        with self._turn:
            self._start()
            return self._hello

    def ask(self, request: Mapping[str, object]) -> tuple[dict[str, Any], bytes]:
        """An answer and the sound that came with it. As `hello`."""
        with self._turn:
            process = self._start()
            assert process.stdin is not None
            try:
                process.stdin.write(json.dumps(request).encode() + b"\n")
                process.stdin.flush()
            except OSError:  # it has ended: `_answer` finds out how
                pass
            return self._answer(process)

    def close(self) -> None:
        """End the process, also while another thread waits for its answer. Idempotent."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()
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
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                start_new_session=True,  # Ctrl-C is for this program
            )
        except OSError as error:
            self._drop()
            raise SynthesizerFailed(
                f"{self._name} cannot be started ({error.strerror or error}): see what this user may start "
                "and open (`ulimit -a`)."
            ) from error
        self._hello, _ = self._answer(self._process)
        return self._process

    def _answer(self, process: subprocess.Popen[bytes]) -> tuple[dict[str, Any], bytes]:
        assert process.stdout is not None
        watch = Timer(self._timeout_s, process.kill)
        watch.daemon = True
        done = False
        try:
            start_thread(watch)
            line = process.stdout.readline(_MOST_LINE)
            said = _read(line)
            size = said.get("bytes", 0) if said else 0
            sound = process.stdout.read(size) if isinstance(size, int) and 0 < size <= _MOST_SOUND else b""
            done = said is not None and len(sound) == size
        finally:
            late = done is False and not watch.is_alive() and watch.ident is not None
            watch.cancel()
            if not done:  # or Ctrl-C came: the rest of the answer would be taken for the next
                process.kill()
                process.wait()
        if said is None or not done:
            raise self._ended(process, late=late, garbled=bool(line) and said is None)
        if "error" in said:
            if said.get("kind") in ("LookupError", "ModuleNotFoundError", "ImportError"):
                raise LookupError(str(said["error"]))
            raise SynthesizerFailed(f"{self._name} could not speak it: {printable(str(said['error']), 300)}.")
        return said, sound

    def _ended(self, process: subprocess.Popen[bytes], *, late: bool, garbled: bool) -> Exception:
        last = self._last_words()
        self._drop()
        if self._closed:
            return Closed(f"this {self._name} was closed while it spoke.")
        if late:
            return SynthesizerFailed(
                f"{self._name} gave no answer within {self._timeout_s:g} s and was ended: give it a shorter "
                "text, or a longer timeout_s."
            )
        if garbled:
            return SynthesizerFailed(f"{self._name} gave an answer that is none: install it anew.")
        return SynthesizerFailed(
            f"{self._name} ended before it had spoken ({how_ended(process.returncode)}{last})."
        )

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
            process.kill()
            for stream in (process.stdin, process.stdout):
                try:
                    if stream is not None:
                        stream.close()
                except OSError:  # what was not taken yet
                    pass
            process.wait()
        said, self._said = self._said, None
        if said is not None:
            said.close()

    def __del__(self) -> None:
        if getattr(self, "_process", None) is not None:
            self._drop()


def how_ended(status: int) -> str:
    """A status of a process in words: a signal's name, where it was one."""
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"status {status}"


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
