"""One run in a window of its own: a conversation, with or without a clip of it. Prints what came of it."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

import mien
from mien.observe import Observation, Outputs
from mien.stage.live import LiveStage
from mien.stage.window import Window
from mien.thread_priority import ahead

WARM_S = 3.0


@contextmanager
def counted(stage: Window | LiveStage, told: dict[str, float]) -> Iterator[None]:
    """What became of the frames that are due while the block runs."""
    ledger = stage.ledger
    begun = ledger.frames_expected, ledger.frames_produced, ledger.frames_late, _used_s()
    scaled = sum(ledger.frames_scaled_by_scale.values()), ledger.count("clip_frames_dropped_total")
    ledger.consecutive_missed_max = 0
    yield
    frames = ledger.frames_expected - begun[0]
    told["frames"] = frames
    told["left_out"] = frames - (ledger.frames_produced - begun[1])
    told["late"] = ledger.frames_late - begun[2]
    told["longest"] = ledger.consecutive_missed_max
    told["scaled"] = sum(ledger.frames_scaled_by_scale.values()) - scaled[0]
    told["lost"] = ledger.count("clip_frames_dropped_total") - scaled[1]
    told["cores"] = (_used_s() - begun[3]) * stage.fps.exact.numerator / frames / stage.fps.exact.denominator


def _used_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """`one.py CONVERSATION SIZE SECONDS KIND`: a kind is a suffix; or `none` or `clear`, no clip of an opaque
    stage or of a transparent one."""
    conversation = mien.load_conversation(mien.bundled("conversations", sys.argv[1]))
    width, height = (int(side) for side in sys.argv[2].split("x"))
    seconds, kind = float(sys.argv[3]), sys.argv[4]
    told: dict[str, float] = {}
    films = kind not in ("none", "clear")
    clear = kind not in ("none", "mp4", "mkv")
    background = {"background": mien.TRANSPARENT} if clear else {}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        clip = Path(f"clip.{kind}")
        stage = Window.of(
            conversation, size=(width, height), fps=30, playout="null", quality="auto", **background
        )
        # As `mien play` has it: the cyclic collector runs between frames.
        with stage, Observation(stage.ledger, Outputs(), {}), ahead():
            stage.run(tail_s=1e9, seconds=WARM_S)
            with counted(stage, told):
                if films:
                    stage.record(clip)
                stage.run(tail_s=1e9, seconds=seconds)
            stage.stop_recording()
            ended = time.perf_counter()
        told["finished_s"] = time.perf_counter() - ended
        if films:
            told["mb"] = clip.stat().st_size / 1e6
            with av.open(str(clip)) as file:
                told["pictures"] = sum(1 for packet in file.demux(video=0) if packet.size)
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
