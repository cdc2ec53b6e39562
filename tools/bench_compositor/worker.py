"""One engine in its own process: makes it, checks what it draws, and times rounds when told to.

The process speaks JSON lines on what was its standard output; libraries that print go to standard error.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from bench_compositor.check import compare
from bench_compositor.engines import Engine, EngineMissing, make
from bench_compositor.timeline import Timeline
from mien.errors import MienError


def serve(key: str, timeline_path: Path, references_path: Path) -> None:
    """Answer `round` and `facts` lines until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(value: object) -> None:
        print(json.dumps(value), file=answers, flush=True)

    timeline = Timeline.load(timeline_path)
    try:
        engine = make(key, timeline)
    except (EngineMissing, MienError) as error:
        answer({"missing": str(error)})
        return
    with np.load(references_path) as data:
        difference = compare(engine, data["frames"].tolist(), data["pictures"])
    answer(
        {
            "largest": difference.largest,
            "mean": difference.mean,
            "passed": difference.passed,
            "note": engine.note,
            "first_frame_ms": getattr(engine, "first_frame_ms", None),
        }
    )
    for line in sys.stdin:
        if line.strip() == "facts":
            facts = getattr(engine, "facts", None)
            answer(facts(timeline.kinds) if facts else {})
        else:
            took, processor = time_round(engine, len(timeline.kinds))
            answer({"ms": took, "processor_ms": processor})


def time_round(engine: Engine, frames: int) -> tuple[list[float], list[float]]:
    """Milliseconds of every frame but the first: by the clock, and of the processor.

    The first is drawn untimed, so that the second has one before.
    """
    forget = getattr(engine, "forget", None)
    if forget is not None:
        forget()
    engine.draw(0)
    gc.collect()
    gc.disable()
    took, processor = [], []
    for k in range(1, frames):
        begun, used = time.perf_counter(), time.process_time()
        engine.draw(k)
        processor.append((time.process_time() - used) * 1e3)
        took.append((time.perf_counter() - begun) * 1e3)
    gc.enable()
    return took, processor
