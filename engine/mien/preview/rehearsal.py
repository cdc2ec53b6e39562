"""A panel that is laid out and drawn once before anybody sees it: what is loaded, made and compiled for the
first time is then no frame's to wait for."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import moderngl
import numpy as np
from slimgui import imgui

from mien.errors import MienError
from mien.preview.board import Board
from mien.preview.gui import Gui
from mien.preview.triangles import VERTEX_BYTES
from mien.types import Size

_LETTERS: Final = "".join(map(chr, (*range(0x21, 0x7F), 0xD7, 0x2026)))
_LAYOUTS: Final = 3
"""In which what is made anew settles: textures of letters grow in the second."""


def rehearsed(screen: moderngl.Framebuffer, board: Board, pixels: Size, scale: float) -> Gui | None:
    """What draws the board, ready; None where the driver does not let it: who shows it is told then.

    `pixels`: of the panel; `scale`: pixels to a point. Draws to `screen`.
    """
    try:
        gui = Gui(screen.ctx)
    except moderngl.Error:
        return None
    points = (pixels.width / scale, pixels.height / scale)

    def contents() -> None:
        imgui.text_wrapped(_LETTERS)
        board.draw(gui.canvas)

    for _ in range(_LAYOUTS):
        gui.run(contents, points, scale, 1 / 30)
        gui.canvas.draw(gui.triangles(), pixels, scale)
    gui.run(lambda: board.draw(gui.canvas), points, scale, 1 / 30)
    gui.canvas.draw(gui.triangles(), pixels, scale)
    gui.canvas.show(screen.glo, 0, pixels.height)
    nowhere = np.zeros((3, VERTEX_BYTES), np.uint8)
    gui.canvas.over(screen, pixels, nowhere, np.arange(3, dtype=np.uint32))
    stage = board.asking.stage
    for who in stage.cast:
        with suppress(MienError):
            stage.channels(who, in_parts=True)
            stage.slots(who)
    return gui
