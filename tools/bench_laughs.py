#!/usr/bin/env python3
"""Count what of speech is taken for a laugh, and which laughs are heard, and write both as Markdown.

Recordings are given as folders, of which every file that can be decoded is listened to, at most two minutes
of each: speech by `--speech NAME FOLDER`, in which no laugh should be heard, and laughs by `--laughs NAME
FOLDER`, in each file of which one should.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np

from mien.clock import SAMPLE_RATE
from mien.lipsync.laughs import LaughListener
from mien.lipsync.spectrum import Hops
from mien.types import F32

_MOST_S = 120

_HEAD = """# Laughs that are heard

Written by `tools/bench_laughs.py --speech NAME FOLDER --laughs NAME FOLDER ...`, {date}; no figure here was
typed by hand. The recordings are other people's, and not in this repository: name folders of your own.

A body laughs with a turn's sound (`mien/lipsync/laughs.py`). The bounds were chosen by looking at these
recordings but for those that say "not seen before", which flatters the figures. Whole crowds, and laughs of
which no syllable follows another within 0.3 s, are not sought.

"""


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


def listened(folder: Path) -> Iterator[tuple[str, float, list[float], float]]:
    """(name, seconds, seconds at which laughs were heard, processor time that it took) of each file."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        sound = decoded(path)
        if sound is None:
            continue
        hops = Hops()
        bands = np.concatenate((hops.push(sound)[0], hops.finish()[0]))
        before = time.process_time()
        frames = LaughListener().push(bands)
        yield path.name, len(sound) / SAMPLE_RATE, [f / 100 for f in frames], time.process_time() - before


def report(speech: list[tuple[str, str]], laughs: list[tuple[str, str]]) -> str:
    """The whole of it, in Markdown."""
    text = _HEAD.format(date=datetime.now(UTC).date())
    text += "| speech | files | minutes | taken for a laugh | a minute | cost of a second of sound |\n"
    text += "|---|---:|---:|---:|---:|---:|\n"
    for name, folder in speech:
        rows = list(listened(Path(folder)))
        seconds, false = sum(row[1] for row in rows) or 1.0, sum(len(row[2]) for row in rows)
        cost_ms = 1000 * sum(row[3] for row in rows) / seconds
        text += f"| {name} | {len(rows)} | {seconds / 60:.1f} | {false} | {60 * false / seconds:.3f} | "
        text += f"{cost_ms:.1f} ms |\n"
    text += "\n| laughs | files | heard | which, and by when (s) |\n|---|---:|---:|---|\n"
    for name, folder in laughs:
        rows = list(listened(Path(folder)))
        heard = [f"{row[0]} {row[2][0]:.2f}" for row in rows if row[2]]
        text += f"| {name} | {len(rows)} | {len(heard)} | {', '.join(heard)} |\n"
    return text


def main() -> int:
    """Run the tool."""
    parser = argparse.ArgumentParser(prog="bench_laughs.py", description=__doc__)
    for kind in ("speech", "laughs"):
        parser.add_argument(f"--{kind}", nargs=2, action="append", default=[], metavar=("NAME", "FOLDER"))
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the Markdown there")
    asked = parser.parse_args()
    text = report(asked.speech, asked.laughs)
    if asked.write is None:
        sys.stdout.write(text)
    else:
        asked.write.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
