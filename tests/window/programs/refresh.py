"""A window on a display without a refresh; and one whose swaps are those of a screen of 75 Hz."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import glfw
import pytest
from hands import tell

import mien
from mien.clock import VirtualClock
from mien.observe import FrameRecord, totals_of
from mien.stage.presenting import Presenter

sys.path.insert(0, str(Path(__file__).parents[2]))
from stage.screen import Screen


def frames_of(ledger: mien.Ledger) -> list[FrameRecord]:
    """The records of frames that it has kept."""
    return [record for record in ledger.pending or () if isinstance(record, FrameRecord)]


told: dict[str, Any] = {}
with mien.open_window({"wren": "wren"}, size=(160, 90), playout="null") as window:
    told["paced by"] = window.paced_by
    with window._compositor.current():
        clock = window._clock
        presenter = Presenter(clock, 30, None, lambda: glfw.swap_buffers(window._handle), lambda: None)
        told["found"] = presenter.find()
        told["because"] = presenter.paced_by
    for _ in range(3):
        window.frame()
    told["refreshes"] = [record.refreshes_late for record in frames_of(window.ledger)]

virtual = VirtualClock(1_000_000_000)
screen = Screen(virtual, 75, jitter_ms=0.2)
with pytest.MonkeyPatch.context() as patched:
    patched.setattr(glfw, "swap_buffers", lambda _handle: screen.swap())
    patched.setattr(mien.Window, "is_software", False)
    ledger = mien.Ledger(1000 / 30, realtime=True, keep=True)
    with mien.open_window(
        {"wren": "wren"}, size=(160, 90), playout="null", clock=virtual, ledger=ledger
    ) as window:
        told["paced by a screen"] = window.paced_by
        for _ in range(60):
            window.frame()
    records = frames_of(ledger)
    told["offsets"] = [record.refreshes_offset for record in records]
    told["late"] = [record.refreshes_late for record in records]
    told["hz"] = records[-1].refresh_hz
    told["delays"] = [round(record.frame_delay_ms, 3) for record in records]
    told["totals"] = [totals_of(ledger)[name] for name in ("frames_late_total", "frames_over_budget_total")]
    told["swapped"] = [round(record.swap_ms, 3) for record in records]
tell(told)
