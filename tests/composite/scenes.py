"""Small pictures, slots and frames to composite, and three compositors to do it with."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import moderngl
import numpy as np

from mien.character import Drawing, Slot
from mien.composite import FrameRows, SlotRows
from mien.composite.gl import Compositor, CompositorOptions
from mien.composite.reference import composite, to_bytes
from mien.types import F32, F64, I32, MAX_MIXED, U8, Affine, Blend, Rect, Size

GUTTER = 2
JUMPS = (Blend.HARD_MIX, Blend.DARKER_COLOR, Blend.LIGHTER_COLOR)
"""Modes in which the last bit of what is below may decide between two colours."""
Draw = Callable[[FrameRows, Sequence[U8]], U8]


_OPEN = 6
"""Compositors that are open at once: each takes some 50 MB of the driver's, and files of tests want 40."""


class Renderers:
    """`render(name)` gives the function that draws a frame with the reference or a strategy on the GPU."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._open: OrderedDict[object, Compositor] = OrderedDict()

    def render(self, name: str) -> Draw:
        if name == "reference":
            return lambda frame, pages: to_bytes(composite(frame, pages))
        return lambda frame, pages: self._draw(name, frame, np.stack(pages))

    def _draw(self, name: str, frame: FrameRows, pages: U8) -> U8:
        offscreens = tuple((offscreen.size, offscreen.capacity) for offscreen in frame.offscreens)
        key = (name, frame.size, pages.shape, offscreens, frame.warp_cells)
        if key not in self._open:
            count, height, width, _ = pages.shape
            self._open[key] = Compositor(
                self._ctx,
                frame.size,
                (width, height),
                count,
                64,
                offscreens=frame.offscreens,
                warp_cells=frame.warp_cells,
                options=CompositorOptions(strategy="fetch" if name == "fetch" else "loop"),
            )
        self._open.move_to_end(key)
        if len(self._open) > _OPEN:
            self._open.popitem(last=False)[1].close()
        compositor = self._open[key]
        for index, page in enumerate(pages):
            compositor.upload_page(index, page)
        compositor.draw(frame)
        out = np.empty((frame.size.height, frame.size.width, 4), np.uint8)
        compositor.read_into(out)
        return out

    def close(self) -> None:
        for compositor in self._open.values():
            compositor.close()


def noise(rng: np.random.Generator, height: int, width: int) -> U8:
    """(height, width, 4) premultiplied noise with all alphas, and runs of 0 and 255 among them."""
    picture = rng.integers(0, 256, (height, width, 4)).astype(np.float64)
    kind = rng.random((height, width))
    picture[kind < 0.15, 3] = 0.0
    picture[kind > 0.7, 3] = 255.0
    picture[..., :3] = np.rint(picture[..., :3] * picture[..., 3:] / 255.0)
    return picture.astype(np.uint8)


def solid(width: int, height: int, rgba: tuple[int, int, int, int]) -> U8:
    """A picture of one premultiplied colour."""
    return np.broadcast_to(np.array(rgba, np.uint8), (height, width, 4)).copy()


@dataclass
class Atlas:
    """Pictures laid side by side on one page, each in a transparent gutter; `fill` is all around them."""

    width: int = 128
    height: int = 64
    fill: U8 | None = None
    x: int = 0
    page: U8 = field(init=False)

    def __post_init__(self) -> None:
        self.page = (
            np.zeros((self.height, self.width, 4), np.uint8) if self.fill is None else self.fill.copy()
        )

    def add(self, picture: U8, offset: tuple[int, int] = (0, 0), flip_x: bool = False) -> Drawing:
        height, width = picture.shape[:2]
        left, top = self.x + GUTTER, GUTTER
        self.page[: height + 2 * GUTTER, self.x : self.x + width + 2 * GUTTER] = 0
        self.page[top : top + height, left : left + width] = picture
        self.x += width + 2 * GUTTER
        return Drawing(f"d{left}", 0, Rect(left, top, width, height), offset, flip_x)


def slot(*drawings: Drawing, blend: Blend = Blend.NORMAL, opacity: float = 1.0, clip: bool = False) -> Slot:
    return Slot("slot", drawings, default=0, joint=0, blend=blend, opacity=opacity, clip=clip)


def picked(slots: Sequence[Slot], *mixes: dict[int, float]) -> tuple[I32, F32]:
    """Picks and weights: each slot's first drawing, or the mix given for it (drawing -> weight)."""
    picks = np.full((len(slots), MAX_MIXED), -1, np.int32)
    weights = np.zeros((len(slots), MAX_MIXED), np.float32)
    picks[:, 0], weights[:, 0] = 0, 1.0
    for s, mix in enumerate(mixes):
        picks[s], weights[s] = -1, 0.0
        picks[s, : len(mix)] = list(mix)
        weights[s, : len(mix)] = list(mix.values())
    return picks, weights


def placed(affine: Affine, count: int) -> F64:
    """(count, 2, 3): the same map for every slot."""
    a, b, c, d, tx, ty = affine
    return np.tile(np.array([[a, c, tx], [b, d, ty]]), (count, 1, 1))


def frame_of(
    slots: Sequence[Slot],
    size: tuple[int, int],
    affine: Affine | F64 = Affine(),  # noqa: B008 - an immutable value
    mixes: Sequence[dict[int, float]] = (),
    clear: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0),
    opacity: float = 1.0,
    tint: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
) -> FrameRows:
    """The rows of some slots, each with its first drawing or the mix given."""
    frame = FrameRows(64, Size(*size), clear)
    world = placed(affine, len(slots)) if isinstance(affine, Affine) else affine
    picks, weights = picked(slots, *mixes)
    SlotRows(slots).append(frame, world, picks, weights, np.ones(len(slots), np.float32), opacity, tint)
    return frame


def random_frame(
    rng: np.random.Generator, size: tuple[int, int], page: tuple[int, int], pages: int
) -> FrameRows:
    """Slots of every mode, clipped and not, mixed, turned, scaled, tinted, and off every edge."""
    slots, width, height = [], *page
    for _ in range(int(rng.integers(1, 16))):
        drawings = []
        for k in range(4):
            w, h = int(rng.integers(1, 24)), int(rng.integers(1, 24))
            x = int(rng.integers(GUTTER, width - w - GUTTER + 1))
            y = int(rng.integers(GUTTER, height - h - GUTTER + 1))
            offset = (int(rng.integers(-w - 2, size[0] + 2)), int(rng.integers(-h - 2, size[1] + 2)))
            region = Rect(x, y, w, h)
            drawings.append(Drawing(str(k), int(rng.integers(pages)), region, offset, rng.random() < 0.3))
        # Half of the slots with the modes that have a program of their own.
        modes = (
            [Blend.NORMAL, Blend.MULTIPLY, Blend.SCREEN, Blend.PLUS]
            if rng.random() < 0.5
            else [mode for mode in Blend if mode not in JUMPS and mode != Blend.PASS_THROUGH]
        )
        mode = modes[int(rng.integers(len(modes)))]
        slots.append(slot(*drawings, blend=mode, opacity=float(rng.random()), clip=rng.random() < 0.4))
    count = len(slots)
    turn = rng.uniform(-np.pi, np.pi, count) * (rng.random(count) < 0.5)
    scale = np.where(rng.random((2, count)) < 0.5, 1.0, rng.uniform(0.4, 2.5, (2, count)))
    world = np.zeros((count, 2, 3))
    world[:, 0, 0], world[:, 0, 1] = np.cos(turn) * scale[0], -np.sin(turn) * scale[1]
    world[:, 1, 0], world[:, 1, 1] = np.sin(turn) * scale[0], np.cos(turn) * scale[1]
    centre = np.array(size) / 2
    move = rng.uniform(-4.0, 4.0, (count, 2))
    whole = rng.random(count) < 0.4
    move[whole] = np.rint(move[whole])
    world[:, :, 2] = centre - world[:, :, :2] @ centre + move
    picks = rng.integers(-1, 4, (count, MAX_MIXED)).astype(np.int32)
    weights = (rng.random((count, MAX_MIXED)) * (rng.random((count, MAX_MIXED)) < 0.4)).astype(np.float32)
    weights[:, 0] += 0.01
    weights[rng.random(count) < 0.5, 1:] = 0.0
    weights /= weights.sum(axis=1, keepdims=True)
    alpha = float(rng.random())
    red, green, blue = (float(v) for v in rng.random(3) * alpha)
    frame = FrameRows(count, Size(*size), (red, green, blue, alpha))
    tint = tuple(float(v) for v in rng.random(4)) if rng.random() < 0.5 else (1.0, 1.0, 1.0, 1.0)
    fade = np.where(rng.random(count) < 0.5, 1.0, rng.random(count)).astype(np.float32)
    SlotRows(slots).append(frame, world, picks, weights, fade, 1.0, (tint[0], tint[1], tint[2], tint[3]))
    return frame
