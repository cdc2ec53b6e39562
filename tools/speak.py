#!/usr/bin/env python3
"""Speak a conversation: make its audio, word times and visemes from its text, with flite.

`tools/speak.py assets/conversations/hello` reads `conversation.toml` (what is said, and the names of
the files to write) and `speech.toml` beside it (how it is said), and writes every turn's audio, its
words and, where the turn names a viseme file, its visemes. The same input gives the same sound.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))
from flite_voice import FliteMissing, Prosody, Spoken, synthesize
from mien.talk.tags import parse_tags

F32 = npt.NDArray[np.float32]
Marks = list[tuple[str, float, float]]

LOUDNESS_DBFS = -20.0
"""Root mean square of the spoken parts; voices come out alike whatever their own level."""
PEAK_DBFS = -1.5
LEAD_S, TAIL_S, FADE_S = 0.04, 0.12, 0.012
LOW_CUT_HZ, TREBLE_HZ = 70.0, 2800.0
PROSODY = (("stretch", 1.0), ("pitch_hz", 0.0), ("spread_hz", 0.0), ("tone", 1.0))

CODECS = {".opus": "libopus", ".mp3": "libmp3lame", ".flac": "flac", ".wav": "pcm_s16le"}

# CMU phones by Oculus viseme. A diphthong is two shapes: its first takes 60 % of the time.
VISEME_OF = {
    "PP": "p b m em", "FF": "f v", "TH": "th dh", "DD": "t d dx", "kk": "k g ng", "CH": "ch jh sh zh",
    "SS": "s z", "nn": "n l en el nx", "RR": "r er axr", "aa": "aa ae ah ax", "E": "eh", "I": "ih iy ix y",
    "O": "ao", "U": "uh uw w", "sil": "pau",
}  # fmt: skip
VISEME = {phone: viseme for viseme, phones in VISEME_OF.items() for phone in phones.split()}
GLIDES = {"ay": ("aa", "I"), "aw": ("aa", "U"), "ow": ("O", "U"), "oy": ("O", "I"), "ey": ("E", "I")}


def visemes_of(phones: Marks) -> Marks:
    """Oculus visemes of phones, equal neighbours joined. `hh` is breath: it takes the vowel's shape."""
    shapes: Marks = []
    for i, (phone, start, end) in enumerate(phones):
        if phone == "hh" and i + 1 < len(phones):
            phone = phones[i + 1][0]
            shapes.append((GLIDES.get(phone, (VISEME.get(phone, "E"),))[0], start, end))
        elif phone in GLIDES:
            middle = start + 0.6 * (end - start)
            shapes += [(GLIDES[phone][0], start, middle), (GLIDES[phone][1], middle, end)]
        else:
            shapes.append((VISEME[phone], start, end))
    joined: Marks = []
    for shape, start, end in shapes:
        if joined and joined[-1][0] == shape:
            start = joined.pop()[1]
        joined.append((shape, start, end))
    return joined


def master(spoken: Spoken, bright_db: float) -> tuple[F32, float]:
    """(the speech trimmed, without rumble, its treble raised by `bright_db`, at the common loudness, with
    soft ends; seconds cut in front)."""
    first = next(start for phone, start, _ in spoken.phones if phone != "pau")
    last = max(end for phone, _, end in spoken.phones if phone != "pau")
    cut_s = max(0.0, first - LEAD_S)
    rate = spoken.rate
    samples = spoken.samples[round(cut_s * rate) : round((last + TAIL_S) * rate)].astype(np.float64)
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / rate)
    rumble = hz**4 / (hz**4 + LOW_CUT_HZ**4)
    treble = 10 ** (bright_db / 20 * hz**4 / (hz**4 + TREBLE_HZ**4))
    samples = np.fft.irfft(spectrum * rumble * treble, len(samples))
    block = rate // 50
    power = (samples[: len(samples) // block * block].reshape(-1, block) ** 2).mean(axis=1)
    loud = np.sqrt(power[power > power.max() * 1e-3].mean())
    gain = min(10 ** (LOUDNESS_DBFS / 20) / loud, 10 ** (PEAK_DBFS / 20) / np.abs(samples).max())
    fade = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, round(FADE_S * rate)))
    samples[: len(fade)] *= fade
    samples[-len(fade) :] *= fade[::-1]
    return (samples * gain).astype(np.float32), cut_s


def encode(samples: F32, rate: int, path: Path, codec: str, out_rate: int, layout: str) -> None:
    """Write mono float samples at `rate` to `path` with `codec` at `out_rate`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without bitexact, Ogg streams carry a random serial number and the file differs each time.
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(codec, rate=out_rate)
        assert isinstance(stream, av.AudioStream)
        stream.codec_context.layout = layout
        if codec in ("libopus", "libmp3lame"):
            stream.codec_context.bit_rate = 40_000 if codec == "libopus" else 64_000
        sample_format = stream.codec_context.format.name if codec != "flac" else "s16"
        stream.codec_context.format = sample_format
        resampler = av.AudioResampler(format=sample_format, layout=layout, rate=out_rate)
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="flt", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        fifo = av.AudioFifo()
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            piece.pts = None
            fifo.write(piece)
        size = stream.codec_context.frame_size or 4096
        position = 0
        while fifo.samples:
            part = fifo.read(min(size, fifo.samples))
            part.pts, part.time_base = position, Fraction(1, out_rate)
            position += part.samples
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


def write_marks(path: Path, marks: Marks) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = ",\n  ".join(json.dumps([name, round(start, 3), round(end, 3)]) for name, start, end in marks)
    path.write_text(f"[\n  {rows}\n]\n")


def speak(folder: Path) -> float:
    """Write all files of the conversation in `folder`; returns its seconds of speech."""
    conversation = tomllib.loads((folder / "conversation.toml").read_text())
    speech = tomllib.loads((folder / "speech.toml").read_text())
    total_s = 0.0
    for turn in conversation["turn"]:
        how = {**speech["voice"][turn["speaker"]], **speech.get("turn", {}).get(turn["key"], {})}
        text = how.get("say", parse_tags(turn["text"])[0])
        prosody = Prosody(*(how.get(key, own) for key, own in PROSODY))
        spoken = synthesize(text, how["flite"], prosody)
        samples, cut_s = master(spoken, how.get("bright_db", 0.0))
        length_s = len(samples) / spoken.rate
        total_s += length_s
        audio = folder / turn["audio"]
        codec = how.get("codec", CODECS[audio.suffix])
        encode(samples, spoken.rate, audio, codec, how.get("rate", 48_000), how.get("layout", "mono"))
        spelled = parse_tags(turn["text"])[0].split()
        words = [
            (word, max(0.0, start - cut_s), min(length_s, end - cut_s))
            for word, (_, start, end) in zip(spelled, spoken.words, strict=True)
        ]
        if "words_file" in turn:
            write_marks(folder / turn["words_file"], words)
        elif "words" in turn:
            print(
                f"{turn['key']}: words = {json.dumps([[w, round(s, 3), round(e, 3)] for w, s, e in words])}"
            )
        if "visemes" in turn:
            shapes = [
                (v, max(0.0, s - cut_s), min(length_s, e - cut_s))
                for v, s, e in visemes_of(list(spoken.phones))
            ]
            write_marks(folder / turn["visemes"]["file"], [mark for mark in shapes if mark[2] > mark[1]])
        peak, loud = np.abs(samples).max(), np.sqrt((samples**2).mean())
        print(
            f"{turn['key']:>10} {length_s:6.2f} s  peak {20 * np.log10(peak):6.1f} dBFS  "
            f"rms {20 * np.log10(loud):6.1f} dBFS  {audio.stat().st_size / 1024:6.1f} KiB  {codec}"
        )
    return total_s


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="+", help="conversation folders with a speech.toml")
    for folder in parser.parse_args().folder:
        try:
            print(f"{folder}: {speak(folder):.1f} s of speech")
        except FliteMissing as error:
            sys.exit(f"speak.py: {error}")


if __name__ == "__main__":
    main()
