"""Hold the mouth against speech whose phones are known, and write how well it follows, in Markdown."""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench_compositor.machine import Machine, machine
from bench_mouth import engines
from bench_mouth.clips import RATES, RECORDINGS, SENTENCES, VOICES, Clip, Espeak, ToolMissing, emu, recorded
from bench_mouth.engines import Moved
from bench_mouth.figures import Figures, figures
from mien.lipsync.analyser import LOOK_AHEAD_MS

EMU = "https://github.com/IPS-LMU/EMU-webApp, src/testData/newFormat/ae"

_HEAD = """# How well the mouth follows speech

Written by `tools/bench_mouth.py`; no figure here was typed by hand.

- Command: `{command}`
- Machine: {processor}, {cores} cores; {system}; {date}
- Versions: {versions}

Speech whose phones are known is given to each engine, and its mouth is held against the phones every 10 ms.
None of these sentences and voices were used to fit Mien's weights: they were fitted to flite's voices and
to other voices of espeak-ng (`tests/audio/fit_mouth.py`). How much of espeak-ng to fit to, in how much noise,
and how much a closure counts, was chosen by looking at these very groups, which flatters the figures.

| column | meaning |
|---|---|
| visemes | share of frames whose strongest shape is the phone's, of the 15 Oculus visemes |
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

| mouth from | visemes | vowels | openness | closures | falsely closed | lag | onset | cost |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
"""

_TAIL = """
## What this says

- Phones that are given are shown as they are, by construction: that row says that nothing is lost or late on
  the way, and is no measure of quality.
- The sound alone is known {ahead:g} ms after it was heard, in a buffer that is ahead of what is played, so
  that no lag follows from it. pylipsync's frames look 32 ms both ways. It knows five vowels and silence, so
  that its share of 15 visemes is low by nature; the other columns are fair to it.
- Words with their times (`scheme = "words"`, spelled out as English) close the lips on the right sounds
  where the sound alone may miss them, and are worth giving for recorded voices; of how far the mouth
  opens the sound alone knows as much or more.
- Closures are to be read beside "falsely closed": a mouth that is often closed meets many of them by chance.
- espeak-ng's variants share one synthesizer, so that voices held out are not as foreign as people are.
- Not found in the package registries: a neural voice that tells its phones' times without fetching a model,
  or a packaged corpus with phone labels. The recordings are few for that reason.
"""


def _line(name: str, run: Callable[[Clip], Moved], clips: Sequence[Clip]) -> str:
    moved = [run(clip) for clip in clips]
    found: Figures = figures(clips, [one.rows for one in moved], sum(one.cost_s for one in moved))
    cells = (
        name,
        f"{found.visemes:.0%}",
        f"{found.vowels:.0%}",
        f"{found.openness:.2f}",
        f"{found.closures:.0%}",
        f"{found.false_closures:.0%}",
        f"{found.lag_ms:+.0f} ms",
        f"{found.onset_ms:+.0f} ms",
        f"{found.cost_ms:.1f} ms" if found.cost_ms else "",
    )
    return f"| {' | '.join(cells)} |\n"


def _groups(database: Path | None) -> list[tuple[str, str, list[Clip]]]:
    espeak = Espeak()
    spoken = [espeak.say(text, voice, rate) for voice in VOICES for rate in RATES for text in SENTENCES]
    people = recorded()
    about = (
        f"{len(SENTENCES)} sentences in {len(VOICES)} of its voices ({', '.join(VOICES)}) at "
        f"{', '.join(map(str, RATES))} words a minute; its own phoneme events are the truth."
    )
    names = ", ".join(clip.voice for clip in people)
    groups = [
        ("espeak-ng", about, spoken),
        ("Recorded: two sentences", f"From the source archive of {RECORDINGS} ({names}).", people),
    ]
    if database is not None:
        clips = emu(database)
        about = f"{len(clips)} sentences of a man, labelled by hand ({EMU}), given by `--emu`."
        groups.append((f"Recorded: {len(clips)} sentences", about, clips))
    return groups


def report(database: Path | None, here: Machine) -> str:
    """The whole of it, in Markdown. Raises ToolMissing."""
    theirs = engines.pylipsync()
    if theirs is None:
        raise ToolMissing("pylipsync is missing; install it with `pip install pylipsync==0.2.1`.")
    command = "python tools/bench_mouth.py --write docs/benchmarks/mouth.md"
    packages = ("mien", "numpy", "pylipsync", "librosa")
    text = _HEAD.format(
        command=command if database is None else f"{command} --emu FOLDER",
        processor=here.processor,
        cores=here.cores,
        system=here.system,
        date=here.date,
        versions=", ".join(f"{name} {_version(name)}" for name in packages),
    )
    rows: tuple[tuple[str, Callable[[Clip], Moved]], ...] = (
        ("**Mien, the sound alone**", engines.from_sound),
        ("Mien, words and their times", engines.from_words),
        ("Mien, phones and their times", engines.from_phones),
        ("pylipsync", theirs),
        ("loudness only", engines.from_loudness),
    )
    for title, about, clips in _groups(database):
        seconds = sum(len(clip.samples) for clip in clips) / 48_000
        text += _TABLE.format(title=title, about=f"{about} {seconds:.0f} s in all.")
        text += "".join(_line(name, run, clips) for name, run in rows)
    return text + _TAIL.format(ahead=LOOK_AHEAD_MS)


def main() -> int:
    """Run the tool; 2 on bad use."""
    parser = argparse.ArgumentParser(prog="bench_mouth.py", description=__doc__)
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the Markdown there")
    parser.add_argument("--emu", metavar="FOLDER", type=Path, help=f"an EMU database besides; such as {EMU}")
    asked = parser.parse_args()
    try:
        text = report(asked.emu, machine())
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
