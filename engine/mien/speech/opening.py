"""Which synthesizers this machine has, and how one is opened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, get_args

from mien.arguments import choice_of, number_of, path_of, refuse, text_of
from mien.errors import AssetMissing, ScriptError, SynthesizerFailed
from mien.messages import did_you_mean, quoted
from mien.speech import espeak, piper
from mien.speech.synthesizer import Begun, Synthesizer, SynthesizerName, unheard

_NONE: Final = (
    "no speech synthesizer is installed: install espeak-ng (`apt install espeak-ng`, `brew install "
    f"espeak-ng`), or piper (`pip install piper-tts`) with a voice's file, named or in {piper.VARIABLE}."
)


def synthesizers() -> tuple[SynthesizerName, ...]:
    """Those that can speak on this machine, the best first: `piper` where it has a voice, `espeak-ng`."""
    here: list[SynthesizerName] = ["piper"] if piper.is_here() else []
    return (*here, "espeak-ng") if espeak.is_here() else tuple(here)


def open_synthesizer(
    voice: str | Path | None = None,
    *,
    name: SynthesizerName | None = None,
    speed: float = 1.0,
    pitch: float = 1.0,
    timeout_s: float = 30.0,
) -> Synthesizer:
    """Open a synthesizer that is installed here; nothing is sent anywhere.

    `voice`: of espeak-ng a language or a voice (`en-gb`, `de`, `en+f3`); of piper a file (`.onnx`), or its
    name without `.onnx` where piper's voices lie. None: piper's first voice, else espeak-ng's English.
    `name`: which synthesizer; None: the one that has the voice. `speed` 0.5..3 and `pitch` 0.5..2 are
    factors; piper's voices have one pitch. `timeout_s`: how long a sentence may take, after which the
    synthesizer is ended. Raises SynthesizerFailed where none is installed, saying what to install, or it
    cannot start; AssetMissing for a voice's file that is not there; ScriptError.
    """
    return opened(unheard, voice, name=name, speed=speed, pitch=pitch, timeout_s=timeout_s)


def opened(
    begun: Begun,
    voice: str | Path | None = None,
    *,
    name: SynthesizerName | None = None,
    speed: float = 1.0,
    pitch: float = 1.0,
    timeout_s: float = 30.0,
) -> Synthesizer:
    """As `open_synthesizer`; `begun` is given it before its process is started. Raises Closed as well."""
    speed = number_of("speed", speed, 0.5, 3, "a factor from 0.5 to 3")
    pitch = number_of("pitch", pitch, 0.5, 2, "a factor from 0.5 to 2")
    timeout_s = number_of("timeout_s", timeout_s, 0.001, 3600, "seconds above 0, up to 3600")
    if name is not None:
        choice_of("name", name, get_args(SynthesizerName))
    voices = {} if name == "espeak-ng" else piper.found()
    file = _file_of(voice, voices, name)
    if file is None and name != "piper":
        if name is None and pitch == 1 and voice is None and piper.is_here():
            return piper.Piper(next(iter(voices.values())), speed, timeout_s, begun)
        try:
            return espeak.EspeakNg("en" if voice is None else str(voice), speed, pitch, timeout_s, begun)
        except espeak.NotInstalled as error:
            raise (error if name is not None else SynthesizerFailed(_NONE)) from None
    if pitch != 1:
        raise ScriptError(f"pitch cannot be {pitch:g} with piper, whose voices have one pitch: leave it out.")
    if file is None:
        file = next(iter(voices.values()), None)
    if file is None:
        raise SynthesizerFailed(
            f"piper has no voice here: name a voice's file, or the folder of some in {piper.VARIABLE}."
        )
    return piper.Piper(file, speed, timeout_s, begun)


def _file_of(voice: object, voices: dict[str, Path], name: str | None) -> Path | None:
    """The file of a voice of piper's; None: it is none."""
    if voice is None:
        return None
    wanted = "the name of a voice, or a voice's file"
    if isinstance(voice, os.PathLike):
        return path_of("voice", voice, wanted)
    told = text_of("voice", voice, wanted)
    if not told:
        refuse("voice", voice, wanted)
    if told in voices:
        return voices[told]
    if told.endswith(".onnx"):
        return path_of("voice", told, wanted)
    if name == "piper":
        raise AssetMissing(f"piper has no voice {quoted(told)} here; {did_you_mean(told, list(voices))}")
    return None
