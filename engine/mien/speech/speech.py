"""What was spoken: sound, and when which word and which mouth shape is heard."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mien.talk import VisemeTimings, Word


@dataclass(frozen=True, slots=True)
class Speech:
    """A text as sound: `stage.say(who, speech.audio, speech.text, words=speech.words,
    timings=speech.timings)` speaks it."""

    text: str
    """As it was given, inline tags included."""
    audio: bytes
    """A WAV file: 16 bit, mono, at the synthesizer's rate."""
    duration_s: float
    """Length of the sound in seconds."""
    words: tuple[Word, ...] = ()
    """Each word of the text, tags left out, with its times in seconds; none where the synthesizer tells none.
    A word that it says together with others has its share of their time."""
    timings: VisemeTimings | None = None
    """Its phones with their times; None: the mouth follows the sound."""


def as_wav(samples: bytes, rate: int) -> bytes:
    """(n,) int16 little-endian mono as the bytes of a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples)
    return file.getvalue()


def samples_of(speech: Speech) -> tuple[bytes, int]:
    """(samples as `as_wav` takes them, their rate in Hz)."""
    with wave.open(io.BytesIO(speech.audio), "rb") as file:
        return file.readframes(file.getnframes()), file.getframerate()


def joined(text: str, parts: Sequence[Speech]) -> Speech:
    """Parts of one rate, one after the other, as the speech of `text`.

    Words are kept if all parts have some, and timings if all have them: half a mouth by times and half by the
    sound cannot be told.
    """
    if len(parts) == 1:
        return replace(parts[0], text=text)
    sound, rate, at_s = list[bytes](), 0, 0.0
    words, marks = list[Word](), list[tuple[str, float, float]]()
    for part in parts:
        samples, rate = samples_of(part)
        sound.append(samples)
        words += (Word(word.text, word.start_s + at_s, word.end_s + at_s) for word in part.words)
        if part.timings is not None:
            marks += ((label, start + at_s, end + at_s) for label, start, end in part.timings.marks)
        at_s += len(samples) / 2 / rate
    timed = all(part.timings is not None for part in parts)
    schemes = {part.timings.scheme for part in parts if part.timings is not None}
    return Speech(
        text,
        as_wav(b"".join(sound), rate),
        at_s,
        tuple(words) if all(part.words for part in parts) else (),
        VisemeTimings(schemes.pop(), tuple(marks)) if timed and len(schemes) == 1 else None,
    )
