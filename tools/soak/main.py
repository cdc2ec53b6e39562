"""The command: hours of the session's time, under a seed that is printed and can be given again."""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from math import ceil
from pathlib import Path

from soak.real import RealWorld
from soak.run import Run, Told
from soak.world import FPS, SimulatedWorld


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing was wrong; 1: something was, and is told with the seed."""
    options = _options(arguments)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    again = f"again: tools/soak.py --seed {seed} --every {options.every:g} --fps {options.fps:g}"
    again += " --real" * options.real
    print(f"seed {seed}; {again} --hours {options.hours:g}", flush=True)
    began = time.monotonic()
    world = RealWorld if options.real else SimulatedWorld
    try:
        with tempfile.TemporaryDirectory() as folder, world(Path(folder), options.fps) as opened:
            for told in Run(opened, random.Random(seed), Path(folder)).hours(options.hours, options.every):
                print(_line(told, time.monotonic() - began, real=options.real), flush=True)
    except Exception:
        print(f"{again} --hours {options.hours:g}", file=sys.stderr)
        raise
    for sentence in told.wrong[:20]:
        print(f"WRONG: {sentence}", file=sys.stderr)
    if told.wrong:
        # Not a moment less, or what was wrong has not happened yet.
        print(f"{again} --hours {ceil(told.hours * 1000) / 1000:.3f}", file=sys.stderr)
        return 1
    print(f"nothing was wrong in {told.hours:g} hours of conversation: {told.turns} turns, each with one end")
    return 0


def _line(told: Told, took: float, *, real: bool) -> str:
    held = ", ".join(f"{name} {count}" for name, count in told.held.items())
    how = "each late one with its cause" if real else f"all explained by {told.loads} loads"
    return (
        f"{told.hours:7.3f} h ({took:.0f} s): {told.turns} turns, {told.shown} frames, {told.late} late and "
        f"{told.left_out} left out, {how}; memory {told.megabytes:.1f} MB; {held}"
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Hours of conversation on a simulated clock, in which a host, the machine and the sound "
        "device do what they like, under a seed: broken and late sound, feeds that are lost, interruptions, "
        "seeks, busy hosts, slow drawing, somebody who keeps the GIL, devices that change, run dry and go, a "
        "machine that sleeps. Held: memory, files, threads and GL objects stay as they are; every late frame "
        "has its cause; each turn has one end."
    )
    parser.add_argument("--hours", type=_hours, default=1.0, help="of the session's time (1)")
    parser.add_argument("--every", type=_hours, default=0.25, help="hours between two checks (0.25)")
    parser.add_argument(
        "--real",
        action="store_true",
        help="on the machine's own clock and sound: hours take as long as they are, and it does not sleep",
    )
    parser.add_argument("--fps", type=_fps, default=FPS, help=f"frames a second ({FPS}): fewer are soon done")
    parser.add_argument("--seed", type=int, help="of a run to have again; else a new one, which is printed")
    return parser.parse_args(arguments)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0.001 <= hours <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of hours from 0.001 to 1000")
    return hours


def _fps(text: str) -> float:
    try:
        fps = float(text)
    except ValueError:
        fps = 0.0
    if not 1 <= fps <= 240:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of frames a second from 1 to 240")
    return fps
