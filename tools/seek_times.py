"""How long a seek takes until its picture is there: back to any time of a long conversation, and forward.

`python tools/seek_times.py [--minutes 10] [--size 1280x720]` prints Markdown, for docs/benchmarks/seek.md.
"""

from __future__ import annotations

import argparse
import platform
from time import perf_counter

import numpy as np

import mien

CAST = {"wren": "wren", "otto": "otto"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--size", default="1280x720")
    given = parser.parse_args()
    size = tuple(map(int, given.size.split("x")))
    sound = mien.bundled("conversations", "hello") / "audio"
    files = sorted(sound.glob("*.opus"))
    seconds = 60 * given.minutes
    with mien.open_stage(CAST, size=(size[0], size[1]), history_s=seconds + 60) as stage:
        said = 0
        rng = np.random.default_rng(1)

        def queue(until_s: float) -> None:
            """Have turns that are known up to then."""
            nonlocal said
            while stage.timeline.last_s < until_s:
                if sum(one.length_s is None for one in stage.turns()) < 2:
                    stage.say(("wren", "otto")[said % 2], files[said % len(files)], "[happy] So [nod] it is.")
                    said += 1
                stage._audio._worker.progress.wait(0.01)

        forward = []
        stage.frame()
        while (now := stage.timeline.newest_s) < seconds:
            step = float(rng.choice([1.0, 5.0, 20.0]))
            queue(now + step)
            begun = perf_counter()
            stage.seek(now + step)
            stage.frame()
            forward.append((step, (perf_counter() - begun) * 1e3))
            for _ in range(10):
                stage.frame()
        back = []
        for _ in range(100):
            to = float(rng.uniform(0, seconds))
            begun = perf_counter()
            stage.seek(to)
            stage.frame()
            back.append((perf_counter() - begun) * 1e3)
        print(
            f"{stage.renderer}, {platform.processor() or platform.machine()}; {given.size}, "
            f"{given.minutes:g} min, two characters\n"
        )
        print("| seek | times | median ms | p95 ms | most ms |\n|---|---|---|---|---|")
        rows = [("back, to any time", back)]
        rows += [(f"forward by {s:g} s", [ms for step, ms in forward if step == s]) for s in (1.0, 5.0, 20.0)]
        for name, times in rows:
            if times:
                p50, p95 = np.percentile(times, (50, 95))
                print(f"| {name} | {len(times)} | {p50:.0f} | {p95:.0f} | {max(times):.0f} |")


if __name__ == "__main__":
    main()
