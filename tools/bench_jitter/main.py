"""Replay arrival patterns through the jitter buffer and write what was concealed, in Markdown."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from bench_jitter import patterns
from bench_jitter.patterns import PACKET, Arrivals
from bench_jitter.replay import Outcome, fixed_delay_of, replay
from mien.audio.arrival import DelayHistogram

SECONDS, DRIFT_SECONDS = 60.0, 600.0

_HEAD = """# What the jitter buffer conceals

Written by `tools/bench_jitter.py`; no figure here was typed by hand.

- Command: `python tools/bench_jitter.py --write docs/benchmarks/jitter.md`
- Everything runs on a sample clock from fixed seeds, so that every machine gets these figures.

A sender makes a packet of 20 ms every 20 ms, for {seconds:g} s ({drift:g} s where its clock drifts), and the
packets arrive as each line says. A live turn's buffer is pulled every 10 ms: once knowing nothing of the
sender, and once more with what the first turn has taught it (`DelayHistogram`). "Held" is how long a sample
was in the buffer on average: the delay that it costs.

Beside it is a buffer with a fixed delay, which is told, from the future, which delay holds samples just as
long on average as ours did in the second turn. It drops what comes too late, where ours plays it.

| arrivals | first turn: concealed | held | next turn: concealed | events | held | target, end \
| added, left out | fixed, held as long: concealed |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
"""

_TAIL = """
- What is lost costs its own time whatever the buffer does. What is only late is played late: after five
  frozen seconds the turn is complete and five seconds behind, where a fixed delay would have dropped words.
  No synthesized speech that a host pushes is ever cut.
- What makes the target grow is learned in the first turn; the turn after it starts with it.
- A clock that is off costs a fixed delay all of its buffer in the end: it starves with a slow sender, and
  falls ever further behind with a fast one. Ours adds or leaves out samples, at most 1 in 800.
"""


def line(arrivals: Arrivals) -> str:
    """A row of the table."""
    delays, packet = DelayHistogram(), np.ones(PACKET, np.float32)
    first = replay(arrivals, packet, delays)
    second = replay(arrivals, packet, delays)
    counters = second.counters
    slewed = f"{counters.inserted_samples_for_deceleration}, {counters.removed_samples_for_acceleration}"
    cells = (
        arrivals.name,
        _concealed(first),
        _ms(first.mean_delay),
        _concealed(second),
        str(counters.concealment_events),
        _ms(second.mean_delay),
        _ms(second.target),
        slewed,
        _ms(fixed_delay_of(arrivals, second.mean_delay)[1]),
    )
    return f"| {' | '.join(cells)} |"


def report(seconds: float, drift_seconds: float) -> str:
    """The whole of it, in Markdown. Raises FileNotFoundError without netem's table."""
    rows = [line(make()) for make in patterns.every(seconds, drift_seconds)]
    return _HEAD.format(seconds=seconds, drift=drift_seconds) + "\n".join(rows) + "\n" + _TAIL


def main() -> int:
    """Run the tool; 2 on bad use."""
    parser = argparse.ArgumentParser(prog="bench_jitter.py", description=__doc__)
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the Markdown there")
    path = parser.parse_args().write
    try:
        text = report(SECONDS, DRIFT_SECONDS)
        if path is None:
            print(text)
        else:
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"bench_jitter.py: {error}", file=sys.stderr)
        return 2
    return 0


def _concealed(outcome: Outcome) -> str:
    return _ms(outcome.counters.concealed_samples)


def _ms(samples: float) -> str:
    return f"{samples / 48:.0f} ms"
