"""espeak-ng: a hundred languages, small and quick, with exact times of words and phonemes.

It is GPL-3, and Mien is not: it is no part of Mien, not distributed with it and not loaded by it. What is
installed here runs in a process of its own.
"""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from math import log2
from pathlib import Path
from typing import Any, Final

from mien.errors import ScriptError, SynthesizerFailed
from mien.lipsync.phones import shapes_of
from mien.messages import did_you_mean, quoted
from mien.processes import NoPython, python
from mien.speech.program import Program
from mien.speech.speech import Speech, as_wav
from mien.speech.synthesizer import Begun, Synthesizer, unheard
from mien.speech.words import timed_words
from mien.speech.worker import Lacking, Worker
from mien.talk import VisemeTimings

INSTALL: Final = "install it (`apt install espeak-ng`, `brew install espeak-ng`)"
PROGRAM: Final = "espeak-ng"

_WORDS_A_MINUTE: Final = 175
_PITCH: Final = 50
"""espeak-ng's own; 0 is an octave below and 100 one above it."""
_VOICE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_()+/-]{0,63}")
_SAMPLE_BYTES: Final = 2
_LEAST_S: Final = 0.03
"""What is shorter is no sound."""


class NotInstalled(SynthesizerFailed):
    """It is not here at all, so that another may be asked for."""


class EspeakNg(Synthesizer):
    """By its library in a process of its own; without one by its program, which tells no times."""

    def __init__(self, voice: str, speed: float, pitch: float, timeout_s: float, begun: Begun) -> None:
        super().__init__("espeak-ng", voice)
        if not _VOICE.fullmatch(voice):
            raise ScriptError(f"voice cannot be {quoted(voice)}: give a language or a voice, as 'en-gb'.")
        self._how = {
            "voice": voice,
            "words_a_minute": round(_WORDS_A_MINUTE * speed),
            "pitch": min(99, round(_PITCH * (1 + log2(pitch)))),
        }
        self._worker: Worker | None = None
        with suppress(NoPython):  # then its program serves
            self._worker = Worker(worker_command(), self.name, timeout_s)
        self._program: Program | None = None
        self._voices: tuple[str, ...] = ()
        begun(self)
        try:
            if self._worker is not None:
                self._voices = tuple(self._worker.hello().get("voices", ()))
                self._ask("", last=True)
                return
        except Lacking:
            self.close()
        except BaseException:
            self.close()
            raise
        program = shutil.which(PROGRAM)
        if program is None:
            raise NotInstalled(f"espeak-ng is not installed: {INSTALL}.")
        self._program = Program(
            [program, "--stdout", "--stdin", "-b1", f"-v{voice}", f"-s{self._how['words_a_minute']}",
             f"-p{self._how['pitch']}"],
            self.name,
            timeout_s,
        )  # fmt: skip

    def voices(self) -> tuple[str, ...]:
        """Its languages; each takes a variant, as `en+f3`. None where only its program is here."""
        return self._voices

    def close(self) -> None:
        """End its process. Idempotent."""
        for one in (self._worker, self._program):
            if one is not None:
                one.close()

    def _ask(self, text: str, *, last: bool) -> tuple[dict[str, Any], bytes]:
        assert self._worker is not None
        try:
            return self._worker.ask({**self._how, "text": text, "last": last})
        except Lacking as error:
            if error.what != "voice":
                raise
            remedy = did_you_mean(self.voice, self._voices)
            raise ScriptError(f"espeak-ng has no voice {quoted(self.voice)}; {remedy}") from None

    def _part(self, text: str, *, last: bool) -> Speech | None:
        if self._program is not None:
            sound, rate = self._program.spoken(text)
            return untimed(text, sound, rate)
        said, sound = self._ask(text, last=last)
        rate = int(said["rate"])
        end_s = len(sound) / _SAMPLE_BYTES / rate
        if end_s < _LEAST_S:
            return None
        phones = [(str(label), at / rate) for label, at in said["phones"] if at / rate < end_s]
        # A phone that is none of the notation's goes on as the one before.
        known = [(label, at) for label, at in phones if shapes_of(label, "espeak") is not None]
        ends = [*(at for _, at in known[1:]), end_s]
        marks = tuple((label, at, end) for (label, at), end in zip(known, ends, strict=True) if end > at)
        pauses = [at for label, at in phones if label.startswith("_") or not label]
        starts = ((int(place), at / rate) for place, at in said["words"] if at / rate < end_s)
        return Speech(
            text,
            as_wav(sound, rate),
            end_s,
            timed_words(text, starts, pauses, end_s),
            VisemeTimings("espeak", marks) if marks else None,
        )


def untimed(text: str, sound: bytes, rate: int) -> Speech | None:
    """What a synthesizer has spoken that tells no times."""
    end_s = len(sound) / _SAMPLE_BYTES / rate
    return Speech(text, as_wav(sound, rate), end_s) if end_s >= _LEAST_S else None


def worker_command() -> list[str]:
    """How espeak-ng's process is started; -S: it needs nothing that was installed for Python.
    Raises NoPython."""
    return [python(), "-I", "-S", str(Path(__file__).with_name("process.py")), "espeak-ng"]


def is_here() -> bool:
    """Whether it can speak on this machine."""
    try:
        EspeakNg("en", 1.0, 1.0, 10.0, unheard).close()
    except SynthesizerFailed:
        return False
    return True
