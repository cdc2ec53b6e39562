#!/usr/bin/env python3
"""Count what of speech is taken for a laugh or a sigh, and which laughs, sighs and in-breaths are heard, and
write it as Markdown.

Recordings are given as folders, of which every file that can be decoded is listened to, at most two minutes
of each: speech by `--speech NAME FOLDER`, in which no laugh or sigh should be heard, and sounds that are no
words by `--sounds NAME FOLDER`. What was seen in spectrograms is in `heard_labels.tsv`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np

from mien.clock import SAMPLE_RATE
from mien.lipsync.analyser import MouthAnalyser
from mien.lipsync.breathing import BreathListener
from mien.lipsync.laughs import LaughListener
from mien.lipsync.spectrum import Hops
from mien.lipsync.track import TRACK_HOP, HeardSound, SpeechTrack
from mien.types import F32

_MOST_S = 120
_LABELS = Path(__file__).with_name("heard_labels.tsv")
_UNSEEN = "not seen before"
"""In the name of what no bound was chosen by."""
_NEAR_S = 0.25
"""Nearer than this to a place that was seen it is that one."""
_DRAWN = 18
"""Frames of an in-breath in which the mouth is looked at, and ..."""
_AFTER = 60
"""... those behind its beginning that are listened to for that."""

_HEAD = """# Laughs, sighs and in-breaths that are heard

Written by `tools/bench_heard.py --speech NAME FOLDER --sounds NAME FOLDER ...`, {date}; no figure here was
typed by hand. The recordings are other people's, and not in this repository: name folders of your own.

A body laughs, sighs and breathes in with a turn's sound (`laughs.py`, `sighs.py` and `breaths.py` in
`mien/lipsync`). The bounds were chosen by looking at these recordings but for those that say "not seen
before", which flatters the figures.

"""

_SPEECH = """## Speech

No laugh or sigh should be heard here. In-breaths are: of those, "none seen" counts the places at which the
spectrogram shows none, or something doubtful. They were looked at one by one, by the eye that made the rule;
nobody listened. `tools/heard_labels.tsv` names the places.

| speech | files | minutes | for a laugh | for a sigh | both a minute | in-breaths | none seen |
|---|---:|---:|---:|---:|---:|---:|---:|
"""

_SEEN = """
Of some recordings all breaths that a looser rule finds, and that look like one, are named in that file: so
much of them is heard. Of the first 0.18 s of all in-breaths that are heard the mouth is shut in the
share "shut", and it shows TH or FF in so many of them.

| speech | breaths seen | heard | shut | TH or FF |
|---|---:|---:|---:|---:|
"""

_SOUNDS = """
## Sounds that are no words

Of each kind, in how many recordings a laugh and a sigh are heard. Whole crowds, and laughs of which no
syllable follows another within 0.3 s, are not sought; nor are sighs that a word follows within 0.35 s, and
those with a voice. Who pants, blows a nose or yawns lets out air as who sighs; few do so in the middle of
what they say.

| recordings | files | a laugh | a sigh |
|---|---:|---:|---:|
"""

_COST = """
## What it costs

Listening for laughs takes {laughs:.1f} ms of a core for a second of sound, for sighs and in-breaths
{breaths:.1f} ms (of the speech above, after the spectrum that the mouth needs as well).
"""


@dataclass(frozen=True, slots=True)
class Listened:
    """What was heard in one file."""

    path: Path
    sound: F32
    heard: Sequence[HeardSound]
    laughs_s: float
    """Processor time that listening for laughs took, and ..."""
    breaths_s: float
    """... for sighs and in-breaths."""

    @property
    def name(self) -> str:
        """Its folder and name, as in the labels."""
        return "/".join(self.path.resolve().parts[-2:])

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.sound) / SAMPLE_RATE

    def at(self, kind: str) -> list[float]:
        """The seconds of the sounds of one kind."""
        return [one.frame * TRACK_HOP / SAMPLE_RATE for one in self.heard if one.kind == kind]


def decoded(path: Path) -> F32 | None:
    """(n,) float32 mono at 48 kHz; None for what is no sound."""
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE)
            frames = [f for one in container.decode(audio=0) for f in resampler.resample(one)]
            pieces = [f.to_ndarray()[0] for f in (*frames, *resampler.resample(None))]
    except (av.FFmpegError, IndexError):
        return None
    return np.concatenate(pieces)[: _MOST_S * SAMPLE_RATE].astype(np.float32) if pieces else None


def listened(folder: Path) -> Iterator[Listened]:
    """Each file of a folder that is sound."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        sound = decoded(path)
        if sound is None:
            continue
        hops = Hops()
        (bands, levels), (last, last_levels) = hops.push(sound), hops.finish()
        bands, levels = np.concatenate((bands, last)), np.concatenate((levels, last_levels))
        begun = time.process_time()
        heard = [HeardSound("laugh", frame) for frame in LaughListener().push(bands)]
        laughed = time.process_time()
        listener = BreathListener()
        heard += [*listener.push(bands, levels), *listener.finish()]
        yield Listened(path, sound, heard, laughed - begun, time.process_time() - laughed)


def seen(kind: str) -> dict[str, list[float]]:
    """By file, the seconds of the labels of one kind."""
    places: dict[str, list[float]] = {}
    for line in _LABELS.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{kind}\t"):
            _, name, at_s = line.split("\t")
            places.setdefault(name, []).append(float(at_s))
    return places


def near(at_s: float, places: Sequence[float]) -> bool:
    """Whether one of the places is meant."""
    return any(abs(at_s - place) < _NEAR_S for place in places)


def drawn(one: Listened) -> list[F32]:
    """The shapes, indices of VISEMES, that are drawn in each of a file's in-breaths."""
    shapes = []
    for at_s in one.at("breath"):
        frame = round(at_s * SAMPLE_RATE / TRACK_HOP)
        analyser, track = MouthAnalyser(), SpeechTrack()
        track.append(*analyser.push(one.sound[: (frame + _AFTER) * TRACK_HOP]))
        shapes.append(track.shapes[frame : frame + _DRAWN].astype(np.float32))
    return shapes


def of_speech(name: str, rows: Sequence[Listened], none: dict[str, list[float]]) -> str:
    """Its row of the first table."""
    minutes = sum(row.seconds for row in rows) / 60 or 1.0
    laughs, sighs, breaths = (sum(len(row.at(kind)) for row in rows) for kind in ("laugh", "sigh", "breath"))
    doubtful = sum(near(at_s, none.get(row.name, ())) for row in rows for at_s in row.at("breath"))
    return (
        f"| {name} | {len(rows)} | {minutes:.1f} | {laughs} | {sighs} | {(laughs + sighs) / minutes:.3f} | "
        f"{breaths} | {doubtful} |\n"
    )


def of_seen(name: str, rows: Sequence[Listened], places: dict[str, list[float]]) -> str:
    """Its row of the second table."""
    there = [(row, at_s) for row in rows for at_s in places.get(row.name, ())]
    heard = sum(near(at_s, row.at("breath")) for row, at_s in there)
    shapes = [one for row in rows for one in drawn(row)]
    shut = float(np.mean(np.concatenate(shapes) == 0)) if shapes else 1.0
    lips = sum(bool(np.isin(one, (2, 3)).any()) for one in shapes)
    seen_there = f"{len(there)} | {heard}" if there else "not counted | "
    return f"| {name} | {seen_there} | {shut:.0%} | {lips} of {len(shapes)} |\n"


def of_sounds(name: str, rows: Sequence[Listened]) -> str:
    """Its row of the third table."""
    laughs, sighs = (sum(bool(row.at(kind)) for row in rows) for kind in ("laugh", "sigh"))
    return f"| {name} | {len(rows)} | {laughs} | {sighs} |\n"


def report(speech: list[tuple[str, str]], sounds: list[tuple[str, str]]) -> str:
    """The whole of it, in Markdown."""
    none, places = seen("none"), seen("breath")
    first, second = _SPEECH, _SEEN
    seconds = laughs_s = breaths_s = 0.0
    unseen: list[Listened] = []
    for name, folder in speech:
        rows = list(listened(Path(folder)))
        first += of_speech(name, rows, none)
        second += of_seen(name, rows, places)
        unseen += rows if _UNSEEN in name else ()
        seconds += sum(row.seconds for row in rows)
        laughs_s += sum(row.laughs_s for row in rows)
        breaths_s += sum(row.breaths_s for row in rows)
    first += of_speech(f"all that is {_UNSEEN}", unseen, none) if unseen else ""
    third = _SOUNDS + "".join(of_sounds(name, list(listened(Path(folder)))) for name, folder in sounds)
    each = 1000 / (seconds or 1.0)
    cost = _COST.format(laughs=each * laughs_s, breaths=each * breaths_s)
    return _HEAD.format(date=datetime.now(UTC).date()) + first + second + third + cost


def main() -> int:
    """Run the tool."""
    parser = argparse.ArgumentParser(prog="bench_heard.py", description=__doc__)
    for kind in ("speech", "sounds"):
        parser.add_argument(f"--{kind}", nargs=2, action="append", default=[], metavar=("NAME", "FOLDER"))
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the Markdown there")
    asked = parser.parse_args()
    text = report(asked.speech, asked.sounds)
    if asked.write is None:
        sys.stdout.write(text)
    else:
        asked.write.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
