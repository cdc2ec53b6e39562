"""A window on a screen of more dots: it is as large to the eye, and the pointer means the same places."""

from __future__ import annotations

import sys
from typing import Any

import glfw
import numpy as np
from hands import Desk, Hands, tell

import mien

desk = Desk()
desk.scale(int(sys.argv[1]))
told: dict[str, Any] = {}
with mien.open_window({"wren": "wren"}, size=(320, 180), quality="fixed", playout="null") as window:
    hands = Hands(window)
    hands.frames(3)
    told["scale"] = glfw.get_window_content_scale(window._handle)[0]
    told["pixels"] = glfw.get_framebuffer_size(window._handle)
    seen = hands.seen()
    told["fills it"] = bool((seen[[2, -3]] == seen[2, 2]).all(axis=-1).mean() > 0.4)
    times = seen.shape[0] // 180
    smaller = seen.reshape(180, times, 320, times, 3).mean(axis=(1, 3))
    told["unlike the frame"] = float(np.abs(smaller - window.screenshot()[..., :3]).mean())
    told["colours"] = len(np.unique(seen.reshape(-1, 3), axis=0))
    head = window.bounds("wren", "head")
    hands.point((head.x + head.width / 2) * times, (head.y + head.height / 2) * times)
    stood = window.standing("wren")
    desk.button(1, down=True)
    hands.point((head.x + head.width / 2 + 32) * times, (head.y + head.height / 2) * times)
    desk.button(1, down=False)
    hands.frames(3)
    told["dragged"] = window.standing("wren").x - stood.x
    told["still"] = list(window.screenshot().shape)
tell(told)
