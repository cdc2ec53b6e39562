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
from bench_mouth import engines
from bench_mouth.clips import RATES, SENTENCES, VOICES, Clip, Espeak, ToolMissing
from bench_mouth.conditions import changed, conditions, without_voice
from bench_mouth.engines import Moved
from bench_mouth.figures import Figures, figures
from bench_mouth.recordings import RECORDINGS, emu, librivox, recorded, voxangeles
from fit_mouth import people, voices
from mien.lipsync.analyser import LOOK_AHEAD_MS

EMU = "https://github.com/IPS-LMU/EMU-webApp, src/testData/newFormat/ae"

_HEAD = """# How well the mouth follows speech

Written by `tools/bench_mouth.py`; no figure here was typed by hand.

- Command: `{command}`
- Machine: {processor}, {cores} cores; {system}; {date}
- Versions: {versions}

Speech whose phones are known is given to each engine, and its mouth is held against the phones every 10 ms.
None of these voices and recordings were used to fit Mien's network (`tools/fit_mouth.py`): it was
fitted to other voices of flite, festival and espeak-ng, the latter in ten more languages, and to the `train`
speakers of speechocean762 and some sentences of LJ Speech. How much noise and reverberation to fit with,
and which of three fits to take, was chosen by looking at these groups, which flatters the figures: the three
had 58, 59 and 61 % of the visemes of the sentences, and were within 2 % of each other on all other people.
{before}
| column | meaning |
|---|---|
| visemes | share of frames whose strongest shape is the phone's, of the 15 Oculus visemes |
| spoken | the same without the pauses |
| vowels | the same over vowels and pauses, of six shapes: `aa E I O U` and closed |
| openness | Pearson's r of how far the mouth is open |
| closures | share of p, b and m on which the lips close, within 20 ms |
| falsely closed | share of the frames within vowels in which they are closed |
| lag | shift of the movement that fits best; positive is late. Median of the sentences |
| onset | from the first phone to the first movement; positive is late. Median |
| cost | processor time for a second of sound |
"""

_TABLE = """
## {title}

{about}

| mouth from | visemes | spoken | vowels | openness | closures | falsely closed | lag | onset | cost |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""

_BEFORE = """
Rows "before" are those of the version before, a perceptron of 64 hidden units over four frames, run by these
very tools (`--keep`, with `PYTHONPATH` at its `engine`) on the same machine, right before.
"""

_NOBODY = """
## Nobody speaks

Share of the time in which the mouth is open. Breaths and rooms are made as those that it was fitted to are.

| sound | open |
|---|---:|
"""

Engine: TypeAlias = Callable[[Clip], Moved]

_TAIL = """
## How the network was fitted

`OPENBLAS_NUM_THREADS=1 python tools/fit_mouth.py --speechocean FOLDER --ljspeech FOLDER`, a few minutes of
a core for the speech and the alignments each, about as long for the fit. Its recordings are public:
speechocean762 (CC BY 4.0; five sentences of each of the 125 `train` speakers, 45 of them children) and the
part of LJ Speech (public domain) that coqui-ai/TTS has among its tests. Each sentence is said by a smaller
or larger speaker (0.72 to 1.38), joined with others with breaths in the pauses, put into rooms, lines,
noise, hum and tones, at peaks down to -66 dBFS; every ninth stream or so has no voice at all. VoxAngeles
(CC BY-NC) is measured on and never fitted to. The stored weights come from a run whose three passes were
disturbed a little more mildly than the tool now does (it was still being written); the tool as it stands
came out within 4 % of the visemes on every group, and does not give the same bytes.

## What this says

- Measured are the viseme weights, which move the jaw. Drawn is one shape at a time, for 70 ms at least,
  which is easier to look at, and follows quick phones less closely than the tables say.
- Phones that are given are shown as they are, by construction: that row says that nothing is lost or late
  on the way, and is no measure of quality.
- The sound alone is known {ahead:g} ms after it was heard, in a buffer that is ahead of what is played, so
  that no lag follows from it. pylipsync's frames look 32 ms both ways. It knows five vowels and silence, so
  that its share of 15 visemes is low by nature; the other columns are fair to it.
- Words with their times (`scheme = "words"`, spelled out as English) close the lips on the right sounds
  where the sound alone may miss them, and are worth giving for recorded voices; of how far the mouth opens
  the sound alone knows as much or more.
- Where pauses are many (the words of the world, and speechocean762), a mouth that is only ever closed has a
  large share of the visemes: there, "spoken" says more.
- Closures are to be read beside "falsely closed": a mouth that is often closed meets many of them by
  chance.
- espeak-ng's variants share one synthesizer, so that voices held out are not as foreign as people are.
- Aligned recordings have their phones from a dictionary and their times from pocketsphinx: part of what
  counts as wrong there is the label. The people of speechocean762 all speak English as Mandarin speakers
  do.
- Falsely closed in the words of the world are mostly the quiet second halves of vowels, taken for an m.
- "Before" was fitted to all of flite's voices, so that its row for flite is not one of voices held out.
- Not had: voices of MBROLA and SVOX pico (not in Debian's free archive), and a neural voice that tells its
  phones' times without fetching a model.
"""


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
    return _TABLE.format(title=title, about=f"{about} {seconds:.0f} s in all.")


def _hard(bench: Bench, clips: Sequence[Clip]) -> str:
    text = _table("People, as they may reach us", "The groups of sentences above, changed.", clips)
    for name, (change, faster) in conditions().items():
        harder = [changed(clip, change, faster) for clip in clips]
        text += bench.row(f"hard: {name}", _cells(name, engines.from_sound, harder))
    text += _NOBODY
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
    text = _HEAD.format(
        command=command,
        processor=here.processor,
        cores=here.cores,
        system=here.system,
        date=here.date,
        versions=", ".join(f"{name} {_version(name)}" for name in packages),
        before=_BEFORE if compared else "",
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
    return text + _TAIL.format(ahead=LOOK_AHEAD_MS)


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
