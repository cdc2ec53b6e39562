"""A synthesizer that is only a program: text to its standard input, a WAV file from its standard output."""

from __future__ import annotations

import io
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from threading import Lock
from typing import Final

from mien.errors import Closed, SynthesizerFailed
from mien.messages import printable
from mien.processes import begin, end, kill
from mien.speech.ending import Watch, how_ended

_MOST: Final = 1 << 28
"""Bytes of sound that are read."""


class Program:
    """Runs a program for each piece. Parameters as of `Worker`."""

    def __init__(self, command: Sequence[str], name: str, timeout_s: float) -> None:
        self._command, self._name, self._timeout_s = list(command), name, timeout_s
        self._turn = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def spoken(self, text: str) -> tuple[bytes, int]:
        """(n,) int16 mono samples, and their rate in Hz. Raises SynthesizerFailed, Closed."""
        with self._turn, tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
            given.write(" ".join(text.split()).encode() + b"\n")
            given.seek(0)
            if self._closed:
                raise Closed(f"this {self._name} is closed; open another with mien.open_synthesizer().")
            try:
                process = begin(self._command, stdin=given, stderr=said, session=True)
            except OSError as error:
                raise SynthesizerFailed(
                    f"{self._command[0]} cannot be started ({error.strerror or error}): install it anew."
                ) from error
            self._process = process
            watch = Watch(process, self._name, self._timeout_s)
            assert process.stdout is not None
            sound = b""
            try:
                if not self._closed:  # else nobody saw it, who closed this meanwhile
                    with watch:
                        sound = process.stdout.read(_MOST)
                        if len(sound) == _MOST:
                            kill(process)
                        process.wait()
            finally:
                end(process)
            watch.refuse(closed=self._closed)
            said.seek(0)
            told = said.read(4000).decode("utf-8", "replace").strip().splitlines()
            why = f": {printable(told[-1], 200)}" if told else ""
            if process.returncode:
                raise SynthesizerFailed(
                    f"{self._name} ended before it had spoken ({how_ended(process.returncode)}{why})."
                )
            return self._read(sound, why)

    def close(self) -> None:
        """End the program if it runs. Idempotent."""
        self._closed = True
        process = self._process
        if process is not None:
            kill(process)

    def _read(self, sound: bytes, why: str) -> tuple[bytes, int]:
        try:
            # Lengths in the header of what is written to a pipe are guesses.
            with wave.open(io.BytesIO(sound), "rb") as file:
                if (file.getsampwidth(), file.getnchannels()) == (2, 1):
                    return file.readframes(_MOST // 2), file.getframerate()
        except (wave.Error, EOFError):
            pass
        raise SynthesizerFailed(
            f"{self._name} gave {len(sound)} bytes that are no sound{why}: try it by hand."
        )
