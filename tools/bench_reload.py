#!/usr/bin/env python3
"""Measure how soon a file that is saved is on the screen of a live conversation, and what it costs of the
frames, and write it as Markdown.

By turns, each in a process of its own: nothing is saved; a part of a character; its character.toml; an SVG
(that of Wren, 181 layers) and a PSD of 12 layers of 2000x2000 that `mien play --watch` follows, and
nothing of these. Measured from before the save to the frame that takes the new character over.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from bench_compositor.machine import machine

KINDS = {
    "none": "nothing",
    "part": "a part's PNG",
    "toml": "character.toml",
    "no-psd": "nothing of a PSD that is shown",
    "psd": "a PSD, one layer",
    "no-svg": "nothing of an SVG that is shown",
    "svg": "an SVG, a colour of one layer",
    "svg17": "an SVG, a colour of 17 layers",
}
_HEAD = (
    "saved",
    "saves",
    "first, s",
    "median, s",
    "worst, s",
    "frames",
    "late",
    "left out",
    "took too long because of",
)
_ONE = Path(__file__).parent / "bench_reload" / "one.py"


def main() -> int:
    """Run it; returns the exit status."""
    options = _parser().parse_args()
    each = [(kind, engine) for kind in options.kinds for engine in options.engines or [""]]
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {one: [] for one in each}
    for number in range(options.rounds):
        # Who begins changes from round to round.
        for kind, engine in each if number % 2 == 0 else reversed(each):
            print(f"round {number + 1}: {kind} {engine}", file=sys.stderr, flush=True)
            command = [sys.executable, str(_ONE), kind, str(options.saves)]
            own = {"PYTHONPATH": engine} if engine else {}
            ran = subprocess.run(
                command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, **own}
            )
            runs[kind, engine].append(json.loads(ran.stdout.splitlines()[-1]))
    where = machine()
    command_line = shlex.join(["python", "tools/bench_reload.py", *sys.argv[1:]])
    lines = [
        f"`{command_line}`; {where.processor}, {where.cores} cores; {where.renderer}; {where.date}.",
        "",
        f"| {' | '.join(_HEAD)} |",
        "|---|" + "---:|" * (len(_HEAD) - 1),
        *(
            f"| {' | '.join(_cells(KINDS[kind] + (f', engine {engine}' if engine else ''), told))} |"
            for (kind, engine), told in runs.items()
        ),
    ]
    text = "\n".join(lines)
    print(text)
    if options.write:
        options.write.write_text(text + "\n", encoding="utf-8")
    return 0


def _cells(what: str, runs: list[dict[str, Any]]) -> list[str]:
    waits = [wait for run in runs for wait in run["waits_s"]]
    firsts = [run["waits_s"][0] for run in runs if run["waits_s"]]
    times = [
        ", ".join(f"{wait:.2f}" for wait in firsts) or "-",
        f"{statistics.median(waits):.2f}" if waits else "-",
        f"{max(waits):.2f}" if waits else "-",
    ]
    counts = [", ".join(str(run[name]) for run in runs) for name in ("frames", "late", "left_out")]
    causes = sum((Counter(run["why"]) for run in runs), Counter[str]())
    why = ", ".join(f"{name} {count}" for name, count in causes.most_common()) or "-"
    return [what, str(len(waits)), *times, *counts, why]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tools/bench_reload.py", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of each (3)")
    parser.add_argument("--saves", type=int, default=8, metavar="N", help="in each run (8)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument(
        "--engines", nargs="+", metavar="FOLDER", help="run those found in these folders, by turns"
    )
    parser.add_argument("--write", type=Path, metavar="FILE.md", help="write the table here, too")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
