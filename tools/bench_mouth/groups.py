"""The speech that is measured with, in groups, and what was fitted to that is like it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench_mouth import neural, packages, recordings
from bench_mouth.clips import RATES, SENTENCES, VOICES, Clip, Espeak, ToolMissing
from bench_mouth.figures import pauses_db
from bench_mouth.versions import named
from fit_mouth import people, voices

EMU: Final = "https://github.com/IPS-LMU/EMU-webApp, src/testData/newFormat/ae"

UNHEARD: Final = "**Held out**: nothing of these speakers, or recorded as they were, was fitted to."
SPEAKERS: Final = "**Held out speakers**: others of the same recordings were fitted to."
VARIANTS: Final = "**Held out voices**: others of the same synthesizers were fitted to."

_ALIGNED: Final = "Aligned by pocketsphinx."
_LABELS: Final = "By the labels that come with the recordings."


@dataclass(frozen=True, slots=True)
class Group:
    """Clips that belong together."""

    title: str
    about: str
    held_out: str
    """UNHEARD, SPEAKERS or VARIANTS."""
    clips: Sequence[Clip]
    is_people: bool = True
    """Whole sentences of people: counts for the figures above all, and for the conditions."""
    is_large: bool = False
    """So much that the peers, some of which are slow, are left out."""


def groups(asked: argparse.Namespace, say: Callable[[str], None]) -> list[Group]:
    """All that can be had; `say` is told in a sentence of what cannot."""
    found = []
    for make in _packaged(asked) if asked.quick else (*_packaged(asked), *_given(asked), *_synthesizers()):
        try:
            found += make()
        except ToolMissing as error:
            say(str(error))
    return found


def _packaged(asked: argparse.Namespace) -> Iterator[Callable[[], list[Group]]]:
    folder, some = asked.packages, slice(2 if asked.quick else None)

    def two() -> list[Group]:
        about = f"A sentence of a woman and one of a man, of {packages.PRAATIO}. {_LABELS}"
        return [Group("People: two sentences", about, UNHEARD, recordings.recorded(folder))]

    def talks() -> list[Group]:
        clips = recordings.talks(folder)
        below = ", ".join(f"{pauses_db(clip):.0f}" for clip in clips)
        about = (
            f"A man who talks freely, twice with a cold, in the tests of {packages.MFA}. The pauses of his "
        )
        about = f"{about}recordings are {below} dB below the voice. {_LABELS}"
        return [Group("People: a man talks", about, UNHEARD, clips)]

    def book() -> list[Group]:
        clips = people.heard(packages.sphinx(folder), "LibriVox")
        about = f"A woman reads a book, in Debian's {packages.SPHINX}. {_ALIGNED}"
        return [Group("People: a woman reads", about, UNHEARD, clips)]

    def joe() -> list[Group]:
        clips = people.heard(neural.joe(SENTENCES[some]), "neural")
        about = f"Made by {named(neural.PIPER)} with {named(neural.JOE)}. {_ALIGNED}"
        return [Group("Neural voices: joe, a man", about, UNHEARD, clips, is_people=False)]

    def heart() -> list[Group]:
        voice, rng = neural.Heart(), np.random.default_rng(0)
        clips = people.heard((voice.say(text, rng) for text in SENTENCES[some]), "neural")
        about = f"Made by {named(neural.HEART)}. {_ALIGNED}"
        return [Group("Neural voices: heart, a woman", about, UNHEARD, clips, is_people=False)]

    yield two
    if not asked.quick:
        yield talks
        yield book
    yield joe
    yield heart


def _given(asked: argparse.Namespace) -> Iterator[Callable[[], list[Group]]]:
    def emu() -> list[Group]:
        if not asked.emu:
            raise ToolMissing(f"an EMU database is in no package; give a copy of {EMU} by --emu.")
        about = f"A man reads, of {EMU}, by `--emu`. {_LABELS}"
        return [Group("People: a man reads", about, UNHEARD, recordings.emu(asked.emu))]

    def voxangeles() -> list[Group]:
        if not asked.voxangeles:
            raise ToolMissing("VoxAngeles is in no package; give its data/audited_aligned by --voxangeles.")
        clips = recordings.voxangeles(asked.voxangeles)
        languages = len({clip.voice for clip in clips})
        about = f"{len(clips)} words in {languages} languages (VoxAngeles, by `--voxangeles`). {_LABELS}"
        return [Group("People: words of the world", about, UNHEARD, clips, is_people=False, is_large=True)]

    def speechocean() -> list[Group]:
        if not asked.speechocean:
            raise ToolMissing("speechocean762 is in no package; give a copy of it by --speechocean.")
        items = people.speechocean(asked.speechocean, "test", asked.each)
        clips = list(people.aligned(items, asked.cache))
        made = []
        for kind, name in (("child", "children"), ("teenager", "teenagers"), ("adult", "adults")):
            own = [clip for clip in clips if clip.voice.startswith(kind)]
            speakers = len({clip.voice for clip in own})
            about = f"{speakers} `test` speakers of speechocean762, learners of English, by `--speechocean`."
            about = f"{about} {_ALIGNED}"
            made.append(Group(f"People: {name}", about, SPEAKERS, own, is_people=False, is_large=True))
        return made

    yield emu
    yield voxangeles
    yield speechocean


def _synthesizers() -> Iterator[Callable[[], list[Group]]]:
    def espeak() -> list[Group]:
        speaker = Espeak()
        spoken = [
            speaker.say(text, voice, RATES[(i + j) % len(RATES)])
            for i, voice in enumerate(VOICES)
            for j, text in enumerate(SENTENCES)
        ]
        about = (
            f"{len(SENTENCES)} sentences in {len(VOICES)} of its voices ({', '.join(VOICES)}) at "
            f"{', '.join(map(str, RATES))} words a minute, in turn. Its own phoneme events are the truth."
        )
        return [Group("espeak-ng", about, VARIANTS, spoken, is_people=False)]

    def others() -> list[Group]:
        texts = list(SENTENCES)
        clips = [*voices.flite(texts, ("awb", "kal")), *voices.festival(texts, ("voice_kal_diphone",))]
        about = "Voices awb and kal of flite, kal_diphone of festival. Their own times are the truth."
        return [Group("flite and festival", about, VARIANTS, clips, is_people=False)]

    yield espeak
    yield others
