"""Hold the mouth against speech whose phones are known, and write how well it follows, in Markdown."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from bench_compositor.machine import Machine, machine
from bench_mouth import engines, page
from bench_mouth.clips import RATES, SENTENCES, VOICES, Clip, Espeak, ToolMissing
from bench_mouth.conditions import changed, conditions, without_voice
from bench_mouth.engines import Moved
from bench_mouth.figures import Figures, figures
from bench_mouth.recordings import RECORDINGS, emu, librivox, recorded, voxangeles
from fit_mouth import people, voices
from mien.lipsync.analyser import LOOK_AHEAD_MS

EMU = "https://github.com/IPS-LMU/EMU-webApp, src/testData/newFormat/ae"

Engine: TypeAlias = Callable[[Clip], Moved]


class Bench:
    """Runs the mouths over groups of clips, and keeps what Mien's did for a later run to compare with."""

    def __init__(self, before: dict[str, list[str]]) -> None:
        self._before = before
        self.own: dict[str, list[str]] = {}
        """Cells of Mien's rows, by the row's title."""

    def row(self, key: str, cells: list[str]) -> str:
        """Mien's row and, where it is known, that of the run before."""
        self.own[key] = cells
        text = f"| {' | '.join(cells)} |\n"
        if key in self._before:
            then = self._before[key]
            text += f"| {cells[0].replace('**', '')}, before | {' | '.join(then[1:])} |\n"
        return text

    def group(self, title: str, clips: Sequence[Clip], others: Sequence[tuple[str, Engine]]) -> str:
        """A table's rows."""
        text = self.row(title, _cells("**Mien, the sound alone**", engines.from_sound, clips))
        return text + "".join(f"| {' | '.join(_cells(name, run, clips))} |\n" for name, run in others)


def _cells(name: str, run: Engine, clips: Sequence[Clip]) -> list[str]:
    moved = [run(clip) for clip in clips]
    found: Figures = figures(clips, [one.rows for one in moved], sum(one.cost_s for one in moved))
    return [
        name,
        f"{found.visemes:.0%}",
        f"{found.spoken:.0%}",
        f"{found.vowels:.0%}",
        f"{found.openness:.2f}",
        f"{found.closures:.0%}",
        f"{found.false_closures:.0%}",
        f"{found.lag_ms:+.0f} ms",
        f"{found.onset_ms:+.0f} ms",
        f"{found.cost_ms:.1f} ms" if found.cost_ms else "",
    ]


def _people(asked: argparse.Namespace) -> list[tuple[str, str, list[Clip]]]:
    names = recorded()
    groups = [
        (
            "People: two sentences",
            f"From the source archive of {RECORDINGS} ({', '.join(clip.voice for clip in names)}).",
            names,
        )
    ]
    if asked.emu:
        clips = emu(asked.emu)
        about = f"A man, labelled by hand ({EMU}), given by `--emu`."
        groups.append((f"People: {len(clips)} sentences of a man", about, clips))
    if asked.librivox:
        about = "Of an audio book, aligned by pocketsphinx, in whose tests they are; given by `--librivox`."
        groups.append(("People: 5 sentences of a woman", about, librivox(asked.librivox)))
    return groups


def _more_people(asked: argparse.Namespace) -> list[tuple[str, str, list[Clip]]]:
    groups = []
    if asked.voxangeles:
        clips = voxangeles(asked.voxangeles)
        languages = len({clip.voice for clip in clips})
        about = (
            f"{len(clips)} words in {languages} languages, labelled by hand (VoxAngeles), by `--voxangeles`."
        )
        groups.append(("People: words of the world", about, clips))
    if asked.speechocean:
        items = people.speechocean(asked.speechocean, "test", 3)
        clips = list(people.aligned(items, asked.cache))
        for kind, name in (("child", "children"), ("teenager", "teenagers"), ("adult", "adults")):
            own = [clip for clip in clips if clip.voice.startswith(kind)]
            speakers = len({clip.voice for clip in own})
            about = (
                f"{speakers} `test` speakers of speechocean762, learners of English, aligned by pocketsphinx."
            )
            groups.append((f"People: {name}", about, own))
    return groups


def _synthesizers() -> list[tuple[str, str, list[Clip]]]:
    texts = list(SENTENCES)
    other = [*voices.flite(texts, ("awb", "kal")), *voices.festival(texts, ("voice_kal_diphone",))]
    espeak = Espeak()
    spoken = [espeak.say(text, voice, rate) for voice in VOICES for rate in RATES for text in SENTENCES]
    about = (
        f"{len(SENTENCES)} sentences in {len(VOICES)} of its voices ({', '.join(VOICES)}) at "
        f"{', '.join(map(str, RATES))} words a minute; its own phoneme events are the truth."
    )
    return [
        ("espeak-ng", about, spoken),
        ("flite and festival", "Voices awb and kal of flite, kal_diphone of festival.", other),
    ]


def _table(title: str, about: str, clips: Sequence[Clip]) -> str:
    seconds = sum(len(clip.samples) for clip in clips) / 48_000
    return page.TABLE.format(title=title, about=f"{about} {seconds:.0f} s in all.")


def _hard(bench: Bench, clips: Sequence[Clip]) -> str:
    text = _table("People, as they may reach us", "The groups of sentences above, changed.", clips)
    for name, (change, faster) in conditions().items():
        harder = [changed(clip, change, faster) for clip in clips]
        text += bench.row(f"hard: {name}", _cells(name, engines.from_sound, harder))
    text += page.NOBODY
    for name, share in without_voice(clips, lambda sound: engines.rows_of(sound)).items():
        text += bench.row(f"nobody: {name}", [name, f"{share:.0%}"])
    return text


def report(asked: argparse.Namespace, here: Machine, bench: Bench, compared: bool) -> str:
    """The whole of it, in Markdown. Raises ToolMissing."""
    theirs = engines.pylipsync()
    if theirs is None:
        raise ToolMissing("pylipsync is missing; install it with `pip install pylipsync==0.2.1`.")
    command = "python tools/bench_mouth.py --write docs/benchmarks/mouth.md"
    for name in ("emu", "librivox", "voxangeles", "speechocean", "beside"):
        if getattr(asked, name):
            command += f" --{name} {'FILE' if name == 'beside' else 'FOLDER'}"
    packages = ("mien", "numpy", "pylipsync", "librosa")
    text = page.HEAD.format(
        command=command,
        processor=here.processor,
        cores=here.cores,
        system=here.system,
        date=here.date,
        versions=", ".join(f"{name} {_version(name)}" for name in packages),
        before=page.BEFORE if compared else "",
    )
    loudness = ("loudness only", engines.from_loudness)
    timed = (
        ("Mien, words and their times", engines.from_words),
        ("Mien, phones and their times", engines.from_phones),
    )
    sentences: list[Clip] = []
    for title, about, clips in _people(asked):
        sentences += clips
        given = timed if all(clip.words for clip in clips) else timed[1:]
        text += _table(title, about, clips)
        text += bench.group(title, clips, (*given, ("pylipsync", theirs), loudness))
    for title, about, clips in _more_people(asked):
        text += _table(title, about, clips) + bench.group(title, clips, (loudness,))
    text += _hard(bench, sentences)
    for title, about, clips in _synthesizers():
        text += _table(title, about, clips) + bench.group(title, clips, (loudness,))
    return text + page.TAIL.format(ahead=LOOK_AHEAD_MS)


def main() -> int:
    """Run the tool; 2 on bad use."""
    parser = argparse.ArgumentParser(prog="bench_mouth.py", description=__doc__)
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the Markdown there")
    parser.add_argument("--emu", metavar="FOLDER", type=Path, help=f"an EMU database besides; such as {EMU}")
    parser.add_argument("--librivox", metavar="FOLDER", type=Path, help="test/data/librivox of pocketsphinx")
    parser.add_argument(
        "--voxangeles", metavar="FOLDER", type=Path, help="data/audited_aligned of VoxAngeles"
    )
    parser.add_argument("--speechocean", metavar="FOLDER", type=Path, help="a copy of speechocean762")
    parser.add_argument("--cache", metavar="FILE", type=Path, default=Path("aligned.json"), help="alignments")
    parser.add_argument("--keep", metavar="FILE", type=Path, help="write Mien's rows there, for --beside")
    parser.add_argument("--beside", metavar="FILE", type=Path, help="rows that another version kept")
    asked = parser.parse_args()
    try:
        bench = Bench(json.loads(asked.beside.read_text()) if asked.beside else {})
        text = report(asked, machine(), bench, asked.beside is not None)
        if asked.keep is not None:
            asked.keep.write_text(json.dumps(bench.own))
        if asked.write is None:
            print(text)
        else:
            asked.write.write_text(text, encoding="utf-8")
    except (ToolMissing, OSError) as error:
        print(f"bench_mouth.py: {error}", file=sys.stderr)
        return 2
    return 0


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(its source)"
