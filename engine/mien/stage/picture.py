"""Single pictures: of a character, contact sheets of everything that it can show, and layered art."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np
from moderngl import Context

from mien.arguments import whole_of
from mien.art import load_character
from mien.art.kept import KeptFiles
from mien.art.layered import TOLERANCE, LayeredArt, Profile
from mien.art.png import premultiply
from mien.composite import CharacterRows, FrameRows
from mien.composite.gl import Compositor, CompositorOptions, open_headless
from mien.composite.layered_rows import Drawn, bytes_to_draw, layered_rows
from mien.errors import ImageRejected, RendererUnavailable, ScriptError
from mien.motion.still import still_pose
from mien.stage.ready import open_compositor
from mien.stage.straight import rows_of, straight
from mien.types import U8, Affine, Pose, Rect, Size

_MAX_BAND_BYTES = 192 * 1024 * 1024
"""Most memory that layered art may take beside its layers and its picture while it is drawn."""

_FEW = CompositorOptions(private=True, later=True)
"""Nothing moves, so programs need not be there before they draw: of all some thirty a picture takes a few."""
_LEAST_ROWS = 64
"""Least height of a band that layered art is drawn in."""


class Portrait:
    """A character alone on a transparent frame, headless. A context manager.

    Parameters: `source` and `kept` as for `load_character`; `height` of the pictures in pixels (None: as
    drawn). Raises as `load_character` and `open_headless`; ScriptError for a height that the art cannot be
    scaled to.
    """

    def __init__(self, source: Path, height: int | None = None, *, kept: KeptFiles | None = None) -> None:
        if height is not None:
            height = whole_of("height", height, 0, 1 << 20, "whole pixels, or None: as it was drawn")
        loaded = load_character(
            source, scale=lambda canvas: 1.0 if height is None else _scale_to(height, canvas), kept=kept
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
                open_compositor(
                    context, self._frame, loaded.page_size, dict(enumerate(loaded.pages)), options=_FEW
                )
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
    """Layered art as it is: (h, w, 4) uint8, premultiplied sRGB, top row first, as large as its canvas.

    Raises AtlasFull and RendererUnavailable where this machine cannot hold what is to be drawn.
    """
    return draw_and_compare(art)[0]


def draw_and_compare(art: LayeredArt) -> tuple[U8, str | None]:
    """The picture as `draw_layered` gives it, and how it differs from the one that the file stores of itself.

    The latter is a line for the user; None where they are the same but for rounding, or nothing is stored.
    """
    picture = _drawn(art)
    remark = _difference(art, picture)
    if art.profile is not None:
        _convert(picture, art.profile)
    return picture, remark


def _difference(art: LayeredArt, picture: U8) -> str | None:
    if art.stored is None:
        return None
    try:
        apart = art.stored.difference(picture)
    except ImageRejected as error:
        return f"cannot be compared with the picture that the file stores of itself: {error}"
    if apart.is_blank:
        return "cannot be compared with the picture that the file stores of itself, which is empty"
    if apart.largest <= TOLERANCE:
        return None
    return (
        f"is drawn otherwise than the picture that the file stores of itself: by up to {apart.largest} of "
        f"255, {apart.mean:.2f} in the mean"
    )


def _drawn(art: LayeredArt) -> U8:
    """The art in its own colours."""
    width, height = art.size
    picture = np.empty((height, width, 4), np.uint8)
    context = open_headless()
    try:
        top, rows = 0, height
        while top < height:
            part = Rect(0, top, width, min(rows, height - top))
            needed = bytes_to_draw(art, part)
            if needed > _MAX_BAND_BYTES and rows > _LEAST_ROWS:
                # All the layers of a large canvas at once are many times the picture: it is drawn in bands.
                rows = max(_LEAST_ROWS, min(rows // 2, int(rows * _MAX_BAND_BYTES / needed)))
                continue
            _draw_part(context, layered_rows(art, part), picture[top : top + part.height])
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
            warp_cells=frame.warp_cells,
            options=_FEW,
        )
    except ValueError as error:
        raise RendererUnavailable(f"this renderer cannot hold the layers at once ({error}).") from error
    with compositor:
        for index, page in enumerate(pages):
            compositor.upload_page(index, page)
        compositor.draw(frame)
        compositor.read_into(out)


def _convert(picture: U8, profile: Profile) -> None:
    """A picture in the colours of a profile, (h, w, 4) uint8 premultiplied, becomes sRGB."""
    step = rows_of(picture)
    for top in range(0, len(picture), step):
        band = straight(picture[top : top + step])
        profile.convert(band[..., 0] if profile.mode == "L" else band[..., :3], band[..., :3])
        picture[top : top + step] = premultiply(band)
