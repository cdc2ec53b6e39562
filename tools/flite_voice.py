"""The flite synthesizer through its C library: sound, with the time of every word and phone.

flite's command line prints phones but not which word each belongs to; the library knows both.
Debian and Ubuntu: `apt install flite`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]


class FliteMissing(RuntimeError):
    """flite, or one of its voices, is not installed."""


@dataclass(frozen=True, slots=True)
class Prosody:
    """How a voice speaks one turn."""

    stretch: float = 1.0
    """Length of everything relative to the voice's own; above 1 is slower."""
    pitch_hz: float = 0.0
    """Mean fundamental frequency; 0 keeps the voice's own."""
    spread_hz: float = 0.0
    """Standard deviation of the pitch; 0 keeps the voice's own, more is livelier."""
    tone: float = 1.0
    """Pitch and timbre together, for voices whose pitch is fixed: above 1 is a smaller person."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One synthesized text."""

    samples: F32
    """(n,) float32 in -1..1, mono."""
    rate: int
    words: tuple[tuple[str, float, float], ...]
    """(word as in the text, start, end) in seconds."""
    phones: tuple[tuple[str, float, float], ...]
    """(phone of the CMU set, start, end) in seconds; `pau` is silence."""


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


class _Voice(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("features", ctypes.c_void_p))


_POINTER, _TEXT, _FLOAT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_float
_SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "flite_init": (ctypes.c_int, []),
    "flite_synth_text": (_POINTER, [_TEXT, _POINTER]),
    "delete_utterance": (None, [_POINTER]),
    "utt_wave": (ctypes.POINTER(_Wave), [_POINTER]),
    "utt_relation": (_POINTER, [_POINTER, _TEXT]),
    "relation_head": (_POINTER, [_POINTER]),
    "item_next": (_POINTER, [_POINTER]),
    "item_daughter": (_POINTER, [_POINTER]),
    "item_as": (_POINTER, [_POINTER, _TEXT]),
    "item_feat_string": (_TEXT, [_POINTER, _TEXT]),
    "item_feat_float": (_FLOAT, [_POINTER, _TEXT]),
    "feat_set_float": (None, [_POINTER, _TEXT, _FLOAT]),
    "feat_remove": (ctypes.c_int, [_POINTER, _TEXT]),
}


@cache
def _library() -> ctypes.CDLL:
    try:
        # The voices and the lexicon find flite's own symbols only when it is loaded globally.
        library = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
        for part in ("libflite_usenglish.so.1", "libflite_cmulex.so.1"):
            ctypes.CDLL(part, mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise FliteMissing(f"flite is not installed ({error}); run: apt install flite") from error
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    library.flite_init()
    return library


@cache
def _voice(name: str) -> tuple[int, int]:
    """Pointers to the voice and to its features."""
    _library()
    try:
        voices = ctypes.CDLL(f"libflite_cmu_us_{name}.so.1", mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise FliteMissing(f"flite has no voice {name!r} here ({error}); run: apt install flite") from error
    register = getattr(voices, f"register_cmu_us_{name}")
    register.restype, register.argtypes = ctypes.POINTER(_Voice), [_TEXT]
    voice = register(None)
    return ctypes.cast(voice, ctypes.c_void_p).value or 0, voice.contents.features


def _siblings(item: int | None) -> Iterator[int]:
    while item:
        yield item
        item = _library().item_next(item)


def _end_s(segment: int) -> float:
    return float(_library().item_feat_float(segment, b"end"))


def _faster(marks: Iterable[tuple[str, float, float]], tone: float) -> tuple[tuple[str, float, float], ...]:
    return tuple((name, start / tone, end / tone) for name, start, end in marks)


def synthesize(text: str, voice: str, prosody: Prosody) -> Spoken:
    """Speak `text` (words separated by spaces). Raises FliteMissing."""
    library = _library()
    pointer, features = _voice(voice)
    library.feat_set_float(features, b"duration_stretch", prosody.stretch * prosody.tone)
    wanted = ((b"int_f0_target_mean", prosody.pitch_hz), (b"int_f0_target_stddev", prosody.spread_hz))
    for feature, value in wanted:
        if value:
            library.feat_set_float(features, feature, value)
        else:
            library.feat_remove(features, feature)
    # The noise in a voice comes from C's rand(): seeded, a text sounds the same whatever was said before.
    ctypes.CDLL(None).srand(1)
    utterance = library.flite_synth_text(text.encode("ascii"), pointer)
    try:
        wave = library.utt_wave(utterance).contents
        pcm = np.ctypeslib.as_array(wave.samples, (wave.num_samples,))
        samples = (pcm / 32768.0).astype(np.float32)
        phones, ends = [], [0.0]
        for segment in _siblings(library.relation_head(library.utt_relation(utterance, b"Segment"))):
            name = library.item_feat_string(segment, b"name").decode()
            phones.append((name, ends[-1], _end_s(segment)))
            ends.append(phones[-1][2])
        words = []
        for token in _siblings(library.relation_head(library.utt_relation(utterance, b"Token"))):
            word_ends = [
                _end_s(library.item_as(segment, b"Segment"))
                for word in _siblings(library.item_daughter(token))
                for syllable in _siblings(library.item_daughter(library.item_as(word, b"SylStructure")))
                for segment in _siblings(library.item_daughter(syllable))
            ]
            if word_ends:
                first = min(range(len(ends)), key=lambda i, at=word_ends[0]: abs(ends[i] - at))
                words.append((ends[first - 1], word_ends[-1]))
        spelled = text.split()
        if len(spelled) != len(words):
            raise ValueError(f"flite heard {len(words)} words in {len(spelled)}: {text!r}; respell the text.")
        timed = ((word, start, end) for word, (start, end) in zip(spelled, words, strict=True))
        # The tone is made by playing faster: the same samples at a higher rate, spoken slower before.
        rate = round(wave.sample_rate * prosody.tone)
        return Spoken(samples, rate, _faster(timed, prosody.tone), _faster(phones, prosody.tone))
    finally:
        library.delete_utterance(utterance)
