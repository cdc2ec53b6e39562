"""The pictures of the preview panel that the documentation shows; drawn by `docs_pictures.py`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

import mien

SHARP = {"quality": 92, "subsampling": 0}
"""How these are saved: letters have fringes where their colours have half as many pixels."""
PREVIEW_FRAMES = 250
PREVIEW_HELD = (("wren", "head_roll", 0.5), ("wren", "gaze_x", -0.6), ("wren", "brow_left_y", 0.8))
"""What is held in the picture of the panel: who, channel, value."""


def preview(sections: Sequence[str] = ()) -> Image.Image:
    """The panel beside a scene, or one section of it after the other. Wants a display: `xvfb-run`."""
    from mien.preview import Panel, widgets

    heading, unfolded = widgets.heading, {"Frames", "Turns", "Say", "Expressions and gestures"}
    widgets.heading = lambda title, **own: heading(title, **{**own, "is_open": title in unfolded})
    told = mien.load_conversation(mien.bundled("conversations", "hello"))
    with mien.Window.of(told, size=(1280, 720), playout="null", history_s=60.0) as window:
        panel = Panel(window)
        window.overlay = panel
        panel.show()

        def after(frames: int) -> np.ndarray:
            for _ in range(frames):
                window.frame()
            with window._compositor.current():
                return panel._gui.canvas.read()[..., :3]

        shown = [after(PREVIEW_FRAMES)]
        if not sections:
            # The last frame with all of its pixels: without a GPU the others have fewer, to be in time.
            window._governing = None
            window._draw_as(window._levels[0])
            window.frame()
            shown.insert(0, window.screenshot()[..., :3])
        else:
            shown.clear()
            for who, channel, value in PREVIEW_HELD:
                window.hold(who, channel, value)
            window.mute("wren", ("fringe_mid",))
            panel._board._pages._large = 1
        for section in sections:
            panel.hide()
            unfolded = {section}
            panel._gui, gui = None, panel._gui  # sections stay as they were folded
            gui.close()
            panel.show()
            after(10)
            while panel._board._pages.unread:  # a little of each in a frame
                window.frame()
            shown.append(after(60))
    widgets.heading = heading
    return Image.fromarray(np.concatenate(shown, axis=1))
