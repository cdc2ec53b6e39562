"""Single pictures: of a character, contact sheets of everything that it can show, and layered art."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np
from moderngl import Context

from mien.art import load_character
from mien.art.layered import LayeredArt
from mien.composite import CharacterRows, FrameRows
from mien.composite.gl import Compositor, CompositorOptions, open_headless
from mien.composite.layered_rows import Drawn, layered_rows
from mien.errors import RendererUnavailable, ScriptError
from mien.motion.still import still_pose
from mien.stage.ready import open_compositor
from mien.types import U8, Affine, Pose, Rect, Size

_MAX_OFFSCREEN_BYTES = 512 * 1024 * 1024
"""Most memory that the groups of layered art may take on the GPU at one time."""

_LEAST_ROWS = 64
"""Least height of a band that layered art is drawn in."""


class Portrait:
    """A character alone on a transparent frame, headless. A context manager.

    Parameters: `source` as for `load_character`; `height` of the pictures in pixels (None: as drawn).
    Raises as `load_character` and `open_headless`; ScriptError for a height that the art cannot be scaled to.
    """

    def __init__(self, source: Path, height: int | None = None) -> None:
        loaded = load_character(
            source, scale=lambda canvas: 1.0 if height is None else _scale_to(height, canvas)
        )
        self.character = loaded.character
        self.size = Size(*loaded.character.canvas)
        slots, groups = self.character.slots, self.character.groups
        self._frame = FrameRows(len(slots) + len(groups), self.size)
        self._rows = CharacterRows(self.character, 0, self._frame)
        with ExitStack() as opened:
            context = open_headless()
            opened.callback(context.release)
            self._compositor = opened.enter_context(
                open_compositor(context, self._frame, loaded.page_size, dict(enumerate(loaded.pages)))
            )
            self._opened = opened.pop_all()

    def draw(self, pose: Pose) -> U8:
        """(h, w, 4) uint8, premultiplied RGBA, top row first."""
        self._frame.reset()
        self._rows.fill(self._frame, pose, Affine())
        self._compositor.draw(self._frame)
        picture = np.empty((self.size.height, self.size.width, 4), np.uint8)
        self._compositor.read_into(picture)
        return picture

    def expressions(self, visemes: tuple[str | None, ...]) -> Iterator[tuple[str, str | None, U8]]:
        """(expression, viseme, picture) for every expression and each of `visemes`."""
        for expression in self.character.expressions:
            for viseme in visemes:
                yield expression, viseme, self.draw(still_pose(self.character, expression, viseme))

    def __enter__(self) -> Portrait:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the GL objects. Idempotent."""
        self._opened.close()


def _scale_to(height: int, canvas: Size) -> float:
    """Pixels of a picture so high per pixel of the canvas. Raises ScriptError."""
    least, most = -(-canvas.height // 64), 8 * canvas.height
    if not least <= height <= most:
        raise ScriptError(
            f"the character is drawn {canvas.height} pixels high, and a picture of it {height} pixels high "
            f"was asked for; ask for {least} to {most}."
        )
    return height / canvas.height


def draw_layered(art: LayeredArt) -> U8:
    """Layered art as it is: (h, w, 4) uint8, premultiplied RGBA, top row first, of the size of its canvas.

    Raises AtlasFull and RendererUnavailable where this machine cannot hold what is to be drawn.
    """
    width, height = art.size
    picture = np.empty((height, width, 4), np.uint8)
    context = open_headless()
    try:
        top, rows = 0, height
        while top < height:
            part = Rect(0, top, width, min(rows, height - top))
            drawn = layered_rows(art, part)
            needed = _offscreen_bytes(drawn.frame)
            if needed > _MAX_OFFSCREEN_BYTES and rows > _LEAST_ROWS:
                # Groups are pictures of their own on the GPU: many large ones are drawn a band at a time.
                rows = max(_LEAST_ROWS, int(rows * _MAX_OFFSCREEN_BYTES / needed))
                continue
            _draw_part(context, drawn, picture[top : top + part.height])
            top += part.height
    finally:
        context.release()
    return picture


def _draw_part(context: Context, drawn: Drawn, out: U8) -> None:
    frame, pages = drawn
    page_size = pages[0].shape[1], pages[0].shape[0]
    try:
        compositor = Compositor(
            context,
            frame.size,
            page_size,
            len(pages),
            frame.capacity,
            offscreens=frame.offscreens,
            options=CompositorOptions(private=True),
        )
    except ValueError as error:
        raise RendererUnavailable(f"this renderer cannot hold the layers at once ({error}).") from error
    with compositor:
        for index, page in enumerate(pages):
            compositor.upload_page(index, page)
        compositor.draw(frame)
        compositor.read_into(out)


def _offscreen_bytes(frame: FrameRows) -> int:
    """What the frame's offscreen layers take on the GPU: an array of the largest, with 16 bits a channel."""
    widths, heights = ([offscreen.size[axis] for offscreen in frame.offscreens] for axis in (0, 1))
    return 8 * len(widths) * max(widths, default=0) * max(heights, default=0)


def straight(premultiplied: U8) -> U8:
    """(h, w, 4) uint8 with alpha divided out, as PNG files want it."""
    alpha = premultiplied[..., 3:].astype(np.float32)
    colour = np.divide(
        premultiplied[..., :3] * 255.0,
        alpha,
        out=np.zeros_like(premultiplied[..., :3], np.float32),
        where=alpha > 0,
    )
    return np.concatenate((np.minimum(colour + 0.5, 255.0).astype(np.uint8), premultiplied[..., 3:]), axis=2)
