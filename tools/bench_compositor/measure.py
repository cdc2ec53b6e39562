"""A scenario measured: its engines started, checked against the specification, and timed in turn."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from bench_compositor.check import MEAN_ALLOWED, references, sample_frames
from bench_compositor.engines import ENGINES
from bench_compositor.real import recorded
from bench_compositor.timeline import Scenario, build

SLOW_ROUND_S = 30.0
"""An engine whose first round takes longer is timed in that round only."""


@dataclass(slots=True)
class Measured:
    """One engine in one scenario."""

    largest: int = 0
    mean: float = 0.0
    note: str = ""
    excluded: str = ""
    """Why it was not timed."""
    rounds: list[list[float]] = field(default_factory=list)
    """Milliseconds of each timed frame, for every round."""
    processor: list[list[float]] = field(default_factory=list)
    """The same of processor time, of all threads."""
    first_frame_ms: list[float] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Result:
    """One scenario."""

    scenario: str
    kinds: list[str]
    """Of the timed frames."""
    layers: int
    """Median rows of a frame above the background."""
    fill_ms: float
    """Median over changed frames of the time to fill Mien's rows from poses."""
    engines: dict[str, Measured]


class _Worker:
    def __init__(self, key: str, folder: Path) -> None:
        entry = Path(__file__).resolve().parents[1] / "bench_compositor.py"
        self._process = subprocess.Popen(
            [sys.executable, str(entry), "--worker", key, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, line: str) -> dict[str, Any]:
        """Send a line (none if empty) and wait for the answer. Raises RuntimeError when the process died."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        try:
            if line:
                print(line, file=stdin, flush=True)
            heard = stdout.readline()
        except BrokenPipeError:
            heard = ""
        if not heard:
            raise RuntimeError(f"its process ended with status {self._process.wait()}")
        answer: dict[str, Any] = json.loads(heard)
        return answer

    def close(self) -> None:
        pipes: tuple[IO[str] | None, ...] = (self._process.stdin, self._process.stdout)
        for pipe in pipes:
            if pipe is not None:
                pipe.close()
        self._process.wait()


def measure(
    scenario: Scenario, frames: int, rounds: int, keys: Sequence[str], say: Callable[[str], None]
) -> Result:
    """Build the timeline, start and check every engine, and time them in interleaved rounds."""
    say(f"{scenario.name}: poses and rows of {frames} frames")
    timeline = (build if scenario.scripted else recorded)(scenario, frames)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        timeline.save(folder / "timeline.npz")
        # The specification takes half a minute for a frame of 4K with eight characters.
        picked = sample_frames(timeline.kinds, 8 if scenario.size.height <= 1080 else 4)
        say(f"{scenario.name}: {len(picked)} frames as the specification draws them")
        np.savez(folder / "references.npz", frames=picked, pictures=references(timeline, picked))
        measured, workers = _start(keys, folder, say)
        try:
            _rounds(measured, workers, rounds, say)
            for key, worker in workers.items():
                measured[key].facts = worker.ask("facts")
        finally:
            for worker in workers.values():
                worker.close()
        if "mien" in workers:
            for _ in range(2):
                again = _Worker("mien", folder)
                measured["mien"].first_frame_ms.append(again.ask("")["first_frame_ms"])
                again.close()
    changed = [k for k, kind in enumerate(timeline.kinds) if kind not in ("first", "unchanged")]
    return Result(
        scenario.name,
        list(timeline.kinds[1:]),
        int(np.median(timeline.counts[:, -1] - timeline.counts[:, 0])),
        float(np.median(timeline.fill_ms[changed])),
        measured,
    )


def _start(
    keys: Sequence[str], folder: Path, say: Callable[[str], None]
) -> tuple[dict[str, Measured], dict[str, _Worker]]:
    measured: dict[str, Measured] = {}
    workers: dict[str, _Worker] = {}
    for key in keys:
        name = ENGINES[key][1]
        one = measured[key] = Measured()
        worker = _Worker(key, folder)
        try:
            answer = worker.ask("")
        except RuntimeError as error:
            answer = {"missing": f"{name} is left out: {error}"}
        if "missing" in answer:
            one.excluded = answer["missing"]
        else:
            one.largest, one.mean, one.note = answer["largest"], answer["mean"], answer["note"]
            if answer["first_frame_ms"] is not None:
                one.first_frame_ms.append(answer["first_frame_ms"])
            say(f"  {name}: at most {one.largest} of 255 off, {one.mean:.3f} in the mean")
            if not answer["passed"]:
                one.excluded = (
                    f"{name} is not timed: its pictures differ from the specification by {one.mean:.2f} "
                    f"of 255 in the mean, {MEAN_ALLOWED:g} is allowed"
                )
        if one.excluded:
            say(f"  {one.excluded}")
            worker.close()
        else:
            workers[key] = worker
    return measured, workers


def _rounds(
    measured: dict[str, Measured], workers: dict[str, _Worker], rounds: int, say: Callable[[str], None]
) -> None:
    for number in range(rounds):
        for key, worker in list(workers.items()):
            one = measured[key]
            if one.rounds and sum(one.rounds[0]) > SLOW_ROUND_S * 1e3:
                continue
            answer = worker.ask("round")
            one.rounds.append(answer["ms"])
            one.processor.append(answer["processor_ms"])
            say(f"  round {number + 1}, {ENGINES[key][1]}: {sum(one.rounds[-1]) / 1e3:.1f} s")
