"""A scene that changes a little from frame to frame, in every way that rows can change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from composite.scenes import noise
from mien.character import Drawing, Slot
from mien.composite import FrameRows, SlotRows
from mien.types import F32, F64, I32, MAX_MIXED, U8, Blend, Rect, Size

SIZE = Size(144, 100)
OFFSCREEN = Size(70, 50)
PAGE = 128
PAGE_COUNT = 3
OPAQUE = 1
"""The page that is opaque all over; the others are patches on nothing."""
_SOFT = (Blend.NORMAL, Blend.NORMAL, Blend.NORMAL, Blend.MULTIPLY, Blend.SCREEN, Blend.PLUS)
_HARD = (Blend.OVERLAY, Blend.HUE, Blend.DIFFERENCE, Blend.SOFT_LIGHT)


def page(rng: np.random.Generator, index: int) -> U8:
    """(PAGE, PAGE, 4) uint8, premultiplied."""
    picture = noise(rng, PAGE, PAGE)
    if index == OPAQUE:
        picture[..., 3] = 255
        return picture
    picture[rng.random((PAGE // 8, PAGE // 8)).repeat(8, 0).repeat(8, 1) < 0.6] = 0
    return picture


class Layers:
    """Slots with their places, mixes and fades, for one block of rows; `offscreens` may be shown by them."""

    def __init__(self, rng: np.random.Generator, size: Size, count: int, offscreens: int) -> None:
        self._rng, self._size, self._offscreens = rng, size, offscreens
        self.slots: list[Slot] = []
        self.world: list[F64] = []
        self.mixes: list[tuple[I32, F32]] = []
        self.fade: list[float] = []
        self.clear = (0.0, 0.0, 0.0, 0.0)
        self.soft = True
        for _ in range(count):
            self.add()
        self._rows = SlotRows(self.slots)

    def change(self) -> None:
        """One thing is another."""
        rng, count = self._rng, len(self.slots)
        k = int(rng.integers(count)) if count else -1
        what = int(rng.integers(12))
        if k < 0 or (what == 0 and count < 14):
            self.add()
        elif what == 1 and count > 2:
            for part in (self.slots, self.world, self.mixes, self.fade):
                del part[k]
        elif what == 2:
            other = int(rng.integers(count))
            for part in (self.slots, self.world, self.mixes, self.fade):
                part[k], part[other] = part[other], part[k]  # type: ignore[assignment]
        elif what == 3:
            self.slots[k] = replace(self.slots[k], clip=not self.slots[k].clip)
        elif what == 4:
            self.slots[k] = replace(self.slots[k], blend=self._mode(), opacity=float(rng.choice((1.0, 0.6))))
        elif what in (5, 6):
            self.fade[k] = float(rng.choice((0.0, 0.3, 1.0)))
        elif what in (7, 8):
            self.mixes[k] = self._mix()
        elif what == 9 and rng.random() < 0.3:
            alpha = float(rng.choice((0.0, 0.4, 1.0)))
            self.clear = (0.2 * alpha, alpha * float(rng.choice((0.0, 0.7))), 0.1 * alpha, alpha)
        else:
            self.world[k] = self._place()
        if what < 5:
            self._rows = SlotRows(self.slots)

    def fill(self, block: FrameRows) -> None:
        """Append the rows."""
        count = len(self.slots)
        picks = np.full((count, MAX_MIXED), -1, np.int32)
        weights = np.zeros((count, MAX_MIXED), np.float32)
        for k, (pick, weight) in enumerate(self.mixes):
            picks[k], weights[k] = pick, weight
        block.clear = self.clear
        fade = np.array(self.fade, np.float32)
        self._rows.append(block, np.array(self.world), picks, weights, fade, 1.0, (1.0, 1.0, 1.0, 1.0))

    def add(self) -> None:
        """One more layer, on top."""
        rng = self._rng
        drawings = [self._drawing() for _ in range(3)]
        mask = self._drawing() if rng.random() < 0.15 else None
        clip = rng.random() < 0.3
        self.slots.append(Slot("s", tuple(drawings), 0, 0, self._mode(), 1.0, clip, mask=mask))
        self.world.append(self._place())
        self.mixes.append(self._mix())
        self.fade.append(1.0)

    def _mode(self) -> Blend:
        modes = _SOFT if self.soft and self._rng.random() < 0.9 else _HARD
        return modes[int(self._rng.integers(len(modes)))]

    def _drawing(self) -> Drawing:
        rng = self._rng
        kind = rng.random()
        if kind < 0.3 and self._offscreens:
            number = -1 - int(rng.integers(self._offscreens))
            # Two pixels within its edge: what lies beyond that is nobody's.
            region = Rect(2, 2, OFFSCREEN.width - 4, OFFSCREEN.height - 4)
        else:
            number = OPAQUE if kind > 0.8 else int(rng.choice((0, 2)))
            width, height = (int(n) for n in rng.integers(4, 100 if number == OPAQUE else 40, 2))
            x, y = int(rng.integers(2, PAGE - width - 2)), int(rng.integers(2, PAGE - height - 2))
            region = Rect(x, y, width, height)
        at = (int(rng.integers(-20, self._size.width - 5)), int(rng.integers(-20, self._size.height - 5)))
        return Drawing("d", number, region, at, bool(rng.random() < 0.3))

    def _place(self) -> F64:
        rng = self._rng
        turn = float(rng.uniform(-0.5, 0.5)) * float(rng.random() < 0.5)
        scale = float(rng.choice((1.0, 1.0, 1.0, 0.6, 1.4)))
        move = rng.uniform(-8.0, 8.0, 2)
        if rng.random() < 0.5:
            move = np.rint(move)
        cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
        return np.array(((cos, -sin, move[0]), (sin, cos, move[1])))

    def _mix(self) -> tuple[I32, F32]:
        rng = self._rng
        picks, weights = np.full(MAX_MIXED, -1, np.int32), np.zeros(MAX_MIXED, np.float32)
        if rng.random() < 0.7:
            picks[0], weights[0] = int(rng.integers(3)), 1.0
        else:
            part = float(rng.choice((0.25, 0.5, 0.8)))
            picks[:2] = rng.permutation(3)[:2]
            weights[:2] = part, 1.0 - part
        return picks, weights


class Timeline:
    """A frame with two offscreen layers, the second of which may show the first."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.frame = FrameRows(32, SIZE)
        for _ in range(2):
            self.frame.add_offscreen(16, OFFSCREEN)
        self._blocks = [Layers(self._rng, OFFSCREEN, 3, k) for k in range(2)]
        self._blocks.append(Layers(self._rng, SIZE, 7, 2))

    def step(self) -> None:
        """Change nothing or a few things, mostly of the frame itself, and fill it anew."""
        for _ in range(int(self._rng.integers(0, 4))):
            self._blocks[int(self._rng.choice((0, 1, 2, 2, 2, 2)))].change()
        self.frame.reset()
        for layers, block in zip(self._blocks, (*self.frame.offscreens, self.frame), strict=True):
            layers.fill(block)

    def new_page(self) -> tuple[int, U8] | None:
        """Seldom a page that is to be uploaded."""
        if self._rng.random() > 0.05:
            return None
        index = int(self._rng.integers(PAGE_COUNT))
        return index, page(self._rng, index)
