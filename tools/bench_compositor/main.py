"""The command line of the benchmark."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from bench_compositor.engines import ENGINES
from bench_compositor.machine import machine
from bench_compositor.measure import Result, measure
from bench_compositor.profiling import profile
from bench_compositor.python_side import python_side, without_pixels
from bench_compositor.report import Report, markdown, plot
from bench_compositor.timeline import Scenario
from bench_compositor.worker import serve
from mien.types import Size

FRAMES = 280
"""Two turns of the script: 9.3 s."""
REAL = ("1280x720-2-real", "1920x1080-2-real", "1280x720-2-idle")
SCENARIOS = (
    *REAL,
    "1280x720-1-mixed",
    "1280x720-1-normal",
    "1920x1080-2-mixed",
    "1920x1080-2-normal",
)
ON_A_GPU = ("3840x2160-1-mixed", "3840x2160-8-mixed")
"""Added where the renderer is a GPU, for the engines that its targets name: others take minutes there."""
PYTHON_SIDE = ("1280x720-2-real", "1920x1080-2-real", "3840x2160-8-real")
GPU_ENGINES = ("blend2d", "mien-full", "mien")


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; returns the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["--worker"]:
        folder = Path(words[2])
        serve(words[1], folder / "timeline.npz", folder / "references.npz")
        return 0
    parser = _parser()
    options = parser.parse_args(words)
    names = options.scenario or (SCENARIOS[:1] if options.quick else None)
    try:
        scenarios = [Scenario.parse(name) for name in names or SCENARIOS]
    except ValueError as error:
        parser.error(str(error))
    unknown = [key for key in options.engines if key not in ENGINES]
    if unknown:
        parser.error(f"{unknown[0]!r} is no engine; there are: {', '.join(ENGINES)}")
    if options.all:
        scenarios = [
            Scenario(Size(*size), characters, modes)
            for size in ((1280, 720), (1920, 1080))
            for characters in (1, 2)
            for modes in ("mixed", "normal")
        ]
    frames = options.frames or (60 if options.quick else FRAMES)
    if options.cpu_only or options.profile:
        # Before any context is opened: contexts of one process share a driver, which draws or does not.
        _only_print(options.cpu_only, scenarios, names, frames)
        return 0
    where = machine()
    if names is None and not where.software:
        scenarios += [Scenario.parse(name) for name in ON_A_GPU]
    rounds = options.rounds or (1 if options.quick else 3)
    results: list[Result] = []
    for scenario in scenarios:
        large = names is None and scenario.name in ON_A_GPU
        keys = [key for key in options.engines if key in GPU_ENGINES or not large]
        results.append(measure(scenario, frames, rounds, keys, _say))
    command = shlex.join(["python", "tools/bench_compositor.py", *words])
    report = Report(where, command, frames, rounds, results, options.note)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(dataclasses.asdict(report), indent=1), encoding="utf-8")
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        picture = options.write.with_suffix(".png")
        drawn = plot(report, picture)
        options.write.write_text(markdown(report, picture.name if drawn else ""), encoding="utf-8")
        _say(f"written: {options.write}")
    print(markdown(report, ""))
    return 0


def _only_print(python: bool, scenarios: list[Scenario], names: Sequence[str] | None, frames: int) -> None:
    """What is measured without peers: the `python` side of real frames, or the parts of scripted ones."""
    if python:
        without_pixels()
        scenarios = scenarios if names else [Scenario.parse(name) for name in PYTHON_SIDE]
    for scenario in scenarios:
        if python:
            print(python_side(scenario, frames), end="\n\n")
        elif scenario.scripted:
            print(profile(scenario, frames), end="\n\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tools/bench_compositor.py",
        description="Draw one scripted timeline with Mien and with the libraries one would otherwise use, "
        "each in its own process, check what they draw against the specification, and print the times.",
    )
    parser.add_argument("--quick", action="store_true", help="one scenario, 60 frames, one round")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of all engines in turn (3)")
    parser.add_argument("--frames", type=int, metavar="N", help=f"frames of the timeline ({FRAMES})")
    parser.add_argument(
        "--scenario", action="append", metavar="NAME", help=f"such as {SCENARIOS[0]}; may be repeated"
    )
    parser.add_argument("--all", action="store_true", help="720p and 1080p, one and two, mixed and normal")
    parser.add_argument(
        "--engines",
        type=lambda text: text.split(","),
        default=list(ENGINES),
        metavar="A,B",
        help=f"of {', '.join(ENGINES)} (all)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure of every frame here")
    parser.add_argument(
        "--write", type=Path, metavar="FILE.md", help="write the tables here, and a plot beside them"
    )
    parser.add_argument(
        "--profile", action="store_true", help="only print where the time of Mien's frames goes"
    )
    parser.add_argument(
        "--cpu-only", action="store_true", help="only print what real frames cost in Python, drawing left out"
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="a line for the head of the tables")
    return parser


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
