"""Voices that say when each of their phones begins: flite's, festival's and espeak-ng's."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from bench_mouth.clips import Clip, Espeak, ToolMissing, at_48k
from bench_mouth.figures import truth
from fit_mouth.disturb import Said
from fit_mouth.sentences import ELSEWHERE, ENGLISH, split

FLITE = ("slt", "rms", "kal16")
"""`awb` and `kal` are kept for measuring."""
FESTIVAL = ("voice_ked_diphone", "voice_cmu_us_slt_arctic_hts")
"""`kal_diphone` is kept for measuring."""
ESPEAK = (
    "en-us+m1", "en-us+f1", "en-us+f3", "en-us+m5", "en-us+m7", "en-gb+f3", "en-us+Andy", "en-us+linda"
)  # fmt: skip
"""None is among `bench_mouth.clips.VOICES`."""
VARIANTS = ("", "+f3", "+m7", "+f1", "+m5")


def said(clip: Clip) -> Said:
    """A clip with its shapes."""
    return Said(clip.voice, clip.samples, truth(clip).astype(np.int8))


def _read(path: Path) -> tuple[np.ndarray, int]:
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].rate
        samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    return samples.astype(np.float32) / 32768, rate


def flite(texts: list[str], voices: tuple[str, ...] = FLITE) -> Iterator[Clip]:
    """By its command line, which prints the phones' ends. Raises ToolMissing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        for voice, text in itertools.product(voices, texts):
            command = ["flite", "-voice", voice, "-psdur", "-t", text, "-o", str(path)]
            printed = _run(command, "flite").split()
            ends = [(name, float(end)) for name, end in (item.split(":") for item in printed)]
            starts = [0.0, *(end for _, end in ends)]
            phones = tuple((name, start, end) for (name, end), start in zip(ends, starts, strict=False))
            samples, rate = _read(path)
            yield Clip("flite", f"flite {voice}", at_48k(samples, rate), "arpabet", phones, ())


def festival(texts: list[str], voices: tuple[str, ...] = FESTIVAL) -> Iterator[Clip]:
    """All sentences of a voice in one call. Raises ToolMissing."""
    for voice in voices:
        with tempfile.TemporaryDirectory() as folder:
            lines = [f"({voice})"]
            for i, text in enumerate(texts):
                quoted = text.replace('"', "")
                lines += [
                    f'(set! u (SynthText "{quoted}"))',
                    f'(utt.save.wave u "{folder}/{i}.wav" "riff")',
                    f'(utt.save.segs u "{folder}/{i}.lab")',
                ]
            synth = '(define (SynthText s) (let ((u (eval (list "Utterance" "Text" s)))) (utt.synth u)))'
            script = Path(folder) / "all.scm"
            script.write_text(
                synth.replace('"Utterance" "Text"', "'Utterance 'Text") + "\n" + "\n".join(lines)
            )
            _run(["festival", "-b", str(script)], "festival")
            for i in range(len(texts)):
                rows = [row.split() for row in (Path(folder) / f"{i}.lab").read_text().splitlines()]
                ends = [(row[2], float(row[0])) for row in rows if len(row) == 3]
                starts = [0.0, *(end for _, end in ends)]
                phones = tuple((name, start, end) for (name, end), start in zip(ends, starts, strict=False))
                samples, rate = _read(Path(folder) / f"{i}.wav")
                yield Clip("festival", voice, at_48k(samples, rate), "arpabet", phones, ())


def espeak(texts: list[str], seed: int) -> Iterator[Clip]:
    """English and ten other languages, at many speeds. Raises ToolMissing."""
    rng = np.random.default_rng(seed)
    speaker = Espeak()
    for voice, text in itertools.product(ESPEAK, texts):
        yield speaker.say(text, voice, int(rng.integers(120, 250)))
    for language, some in ELSEWHERE.items():
        for variant, text in itertools.product(VARIANTS, split(some)):
            yield speaker.say(text, language + variant, int(rng.integers(120, 230)))


def texts() -> list[str]:
    """The English sentences."""
    return split(ENGLISH)


def _run(command: list[str], package: str) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True).stdout.decode()
    except OSError:
        raise ToolMissing(f"{package} is missing; install Debian's package {package}.") from None
    except subprocess.CalledProcessError as error:
        raise ToolMissing(f"{package} failed: {error.stderr.decode()[-200:].strip()}") from None
