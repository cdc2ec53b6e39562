#!/usr/bin/env python3
"""Play a conversation live beside busy processes, and print what became of its frames: `--help` says how."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench_compositor.machine import machine
from mien.prove.loads import load, watched

LOADS = {"none": "nothing", "cpu1x": "one busy process a core", "cpu2x": "two busy processes a core"}
WAYS = ("auto", "fixed")
TARGETS = {"none": 0.0, "cpu1x": 0.5, "cpu2x": 2.0}
"""Most percent of frames late or left out."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of `mien play`."""

    load: str
    quality: str
    threads: str
    """LP_NUM_THREADS; empty for what Mien chooses."""
    totals: dict[str, Any]
    seconds: float
    pauses_s: list[float]
    """When a process that does nothing but want to run was kept from it, each of 0.05 s or more."""

    @property
    def cells(self) -> list[str]:
        """The line of the table."""
        totals = self.totals
        expected = max(1, totals["frames_expected_total"])
        scaled = totals["frames_scaled_by_scale"]
        coarse = totals["frames_coarse_total"] - sum(scaled.values())
        whole = totals["frames_produced_total"] - sum(scaled.values()) - coarse
        counts = {"1": whole, "1, coarser steps": coarse, **scaled}
        shares = [f"{at}: {n / expected:.0%}" for at, n in counts.items() if n or at == "1"]
        skew = totals["av_skew_ms"]
        offset = f"{skew['p50']:.0f} / {skew['p99']:.0f} / {skew['max']:.0f}" if skew else "-"
        return [
            LOADS[self.load],
            self.quality + (f", {self.threads} threads" if self.threads else ""),
            f"{100 * totals['frames_late_total'] / expected:.1f}",
            f"{100 * totals['frames_dropped_total'] / expected:.1f}",
            str(totals["consecutive_missed_max"]),
            offset,
            "; ".join(shares),
            str(totals["scale_changes_total"]),
            f"{totals['others_ms'] / 1000 / self.seconds:.2f}",
            f"{1000 * max(self.pauses_s):.0f}" if self.pauses_s else "-",
        ]


HEAD = (
    "beside",
    "quality",
    "late, %",
    "left out, %",
    "longest run left out",
    "mouth against sound, ms: median / p99 / worst",
    "frames by scale",
    "changes",
    "cores that others used",
    "longest pause of a witness, ms",
)


def main() -> int:
    """Run it; returns the exit status."""
    options = _parser().parse_args()
    runs: list[Run] = []
    for number in range(options.rounds):
        for name in options.loads:
            ways = [(quality, threads) for quality in options.quality for threads in options.threads]
            # Who begins changes from round to round.
            for quality, threads in ways if number % 2 == 0 else reversed(ways):
                print(f"round {number + 1}: {name}, {quality} {threads}", file=sys.stderr, flush=True)
                with load(name), watched() as witness:
                    seen = _play(options, quality, threads, f"{number + 1}-{name}-{quality}")
                runs.append(Run(name, quality, threads, seen, options.seconds, witness.pauses_s))
    text = "\n".join(_told(runs, shlex.join(["python", "tools/bench_load.py", *sys.argv[1:]])))
    print(text)
    if options.write:
        options.write.write_text(text + "\n", encoding="utf-8")
    return 0


def _play(options: argparse.Namespace, quality: str, threads: str, name: str) -> dict[str, Any]:
    """The totals of one run of `mien play`; its ledger has that name, where they are kept."""
    command = [sys.executable, "-m", "mien.cli", "play", options.conversation, "--headless", "--silent"]
    command += ["--size", options.size, "--seconds", str(options.seconds), "--quality", quality, "--json"]
    if options.ledgers:
        command += ["--ledger", str(options.ledgers / f"{name}.jsonl")]
    own = {"LP_NUM_THREADS": threads} if threads else {}
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, **own})
    totals: dict[str, Any] = json.loads(ran.stdout)
    return totals


def _told(runs: list[Run], command: str) -> list[str]:
    where = machine()
    lines = [
        f"`{command}`; {where.processor}, {where.cores} cores; {where.renderer}; {where.date}.",
        "",
        f"| {' | '.join(HEAD)} |",
        "|---|---|" + "---:|" * (len(HEAD) - 2),
    ]
    for name, what in LOADS.items():
        for run in (one for one in runs if one.load == name):
            lines.append(f"| {' | '.join(run.cells)} |")
        if any(one.load == name for one in runs):
            lines.append(f"| *{what}: wanted* | | *<= {TARGETS[name]:g}* | | *<= 1* | *<= 45* | | | | |")
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tools/bench_load.py", description=__doc__)
    parser.add_argument("conversation", nargs="?", default="night_shift", help="as for `mien play`")
    parser.add_argument("--size", default="1280x720", metavar="WxH")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of each (3)")
    parser.add_argument("--seconds", type=float, default=30.0, metavar="S", help="of each run (30)")
    parser.add_argument("--loads", nargs="+", choices=LOADS, default=list(LOADS), help="what runs beside it")
    parser.add_argument("--quality", nargs="+", choices=WAYS, default=list(WAYS), help="in alternation")
    parser.add_argument(
        "--threads", nargs="+", default=[""], metavar="N", help="LP_NUM_THREADS, in alternation too"
    )
    parser.add_argument("--ledgers", type=Path, metavar="FOLDER", help="keep the ledger of each run there")
    parser.add_argument("--write", type=Path, metavar="FILE.md", help="write the table here, too")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
