"""The synthesizers, and which of them this machine has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

from mien.speech.speech import Speech

SynthesizerName: TypeAlias = Literal["piper", "espeak-ng"]


class Synthesizer(ABC):
    """Speaks texts; a context manager. Made by `open_synthesizer`.

    Each call waits until it is spoken: make it on a thread of your own, not on one that draws frames
    (`mien.Speaking` has one). Calls of several threads take turns.
    """

    name: SynthesizerName
    """Which one it is."""
    voice: str
    """Which voice it speaks with."""

    @abstractmethod
    def speak(self, text: str) -> Speech:
        """A whole text, of up to 20 000 letters, as one sound. Inline tags (`[happy]`) are not spoken.

        Raises ScriptError for what is no text, or has nothing to speak; SynthesizerFailed.
        """

    @abstractmethod
    def sentences(self, text: str) -> Iterator[Speech]:
        """The same sentence by sentence, each as soon as it is there, with its own share of the text: said as
        turns one behind the other they are heard as one speech, and the first is heard early."""

    @abstractmethod
    def voices(self) -> tuple[str, ...]:
        """The voices that it has here, by the names that `open_synthesizer` takes."""

    @abstractmethod
    def close(self) -> None:
        """End its process. Idempotent."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def synthesizers() -> tuple[SynthesizerName, ...]:
    """Those that can speak on this machine, the best first: `piper` where it has a voice, `espeak-ng`."""
    raise NotImplementedError


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
    `name`: which synthesizer; None: the one that has the voice. `speed` 0.5..3 and `pitch` 0.5..2 are factors;
    piper's voices have one pitch. `timeout_s`: how long a sentence may take before the synthesizer is ended.
    Raises SynthesizerFailed where none is installed, saying what to install, or it cannot start; ScriptError.
    """
    raise NotImplementedError
