"""Pages in strips: every pixel is where shaders look for it, however it is written, and pages keep apart."""

from __future__ import annotations

import moderngl
import numpy as np
import pytest

from mien.character import Drawing
from mien.composite import FrameRows, PictureRows
from mien.composite.gl import Compositor, CompositorOptions
from mien.composite.gl.page_layout import BAND, STRIP, PageLayout
from mien.types import U8, Affine, Rect, Size


def noise(size: Size, seed: int = 0) -> U8:
    return np.random.default_rng(seed).integers(0, 256, (size.height, size.width, 4), dtype=np.uint8)


def written(layout: PageLayout, place: int, page: U8, slices: int, places: int) -> U8:
    """The array after all of a page was written in slices of so many lines."""
    array = np.full((places * layout.per_page, layout.size.height, layout.size.width, 4), 7, np.uint8)
    for layer, line, lines in layout.empty(place):
        array[layer, line : line + len(lines)] = lines
    for first in range(0, len(page), slices):
        for layer, line, lines in layout.parts(place, first, page[first : first + slices]):
            array[layer, line : line + len(lines)] = lines
    return array


@pytest.mark.parametrize("size", [Size(16, 63), Size(16, 64), Size(37, 70), Size(2, 1), Size(130, 200)])
@pytest.mark.parametrize("slices", [1000, 64, 23, 1])
def test_every_pixel_lies_in_its_strip_however_it_is_written(size: Size, slices: int) -> None:
    page, layout = noise(size), PageLayout(size, in_strips=True)
    page[64:128] = 0  # of empty bands nothing is copied
    array = written(layout, 1, page, slices, 3)
    y, x = np.indices((size.height, size.width))
    found = array[layout.per_page + y // BAND, x // STRIP * BAND + y % BAND, x % STRIP]
    assert np.array_equal(found, page)
    assert (array[: layout.per_page] == 7).all() and (array[2 * layout.per_page :] == 7).all()


@pytest.mark.parametrize("height", [63, 64, 65, 128])
def test_the_line_after_a_page_is_transparent(height: int) -> None:
    size = Size(16, height)
    layout = PageLayout(size, in_strips=True)
    array = written(layout, 0, noise(size), 64, 1)
    assert not array[height // BAND, height % BAND :: BAND].any()
    assert not array[-1, BAND - 1 :: BAND].any()  # above the page that comes next


def test_a_page_as_it_is_takes_a_layer() -> None:
    size = Size(37, 70)
    layout = PageLayout(size, in_strips=False)
    assert (layout.size, layout.per_page, layout.macros) == (size, 1, {})
    assert np.array_equal(written(layout, 1, noise(size), 23, 2)[1], noise(size))


def test_strips_need_room_for_their_layers() -> None:
    layout = PageLayout(Size(2048, 2048), in_strips=True)
    assert layout.fits(62, 16384, 2048)
    assert not layout.fits(63, 16384, 2048)
    assert not layout.fits(1, 4096, 2048)


@pytest.mark.parametrize("move", [(0.3, 0.4), (-0.45, -0.35)])
def test_a_drawing_as_large_as_its_page_shows_nothing_of_other_pages(
    ctx: moderngl.Context, move: tuple[float, float]
) -> None:
    size = Size(16, 64)
    drawing = Drawing("whole", 1, Rect(0, 0, *size), (2, 2))
    pictures = []
    for others in (0, 255):
        frame = FrameRows(1, Size(20, 68))
        PictureRows(drawing).fill(frame, Affine(tx=move[0], ty=move[1]))
        options = CompositorOptions(strategy="fetch")
        with Compositor(ctx, Size(20, 68), (16, 64), 3, 1, options=options) as compositor:
            for page in range(3):
                around = np.full((64, 16, 4), others, np.uint8)
                compositor.upload_page(page, noise(size) if page == 1 else around)
            compositor.draw(frame)
            pictures.append(compositor.read().copy())
    assert np.array_equal(pictures[0], pictures[1])
