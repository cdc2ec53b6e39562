"""piper: neural voices, a file each, which sound like people and take a tenth of their length.

Like espeak-ng it is GPL-3 (since 2025), no part of Mien, and runs in a process of its own.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Final

from mien.errors import AssetMissing, SynthesizerFailed
from mien.messages import shown_path
from mien.processes import NoPython, python
from mien.speech.espeak import untimed
from mien.speech.piper_times import PiperTimes
from mien.speech.program import Program
from mien.speech.speech import Speech, as_wav
from mien.speech.synthesizer import Begun, Synthesizer
from mien.speech.words import timed_words
from mien.speech.worker import Lacking, Worker
from mien.talk import VisemeTimings

VARIABLE: Final = "MIEN_PIPER_VOICES"
"""Folders in which voices are looked for, or a voice's file; before the others."""
INSTALL: Final = "install it (`pip install piper-tts`)"
_PAUSE_S: Final = 0.2
"""Behind a sentence that another follows."""
_MOST_FILES: Final = 20_000
"""Of the folders with voices, that are looked at."""


class Piper(Synthesizer):
    """By its Python package in a process of its own; without that by its program, which tells no times."""

    def __init__(self, voice: Path, speed: float, timeout_s: float, begun: Begun) -> None:
        super().__init__("piper", voice.stem)
        for file in (voice, Path(f"{voice}.json")):
            if not file.is_file():
                raise AssetMissing(f"{shown_path(file)} is not there; a voice of piper's needs it.")
        self._speed = speed
        self._worker: Worker | None = None
        self._program: Program | None = None
        interpreter, program = _python(), shutil.which("piper")
        if interpreter is not None:
            serves = str(Path(__file__).with_name("process.py"))
            command = [interpreter, "-I", serves, "piper", str(voice.absolute())]
            self._worker = Worker(command, self.name, timeout_s)
            begun(self)
            try:
                self._worker.hello()
                return
            except Lacking:  # that Python has another piper
                self._worker.close()
                self._worker = None
            except BaseException:
                self._worker.close()
                raise
            program = None
        if program is None:
            raise SynthesizerFailed(f"piper is not installed: {INSTALL}.")
        options = [
            "--model",
            str(voice.absolute()),
            "--output_file",
            "-",
            "--length_scale",
            f"{1 / speed:.3f}",
        ]
        self._program = Program([program, *options], self.name, timeout_s)

    def voices(self) -> tuple[str, ...]:
        """Those whose files are found."""
        return tuple(found())

    def close(self) -> None:
        """End its process. Idempotent."""
        if self._worker is not None:
            self._worker.close()
        if self._program is not None:
            self._program.close()

    def _part(self, text: str, *, last: bool) -> Speech | None:
        if self._worker is None:
            assert self._program is not None
            return untimed(text, *self._program.spoken(text))
        said, sound = self._worker.ask({"text": text, "speed": self._speed, "speaker": None})
        rate = int(said["rate"])
        if not sound or not rate:
            return None
        times = PiperTimes(text, said["chunks"], rate)
        spoken_s = len(sound) / 2 / rate
        if not last:
            sound += bytes(2 * round(_PAUSE_S * rate))
        return Speech(
            text,
            as_wav(sound, rate),
            len(sound) / 2 / rate,
            timed_words(text, times.starts, times.pauses, spoken_s),
            VisemeTimings("ipa", times.marks) if times.marks else None,
        )


def found() -> dict[str, Path]:
    """The voices that lie where piper's voices lie, by name."""
    voices = dict[str, Path]()
    for place in _places():
        if place.suffix == ".onnx":
            files = iter((place,))
        else:
            files = (Path(folder, name) for folder, _, names in os.walk(place) for name in sorted(names))
        for file in islice(files, _MOST_FILES):
            if file.suffix == ".onnx" and Path(f"{file}.json").is_file():
                voices.setdefault(file.stem, file)
    return voices


def is_here() -> bool:
    """Whether it is installed, and has a voice."""
    return is_installed() and bool(found())


def is_installed() -> bool:
    """Whether it is installed, with a voice or without."""
    return _python() is not None or shutil.which("piper") is not None


def _places() -> list[Path]:
    told = [Path(one).expanduser() for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one]
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return [*told, data / "piper-voices", data / "piper", Path("/usr/share/piper-voices")]


def _python() -> str | None:
    """The Python that has piper: this one, or that of its program."""
    with suppress(metadata.PackageNotFoundError, NoPython):
        metadata.distribution("piper-tts")
        return python()
    program = shutil.which("piper")
    if program is None:
        return None
    try:
        with Path(program).open("rb") as file:
            first = file.readline(1000).decode("utf-8", "replace").strip()
    except OSError:
        return None
    named = first.removeprefix("#!").strip()
    is_one = first.startswith("#!") and "python" in Path(named).name and Path(named).is_file()
    return named if is_one else None
