"""What all synthesizers have in common: whole texts and sentences, of what one of them makes of a piece."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias
from unicodedata import category

from mien.arguments import text_of
from mien.errors import ScriptError, SynthesizerFailed
from mien.messages import quoted
from mien.speech.sentences import sentences_of
from mien.speech.speech import Speech, joined
from mien.talk.tags import parse_tags

SynthesizerName: TypeAlias = Literal["piper", "espeak-ng"]

MOST_LETTERS: Final = 20_000
"""Of a text: some 25 minutes of speech, 70 MB."""


class Synthesizer(ABC):
    """Speaks texts; a context manager. Made by `open_synthesizer`.

    Each call waits until it is spoken: make it on a thread of your own, not on one that draws frames
    (`mien.Speaking` has one). Calls of several threads take turns.
    """

    def __init__(self, name: SynthesizerName, voice: str) -> None:
        self.name: Final = name
        """Which one it is."""
        self.voice: Final = voice
        """Which voice it speaks with."""

    def speak(self, text: str) -> Speech:
        """A whole text, of up to 20 000 letters, as one sound. Inline tags (`[happy]`) are not spoken.

        Raises ScriptError for what is no text, or has nothing to speak; SynthesizerFailed; Closed.
        """
        return joined(text, list(self.sentences(text)))

    def sentences(self, text: str) -> Iterator[Speech]:
        """The same sentence by sentence, each as soon as it is there, with its own share of the text: said as
        turns one behind the other they are heard as one speech, and the first is heard early."""
        return self._each(checked(text))

    @abstractmethod
    def voices(self) -> tuple[str, ...]:
        """The voices that it has here, by the names that `open_synthesizer` takes."""

    @abstractmethod
    def close(self) -> None:
        """End its process. Idempotent."""

    @abstractmethod
    def _part(self, text: str, *, last: bool) -> Speech | None:
        """A sentence without tags; None where it makes no sound. `last`: no pause is wanted behind it."""

    def _each(self, pieces: list[str]) -> Iterator[Speech]:
        kept, any_sound = "", False
        for i, piece in enumerate(pieces):
            whole = f"{kept} {piece}" if kept else piece
            part = self._part(plain_of(whole), last=i + 1 == len(pieces))
            if part is None:
                kept = whole  # what has tags and no sound goes with the next
                continue
            kept, any_sound = "", True
            yield Speech(whole, part.audio, part.duration_s, part.words, part.timings)
        if not any_sound:
            raise SynthesizerFailed(
                f"{self.name} made no sound of {quoted(kept)} with voice {quoted(self.voice)}: take a voice "
                "of its language."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def checked(text: object) -> list[str]:
    """The sentences of a text that can be spoken. Raises ScriptError."""
    text = text_of("text", text, "what is to be spoken")
    if len(text) > MOST_LETTERS:
        raise ScriptError(
            f"text cannot have {len(text)} letters: give at most {MOST_LETTERS} at once, and more in parts."
        )
    pieces = sentences_of(text)
    if not pieces:
        raise ScriptError(f"text cannot be {quoted(text)}: there is nothing in it to speak; give words.")
    return pieces


def plain_of(text: str) -> str:
    """What is spoken of a text with tags; characters that control something are blanks."""
    plain = "".join(" " if category(c) == "Cc" else c for c in parse_tags(text)[0])
    # Phones of their own are written so, for espeak-ng's program and for piper.
    return plain.replace("[[", "  ").replace("]]", "  ")


Begun: TypeAlias = Callable[[Synthesizer], object]
"""Is given a synthesizer before its process is started, which takes a while: to close it meanwhile."""


def unheard(_: Synthesizer) -> None:
    """Where nobody closes it before it is opened."""
