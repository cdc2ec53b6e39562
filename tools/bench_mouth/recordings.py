"""People's speech with known phones."""

from __future__ import annotations

import itertools
import json
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from bench_mouth.clips import Clip, ToolMissing, at_48k
from bench_mouth.packages import MFA, PRAATIO, decoded, files_of, sdist
from mien.lipsync.phones import shapes_of
from mien.lipsync.timed import Mark

# The alignments' own slips: `barrel` is written with œ for æ, and `ripped` ends in one phone PT.
_RECORDED: Final = (
    ("woman", "mary.wav", "mary.TextGrid", "ipa", {"œ": "æ"}),
    ("man", "bobby.wav", "bobby_phones.TextGrid", "arpabet", {"PT": "P"}),
)
_WORDS_OF: Final = {"bobby.wav": "bobby_words.TextGrid", "mary.wav": "mary.TextGrid"}
_TALKS: Final = ("acoustic_corpus", "cold_corpus", "cold_corpus3")


def recorded(folder: Path) -> list[Clip]:
    """Two people, a sentence each, of praatio's examples, with their labels. Raises ToolMissing."""
    files = files_of(sdist(PRAATIO, folder), "/examples/files/")
    clips = []
    for voice, sound, grid, scheme, slips in _RECORDED:
        samples, rate = decoded(BytesIO(files[sound]))
        tiers = read_text_grid(files[grid].decode()) | read_text_grid(files[_WORDS_OF[sound]].decode())
        phones = tuple((slips.get(name, name), start, end) for name, start, end in tiers["phone"])
        words = tuple(mark for mark in tiers["word"] if mark[0].strip())
        clips.append(Clip("praatio", voice, at_48k(samples, rate), scheme, phones, words))  # type: ignore[arg-type]
    return clips


def talks(folder: Path) -> list[Clip]:
    """A man who talks freely, of the Montreal Forced Aligner's tests, with its labels. Raises ToolMissing."""
    files = files_of(sdist(MFA, folder), "/tests/data/")
    clips = []
    for name in _TALKS:
        samples, rate = decoded(BytesIO(files[f"{name}.wav"]))
        tiers = read_text_grid(files[f"{name}.TextGrid"].decode())
        phones = tuple(
            # What is no phone, as a cough, opens no mouth that could be right.
            (label if shapes_of(label, "arpabet") is not None else "", start, end)
            for label, start, end in tiers["phones"]
        )
        words = tuple(mark for mark in tiers["words"] if mark[0].strip(" <>"))
        clips.append(Clip("mfa", "man", at_48k(samples, rate), "arpabet", phones, words))
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
        sound = at_48k(*decoded(Path(str(path).replace("_annot.json", ".wav"))))
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
    """VoxAngeles: words of 95 languages, with its audited labels; `most` of each zip. Raises ToolMissing.

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
            heard = at_48k(*decoded(BytesIO(archive.read(sound))))
            yield Clip("VoxAngeles", language, heard, "ipa", phones, ())
