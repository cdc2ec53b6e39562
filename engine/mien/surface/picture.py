"""Single pictures of a character, and contact sheets of everything that it can show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from mien.art import load_character
from mien.composite import CharacterRows, FrameRows
from mien.composite.gl import Compositor, open_headless
from mien.motion.still import still_pose
from mien.types import U8, Affine, Pose, Size


class Portrait:
    """A character alone on a transparent frame, headless. A context manager.

    Parameters: `source` as for `load_character`; `height` of the pictures in pixels (None: as drawn).
    Raises as `load_character` and `open_headless`.
    """

    def __init__(self, source: Path, height: int | None = None) -> None:
        loaded = load_character(
            source, scale=lambda canvas: 1.0 if height is None else height / canvas.height
        )
        self.character = loaded.character
        self.size = Size(*loaded.character.canvas)
        self._frame = FrameRows(len(self.character.slots), self.size)
        self._rows = CharacterRows(self.character)
        self._context = open_headless()
        try:
            self._compositor = Compositor(
                self._context, self.size, loaded.pages[0].shape[0], len(loaded.pages), self._frame.capacity
            )
            for index, page in enumerate(loaded.pages):
                self._compositor.upload_page(index, page)
        except BaseException:
            self._context.release()
            raise
        self._open = True

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
        if self._open:
            self._open = False
            self._compositor.close()
            self._context.release()


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
