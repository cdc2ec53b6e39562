"""A window that is resized 300 times, and minimised, goes on showing frames and counts none of it."""

from __future__ import annotations

from typing import Any

import glfw
import numpy as np
import pytest
from hands import Hands, tell

import mien

told: dict[str, Any] = {}
chance = np.random.default_rng(5)
with mien.open_window({"wren": "wren"}, size=(160, 90), playout="null", fps=240) as window:
    hands = Hands(window)
    hands.frames(2)
    sizes = {(1, 1), (1, 700), (1200, 1)}
    patched = pytest.MonkeyPatch()
    shown = minimised = 0
    for nth in range(300):
        if nth % 15 == 0:
            patched.setattr(glfw, "get_framebuffer_size", lambda _: (0, 0))
            minimised += 1
        else:
            patched.undo()
            most = (
                (1200, 780) if nth % 8 == 1 else (480, 360)
            )  # large ones cost a renderer without a GPU most
            size = (
                (int(chance.integers(1, most[0])), int(chance.integers(1, most[1]))) if nth % 10 else (1, 1)
            )
            hands.resize(*size)
            sizes.add(size)
        shown += window.frame()
    told["shown"], told["minimised"], told["sizes"] = shown, minimised, len(sizes)
    hands.resize(400, 400)
    hands.frames(3)
    seen = hands.seen()
    told["size"] = seen.shape
    told["empty above"] = int(seen[:80].max())
    told["picture"] = len(np.unique(seen[95:300].reshape(-1, 3), axis=0))
    told["uploads"] = window.ledger.count("gl_alloc_after_ready_total")
    told["compiles"] = window.ledger.count("shader_compile_after_ready_total")
    # Where polling does not return while the window is dragged, frames come by what the desktop asks.
    patched.setattr("mien.stage.window._POLLING_WAITS", True)
    window.rest()
    before = window.ledger.frames_produced
    asked = 0

    def poll() -> None:
        global asked
        for _ in range(200):
            asked += 1
            window._on_damaged(window._handle)
            window._clock.sleep_until_ns(window._pacer.deadline_ns)

    patched.setattr(glfw, "poll_events", poll)
    window.frame()
    patched.undo()
    told["while dragged"] = window.ledger.frames_produced - before
    told["asked"] = asked
tell(told)
