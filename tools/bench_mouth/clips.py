"""Speech with known phones: espeak-ng's, by its events. People's is in `recordings`."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import av
import numpy as np

from mien.lipsync.timed import Mark, Scheme
from mien.types import F32

SENTENCES = (
    "Mabel bought a pound of plums before the market closed.",
    "Why would anybody wear five purple hats at once?",
    "The old boat drifted slowly past the empty harbour.",
    "Please move your chair, the show is about to begin.",
    "Thirty thieves thought about the weather over there.",
    "A quick judge chose the second cheese from the shelf.",
    "Who knew the blue moon could look so huge tonight?",
    "Papa, may Bob and Emma come up to the pub by bus?",
)
"""None of them is among those that the weights were fitted to."""

VOICES = ("en-us", "en-us+f2", "en-us+f5", "en-us+m3", "en-gb", "en-gb+f4", "en-us+Annie", "en-us+Max")
RATES = (140, 175, 230)
"""Words a minute."""


class ToolMissing(Exception):
    """Something that the benchmark speaks with is not installed; the message says how to."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A sentence."""

    group: str
    voice: str
    samples: F32
    """(n,) float32, mono, 48 kHz."""
    scheme: Scheme
    phones: tuple[Mark, ...]
    words: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence whose words are known and whose phones are to be found."""

    voice: str
    samples: F32
    """(n,) float32, mono."""
    rate: int
    """Of the samples, in Hz."""
    text: str


class _Name(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Name),
    )


_HEARD = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
_SYNCHRONOUS, _PHONEME_EVENTS, _RATE, _WORD, _PHONEME = 2, 1, 1, 1, 7


class Espeak:
    """espeak-ng's library. Raises ToolMissing."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL("libespeak-ng.so.1")
        except OSError:
            raise ToolMissing("espeak-ng is missing; install it with `apt-get install espeak-ng`.") from None
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEME_EVENTS)
        if self._rate <= 0:
            raise ToolMissing("espeak-ng's voices are missing; install Debian's package espeak-ng-data.")

    def say(self, text: str, voice: str, words_a_minute: int) -> Clip:
        """The sentence in that voice, with espeak-ng's own phoneme events."""
        parts: list[np.ndarray] = []
        events: list[tuple[int, float, str]] = []

        def heard(sound: object, count: int, happened: object) -> int:
            if sound and count:
                parts.append(np.ctypeslib.as_array(sound, (count,)).copy())  # type: ignore[arg-type]
            i = 0
            while happened[i].type:  # type: ignore[index]
                event = happened[i]  # type: ignore[index]
                name = event.id.string.decode() if event.type == _PHONEME else ""
                if event.type == _WORD:
                    name = text[event.text_position - 1 :][: event.length]
                events.append((event.type, event.sample / self._rate, name))
                i += 1
            return 0

        callback = _HEARD(heard)
        self._library.espeak_SetSynthCallback(callback)
        self._library.espeak_SetVoiceByName(voice.encode())
        self._library.espeak_SetParameter(_RATE, words_a_minute, 0)
        said = text.encode() + b"\0"
        self._library.espeak_Synth(said, len(said), 0, 0, 0, 1, None, None)
        self._library.espeak_Synchronize()
        sound = np.concatenate(parts)
        length = len(sound) / self._rate
        samples = at_48k(sound.astype(np.float32) / 32768, self._rate)  # type: ignore[arg-type]
        # The name of a pause in espeak-ng begins with `_`.
        phones = _until_next([(at, name) for kind, at, name in events if kind == _PHONEME], length)
        starts = [(at, name) for kind, at, name in events if kind == _WORD]
        words = tuple(
            (name, start, _spoken_until(end, phones)) for name, start, end in _until_next(starts, length)
        )
        return Clip("espeak-ng", voice, samples, "espeak", phones, words)


def _until_next(events: list[tuple[float, str]], length: float) -> tuple[Mark, ...]:
    ends = [*(at for at, _ in events[1:]), length]
    return tuple((name, at, end) for (at, name), end in zip(events, ends, strict=True))


def _spoken_until(end: float, phones: tuple[Mark, ...]) -> float:
    """A word's end, without the pause that follows it."""
    pauses = [start for name, start, stop in phones if name.startswith("_") and start < end <= stop]
    return min([end, *pauses])


def at_48k(samples: F32, rate: int) -> F32:
    """Resampled as Mien's decoder does it."""
    frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler("flt", "mono", 48_000)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray()[0] for part in parts])
