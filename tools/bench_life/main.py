"""Hold how characters move against how people do: looks, blinks, nods, breath, stillness, repetition.

Poses are looked at, nothing is drawn. Exit 0: every row is within its aim; 1: not; 2: bad use.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import mien
from bench_compositor.machine import machine
from bench_life import page
from bench_life.rows import IDLE, TALKING, Row
from bench_life.runs import Run, converse, idle
from mien.errors import MienError
from mien.talk import Conversation, load_conversation

_BUNDLED = ("hello", "night_shift")
_LONGEST_S = 150.0


def table(rows: Sequence[Row], runs: Sequence[Run]) -> tuple[str, int]:
    """(rows in Markdown, how many are outside their aim)."""
    text, missed = "", 0
    for row in rows:
        values = sorted(row.of(run) for run in runs)
        held = row.holds(values)
        missed += not held
        middle = float(np.median(values))
        cells = (
            row.title,
            row.people,
            row.text(values[0]),
            row.text(middle),
            row.text(values[-1]),
            row.aim(),
        )
        verdict = "" if not row.aim() else "yes" if held else "**no**"
        text += f"| {' | '.join(cells)} | {verdict} |\n"
    return text, missed


def report(asked: argparse.Namespace, conversations: dict[str, Conversation]) -> tuple[str, int]:
    """(the whole of it in Markdown, how many rows are outside their aim)."""
    here = machine()
    command = " ".join(("python tools/bench_life.py", *sys.argv[1:]))
    text = page.HEAD.format(command=command, seeds=", ".join(map(str, asked.seeds)), date=here.date)
    missed = 0
    for name, conversation in conversations.items():
        _say(f"{name}: ", asked.seeds)
        runs = [converse(conversation, seed, asked.seconds) for seed in asked.seeds]
        found, outside = table(TALKING, runs)
        spoken = sum(run.frames for run in runs) / 30
        text += page.TABLE.format(title=f"Conversation `{name}`", about=f"{spoken:.0f} s in all.") + found
        missed += outside
    if asked.idle > 0:
        _say("idle: ", asked.seeds)
        cast = next(iter(conversations.values()))
        runs = [idle(cast, seed, asked.idle) for seed in asked.seeds]
        found, outside = table(IDLE, runs)
        about = f"The same cast, to whom nothing happens for {asked.idle / 60:.0f} min."
        text += page.TABLE.format(title="Idle", about=about) + found
        missed += outside
    return text + page.TAIL, missed


def _say(what: str, seeds: Sequence[int]) -> None:
    print(f"bench_life.py: {what}{len(seeds)} seeds", file=sys.stderr)


def main() -> int:
    """Run the tool."""
    parser = argparse.ArgumentParser(prog="bench_life.py", description=__doc__)
    parser.add_argument("conversations", nargs="*", default=list(_BUNDLED), metavar="CONVERSATION")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)), metavar="SEED")
    parser.add_argument("--seconds", type=float, default=_LONGEST_S, help="of a conversation, at most")
    parser.add_argument("--idle", type=float, default=600.0, metavar="SECONDS", help="of silence; 0: none")
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the Markdown there")
    asked = parser.parse_args()
    try:
        found = {name: load_conversation(_path(name)) for name in asked.conversations}
        text, missed = report(asked, found)
        if asked.write is None:
            print(text)
        else:
            asked.write.write_text(text, encoding="utf-8")
    except (MienError, OSError) as error:
        print(f"bench_life.py: {error}", file=sys.stderr)
        return 2
    return 1 if missed else 0


def _path(name: str) -> Path:
    return Path(name) if "/" in name or Path(name).exists() else mien.bundled("conversations", name)
