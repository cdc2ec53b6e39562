"""A live stage that draws with somebody else's compositor, on the processor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from mien.composite import CharacterRows, FrameRows
from mien.errors import ScriptError
from mien.prove.peers.layers import Layers
from mien.stage.live import LiveStage
from mien.types import U8, Pose, Size


class Painter(Protocol):
    """Draws frames with a library. Made with the `size` of the frame and its `pages`, (side, side, 4) uint8
    premultiplied each. Raises ImportError where the library is not there."""

    layers: Layers
    about: str
    """The library and its version, for people."""

    def __init__(self, size: Size, pages: Sequence[U8]) -> None: ...

    def draw(self, frame: FrameRows, picture: U8) -> None:
        """All rows of a frame into (h, w, 4) uint8 premultiplied RGBA. Raises ScriptError."""


class PeerStage(LiveStage):
    """As `LiveStage`, its motion, sound, schedule and ledger, but for what draws: each frame is drawn whole
    by a peer, where the GPU would be told of it, and is there at once. Nothing bends, and listeners are not
    dimmed. Parameters: `painter`, of the peer; the others as of `LiveStage`."""

    def __init__(self, painter: type[Painter], cast: Any, **keywords: Any) -> None:
        # Nobody but the GPU's compositor can be asked for fewer pixels.
        super().__init__(cast, quality="fixed", dim_listeners=0.0, **keywords)
        try:
            self._painter = painter(self.size, self._pages())
            self._get_ready()
        except BaseException:
            self.close()
            raise
        shape = self.size.height, self.size.width, 4
        self._two = [np.zeros(shape, np.uint8) for _ in range(2)]
        """One that the host has, and one to draw into."""
        self._compositor.draw = self._painted  # type: ignore[method-assign]
        self._compositor.begin_read = lambda *_: None  # type: ignore[method-assign]

    @property
    def renderer(self) -> str:
        """What draws."""
        return f"{self._painter.about}, on the CPU"

    @property
    def picture(self) -> U8:
        """As of `LiveStage`."""
        return self._two[0]

    def _painted(self, frame: FrameRows) -> bool:
        self._two.reverse()
        self._painter.draw(frame, self._two[0])
        return True

    def _finish(self) -> bool:
        return False

    def _arrived(self) -> U8 | None:
        return self._two[0]

    def _pages(self) -> list[U8]:
        """What is on the GPU, which nobody holds beside it."""
        pages: dict[int, U8] = {}
        for page in self.atlas_pages():
            picture = self.page_picture(page.number, page.size.width)
            if picture is None:
                raise ScriptError("a peer needs all pages at once; prove a smaller cast, or without peers.")
            pages[page.number] = picture
        nothing = np.zeros((1, 1, 4), np.uint8)
        return [pages.get(number, nothing) for number in range(max(pages) + 1)]

    def _get_ready(self) -> None:
        """Bring every drawing into the library's form, as programs do when they load a character."""
        for actor in self._show._actors.values():
            character = actor.character
            slots = len(character.slots)
            rows, layers = FrameRows(slots, self.size), CharacterRows(character, actor.page_base)
            pose = Pose.empty(slots)
            pose.picks[:, 0] = [max(0, slot.default) for slot in character.slots]
            for number, slot in enumerate(character.slots):
                usual = pose.picks[number, 0]
                for drawing in range(len(slot.drawings)):
                    pose.picks[number, 0] = drawing
                    rows.reset()
                    layers.fill(rows, pose, actor.home)
                    self._painter.layers.of(rows.rows[: rows.count])
                pose.picks[number, 0] = usual
