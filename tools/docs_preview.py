"""The pictures of the preview panel that the documentation shows; drawn by `docs_pictures.py`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

import mien
from mien.importing.flatten import together
from mien.importing.kinds import read_artwork
from mien.importing.labels import Label
from mien.importing.make import make
from mien.importing.mapping import Corrections
from mien.importing.source import Item, Source
from mien.importing.write import write
from mien.types import U8

SHARP = {"quality": 92, "subsampling": 0}
"""How these are saved: letters have fringes where their colours have half as many pixels."""
PREVIEW_FRAMES = 250
PREVIEW_HELD = (("wren", "head_roll", 0.5), ("wren", "gaze_x", -0.6), ("wren", "brow_left_y", 0.8))
"""What is held in the picture of the panel: who, channel, value."""
NAMELESS = (
    ("hair_back", "body", "neck", "collar", "jacket", "arm", "headphones", "braid", "ears"),
    ("head", "face_shade", "nose", "freckles"),
    ("sclera",),
    ("iris", "pupil", "glints"),
    ("lid", "lashes"),
    ("mouth",),
    ("fringe", "hair_top", "hair_shine", "hair_rim", "hair_side", "ahoge", "strand", "clip_star"),
    ("brow",),
    ("hand", "fore"),
)
"""How names of Wren's vectors begin that are one layer of a file without names, bottom to top."""
HIDDEN = "Layer 8"
"""The one that is hidden in it: her brows."""
WHY_SIZE = (560, 760)


def preview(sections: Sequence[str] = ()) -> Image.Image:
    """The panel beside a scene, or one section of it after the other. Wants a display: `xvfb-run`."""
    from mien.preview import Panel, widgets

    heading, unfolded = widgets.heading, {"Frames", "Turns", "Say", "Expressions and gestures"}
    widgets.heading = lambda title, **own: heading(title, **{**own, "is_open": title in unfolded})
    told = mien.load_conversation(mien.bundled("conversations", "hello"))
    with (
        TemporaryDirectory() as folder,
        mien.Window.of(told, size=(1280, 720), playout="null", history_s=60.0, room=1) as window,
    ):
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
            shown.insert(0, _last_frame(window))
        else:
            shown.clear()
            for who, channel, value in PREVIEW_HELD:
                window.hold(who, channel, value)
            window.load("girl", _nameless(Path(folder) / "girl", {}))
            while window.loading:
                window.frame()
            window.enter("girl")
            window.set_expression("girl", "sad")
            window.mute("girl", ("Layer_9",))
            panel._board._pages._large = 1
        for section in sections:
            panel.hide()
            unfolded = {section}
            panel._board.asking.who = "girl" if section == "Slots" else "wren"
            panel._gui, gui = None, panel._gui  # sections stay as they were folded
            gui.close()
            panel.show()
            after(10)
            while panel._board._pages.unread:  # a little of each in a frame
                window.frame()
            shown.append(after(60))
    widgets.heading = heading
    return Image.fromarray(np.concatenate(shown, axis=1))


def why() -> Image.Image:
    """The panel beside somebody who is sad without brows, and beside her once they are known. Wants a
    display."""
    from mien.preview import Panel, widgets

    heading, unfolded = widgets.heading, ("Expressions and gestures", "Slots")
    widgets.heading = lambda title, **own: heading(title, **{**own, "is_open": title in unfolded})
    shown = []
    with TemporaryDirectory() as folder:
        for name, given in (
            ("girl", {}),
            ("mended", {(HIDDEN,): Label("brow", how="given", why="given by --map")}),
        ):
            girl = _nameless(Path(folder) / name, given)
            with mien.open_window({"girl": girl}, size=WHY_SIZE, playout="null") as window:
                window.overlay = panel = Panel(window)
                panel.show()
                window.frame()
                window.set_expression("girl", "sad")
                for _ in range(120):
                    window.frame()
                shown.append(_last_frame(window))
                with window._compositor.current():
                    shown.append(panel._gui.canvas.read()[..., :3])
    widgets.heading = heading
    return Image.fromarray(np.concatenate(shown, axis=1))


def _last_frame(window: mien.Window) -> U8:
    """The next frame, with all of its pixels: without a GPU others have fewer, to be in time."""
    window._governing = None
    window._draw_as(window._levels[0])
    window.frame()
    return window.screenshot()[..., :3]


def _nameless(folder: Path, given: dict[tuple[str, ...], Label]) -> Path:
    """The character that is made of Wren's vectors on a few layers without names, one of them hidden."""
    source = read_artwork(mien.bundled("characters", "wren") / "wren.svg").source
    items = []
    for number, names in enumerate(NAMELESS, 1):
        name = f"Layer {number}"
        parts = [one for one in source.root if one.name.startswith(names) and one.visible]
        items.append(_as_layer(name, parts, name != HIDDEN))
    made = make(Source(source.canvas, tuple(items)), "girl", given)
    write(made, folder, "girl.psd", Corrections(), None, False)
    return folder


def _as_layer(name: str, parts: Sequence[Item], visible: bool) -> Item:
    picture = together(parts)

    def pixels() -> U8:
        return picture.pixels

    return Item(name, (name,), visible, picture.box, pixels)
