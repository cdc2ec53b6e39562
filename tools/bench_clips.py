#!/usr/bin/env python3
"""Count the frames that are late or left out in a window with and without a clip of it, and write it as
Markdown.

The same part of a conversation each time, in a process of its own, by turns. Needs an X display, as
`xvfb-run` gives: `xvfb-run -s "-screen 0 1600x1000x24" python tools/bench_clips.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench_compositor.machine import machine

BESIDE = {"mp4": "none", "webm": "clear", "apng": "clear", "gif": "clear"}
"""Kinds of clips, and the runs without one that each is held against."""
_WORDS = {"none": "no clip, opaque", "clear": "no clip, transparent"}
_HEAD = (
    "clip",
    "frames, each run",
    "late",
    "left out",
    "longest run left out",
    "drawn with fewer pixels",
    "pictures the encoder had no room for",
    "finished after, s",
    "MB",
    "cores used",
)
_ONE = Path(__file__).parent / "bench_clips" / "one.py"


def main() -> int:
    """Run it; returns the exit status."""
    options = _parser().parse_args()
    kinds = dict.fromkeys(name for kind in options.kinds for name in (BESIDE[kind], kind))
    engines = options.engines or [None]
    runs: dict[tuple[str, str | None], list[dict[str, Any]]] = {
        (kind, engine): [] for engine in engines for kind in kinds
    }
    for number in range(options.rounds):
        for engine in engines:
            # Who begins changes from round to round.
            for kind in kinds if number % 2 == 0 else reversed(kinds):
                print(f"round {number + 1}: {kind} {engine or ''}", file=sys.stderr, flush=True)
                runs[kind, engine].append(_run(options, kind, engine))
    where = machine()
    command = shlex.join(["python", "tools/bench_clips.py", *sys.argv[1:]])
    lines = [
        f"`{command}`; {where.processor}, {where.cores} cores; {where.renderer}; {where.date}.",
        "",
        f"| {' | '.join(_HEAD)} |",
        "|---|" + "---:|" * (len(_HEAD) - 1),
    ]
    for (kind, engine), told in runs.items():
        name = _WORDS.get(kind, kind) + (f", engine {engine}" if engine else "")
        lines.append(f"| {' | '.join([name, *_cells(told)])} |")
    text = "\n".join(lines)
    print(text)
    if options.write:
        options.write.write_text(text + "\n", encoding="utf-8")
    return 0


def _run(options: argparse.Namespace, kind: str, engine: str | None) -> dict[str, Any]:
    command = [sys.executable, str(_ONE), options.conversation, options.size, str(options.seconds), kind]
    own = {"PYTHONPATH": engine} if engine else {}
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, **own})
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


def _cells(runs: Sequence[dict[str, Any]]) -> list[str]:
    def each(name: str, form: str = "") -> str:
        return ", ".join(format(run[name], form) if name in run else "-" for run in runs)

    return [
        each("frames"),
        each("late"),
        each("left_out"),
        each("longest"),
        each("scaled"),
        each("lost"),
        each("finished_s", ".1f"),
        each("mb", ".1f"),
        each("cores", ".2f"),
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tools/bench_clips.py", description=__doc__)
    parser.add_argument("conversation", nargs="?", default="night_shift", help="the name of a bundled one")
    parser.add_argument("--size", default="1280x720", metavar="WxH")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of each (3)")
    parser.add_argument("--seconds", type=float, default=15.0, metavar="S", help="of each run (15)")
    parser.add_argument("--kinds", nargs="+", choices=BESIDE, default=list(BESIDE), help="of clips")
    parser.add_argument(
        "--engines", nargs="+", metavar="FOLDER", help="run those found in these folders, by turns"
    )
    parser.add_argument("--write", type=Path, metavar="FILE.md", help="write the table here, too")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
