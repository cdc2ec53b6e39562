"""The command line of the comparison."""

from __future__ import annotations

import argparse
import json
import math
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench_compositor.machine import machine
from legacy_compositor.report import Report, markdown
from mien.cli.options import size as read_size
from mien.errors import MienError
from mien.prove.loads import LOADS
from mien.prove.old_way.figures import Figures
from mien.prove.players import PLAYERS, run
from mien.types import Size


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison; returns the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["--worker"]:
        return _worker(*words[1:])
    options = _parser().parse_args(words)
    where = machine()
    found: dict[str, list[Figures]] = {player: [] for player in PLAYERS}
    facts: dict[str, dict[str, Any]] = {}
    for number in range(options.rounds):
        # Who begins changes from round to round.
        for player in PLAYERS if number % 2 == 0 else reversed(PLAYERS):
            print(f"round {number + 1} of {options.rounds}: {player}", file=sys.stderr, flush=True)
            answer = _ask(player, options, number + 1)
            if "error" in answer:
                print(f"error: {answer['error']}", file=sys.stderr)
                return 1
            found[player].append(Figures.of_dict(answer["figures"]))
            facts[player] = answer
    report = Report(
        where,
        facts["mien"]["renderer"],
        facts["legacy"]["sizing"],
        shlex.join(["python", "tools/bench_against_legacy.py", *words]),
        options.conversation,
        f"{options.size.width}x{options.size.height}",
        options.load,
        found["legacy"],
        found["mien"],
    )
    text = markdown(report)
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text(text, encoding="utf-8")
    print(text)
    return 0


def _worker(
    player: str, name: str, width: str, height: str, seconds: str, load: str, ledger: str | None = None
) -> int:
    size, path = Size(int(width), int(height)), Path(ledger) if ledger else None
    try:
        answer = run(player, name, size, float(seconds), load, path)
    except (MienError, OSError, ValueError) as error:
        answer = {"error": str(error)}
    print(json.dumps(answer))
    return 0


def _ask(player: str, options: argparse.Namespace, number: int) -> dict[str, Any]:
    entry = Path(__file__).resolve().parents[1] / "bench_against_legacy.py"
    what = [player, options.conversation, *map(str, options.size), str(options.seconds), options.load]
    if options.ledgers:
        options.ledgers.mkdir(parents=True, exist_ok=True)
        what.append(str(options.ledgers / f"{player}-{number}.jsonl"))
    ran = subprocess.run(
        [sys.executable, str(entry), "--worker", *what], stdout=subprocess.PIPE, text=True, check=False
    )
    if ran.returncode or not ran.stdout:
        return {"error": f"the process of {player} ended with status {ran.returncode}; see above."}
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tools/bench_against_legacy.py",
        description="Play a conversation in real time, headless, with the old way of doing it and with Mien, "
        "in turn, each in its own process, and print what each did to the frames and the sound.",
    )
    parser.add_argument("conversation", nargs="?", default="night_shift", help="as for `mien play`")
    parser.add_argument("--size", type=read_size, default=Size(1280, 720), metavar="WxH")
    parser.add_argument("--rounds", type=_positive(int), default=3, metavar="N", help="of each (3)")
    parser.add_argument(
        "--seconds", type=_positive(float), default=90.0, metavar="S", help="of each run at most (90)"
    )
    parser.add_argument("--load", choices=LOADS, default="none", help="what disturbs the runs (none)")
    parser.add_argument(
        "--ledgers", type=Path, metavar="FOLDER", help="write each run's ledger there, for `mien report`"
    )
    parser.add_argument("--write", type=Path, metavar="FILE.md", help="write the tables here, too")
    return parser


def _positive(kind: type[int] | type[float]) -> Any:
    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not (value > 0 and math.isfinite(value)):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
        return value

    return read
