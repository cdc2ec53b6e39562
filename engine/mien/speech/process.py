"""What a synthesizer's own process runs: it reads a request a line, and answers each with sound and times.

A file by itself: the Python that has piper may be another one, which knows nothing of Mien. Started as
`python -I process.py espeak-ng` or `... piper VOICE.onnx`. Each request and each answer is a line of JSON;
`"bytes": n` says that n bytes of sound follow, 16-bit mono. The first says that it is ready, or why not.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import sys
from ctypes import POINTER, c_char, c_char_p, c_int, c_short, c_ubyte, c_uint, c_void_p

LIBRARIES = (
    "libespeak-ng.so.1",
    "libespeak-ng.so",
    "libespeak-ng.1.dylib",
    "libespeak-ng.dylib",
    "/opt/homebrew/lib/libespeak-ng.dylib",
    "/usr/local/lib/libespeak-ng.dylib",
    "C:\\Program Files\\eSpeak NG\\libespeak-ng.dll",
    "libespeak-ng.dll",
)
MOST_S = 600
"""Seconds of sound of one request."""

# Of espeak-ng's speak_lib.h.
SYNCHRONOUS, PHONEME_EVENTS, DONT_EXIT = 2, 0x0001, 0x8000
UTF8, END_PAUSE = 1, 0x1000
RATE, PITCH = 1, 3
WORD, PHONEME = 1, 7


class _Id(ctypes.Union):
    _fields_ = (("number", c_int), ("name", c_char_p), ("string", c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", c_int),
        ("unique_identifier", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_position", c_int),
        ("sample", c_int),
        ("user_data", c_void_p),
        ("id", _Id),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", c_char_p),
        ("languages", c_void_p),
        ("identifier", c_char_p),
        ("gender", c_ubyte),
        ("age", c_ubyte),
        ("variant", c_ubyte),
        ("xx1", c_ubyte),
        ("score", c_int),
        ("spare", c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


class Espeak:
    """espeak-ng by its library, which tells to the sample when each word and phoneme begins."""

    def __init__(self) -> None:
        self.library = _library()
        self.rate = self.library.espeak_Initialize(SYNCHRONOUS, 0, None, PHONEME_EVENTS | DONT_EXIT)
        if self.rate <= 0:
            raise RuntimeError("its data is not installed")
        self._sound = bytearray()
        self._words: list[list[float]] = []
        self._phones: list[list[object]] = []
        self._hear = _Callback(self._heard)  # kept: the library keeps only its address
        self.library.espeak_SetSynthCallback(self._hear)
        self._files = _voices(self.library)

    def hello(self) -> dict[str, object]:
        """The languages it speaks."""
        return {"voices": sorted(self._files)}

    def _set_voice(self, voice: str) -> None:
        language, plus, variant = voice.partition("+")
        # By the name of its file, as `en-us`; else by its language, as `en-gb` or `zh`.
        for name in (voice, f"{self._files.get(language, voice)}{plus}{variant}"):
            if self.library.espeak_SetVoiceByName(name.encode()) == 0:
                return
        raise LookupError("voice")

    def speak(self, request: dict[str, object]) -> tuple[dict[str, object], bytes]:
        """Sound, and where in the text each word is and when it and each phone begin, in samples."""
        text = str(request["text"]).encode()
        self._set_voice(str(request["voice"]))
        self.library.espeak_SetParameter(RATE, request["words_a_minute"], 0)
        self.library.espeak_SetParameter(PITCH, request["pitch"], 0)
        self._sound.clear()
        self._words, self._phones = [], []
        flags = UTF8 | (0 if request["last"] else END_PAUSE)
        status = self.library.espeak_Synth(text, len(text) + 1, 0, 0, 0, flags, None, None)
        self.library.espeak_Synchronize()
        if status != 0:
            raise RuntimeError(f"espeak_Synth gave status {status}")
        answer: dict[str, object] = {"rate": self.rate, "words": self._words, "phones": self._phones}
        return answer, bytes(self._sound)

    def _heard(self, samples: object, count: int, events: object) -> int:
        if samples and count > 0:
            self._sound += ctypes.string_at(samples, 2 * count)  # type: ignore[arg-type]
        i = 0
        while (event := events[i]).type:  # type: ignore[index]
            if event.type == WORD:
                self._words.append([event.text_position - 1, event.sample])
            elif event.type == PHONEME:
                self._phones.append([bytes(event.id.string).decode("utf-8", "replace"), event.sample])
            i += 1
        return int(len(self._sound) > 2 * self.rate * MOST_S)


class Piper:
    """A voice of piper, which tells how long each phone is where it can be patched to (by `onnx`)."""

    def __init__(self, voice: str) -> None:
        self._piper = importlib.import_module("piper")
        load = self._piper.PiperVoice.load
        names = load.__code__.co_varnames[: load.__code__.co_argcount]
        try:
            importlib.import_module("onnx")
            timed = "include_alignments" in names
        except ImportError:
            timed = False  # a voice that was patched before tells all the same
        self._voice = load(voice, **({"include_alignments": True} if timed else {}))

    def hello(self) -> dict[str, object]:
        """Nothing that the voice's file does not say."""
        return {}

    def speak(self, request: dict[str, object]) -> tuple[dict[str, object], bytes]:
        """Sound, the phones of all of it, and how many samples each takes, where that is known."""
        how = self._piper.SynthesisConfig(
            speaker_id=request["speaker"], length_scale=1 / float(str(request["speed"]))
        )
        make = self._voice.synthesize
        timed = "include_alignments" in make.__code__.co_varnames[: make.__code__.co_argcount]
        pieces = make(request["text"], how, **({"include_alignments": True} if timed else {}))
        sound, chunks, rate = bytearray(), [], 0
        for piece in pieces:
            lengths = getattr(piece, "phoneme_alignments", None)
            phones = [[one.phoneme, int(one.num_samples)] for one in lengths or ()]
            chunks.append(
                {"samples": len(piece.audio_int16_bytes) // 2, "said": piece.phonemes, "phones": phones}
            )
            sound += piece.audio_int16_bytes
            rate = piece.sample_rate
            if len(sound) > 2 * rate * MOST_S:
                break
        return {"rate": rate, "chunks": chunks}, bytes(sound)


def _library() -> ctypes.CDLL:
    for name in LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise LookupError("library")


def _voices(library: ctypes.CDLL) -> dict[str, str]:
    """The file of each language's best voice."""
    library.espeak_ListVoices.restype = POINTER(POINTER(_Voice))
    best: dict[str, tuple[int, str]] = {}
    listed, i = library.espeak_ListVoices(None), 0
    while listed[i]:
        voice, i = listed[i].contents, i + 1
        file = (voice.identifier or b"").decode("utf-8", "replace")
        at = voice.languages
        # Each a byte, the lower the better the voice suits it, and its name with an end.
        while at and not file.startswith("mb") and (rank := ctypes.string_at(at, 1)[0]):
            language = ctypes.string_at(at + 1)
            at += 2 + len(language)
            name = language.decode("utf-8", "replace")
            best[name] = min(best.get(name, (rank, file)), (rank, file))
    return {name: file for name, (_, file) in best.items()}


def main() -> None:
    """Answer until nobody asks any more."""
    # What libraries print must not stand between the answers.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def tell(said: dict[str, object], sound: bytes = b"") -> None:
        out.write(json.dumps({**said, "bytes": len(sound)}).encode() + b"\n" + sound)
        out.flush()

    try:
        speaker = Piper(sys.argv[2]) if sys.argv[1] == "piper" else Espeak()
        tell({"ready": True, **speaker.hello()})
    except Exception as error:  # whatever a library raises is told, in its words
        tell({"error": str(error) or type(error).__name__, "kind": type(error).__name__})
        return
    for line in sys.stdin.buffer:
        try:
            said, sound = speaker.speak(json.loads(line))
        except Exception as error:
            said, sound = {"error": str(error) or type(error).__name__, "kind": type(error).__name__}, b""
        tell(said, sound)


if __name__ == "__main__":
    main()
