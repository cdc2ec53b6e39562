"""Stills while frames are drawn as on a busy machine: one beside a clip, one while time stands still."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
from hands import Hands, tell
from PIL import Image

import mien
from mien.observe import FrameRecord
from mien.stage.governor import EXACT, LEVELS, Governor, Level
from mien.stage.straight import straight
from mien.types import U8

CAST, SIZE = {"wren": "wren"}, (160, 90)
folder, level = Path(sys.argv[1]), LEVELS[int(sys.argv[2])]
os.chdir(folder)
told: dict[str, Any] = {}


class OneLevel(Governor):
    """It has no other, and counts the frames that it hears of."""

    def __init__(self, window: mien.Window, level: Level) -> None:
        super().__init__(window.fps.interval_ns, (level,))
        self.heard_of = 0
        window._governing = self
        window._draw_as(level)

    def took(self, *told: Any) -> Level:
        self.heard_of += 1
        return super().took(*told)


with mien.open_window(CAST, size=SIZE, playout="null") as window:
    window.leads_gaze = False
    hands, governor = Hands(window), OneLevel(window, level)
    queue = window.ledger.subscribe()
    window.record("clip.apng")
    for nth in range(8):
        if nth == 4:
            window.save_still("still.png")
        window.frame()
    window.stop_recording()
    frames = [record for record in queue if isinstance(record, FrameRecord)]
    told["heard of"], told["read"] = governor.heard_of, frames[4].readback_ms
    for nth in range(4 + 1):  # the first of them is one that follows none
        window.save_still(f"row-{nth}.png")
        window.frame()
    told["of all stills"] = governor.heard_of - told["heard of"]
    window.pause()
    before = None
    while before != (before := window.time_s):
        hands.frames(2)
    window.save_still("paused.png")
    hands.frames(1)
    OneLevel(window, EXACT)
    hands.frames(1)
    told["on the screen"] = int(np.abs(hands.seen().astype(int) - window.screenshot()[..., :3]).max())
    told["stalls"] = window.ledger.count("gl_alloc_after_ready_total")


def saved(name: str) -> U8:
    return np.asarray(Image.open(name).convert("RGB"))


with mien.open_stage(CAST, size=SIZE) as stage, stage._compositor.current():
    stage._draw(frames[4].at_sample)
    exact = straight(stage._compositor.read())[..., :3]
with av.open("clip.apng") as clip:
    filmed = [frame.to_ndarray(format="rgb24") for frame in clip.decode(video=0)]
told["apart"] = int(np.abs(saved("still.png").astype(int) - exact).max())
told["filmed"] = sum(np.array_equal(frame, saved("still.png")) for frame in filmed)
told["levels"] = sorted({(record.draw_scale, record.hold_px) for record in frames})
told["files"] = sorted(path.name for path in folder.iterdir())
tell(told)
