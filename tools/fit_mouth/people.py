"""People's recordings with their text, aligned by pocketsphinx.

Two layouts are read: speechocean762 (250 speakers, half of them children, CC BY 4.0; its `train` speakers are
fitted to, its `test` speakers measured on) and LJ Speech (one speaker, public domain).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np

from bench_mouth.clips import Clip, Spoken, ToolMissing, at_48k
from mien.lipsync.timed import Mark

AGES = ("child", "teenager", "adult")
"""Of speechocean762's speakers: their names begin so."""


def speechocean(folder: Path, part: str, most: int) -> Iterator[tuple[str, Path, str]]:
    """(voice, file, text) of each speaker's first `most` sentences; children are named so."""
    texts, speakers, files, ages = (
        dict(line.split(maxsplit=1) for line in (folder / part / name).read_text().splitlines())
        for name in ("text", "utt2spk", "wav.scp", "spk2age")
    )
    by_speaker: dict[str, list[str]] = {}
    for key, speaker in speakers.items():
        by_speaker.setdefault(speaker, []).append(key)
    for speaker, keys in sorted(by_speaker.items()):
        age = int(ages[speaker])
        kind = "child" if age < 12 else "teenager" if age < 18 else "adult"
        for key in sorted(keys)[:most]:
            yield f"{kind} {speaker}", folder / files[key], texts[key]


def ljspeech(folder: Path) -> Iterator[tuple[str, Path, str]]:
    """(voice, file, text)."""
    for line in (folder / "metadata.csv").read_text(encoding="utf-8").splitlines():
        name, *_, text = line.split("|")
        yield "LJ", folder / "wavs" / f"{name}.wav", text


def aligned(items: Iterator[tuple[str, Path, str]], cache: Path) -> Iterator[Clip]:
    """The clips whose words pocketsphinx knows and finds. Alignments are kept in the file `cache`.

    Raises ToolMissing.
    """
    known: dict[str, list[Mark] | None] = json.loads(cache.read_text()) if cache.exists() else {}
    aligner: Aligner | None = None
    for voice, path, text in items:
        samples, rate = read(path)
        if path.name not in known:
            aligner = aligner or Aligner()
            known[path.name] = aligner.phones(at_rate(samples, rate, 16_000), text)
            if len(known) % 100 == 0:
                cache.write_text(json.dumps(known))
        phones = known[path.name]
        if phones:
            marks = tuple((name, start, end) for name, start, end in phones)
            yield Clip("people", voice, at_48k(samples, rate), "arpabet", marks, ())
    if aligner is not None:
        cache.write_text(json.dumps(known))


def heard(spoken: Iterable[Spoken], group: str) -> list[Clip]:
    """The sentences whose words pocketsphinx knows and finds, with their words. Raises ToolMissing."""
    aligner, clips = Aligner(), []
    for one in spoken:
        found = aligner.found(at_rate(one.samples, one.rate, 16_000), one.text)
        if found is not None:
            phones, words = map(tuple, found)
            sound = at_48k(one.samples, one.rate)
            clips.append(Clip(group, one.voice, sound, "arpabet", phones, words))
    return clips


class Aligner:
    """Pocketsphinx with its American English. Raises ToolMissing."""

    def __init__(self) -> None:
        try:
            from pocketsphinx import Decoder
        except ImportError:
            raise ToolMissing(
                "pocketsphinx is missing; install it with `pip install pocketsphinx`."
            ) from None
        self._decoder = Decoder(
            lm=None, loglevel="FATAL", bestpath=False, beam=1e-80, wbeam=1e-60, pbeam=1e-80
        )

    def phones(self, samples: np.ndarray, text: str) -> list[Mark] | None:
        """ARPABET phones with their times; None where a word is unknown or the text is not found."""
        found = self.found(samples, text)
        return found and found[0]

    def found(self, samples: np.ndarray, text: str) -> tuple[list[Mark], list[Mark]] | None:
        """(ARPABET phones, words) with their times, of sound at 16 kHz; None as above."""
        words = re.sub(r"[^a-z' ]", " ", text.lower()).split()
        if not words or any(self._decoder.lookup_word(word) is None for word in words):
            return None
        sound = (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()
        try:
            self._decoder.set_align_text(" ".join(words))
            self._heard(sound)
            if self._decoder.hyp() is None:
                return None
            self._decoder.set_alignment()  # from words to phones
            self._heard(sound)
            found = self._decoder.get_alignment()
        except RuntimeError:
            return None
        phones: list[Mark] = []
        spoken: list[Mark] = []
        for word in found:
            own = [(p.name, p.start / 100, (p.start + p.duration) / 100) for p in word]
            phones += own
            if not word.name.startswith("<"):  # a pause
                spoken.append((word.name.split("(")[0], own[0][1], own[-1][2]))
        return phones, spoken

    def _heard(self, sound: bytes) -> None:
        self._decoder.start_utt()
        self._decoder.process_raw(sound, full_utt=True)
        self._decoder.end_utt()


def read(path: Path) -> tuple[np.ndarray, int]:
    """(n,) float32, and its rate."""
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].rate
        samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    return samples.astype(np.float32) / 32768, rate


def at_rate(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Resampled."""
    frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler("flt", "mono", wanted)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray()[0] for part in parts])
