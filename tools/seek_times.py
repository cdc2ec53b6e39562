"""How long a seek takes until its picture is there: forward in a conversation that is queued, and back.

`python tools/seek_times.py [--minutes 10] [--size 1280x720] [--times 20]` prints Markdown, for
docs/benchmarks/seek.md.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from time import perf_counter

import numpy as np

import mien
from mien.clock import SAMPLE_RATE

CAST = {"wren": "wren", "otto": "otto"}
STEPS = (1.0, 5.0, 20.0, 60.0)
"""Seconds."""
WATCHED = 10
"""Frames between two seeks."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="that can be gone back")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--times", type=int, default=20, help="each is done")
    given = parser.parse_args()
    wide, high = map(int, given.size.split("x"))
    rows: list[tuple[str, list[float]]] = []
    with mien.open_stage(CAST, size=(wide, high), history_s=60 * given.minutes) as stage:
        talk = Talk(stage)
        for step in STEPS:
            rows.append((f"forward by {step:g} s", []))
            for _ in range(given.times):
                talk.have(step, decoded=True)
                rows[-1][1].append(timed(stage, lambda step=step: stage.timeline.newest_s + step))
        for step in STEPS[1:]:
            rows.append((f"forward by {step:g} s, queued a moment ago", []))
            for _ in range(min(given.times, 5)):
                stage.interrupt()
                stage.frame()
                talk.have(step, decoded=False)
                rows[-1][1].append(timed(stage, lambda step=step: stage.timeline.newest_s + step))
        rng = np.random.default_rng(1)
        span = stage.timeline
        rows.append(("back, to any time", []))
        for _ in range(5 * given.times):
            to = float(rng.uniform(span.first_s, span.newest_s))
            rows[-1][1].append(timed(stage, lambda to=to: to, watched=0))
        print(
            f"{stage.renderer}, {platform.processor() or platform.machine()}; {given.size}, "
            f"{given.minutes:g} min kept, two characters\n"
        )
    print("| seek | times | median ms | p95 ms | most ms |\n|---|---|---|---|---|")
    for name, times in rows:
        p50, p95 = np.percentile(times, (50, 95))
        print(f"| {name} | {len(times)} | {p50:.0f} | {p95:.0f} | {max(times):.0f} |")


class Talk:
    """Has turns queued. Parameters: `stage`."""

    def __init__(self, stage: mien.Stage) -> None:
        sound = mien.bundled("conversations", "hello") / "audio"
        self._files = [file.read_bytes() for file in sorted(sound.glob("*.opus"))]
        self._stage = stage
        self._said = 0

    def have(self, seconds: float, *, decoded: bool) -> None:
        """Have more than so many seconds queued whose length is known, and their sound decoded or not."""
        stage, worker = self._stage, self._stage._audio._worker
        wanted = stage.timeline.newest_s + seconds + 2.0
        while stage.timeline.last_s < wanted or (decoded and self._decoded_s() < seconds + 1.0):
            if not decoded or sum(one.length_s is None for one in stage.turns()) < 3:
                speaker, file = ("wren", "otto")[self._said % 2], self._files[self._said % len(self._files)]
                stage.say(speaker, file, "[happy] So [nod] it is.")
                self._said += 1
            worker.progress.clear()
            worker.progress.wait(0.01)

    def _decoded_s(self) -> float:
        """Seconds of what is queued that are decoded."""
        turns = self._stage._show.session._turns.values()
        return sum(audio.outstanding for _, audio in turns) / SAMPLE_RATE


def timed(stage: mien.Stage, to: Callable[[], float], watched: int = WATCHED) -> float:
    """How long it takes to go there and see it, in ms; some frames are watched afterwards."""
    seconds = to()
    begun = perf_counter()
    stage.seek(seconds)
    stage.frame()
    took = (perf_counter() - begun) * 1e3
    for _ in range(watched):
        stage.frame()
    return took


if __name__ == "__main__":
    main()
